"""Sentences and lines of letters that follow from several facts at once; as in `facts`, None says that there is nothing
to say. Pure."""

from mensetsu.candidates import models as candidates
from mensetsu.interviews import models as interviews
from mensetsu.interviews.facts import Facts, way_words
from mensetsu.mail import models as mail


def duty_sentence(facts: Facts) -> str | None:
    """Who tells the applicant, by 連絡方法."""
    name = facts.candidate.name_in(facts.language)
    if facts.candidate.contact_route == candidates.ContactRoute.AGENCY:
        return facts.by_language(
            f"お手数ですが、{name} 様へのご共有をお願いいたします。", f"Please pass this on to {name}."
        )
    ours = facts.organization.self_reference
    return facts.by_language(
        f"{name} 様へは、{ours}より直接ご案内済みです。", f"We have told {name} directly."
    )


def way_and_place(facts: Facts) -> str | None:
    """The way, and on a line of its own where: an interview in person without a place says nothing. Interviewers start
    from their page and do not get the number of the applicant."""
    where = ""
    if facts.way == interviews.Way.IN_PERSON:
        if not facts.place:
            return None
        where = facts.place
    elif facts.receiver != mail.Receiver.INTERVIEWER:
        where = facts.join_url if facts.way == interviews.Way.WEB else _called_number(facts)
    return "\n".join(part for part in (way_words(facts), where) if part)


def _called_number(facts: Facts) -> str:
    phone = facts.candidate.phone
    if not phone:
        return ""
    return facts.by_language(
        f"{phone}（開始時刻にこちらからお電話します）", f"{phone} (we will call this number at the start)"
    )


def given_back_sentence(facts: Facts) -> str | None:
    """To whoever gave the date back: received. To the other side: who did."""
    if not facts.canceled_side:
        return None
    if facts.receiver == facts.canceled_side:
        return facts.by_language(
            "面接のキャンセルのお申し出を承りました。", "We have received your cancellation."
        )
    if facts.canceled_side == mail.Receiver.CANDIDATE:
        name = facts.candidate.name_in(facts.language)
        return facts.by_language(
            f"{name} 様ご本人より、面接のキャンセルのお申し出がありました。",
            f"{name} has cancelled the interview.",
        )
    agency = facts.candidate.agency
    who = agency.name if agency else facts.by_language("紹介会社", "The agency")
    return facts.by_language(
        f"{who} 様より、面接のキャンセルのお申し出がありました。",
        f"{who} has cancelled the interview for you.",
    )
