"""What may happen to an applicant here: registered, changed, handed to a colleague, moved to a step, withdrawn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models, searching
from mensetsu.candidates.models import Candidate, ContactRoute, Status
from mensetsu.history import models as history
from mensetsu.history import recording
from mensetsu.statements import compiled

# What a person may type about an applicant; everything else is derived or has its own verb.
FIELDS = (
    "external_id", "family_name", "given_name", "family_kana", "given_kana", "romaji", "email", "phone",
    "phone_e164", "language", "time_zone", "job", "stage", "agency", "agency_contact", "contact_route", "owner",
    "status", "source", "graduation_year", "graduation_month", "applied_on", "note",
)  # fmt: skip


class NumberTaken(Exception):
    """Another applicant of the company has this number."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(candidate.pk)
        self.candidate = candidate


class ChangedMeanwhile(Exception):
    """Somebody else saved the same applicant after the form was opened; nothing was changed. `by` is their name at that
    time, `actor` who they are while their login exists."""

    def __init__(self, by: str, at: datetime, actor: accounts.User | None = None) -> None:
        super().__init__(at)
        self.by, self.at, self.actor = by, at, actor


@dataclass
class Moved:
    """What a change of many did: the former value of each that changed (with a step, the former job too), and those
    left as they were."""

    was: dict[int, int | None] = field(default_factory=dict)
    jobs: dict[int, int | None] = field(default_factory=dict)
    skipped: list[Candidate] = field(default_factory=list)


def register(
    *, organization: accounts.Organization, values: Mapping[str, Any], by: Any, now: datetime
) -> Candidate:
    """A new applicant with `values` (names of FIELDS). Refused with NumberTaken when the number is in use."""
    candidate = prepare(Candidate(organization=organization, created_at=now, updated_at=now), values, now=now)
    try:
        with transaction.atomic():
            candidate.save()
            _record("candidate.registered", candidate, by, now)
    except IntegrityError as problem:
        raise _number_problem(candidate, problem) from problem
    return candidate


def edit(
    candidate: Candidate, values: Mapping[str, Any], *, seen_version: int, by: Any, now: datetime
) -> Candidate:
    """Change what the form showed. Refused with ChangedMeanwhile when it was opened before the last change, with
    NumberTaken when the number is another applicant's. Saving without a difference writes nothing."""
    changed = differences(candidate, values)
    if not changed and candidate.version == seen_version:
        return candidate
    try:
        with transaction.atomic():
            store(candidate, values, changed, seen_version=seen_version, now=now)
            _record("candidate.edited", candidate, by, now, fields=changed)
    except IntegrityError as problem:
        raise _number_problem(candidate, problem) from problem
    return candidate


def store(
    candidate: Candidate, values: Mapping[str, Any], changed: list[str], *, seen_version: int, now: datetime
) -> None:
    """Write what `changed` in one conditional UPDATE, inside the caller's transaction; the caller writes the history.
    Refused with ChangedMeanwhile when the row is no longer the seen one."""
    prepare(candidate, values, now=now)
    names = {*changed, "contact_route", "withdrawn_at", "search_text", "sort_key"}
    columns = {name: getattr(candidate, name) for name in names}
    if "status" in changed or "stage" in changed:
        columns |= _result_is_known(now)
    claimed = Candidate.objects.filter(pk=candidate.pk, version=seen_version).update(
        **columns, version=F("version") + 1, updated_at=now
    )
    if not claimed:
        raise _who_changed(candidate)
    candidate.version, candidate.updated_at = seen_version + 1, now


def prepare(candidate: Candidate, values: Mapping[str, Any], *, now: datetime) -> Candidate:
    """Put `values` into the (unsaved) row, with all that follows from them: route, search text, withdrawal."""
    for name, value in values.items():
        if name not in FIELDS:
            raise TypeError(f"{name} is not typed by people")
        setattr(candidate, name, value)
    is_new = candidate.pk is None
    if not candidate.contact_route or (is_new and "contact_route" not in values):
        candidate.contact_route = ContactRoute.AGENCY if candidate.agency_contact_id else ContactRoute.DIRECT
    if candidate.status == Status.WITHDRAWN:
        candidate.withdrawn_at = candidate.withdrawn_at or now
    else:
        candidate.withdrawn_at = None
    index(candidate)
    return candidate


def index(candidate: Candidate) -> None:
    """Derive what the list searches and sorts by. Every writer of a name, mail or phone comes through here."""
    names = [candidate.family_name, candidate.given_name]
    readings = [candidate.family_kana, candidate.given_kana]
    candidate.search_text = searching.search_text(
        names=names,
        readings=readings,
        romaji=candidate.romaji,
        email=candidate.email,
        phone=candidate.phone_e164 or candidate.phone,
        number=candidate.external_id,
    )
    candidate.sort_key = searching.sort_key(names, readings)


def differences(candidate: Candidate, values: Mapping[str, Any]) -> list[str]:
    """The names of `values` that differ from what is stored."""
    return [name for name in FIELDS if name in values and getattr(candidate, name) != values[name]]


def assign_owner(
    candidates: Iterable[Candidate], owner: accounts.User | None, *, by: Any, now: datetime
) -> Moved:
    """Hand applicants to a colleague (or to nobody). Those who are theirs already stay untouched."""
    moved = Moved()
    with transaction.atomic():
        for candidate in candidates:
            if candidate.owner_id == (owner.pk if owner else None):
                continue
            moved.was[candidate.pk] = candidate.owner_id
            _change(candidate, now, owner=owner)
            _record("candidate.owner_changed", candidate, by, now, owner=str(owner or ""))
    return moved


def move_to_stage(candidates: Iterable[Candidate], stage: models.Stage, *, by: Any, now: datetime) -> Moved:
    """Move applicants to a step of their job. Applicants for another job are skipped, not forced."""
    moved = Moved()
    with transaction.atomic():
        for candidate in candidates:
            if candidate.job_id not in (None, stage.job_id):
                moved.skipped.append(candidate)
            elif candidate.stage_id != stage.pk:
                moved.was[candidate.pk] = candidate.stage_id
                moved.jobs[candidate.pk] = candidate.job_id
                _change(candidate, now, stage=stage, job_id=stage.job_id, **_result_is_known(now))
                _record("candidate.stage_changed", candidate, by, now, stage=stage.name)
    return moved


def put_back(
    candidates: Iterable[Candidate],
    stage: models.Stage | None,
    *,
    job_id: int | None,
    by: Any,
    now: datetime,
) -> int:
    """Give applicants back the step and job that they had before move_to_stage; without `stage` they had none, or it is
    no more. How many."""
    count = 0
    with transaction.atomic():
        for candidate in candidates:
            count += 1
            _change(candidate, now, stage=stage, job_id=job_id, **_result_is_known(now))
            if stage:
                _record("candidate.stage_changed", candidate, by, now, stage=stage.name)
            else:
                _record("candidate.stage_unset", candidate, by, now)
    return count


def withdraw(candidate: Candidate, *, by: Any, now: datetime, actor_name: str = "") -> bool:
    """辞退. False when the applicant had withdrawn before. Interviews are not canceled by this."""
    with transaction.atomic():
        claimed = (
            Candidate.objects.filter(pk=candidate.pk)
            .exclude(status=Status.WITHDRAWN)
            .update(
                status=Status.WITHDRAWN,
                withdrawn_at=now,
                updated_at=now,
                version=F("version") + 1,
                **_result_is_known(now),
            )
        )
        if claimed:
            _record("candidate.withdrawn", candidate, by, now, actor_name=actor_name)
    candidate.refresh_from_db()
    return bool(claimed)


def reinstate(candidate: Candidate, *, by: Any, now: datetime) -> bool:
    """Take the withdrawal back. False when there is none."""
    with transaction.atomic():
        claimed = Candidate.objects.filter(pk=candidate.pk, status=Status.WITHDRAWN).update(
            status=Status.ACTIVE, withdrawn_at=None, updated_at=now, version=F("version") + 1
        )
        if claimed:
            _record("candidate.reinstated", candidate, by, now)
    candidate.refresh_from_db()
    return bool(claimed)


def add_note(candidate: Candidate, text: str, *, by: Any, now: datetime) -> None:
    """A memo in the applicant's story. It is a fact of that moment and is not edited later."""
    _record("candidate.noted", candidate, by, now, text=text)


def note_next_interview(candidate_id: int, at: datetime | None, *, now: datetime) -> None:
    """Remember when the next interview that is not over starts (None: there is none). Call it in the transaction
    in which that changes. From its start on the applicant waits for a result, also when it is left behind."""
    if at is not None:
        _NEXT.run(candidate=candidate_id, at=at, now=now)
    else:
        Candidate.objects.filter(pk=candidate_id).exclude(next_interview_at=None).update(**_next(None, now))


def _next(at: datetime | None, now: datetime) -> dict[str, Any]:
    begun = When(awaiting_since__lte=now, then=F("awaiting_since"))
    return {"next_interview_at": at, "awaiting_since": Case(begun, default=Value(at))}


_NEXT = compiled.Change(
    lambda candidate, at, now: (
        Candidate.objects.filter(pk=candidate).exclude(next_interview_at=at),
        _next(at, now),
    ),
    candidate=compiled.NUMBER, at=compiled.MOMENT, now=compiled.MOMENT,
)  # fmt: skip


def _result_is_known(now: datetime) -> dict[str, Any]:
    to_come = Case(When(next_interview_at__gt=now, then=F("next_interview_at")), default=Value(None))
    return {"awaiting_since": to_come, "next_interview_at": to_come}


def _change(candidate: Candidate, now: datetime, **columns: Any) -> None:
    Candidate.objects.filter(pk=candidate.pk).update(updated_at=now, version=F("version") + 1, **columns)


def _record(action: str, candidate: Candidate, by: Any, now: datetime, **facts: Any) -> None:
    recording.record(
        action, subject=candidate, organization_id=candidate.organization_id, by=by, at=now, **facts
    )


def _number_problem(candidate: Candidate, problem: IntegrityError) -> Exception:
    number = candidate.external_id
    # Without the first condition the index of numbers could not be used.
    numbered = Candidate.objects.filter(
        ~Q(external_id=""), external_id=number, organization_id=candidate.organization_id
    )
    taken = numbered.exclude(pk=candidate.pk).first() if number else None
    return NumberTaken(taken) if taken else problem


def _who_changed(candidate: Candidate) -> ChangedMeanwhile:
    entry = (
        history.Entry.objects.filter(
            organization_id=candidate.organization_id, action__startswith="candidate."
        )
        .exclude(action="candidate.noted")
        .of_thread("candidates.candidate", candidate.pk)
        .select_related("actor")
        .first()
    )
    stored = Candidate.objects.values_list("updated_at", flat=True).get(pk=candidate.pk)
    return (
        ChangedMeanwhile(entry.actor_name, entry.at, entry.actor) if entry else ChangedMeanwhile("", stored)
    )
