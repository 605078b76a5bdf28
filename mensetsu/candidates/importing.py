"""A file of applicants on its way in: uploaded, its columns corrected, tried out, taken over in one transaction."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from mensetsu.candidates import columns as headings
from mensetsu.candidates import csv_files, registering, rows, trial
from mensetsu.candidates.models import Candidate, Import
from mensetsu.history import models as history
from mensetsu.history import recording
from mensetsu.jobs import engine, port

# From so many rows up the work is a job with a progress bar; below, the press of the button does it.
MANY_ROWS = 500
_STEP = 250
_ATTEMPTS = 3
# A press takes seconds. What has begun longer ago and is nobody's work was broken off.
_BROKEN_OFF_AFTER = timedelta(minutes=5)


class NothingToTake(Exception):
    """No row would be new or changed."""


class AlreadyTaken(Exception):
    """The file was taken over before, or is being taken over now."""


class _Stale(Exception):
    """Somebody changed or registered one of these people between the reading and the writing."""


def upload(*, data: bytes, file_name: str, by: Any, now: datetime) -> Import:
    """Read a file, guess its columns and try it out. Refused with csv_files.Unreadable; nothing else is kept then."""
    table = csv_files.read(data)
    file = Import(
        organization=by.organization,
        uploaded_by=by,
        uploaded_at=now,
        file_name=file_name[-200:],
        encoding=table.encoding,
        headings=table.headings,
        rows=[[number, cells] for number, cells in table.rows],
        columns={str(place): name for place, name in headings.match(table.headings).items()},
    )
    file.trial = _tried(file)
    file.save()
    return file


def arrange(file: Import, *, columns: Mapping[int, str], adds_missing: bool) -> None:
    """Take the user's correction of the columns and try the file out again. AlreadyTaken once it has begun."""
    file.columns = {str(place): name for place, name in sorted(columns.items())}
    file.adds_missing = adds_missing
    file.trial = _tried(file)
    unbegun = Import.objects.filter(pk=file.pk, started_at=None)
    if not unbegun.update(columns=file.columns, adds_missing=adds_missing, trial=file.trial):
        raise AlreadyTaken(file.pk)


def take(file: Import, *, by: Any, now: datetime) -> None:
    """Begin to take the file over: at once when it is small, else by a job. AlreadyTaken, NothingToTake. Whatever else
    goes wrong leaves the file to be taken again."""
    if file.started_at is not None:
        raise AlreadyTaken(file.pk)
    counts = file.trial["counts"]
    if not counts[trial.NEW] + counts[trial.CHANGED]:
        raise NothingToTake(file.pk)
    with transaction.atomic():
        if not Import.objects.filter(pk=file.pk, started_at=None).update(started_at=now, result={}):
            raise AlreadyTaken(file.pk)
        if len(file.rows) >= MANY_ROWS:
            run_import.enqueue(import_id=file.pk, by_id=by.pk)
    if len(file.rows) < MANY_ROWS:
        try:
            _run(file, by=by, now=now)
        except Exception:
            _give_back([file.pk])
            raise


@port.job(max_attempts=3)
def run_import(*, import_id: int, by_id: int) -> None:
    """Take over a large file. Running again after success does nothing: finished_at is set with the rows."""
    file = Import.objects.select_related("organization", "uploaded_by").filter(pk=import_id).first()
    if file is None or file.started_at is None or file.finished_at or file.failed_at:
        return
    by = type(file.uploaded_by).objects.get(pk=by_id)
    _run(file, by=by, now=timezone.now(), progress=lambda done: _note_progress(file, done))


@port.job(max_attempts=2)
def give_lost_files_back() -> None:
    """The clock's call of give_back_lost."""
    give_back_lost(now=timezone.now())


def give_back_lost(*, now: datetime) -> int:
    """Files whose taking was broken off (the process died, the job failed for good) can be taken again: nothing of them
    is saved, nor will be. How many."""
    begun = Import.objects.filter(
        started_at__lt=now - _BROKEN_OFF_AFTER, finished_at=None, failed_at=None
    ).values_list("pk", flat=True)
    lives = engine.chosen().lives
    return _give_back([pk for pk in begun if not lives(run_import, import_id=pk)])


def _give_back(keys: list[int]) -> int:
    begun = Import.objects.filter(pk__in=keys, started_at__isnull=False, finished_at=None, failed_at=None)
    return begun.update(started_at=None, progress=0, result={"broken_off": True})


@port.job(max_attempts=2)
def forget_files() -> None:
    """The clock's daily call of forget_old."""
    forget_old(now=timezone.now())


def forget_old(*, now: datetime) -> int:
    """Files hold personal data: those not taken over within a day are deleted with their rows, and after 30 days
    the record of the others too. The number of deleted ones."""
    waiting = Import.objects.filter(started_at=None, uploaded_at__lt=now - timedelta(days=1))
    old = Import.objects.filter(uploaded_at__lt=now - timedelta(days=30))
    return waiting.delete()[0] + old.delete()[0]


def try_out(
    file: Import, progress: Callable[[int], None] = lambda done: None
) -> tuple[trial.Trial, list[trial.Line]]:
    """What the file would do now."""
    attempt = trial.Trial(file.organization, adds_missing=file.adds_missing)
    known = rows.Columns({int(place): name for place, name in file.columns.items()}, len(file.headings))
    today = file.uploaded_at.astimezone(file.organization.zone).date()
    table = ((number, cells) for number, cells in file.rows)
    return attempt, attempt.run(table, known, today=today, progress=progress)


def _tried(file: Import) -> dict[str, Any]:
    attempt, lines = try_out(file)
    missing = attempt.missing
    return {
        "counts": _counts(lines),
        "adds": [one.name for one in (*missing.jobs.values(), *missing.stages.values(), *missing.agencies.values())],
        "lines": [
            {
                "number": line.number,
                "outcome": line.outcome,
                "name": line.name,
                "id": line.candidate.pk if line.candidate else None,
                "changes": line.changes,
                "problems": line.problems,
                "notes": line.notes,
            }
            for line in lines
        ],
    }  # fmt: skip


def _counts(lines: list[trial.Line]) -> dict[str, int]:
    counted = Counter(line.outcome for line in lines)
    return {outcome: counted[outcome] for outcome in trial.OUTCOMES}


def _note_progress(file: Import, done: int) -> None:
    Import.objects.filter(pk=file.pk).update(progress=done)


def _run(
    file: Import, *, by: Any, now: datetime, progress: Callable[[int], None] = lambda done: None
) -> None:
    """Reading, matching and preparing outside the transaction (where progress can be seen, and where nobody waits
    for the database's one writer), all writing inside one."""
    for _attempt in range(_ATTEMPTS):
        attempt, lines = try_out(file, progress)
        people = _new_people(file, lines, now)
        try:
            with transaction.atomic():
                _write(file, attempt, lines, people, by, now)
            return
        except (_Stale, IntegrityError):
            continue
    Import.objects.filter(pk=file.pk).update(failed_at=now)


def _new_people(file: Import, lines: list[trial.Line], now: datetime) -> list[Candidate]:
    """Everybody whom the file would add, not stored yet."""
    return [
        registering.prepare(
            Candidate(organization=file.organization, created_at=now, updated_at=now), line.values, now=now
        )
        for line in lines
        if line.outcome == trial.NEW
    ]


def _write(
    file: Import,
    attempt: trial.Trial,
    lines: list[trial.Line],
    people: list[Candidate],
    by: Any,
    now: datetime,
) -> None:
    refused = [
        {"number": line.number, "name": line.name, "problems": line.problems}
        for line in lines
        if line.outcome == trial.REFUSED
    ]
    result = {"counts": _counts(lines), "refused": refused}
    # Not if it was given back meanwhile: then its reader has been told that nothing was saved.
    begun = Import.objects.filter(pk=file.pk, started_at__isnull=False, finished_at=None, failed_at=None)
    claimed = begun.update(finished_at=now, result=result, rows=[], trial={})
    if not claimed:
        return
    for row in (*attempt.missing.jobs.values(), *attempt.missing.stages.values()):
        row.save()
    for row in attempt.missing.agencies.values():
        row.save()
    if not attempt.still_new([line for line in lines if line.outcome == trial.NEW]):
        raise _Stale
    made = Candidate.objects.bulk_create(people, batch_size=_STEP)
    _tell("candidate.imported", made, [{"file": file.file_name}] * len(made), by, now)
    _write_changed([line for line in lines if line.outcome == trial.CHANGED], by, now)


def _write_changed(lines: list[trial.Line], by: Any, now: datetime) -> None:
    people, facts = [], []
    for line in lines:
        candidate, changed = line.candidate, [name for name, _old, _new in line.changes]
        try:
            registering.store(candidate, line.values, changed, seen_version=candidate.version, now=now)
        except registering.ChangedMeanwhile as problem:
            raise _Stale from problem
        people.append(candidate)
        facts.append({"fields": changed})
    _tell("candidate.edited", people, facts, by, now)


def _tell(action: str, people: list[Candidate], facts: list[dict[str, Any]], by: Any, now: datetime) -> None:
    entries = [
        recording.entry(action, subject=one, organization_id=one.organization_id, by=by, at=now, **told)
        for one, told in zip(people, facts, strict=True)
    ]
    history.Entry.objects.bulk_create(entries, batch_size=_STEP)
