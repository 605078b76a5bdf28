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
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail, Purpose, Template
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import holding, writing
from tests.interviews.writing import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(people: Any) -> Interview:
    return writing.again(writing.ready(people))


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
    writing.send(made, people, "candidate")

    moved = writing.moved(made)

    assert chosen(moved, Purpose.CHANGE) == ["candidate"]


def test_after_a_host_change_those_who_were_told_the_raw_url_are_proposed(people) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    writing.send(made, people, "candidate")  # carries the raw URL as a fallback
    writing.send(made, people, "agency")  # carries the join page only
    new_url = "https://us06web.zoom.us/j/99999999999?pwd=new"
    Meeting.objects.filter(pk=made.meeting_id).update(join_url=new_url)

    changed = writing.again(made)

    assert announcing.purpose_now(changed) == Purpose.URL_CHANGE
    assert chosen(changed, Purpose.URL_CHANGE) == ["candidate"]


def test_a_replaced_contact_who_was_told_hears_of_the_change(people) -> None:
    made = writing.with_agency(writing.ready(people))
    old = made.candidate.agency_contact
    writing.send(made, people, "agency")
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

    writing.send(writing.again(made), people)
    assert announcing.purpose_now(writing.again(made)) == Purpose.OTHER

    writing.moved(made)
    assert announcing.purpose_now(writing.again(made)) == Purpose.CHANGE

    Interview.objects.filter(pk=made.pk).update(withdrawn_at=NOW)
    assert announcing.purpose_now(writing.again(made)) == Purpose.OTHER

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

    assert writing.codes(written) == []
    assert written.letter.is_whole
    assert not re.search(r"[{}]{2}|<#", written.letter.subject + written.letter.body)


@pytest.mark.parametrize("receiver", ["candidate", "agency", "interviewer"])
@pytest.mark.parametrize("purpose", ["change", "url_change", "cancellation"])
def test_every_correction_is_whole(people, purpose: str, receiver: str) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    for kind in ("candidate", "agency", "interviewer"):
        writing.send(writing.again(made), people, kind)
    if purpose == "cancellation":
        Interview.objects.filter(pk=made.pk).update(canceled_at=NOW)
    else:
        writing.moved(made)

    written = writing.letter(writing.again(made), receiver, purpose, by=people.baba)

    assert writing.codes(written) == []
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
    writing.send(writing.again(made), people)
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


# Sending


def test_what_is_sent_is_the_preview_byte_for_byte(made, people) -> None:
    preview = writing.letter(made, "candidate", by=people.baba).letter

    (mail,) = writing.send(made, people)

    assert (mail.subject, mail.body) == (preview.subject, preview.body)


def test_sending_leaves_a_notice_with_the_facts_it_carried(made, people) -> None:
    (mail,) = writing.send(made, people)

    notice = Notice.objects.get(mail=mail)
    assert (notice.told_starts_at, notice.told_minutes, notice.told_join_url) == (
        made.starts_at,
        60,
        holding.JOIN_URL,
    )
    assert [one.mail for one in ledger.read(writing.again(made))] == [mail]


def test_a_letter_with_the_join_page_alone_promises_no_raw_url(people) -> None:
    made = writing.with_agency(writing.ready(people))

    (mail,) = writing.send(made, people, "agency")

    assert Notice.objects.get(mail=mail).told_join_url == ""


def test_the_calendar_file_leads_to_the_recipients_own_page(made, people) -> None:
    (mail,) = writing.send(made, people)

    (attachment,) = mail.attachments
    event = icalendar.Calendar.from_ical(attachment["text"]).walk("VEVENT")[0]
    page = join_links.address(join_links.link_for(made, receiver="candidate", now=NOW))
    assert str(event["location"]) == page
    assert holding.PASSCODE not in attachment["text"]


def test_a_change_moves_the_entry_in_the_readers_calendar_and_names_nobody_else(made, people) -> None:
    (first,) = writing.send(made, people)
    (second,) = writing.send(writing.moved(made), people, purpose="change")

    before, after = (
        icalendar.Calendar.from_ical(mail.attachments[0]["text"]).walk("VEVENT")[0]
        for mail in (first, second)
    )
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    for mail in (first, second):
        assert "misaki@example.com" in mail.attachments[0]["text"]
        assert "doi@sample.example.jp" not in mail.attachments[0]["text"]


def test_the_same_form_sends_once(made, people) -> None:
    key = uuid.uuid4()
    writing.send(made, people, form_key=key)

    with pytest.raises(announcing.AlreadySent):
        writing.send(writing.again(made), people, form_key=key)

    assert (Mail.objects.count(), Notice.objects.count()) == (1, 1)


def test_nobody_chosen_is_refused(made, people) -> None:
    with pytest.raises(announcing.NoRecipient):
        writing.send(made, people, to=(), text=Text("件名", "本文"))


def test_a_letter_arrives_in_the_recipients_language_not_the_senders(
    people, run_jobs, mailoutbox, monkeypatch
) -> None:
    holding.set_clock(monkeypatch, NOW + timedelta(minutes=1))
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    made.candidate.agency_contact.language = "en"
    made.candidate.agency_contact.save()
    made = writing.again(made)

    writing.send(made, people, "candidate")
    writing.send(made, people, "agency")
    run_jobs()

    assert [letter.subject for letter in mailoutbox] == [
        "【株式会社サンプル】一次面接（WEB）日程確定のご案内（11/24(火) 14:00）",
        "株式会社サンプル: 一次面接 of 佐藤 美咲 confirmed for Nov 24 (Tue) 14:00 JST",
    ]


def failed(mail: Mail) -> Mail:
    Mail.objects.filter(pk=mail.pk).update(failed_at=NOW, problem="bad_recipient")
    return Mail.objects.get(pk=mail.pk)


def test_sending_again_keeps_the_notice(made, people) -> None:
    (mail,) = writing.send(made, people)

    copy = announcing.resend(failed(mail), by=people.baba, now=NOW, to_email="new@example.com")

    assert Notice.objects.get(mail=copy).told_starts_at == made.starts_at
    assert copy.to_email == "new@example.com"


@pytest.mark.parametrize("change", ["time", "url", "cancel"])
def test_a_failed_letter_with_old_facts_is_not_sent_again(made, people, change: str) -> None:
    (mail,) = writing.send(made, people)
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
    (mail,) = writing.send(made, people, due_at=NOW + timedelta(seconds=20))

    delivery.undo(mail, by=people.baba, now=NOW)

    assert list(ledger.read(writing.again(made))) == []
