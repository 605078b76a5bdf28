"""Before the deadline, at it, and after it: who is reminded, who is told, what is free again."""

from datetime import timedelta
from email.utils import parseaddr
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from config import clock
from mensetsu.booking import choosing, inviting, settling
from mensetsu.booking.models import Invitation
from mensetsu.candidates import registering
from mensetsu.history.models import Entry
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail, Purpose
from tests import story
from tests.booking import office
from tests.racing import meanwhile


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


def asked(world: SimpleNamespace, *, due: timedelta, ago: timedelta = timedelta(days=3)) -> None:
    Invitation.objects.filter(pk=world.invitation.pk).update(
        answer_by=world.now + due, created_at=world.now - ago
    )


def reminders() -> list[Mail]:
    return list(Mail.objects.filter(purpose=Purpose.DEADLINE))


def test_who_has_not_answered_is_reminded_once_with_the_page_and_the_deadline(world: SimpleNamespace) -> None:
    asked(world, due=timedelta(hours=20))

    assert [settling.remind(world.now) for _ in range(2)] == [1, 0]

    letter = reminders()[0]
    assert office.path(world.link) in letter.body
    assert "回答期限" in letter.body
    assert letter.to_email == "misaki@example.com"
    assert [row.mail for row in world.invitation.letters.all()] == [letter]


@pytest.mark.parametrize(
    ("due", "ago"),
    [
        (timedelta(hours=30), timedelta(days=3)),
        (timedelta(seconds=-1), timedelta(days=3)),
        (timedelta(hours=20), timedelta(hours=2)),
    ],
)
def test_not_too_early_not_too_late_and_not_right_after_the_request(
    world: SimpleNamespace, due: timedelta, ago: timedelta
) -> None:
    asked(world, due=due, ago=ago)

    assert settling.remind(world.now) == 0
    assert reminders() == []


def test_answers_and_departures_need_no_reminder(world: SimpleNamespace) -> None:
    asked(world, due=timedelta(hours=20))
    registering.withdraw(world.sato, by=world.baba, now=world.now)
    assert settling.remind(world.now) == 0

    registering.reinstate(world.sato, by=world.baba, now=world.now)
    Invitation.objects.update(reminded_at=None)
    choosing.choose(invitation=world.invitation, slot=world.slots[0], now=world.now)
    assert settling.remind(world.now) == 0
    assert reminders() == []


def test_a_moved_deadline_is_reminded_of_anew(world: SimpleNamespace) -> None:
    asked(world, due=timedelta(hours=20))
    settling.remind(world.now)

    later = world.now + timedelta(days=5)
    inviting.move_deadline(world.invitation, later, by=world.baba, now=world.now)

    assert settling.remind(later - timedelta(hours=23)) == 1
    assert len(reminders()) == 2


def test_at_the_deadline_interviewers_read_who_is_booked_and_who_is_not(
    world: SimpleNamespace, run_jobs: Any, mailoutbox: list
) -> None:
    other = office.invite(world, world.page, world.ito)
    choosing.choose(invitation=other, slot=world.slots[0], now=world.now)
    Invitation.objects.update(answer_by=world.now)
    run_jobs()
    mailoutbox.clear()

    assert [settling.settle(world.now) for _ in range(2)] == [2, 0]
    run_jobs()

    to_doi = [one for one in mailoutbox if "doi@sample.example.jp" in one.to[0]]
    assert [one.subject for one in to_doi] == ["【回答期限】一次面接の日程：予約1件"]
    assert "伊藤 蓮" in to_doi[0].body.split("予約なし：")[0]
    assert "10:00〜11:00" in to_doi[0].body
    assert "佐藤 美咲" in to_doi[0].body.split("予約なし：")[1]
    to_baba = [one for one in mailoutbox if "baba@sample.example.jp" in one.to[0]]
    assert [one.subject for one in to_baba] == ["【回答なし】佐藤 美咲 様"]
    assert Entry.objects.filter(action="booking.expired").count() == 1


def test_two_clocks_at_the_same_deadline_tell_it_once(
    world: SimpleNamespace, run_jobs: Any, mailoutbox: list
) -> None:
    Invitation.objects.update(answer_by=world.now)
    counts = []

    with meanwhile('SET "settled_at"', lambda: counts.append(settling.settle(world.now))):
        counts.append(settling.settle(world.now))
    run_jobs()

    assert counts == [1, 0]
    assert sorted(parseaddr(one.to[0])[1].partition("@")[0] for one in mailoutbox) == ["baba", "doi"]
    assert Entry.objects.filter(action="booking.expired").count() == 1


def test_every_notice_is_whole_in_both_languages(
    world: SimpleNamespace, run_jobs: Any, mailoutbox: list
) -> None:
    world.baba.language = "en"
    world.baba.save()
    choosing.give_up(invitation=world.invitation, wishes=["12/1"], message="夜", now=world.now)
    choosing.choose(
        invitation=world.invitation, slot=world.slots[0], answers=choosing.Answers("090-1"), now=world.now
    )
    choosing.change(invitation=world.invitation, slot=world.slots[1], now=world.now)
    choosing.cancel(invitation=world.invitation, reason="体調", now=world.now)
    run_jobs(until=timezone.now() + timedelta(days=1))

    english = [one for one in mailoutbox if "baba@" in one.to[0]]
    starts = [one.subject.partition("]")[0] for one in english]
    assert sorted(starts) == ["[Date cancelled", "[Date changed", "[Date chosen", "[No date fits"]
    for one in mailoutbox:
        assert "%(" not in one.subject + one.body
        assert "{{" not in one.subject + one.body


def test_an_interview_that_was_moved_away_leaves_its_place_but_keeps_the_choice(
    world: SimpleNamespace,
) -> None:
    choosing.choose(invitation=world.invitation, slot=world.slots[0], now=world.now)
    later = story.tomorrow_at(20, days=6)
    scheduling.reschedule(Interview.objects.get(), starts_at=later, minutes=60, by=world.baba, now=world.now)

    assert office.taken(world.slots[0]) == 0
    assert Invitation.objects.get(pk=world.invitation.pk).state(world.now) == "chosen"


@pytest.mark.django_db
def test_the_clock_watches() -> None:
    assert settling.watch in [rhythm.job for rhythm in clock.RHYTHMS]
    settling.watch.call()
