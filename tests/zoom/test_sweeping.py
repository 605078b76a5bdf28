"""The daily look: one list a host, a question only where something differs; what belongs to nobody is listed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.zoom import issuing, meetings, sweeping, tokens
from mensetsu.zoom.models import Connection, Difference, Meeting, Orphan, WhyOrphan
from tests.zoom_world import HANAKO, RECRUIT2, ZoomWorld, issued

pytestmark = pytest.mark.django_db

LIST = "/v2/users/me/meetings"


def asked(zoom: ZoomWorld) -> list[str]:
    """Every request about meetings since the last reset of the log, as method and path."""
    rows = zoom.control("GET", "requests")["log"]
    return [f"{row['method']} {row['path']}" for row in rows if "/meetings" in row["path"]]


def sweep(zoom: ZoomWorld, host: Connection, run_jobs) -> list[str]:
    """The requests that one sweep and what follows from it make."""
    before = len(asked(zoom))
    sweeping.sweep.call(connection_id=host.pk)
    run_jobs()
    return asked(zoom)[before:]


def made_there(host: Connection, row: Meeting, mark: str | None = None) -> str:
    """A further meeting at Zoom with that mark; its number."""
    row = Meeting.objects.select_related("connection__organization").get(pk=row.pk)
    wanted = issuing._wanted(row) | {"agenda": issuing.agenda(row) if mark is None else mark}
    return tokens.call(host, lambda zoom: zoom.create_meeting(**wanted), now=timezone.now()).id


# --- differences ----------------------------------------------------------------------------------------------------


def test_where_all_agree_a_host_costs_one_request_however_many_meetings(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    first = issued(people.company, host)
    for day in range(1, 5):
        issued(people.company, host, first.starts_at + timedelta(days=day))

    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}"]
    assert not Difference.objects.exists()


@pytest.mark.parametrize(
    "edited",
    [{"duration": 15}, {"topic": "Lunch"}, {"password": "N3w-pass"}, {"start_time": "2030-01-01T01:00:00Z"}],
)
def test_what_differs_is_asked_for_once_and_then_known(
    zoom: ZoomWorld, people, host: Connection, run_jobs, edited: dict[str, object]
) -> None:
    meeting = issued(people.company, host)
    issued(people.company, host, meeting.starts_at + timedelta(days=1))
    zoom.edit(meeting, **edited)

    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}", f"GET /v2/meetings/{meeting.zoom_id}"]
    assert Difference.objects.filter(meeting=meeting).count() == 1
    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}"]


def test_what_is_missing_from_the_list_is_asked_for_and_lost(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    zoom.delete(meeting)

    assert len(sweep(zoom, host, run_jobs)) == 2
    meeting.refresh_from_db()
    assert meeting.lost_at is not None


def test_what_is_past_or_canceled_is_not_looked_at(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    past = issued(people.company, host)
    gone = issued(people.company, host, past.starts_at + timedelta(days=1))
    zoom.edit(gone, duration=15)
    meetings.cancel(gone, now=timezone.now())
    run_jobs()
    ago = timezone.now() - timedelta(hours=2)
    Meeting.objects.filter(pk=past.pk).update(starts_at=ago, ends_at=ago + timedelta(hours=1))

    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}"]


def test_however_far_away_a_meeting_is_compared(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    far = issued(people.company, host, timezone.now() + timedelta(days=70))
    zoom.edit(far, duration=15)

    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}", f"GET /v2/meetings/{far.zoom_id}"]
    assert [one.kind for one in far.differences.open()] == ["length"]


def test_settings_that_no_list_tells_are_asked_for_once_a_week(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    zoom.edit(meeting, settings={"waiting_room": False})
    Meeting.objects.update(checked_at=timezone.now() - timedelta(days=6))
    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}"]
    Meeting.objects.update(checked_at=timezone.now() - timedelta(days=8))

    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}", f"GET /v2/meetings/{meeting.zoom_id}"]
    assert [one.kind for one in meeting.differences.open()] == ["waiting_room"]
    assert sweep(zoom, host, run_jobs) == [f"GET {LIST}"]


def test_so_many_are_asked_for_their_settings_a_day_the_longest_unseen_first(
    zoom: ZoomWorld, people, host: Connection, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ASKED_A_DAY", 2)
    first = issued(people.company, host)
    rows = [first, *(issued(people.company, host, first.starts_at + timedelta(days=day)) for day in (1, 2))]
    for row, days in zip(rows, (8, None, 9), strict=True):
        seen_at = None if days is None else timezone.now() - timedelta(days=days)
        Meeting.objects.filter(pk=row.pk).update(checked_at=seen_at)

    never, longest = rows[1], rows[2]
    asked_for = [f"GET /v2/meetings/{row.zoom_id}" for row in (never, longest)]
    assert sorted(sweep(zoom, host, run_jobs)) == sorted([f"GET {LIST}", *asked_for])


def test_when_an_account_was_compared_is_known_and_that_zoom_was_away_since(
    zoom: ZoomWorld, host: Connection, run_jobs
) -> None:
    sweep(zoom, host, run_jobs)
    host.refresh_from_db()
    compared_at = host.compared_at
    assert (compared_at is not None, host.compare_problem) == (True, "")
    zoom.fault("down")

    sweeping.sweep.call(connection_id=host.pk)

    host.refresh_from_db()
    assert (host.compared_at, host.compare_problem) == (compared_at, "away")
    zoom.heal()
    sweep(zoom, host, run_jobs)
    host.refresh_from_db()
    assert host.compare_problem == ""


def test_an_account_whose_meetings_the_app_may_not_list_is_known(zoom: ZoomWorld, people, run_jobs) -> None:
    zoom.app(people.company)
    app = zoom.state()["apps"][0]
    scopes = [scope for scope in app["scopes"] if scope != "meeting:read:list_meetings"]
    zoom.control("POST", f"apps/{app['client_id']}", {"scopes": scopes})
    host = zoom.connect(people.baba, is_shared=True)

    sweep(zoom, host, run_jobs)

    host.refresh_from_db()
    assert (host.compared_at, host.compare_problem) == (None, "scope_missing")


def test_a_meeting_in_anothers_list_has_another_host(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    other = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    meeting = issued(people.company, host)
    zoom.edit(meeting, host=RECRUIT2)

    assert sweep(zoom, other, run_jobs) == [f"GET {LIST}"]
    assert [(one.kind, one.their_host) for one in meeting.differences.open()] == [("host", other)]
    assert not Orphan.objects.exists()
    sweep(zoom, other, run_jobs)
    assert Difference.objects.count() == 1


def test_a_meeting_of_a_link_that_ended_says_nothing_about_its_host(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    other = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    meeting = issued(people.company, host)
    zoom.edit(meeting, host=RECRUIT2)
    Connection.objects.filter(pk=host.pk).update(ended_at=timezone.now(), end_reason="revoked")

    sweep(zoom, other, run_jobs)

    assert not Difference.objects.exists()


def test_every_linked_account_is_swept_daily(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    ended = zoom.connect(people.aoki, HANAKO)
    Connection.objects.filter(pk=ended.pk).update(ended_at=timezone.now(), end_reason="revoked")

    sweeping.sweep_all.call()
    run_jobs()

    assert asked(zoom) == [f"GET {LIST}"]


def test_what_was_gone_long_ago_is_forgotten(host: Connection) -> None:
    now = timezone.now()
    for number, days in (("88400000001", 31), ("88400000002", 29)):
        Orphan.objects.create(
            connection=host,
            zoom_id=number,
            reference="11111111-2222-3333-4444-555555555555",
            why="unknown",
            found_at=now,
            gone_at=now - timedelta(days=days),
        )

    sweeping.sweep_all.call()

    assert Orphan.objects.get().zoom_id == "88400000002"


# --- what belongs to nobody -----------------------------------------------------------------------------------------


def listed() -> list[tuple[str, str]]:
    return [(one.zoom_id, one.why) for one in Orphan.objects.standing().order_by("id")]


def test_a_double_is_listed_and_left_alone(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    meeting = issued(people.company, host)
    double = made_there(host, meeting)

    sweep(zoom, host, run_jobs)
    sweep(zoom, host, run_jobs)

    assert listed() == [(double, WhyOrphan.DOUBLE)]
    assert len(zoom.meetings()) == 2


def test_a_mark_that_nobody_knows_is_listed_until_it_is_gone(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    foreign = made_there(host, meeting, "[mensetsu:11111111-2222-3333-4444-555555555555]")
    made_there(host, meeting, "made by a person")
    made_there(host, meeting, "[mensetsu:broken]")

    sweep(zoom, host, run_jobs)
    assert listed() == [(foreign, WhyOrphan.UNKNOWN)]
    zoom.control("DELETE", f"meetings/{foreign}")
    sweep(zoom, host, run_jobs)

    assert listed() == []
    assert len(zoom.meetings()) == 3


def test_what_was_lost_and_is_there_again_is_listed(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    Meeting.objects.update(lost_at=timezone.now())

    sweep(zoom, host, run_jobs)

    assert listed() == [(meeting.zoom_id, WhyOrphan.LOST)]


def test_the_copy_of_a_canceled_meeting_is_not_deleted_by_itself(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    copy = made_there(host, meeting)
    Meeting.objects.update(canceled_at=timezone.now(), removed_at=timezone.now())

    sweep(zoom, host, run_jobs)

    assert [str(one["id"]) for one in zoom.meetings()] == [copy]
    assert listed() == [(copy, WhyOrphan.DOUBLE)]


def test_another_companys_meeting_of_the_same_zoom_user_is_left_alone(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    Meeting.objects.update(organization=people.other, canceled_at=timezone.now())

    sweep(zoom, host, run_jobs)

    assert listed() == []
    assert [str(one["id"]) for one in zoom.meetings()] == [meeting.zoom_id]


def test_a_meeting_that_is_just_being_made_is_nobodys_orphan(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    issued(people.company, host)
    Meeting.objects.update(zoom_id="", join_url="", issued_at=None, create_sent_at=timezone.now())

    sweep(zoom, host, run_jobs)

    assert listed() == []


@pytest.fixture
def orphan(zoom: ZoomWorld, people, host: Connection, run_jobs) -> Orphan:
    made_there(host, issued(people.company, host))
    sweep(zoom, host, run_jobs)
    return Orphan.objects.get()


def test_a_person_deletes_it(zoom: ZoomWorld, people, orphan: Orphan, run_jobs) -> None:
    sweeping.remove(orphan, by=people.baba, now=timezone.now())
    sweeping.remove(orphan, by=people.aoki, now=timezone.now())
    run_jobs()

    assert [str(one["id"]) for one in zoom.meetings()] == [Meeting.objects.get().zoom_id]
    assert listed() == []
    (entry,) = Entry.objects.filter(action="connection.orphan_removed")
    assert entry.actor == people.baba
    sweeping.remove_orphan.call(orphan_id=orphan.pk)  # nothing left to do


def test_what_has_become_something_else_meanwhile_is_left_alone(
    zoom: ZoomWorld, people, orphan: Orphan, run_jobs
) -> None:
    zoom.control("POST", f"meetings/{orphan.zoom_id}", {"agenda": "a person's own words"})

    sweeping.remove(orphan, by=people.baba, now=timezone.now())
    run_jobs()

    assert len(zoom.meetings()) == 2
    assert listed() == []
    assert not Entry.objects.filter(action="connection.orphan_removed").exists()


def test_what_an_interview_has_taken_over_meanwhile_is_left_alone(
    zoom: ZoomWorld, people, orphan: Orphan, run_jobs
) -> None:
    sweeping.remove(orphan, by=people.baba, now=timezone.now())
    Meeting.objects.update(zoom_id=orphan.zoom_id)
    run_jobs()

    assert len(zoom.meetings()) == 2


def test_what_is_gone_already_needs_no_deleting(zoom: ZoomWorld, people, orphan: Orphan, run_jobs) -> None:
    zoom.control("DELETE", f"meetings/{orphan.zoom_id}")

    sweeping.remove(orphan, by=people.baba, now=timezone.now())
    run_jobs()

    assert listed() == []
    assert not Entry.objects.filter(action="connection.orphan_removed").exists()


def test_deleting_waits_for_zoom_to_be_back(zoom: ZoomWorld, people, orphan: Orphan, run_jobs) -> None:
    zoom.fault("down")
    sweeping.remove(orphan, by=people.baba, now=timezone.now())
    run_jobs()
    orphan.refresh_from_db()
    assert (orphan.problem, orphan.gone_at) == ("away", None)
    zoom.heal()

    run_jobs(until=timezone.now() + timedelta(minutes=5))

    assert listed() == []


def test_what_zoom_refuses_to_delete_stays_listed(zoom: ZoomWorld, people, orphan: Orphan, run_jobs) -> None:
    zoom.control("POST", f"meetings/{orphan.zoom_id}/start")

    sweeping.remove(orphan, by=people.baba, now=timezone.now())
    run_jobs()

    orphan.refresh_from_db()
    assert (orphan.problem, orphan.removing_at, orphan.gone_at) == ("refused", None, None)
