"""A meeting that a person made at Zoom becomes ours, or not, and why."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import adopting, meetings, reconciling, sweeping, tokens
from mensetsu.zoom.models import Connection, Meeting, Orphan
from simulator.zoom import fixtures
from tests.racing import meanwhile
from tests.zoom_world import RECRUIT, RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db


def made_there(
    host: Connection, *, days: int = 4, agenda: str = "資料を持参", topic: str = "面接 佐藤様"
) -> str:
    """A person makes a meeting at Zoom; its number."""
    starts_at = (timezone.now() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    made = tokens.call(
        host,
        lambda zoom: zoom.create_meeting(
            topic=topic, agenda=agenda, starts_at=starts_at, minutes=45, time_zone="Asia/Tokyo"
        ),
        now=timezone.now(),
    )
    return made.id


def take(people, host: Connection, number: str, **values: Any) -> Meeting:
    known = adopting.find(host, number, now=timezone.now())
    wished = {
        "starts_at": known.starts_at,
        "minutes": known.minutes,
        "title": "佐藤 美咲 様",
        "page_url": "/interviews/1/",
    }
    return adopting.take(
        known, organization=people.company, connection=host, now=timezone.now(), **(wished | values)
    )


# --- what was typed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "88412345678", "884 1234 5678", "８８４　１２３４　５６７８", "884-1234-5678", "https://us06web.zoom.us/j/88412345678?pwd=x.1",
        "zoom.us/wc/join/88412345678", " https://zoom.us/s/88412345678?zak=y ",
    ],
)  # fmt: skip
def test_a_meeting_is_named_by_its_number_or_its_link(typed: str) -> None:
    assert adopting.number_of(typed) == "88412345678"


@pytest.mark.parametrize(
    "typed", ["", "Lunch", "12345678", "1234567890123", "https://zoom.us/my/hanako", "８８４x"]
)
def test_anything_else_names_no_meeting(typed: str) -> None:
    with pytest.raises(adopting.NotANumber):
        adopting.number_of(typed)


# --- what Zoom says of it -------------------------------------------------------------------------------------------


def test_what_does_not_exist_is_not_found(host: Connection) -> None:
    with pytest.raises(adopting.NotFound):
        adopting.find(host, "88412345678", now=timezone.now())


def test_another_hosts_meeting_is_refused(zoom: ZoomWorld, people, host: Connection) -> None:
    other = zoom.connect(people.aoki, RECRUIT2, is_shared=True)

    with pytest.raises(adopting.OtherHost):
        adopting.find(host, made_there(other), now=timezone.now())


def test_a_meeting_seen_by_privilege_only_is_another_hosts(zoom: ZoomWorld, people, host: Connection) -> None:
    number = made_there(host)
    Connection.objects.filter(pk=host.pk).update(zoom_user_id="somebody else")
    host.refresh_from_db()

    with pytest.raises(adopting.OtherHost):
        adopting.find(host, number, now=timezone.now())


@pytest.mark.parametrize(
    ("edited", "why"),
    [
        ({"type": 3}, "recurring"),
        ({"type": 1}, "instant"),
        ({"settings": {"use_pmi": True}}, "personal"),
        (None, "webinar"),
    ],
)
def test_what_is_never_one_interviews_alone_is_refused(
    zoom: ZoomWorld, host: Connection, edited: dict[str, Any] | None, why: str
) -> None:
    number = made_there(host)
    path = f"meetings/{number}"
    zoom.control("POST", path if edited else f"{path}/webinar", edited)

    with pytest.raises(adopting.NotPlain) as refused:
        adopting.find(host, number, now=timezone.now())

    assert refused.value.why == why


def test_what_has_begun_is_refused(zoom: ZoomWorld, host: Connection) -> None:
    with pytest.raises(adopting.IsOver):
        adopting.find(host, made_there(host), now=timezone.now() + timedelta(days=5))


def test_a_missing_permission_goes_up_as_it_is(zoom: ZoomWorld, people, host: Connection) -> None:
    number = made_there(host)
    scopes = [one for one in fixtures.SCOPES if one != "meeting:read:meeting"]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    again = zoom.connect(people.baba, RECRUIT, is_shared=True)

    with pytest.raises(meetings.Refused):
        adopting.find(again, number, now=timezone.now())


def test_the_meeting_of_another_interview_is_refused_by_name(people, host: Connection) -> None:
    meeting = issued(people.company, host)

    with pytest.raises(adopting.Taken) as refused:
        adopting.find(host, meeting.zoom_id, now=timezone.now())

    assert refused.value.meeting == meeting


def test_another_companys_meeting_is_refused_without_its_name(people, host: Connection) -> None:
    meeting = issued(people.company, host)
    Meeting.objects.update(organization=people.other)

    with pytest.raises(adopting.Taken) as refused:
        adopting.find(host, meeting.zoom_id, now=timezone.now())

    assert refused.value.meeting is None


def test_what_is_about_to_be_found_or_deleted_is_refused(people, host: Connection) -> None:
    pending = wanted(people.company, host)
    number = made_there(host, agenda=f"[mensetsu:{pending.reference}]")
    with pytest.raises(adopting.Taken):
        adopting.find(host, number, now=timezone.now())

    canceled = issued(people.company, host, pending.starts_at + timedelta(days=1))
    meetings.cancel(canceled, now=timezone.now())
    with pytest.raises(adopting.Taken):
        adopting.find(host, canceled.zoom_id, now=timezone.now())


# --- taking it over -------------------------------------------------------------------------------------------------


def test_it_is_ours_and_recognised_by_our_mark(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    number = made_there(host)

    meeting = take(people, host, number)
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.zoom_id, meeting.is_issued, meeting.is_unsynced, meeting.needs_mark) == (
        number,
        True,
        False,
        False,
    )
    (there,) = zoom.meetings()
    assert there["agenda"] == f"[mensetsu:{meeting.reference}]\n資料を持参"
    assert len(zoom.requests("PATCH", f"/v2/meetings/{number}")) == 1
    sweeping.sweep.call(connection_id=host.pk)
    assert not Orphan.objects.exists()


def test_the_persons_topic_and_settings_are_no_difference(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    number = made_there(host)
    zoom.control(
        "POST", f"meetings/{number}", {"settings": {"waiting_room": False, "join_before_host": True}}
    )

    meeting = take(people, host, number)
    run_jobs()
    meetings.check(meeting, now=timezone.now())

    assert not meeting.differences.exists()
    assert (meeting.topic, meeting.own_topic) == ("面接 佐藤様", "面接 佐藤様")


def test_our_time_and_the_mark_cost_one_request(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    number = made_there(host)
    later = (timezone.now() + timedelta(days=6)).replace(microsecond=0)

    meeting = take(people, host, number, starts_at=later, minutes=60)
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.synced_starts_at, meeting.synced_minutes, meeting.is_unsynced) == (later, 60, False)
    assert len(zoom.requests("PATCH", f"/v2/meetings/{number}")) == 1


def test_canceling_deletes_it_like_ours(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    meeting = take(people, host, made_there(host))
    run_jobs()

    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    assert zoom.meetings() == []


def test_an_orphan_that_is_taken_over_is_none_any_more(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    number = made_there(host, agenda="[mensetsu:11111111-2222-3333-4444-555555555555] 資料")
    sweeping.sweep.call(connection_id=host.pk)
    assert Orphan.objects.standing().count() == 1

    meeting = take(people, host, number)
    run_jobs()

    assert not Orphan.objects.standing().exists()
    assert zoom.meetings()[0]["agenda"] == f"[mensetsu:{meeting.reference}]\n資料"


def test_what_was_lost_and_recovered_at_zoom_can_be_taken_over(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    lost = issued(people.company, host)
    Meeting.objects.update(lost_at=timezone.now())

    meeting = take(people, host, lost.zoom_id)

    lost.refresh_from_db()
    assert (meeting.zoom_id != "", lost.zoom_id, lost.is_live) == (True, "", False)


@pytest.mark.parametrize("mark", ["its own", "another"])
def test_a_sweep_before_the_mark_is_written_leaves_it_alone(
    zoom: ZoomWorld, people, host: Connection, run_jobs, mark: str
) -> None:
    lost = issued(people.company, host)
    Meeting.objects.update(lost_at=timezone.now())
    if mark == "another":
        zoom.edit(lost, agenda="[mensetsu:11111111-2222-3333-4444-555555555555]")
    meeting = take(people, host, lost.zoom_id)
    zoom.fault("server_error", match={"method": "PATCH"}, times=None)  # the mark cannot be written yet
    run_jobs()

    sweeping.sweep.call(connection_id=host.pk)

    assert [str(one["id"]) for one in zoom.meetings()] == [meeting.zoom_id]
    assert not Orphan.objects.exists()
    zoom.heal()
    run_jobs()
    sweeping.sweep.call(connection_id=host.pk)
    assert zoom.meetings()[0]["agenda"].startswith(f"[mensetsu:{meeting.reference}]")


def test_a_host_without_free_time_refuses(people, host: Connection) -> None:
    number = made_there(host)
    known = adopting.find(host, number, now=timezone.now())
    issued(people.company, host, known.starts_at)

    with pytest.raises(meetings.HostBusy):
        take(people, host, number)


def test_of_two_who_take_it_over_at_once_one_is_refused(people, host: Connection) -> None:
    Connection.objects.update(capacity=2)
    number = made_there(host)

    with (
        meanwhile('FROM "zoom_app"', lambda: take(people, host, number)),  # while Zoom is asked
        pytest.raises(adopting.Taken),
    ):
        take(people, host, number)

    assert Meeting.objects.live().count() == 1


def test_two_at_once_are_told_apart_by_the_database(people, host: Connection) -> None:
    number = made_there(host)
    known = adopting.find(host, number, now=timezone.now())
    stale = issued(people.company, host, known.starts_at + timedelta(days=1))

    def other() -> None:
        Meeting.objects.filter(pk=stale.pk).update(zoom_id=number)

    with meanwhile('INSERT INTO "zoom_meeting"', other), pytest.raises(adopting.Taken):
        take(people, host, number)


def test_a_mark_that_could_not_be_written_is_written_by_the_daily_look(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = take(people, host, made_there(host))
    zoom.fault("server_error", match={"method": "PATCH"}, times=None)
    run_jobs()
    zoom.heal()
    sweeping.sweep.call(connection_id=host.pk)
    run_jobs()

    meeting.refresh_from_db()
    assert not meeting.needs_mark
    reconciling.restore_meeting.call(meeting_id=meeting.pk)  # nothing left to send
