"""The applicant's other interviews, as whoever sets one more sees them: one query knows what overlaps, what comes next,
and what the same form has made before."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mensetsu.interviews.models import Interview
from mensetsu.statements import compiled


class ApplicantBusy(Exception):
    """The applicant has another interview at that time."""

    def __init__(self, interview: Interview) -> None:
        super().__init__(f"interview {interview.pk}")
        self.interview = interview


@dataclass(frozen=True)
class Beside:
    """The applicant's other interviews, as one who sets another sees them."""

    # (interview, applicant, start, end, is it off, form key)
    rows: Sequence[tuple[Any, ...]]
    candidate_id: int
    form_key: uuid.UUID | None

    def made(self) -> Interview | None:
        """What the same form has made before, for this applicant."""
        for pk, candidate_id, *_rest, form_key in self.rows:
            if form_key is not None and form_key == self.form_key and candidate_id == self.candidate_id:
                return Interview.objects.get(pk=pk)
        return None

    @property
    def is_key_used(self) -> bool:
        """By this form or another one."""
        return self.form_key is not None and any(row[-1] == self.form_key for row in self.rows)

    def next(self, starts_at: datetime, minutes: int, *, now: datetime) -> datetime:
        """When the applicant's next interview is, once there is one more at that time in the future. Refuses as
        `refuse_overlap`: what overlaps the future is not over, so one query knows both."""
        ends_at = starts_at + timedelta(minutes=minutes)
        soonest = starts_at
        for pk, candidate_id, start, end, is_off, _key in self.rows:
            if candidate_id != self.candidate_id or is_off or end <= now:
                continue
            if start < ends_at and end > starts_at:
                raise ApplicantBusy(Interview.objects.get(pk=pk))
            soonest = min(soonest, start)
        return soonest


def of(candidate_id: int, form_key: uuid.UUID | None) -> Beside:
    """The applicant's interviews, and whichever has that key; one query. After `take_turn` they stay as they are."""
    if form_key is None:
        found = _OF_APPLICANT.rows(candidate=candidate_id)
    else:
        found = _OF_APPLICANT_OR_FORM.rows(candidate=candidate_id, form_key=form_key)
    rows = [(*row, bool(canceled or withdrawn), key) for *row, canceled, withdrawn, key in found]
    return Beside(rows, candidate_id, form_key)


_BESIDE = "pk", "candidate_id", "starts_at", "ends_at", "canceled_at", "withdrawn_at", "form_key"
_OF_APPLICANT = compiled.Read(
    lambda candidate: (
        Interview.objects.filter(candidate_id=candidate).order_by("starts_at", "id").values_list(*_BESIDE)
    ),
    candidate=compiled.NUMBER,
)
# Two looks by an index each; an OR over both would be left to the planner.
_OF_APPLICANT_OR_FORM = compiled.Read(
    lambda candidate, form_key: (
        Interview.objects.filter(candidate_id=candidate)
        .values_list(*_BESIDE)
        .union(Interview.objects.filter(form_key=form_key).values_list(*_BESIDE))
        .order_by("starts_at", "pk")
    ),
    candidate=compiled.NUMBER, form_key=compiled.KEY,
)  # fmt: skip
