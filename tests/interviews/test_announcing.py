"""Who is told what, and what stays behind of it."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest

from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import announcing, join_links, ledger
from mensetsu.interviews.announcing import Text
from mensetsu.interviews.models import Interview, Notice, Service, Way
from mensetsu.mail import delivery, samples
from mensetsu.mail.models import Mail, Purpose, Template
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import holding, writing
from tests.interviews.writing import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(people: Any) -> Interview:
    return writing.again(writing.ready(people))


def send(
    made: Interview, people: Any, receiver: str = "candidate", purpose: str = "confirmation", **more: Any
):
    audience = writing.audience(made, receiver, purpose)
    text = more.pop("text", None) or announcing.draft(
        made, purpose=purpose, audience=audience, sender=people.baba, now=NOW
    )
    to = more.pop("to", None)
    to = (audience.proposed or audience.recipients) if to is None else to
    more.setdefault("form_key", uuid.uuid4())
    return announcing.send(made, purpose=purpose, people=to, text=text, by=people.baba, now=NOW, **more)


def codes(written: announcing.Written) -> list[str]:
    return [finding.code for finding in written.findings if finding.level != "info"]


# Who


def chosen(made: Interview, purpose: str = Purpose.CONFIRMATION) -> list[str]:
    return [one.key for one in announcing.recipients(made, purpose=purpose) if one.is_proposed]


@pytest.mark.parametrize(
    ("route", "kinds"),
    [
        (ContactRoute.DIRECT, ["candidate"]),
        (ContactRoute.AGENCY, ["agency"]),
        (ContactRoute.BOTH, ["candidate", "agency"]),
    ],
)
def test_recipients_follow_the_applicants_contact_route(people, route: str, kinds: list[str]) -> None:
    made = writing.with_agency(writing.ready(people), route)

    assert [key.partition("-")[0] for key in chosen(made)] == kinds


def test_a_contact_who_has_left_is_shown_and_not_proposed(people) -> None:
    made = writing.with_agency(writing.ready(people))
    made.candidate.agency_contact.left_at = NOW

    (agency,) = [
        one for one in announcing.recipients(made, purpose="confirmation") if one.receiver == "agency"
    ]

    assert (agency.is_proposed, agency.note) == (False, "left")


def test_an_applicant_without_an_address_is_not_proposed(made) -> None:
    made.candidate.email = ""

    assert chosen(made) == []


def test_after_a_change_only_those_who_hold_old_facts_are_proposed(people) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    send(made, people, "candidate")

    moved = writing.moved(made)

    assert chosen(moved, Purpose.CHANGE) == ["candidate"]


def test_after_a_host_change_those_who_were_told_the_raw_url_are_proposed(people) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    send(made, people, "candidate")  # carries the raw URL as a fallback
    send(made, people, "agency")  # carries the join page only
    new_url = "https://us06web.zoom.us/j/99999999999?pwd=new"
    Meeting.objects.filter(pk=made.meeting_id).update(join_url=new_url)

    changed = writing.again(made)

    assert announcing.purpose_now(changed) == Purpose.URL_CHANGE
    assert chosen(changed, Purpose.URL_CHANGE) == ["candidate"]


def test_a_replaced_contact_who_was_told_hears_of_the_change(people) -> None:
    made = writing.with_agency(writing.ready(people))
    old = made.candidate.agency_contact
    send(made, people, "agency")
    new = story.AgencyContact.objects.create(
        agency=old.agency, family_name="高橋", given_name="誠", email="takahashi@mirai.example.jp"
    )
    made.candidate.agency_contact = new
    made.candidate.save()

    moved = writing.moved(made)

    assert chosen(moved, Purpose.CHANGE) == [f"agency-{old.pk}"]
    assert "高橋 誠" in [one.name for one in announcing.recipients(moved, purpose=Purpose.CHANGE)]


def test_the_purpose_follows_what_people_know(people) -> None:
    made = writing.ready(people)
    assert announcing.purpose_now(writing.again(made)) == Purpose.CONFIRMATION

    send(writing.again(made), people)
    assert announcing.purpose_now(writing.again(made)) == Purpose.OTHER

    writing.moved(made)
    assert announcing.purpose_now(writing.again(made)) == Purpose.CHANGE

    Interview.objects.filter(pk=made.pk).update(canceled_at=NOW)
    assert announcing.purpose_now(writing.again(made)) == Purpose.CANCELLATION


def test_languages_are_audiences_of_their_own(people) -> None:
    people.endo.language = "en"
    people.endo.save()
    made = writing.again(writing.ready(people))

    keys = {audience.key for audience in announcing.audiences(made, purpose="confirmation")}

    assert keys == {"candidate-ja", "interviewer-ja", "interviewer-en"}


# What


EXPECTED = Path(__file__).parent / "letters"


@pytest.mark.parametrize(
    "name", ["confirmation.candidate", "confirmation.agency", "confirmation.interviewer"]
)
def test_the_shipped_texts_read_like_this(people, name: str) -> None:
    purpose, receiver = name.split(".")
    people.baba.extension = "内線12"
    people.baba.save()
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)

    letter = writing.letter(made, receiver, purpose, by=people.baba).letter

    text = re.sub(r"/j/[a-z0-9]+/", "/j/TOKEN/", f"{letter.subject}\n\n{letter.body}\n")
    assert text == (EXPECTED / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("way", ["web", "url", "in_person", "phone"])
@pytest.mark.parametrize("receiver", ["candidate", "agency", "interviewer"])
@pytest.mark.parametrize("purpose", ["confirmation", "reminder"])
def test_every_usual_letter_is_whole_and_needs_no_second_look(
    people, purpose: str, receiver: str, way: str, language: str
) -> None:
    values: dict[str, Any] = {"host": None, "way": way, "place": "本社10階"}
    if way == "web":
        values = {}
    elif way == "url":
        values = {
            "host": None,
            "way": Way.WEB,
            "service": Service.URL,
            "custom_url": "https://meet.example/x",
        }
    made = writing.with_agency(writing.ready(people, **values), ContactRoute.BOTH)
    made.candidate.phone = "090-1234-5678"
    for person in (made.candidate, made.candidate.agency_contact, people.doi, people.endo):
        person.language = language
        person.save()

    written = writing.letter(writing.again(made), receiver, purpose, by=people.baba)

    assert codes(written) == []
    assert written.letter.is_whole
    assert not re.search(r"[{}]{2}|<#", written.letter.subject + written.letter.body)


@pytest.mark.parametrize("receiver", ["candidate", "agency", "interviewer"])
@pytest.mark.parametrize("purpose", ["change", "url_change", "cancellation"])
def test_every_correction_is_whole(people, purpose: str, receiver: str) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    for kind in ("candidate", "agency", "interviewer"):
        send(writing.again(made), people, kind)
    if purpose == "cancellation":
        Interview.objects.filter(pk=made.pk).update(canceled_at=NOW)
    else:
        writing.moved(made)

    written = writing.letter(writing.again(made), receiver, purpose, by=people.baba)

    assert codes(written) == []
    assert written.letter.is_whole
    if purpose == "change" and receiver == "interviewer":
        assert written.letter.body.startswith("11/24(火) 14:00 → 11/26(木) 14:00\n")


def test_the_template_follows_the_way_and_the_language(people) -> None:
    english = story.candidate(people.company, "Brown", "Ann", language="en", job=story.job(people.company))
    made = writing.again(writing.ready(people, candidate=english, host=None, way=Way.PHONE))

    text = writing.draft(made, "candidate", by=people.baba)

    assert text.template.sample == "en/confirmation.candidate.phone"


def test_a_template_with_holes_is_passed_over_for_one_without(people) -> None:
    made = writing.ready(people)
    send(writing.again(made), people)
    Template.objects.filter(sample="ja/change.candidate").update(retired_at=NOW)
    writing.moved(made)
    own = Template.objects.create(
        organization=people.company, purpose="change", receiver="candidate", language="ja", way="",
        name="短い変更", subject="変更", body="{{面接日時}}に変更しました。\n{{応募者ページURL}}", updated_at=NOW,
    )  # fmt: skip

    text = writing.draft(writing.again(made), "candidate", "change", by=people.baba)

    # The shipped text that asks for a choice of dates comes first, but has no dates to offer.
    assert text.template == own


def test_no_account_is_needed_is_left_out_where_zoom_asks_for_one(people) -> None:
    made = writing.ready(people, meeting_values={"requires_login": True})

    written = writing.letter(writing.again(made), "candidate", by=people.baba)

    assert "WEB面接（Zoom）\n" in written.letter.body
    assert "アカウントは必要ありません" not in written.letter.body


def test_each_recipient_gets_their_own_values(made, people) -> None:
    audience = writing.audience(made, "interviewer")
    text = Text("面接", "{{面接官氏名}} さん")

    letters = [
        announcing.write(made, one, text, purpose="confirmation", sender=people.baba, now=NOW).letter.body
        for one in audience.recipients
    ]

    assert letters == ["土井 大 さん", "遠藤 恵 さん"]


def test_interviewers_letters_never_hold_what_is_the_applicants(made, people) -> None:
    made.candidate.phone = "090-9999-0000"
    made.candidate.save()
    made.memo = "辞退の可能性あり"
    made.save()

    everything = "\n".join(
        writing.letter(writing.again(made), "interviewer", purpose, by=people.baba).letter.body
        for purpose in ("confirmation", "reminder", "cancellation")
    )

    page = join_links.address(join_links.link_for(made, receiver="candidate", now=NOW))
    for secret in ("090-9999-0000", "辞退の可能性", page, holding.JOIN_URL):
        assert secret not in everything


# What must not leave


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{{面接日字}}", "unknown_tag"),
        ("{{給与}}", "unknown_tag_alone"),
        ("{{面接官マイページURL}}", "tag_not_here"),
        ("{{当日連絡先電話番号}}", "missing_organization"),
        ("{{面接日時} です", "stray"),
        ("https://us06web.zoom.us/s/88412345678?zak=abc", "start_url"),
        (" \n ", "empty_body"),
    ],
)
def test_such_a_text_cannot_be_sent(made, people, body: str, code: str) -> None:
    page = "\n{{応募者ページURL}}" if body.strip() else ""
    people.company.contact_phone = ""
    people.company.save()

    with pytest.raises(announcing.NotSendable) as refusal:
        send(made, people, text=Text("件名", body + page))

    assert [finding.code for finding in refusal.value.findings] == [code]
    assert Mail.objects.count() == 0


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"issued_at": None}, "url_pending"),
        ({"issued_at": None, "failed_at": holding.BEFORE}, "url_failed"),
        ({"lost_at": holding.BEFORE}, "url_failed"),
    ],
)
def test_a_letter_that_needs_the_url_waits_for_it(made, people, state: dict, code: str) -> None:
    text = writing.draft(made, "candidate", by=people.baba)
    Meeting.objects.filter(pk=made.meeting_id).update(**state)

    with pytest.raises(announcing.NotSendable) as refusal:
        send(writing.again(made), people, text=text)

    assert [finding.code for finding in refusal.value.findings] == [code]


def test_one_letter_with_a_hole_stops_all_of_them(made, people) -> None:
    doi, endo = writing.audience(made, "interviewer").recipients
    send(made, people, "interviewer", to=[doi])
    moved = writing.moved(made)

    with pytest.raises(announcing.NotSendable):
        # Endo was told nothing before, so the previous time has no value for her.
        send(moved, people, "interviewer", "change", text=Text("変更", "{{変更前日時}}"), to=[doi, endo])

    assert Mail.objects.filter(purpose="change").count() == 0


def test_a_canceled_interview_is_not_confirmed_to_anybody(made, people) -> None:
    text = writing.draft(made, "candidate", by=people.baba)
    Interview.objects.filter(pk=made.pk).update(canceled_at=NOW)

    with pytest.raises(announcing.NotSendable) as refusal:
        send(writing.again(made), people, text=text)

    assert "not_standing" in [finding.code for finding in refusal.value.findings]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("面接は11月25日です。{{応募者ページURL}}", "other_date"),
        ("面接は11/25(水)です。{{応募者ページURL}}", "other_date"),
        ("面接は11月24日(水)です。{{応募者ページURL}}", "wrong_weekday"),
        ("面接は１１月２４日（水）です。{{応募者ページURL}}", "wrong_weekday"),
        ("{{応募者氏名}} 様 様\n{{応募者ページURL}}", "doubled_honorific"),
        ("応募者各位 様\n{{応募者ページURL}}", "everybody_honorific"),
        ("株式会社ミライ人材 御中\n鈴木 様\n\n{{応募者ページURL}}", "onchu_and_sama"),
        ("{{応募者氏名}}\n\n{{応募者ページURL}}", "bare_name"),
        ("明日お待ちしています。", "no_way_in"),
    ],
)
def test_such_a_text_gets_a_second_look(made, people, body: str, code: str) -> None:
    announcing.ensure_links(made, writing.audience(made, "candidate").recipients, now=NOW)
    one = writing.audience(made, "candidate").recipients[0]

    written = announcing.write(
        made, one, Text("件名", body), purpose="confirmation", sender=people.baba, now=NOW
    )

    assert codes(written) == [code]
    assert written.is_sendable


@pytest.mark.parametrize(
    "body",
    [
        "面接は11月24日(火)です。",
        "面接は2026年11月24日（火）14:00からです。",
        "11月20日(金)17:00までにご返信ください。",
        "経験は1/2年ほど、割合は3/4です。",
        "{{面接日時}}",
        "採用担当 様、{{応募者氏名}} 様",
    ],
)
def test_such_a_text_is_fine(made, people, body: str) -> None:
    announcing.ensure_links(made, writing.audience(made, "candidate").recipients, now=NOW)
    one = writing.audience(made, "candidate").recipients[0]

    written = announcing.write(
        made,
        one,
        Text("件名", body + "\n{{応募者ページURL}}"),
        purpose="confirmation",
        sender=people.baba,
        now=NOW,
    )

    assert codes(written) == []


def test_writing_around_the_agency_gets_a_second_look(people) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.AGENCY)

    assert codes(writing.letter(made, "candidate", by=people.baba)) == ["around_agency"]
    assert codes(writing.letter(made, "agency", by=people.baba)) == []


def test_a_late_cancellation_says_to_call_as_well(made, people) -> None:
    made.candidate.phone = "090-1234-5678"
    made.candidate.save()
    Interview.objects.filter(pk=made.pk).update(canceled_at=NOW)
    text = writing.draft(writing.again(made), "candidate", "cancellation", by=people.baba)
    one = writing.audience(made, "candidate").recipients[0]

    written = announcing.write(
        writing.again(made), one, text, purpose="cancellation", sender=people.baba,
        now=holding.STARTS - timedelta(hours=3),
    )  # fmt: skip

    calls = [finding for finding in written.findings if finding.code == "call_as_well"]
    assert [finding.facts["phone"] for finding in calls] == ["090-1234-5678"]


# Sending


def test_what_is_sent_is_the_preview_byte_for_byte(made, people) -> None:
    preview = writing.letter(made, "candidate", by=people.baba).letter

    (mail,) = send(made, people)

    assert (mail.subject, mail.body) == (preview.subject, preview.body)


def test_sending_leaves_a_notice_with_the_facts_it_carried(made, people) -> None:
    (mail,) = send(made, people)

    notice = Notice.objects.get(mail=mail)
    assert (notice.told_starts_at, notice.told_minutes, notice.told_join_url) == (
        made.starts_at,
        60,
        holding.JOIN_URL,
    )
    assert ledger.is_confirmed(writing.again(made))


def test_a_letter_with_the_join_page_alone_promises_no_raw_url(people) -> None:
    made = writing.with_agency(writing.ready(people))

    (mail,) = send(made, people, "agency")

    assert Notice.objects.get(mail=mail).told_join_url == ""


def test_the_calendar_file_leads_to_the_recipients_own_page(made, people) -> None:
    (mail,) = send(made, people)

    (attachment,) = mail.attachments
    event = icalendar.Calendar.from_ical(attachment["text"]).walk("VEVENT")[0]
    page = join_links.address(join_links.link_for(made, receiver="candidate", now=NOW))
    assert str(event["location"]) == page
    assert holding.PASSCODE not in attachment["text"]


def test_the_same_form_sends_once(made, people) -> None:
    key = uuid.uuid4()
    send(made, people, form_key=key)

    with pytest.raises(announcing.AlreadySent):
        send(writing.again(made), people, form_key=key)

    assert (Mail.objects.count(), Notice.objects.count()) == (1, 1)


def test_nobody_chosen_is_refused(made, people) -> None:
    with pytest.raises(announcing.NoRecipient):
        send(made, people, to=(), text=Text("件名", "本文"))


def test_a_letter_arrives_in_the_recipients_language_not_the_senders(people, run_jobs, mailoutbox) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    made.candidate.agency_contact.language = "en"
    made.candidate.agency_contact.save()
    made = writing.again(made)

    send(made, people, "candidate")
    send(made, people, "agency")
    run_jobs()

    assert [letter.subject for letter in mailoutbox] == [
        "【株式会社サンプル】一次面接（WEB）日程確定のご案内（11/24(火) 14:00）",
        "株式会社サンプル: 一次面接 of 佐藤 美咲 confirmed for Nov 24 (Tue) 14:00 JST",
    ]


def failed(mail: Mail) -> Mail:
    Mail.objects.filter(pk=mail.pk).update(failed_at=NOW, problem="bad_recipient")
    return Mail.objects.get(pk=mail.pk)


def test_sending_again_keeps_the_notice(made, people) -> None:
    (mail,) = send(made, people)

    copy = announcing.resend(failed(mail), by=people.baba, now=NOW, to_email="new@example.com")

    assert Notice.objects.get(mail=copy).told_starts_at == made.starts_at
    assert copy.to_email == "new@example.com"


@pytest.mark.parametrize("change", ["time", "url", "cancel"])
def test_a_failed_letter_with_old_facts_is_not_sent_again(made, people, change: str) -> None:
    (mail,) = send(made, people)
    if change == "time":
        writing.moved(made)
    elif change == "url":
        Meeting.objects.filter(pk=made.meeting_id).update(join_url="https://us06web.zoom.us/j/1?pwd=2")
    else:
        Interview.objects.filter(pk=made.pk).update(canceled_at=NOW)

    with pytest.raises(announcing.OutOfDate):
        announcing.resend(failed(mail), by=people.baba, now=NOW)

    assert Mail.objects.count() == 1


def test_calling_back_leaves_the_interview_unconfirmed(made, people) -> None:
    (mail,) = send(made, people, due_at=NOW + timedelta(seconds=20))

    delivery.undo(mail, by=people.baba, now=NOW)

    assert not ledger.is_confirmed(writing.again(made))


def test_every_sample_belongs_to_a_case_that_can_be_chosen(people) -> None:
    made = writing.again(writing.with_agency(writing.ready(people), ContactRoute.BOTH))

    listed = {
        template.sample
        for purpose in Purpose.values
        for receiver in ("candidate", "agency", "interviewer")
        for template in announcing.templates(made, purpose=purpose, receiver=receiver, language="ja")
    }

    assert listed == {sample.key for sample in samples.all_samples()}
