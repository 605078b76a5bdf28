"""What tests of setting interviews start from: two hosts, two applicants, a form as a browser would send it."""

import uuid
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup
from django.utils import timezone

from mensetsu.interviews import informing, scheduling
from mensetsu.interviews.models import Interview, Notice, Service, Way
from mensetsu.mail.models import Mail, Purpose, Receiver
from mensetsu.web import dates
from mensetsu.zoom.models import Connection, Meeting
from tests import story


def host(company: Any, owner: Any, label: str = "採用チーム用Zoom", **values: Any) -> Connection:
    values = {"is_shared": True, "plan_type": 2, "zoom_user_id": uuid.uuid4().hex, **values}
    return Connection.objects.create(
        organization=company, owner=owner, label=label, connected_at=timezone.now(), **values
    )


def furnish(people: SimpleNamespace) -> SimpleNamespace:
    """`people` plus a job, two applicants, two shared hosts and the present moment."""
    people.job = story.job(people.company)
    people.stage = people.job.stages.get(name="一次面接")
    people.sato = story.candidate(people.company, job=people.job, stage=people.stage, owner=people.baba)
    people.ito = story.candidate(people.company, "伊藤", "蓮", job=people.job, email="ren@example.com")
    people.team = host(people.company, people.aoki)
    people.sub = host(people.company, people.aoki, "採用サブ")
    people.now = timezone.now()
    return people


def workday_at(hour: int, minute: int = 0) -> datetime:
    """A moment on the next ordinary working day but one, whatever day the test runs on."""
    found = [story.tomorrow_at(hour, minute, days=days) for days in range(2, 15)]
    return next(one for one in found if dates.is_business_day(one.date()))


def schedule(world: SimpleNamespace, **wished: Any) -> Interview:
    values = {
        "candidate": world.sato, "stage": world.stage, "starts_at": story.tomorrow_at(14), "minutes": 60,
        "interviewers": [world.doi], "way": Way.WEB, "service": Service.ZOOM, "host": world.team,
        "by": world.baba, "now": world.now, **wished,
    }  # fmt: skip
    return scheduling.schedule(**values)


def issued(interview: Interview, zoom_id: str = "88412345678") -> Meeting:
    """As Zoom's answer would leave the meeting that people enter."""
    meeting = interview.meeting
    meeting.zoom_id, meeting.join_url = zoom_id, f"https://zoom.example/j/{zoom_id}"
    meeting.issued_at = meeting.requested_at
    meeting.synced_starts_at, meeting.synced_minutes = meeting.starts_at, meeting.minutes
    meeting.synced_topic = meeting.topic
    meeting.save()
    return meeting


def change(world: SimpleNamespace, interview: Interview, **wished: Any) -> list[str]:
    """As its form would: what is not wished stays."""
    values = {
        "stage": interview.stage, "starts_at": interview.starts_at, "minutes": interview.minutes,
        "interviewers": [row.user for row in interview.interviewers.all()], "way": interview.way,
        "service": interview.service, "host": None, "custom_url": interview.custom_url, "place": interview.place,
        "memo": interview.memo, "by": world.baba, "now": world.now, **wished,
    }  # fmt: skip
    return scheduling.change(interview, **values)


def change_way(interview: Interview, *, way: str, by: Any, now: datetime, **wished: Any) -> None:
    """Only how they meet; what is not named of it is empty, as in a form of that way."""
    how = {"service": "", "host": None, "custom_url": "", "place": "", **wished}
    scheduling.change(
        interview, stage=interview.stage, starts_at=interview.starts_at, minutes=interview.minutes,
        interviewers=informing.panel(interview), way=way, memo=interview.memo, by=by, now=now, **how,
    )  # fmt: skip


def tell(
    world: SimpleNamespace,
    interview: Interview,
    *,
    receiver: str = Receiver.CANDIDATE,
    purpose: str = Purpose.CONFIRMATION,
    url: str = "",
    failed: bool = False,
) -> Mail:
    """A letter that left with the facts as they are (or did not arrive)."""
    letter = Mail.objects.create(
        organization=world.company, candidate=interview.candidate, purpose=purpose, receiver=receiver, language="ja",
        to_name="佐藤 美咲", to_email="misaki@example.com", subject="件名", body="本文",
        message_id=f"<{uuid.uuid4()}@sample.example.jp>", created_at=world.now, queued_at=world.now,
        sent_at=None if failed else world.now, failed_at=world.now if failed else None,
    )  # fmt: skip
    Notice.objects.create(
        interview=interview, mail=letter, told_starts_at=interview.starts_at, told_minutes=interview.minutes,
        told_join_url=url,
    )  # fmt: skip
    return letter


def form(world: SimpleNamespace, starts_at: datetime | None = None, **wished: Any) -> dict[str, Any]:
    """The form as the browser sends it."""
    local = timezone.localtime(starts_at or story.tomorrow_at(14), story.JAPAN)
    return {
        "date": f"{local:%Y-%m-%d}", "start": f"{local:%H:%M}", "minutes": "60", "stage": str(world.stage.pk),
        "interviewers": [str(world.doi.pk)], "way": "web", "service": "zoom", "host": str(world.team.pk),
        "writes_mail": "on", "memo": "", "form_key": str(uuid.uuid4()), **wished,
    }  # fmt: skip


def path(world: SimpleNamespace) -> str:
    return f"/candidates/{world.sato.pk}/interviews/new/"


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def text(answer: Any) -> str:
    return " ".join(soup(answer).get_text().split())


def errors(answer: Any) -> list[str]:
    summary = soup(answer).find(id="errors")
    return [line.get_text() for line in summary.find_all("li")] if summary else []
