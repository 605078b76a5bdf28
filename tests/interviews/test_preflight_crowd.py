"""Many checks at once, as after a pause of the workers: the nearest first, and nobody's letter waits for them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.interviews import preflighting, reminding
from mensetsu.interviews.models import Preflight
from mensetsu.jobs import working
from tests.interviews.nearing import AT

pytestmark = pytest.mark.django_db


def looked_at() -> set[int]:
    return set(Preflight.objects.exclude(state="").values_list("interview", flat=True))


def test_a_round_takes_the_nearest_and_the_next_ones_take_the_others(
    coming: Any, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflighting, "AT_ONCE", 2)
    last, first, second = (coming(AT["day"] - timedelta(hours=hours)).pk for hours in (0, 4, 2))

    look()
    assert looked_at() == {first, second}

    look()
    assert looked_at() == {first, second, last}


def test_what_is_due_waits_for_its_turn_too(coming: Any, look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours in range(3):
        coming(AT["day"] - timedelta(hours=2 * hours))
    look()
    Preflight.objects.update(due_at=timezone.now())
    monkeypatch.setattr(preflighting, "AT_ONCE", 2)

    preflighting.look_ahead.call()

    assert Preflight.objects.filter(due_at__gt=timezone.now()).count() == 2


@pytest.mark.parametrize(
    ("distance", "first"), [("day", "send_due"), ("hour", "send_due"), ("last", "check")]
)
def test_only_the_last_look_stands_in_line_with_what_people_wait_for(
    coming: Any, distance: str, first: str
) -> None:
    coming(AT[distance])
    preflighting.look_ahead.call()
    reminding.send_due.enqueue()

    row = working.claim("by-hand", timezone.now())

    assert row is not None
    assert row.task_path.endswith(f".{first}")
