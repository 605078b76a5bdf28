"""The lines of the applicants list: exactly what a row shows, from one read of the rows and one of their interviews."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models
from mensetsu.candidates.models import Candidate, Status
from mensetsu.statements import kept
from mensetsu.web import dates

# What a line shows; read as plain values, because building fifty model instances costs more than reading them.
COLUMNS = (
    "id", "family_name", "given_name", "family_kana", "given_kana", "romaji", "job_id", "agency_id", "owner_id",
    "source", "status", "next_interview_at", "awaiting_since",
)  # fmt: skip

# What the state of an interview is made of (interview.url_state), and nothing else of three wide rows.
_MEETING = ("issued_at", "failed_at", "canceled_at", "lost_at", "connection__ended_at")
_INTERVIEW = (
    "candidate_id", "starts_at", "ends_at", "way", "service", "canceled_at", "withdrawn_at",
    *(f"{meeting}__{name}" for meeting in ("meeting", "next_meeting") for name in _MEETING),
)  # fmt: skip


_UPCOMING_AT_ONCE = 50


def _interviews() -> Any:
    """The interviews to come of some applicants, by the reverse relation; the module above says which are to come."""
    interviews = Candidate._meta.get_field("interviews").related_model.objects
    ids = [kept.number(f"candidate_{place}") for place in range(_UPCOMING_AT_ONCE)]
    # candidate__id: the lookup of the foreign key itself takes no places.
    found = interviews.unended(kept.moment("now")).filter(candidate__id__in=ids).only(*_INTERVIEW)
    return found.select_related("meeting__connection", "next_meeting__connection")


_JOBS = kept.Query(
    lambda: (
        models.Job.objects.visible_to(kept.READER)
        .order_by("position", "id")
        .values_list("id", "name", "name_en")
    )
)
_STAGES = kept.Query(
    lambda: (
        models.Stage.objects.filter(job__organization_id=kept.READER.organization_id)
        .order_by("job__position", "job_id", "position", "id")
        .values_list("id", "job_id", "name", "name_en")
    )
)
_AGENCIES = kept.Query(
    lambda: models.Agency.objects.visible_to(kept.READER).order_by("name").values_list("id", "name")
)
_COLLEAGUES = kept.Query(
    lambda: (
        accounts.User.objects.visible_to(kept.READER)
        .order_by("family_kana", "family_name", "id")
        .only("family_name", "given_name", "romaji", "role")
    )
)
_UPCOMING = kept.Query(_interviews)


class Line(NamedTuple):
    """In the order in which the template takes it apart. `at` and `when` are the next interview for machines and for
    the reader; empty when there is none."""

    id: int
    name: str
    kana: str
    select: str
    job: str
    source: str
    owner: str
    chip: str
    tone: str
    at: str
    when: str


@dataclass(frozen=True)
class Choices:
    """What the filters offer, read once; the lines take their names from here instead of joining."""

    jobs: dict[int, str]
    stages: list[tuple[int, str]]
    agencies: dict[int, str]
    owners: dict[int, str]

    @classmethod
    def of(cls, user: accounts.User) -> "Choices":
        language, reader = get_language() or "ja", kept.of(user)
        # Plain values, as for the rows: a company has more stages than a page has lines.
        jobs = {pk: _name(language, *names) for pk, *names in _JOBS.rows(**reader)}
        return cls(
            jobs=jobs,
            stages=[
                (pk, f"{jobs[job_id]} {_name(language, *names)}")
                for pk, job_id, *names in _STAGES.rows(**reader)
            ],
            agencies=dict(_AGENCIES.rows(**reader)),
            owners={
                one.pk: one.name_in(language) for one in _COLLEAGUES.instances(**reader) if one.is_recruiter
            },
        )


def _name(language: str, name: str, name_en: str) -> str:
    """As Job.name_in and Stage.name_in say it, without the rows."""
    return name_en if language != "ja" and name_en else name


class _Reader:
    """What every line says in the reader's language and time zone, looked up once for all of them."""

    def __init__(self) -> None:
        self.language, self.zone = get_language() or "ja", timezone.get_current_timezone()
        self.select = _("Select %(name)s")
        self.statuses = {value: str(label) for value, label in Status.choices}
        self.awaiting, self.to_be_scheduled = _("Awaiting the result"), _("To be scheduled")
        failed = (_("Join link failed"), "error")
        self.url_states = {"failed": failed, "lost": failed, "needs_host": (_("No Zoom host"), "error")}
        self.is_set = (_("Interview set"), "info")


def of(rows: Iterable[dict[str, Any]], choices: Choices, *, now: datetime) -> list[Line]:
    """A line for each row (a dict of COLUMNS). One query: the interviews to come of those who have any."""
    rows, reader = list(rows), _Reader()
    upcoming = _upcoming([row["id"] for row in rows if row["next_interview_at"]], now)
    return [_line(row, upcoming.get(row["id"]), choices, reader, now) for row in rows]


def _upcoming(ids: list[int], now: datetime) -> dict[int, Any]:
    """The next interview of each."""
    first: dict[int, Any] = {}
    for start in range(0, len(ids), _UPCOMING_AT_ONCE):
        some = ids[start : start + _UPCOMING_AT_ONCE]
        # The query has a fixed number of places: what is left of them names the first once more.
        some += some[:1] * (_UPCOMING_AT_ONCE - len(some))
        places = {f"candidate_{place}": pk for place, pk in enumerate(some)}
        for interview in _UPCOMING.instances(now=now, **places):
            first.setdefault(interview.candidate_id, interview)
    return first


def _line(row: dict[str, Any], interview: Any, choices: Choices, reader: _Reader, now: datetime) -> Line:
    name = f"{row['family_name']} {row['given_name']}".strip()
    romaji = row["romaji"] if reader.language != "ja" else ""
    chip, tone = _state(row, interview, reader, now)
    told = {"language": reader.language, "zone": reader.zone, "now": now}
    return Line(
        id=row["id"],
        name=romaji or name,
        kana=name if romaji else f"{row['family_kana']} {row['given_kana']}".strip(),
        select=reader.select % {"name": name},
        job=choices.jobs.get(row["job_id"], ""),
        source=choices.agencies.get(row["agency_id"], "") or row["source"],
        owner=choices.owners.get(row["owner_id"], ""),
        chip=chip,
        tone=tone,
        at=dates.machine(interview.starts_at, zone=reader.zone) if interview else "",
        when=dates.short(interview.starts_at, **told) if interview else "",
    )


def _state(row: dict[str, Any], interview: Any, reader: _Reader, now: datetime) -> tuple[str, str]:
    """One word for where this person stands: what is stuck before what goes well."""
    if row["status"] != Status.ACTIVE:
        return reader.statuses[row["status"]], "success" if row["status"] == Status.HIRED else ""
    if interview is not None:
        return reader.url_states.get(interview.url_state, reader.is_set)
    if row["awaiting_since"] and row["awaiting_since"] <= now:
        return reader.awaiting, "warning"
    return reader.to_be_scheduled, "warning"
