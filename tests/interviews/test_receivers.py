"""What interviews do when zoom announces that a host or a meeting is gone."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from mensetsu.accounts.models import User
from mensetsu.history.models import Entry
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import ending, issuing
from mensetsu.zoom.models import Connection, EndReason, Meeting
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


def test_an_administrator_hears_of_the_interviews_or_of_the_account_and_not_of_both(
    world: SimpleNamespace, run_jobs: Callable[..., int], mailoutbox: list
) -> None:
    Connection.objects.update(owner=world.baba)
    desk.issued(desk.schedule(world, interviewers=[]))

    for link in Connection.objects.order_by("pk"):
        ending.end(link, reason=EndReason.DEAUTHORIZED, now=world.now)
    run_jobs()

    to_admin = [one.subject for one in mailoutbox if "aoki@" in one.to[0]]
    assert sorted(subject.partition("：")[0] for subject in to_admin) == [
        "【要対応】Zoomの再連携が必要です",
        "【要対応】Zoom主催者の連携がなくなりました（面接1件）",
    ]


def test_after_a_removal_at_zoom_the_letter_names_the_account_and_pages_its_owner(
    world: SimpleNamespace,
    run_jobs: Callable[..., int],
    mailoutbox: list[Any],
    client_of: Callable[[Any], Client],
) -> None:
    """All of them said 「削除されたZoomアカウント」, in English too, and nobody knew which one to mend."""
    Connection.objects.filter(pk=world.team.pk).update(
        label="", display_name="採用 太郎", email="saiyo@zoom.example", owner=world.aoki
    )
    User.objects.filter(pk=world.aoki.pk).update(romaji="Aoi Aoki")
    interview = desk.schedule(world, interviewers=[])
    desk.issued(interview)

    ending.end(Connection.objects.get(pk=world.team.pk), reason=EndReason.DEAUTHORIZED, now=world.now)
    run_jobs()
    pages = ["/", f"/interviews/{interview.pk}/", f"/interviews/hosts/{world.team.pk}/"]
    baba = client_of(world.baba)
    japanese = [baba.get(path).content.decode() for path in pages]
    User.objects.filter(pk=world.baba.pk).update(language="en")
    english = [baba.get(path).content.decode() for path in pages]

    letters = [one.body for one in mailoutbox if "面接1件" in one.subject]
    assert len(letters) == 2
    assert all("採用 太郎" in body for body in letters)
    assert all("青木 葵さんのZoomアカウント" in page for page in japanese)
    assert all("Zoom account of Aoi Aoki" in page for page in english)
    assert not [page for page in japanese + english if "採用 太郎" in page or "saiyo@" in page]
    entry = Entry.objects.get(action="interview.host_erased")
    assert entry.facts == {"owner": "青木 葵"}


def test_a_notice_addresses_its_reader_in_their_language(
    world: SimpleNamespace, run_jobs: Callable[..., int], mailoutbox: list
) -> None:
    type(world.baba).objects.filter(pk=world.baba.pk).update(language="en", romaji="Aya Baba")
    desk.issued(desk.schedule(world, interviewers=[]))

    ending.end(world.team, reason=EndReason.DEAUTHORIZED, now=world.now)
    run_jobs()

    (letter,) = [one for one in mailoutbox if world.baba.email in one.to[0]]
    assert letter.body.startswith("Dear Aya Baba,")


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
