"""What a file would do, row by row, before anything is done: new, changed, same or refused with the reason.

A person is recognised by the applicant number together with name or mail, or without a number by mail (or phone)
and name. A number alone is never enough: a wrong number in a file must not overwrite somebody else. Nor is a number
with an address that several people have, or with one under which nothing of the name is left."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from mensetsu.accounts import models as accounts
from mensetsu.candidates import registering, rows, searching
from mensetsu.candidates.models import Agency, AgencyContact, Candidate, Job, Stage
from mensetsu.candidates.rows import Row

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
OUTCOMES = (NEW, CHANGED, SAME, REFUSED)
_CHUNK = 500


@dataclass
class Line:
    """What would happen to one row. `values` are ready to be stored; `changes` are the fields that differ."""

    number: int
    outcome: str
    name: str
    row: Row
    candidate: Candidate | None = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Missing:
    """Things named in the file that do not exist yet, unsaved, in the order of their first row."""

    jobs: dict[str, Job] = field(default_factory=dict)
    stages: dict[tuple[str, str], Stage] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)


class Trial:
    """One pass over the rows of a file against what is stored now. Reads only."""

    def __init__(self, organization: accounts.Organization, *, adds_missing: bool) -> None:
        self.organization = organization
        self.missing = Missing()
        self._adds = adds_missing
        self._known = _Known(organization)
        self._people = _People(organization)
        self._seen: dict[tuple[Any, ...], int] = {}

    def run(
        self,
        table: Iterable[tuple[int, list[str]]],
        columns: rows.Columns,
        *,
        today: date,
        progress: Callable[[int], None] = lambda done: None,
    ) -> list[Line]:
        """A line for every row, in the file's order. `progress` hears how many rows are done, now and then."""
        understood = [rows.understand(number, cells, columns, today=today) for number, cells in table]
        self._people.note_addresses(understood)
        lines: list[Line] = []
        for chunk in _chunks(understood):
            self._people.load(chunk)
            lines += [self._line(row) for row in chunk]
            progress(len(lines))
        return lines

    def still_new(self, lines: list[Line]) -> bool:
        """Whether nobody has registered one of the new people since `run`."""
        try:
            for chunk in _chunks([line.row for line in lines]):
                self._people.load(chunk)
                if any(self._people.find(row) is not None for row in chunk):
                    return False
        except rows.Problem:
            return False
        return True

    def _line(self, row: Row) -> Line:
        line = Line(row.number, REFUSED, row.full_name, row, problems=row.problems, notes=row.notes)
        if not row.problems:
            try:
                line.candidate = self._people.find(row)
                self._once(row, line.candidate)
                self._resolve(row, line.candidate)
                self._decide(row, line)
            except rows.Problem as problem:
                line.problems = [problem.told]
        return line

    def _decide(self, row: Row, line: Line) -> None:
        if line.candidate is None:
            line.outcome, line.values = NEW, row.values
            if holder := self._people.holder(row):
                row.notes.append(
                    {"code": "shared_mail", "text": row.values["email"], "name": holder.full_name}
                )
            return
        if not row.has_split_name and row.name_key == _name_key(line.candidate):
            # 佐藤美咲 written together says nothing about where the family name ends.
            for name in ("family_name", "given_name"):
                row.values.pop(name)
        if row.values.get("phone_e164") == line.candidate.phone_e164:
            row.values.pop("phone", None)  # another notation of the same number
        changed = registering.differences(line.candidate, row.values)
        line.outcome, line.values = (CHANGED if changed else SAME), row.values
        line.changes = [
            (name, _plain(getattr(line.candidate, name)), _plain(row.values[name])) for name in changed
        ]

    def _once(self, row: Row, candidate: Candidate | None) -> None:
        """The same person twice in one file: the first row counts, the second is told to be the same."""
        keys: list[tuple[Any, ...]] = [("id", candidate.pk)] if candidate else []
        if row.values.get("external_id"):
            keys.append(("number", row.values["external_id"]))
        keys += [
            (name, row.values[name].lower(), row.name_key)
            for name in ("email", "phone_e164")
            if row.values.get(name)
        ]
        first = next((self._seen[key] for key in keys if key in self._seen), None)
        if first is not None:
            raise rows.Problem("repeated", line=first)
        self._seen.update(dict.fromkeys(keys, row.number))

    def _resolve(self, row: Row, candidate: Candidate | None) -> None:
        """Names of jobs, steps, agencies and colleagues become those rows."""
        named = row.named
        job = candidate.job if candidate else None
        if "job" in named:
            job = row.values["job"] = self._job(named["job"])
            if "stage" not in named and candidate and candidate.stage and candidate.stage.job_id != job.pk:
                row.values["stage"] = None
        if "stage" in named:
            if job is None:
                raise rows.Problem("stage_without_job", text=named["stage"])
            row.values["stage"] = self._stage(job, named["stage"])
        if "agency" in named:
            agency = row.values["agency"] = self._agency(named["agency"])
            contact = candidate.agency_contact if candidate else None
            if contact and contact.agency_id != agency.pk:
                row.values["agency_contact"] = None
        if "owner" in named:
            row.values["owner"] = self._known.owner(
                named["owner"], present=candidate.owner if candidate else None
            )

    def _job(self, name: str) -> Job:
        key = searching.key(name)
        job = self._known.jobs.get(key) or self.missing.jobs.get(key)
        if job is None and self._adds:
            job = self.missing.jobs[key] = Job(
                organization=self.organization,
                name=name,
                position=self._known.next_job + len(self.missing.jobs),
            )
        if job is None:
            raise rows.Problem("unknown_job", text=name)
        return job

    def _stage(self, job: Job, name: str) -> Stage:
        key = (searching.key(job.name), searching.key(name))
        stage = self._known.stages.get(key) or self.missing.stages.get(key)
        if stage is None and self._adds:
            place = sum(1 for (of, _name) in (*self._known.stages, *self.missing.stages) if of == key[0])
            stage = self.missing.stages[key] = Stage(job=job, name=name, position=place)
        if stage is None:
            raise rows.Problem("unknown_stage", text=name, job=job.name)
        return stage

    def _agency(self, name: str) -> Agency:
        key = searching.key(name)
        agency = self._known.agencies.get(key) or self.missing.agencies.get(key)
        if agency is None and self._adds:
            agency = self.missing.agencies[key] = Agency(organization=self.organization, name=name)
        if agency is None:
            raise rows.Problem("unknown_agency", text=name)
        return agency


class _Known:
    """The company's jobs, steps, agencies and colleagues by the names a file may use."""

    def __init__(self, organization: accounts.Organization) -> None:
        jobs = list(Job.objects.filter(organization=organization))
        self.next_job = max((job.position for job in jobs), default=-1) + 1
        self.jobs = {searching.key(n): job for job in reversed(jobs) for n in (job.name_en, job.name) if n}
        self.stages = {
            (searching.key(stage.job.name), searching.key(n)): stage
            for stage in Stage.objects.filter(job__organization=organization).select_related("job")
            for n in (stage.name_en, stage.name)
            if n
        }
        self.agencies = {searching.key(a.name): a for a in Agency.objects.filter(organization=organization)}
        self._owners: dict[str, set[accounts.User]] = defaultdict(set)
        for user in accounts.User.objects.filter(organization=organization).working():
            for key in rows.colleague_keys(user):
                self._owners[key].add(user)

    def owner(self, text: str, *, present: accounts.User | None) -> accounts.User:
        """The colleague whom the text names. Their `present` owner may be one who has left or has a namesake: a file
        that we wrote ourselves changes nothing."""
        if present and {text.lower(), searching.key(text)} & set(rows.colleague_keys(present)):
            return present
        found = self._owners.get(text.lower()) or self._owners.get(searching.key(text)) or set()
        if len(found) != 1:
            raise rows.Problem("several_owners" if found else "unknown_owner", text=text)
        return next(iter(found))


class _People:
    """The stored applicants whom the rows of a file might be."""

    def __init__(self, organization: accounts.Organization) -> None:
        self._stored = Candidate.objects.filter(organization=organization).select_related(
            "job", "stage", "agency", "agency_contact", "owner"
        )
        self._by_number: dict[str, Candidate] = {}
        self._by_email: dict[str, list[Candidate]] = {}
        self._by_phone: dict[str, list[Candidate]] = {}
        # By mail address, under which names the file has it.
        self._named_in_file: dict[str, set[str]] = defaultdict(set)
        contacts = AgencyContact.objects.filter(agency__organization=organization)
        self._of_agencies = {email.lower() for email in contacts.values_list("email", flat=True)}

    def note_addresses(self, understood: list[Row]) -> None:
        """Take note which addresses stand for several people, before anybody is looked for."""
        for row in understood:
            if email := _email(row):
                self._named_in_file[email].add(row.name_key)

    def load(self, chunk: list[Row]) -> None:
        values = [row.values for row in chunk]
        numbers = {v["external_id"] for v in values if v.get("external_id")}
        emails = {email for row in chunk if (email := _email(row))}
        phones = {v["phone_e164"] for v in values if v.get("phone_e164")}
        self._by_number, self._by_email, self._by_phone = {}, defaultdict(list), defaultdict(list)
        # Three indexes, three reads: one OR over all of them would use none.
        # (The index knows no applicants without a number, and wants to hear that none are asked for.)
        for one in self._stored.filter(~Q(external_id=""), external_id__in=numbers):
            self._by_number[one.external_id] = one
        for one in self._stored.alias(small=Lower("email")).filter(small__in=emails):
            self._by_email[one.email.lower()].append(one)
        for one in self._stored.filter(phone_e164__in=phones):
            self._by_phone[one.phone_e164].append(one)

    def find(self, row: Row) -> Candidate | None:
        """The person, or None when they are new. Problem when the row points at somebody else or at several."""
        number = row.values.get("external_id", "")
        numbered = self._by_number.get(number) if number else None
        if numbered is not None:
            if not self._agrees(row, numbered):
                raise rows.Problem("number_of_other", number=number, name=numbered.full_name)
            self._check_mail(row, numbered)
            return numbered
        found = self._by_contact(row)
        if found is not None and number and found.external_id:
            raise rows.Problem("other_number", name=found.full_name, number=found.external_id)
        return found

    def _agrees(self, row: Row, stored: Candidate) -> bool:
        """Whether the row speaks of the person who has its number: the name says so, or an address that is theirs
        alone, under which people change one of their names, but hardly both."""
        if row.name_key == _name_key(stored):
            return True
        email = _email(row)
        if not email or email != stored.email.lower() or self._is_shared(email):
            return False
        return len(self._by_email[email]) == 1 and _keeps_a_name(row, stored)

    def _is_shared(self, email: str) -> bool:
        """Several people have the address, so that it does not say who is meant: an agency's, a family's."""
        stored = {_name_key(one) for one in self._by_email[email]}
        return email in self._of_agencies or len(self._named_in_file[email]) > 1 or len(stored) > 1

    def _check_mail(self, row: Row, stored: Candidate) -> None:
        """A known person may get a new address, but not one that belongs to somebody else."""
        holders = self._by_email.get(_email(row), [])
        if holders and stored not in holders and row.name_key not in map(_name_key, holders):
            self._refuse_unless_shared(row, holders)

    def _refuse_unless_shared(self, row: Row, holders: list[Candidate]) -> None:
        if not self._is_shared(_email(row)):
            raise rows.Problem("mail_of_other", text=row.values["email"], name=holders[0].full_name)

    def holder(self, row: Row) -> Candidate | None:
        """One of those who have the row's address, if there are any."""
        return next(iter(self._by_email.get(_email(row), [])), None)

    def _by_contact(self, row: Row) -> Candidate | None:
        email = _email(row)
        holders = self._by_email.get(email, []) if email else []
        found = [one for one in holders if _name_key(one) == row.name_key]
        if holders and not found:
            self._refuse_unless_shared(row, holders)
        if not found and not email:
            callers = self._by_phone.get(row.values.get("phone_e164", ""), [])
            found = [one for one in callers if _name_key(one) == row.name_key]
        if len(found) > 1:
            raise rows.Problem("several_people", name=found[0].full_name)
        return found[0] if found else None


def _chunks(items: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _email(row: Row) -> str:
    return str(row.values.get("email", "")).lower()


def _name_key(candidate: Candidate) -> str:
    return searching.key(candidate.full_name)


def _keeps_a_name(row: Row, stored: Candidate) -> bool:
    family, given = searching.key(stored.family_name), searching.key(stored.given_name)
    if row.has_split_name:
        return searching.key(row.values["family_name"]) == family or (
            bool(given) and searching.key(row.values["given_name"]) == given
        )
    return row.name_key.startswith(family) or (bool(given) and row.name_key.endswith(given))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
