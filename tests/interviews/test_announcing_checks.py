"""What is found in a letter before it leaves."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import announcing
from mensetsu.interviews.announcing import Text
from mensetsu.interviews.models import Interview
from mensetsu.mail import checks
from mensetsu.mail.models import Mail, Template
from mensetsu.zoom.models import Meeting
from tests.interviews import holding, writing
from tests.interviews.writing import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(people: Any) -> Interview:
    return writing.again(writing.ready(people))


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
        writing.send(made, people, text=Text("件名", body + page))

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
        writing.send(writing.again(made), people, text=text)

    assert [finding.code for finding in refusal.value.findings] == [code]


def test_one_letter_with_a_hole_stops_all_of_them(made, people) -> None:
    doi, endo = writing.audience(made, "interviewer").recipients
    writing.send(made, people, "interviewer", to=[doi])
    moved = writing.moved(made)

    with pytest.raises(announcing.NotSendable):
        # Endo was told nothing before, so the previous time has no value for her.
        writing.send(
            moved, people, "interviewer", "change", text=Text("変更", "{{変更前日時}}"), to=[doi, endo]
        )

    assert Mail.objects.filter(purpose="change").count() == 0


def test_a_canceled_interview_is_not_confirmed_to_anybody(made, people) -> None:
    text = writing.draft(made, "candidate", by=people.baba)
    Interview.objects.filter(pk=made.pk).update(canceled_at=NOW)

    with pytest.raises(announcing.NotSendable) as refusal:
        writing.send(writing.again(made), people, text=text)

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

    assert writing.codes(written) == [code]
    assert not checks.has_blocks(written.findings)


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

    assert writing.codes(written) == []


def test_writing_around_the_agency_gets_a_second_look(people) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.AGENCY)

    assert writing.codes(writing.letter(made, "candidate", by=people.baba)) == ["around_agency"]
    assert writing.codes(writing.letter(made, "agency", by=people.baba)) == []


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


def test_the_shipped_subject_is_short_enough_and_a_long_one_is_mentioned(made, people) -> None:
    one = writing.audience(made, "candidate").recipients[0]
    announcing.ensure_links(made, [one], now=NOW)
    text = writing.draft(made, "candidate", by=people.baba)
    longer = Text(text.subject + "のご案内とお願いとご確認", text.body)

    found = [
        [
            finding.code
            for finding in announcing.write(
                made, one, each, purpose="confirmation", sender=people.baba, now=NOW
            ).findings
        ]
        for each in (text, longer)
    ]

    assert found == [[], ["long_subject"]]


def test_the_page_cautions_against_nothing_before_anything_is_typed(made, people, client_of) -> None:
    Template.objects.filter(purpose="other").update(retired_at=writing.NOW)
    recruiter = client_of(people.baba)
    address = reverse("interviews:compose", args=[made.pk]) + "?purpose=other&to=candidate-ja"
    news = reverse("interviews:letter", args=[made.pk]) + "?purpose=other&to=candidate-ja"

    opened = recruiter.get(address)
    beginning = recruiter.post(news, {"subject": "面接", "body": "", "people": ["candidate"]})
    refused = recruiter.post(address, {"subject": "", "body": "", "people": ["candidate"]})

    for page in (opened, beginning):
        assert page.status_code == 200
        assert "入力してください" not in page.content.decode()
        assert "送信前に確認してください" not in page.content.decode()
    assert refused.status_code == 422
    assert "入力してください" in refused.content.decode()
