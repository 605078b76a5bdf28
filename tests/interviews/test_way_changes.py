"""The same time, another way or place: told by itself, in words that are true, with what one needs to come."""

from typing import Any

import pytest

from mensetsu.interviews import attention, automating, dispatching, scheduling
from mensetsu.interviews.models import Interview, Service, Way, Withheld
from mensetsu.mail import groups
from mensetsu.mail.models import Mail
from tests import story
from tests.ical import readers
from tests.interviews import automatic, desk, holding
from tests.interviews.automatic import NOW, again

pytestmark = pytest.mark.django_db

AFTERWARDS = NOW + dispatching.UNDO
PLACE = "大阪支社 3階"
WAYS: dict[str, dict[str, str]] = {
    "in_person": {"way": Way.IN_PERSON, "place": PLACE},
    "phone": {"way": Way.PHONE},
    "url": {"way": Way.WEB, "service": Service.URL, "custom_url": "https://meet.example.com/abc"},
}
NOW_AT = {
    ("in_person", "ja"): f"対面\n{PLACE}",
    ("in_person", "en"): f"In person\n{PLACE}",
    ("phone", "ja"): "電話\n090-1111-2222（開始時刻にこちらからお電話します）",
    ("phone", "en"): "Phone\n090-1111-2222 (we will call this number at the start)",
    ("url", "ja"): "WEB面接\nhttps://meet.example.com/abc",
    ("url", "en"): "Online interview\nhttps://meet.example.com/abc",
}


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


@pytest.fixture
def run_jobs(run_jobs: Any) -> Any:
    """Until what somebody's press has set off can no longer be called back."""
    return lambda: run_jobs(until=AFTERWARDS)


def person(people: Any, language: str = "ja", **values: Any) -> Any:
    return story.candidate(
        people.company, job=story.job(people.company), owner=people.baba, language=language,
        phone="090-1111-2222", **values,
    )  # fmt: skip


def change_way(made: Interview, people: Any, way: str) -> None:
    desk.change_way(again(made), **WAYS[way], by=people.baba, now=NOW)


def letter(made: Interview, receiver: str = "candidate", purpose: str = "way_change") -> Mail:
    return Mail.objects.get(notice__interview=made, receiver=receiver, purpose=purpose)


def on_zoom_and_told(people: Any, run_jobs: Any, candidate: Any) -> Interview:
    made = automatic.on_zoom(people, candidate=candidate)
    automatic.issue(made)
    automating.follow(again(made), now=NOW)
    run_jobs()
    return made


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("way", list(WAYS))
def test_away_from_zoom_at_the_same_time(people, group, run_jobs, way: str, language: str) -> None:
    made = on_zoom_and_told(people, run_jobs, person(people, language))

    change_way(made, people, way)
    run_jobs()

    told = letter(made)
    assert told.state == "sent"
    assert NOW_AT[way, language] in told.body
    unchanged = {"ja": "日時に変更はありません", "en": "The time stays the same."}[language]
    assert unchanged in told.body
    assert "変更前" not in told.body
    assert Withheld.objects.count() == 0


@pytest.mark.parametrize("language", ["ja", "en"])
def test_towards_zoom_it_waits_for_the_address(people, group, run_jobs, language: str) -> None:
    made = automatic.schedule(people, candidate=person(people, language))
    run_jobs()
    host = holding.connection(people.aoki)

    desk.change_way(again(made), way=Way.WEB, service=Service.ZOOM, host=host, by=people.baba, now=NOW)
    automating.announce.call(interview_id=made.pk)
    assert automatic.outside(made) == [("confirmation", "candidate")]
    automatic.issue(made)
    automating.announce.call(interview_id=made.pk)

    told = letter(made)
    way = {"ja": "WEB面接（Zoom）", "en": "Online interview (Zoom)"}[language]
    assert f"{way}\n{again(made).meeting.join_url}" in told.body


def test_another_place_is_told_like_another_way(people, group, run_jobs) -> None:
    made = automatic.schedule(people, candidate=person(people))
    run_jobs()

    change_way(made, people, "in_person")
    run_jobs()

    assert NOW_AT["in_person", "ja"] in letter(made).body


def test_time_and_way_at_once_are_one_letter_with_both(people, group, run_jobs) -> None:
    made = on_zoom_and_told(people, run_jobs, person(people))
    row = again(made)

    scheduling.change(
        row, stage=row.stage, starts_at=holding.at(16), minutes=60, interviewers=[people.doi],
        way=Way.IN_PERSON, service="", host=None, custom_url="", place=PLACE, memo="", by=people.baba, now=NOW,
    )  # fmt: skip
    run_jobs()

    told = letter(made, purpose="change")
    assert "2026年11月24日(火) 14:00〜15:00" in told.body
    assert "2026年11月24日(火) 16:00〜17:00" in told.body
    assert NOW_AT["in_person", "ja"] in told.body
    asked = letter(made, "interviewer", "change")
    assert NOW_AT["in_person", "ja"] in asked.body


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("way", list(WAYS))
def test_the_agency_is_told_where_letters_go_through_it(
    people, group, run_jobs, way: str, language: str
) -> None:
    contact = story.agency(people.company)
    contact.language = language
    contact.save()
    candidate = person(people, agency=contact.agency, agency_contact=contact, contact_route="agency")
    made = on_zoom_and_told(people, run_jobs, candidate)

    change_way(made, people, way)
    run_jobs()

    assert NOW_AT[way, language] in letter(made, "agency").body
    assert [who for purpose, who in automatic.outside(made)] == ["agency", "agency"]


@pytest.mark.parametrize(
    ("way", "words"), [("in_person", f"対面\n{PLACE}\n"), ("phone", "電話\n"), ("url", "WEB面接\n")]
)
def test_interviewers_hear_of_it_and_not_the_number(people, group, run_jobs, way: str, words: str) -> None:
    made = on_zoom_and_told(people, run_jobs, person(people))

    change_way(made, people, way)
    run_jobs()

    told = letter(made, "interviewer")
    assert (told.state, words in told.body) == ("sent", True)
    assert "090-1111-2222" not in told.body


@pytest.mark.parametrize(
    ("way", "words"),
    [("in_person", f"変更後：対面（{PLACE}）"), ("phone", "変更後：電話"), ("url", "変更後：WEB面接")],
)
def test_without_a_group_interviewers_get_our_notice(
    people, group, run_jobs, mailoutbox, way: str, words: str
) -> None:
    made = automatic.schedule(people, candidate=person(people), template_group=None)
    run_jobs()
    mailoutbox.clear()

    change_way(made, people, way)
    run_jobs()

    (notice,) = mailoutbox
    assert people.doi.email in notice.to[0]
    assert words in notice.body


def test_the_same_place_again_is_no_change(people, group, run_jobs) -> None:
    made = automatic.schedule(people, candidate=person(people), place=PLACE)
    run_jobs()

    change_way(made, people, "in_person")
    run_jobs()

    assert {purpose for purpose, _who, _state in automatic.letters(made)} == {"confirmation"}


def test_the_file_of_the_letter_moves_the_entry_to_the_place(people, group, run_jobs) -> None:
    made = on_zoom_and_told(people, run_jobs, person(people))

    change_way(made, people, "in_person")
    run_jobs()

    (before,) = readers.understood(letter(made, purpose="confirmation").attachments[0]["text"])["events"]
    (after,) = readers.understood(letter(made).attachments[0]["text"])["events"]
    assert (before["uid"], after["location"], after["status"]) == (after["uid"], PLACE, "CONFIRMED")
    assert after["sequence"] > before["sequence"]


def test_no_mail_for_another_way_is_possible(people, group, run_jobs) -> None:
    automatic.no_mail(group, "way_change", "candidate")
    made = automatic.schedule(people, candidate=person(people))
    run_jobs()

    change_way(made, people, "phone")
    run_jobs()

    assert automatic.outside(made) == [("confirmation", "candidate")]


@pytest.mark.parametrize("way", list(WAYS))
def test_by_hand_it_is_among_what_has_not_been_told(people, group, run_jobs, way: str) -> None:
    made = automatic.schedule(people, candidate=person(people))
    run_jobs()
    Interview.objects.filter(pk=made.pk).update(template_group=None)

    change_way(made, people, way)

    assert [one.kind for one in attention.read(people.baba, now=NOW)] == ["not_told"]


def test_an_existing_company_gets_the_new_texts_into_its_group(people, group) -> None:
    for one in (group.items, people.company.mail_templates):
        one.filter(purpose__in=["way_change", "receipt"]).delete()

    automatic.group(people)

    texts = groups.Texts(groups.default_of(people.company.pk))
    cases = [("way_change", who) for who in ("candidate", "agency", "interviewer")]
    cases += [("receipt", "candidate"), ("receipt", "agency")]
    for purpose, receiver in cases:
        for language in ("ja", "en"):
            choice = texts.choose(purpose=purpose, receiver=receiver, language=language, way="web")
            assert choice.template is not None
