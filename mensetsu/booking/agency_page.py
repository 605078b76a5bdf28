"""What an agency's person sees about the applicants they introduced: nothing but when, how, and what is asked of them.
Reads only; a constant number of queries, however many applicants."""

from dataclasses import dataclass
from datetime import datetime

from mensetsu.booking import proposing
from mensetsu.booking.models import Invitation, Outcome, Proposal
from mensetsu.candidates.models import AgencyContact, Candidate
from mensetsu.interviews.models import Interview

LIMIT = 200


@dataclass(frozen=True)
class Line:
    """One applicant: an invitation that waits (or has run out), the coming interview, what was proposed last."""

    candidate: Candidate
    invitation: Invitation | None
    interview: Interview | None
    proposal: Proposal | None
    now: datetime

    @property
    def may_choose(self) -> bool:
        return self.invitation is not None and self.invitation.state(self.now) in ("waiting", "wishes")

    @property
    def may_propose(self) -> bool:
        return self.invitation is not None or self.interview is not None

    @property
    def is_waiting(self) -> bool:
        """The recruiters have not answered the proposal yet."""
        return self.proposal is not None and self.proposal.settled_at is None

    @property
    def was_declined(self) -> bool:
        return self.proposal is not None and self.proposal.outcome == Outcome.DECLINED and self.may_propose


def look(contact: AgencyContact, *, now: datetime) -> list[Line]:
    """Applicants with something to do or to come; those waiting for an answer first, then by date."""
    people = {
        one.pk: one
        for one in proposing.introduced_by(contact).select_related("job", "stage").order_by("pk")[:LIMIT]
    }
    invitations = _first(
        Invitation.objects.filter(
            candidate__in=people, chosen_at=None, closed_at=None, canceled_at=None, page__closed_at=None
        )
        .with_facts()
        .order_by("-pk")
    )
    interviews = _first(
        Interview.objects.standing()
        .filter(candidate__in=people, outcome="", ends_at__gt=now)
        .select_related("stage")
        .order_by("starts_at")
    )
    proposals = _first(
        Proposal.objects.filter(candidate__in=people, contact=contact).with_facts().order_by("-pk")
    )
    lines = [
        Line(person, _open(invitations.get(pk)), interviews.get(pk), proposals.get(pk), now)
        for pk, person in people.items()
        if pk in invitations or pk in interviews
    ]
    return sorted(lines, key=_order)


def _first(rows: object) -> dict[int, object]:
    found: dict[int, object] = {}
    for row in rows:
        found.setdefault(row.candidate_id, row)
    return found


def _open(invitation: Invitation | None) -> Invitation | None:
    """An invitation to move an interview that does not stand any more asks nothing."""
    if invitation is None or invitation.interview is None:
        return invitation
    return invitation if invitation.interview.is_standing and not invitation.interview.outcome else None


def _order(line: Line) -> tuple:
    if line.invitation is not None:
        return (0, line.invitation.answer_by or line.now, line.candidate.pk)
    return (1, line.interview.starts_at if line.interview else line.now, line.candidate.pk)
