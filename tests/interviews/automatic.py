"""Arrangements for tests about mails that send themselves: a company with its standard group, interviews in it."""

from datetime import datetime, timedelta
from typing import Any

from mensetsu.accounts.models import User
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.mail import grouping, groups, samples
from mensetsu.mail.models import GroupItem, Mail, TemplateGroup
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import holding, writing

NOW = writing.NOW


def group(people: Any) -> TemplateGroup:
    """The standard group of a company that has entered everything."""
    company = people.company
    company.department, company.office_hours = "人事部", "平日9:00〜18:00"
    company.save()
    samples.install_samples(company, NOW)
    return groups.default_of(company.pk)


def again(made: Interview) -> Interview:
    """As it is stored now."""
    return Interview.objects.get(pk=made.pk)


def schedule(people: Any, *, by: User | None = None, now: datetime = NOW, **values: Any) -> Interview:
    """In person unless said otherwise, so that every letter may leave at once."""
    values.setdefault("candidate", None)
    job = people.company.jobs.first() or story.job(people.company)
    candidate = values.pop("candidate") or story.candidate(people.company, job=job, owner=people.baba)
    values.setdefault("template_group", groups.default_of(people.company.pk))
    values.setdefault("interviewers", [people.doi])
    values.setdefault("starts_at", holding.STARTS)
    place = {"way": Way.IN_PERSON, "place": "本社 10階"}
    return scheduling.schedule(
        candidate=candidate, stage=job.stages.first(), minutes=60, by=by or people.baba, now=now,
        **{**place, **values},
    )  # fmt: skip


def on_zoom(people: Any, **values: Any) -> Interview:
    """Its meeting has been asked for and not been issued."""
    host = values.pop("host", None) or holding.connection(people.aoki)
    return schedule(people, way=Way.WEB, place="", service=Service.ZOOM, host=host, **values)


def issue(made: Interview) -> None:
    """What the job that speaks to Zoom leaves behind, followed by the rest of that job."""
    wanted = Interview.objects.get(pk=made.pk)
    meeting = wanted.next_meeting or wanted.meeting
    Meeting.objects.filter(pk=meeting.pk).update(
        zoom_id=str(88412345678 + meeting.pk), passcode="Ab3kX9", issued_at=NOW,
        join_url=f"https://us06web.zoom.us/j/{88412345678 + meeting.pk}?pwd=x",
    )  # fmt: skip


def letters(made: Interview) -> list[tuple[str, str, str]]:
    """(purpose, receiver, state), in the order of writing."""
    return [
        (mail.purpose, mail.receiver, mail.state)
        for mail in Mail.objects.filter(notice__interview=made).order_by("id")
    ]


def outside(made: Interview) -> list[tuple[str, str]]:
    """(purpose, receiver) of every letter to applicant or agency that was not stopped."""
    return [
        (purpose, who)
        for purpose, who, state in letters(made)
        if who != "interviewer" and state != "canceled"
    ]


def no_mail(group: TemplateGroup, purpose: str, receiver: str, language: str = "ja", way: str = "") -> None:
    GroupItem.objects.update_or_create(
        group=group,
        purpose=purpose,
        receiver=receiver,
        language=language,
        way=way,
        defaults={"template": None},
    )


def leave_open(group: TemplateGroup, purpose: str, receiver: str) -> None:
    GroupItem.objects.filter(group=group, purpose=purpose, receiver=receiver).delete()


def second_group(people: Any, name: str = "中途採用") -> TemplateGroup:
    return grouping.add_group(organization=people.company, name=name, by=people.aoki, now=NOW)


def later(**delta: int) -> datetime:
    return NOW + timedelta(**delta)
