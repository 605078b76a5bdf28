"""The catalogue of tags and what each says."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mensetsu.accounts.models import CompanyHoliday
from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import join_links, tags
from mensetsu.interviews.models import Way
from mensetsu.mail import samples
from mensetsu.mail import tags as grammar
from mensetsu.mail.models import Purpose, Receiver
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import holding, writing

SAMPLES = [*samples.all_samples()]


@pytest.mark.parametrize("tag", tags.CATALOGUE, ids=lambda tag: tag.key)
def test_every_tag_has_names_meaning_samples_and_trust(tag: tags.Tag) -> None:
    assert all((tag.key, tag.ja, tag.en, str(tag.meaning), tag.sample_ja, tag.sample_en))
    assert tag.trust in (tags.OURS, tags.TYPED)
    assert tag.receivers <= frozenset(Receiver.values)
    assert tag.purposes <= frozenset(Purpose.values)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("ZoomミーティングURL", "meeting.url"),
        ("Zoom meeting URL", "meeting.url"),
        ("応募者氏名", "applicant.name"),
        ("日程選択ページURL", "booking.url"),
        ("when_full", "interview.when"),
        ("applicant_page_url", "page.url"),
        ("zoom_join_url", "meeting.url"),
    ],
)
def test_a_tag_is_known_by_its_names(written: str, key: str) -> None:
    assert tags.NAMES.key_of(written) == key


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_shipped_texts_use_only_tags_that_exist_for_them(sample: samples.Sample) -> None:
    names = tags.names_for(receiver=sample.receiver, purpose=sample.purpose, language=sample.language)
    text = sample.subject + "\n" + sample.body

    assert grammar.unknown(text, names) == []
    assert grammar.stray(text) == []


def test_interviewers_letters_have_no_tag_for_the_applicants_phone_or_page() -> None:
    for purpose in Purpose.values:
        keys = {tag.key for tag in tags.existing(receiver=Receiver.INTERVIEWER, purpose=purpose)}
        assert keys & {"applicant.phone", "page.url", "booking.url"} == set()


def test_no_tag_knows_the_start_url() -> None:
    source = Path(tags.__file__).read_text(encoding="utf-8") + Path(tags.telling.__file__).read_text("utf-8")

    assert "start_url" not in source


@pytest.fixture
def made(people: Any) -> Any:
    return writing.again(writing.ready(people))


def values(made: Any, people: Any, receiver: str = "candidate", language: str = "ja", **more: Any) -> dict:
    more.setdefault("zone", ZoneInfo("Asia/Tokyo"))
    more.setdefault("now", writing.NOW)
    more.setdefault("sender", people.baba)
    found = tags.values_for(made, receiver=receiver, language=language, **more)
    return {key: value.text for key, value in found.items()}


def test_values_in_japanese(made, people) -> None:
    said = values(made, people)

    assert said["applicant.name"] == "佐藤 美咲"
    assert said["interview.when"] == "2026年11月24日(火) 14:00〜15:00"
    assert said["interview.when_short"] == "11/24(火) 14:00"
    assert said["interview.duration"] == "60分"
    assert said["interview.panel"] == "土井 大、遠藤 恵"
    assert said["meeting.url"] == holding.JOIN_URL
    assert said["meeting.id"] == "884 1234 5678"
    assert said["meeting.passcode"] == holding.PASSCODE
    assert said["signature"] == (
        "――――――――――――\n株式会社サンプル 人事部\n馬場 文\n電話：03-1234-5000（平日9:00〜18:00）\n"
        "メール：baba@sample.example.jp"
    )


def test_values_in_english(made, people) -> None:
    made.candidate.romaji, people.baba.romaji = "Misaki Sato", "Aya Baba"
    made.organization.name_en = "Sample Inc."

    said = values(made, people, language="en")

    assert said["applicant.name"] == "Misaki Sato"
    assert said["interview.when"] == "Tue, Nov 24, 2026, 14:00–15:00 JST"
    assert said["interview.when_short"] == "Nov 24 (Tue) 14:00 JST"
    assert said["interview.duration"] == "60 minutes"
    assert said["company.name"] == "Sample Inc."
    assert said["sender.family_name"] == "Aya Baba"


def test_both_clocks_are_told_to_a_reader_elsewhere(made, people) -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert values(made, people, zone=berlin)["interview.when"] == (
        "2026年11月24日(火) 06:00〜07:00（CET） = 日本時間 2026年11月24日(火) 14:00〜15:00"
    )
    assert values(made, people, language="en", zone=berlin)["interview.when"] == (
        "Tue, Nov 24, 2026, 06:00–07:00 CET = Tue, Nov 24, 2026, 14:00–15:00 JST"
    )


def test_a_zone_with_the_same_clock_is_not_told_twice(made, people) -> None:
    assert values(made, people, zone=ZoneInfo("Asia/Seoul"))["interview.when"] == (
        "2026年11月24日(火) 14:00〜15:00"
    )


@pytest.mark.parametrize(
    ("before", "ja", "en"),
    [
        (timedelta(hours=2), "本日", "today"),
        (timedelta(hours=15), "明日", "tomorrow"),
        (timedelta(days=5), "11月24日(火)", "on Tue, Nov 24"),
    ],
)
def test_days_left_are_counted_at_the_moment_of_sending(made, people, before, ja: str, en: str) -> None:
    moment = holding.STARTS - before

    assert values(made, people, now=moment)["interview.days_left"] == ja
    assert values(made, people, language="en", now=moment)["interview.days_left"] == en


def test_days_left_are_counted_on_the_readers_calendar(made, people) -> None:
    # 23 November 10:00 in Honolulu is 24 November 05:00 in Japan; the interview is on 23 November 19:00 there.
    moment = holding.STARTS - timedelta(hours=9)

    assert values(made, people, now=moment)["interview.days_left"] == "本日"
    assert (
        values(made, people, now=moment, zone=ZoneInfo("Pacific/Honolulu"))["interview.days_left"] == "本日"
    )
    assert values(made, people, now=holding.STARTS - timedelta(hours=16))["interview.days_left"] == "明日"
    assert (
        values(made, people, now=holding.STARTS - timedelta(hours=16), zone=ZoneInfo("Pacific/Honolulu"))[
            "interview.days_left"
        ]
        == "本日"
    )


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"issued_at": None, "zone": 1}, "pending"),
        ({"issued_at": None, "failed_at": holding.BEFORE}, "failed"),
        ({"lost_at": holding.BEFORE}, "failed"),
    ],
)
def test_a_url_that_is_not_there_has_a_reason_instead_of_a_value(people, state: dict, why: str) -> None:
    state.pop("zone", None)
    made = writing.ready(people)
    Meeting.objects.filter(pk=made.meeting_id).update(**state)

    found = tags.values_for(
        writing.again(made), receiver="candidate", language="ja", zone=ZoneInfo("Asia/Tokyo"),
        sender=people.baba, now=writing.NOW,
    )  # fmt: skip

    assert [found[key] for key in ("meeting.url", "meeting.id", "meeting.passcode")] == [
        tags.TagValue(None, why)
    ] * 3


def test_an_address_about_to_be_replaced_is_not_told(made, people) -> None:
    made.next_meeting = holding.meeting(
        holding.connection(people.aoki), zoom_id="", join_url="", issued_at=None
    )
    made.save()

    assert values(writing.again(made), people)["meeting.url"] is None


def test_every_recipient_has_their_own_page(people) -> None:
    made = writing.with_agency(writing.ready(people), ContactRoute.BOTH)
    contact = made.candidate.agency_contact
    mine = join_links.link_for(made, receiver="candidate", now=writing.NOW)
    theirs = join_links.link_for(made, receiver="agency", contact=contact, now=writing.NOW)

    assert values(made, people)["page.url"] == join_links.address(mine)
    assert values(made, people, "agency", contact=contact)["page.url"] == join_links.address(theirs)
    assert "page.url" not in values(made, people, "interviewer", interviewer=people.doi)


def test_values_are_read_without_writing(made, people, django_assert_num_queries) -> None:
    before = made.join_links.count()

    values(made, people)

    assert (made.join_links.count(), before) == (0, 0)


def test_the_previous_time_is_what_this_recipient_was_told_last(made, people) -> None:
    first, second = holding.STARTS - timedelta(days=4), holding.STARTS - timedelta(days=2)
    holding.told(made, first)
    holding.told(made, second)

    assert values(writing.again(made), people)["interview.told_when"] == "2026年11月22日(日) 14:00〜15:00"
    assert (
        values(writing.again(made), people, "interviewer", interviewer=people.doi)["interview.told_when"]
        is None
    )


def test_a_letter_that_never_left_told_nothing(made, people) -> None:
    notice = holding.told(made, holding.STARTS - timedelta(days=4), sent_at=None)
    notice.mail.failed_at = writing.NOW
    notice.mail.save()

    assert values(writing.again(made), people)["interview.told_when"] is None


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        (ContactRoute.AGENCY, "お手数ですが、佐藤 美咲 様へのご共有をお願いいたします。"),
        (ContactRoute.BOTH, "佐藤 美咲 様へは、当社より直接ご案内済みです。"),
    ],
)
def test_who_tells_the_applicant(people, route: str, sentence: str) -> None:
    made = writing.with_agency(writing.ready(people), route)

    assert values(made, people, "agency", contact=made.candidate.agency_contact)["agency.duty"] == sentence


def test_an_agency_contact_is_addressed_on_three_lines(people) -> None:
    made = writing.with_agency(writing.ready(people))

    said = values(made, people, "agency", contact=made.candidate.agency_contact)

    assert (
        f"{said['agency.name']}\n{said['agency.contact']} 様"
        == "株式会社ミライ人材\n第一営業部\n鈴木 一郎 様"
    )


def test_deadlines_skip_weekends_holidays_and_the_companys_own(made, people) -> None:
    CompanyHoliday.objects.create(organization=people.company, on=writing.NOW.date(), name="創立記念日")
    friday = writing.NOW + timedelta(days=1)  # 20 November; Monday 23 is 勤労感謝の日

    said = values(writing.again(made), people, "interviewer", interviewer=people.doi, now=friday)

    assert said["deadline.reply"] == "11月20日(金) 17:00"  # the business day before the interview
    assert said["deadline.evaluation"] == "11月25日(水)"
    assert said["deadline.follow_up"] == "11月26日(木)"


def test_a_reply_is_never_asked_for_in_the_past(made, people) -> None:
    just_before = holding.STARTS - timedelta(hours=1)

    said = values(made, people, "interviewer", interviewer=people.doi, now=just_before)

    assert said["deadline.reply"] == "11月24日(火) 14:00"


def test_what_others_typed_stays_on_its_line(made, people) -> None:
    made.candidate.family_name = "佐藤\n\n■振込先 悪い銀行"

    assert values(made, people)["applicant.name"] == "佐藤 ■振込先 悪い銀行 美咲"


def test_an_empty_department_is_no_hole_but_missing_hours_are(made, people) -> None:
    made.organization.department = made.organization.office_hours = ""

    said = values(made, people)

    assert (said["company.department"], said["company.hours"]) == ("", None)


def test_a_phone_interview_names_the_number_to_the_applicant_only(people) -> None:
    made = writing.ready(people, host=None, way=Way.PHONE)
    made.candidate.phone = "090-1234-5678"

    assert values(made, people)["applicant.phone"] == "090-1234-5678"
    assert values(made, people)["interview.way"] == "電話"
    assert "applicant.phone" not in values(made, people, "interviewer", interviewer=people.doi)


def test_values_of_another_company_are_its_own(people) -> None:
    other = story.candidate(people.other, "千田", "薫", email="kaoru@example.com")
    mine = writing.ready(people)

    assert other.full_name not in str(values(writing.again(mine), people))
