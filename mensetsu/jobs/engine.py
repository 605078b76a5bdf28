"""The engine behind the port: `embedded` (a table of ours) or `distributed` (Procrastinate), chosen by MENSETSU_JOBS.

Both modules have the same verbs: new_crew, start, lives, forget_finished, load, shown, take_back. Callers outside this
folder go through here, so that nobody else knows which one runs."""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings


@dataclass(frozen=True)
class Load:
    """How much there is to do. `oldest` is for how many seconds the job that waits longest could have run."""

    waiting: int
    scheduled: int
    running: int
    failed: int
    oldest: float


@dataclass(frozen=True)
class TakenBack:
    """A job that will not run: the path under which it was enqueued, and its arguments."""

    path: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """One job in a list for the operator."""

    enqueued_at: datetime
    path: str
    why: str


def chosen() -> Any:
    """The module of the engine that runs here."""
    return import_module(settings.JOBS_ENGINE)
