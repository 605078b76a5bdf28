"""Interviewers whose letter still waits when the interview changes again: they hear what is new to them, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from mensetsu.history import wording
from mensetsu.history.models import Entry
from mensetsu.interviews import briefing, dispatching, informing, recalling, scheduling
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.mail.models import Mail
from tests.interviews import automatic, desk, holding
from tests.interviews.automatic import NOW, again

pytestmark = pytest.mark.django_db

AFTERWARDS = NOW + dispatching.UNDO


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


@pytest.fixture
def run_jobs(run_jobs: Any) -> Any:
    """Until what somebody's press has set off can no longer be called back."""
    return lambda: run_jobs(until=AFTERWARDS)


def move(made: Interview, people: Any, **delta: int) -> None:
    row = again(made)
    scheduling.reschedule(
        row, starts_at=row.starts_at + timedelta(**delta), minutes=60, by=people.baba, now=NOW
    )


def cancel(made: Interview, people: Any) -> None:
    scheduling.cancel(again(made), by=people.baba, now=NOW)


def panel(made: Interview, people: Any, *users: Any) -> None:
    scheduling.change_interviewers(again(made), users, by=people.baba, now=NOW)


def arrived(made: Interview, user: Any) -> list[str]:
    """The purposes of the letters that reached this interviewer, in order."""
    mine = Mail.objects.filter(notice__interview=made, interviewer=user, sent_at__isnull=False)
    return list(mine.order_by("id").values_list("purpose", flat=True))


def test_who_was_not_yet_asked_is_asked_for_the_new_time(people, group, run_jobs, mailoutbox) -> None:
    made = automatic.schedule(people)

    move(made, people, days=1)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation"]
    letters = [one for one in mailoutbox if people.doi.email in one.to[0]]
    assert len(letters) == 1
    assert "11/25(水) 14:00" in letters[0].subject


@pytest.mark.parametrize("end", ["canceled", "released"])
def test_who_was_not_yet_asked_hears_nothing_of_the_end(
    people, group, run_jobs, mailoutbox, end: str
) -> None:
    made = automatic.schedule(people)

    if end == "canceled":
        cancel(made, people)
    else:
        panel(made, people, people.endo)
    run_jobs()

    assert arrived(made, people.doi) == []
    assert [one for one in mailoutbox if people.doi.email in one.to[0]] == []


def test_there_and_back_before_it_left_is_silence(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()

    move(made, people, days=1)
    move(made, people, days=-1)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation"]
    assert automatic.outside(made) == [("confirmation", "candidate")]


def test_two_moves_are_one_letter_from_the_time_they_know(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()

    move(made, people, days=1)
    move(made, people, days=1)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation", "change"]
    change = Mail.objects.get(interviewer=people.doi, purpose="change", sent_at__isnull=False)
    assert "変更前　2026年11月24日(火)" in change.body
    assert "変更後　2026年11月26日(木)" in change.body


def test_a_move_that_waits_when_the_way_changes_is_told_with_the_way(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()

    move(made, people, days=1)
    desk.change_way(
        again(made), way=Way.WEB, service=Service.URL, custom_url="https://meet.example.com/a",
        by=people.baba, now=NOW,
    )  # fmt: skip
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation", "change"]
    change = Mail.objects.get(interviewer=people.doi, purpose="change", sent_at__isnull=False)
    assert "WEB面接" in change.body


def test_who_is_released_and_taken_back_at_once_hears_nothing(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()

    panel(made, people, people.endo)
    panel(made, people, people.doi)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation"]
    assert arrived(made, people.endo) == []


def test_who_was_released_and_taken_back_later_is_asked_again(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()
    panel(made, people, people.endo)
    run_jobs()

    panel(made, people, people.doi, people.endo)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation", "other", "confirmation"]


def test_who_was_asked_by_a_letter_that_was_called_back_is_asked_after_a_move(
    people, group, run_jobs
) -> None:
    made = automatic.schedule(people)
    letter = Mail.objects.get(interviewer=people.doi)
    recalling.call_back(letter, by=people.baba, now=NOW)

    move(made, people, days=1)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation"]


def test_our_notice_says_the_time_that_the_interviewer_knows(people, group, run_jobs, mailoutbox) -> None:
    """The group's text has gone meanwhile: the second move is told by our notice, from the time before the first."""
    made = automatic.schedule(people)
    run_jobs()
    move(made, people, days=1)
    automatic.leave_open(group, "change", "interviewer")
    mailoutbox.clear()

    move(made, people, days=1)
    run_jobs()

    (notice,) = [one for one in mailoutbox if people.doi.email in one.to[0]]
    assert "11/24(火) 14:00 → 11/26(木) 14:00" in notice.subject


def test_the_same_event_twice_is_told_once(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()
    row = again(made)

    for _number in range(2):
        briefing.tell_panel(informing.RELEASED, row, [people.doi], by=None, now=NOW)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation", "other"]


def test_a_letter_that_has_begun_to_leave_is_followed_by_the_next(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    Mail.objects.filter(interviewer=people.doi).update(sending_at=NOW)

    move(made, people, days=1)
    run_jobs()

    assert arrived(made, people.doi) == ["change"]


def test_a_colleague_who_has_left_hears_nothing(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()
    people.doi.deactivated_at = NOW
    people.doi.save()

    move(made, people, days=1)
    run_jobs()

    assert arrived(made, people.doi) == ["confirmation"]


def test_who_hears_by_our_notice_stands_in_the_history(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    holding.set_clock(monkeypatch, NOW)
    made = automatic.schedule(people)
    cancel(made, people)

    told = Entry.objects.filter(subject_id=made.pk, action="interview.panel_told").order_by("id")

    assert [wording.sentence(one, when=str) for one in told] == [
        "面接担当者あての通知を作成しました（担当の決定）：土井 大",
        "面接担当者あての通知を作成しました（面接の中止）：土井 大",
    ]
    with translation.override("en"):
        assert wording.sentence(told[0], when=str) == "Wrote to the interviewers (assignment): 土井 大"


def test_a_letter_of_the_group_tells_its_own_history(people, group) -> None:
    made = automatic.schedule(people)

    assert not Entry.objects.filter(subject_id=made.pk, action="interview.panel_told").exists()
