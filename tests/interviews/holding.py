"""Arrangements for tests about holding interviews: an interview whose Zoom meeting exists, and a clock."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.accounts.models import Organization, User
from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, Interviewer, Notice, Service, Way
from mensetsu.mail.models import Mail, Purpose, Receiver
from mensetsu.zoom.models import Connection, Meeting
from tests import story

STARTS = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # Tuesday, 14:00 in Japan
BEFORE = STARTS - timedelta(days=7)
JOIN_URL = "https://us06web.zoom.us/j/88412345678?pwd=fHWdk3.1"
PASSCODE = "Ab3kX9"


def at(hour: int, minute: int = 0, *, day: int = 24) -> datetime:
    """A moment of November 2026 in Japan; more than 60 minutes are hours."""
    midnight = datetime(2026, 11, day, tzinfo=story.JAPAN)
    return (midnight + timedelta(hours=hour, minutes=minute)).astimezone(UTC)


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Views ask the clock; this is where it stands in a test."""
    monkeypatch.setattr(timezone, "now", lambda: moment)


def connection(owner: User, *, is_shared: bool = True, **values: Any) -> Connection:
    number = Connection.objects.count() + 1
    return Connection.objects.create(
        organization=owner.organization,
        owner=owner,
        is_shared=is_shared,
        label=f"採用チーム用Zoom{number}" if is_shared else "",
        zoom_user_id=f"zoom-user-{number}",
        email=f"zoom{number}@sample.example.jp",
        plan_type=2,
        connected_at=BEFORE,
        **values,
    )


def meeting(host: Connection, starts_at: datetime = STARTS, minutes: int = 60, **values: Any) -> Meeting:
    number = Meeting.objects.count()
    issued = {
        "zoom_id": str(88412345678 + number),
        "join_url": JOIN_URL,
        "passcode": PASSCODE,
        "issued_at": BEFORE,
    }
    return Meeting.objects.create(
        organization=host.organization,
        connection=host,
        topic="一次面接",
        starts_at=starts_at,
        minutes=minutes,
        requested_at=BEFORE,
        **(issued | values),
    )


def interview(
    company: Organization,
    *,
    host: Connection | None = None,
    interviewers: tuple[User, ...] = (),
    starts_at: datetime = STARTS,
    minutes: int = 60,
    candidate: Any = None,
    meeting_values: dict[str, Any] | None = None,
    **values: Any,
) -> Interview:
    """On Zoom when a host is given, else in person unless `way` says otherwise."""
    job = company.jobs.first() or story.job(company)
    room = meeting(host, starts_at, minutes, **(meeting_values or {})) if host else None
    way = {"way": Way.WEB, "service": Service.ZOOM} if host else {"way": Way.IN_PERSON}
    made = Interview.objects.create(
        organization=company,
        candidate=candidate or story.candidate(company, job=job),
        stage=job.stages.first(),
        starts_at=starts_at,
        minutes=minutes,
        meeting=room,
        created_at=BEFORE,
        changed_at=BEFORE,
        **(way | values),
    )
    for position, user in enumerate(interviewers):
        Interviewer.objects.create(interview=made, user=user, position=position)
    return made


def page_of(made: Interview, receiver: str = Receiver.CANDIDATE, contact: Any = None) -> str:
    """The path of a recipient's join page."""
    link = join_links.link_for(made, receiver=receiver, contact=contact, now=BEFORE)
    return join_links.address(link).removeprefix("http://testserver")


def receivers(outbox: list[Any]) -> list[str]:
    """To whom each letter went, without the names."""
    return [parseaddr(address)[1] for letter in outbox for address in letter.recipients()]


def told(
    made: Interview, starts_at: datetime, *, sent_at: datetime | None = BEFORE, minutes: int = 60
) -> Notice:
    """A mail to the applicant that named that time."""
    number = Mail.objects.count()
    letter = Mail.objects.create(
        organization=made.organization,
        candidate=made.candidate,
        purpose=Purpose.CONFIRMATION,
        receiver=Receiver.CANDIDATE,
        language="ja",
        to_email="misaki@example.com",
        subject="日程確定のご案内",
        body="本文",
        message_id=f"<{number}@test>",
        created_at=BEFORE,
        queued_at=BEFORE,
        sent_at=sent_at,
    )
    return Notice.objects.create(interview=made, mail=letter, told_starts_at=starts_at, told_minutes=minutes)


def facts(people: SimpleNamespace, **values: Any) -> Interview:
    """The usual interview: Doi on the shared account, set by Baba."""
    host = values.pop("host", None) or connection(people.aoki)
    values.setdefault("interviewers", (people.doi,))
    return interview(people.company, host=host, created_by=people.baba, **values)
