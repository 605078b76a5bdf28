"""What an agency is written about the dates it proposed. Short and fixed: the confirmation with everything in it is
the company's own template and follows when the join URL exists."""

from datetime import datetime

from mensetsu.accounts import models as accounts
from mensetsu.booking.models import Proposal
from mensetsu.interviews import facts as facts_of
from mensetsu.interviews import tags
from mensetsu.interviews.models import Interview, Way
from mensetsu.mail import composing, delivery
from mensetsu.mail import models as mail
from mensetsu.mail import tags as grammar

_OPENING = {
    "ja": "{{紹介会社名}}\n{{紹介会社担当者氏名}} 様\n\n"
    "いつもお世話になっております。{{会社名}}の{{送信者氏名}}です。\n\n",
    "en": "Dear {{Agency contact name}},\n\n",
}
_CLOSING = {"ja": "\n何卒よろしくお願いいたします。\n\n{{署名}}", "en": "\nKind regards,\n\n{{Signature}}"}
_TEXTS = {
    ("confirmed", "ja"): (
        "【{{会社名}}】{{応募者氏名}} 様 日程を確定しました（{{面接日時短}}）",
        "{{応募者氏名}} 様の{{選考ステップ}}につきまして、ご提案いただいた日時で確定しました。\n\n"
        "■日時\n{{面接日時}}\n\n"
        "参加方法は、あらためて日程確定のメールでご案内します。\n",
    ),
    ("confirmed", "en"): (
        "{{Company}}: the date for {{Applicant name}} is set ({{Interview time (short)}})",
        "Thank you for your suggestions. The {{Stage}} of {{Applicant name}} will take place on\n\n"
        "{{Interview time}}\n\nHow to join will follow in the confirmation email.\n",
    ),
    ("declined", "ja"): (
        "【{{会社名}}】{{応募者氏名}} 様 日程のご提案について",
        "{{応募者氏名}} 様の日程をご提案いただき、ありがとうございました。\n"
        "申し訳ございませんが、ご提案の日時では調整ができませんでした。\n"
        "お手数ですが、別の日時をご提案いただけますでしょうか。\n",
    ),
    ("declined", "en"): (
        "{{Company}}: your suggested dates for {{Applicant name}}",
        "Thank you for the dates you suggested for {{Applicant name}}.\n"
        "We are sorry that none of them could be arranged. Could you please suggest others?\n",
    ),
}


def confirmed(proposal: Proposal, interview: Interview, *, by: accounts.User, now: datetime) -> None:
    """The date is set; in the transaction of the confirmation."""
    _write(proposal, "confirmed", "", interview, by=by, now=now)


def declined(proposal: Proposal, message: str, *, by: accounts.User, now: datetime) -> None:
    """None of the dates fits; `message` is what the recruiter adds."""
    _write(proposal, "declined", message, proposal.interview, by=by, now=now)


def _write(
    proposal: Proposal,
    kind: str,
    message: str,
    interview: Interview | None,
    *,
    by: accounts.User,
    now: datetime,
) -> None:
    contact = proposal.contact
    if not contact.email or contact.left_at is not None:
        return
    language = "ja" if contact.language == "ja" else "en"
    subject, words = _TEXTS[kind, language]
    # What was typed is put in as a value: it is never read as a text with tags.
    body = _OPENING[language] + words + ("\n{{ひとこと}}\n" if message else "") + _CLOSING[language]
    values = {
        key: value.text or "" for key, value in tags.of_facts(_facts(proposal, interview, by, now)).items()
    }
    names = grammar.Names({**{tag.key: (tag.ja, tag.en) for tag in tags.CATALOGUE}, "note": ("ひとこと",)})
    letter = composing.preview(subject=subject, body=body, values=values | {"note": message}, names=names)
    row = composing.compose(
        letter, organization=proposal.organization, candidate=proposal.candidate, purpose=mail.Purpose.OTHER,
        receiver=mail.Receiver.AGENCY, language=language, to_name=contact.full_name, to_email=contact.email,
        sender=by, now=now, contact=contact,
    )  # fmt: skip
    delivery.queue(row, by=by, now=now)


def _facts(
    proposal: Proposal, interview: Interview | None, by: accounts.User, now: datetime
) -> facts_of.Facts:
    contact, page = proposal.contact, proposal.invitation.page if proposal.invitation else None
    stage = interview.stage if interview else (proposal.invitation.stage if proposal.invitation else None)
    return facts_of.Facts(
        organization=proposal.organization, candidate=proposal.candidate, stage=stage,
        starts_at=interview.starts_at if interview else now, minutes=proposal.minutes,
        way=interview.way if interview else (page.way if page else Way.WEB), service="", place="", panel=(),
        receiver=mail.Receiver.AGENCY, language=contact.language, zone=contact.zone, now=now, sender=by,
        contact=contact,
    )  # fmt: skip
