"""Zoom's news of a meeting: written down once, and somebody is told who waits."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.attending import my_page, sentences
from mensetsu.history import wording
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview
from mensetsu.web import dates
from mensetsu.zoom import signals
from mensetsu.zoom.models import Meeting
from tests.interviews import holding
from tests.interviews.holding import at, set_clock


def news(interview: Interview, kind: str, moment: datetime, now: datetime | None = None) -> None:
    signals.meeting_news.send(
        sender=Meeting,
        meeting=interview.meeting,
        kind=kind,
        at=moment,
        now=now or moment + timedelta(seconds=2),
    )


def told() -> list[tuple[str, datetime]]:
    return list(Entry.objects.order_by("id").values_list("action", "at"))


def test_start_and_end_stand_in_the_history_at_zooms_own_time(interview: Interview) -> None:
    news(interview, "started", at(14, 1))
    news(interview, "ended", at(14, 58), now=at(15, 20))

    assert told() == [("interview.zoom_started", at(14, 1)), ("interview.zoom_ended", at(14, 58))]
    assert {entry.thread for entry in Entry.objects.all()} == {"candidates.candidate"}


def test_the_same_news_again_is_not_written_again(interview: Interview) -> None:
    for _delivery in range(3):
        news(interview, "started", at(14, 1))
    news(interview, "started", at(14, 30))

    assert told() == [("interview.zoom_started", at(14, 1)), ("interview.zoom_started", at(14, 30))]


def test_who_comes_and_goes_is_nobodys_story(interview: Interview) -> None:
    for kind in ("joined", "left", "admitted", "changed", "due", "something new"):
        news(interview, kind, at(14, 1))

    assert told() == []


def test_news_of_another_meeting_or_a_canceled_interview_is_ignored(
    people: SimpleNamespace, interview: Interview
) -> None:
    orphan = holding.meeting(holding.connection(people.endo))
    signals.meeting_news.send(sender=Meeting, meeting=orphan, kind="started", at=at(14), now=at(14))
    Interview.objects.filter(pk=interview.pk).update(canceled_at=at(9))
    news(interview, "started", at(14))

    assert told() == []


def test_whoever_waits_in_the_waiting_room_is_told_to_the_panel(
    monkeypatch: Any, interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    Meeting.objects.filter(pk=interview.meeting_id).update(waiting_since=at(14, 3))
    news(interview, "waiting", at(14, 3))
    news(interview, "waiting", at(14, 4))
    set_clock(monkeypatch, at(14, 5))
    run_jobs()

    assert [action for action, _at in told()] == ["interview.zoom_waiting", "interview.waiting_told"]
    assert holding.receivers(mailoutbox) == ["doi@sample.example.jp"]
    assert mailoutbox[0].subject == "【待機中】佐藤 美咲 様が待っています（面接は未開始）"


def test_whoever_was_let_in_within_the_minute_is_not_told(
    monkeypatch: Any, interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    news(interview, "waiting", at(14, 3))
    Meeting.objects.filter(pk=interview.meeting_id).update(started_at=at(14, 3), waiting_since=None)
    set_clock(monkeypatch, at(14, 5))
    run_jobs()

    assert mailoutbox == []


def test_every_action_has_a_sentence_and_every_fact_it_names() -> None:
    assert set(sentences.SENTENCES) <= wording.known_actions()
    entry = Entry(
        action="interview.request_handled",
        at=at(14),
        facts={"kind": "withdrawal", "starts_at": at(14).isoformat()},
    )
    assert wording.sentence(entry, dates.short) == "依頼を対応済みにしました：辞退"


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        (at(13, 44), "early"),
        (at(13, 45), "soon"),
        (at(14), "running"),
        (at(15), "late"),
        (at(15, 59), "late"),
        (at(16), "past"),
        (at(0, 1, day=25), "past"),
    ],
)
def test_the_phases_of_a_day(interview: Interview, moment: datetime, phase: str) -> None:
    assert my_page.phase_of(interview, now=moment) == phase
