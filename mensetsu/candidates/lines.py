"""The lines of the applicants list: exactly what a row shows, from one read of the rows and one of their interviews."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models
from mensetsu.candidates.models import Candidate, Status

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


@dataclass(frozen=True)
class Line:
    id: int
    name: str
    kana: str
    select: str
    job: str
    source: str
    owner: str
    chip: str
    tone: str
    next_at: datetime | None


@dataclass(frozen=True)
class Choices:
    """What the filters offer, read once; the lines take their names from here instead of joining."""

    jobs: dict[int, str]
    stages: list[tuple[int, str]]
    agencies: dict[int, str]
    owners: dict[int, str]

    @classmethod
    def of(cls, user: accounts.User) -> "Choices":
        language = get_language() or "ja"
        # Plain values, as for the rows: a company has more stages than a page has lines.
        named = models.Job.objects.visible_to(user).order_by("position", "id")
        jobs = {pk: _name(language, *names) for pk, *names in named.values_list("id", "name", "name_en")}
        stages = models.Stage.objects.filter(job_id__in=jobs).order_by(
            "job__position", "job_id", "position", "id"
        )
        agencies = models.Agency.objects.visible_to(user).order_by("name").values_list("id", "name")
        colleagues = accounts.User.objects.visible_to(user).order_by("family_kana", "family_name", "id")
        colleagues = colleagues.only("family_name", "given_name", "romaji", "role")
        owners = {one.pk: one.name_in(language) for one in colleagues if one.is_recruiter}
        return cls(
            jobs=jobs,
            stages=[
                (pk, f"{jobs[job_id]} {_name(language, *names)}")
                for pk, job_id, *names in stages.values_list("id", "job_id", "name", "name_en")
            ],
            agencies=dict(agencies),
            owners=owners,
        )


def _name(language: str, name: str, name_en: str) -> str:
    """As Job.name_in and Stage.name_in say it, without the rows."""
    return name_en if language != "ja" and name_en else name


def of(rows: Iterable[dict[str, Any]], choices: Choices, *, now: datetime) -> list[Line]:
    """A line for each row (a dict of COLUMNS). One query: the interviews to come of those who have any."""
    rows = list(rows)
    upcoming = _upcoming([row["id"] for row in rows if row["next_interview_at"]], now)
    words = {"select": _("Select %(name)s")}
    return [_line(row, upcoming.get(row["id"]), choices, words, now) for row in rows]


def _upcoming(ids: list[int], now: datetime) -> dict[int, Any]:
    """The next interview of each, by the reverse relation; the module above says which are to come."""
    if not ids:
        return {}
    interviews = Candidate._meta.get_field("interviews").related_model.objects.upcoming(now)
    found = interviews.filter(candidate_id__in=ids).only(*_INTERVIEW)
    found = found.select_related("meeting__connection", "next_meeting__connection")
    first: dict[int, Any] = {}
    for interview in found:
        first.setdefault(interview.candidate_id, interview)
    return first


def _line(
    row: dict[str, Any], interview: Any, choices: Choices, words: dict[str, str], now: datetime
) -> Line:
    name = f"{row['family_name']} {row['given_name']}".strip()
    romaji = row["romaji"] if (get_language() or "ja") != "ja" else ""
    chip, tone = _state(row, interview, now)
    return Line(
        id=row["id"],
        name=romaji or name,
        kana=name if romaji else f"{row['family_kana']} {row['given_kana']}".strip(),
        select=words["select"] % {"name": name},
        job=choices.jobs.get(row["job_id"], ""),
        source=choices.agencies.get(row["agency_id"], "") or row["source"],
        owner=choices.owners.get(row["owner_id"], ""),
        chip=chip,
        tone=tone,
        next_at=interview.starts_at if interview else None,
    )


def _state(row: dict[str, Any], interview: Any, now: datetime) -> tuple[str, str]:
    """One word for where this person stands: what is stuck before what goes well."""
    if row["status"] != Status.ACTIVE:
        return str(Status(row["status"]).label), "success" if row["status"] == Status.HIRED else ""
    if interview is not None:
        return _interview_state(interview.url_state)
    if row["awaiting_since"] and row["awaiting_since"] <= now:
        return _("Awaiting the result"), "warning"
    return _("To be scheduled"), "warning"


def _interview_state(url_state: str) -> tuple[str, str]:
    if url_state in ("failed", "lost"):
        return _("Join link failed"), "error"
    if url_state == "needs_host":
        return _("No Zoom host"), "error"
    return _("Interview set"), "info"
