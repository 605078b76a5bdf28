"""The company's openings and their selection steps (職種・選考ステップ): added, renamed, put in order, closed."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Model, QuerySet

from mensetsu.accounts import models as accounts
from mensetsu.candidates.models import Candidate, Job, Stage
from mensetsu.history import recording


class NameTaken(Exception):
    """There is one of that name already: in the company (job) or in the job (step)."""


class StageInUse(Exception):
    """Applicants stand at this step; `count` of them."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def add_job(
    *, organization: accounts.Organization, name: str, name_en: str = "", by: Any, now: datetime
) -> Job:
    """A new opening, last in order. Refused with NameTaken."""
    position = _last(Job.objects.filter(organization=organization))
    job = Job(organization=organization, name=name, name_en=name_en, position=position)
    with transaction.atomic():
        _save(job)
        _record("job.added", job, by, now, name=name)
    return job


def rename_job(job: Job, *, name: str, name_en: str, by: Any, now: datetime) -> None:
    job.name, job.name_en = name, name_en
    with transaction.atomic():
        _save(job)
        _record("job.renamed", job, by, now, name=name)


def close_job(job: Job, *, by: Any, now: datetime) -> None:
    """No longer offered for new applicants; present ones keep it."""
    with transaction.atomic():
        if Job.objects.filter(pk=job.pk, closed_at=None).update(closed_at=now):
            _record("job.closed", job, by, now, name=job.name)


def reopen_job(job: Job, *, by: Any, now: datetime) -> None:
    with transaction.atomic():
        if Job.objects.filter(pk=job.pk, closed_at__isnull=False).update(closed_at=None):
            _record("job.reopened", job, by, now, name=job.name)


def add_stage(job: Job, *, name: str, name_en: str = "", by: Any, now: datetime) -> Stage:
    """A new step, last in order. Refused with NameTaken."""
    stage = Stage(job=job, name=name, name_en=name_en, position=_last(job.stages.all()))
    with transaction.atomic():
        _save(stage)
        _record("job.stage_added", job, by, now, name=name)
    return stage


def rename_stage(stage: Stage, *, name: str, name_en: str, by: Any, now: datetime) -> None:
    stage.name, stage.name_en = name, name_en
    with transaction.atomic():
        _save(stage)
        _record("job.stage_renamed", stage.job, by, now, name=name)


def remove_stage(stage: Stage, *, by: Any, now: datetime) -> None:
    """Refused with StageInUse while applicants stand at it, because they would silently lose their step."""
    count = Candidate.objects.filter(stage=stage).count()
    if count:
        raise StageInUse(count)
    with transaction.atomic():
        _record("job.stage_removed", stage.job, by, now, name=stage.name)
        stage.delete()


def move(item: Job | Stage, *, up: bool) -> None:
    """One place up or down among its neighbors; at the end it stays where it is."""
    siblings = (
        Job.objects.filter(organization_id=item.organization_id)
        if isinstance(item, Job)
        else Stage.objects.filter(job_id=item.job_id)
    )
    order = list(siblings.order_by("position", "id"))
    place = order.index(item)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    with transaction.atomic():
        for position, row in enumerate(order):
            type(row).objects.filter(pk=row.pk).exclude(position=position).update(position=position)


def _last(rows: QuerySet[Any]) -> int:
    highest = rows.aggregate(highest=Max("position"))["highest"]
    return 0 if highest is None else highest + 1


def _save(row: Model) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as problem:
        raise NameTaken(str(row)) from problem


def _record(action: str, job: Job, by: Any, now: datetime, **facts: Any) -> None:
    recording.record(action, subject=job, organization_id=job.organization_id, by=by, at=now, **facts)
