"""What the applicant's page says of interviews to come: the same as the lists do, in three statements."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.candidates.models import Candidate
from mensetsu.interviews import coming
from mensetsu.interviews.models import Interview, Interviewer, Notice
from mensetsu.mail.models import Mail, Receiver
from mensetsu.zoom import models as zoom
from tests import story


@pytest.fixture
def candidate(people: SimpleNamespace) -> Candidate:
    now = timezone.now()
    return Candidate.objects.create(
        organization=people.company,
        family_name="佐藤",
        job=story.job(people.company),
        created_at=now,
        updated_at=now,
    )


def interview(people: SimpleNamespace, candidate: Candidate, days: int, **values: Any) -> Interview:
    now = timezone.now()
    made = Interview.objects.create(
        **{"organization": people.company, "candidate": candidate, "starts_at": now + timedelta(days=days),
           "minutes": 60, "way": "in_person", "place": "本社", "created_at": now, "changed_at": now, **values}
    )  # fmt: skip
    for position, user in enumerate((people.doi, people.baba)):
        Interviewer.objects.create(interview=made, user=user, position=position)
    for number, state in enumerate(({"failed_at": now}, {"queued_at": now})):
        letter = Mail.objects.create(
            organization=people.company, candidate=candidate, receiver=Receiver.CANDIDATE, language="ja",
            to_email="a@example.jp", subject="s", body="b", message_id=f"{made.pk}-{number}", created_at=now, **state,
        )  # fmt: skip
        Notice.objects.create(interview=made, mail=letter, told_starts_at=made.starts_at, told_minutes=60)
    return made


def told(one: Interview) -> list[Any]:
    return [
        one.pk, one.starts_at, one.minutes, one.stage and one.stage.name_in("en"), one.get_way_display(), one.place,
        one.uses_zoom, one.is_online, one.url_state, one.mail_state,
        [row.user.name_in("en") for row in one.interviewers.all()],
    ]  # fmt: skip


def test_it_says_what_the_lists_say(
    people: SimpleNamespace, candidate: Candidate, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    host = zoom.Connection.objects.create(
        organization=people.company, owner=people.aoki, zoom_user_id="z", connected_at=now, is_shared=True
    )
    meetings = [
        zoom.Meeting.objects.create(
            organization=people.company, connection=host, starts_at=now, minutes=60, topic="面接", requested_at=now,
            **state,
        )
        for state in ({}, {"failed_at": now}, {"lost_at": now})
    ]  # fmt: skip
    web = {"way": "web", "service": "zoom", "place": ""}
    interview(people, candidate, 3, stage=candidate.job.stages.first())
    interview(people, candidate, 2, meeting=meetings[0], **web)
    interview(people, candidate, 1, meeting=meetings[1], next_meeting=meetings[2], **web)
    interview(people, candidate, 4, canceled_at=now)
    interview(people, candidate, -1)
    other = Candidate.objects.create(
        organization=people.company, family_name="鈴木", created_at=now, updated_at=now
    )
    interview(people, other, 1)

    with django_assert_num_queries(3):
        found = [told(one) for one in coming.of(candidate, now)]

    assert found == [
        told(one) for one in Interview.objects.filter(candidate=candidate).upcoming(now).with_facts()
    ]
    assert len(found) == 3


def test_nobody_else_is_asked_about_when_there_are_none(
    candidate: Candidate, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert coming.of(candidate, timezone.now()) == []
