"""What a check before the start puts right goes on being tried until it is right, also when few writes are left."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Preflight
from mensetsu.zoom import meetings, reconciling, spending
from mensetsu.zoom.models import Difference, HowSettled, WriteBudget
from tests.interviews import writing
from tests.interviews.nearing import AT, found
from tests.zoom_world import ZoomWorld

pytestmark = pytest.mark.django_db

OPEN_DOOR = {"waiting_room": False}
PATCH = {"method": "PATCH", "path": "/v2/meetings/*"}


def door(zoom: ZoomWorld) -> bool:
    (there,) = zoom.meetings()
    return bool(there["settings"]["waiting_room"])


def patches(zoom: ZoomWorld) -> int:
    return sum(row["method"] == "PATCH" for row in zoom.control("GET", "requests")["log"])


def test_the_last_writes_of_the_day_are_there_for_what_begins_soon(
    zoom: ZoomWorld, coming: Callable[..., Any], look: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spending, "resets_after", lambda now: now + timedelta(hours=5))
    interview = coming(AT["last"])
    WriteBudget.objects.update(spent=92)
    zoom.edit(interview.meeting, settings=OPEN_DOOR)

    assert found(look(), "repaired") == {"doors": "doors_differ"}
    assert (door(zoom), WriteBudget.objects.get().spent) == (True, 93)


def test_what_failed_once_is_put_right_at_the_next_look(
    zoom: ZoomWorld, coming: Callable[..., Any], look: Callable[[], Any]
) -> None:
    interview = coming(AT["last"])
    zoom.edit(interview.meeting, settings=OPEN_DOOR)
    zoom.fault("server_error", match=PATCH, times=20)
    assert found(look()) == {"doors": "doors_differ"}
    assert Difference.objects.get().problem == "away"
    zoom.heal()

    Preflight.objects.update(due_at=timezone.now())
    check = look()

    assert (found(check, "repaired"), door(zoom)) == ({"doors": "doors_differ"}, True)


def test_looking_again_leaves_one_job_however_often_zoom_does_not_answer(
    zoom: ZoomWorld, coming: Callable[..., Any], look: Callable[[], Any]
) -> None:
    interview = coming(AT["last"])
    zoom.edit(interview.meeting, settings=OPEN_DOOR)
    zoom.fault("server_error", match=PATCH, times=20)

    for _minute in range(3):
        look()
        Preflight.objects.update(due_at=timezone.now())

    waiting = DBTaskResult.objects.filter(task_path__endswith="restore_meeting", status="READY")
    assert waiting.count() == 1


def test_what_a_person_wanted_back_is_told_as_that_persons_doing(
    zoom: ZoomWorld, office: Any, coming: Callable[..., Any], look: Callable[[], Any], run_jobs: Any
) -> None:
    interview = coming(AT["last"])
    zoom.edit(interview.meeting, settings=OPEN_DOOR)
    meetings.check(interview.meeting, now=timezone.now())
    zoom.fault("server_error", match=PATCH, times=20)
    reconciling.restore(Difference.objects.get(), by=office.baba, now=timezone.now())
    run_jobs()
    zoom.heal()

    look()

    settled = Difference.objects.get()
    assert (settled.settled, settled.settled_by) == (HowSettled.RESTORED, office.baba)


def test_what_zoom_has_not_taken_is_not_sent_again(
    zoom: ZoomWorld, coming: Callable[..., Any], look: Callable[[], Any]
) -> None:
    interview = coming(AT["last"])
    zoom.edit(interview.meeting, settings=OPEN_DOOR)
    meetings.check(interview.meeting, now=timezone.now())
    Difference.objects.update(problem="not_taken")

    assert found(look()) == {"doors": "doors_differ"}
    assert patches(zoom) == 0


# --- moved away and back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_told", "before"), [(True, "ok"), (False, "failed")])
def test_an_interview_that_comes_back_to_its_time_is_checked_anew(
    zoom: ZoomWorld,
    office: Any,
    coming: Callable[..., Any],
    look: Callable[[], Any],
    run_jobs: Any,
    is_told: bool,
    before: str,
) -> None:
    interview = coming(AT["day"], is_told=is_told)
    starts_at = interview.starts_at
    assert look().state == before
    for moved_to in (starts_at + timedelta(days=5), starts_at):
        scheduling.reschedule(
            writing.again(interview), starts_at=moved_to, minutes=60, by=office.baba, now=timezone.now()
        )
        run_jobs()
        Preflight.objects.exclude(due_at=None).update(due_at=timezone.now())
        look()
    assert not Preflight.objects.exclude(due_at=None).exists()
    # What is wrong now was not wrong then.
    zoom.edit(interview.meeting, settings=OPEN_DOOR)
    Interview.objects.update(changed_at=timezone.now() - timedelta(minutes=3))

    check = look()

    assert (check.starts_at, found(check, "repaired"), door(zoom)) == (
        starts_at,
        {"doors": "doors_differ"},
        True,
    )
    assert ("told" in found(check)) is not is_told
