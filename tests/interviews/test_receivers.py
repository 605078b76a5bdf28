"""What interviews do when zoom announces that a host or a meeting is gone."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import ending, issuing
from mensetsu.zoom.models import EndReason, Meeting
from tests import story
from tests.interviews import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def entries(action: str) -> list[int]:
    found = Entry.objects.filter(action=action).order_by("subject_id")
    return list(found.values_list("subject_id", flat=True))


def test_a_host_that_ends_is_told_once_a_person_with_all_their_interviews(
    world: SimpleNamespace, run_jobs: Callable[..., int], mailoutbox: list
) -> None:
    first = desk.schedule(world, interviewers=[])
    second = desk.schedule(world, starts_at=story.tomorrow_at(14, days=2), interviewers=[])
    others = desk.schedule(world, candidate=world.ito, host=world.sub, interviewers=[])
    desk.issued(first)
    desk.issued(second, "88412345679")

    ending.end(world.team, reason=EndReason.DEAUTHORIZED, now=world.now)
    run_jobs()

    assert entries("interview.host_lost") == [first.pk, second.pk]
    # The third interview's own link fails too (no Zoom is running here), which is another letter.
    letters = [
        one for one in mailoutbox if one.subject == "【要対応】Zoom主催者の連携がなくなりました（面接2件）"
    ]
    told = sorted(letter.to[0].rpartition("<")[2].rstrip(">") for letter in letters)
    assert told == ["aoki@sample.example.jp", "baba@sample.example.jp"]
    assert all(letter.body.count("佐藤 美咲") == 2 for letter in letters)
    assert all(f"/interviews/hosts/{world.team.pk}/" in letter.body for letter in letters)
    states = [Interview.objects.with_facts().get(pk=one.pk).url_state for one in (first, second, others)]
    assert states[:2] == ["needs_host", "needs_host"]
    assert states[2] != "needs_host"


def test_past_and_canceled_interviews_need_no_host(
    world: SimpleNamespace, run_jobs: Callable[..., int], mailoutbox: list
) -> None:
    canceled = desk.schedule(world, interviewers=[])
    scheduling.cancel(canceled, by=world.baba, now=world.now)
    past = desk.schedule(world, interviewers=[])
    over = world.now - timedelta(days=1)
    Interview.objects.filter(pk=past.pk).update(starts_at=over, ends_at=over + timedelta(hours=1))

    ending.end(world.team, reason=EndReason.REVOKED, now=world.now)
    run_jobs()

    assert entries("interview.host_lost") == []
    # Whoever linked the account is asked to link it again; no interview lost anything.
    assert [one.subject for one in mailoutbox if "面接" in one.subject] == []


def test_what_is_announced_in_a_transaction_that_fails_was_never_told(world: SimpleNamespace) -> None:
    desk.schedule(world, interviewers=[])

    with pytest.raises(RuntimeError), transaction.atomic():
        ending.end(world.team, reason=EndReason.REVOKED, now=world.now)
        raise RuntimeError

    assert entries("interview.host_lost") == []


def test_a_meeting_deleted_at_zoom_is_told_and_nothing_is_canceled_by_itself(
    world: SimpleNamespace, run_jobs: Callable[..., int], mailoutbox: list
) -> None:
    interview = desk.schedule(world, interviewers=[])
    meeting = desk.issued(interview)

    issuing.lose(meeting, now=world.now)
    issuing.lose(Meeting.objects.get(pk=meeting.pk), now=world.now)
    run_jobs()

    interview = Interview.objects.with_facts().get(pk=interview.pk)
    assert (interview.state, interview.url_state) == ("confirmed", "lost")
    assert entries("interview.meeting_lost") == [interview.pk]
    assert len(mailoutbox) == 1
    assert mailoutbox[0].subject.startswith("【要対応】Zoomミーティングが削除されました：")
    assert "佐藤 美咲" in mailoutbox[0].body


def test_an_english_reader_is_told_in_english_on_their_own_clock(
    world: SimpleNamespace, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    world.sato.romaji = "Misaki Sato"
    world.sato.save()
    world.baba.language, world.baba.time_zone = "en", "Europe/London"
    world.baba.save()
    interview = desk.schedule(world, interviewers=[])

    issuing.lose(desk.issued(interview), now=world.now)
    run_jobs()

    local = timezone.localtime(interview.starts_at, world.baba.zone)
    assert "no longer exists at Zoom" in mailoutbox[0].body
    assert "Misaki Sato" in mailoutbox[0].body
    assert f"{local:%H:%M}" in mailoutbox[0].body
