"""What should happen by itself does: every job that needs no argument has its place in config/clock.py."""

import importlib
import pkgutil

from django_tasks.base import Task

import mensetsu
from config import clock


def jobs_without_arguments() -> dict[str, Task]:
    found = {}
    for module in pkgutil.walk_packages(mensetsu.__path__, "mensetsu."):
        if ".management" in module.name or ".migrations" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Task) and value.func.__module__ == module.name and _needs_nothing(value):
                found[f"{module.name}.{name}"] = value
    return found


def _needs_nothing(task: Task) -> bool:
    verb = next(
        c.cell_contents
        for c in task.func.__closure__ or ()
        if getattr(c.cell_contents, "__name__", "") == task.func.__name__
    )
    return not verb.__code__.co_kwonlyargcount


def test_every_job_that_needs_no_argument_has_a_rhythm() -> None:
    struck = {rhythm.job.module_path for rhythm in clock.RHYTHMS}
    jobs = jobs_without_arguments()

    assert len(jobs) > 5
    assert [name for name, job in jobs.items() if job.module_path not in struck] == []


def test_no_rhythm_has_the_name_of_another() -> None:
    names = [rhythm.name for rhythm in clock.RHYTHMS]

    assert len(names) == len(set(names))
