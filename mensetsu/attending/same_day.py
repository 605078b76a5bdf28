"""What goes wrong on the day: one press on the join page, and everybody who waits for the applicant knows.

A report changes nothing by itself. It stands for the agreed time only: after a move nobody is late any more."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from mensetsu.accounts import models as accounts
from mensetsu.attending import alerts, join_page, recording
from mensetsu.interviews import informing
from mensetsu.interviews.models import DayReport, Interview, JoinLink

Kind = DayReport.Kind
# A joker with the address fills nobody's mailbox; whoever has this much to say should telephone.
MAILS_AT_MOST = 8
_DECISIVE = ["starts_at", "ends_at", "minutes", "canceled_at", "withdrawn_at", "outcome"]
_SEVERITY = {Kind.ON_TIME: 0, Kind.LATE: 1, Kind.NO_CONNECTION: 1000, Kind.ABSENT: 2000}


class NotOpen(Exception):
    """It is not the hour before the interview nor the interview itself, or this cannot be said (any more)."""


class TooOften(Exception):
    """Colleagues have had so many mails about this interview that the next one would not be read."""


def report(link: JoinLink, *, kind: str, minutes: int = 0, now: datetime) -> DayReport:
    """The report, shown to recruiters and interviewers at once; `minutes` after the agreed start, for LATE only.

    They get a mail when it is worse than what they were told, or takes it back. The same again (a second press)
    returns the first and mails nobody. Refusals: NotOpen, TooOften."""
    interview = link.interview
    choice = (Kind(kind), minutes)
    with transaction.atomic():
        # Presses about one interview queue up at its row.
        Interview.objects.filter(pk=interview.pk).update(version=F("version"))
        interview.refresh_from_db(fields=_DECISIVE)
        JoinLink.objects.filter(pk=link.pk).update(opened_at=Coalesce(F("opened_at"), now))
        reports = list(interview.day_reports.filter(starts_at=interview.starts_at))
        latest = reports[-1] if reports else None
        if latest and (latest.kind, latest.minutes) == choice:
            return latest
        if choice not in join_page.day_choices(interview, latest, now=now):
            raise NotOpen
        told = [one for one in reports if one.told_at]
        is_news = _is_news(choice, told[-1] if told else None)
        if is_news and len(told) >= MAILS_AT_MOST:
            raise TooOften
        made = DayReport.objects.create(
            interview=interview,
            kind=choice[0],
            minutes=minutes,
            receiver=link.receiver,
            starts_at=interview.starts_at,
            made_at=now,
            told_at=now if is_news else None,
        )
        _record(link, made, now=now)
        if is_news:
            _tell(link, made)
    return made


def people_of(interview: Interview) -> list[accounts.User]:
    """Who must know at once: recruiters and interviewers, each once."""
    near = [*informing.recruiters_of(interview), *informing.panel(interview)]
    return list({user.pk: user for user in near if user.is_active}.values())


def _is_news(choice: tuple[Kind, int], told: DayReport | None) -> bool:
    """Worth a mail: worse than what was told last, or taking it back. Ten minutes instead of fifteen is not."""
    if told is None:
        return True
    new, old = _severity(*choice), _severity(Kind(told.kind), told.minutes)
    return new > old or (new < old and (choice[0] == Kind.ON_TIME or told.kind != Kind.LATE))


def _severity(kind: Kind, minutes: int) -> int:
    return _SEVERITY[kind] + minutes


def _record(link: JoinLink, made: DayReport, *, now: datetime) -> None:
    name, action = alerts.name_of(link), f"interview.day_{made.kind}"
    recording.record(action, link.interview, by=None, now=now, actor_name=name, late_minutes=made.minutes)


def _tell(link: JoinLink, made: DayReport) -> None:
    interview = link.interview
    for user in people_of(interview):
        informing.notify(
            "day_report",
            user,
            informing.facts(interview, user.language),
            kind=str(made.kind),
            late_minutes=made.minutes,
            expected_at=made.expected_at,
            reported_at=made.made_at,
            from_name=alerts.name_of(link),
        )
