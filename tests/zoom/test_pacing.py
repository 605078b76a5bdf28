"""How fast our jobs ask, over all processes, and that what Zoom asked of one holds for all."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.zoom import checking, client, limiting, meetings, pacing
from mensetsu.zoom.models import AccountPace, Connection, Problem
from tests.racing import meanwhile
from tests.zoom.test_hosting import link
from tests.zoom_world import RECRUIT, RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CREATE = {"method": "POST", "path": "/v2/users/me/meetings"}


@pytest.fixture
def naps(monkeypatch) -> list[float]:
    """How long each was told to sleep; nobody really sleeps."""
    taken: list[float] = []
    # A clock of its own: threads of other tests sleep by the real one.
    monkeypatch.setattr(pacing, "time", SimpleNamespace(sleep=taken.append, monotonic=lambda: 0.0))
    return taken


def turns(host: Connection, count: int, label: str = "light", now: datetime = NOW) -> None:
    for _turn in range(count):
        pacing.wait_turn(host, label=label, now=now)


@pytest.mark.parametrize("plan_type", [0, 1, 2])
@pytest.mark.parametrize("label", ["light", "medium", "heavy"])
def test_never_more_than_zoom_allows_within_any_second(
    people, naps: list[float], plan_type: int, label: str
) -> None:
    host = link(people.aoki, plan_type=plan_type)
    allowed = (pacing.PRO if plan_type == pacing.LICENSED_PLAN else pacing.FREE)[label]
    # As long as the turn is near; those further away come back as jobs.
    with pytest.raises(client.TryLater):
        turns(host, 100, label)

    left = sorted(naps)
    assert len(left) > allowed
    crowds = [sum(one <= other < one + 1 for other in left) for one in left]
    assert max(crowds) <= allowed


def test_labels_and_accounts_do_not_wait_for_each_other(people, naps: list[float]) -> None:
    one, other = link(people.aoki, "一", plan_type=0), link(people.aoki, "二", plan_type=0)
    turns(one, 3, "medium")

    turns(one, 1, "light")
    turns(other, 1, "medium")

    assert [nap > 0 for nap in naps] == [False, True, True, False, False]


def test_two_links_of_one_account_wait_for_each_other(people, naps: list[float]) -> None:
    account = {"plan_type": 0, "zoom_account_id": "same"}
    turns(link(people.aoki, "一", **account), 1, "medium")

    turns(link(people.aoki, "二", **account), 1, "medium")

    assert naps == [0.0, 0.75]


def test_a_turn_far_away_is_waited_for_by_coming_back(people, naps: list[float]) -> None:
    host = link(people.aoki, plan_type=0)
    turns(host, 3, "heavy")

    with pytest.raises(client.TryLater) as refused:
        turns(host, 1, "heavy")

    assert (refused.value.why, refused.value.was_tried, len(naps)) == ("busy", False, 3)
    assert 4.5 + pacing.COME_BACK[0] <= refused.value.retry_after <= 4.5 + pacing.COME_BACK[1]


def test_of_two_that_look_at_once_each_gets_a_turn_of_its_own(people, naps: list[float]) -> None:
    host = link(people.aoki, plan_type=0)
    turns(host, 1, "heavy")

    with meanwhile('SET "next_at"', lambda: turns(host, 1, "heavy")):
        turns(host, 1, "heavy")

    assert naps == [0.0, 1.5, 3.0]


def test_a_clock_that_runs_ahead_stops_nobody(people, naps: list[float]) -> None:
    host = link(people.aoki)
    turns(host, 1, now=NOW + timedelta(hours=1))

    turns(host, 1)

    assert naps == [0.0, 0.0]


def test_a_hold_stops_everybody_of_the_account_until_it_ends(people, naps: list[float]) -> None:
    one = link(people.aoki, "一", zoom_account_id="same")
    other = link(people.aoki, "二", zoom_account_id="same")
    stranger = link(people.aoki, "三", zoom_account_id="else")
    until = NOW + timedelta(seconds=30)
    pacing.hold(one, label="", until=until, why="busy")
    pacing.hold(one, label="", until=NOW + timedelta(seconds=2), why="busy")

    turns(stranger, 1)
    with pytest.raises(client.TryLater) as refused:
        turns(other, 1)

    assert (refused.value.why, refused.value.retry_after) == ("busy", 30)
    assert set(pacing.held([one, other, stranger], now=NOW)) == {one.pk, other.pk}
    turns(other, 1, now=until)
    assert pacing.held([one, other], now=until) == {}


def test_a_hold_of_one_label_lets_the_others_pass(people, naps: list[float]) -> None:
    host = link(people.aoki)
    pacing.hold(host, label="medium", until=NOW + timedelta(hours=15), why="daily_limit")
    turns(host, 1, "light")

    with pytest.raises(client.TryLater) as refused:
        turns(host, 1, "medium")

    assert refused.value.why == "daily_limit"
    assert pacing.held([host], now=NOW)[host.pk].held_why == "daily_limit"


def test_what_has_long_passed_is_forgotten(people, naps: list[float]) -> None:
    now = timezone.now()
    long_ago = now - timedelta(days=9)
    turns(link(people.aoki, "一"), 1, now=long_ago)
    held, today = link(people.aoki, "二"), link(people.aoki, "三")
    turns(held, 1, now=long_ago)
    pacing.hold(held, label="light", until=now + timedelta(hours=1), why="daily_limit")
    turns(today, 1, now=now)

    limiting.forget_old.call()

    assert {row.account for row in AccountPace.objects.all()} == {f"link {held.pk}", f"link {today.pk}"}


# --- with Zoom ------------------------------------------------------------------------------------------------------


@pytest.fixture
def recruit(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT, is_shared=True)


def test_a_refusal_that_one_job_met_keeps_the_others_of_the_account_from_asking(
    zoom: ZoomWorld, people, recruit: Connection, run_jobs
) -> None:
    colleague = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    meeting = issued(people.company, colleague)
    zoom.fault("rate_limit", match=CREATE, which="concurrent")
    began = timezone.now()
    with pytest.raises(meetings.TryLater):
        meetings.issue(wanted(people.company, recruit), now=timezone.now())

    checking.check_meeting.enqueue(meeting_id=meeting.pk)
    run_jobs()

    assert zoom.requests("GET", f"/v2/meetings/{meeting.zoom_id}") == []
    [waiting] = DBTaskResult.objects.filter(status="READY")
    assert waiting.run_after > began + timedelta(seconds=1)
    AccountPace.objects.update(held_until=timezone.now())  # the two seconds pass
    run_jobs(until=waiting.run_after)
    assert len(zoom.requests("GET", f"/v2/meetings/{meeting.zoom_id}")) == 1


def test_whoever_presses_start_is_never_kept_waiting(zoom: ZoomWorld, people, recruit: Connection) -> None:
    meeting = issued(people.company, recruit)
    pacing.hold(recruit, label="", until=timezone.now() + timedelta(hours=1), why="busy")
    before = AccountPace.objects.get().next_at

    began = time.monotonic()
    assert meetings.start_url(meeting, now=timezone.now())

    assert time.monotonic() - began < 2
    assert AccountPace.objects.get().next_at == before


def test_the_accounts_day_is_held_until_zoom_says(zoom: ZoomWorld, people, recruit: Connection) -> None:
    zoom.fault("rate_limit", match=CREATE, which="day")
    meeting = wanted(people.company, recruit)

    with pytest.raises(meetings.TryLater):
        meetings.issue(meeting, now=timezone.now())

    held = pacing.held([recruit], now=timezone.now())[recruit.pk]
    # The simulated refusal says that it was the limit of light requests.
    assert (held.label, held.held_why, meeting.problem) == ("light", "daily_limit", Problem.DAILY_LIMIT)
    assert held.held_until.astimezone(UTC).strftime("%H:%M") == "00:00"


def test_waiting_for_ones_turn_is_no_trouble_of_the_meeting(
    zoom: ZoomWorld, people, recruit: Connection, run_jobs, monkeypatch
) -> None:
    meeting = issued(people.company, recruit)
    later = meeting.starts_at + timedelta(hours=1)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())
    monkeypatch.setattr(pacing, "PATIENCE", -1.0)

    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.is_unsynced, meeting.problem) == (True, "")
    assert timezone.now() < meeting.due_at < timezone.now() + timedelta(seconds=31)
    [row] = DBTaskResult.objects.filter(status="READY")
    assert row.args_kwargs["kwargs"]["_attempt"] == 1
