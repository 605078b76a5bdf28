"""Link or passcode were changed at Zoom: the join page leads on by itself, and whoever holds the old ones is told."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.interviews import attention, automating, ledger, reconciling
from mensetsu.interviews.models import Interview, Notice
from mensetsu.mail.models import Mail, Purpose
from mensetsu.zoom import meetings
from tests.interviews import automatic, desk
from tests.interviews.writing import again as fresh
from tests.zoom.messages import about, post
from tests.zoom_world import RECRUIT

pytestmark = pytest.mark.django_db


def actions(interview: Interview) -> list[str]:
    told = Entry.objects.of_subject("interviews.interview", interview.pk).order_by("id")
    return list(told.values_list("action", flat=True))


def test_whoever_holds_the_old_link_is_told_the_new_one(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]
) -> None:
    desk.tell(world, interview, url=interview.meeting.join_url)
    world.zoom.edit(interview.meeting, password="N3w-pass")
    post(about(interview.meeting, "meeting.updated"))
    run_jobs()

    (told,) = ledger.outdated(fresh(interview))
    assert told.knows_url is False
    assert [one.kind for one in attention.read(world.baba, now=timezone.now())] == ["not_told"]
    assert actions(interview)[-1] == "interview.link_changed"


def test_a_group_writes_the_new_link_by_itself(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    Interview.objects.update(template_group=automatic.group(world))
    desk.tell(world, interview, url=interview.meeting.join_url)
    world.zoom.edit(interview.meeting, password="N3w-pass")

    meetings.check(interview.meeting, now=timezone.now())
    run_jobs(until=timezone.now() + timedelta(minutes=2))

    letter = Mail.objects.get(purpose=Purpose.URL_CHANGE)
    assert fresh(interview).meeting.join_url in letter.body or "/j/" in letter.body


def test_a_new_passcode_beside_the_same_link_is_told_too(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]
) -> None:
    """Where the account does not put the passcode into the link, the link stays."""
    world.zoom.control(
        "POST", f"users/{RECRUIT}", {"settings": {"schedule_meeting": {"embed_password_in_join_link": False}}}
    )
    meetings.check(interview.meeting, now=timezone.now())
    run_jobs()
    now_told = fresh(interview)
    desk.tell(world, now_told, url=now_told.join_url)
    Notice.objects.update(told_passcode=now_told.passcode)

    world.zoom.edit(interview.meeting, password="N3w-pass")
    meetings.check(interview.meeting, now=timezone.now())

    after = fresh(interview)
    assert (after.join_url, after.passcode) == (now_told.join_url, "N3w-pass")
    assert [told.knows_url for told in ledger.outdated(after)] == [False]
    assert [one.kind for one in attention.read(world.baba, now=timezone.now())] == ["not_told"]


def test_a_letter_that_carries_the_passcode_is_remembered(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]
) -> None:
    Interview.objects.update(template_group=automatic.group(world))
    automating.announce.call(interview_id=interview.pk)

    notices = Notice.objects.filter(interview=interview, mail__receiver="candidate")
    carried = {interview.passcode if interview.passcode in one.mail.body else "" for one in notices}
    assert {one.told_passcode for one in notices} == carried
    assert notices.exists()


def test_a_link_that_changes_after_the_end_concerns_nobody(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]
) -> None:
    Interview.objects.update(canceled_at=timezone.now())
    reconciling.follow_link.call(interview_id=interview.pk)
    reconciling.follow_link.call(interview_id=interview.pk + 1000)

    assert "interview.link_changed" not in actions(interview)
