"""The storm ends: everything is started again, nothing fails any more, and time passes until nobody has work left."""

import time
from datetime import timedelta

from django.utils import timezone

from chaos import settings as clock
from chaos import weather, work
from chaos.world import World
from mensetsu.zoom import sweeping

# How long the product may need by its own waits: what is tried again within that time must have succeeded by then.
HORIZON = timedelta(hours=5)
ROUNDS = 60
LONG_STEP = 180  # seconds
SLOWEST = 5.0  # seconds; Zoom takes half of it over a request here (weather.py), a busy machine the rest
CALM = 0.2  # seconds without work after which nobody has any: longer than a worker's look at an empty queue takes


class NeverQuiet(Exception):
    """Jobs go on and on although nothing fails any more."""


def settle(world: World) -> None:
    weather.calm(world)
    world.start_all()
    _let_work_end(world)
    held = work.held_until()
    if held is not None:
        # Zoom's day ends at midnight UTC, up to a day away. What is promised for after it is waited for, in one step.
        leap(world, (held - timezone.now()).total_seconds() + 1)
        _let_work_end(world)
    # The rhythms of five minutes, and what they find: letters that a dead worker had in hand, meetings to compare.
    for _turn in range(3):
        leap(world, 301)
        quiet(world, at_least=2.5 * world.beat)


def _let_work_end(world: World) -> None:
    until = timezone.now() + HORIZON
    for _round in range(ROUNDS):
        quiet(world)
        moment = work.next_moment(until)
        if moment is None:
            break
        # At first to each moment by itself; when many wait for hours of their own, for a few at a time.
        least = 1.0 if _round < ROUNDS / 3 else LONG_STEP
        leap(world, max(least, (moment - timezone.now()).total_seconds() + 1))
    else:
        raise NeverQuiet(f"work left after {ROUNDS} rounds: {work.names()}")


def compare(world: World) -> None:
    """The daily comparison of every linked account with Zoom."""
    sweeping.sweep_all.enqueue()
    quiet(world)


def leap(world: World, seconds: float) -> None:
    # Zoom works on a create in real seconds. Leapt over, it would take Zoom longer than the product waits for any.
    until = time.monotonic() + SLOWEST
    while work.is_create_under_way() and time.monotonic() < until:
        time.sleep(0.05)
    weather.advance(world, seconds, clock.set_ahead, clock.ahead())
    world.set_database_clock(clock.ahead())


def quiet(world: World, at_least: float = 0.0, patience: float = 120) -> None:
    """Until no job is ready or running and no news of Zoom is due. A job of a dead worker is left to its time."""
    began, calm_since = time.monotonic(), None
    stuck: dict[str, float] = {}
    while time.monotonic() - began < patience:
        world.zoom("deliveries/flush", {})
        now = time.monotonic()
        running = work.running()
        stuck = {pk: stuck.get(pk, now) for pk in running}
        is_idle = not work.ready()
        if (
            running
            and is_idle
            and min(now - since for since in stuck.values()) > 3
            and work.is_orphaned(world)
        ):
            leap(world, 31)
            stuck = {}
        calm_since = (calm_since or now) if is_idle and not running else None
        if calm_since is not None and now - calm_since > CALM and now - began >= at_least:
            return
        time.sleep(0.05)
    raise NeverQuiet(f"still at work after {patience} s: {work.names()}")
