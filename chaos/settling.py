"""The storm ends: everything is started again, nothing fails any more, and time passes until nobody has work left."""

import time
from datetime import datetime, timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chaos import settings as clock
from chaos import weather
from chaos.world import World

# How long the product may need by its own waits: what is tried again within that time must have succeeded by then.
HORIZON = timedelta(hours=5)
ROUNDS = 60


class NeverQuiet(Exception):
    """Jobs go on and on although nothing fails any more."""


def settle(world: World) -> None:
    weather.calm(world)
    world.start_all()
    until = timezone.now() + HORIZON
    for _round in range(ROUNDS):
        quiet(world)
        moment = _next_work(until)
        if moment is None:
            break
        leap(world, max(1.0, (moment - timezone.now()).total_seconds() + 1))
    else:
        raise NeverQuiet(f"work left after {ROUNDS} rounds: {_names()}")
    # The rhythms of five minutes, and what they find: letters that a dead worker had in hand, meetings to compare.
    for _turn in range(3):
        leap(world, 301)
        quiet(world, at_least=1.5)


def leap(world: World, seconds: float) -> None:
    weather.advance(world, seconds, clock.set_ahead, clock.ahead())


def quiet(world: World, at_least: float = 0.0, patience: float = 120) -> None:
    """Until no job is ready or running and no news of Zoom is due. A job of a dead worker is left to its time."""
    began, calm_since = time.monotonic(), None
    stuck: dict[str, float] = {}
    while time.monotonic() - began < patience:
        world.zoom("deliveries/flush", {})
        now = time.monotonic()
        running = [str(pk) for pk in DBTaskResult.objects.running().values_list("pk", flat=True)]
        stuck = {pk: stuck.get(pk, now) for pk in running}
        is_idle = not DBTaskResult.objects.ready().exists()
        if running and is_idle and min(now - since for since in stuck.values()) > 3 and _is_orphaned(world):
            leap(world, 31)
            stuck = {}
        calm_since = (calm_since or now) if is_idle and not running else None
        if calm_since is not None and now - calm_since > 0.3 and now - began >= at_least:
            return
        time.sleep(0.1)
    raise NeverQuiet(f"still at work after {patience} s: {_names()}")


def _is_orphaned(world: World) -> bool:
    """Some running job belongs to a worker that is none of the processes alive: it waits for that one's last beat."""
    alive = {str(process.pid) for process in world.processes.values() if process.poll() is None}
    alive |= {pid for parent in list(alive) for pid in _children(parent)}
    owners = [ids[-1] for ids in DBTaskResult.objects.running().values_list("worker_ids", flat=True) if ids]
    return any(owner.rsplit("-", 2)[-2] not in alive for owner in owners)


def _children(pid: str) -> list[str]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return file.read().split()
    except OSError:
        return []


def _next_work(until: datetime) -> datetime | None:
    waiting = DBTaskResult.objects.filter(status="READY", run_after__lte=until).order_by("run_after")
    moment: datetime | None = waiting.values_list("run_after", flat=True).first()
    return moment


def _names() -> list[str]:
    rows = DBTaskResult.objects.exclude(status__in=("SUCCESSFUL", "FAILED")).filter(
        run_after__lte=timezone.now()
    )
    return [f"{row.status} {row.task_path}" for row in rows[:8]]
