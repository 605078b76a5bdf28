"""The hundred creates and updates of a day: counted before they are sent, the last kept for today's meetings."""

from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from mensetsu.zoom import (
    client,
    diagnosing,
    ending,
    limit_words,
    limiting,
    meetings,
    pacing,
    spending,
    tokens,
)
from mensetsu.zoom.models import Connection, EndReason, Problem, WriteBudget
from tests import story
from tests.racing import meanwhile
from tests.zoom.test_hosting import link
from tests.zoom_world import RECRUIT, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db

# Six in the evening in Japan; the count begins anew at nine the next morning.
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RESET = datetime(2026, 11, 25, tzinfo=UTC)
NEXT_WEEK = RESET + timedelta(days=7)
TONIGHT = NOW + timedelta(hours=2)
CREATE = {"method": "POST", "path": "/v2/users/me/meetings"}


@pytest.fixture
def host(people) -> Connection:
    return link(people.aoki)


@pytest.fixture
def ten_a_day(settings) -> None:
    settings.ZOOM_WRITES_PER_DAY = 10


def spend(
    host: Connection, times: int = 1, begins_at: datetime | None = NEXT_WEEK, now: datetime = NOW
) -> None:
    for _time in range(times):
        spending.spend(host, begins_at=begins_at, now=now)


def budget(host: Connection, now: datetime = NOW) -> spending.Budget:
    return spending.budgets([host], now=now)[host.pk]


def test_what_is_left_is_counted_by_the_day_of_utc(host: Connection) -> None:
    spend(host, 3, now=RESET - timedelta(seconds=1))

    assert budget(host) == spending.Budget(spent=3, resets_at=RESET)
    assert budget(host, RESET) == spending.Budget(spent=0, resets_at=RESET + timedelta(days=1))


def test_the_last_tenth_is_kept_for_meetings_before_the_reset(host: Connection, ten_a_day: None) -> None:
    spend(host, 9)

    assert (budget(host).left, budget(host).in_need) == (0, 1)
    with pytest.raises(client.TryLater) as refused:
        spend(host)
    spend(host, begins_at=TONIGHT)
    with pytest.raises(client.TryLater):
        spend(host, begins_at=TONIGHT)
    assert budget(host).in_need == 0
    assert (refused.value.why, refused.value.was_tried) == ("daily_limit", False)


def test_a_write_about_no_meeting_in_particular_takes_nothing_of_what_is_kept(
    host: Connection, ten_a_day: None
) -> None:
    spend(host, 9, begins_at=None)

    with pytest.raises(client.TryLater):
        spend(host, begins_at=None)


def test_after_the_reset_the_soonest_meetings_are_at_it_first(host: Connection, ten_a_day: None) -> None:
    spend(host, 10, begins_at=TONIGHT)
    waits = []
    for begins_at in (RESET + timedelta(hours=3), NEXT_WEEK, NEXT_WEEK + timedelta(days=80), None):
        with pytest.raises(client.TryLater) as refused:
            spend(host, begins_at=begins_at)
        waits.append(refused.value.retry_after - (RESET + spending.CLOCKS_APART - NOW).total_seconds())

    assert waits == [0, 7 * 30, 20 * 30, 20 * 30]


def test_nobody_wakes_before_zooms_own_midnight(host: Connection, ten_a_day: None) -> None:
    """A clock that is ten seconds ahead is good enough for the doctor, so it must be for the budget."""
    spend(host, 10, begins_at=TONIGHT)

    with pytest.raises(client.TryLater) as refused:
        spend(host, begins_at=TONIGHT)

    assert NOW + timedelta(seconds=refused.value.retry_after) > RESET + timedelta(seconds=10)


# --- around midnight of UTC -----------------------------------------------------------------------------------------


def turned_away(host: Connection, *, sent_at: datetime, seconds: float | None, limit: str = "host") -> None:
    """Zoom turns a write away that was sent then, and asks for so many seconds."""
    gate = limiting.Gate(host, begins_at=NEXT_WEEK, now=sent_at)
    gate.enter(label="medium", is_write=True)
    problem = client.TryLater("daily_limit", seconds, limit=limit, was_done=False)
    gate.turned_away(problem, is_write=True)


@pytest.mark.parametrize(
    ("sent_at", "seconds", "exhausted"),
    [
        # Our clock is ahead of Zoom's: where Zoom counts it is still yesterday.
        (RESET + timedelta(seconds=1), 6, RESET - timedelta(days=1)),
        (RESET + timedelta(seconds=1), 24 * 3600 - 1, RESET),
        # Behind it: Zoom has begun the new day already.
        (RESET - timedelta(seconds=1), 24 * 3600 + 5, RESET),
        (RESET - timedelta(seconds=1), 6, RESET - timedelta(days=1)),
        # Far from midnight the day is not in doubt, whatever somebody on the way asks for.
        (NOW, 60, RESET - timedelta(days=1)),
        (RESET + timedelta(hours=8), 60, RESET),
        (RESET + timedelta(seconds=1), None, RESET),
    ],
)
def test_a_used_up_day_is_the_one_that_zoom_meant(
    host: Connection, sent_at: datetime, seconds: float | None, exhausted: datetime
) -> None:
    turned_away(host, sent_at=sent_at, seconds=seconds)

    used_up = {row.on for row in WriteBudget.objects.all() if row.spent == 100}
    assert used_up == {exhausted.date()}


def test_what_was_counted_for_a_day_that_zoom_did_not_mean_is_given_back(host: Connection) -> None:
    turned_away(host, sent_at=RESET + timedelta(seconds=1), seconds=6)

    assert budget(host, RESET + timedelta(seconds=7)).spent == 0


@pytest.mark.parametrize(("limit", "spent"), [("host", (100, 0)), ("account", (0, 0))])
def test_an_answer_that_comes_after_midnight_is_about_the_day_of_the_request(
    host: Connection, monkeypatch, limit: str, spent: tuple[int, int]
) -> None:
    """The request crosses 00:00: what is corrected is the day on which it was counted."""
    clock = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(limiting, "time", SimpleNamespace(monotonic=lambda: clock.seconds))
    spend(host, now=RESET)
    gate = limiting.Gate(host, begins_at=NEXT_WEEK, now=RESET - timedelta(seconds=1))
    gate.enter(label="medium", is_write=True)
    clock.seconds = 2.0
    gate.turned_away(client.TryLater("daily_limit", 3, limit=limit, was_done=False), is_write=True)

    assert (budget(host).spent, budget(host, RESET).spent) == (spent[0], spent[1] + 1)


def test_linked_anew_it_is_the_same_hundred(people, host: Connection) -> None:
    spend(host, 4)
    ending.end(host, reason=EndReason.REVOKED, now=NOW)

    assert budget(link(people.aoki)).spent == 4


def test_two_at_once_do_not_spend_the_last_one_twice(host: Connection, ten_a_day: None) -> None:
    spend(host, 8)

    with meanwhile('SET "spent"', lambda: spend(host)), pytest.raises(client.TryLater):
        spend(host)

    assert budget(host).spent == 9


def test_eighty_of_a_hundred_are_near_the_end(host: Connection) -> None:
    spend(host, 79)
    assert not budget(host).is_near_end

    spend(host)

    assert (budget(host).is_near_end, budget(host).left) == (True, 10)


def test_counts_of_long_ago_are_forgotten(host: Connection) -> None:
    now = timezone.now()
    spend(host, now=now)
    spend(host, now=now - timedelta(days=9))

    limiting.forget_old.call()

    assert [row.on for row in WriteBudget.objects.all()] == [now.astimezone(UTC).date()]


# --- with Zoom ------------------------------------------------------------------------------------------------------


@pytest.fixture
def recruit(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT, is_shared=True)


def spent(host: Connection) -> int:
    return budget(host, timezone.now()).spent


def test_a_create_and_an_update_count_and_looking_and_deleting_do_not(
    zoom: ZoomWorld, people, recruit: Connection, run_jobs
) -> None:
    meeting = issued(people.company, recruit)
    assert spent(recruit) == 1

    later = meeting.starts_at + timedelta(hours=1)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())
    run_jobs()
    meetings.check(meeting, now=timezone.now())
    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    assert spent(recruit) == 2
    assert zoom.meetings() == []


def test_beyond_the_budget_zoom_is_not_asked(zoom: ZoomWorld, people, recruit: Connection, settings) -> None:
    settings.ZOOM_WRITES_PER_DAY = 1
    issued(people.company, recruit)
    second = wanted(people.company, recruit, timezone.now() + timedelta(days=4))

    with pytest.raises(meetings.TryLater):
        meetings.issue(second, now=timezone.now())

    assert len(zoom.requests("POST", CREATE["path"])) == 1
    assert (second.problem, second.is_pending, second.create_sent_at) == (Problem.DAILY_LIMIT, True, None)
    assert second.due_at >= spending.resets_after(timezone.now())


def test_zooms_own_refusal_corrects_our_count(zoom: ZoomWorld, people, recruit: Connection) -> None:
    zoom.fault("rate_limit", match=CREATE, which="user_day")
    first = wanted(people.company, recruit)
    second = wanted(people.company, recruit, timezone.now() + timedelta(days=4))

    for meeting in (first, second):
        with pytest.raises(meetings.TryLater):
            meetings.issue(meeting, now=timezone.now())

    assert spent(recruit) == 100
    assert len(zoom.requests("POST", CREATE["path"])) == 1


def test_what_zoom_turned_away_at_the_door_is_given_back(
    zoom: ZoomWorld, people, recruit: Connection
) -> None:
    zoom.fault("rate_limit", match=CREATE, which="second")

    with pytest.raises(meetings.TryLater):
        meetings.issue(wanted(people.company, recruit), now=timezone.now())

    assert spent(recruit) == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_requests_at_once_do_not_use_up_the_hosts_day(
    zoom: ZoomWorld, people, recruit: Connection, method: str
) -> None:
    meeting = issued(people.company, recruit)
    zoom.fault("rate_limit", match={"method": method}, which="concurrent")
    second = wanted(people.company, recruit, timezone.now() + timedelta(days=4))

    with pytest.raises(meetings.TryLater) as refused:
        if method == "GET":
            meetings.check(meeting, now=timezone.now())
        else:
            meetings.issue(second, now=timezone.now())

    assert (refused.value.why, spent(recruit)) == ("busy", 1)
    meetings.issue(second, now=timezone.now())
    assert len(zoom.meetings()) == 2


def test_what_may_have_reached_zoom_stays_counted(zoom: ZoomWorld, people, recruit: Connection) -> None:
    zoom.fault("drop", match=CREATE, commit="after")

    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(wanted(people.company, recruit), now=timezone.now())

    assert spent(recruit) == 1


def test_the_simulated_zoom_counts_as_we_do(zoom: ZoomWorld, people, recruit: Connection) -> None:
    """Our count is used up exactly when Zoom's is."""
    zoom.mode(limits="on")
    meeting = issued(people.company, recruit)

    def update(minutes: int) -> None:
        now = timezone.now()
        work = partial(client.Client.update_meeting, meeting_id=meeting.zoom_id, minutes=minutes)
        tokens.call(recruit, work, now=now, begins_at=now)

    for number in range(99):
        if number % 40 == 0:
            zoom.control("POST", "clock", {"advance": 1})  # as many a second as the account may
        update(30 + number)

    with pytest.raises(client.TryLater) as refused:
        update(5)
    assert (refused.value.was_tried, spent(recruit)) == (False, 100)
    WriteBudget.objects.all().delete()
    with pytest.raises(client.TryLater) as refused:
        update(5)
    assert (refused.value.why, refused.value.was_tried, spent(recruit)) == ("daily_limit", True, 100)


# --- where it is shown ----------------------------------------------------------------------------------------------


def test_choosing_by_itself_prefers_a_host_that_may_still_create(
    people, host: Connection, ten_a_day: None
) -> None:
    now = timezone.now()
    other = link(people.aoki, "二")
    spend(host, 9, now=now)
    tomorrow = spending.resets_after(now) + timedelta(hours=5)

    for hours in (0, 1):
        meeting = wanted(people.company, None, tomorrow + timedelta(hours=hours), minutes=60)
        assert meeting.connection == other
    # What is kept back is there for meetings before the reset.
    choices = meetings.host_choices(organization=people.company, starts_at=tomorrow, minutes=60, now=now)
    assert {choice.connection: choice.budget.allows(now) for choice in choices} == {host: True, other: True}
    assert {choice.connection: choice.budget.allows(tomorrow) for choice in choices} == {
        host: False,
        other: True,
    }


@pytest.mark.parametrize(
    ("spent", "sentence"),
    [
        (79, ""),
        (88, "本日の残り 12 回（09:00にリセット）"),
        (92, "本日の残り 8 回は、09:00より前に始まる面接のために残しています。"),
        (100, "Zoomの1日の上限に達しました。11/25(水) 09:00に自動で再開します。"),
        (140, "Zoomの1日の上限に達しました。11/25(水) 09:00に自動で再開します。"),
    ],
)
def test_what_is_left_is_said_on_the_readers_clock(
    people, host: Connection, spent: int, sentence: str
) -> None:
    WriteBudget.objects.create(zoom_user_id=host.zoom_user_id, on=NOW.date(), spent=spent)

    assert limit_words.of_links([host], now=NOW) == {host.pk: [sentence] if sentence else []}
    with timezone.override(ZoneInfo("Europe/Berlin")), translation.override("en"):
        said = limit_words.of_links([host], now=NOW)[host.pk]
    assert [sentence for sentence in said if "01:00" in sentence] == said


def test_zoom_settings_the_form_and_the_doctor_say_it(people, client_of, host: Connection) -> None:
    now = timezone.now()
    WriteBudget.objects.create(zoom_user_id=host.zoom_user_id, on=now.astimezone(UTC).date(), spent=88)
    pacing.hold(host, label="", until=now + timedelta(hours=2), why="busy")
    sato = story.candidate(people.company)
    browser = client_of(people.baba)

    settings_page = browser.get("/settings/zoom/").content.decode()
    form = browser.get(f"/candidates/{sato.pk}/interviews/new/").content.decode()
    findings = [sentence for _tone, sentence in diagnosing.of_limits(people.company, now=now)]

    assert "本日の残り 12 回（09:00にリセット）" in settings_page
    assert "Zoomから待つように求められています。" in settings_page
    assert "採用　本日の残り 12 回（09:00にリセット）　Zoomから待つように求められています" in form
    assert len(findings) == 2
    assert findings[0] == "採用：本日の残り 12 回（09:00にリセット）"
    assert diagnosing.of_limits(people.other, now=now) == []
