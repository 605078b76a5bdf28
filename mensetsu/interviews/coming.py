"""The interviews to come on an applicant's page: three kept queries (statements.kept) with what the panel shows."""

from datetime import datetime
from typing import Any

from mensetsu.candidates.models import Candidate
from mensetsu.interviews import unheard
from mensetsu.interviews.models import Interview, Interviewer, Notice
from mensetsu.statements import kept

_CANDIDATE, _NOW = kept.number("candidate"), kept.moment("now")
_MEETING = ("issued_at", "failed_at", "canceled_at", "lost_at", "connection__ended_at")
_SHOWN = (
    "candidate_id", "starts_at", "minutes", "way", "service", "place", "canceled_at", "withdrawn_at",
    "stage__name", "stage__name_en", *(f"{one}__{name}" for one in ("meeting", "next_meeting") for name in _MEETING),
)  # fmt: skip


def _upcoming() -> Any:
    return Interview.objects.unended(_NOW).filter(candidate_id=_CANDIDATE)


_INTERVIEWS = kept.Query(
    lambda: (
        _upcoming().only(*_SHOWN).select_related("stage", "meeting__connection", "next_meeting__connection")
    )
)
_PANELS = kept.Query(
    lambda: (
        Interviewer.objects.filter(interview__in=_upcoming().order_by())
        .select_related("user")
        .only("interview_id", "position", "user__family_name", "user__given_name", "user__romaji")
    )
)
_LETTER = ("receiver", "queued_at", "sent_at", "failed_at", "canceled_at", "resent_as_id")
_NOTICES = kept.Query(
    lambda: (
        Notice.objects.filter(interview__in=_upcoming().order_by())
        .select_related("mail")
        .only("interview_id", *(f"mail__{name}" for name in _LETTER))
    )
)


def of(candidate: Candidate, now: datetime) -> list[Interview]:
    """Soonest first, with stage, meeting, interviewers and the state of their letters."""
    values = {"candidate": candidate.pk, "now": now}
    interviews = _INTERVIEWS.instances(**values)
    if not interviews:
        return []
    panels, notices = _PANELS.instances(**values), _NOTICES.instances(**values)
    for one in interviews:
        one._prefetched_objects_cache = {
            "interviewers": unheard.known(Interviewer, [row for row in panels if row.interview_id == one.pk]),
            "notices": unheard.known(Notice, [row for row in notices if row.interview_id == one.pk]),
        }
    return interviews
