"""Two ask Zoom about one meeting at the same moment: which answer is younger is not told by who writes it last."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import checking, issuing, meetings
from mensetsu.zoom.models import Connection, Difference, Meeting
from tests.zoom_world import ZoomWorld, issued

pytestmark = pytest.mark.django_db


def overtake(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, happens: Callable[[], Any]) -> None:
    """Zoom has answered and, before the answer is written, once, `happens`."""
    write, waiting = getattr(module, name), [happens]

    def late(*args: Any) -> Any:
        if waiting:
            waiting.pop()()
        return write(*args)

    monkeypatch.setattr(module, name, late)


def test_our_move_does_not_hide_what_was_changed_at_zoom_right_after_it(
    zoom: ZoomWorld, people, host: Connection, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a campaign: an older answer of Zoom, written later, hid the younger one."""
    meeting = issued(people.company, host)
    later = meeting.starts_at + timedelta(hours=2)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())

    def edited() -> None:
        zoom.edit(meeting, duration=25)
        checking.check(Meeting.objects.get(pk=meeting.pk), now=timezone.now())

    overtake(monkeypatch, issuing, "_take", edited)
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.synced_starts_at, meeting.synced_minutes, meeting.problem) == (later, 25, "not_taken")


def test_a_look_that_another_answer_overtook_looks_again(
    zoom: ZoomWorld, people, host: Connection, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = issued(people.company, host)
    later = meeting.starts_at + timedelta(hours=2)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())

    def told_and_edited() -> None:
        run_jobs()
        zoom.edit(meeting, duration=25)

    overtake(monkeypatch, checking, "_absorb", told_and_edited)
    checking.check(Meeting.objects.get(pk=meeting.pk), now=timezone.now())

    meeting.refresh_from_db()
    assert (meeting.synced_starts_at, meeting.synced_minutes) == (later, 25)
    assert Difference.objects.get().kind == "length"
