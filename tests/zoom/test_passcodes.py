"""Every meeting of ours has a passcode: whoever takes it away is answered, and Zoom's refusal is told."""

from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import adopting, fitness, meetings, reconciling, repairing, tokens
from mensetsu.zoom.models import Connection, Difference, Meeting, Problem
from tests.zoom.test_adopting import made_there, take
from tests.zoom_world import RECRUIT, ZoomWorld, issued

pytestmark = pytest.mark.django_db

UNASKED = {"schedule_meeting": {"require_password_for_scheduling_new_meetings": False}}
# Our passcodes have letters, so this account takes none of them.
RULE = dict.fromkeys(
    ("have_letter", "have_number", "have_special_character", "have_upper_and_lower_characters"), False
)
DIGITS_ONLY = {
    "schedule_meeting": {"meeting_password_requirement": RULE | {"length": 0, "only_allow_numeric": True}}
}


def doors(meeting: Meeting) -> str:
    fresh = Meeting.objects.select_related("connection").get(pk=meeting.pk)
    return fitness.read(fresh, now=timezone.now())["doors"]


def look(meeting: Meeting) -> list[str]:
    meetings.check(meeting, now=timezone.now())
    return sorted(one.kind for one in meeting.differences.open())


def repair(meeting: Meeting, **how: Any) -> None:
    repairing.repair(meeting, may_undo=False, now=timezone.now(), **how)


def taken_away(zoom: ZoomWorld, meeting: Meeting) -> Meeting:
    zoom.edit(meeting, password="")
    assert look(meeting) == ["passcode"]
    return meeting


def patches(zoom: ZoomWorld, meeting: Meeting) -> int:
    return len(zoom.requests("PATCH", f"/v2/meetings/{meeting.zoom_id}"))


def test_a_passcode_taken_away_at_zoom_is_a_difference_and_no_new_link(
    zoom: ZoomWorld, meeting: Meeting, news
) -> None:
    taken_away(zoom, meeting)

    assert look(meeting) == ["passcode"]
    assert (doors(meeting), news) == ("no_passcode", [("changed", meeting)])


def test_another_is_set_once_and_read_back_with_its_link(zoom: ZoomWorld, meeting: Meeting, news) -> None:
    taken_away(zoom, meeting)

    repair(meeting)

    (there,) = zoom.meetings()
    assert (doors(meeting), meeting.passcode, len(meeting.passcode)) == ("", there["password"], 10)
    assert there["pwd"] in meeting.join_url
    assert news[-1] == ("link", meeting)
    repair(meeting)
    assert (patches(zoom, meeting), look(meeting)) == (1, [])


def test_where_people_would_stand_before_a_changed_lock_it_is_left_to_a_person(
    zoom: ZoomWorld, meeting: Meeting
) -> None:
    taken_away(zoom, meeting)

    repair(meeting, may_relink=False)

    assert (doors(meeting), patches(zoom, meeting)) == ("no_passcode", 0)


def test_one_that_somebody_sets_meanwhile_stays(zoom: ZoomWorld, meeting: Meeting) -> None:
    taken_away(zoom, meeting)
    zoom.edit(meeting, password="Th3irs-own")

    repair(meeting)

    assert (doors(meeting), meeting.passcode, patches(zoom, meeting)) == ("", "Th3irs-own", 0)


def test_both_doors_go_back_in_one_request(zoom: ZoomWorld, meeting: Meeting) -> None:
    zoom.edit(meeting, password="", settings={"waiting_room": False})
    assert look(meeting) == ["passcode", "waiting_room"]

    repair(meeting)

    assert (doors(meeting), meeting.has_waiting_room, patches(zoom, meeting)) == ("", True, 1)


def test_what_zoom_refuses_is_told_and_not_sent_again(zoom: ZoomWorld, meeting: Meeting) -> None:
    zoom.control("POST", f"users/{RECRUIT}", {"settings": DIGITS_ONLY})
    taken_away(zoom, meeting)

    repair(meeting)
    repair(meeting)

    assert (doors(meeting), patches(zoom, meeting)) == ("no_passcode", 1)
    assert Difference.objects.get().problem == Problem.REFUSED


def test_zoom_away_leaves_it_to_a_job(zoom: ZoomWorld, meeting: Meeting, run_jobs) -> None:
    taken_away(zoom, meeting)
    fault = zoom.fault("down")

    repair(meeting)

    assert fault
    assert (doors(meeting), Difference.objects.get().problem) == ("no_passcode", Problem.AWAY)
    zoom.heal()
    run_jobs()
    assert doors(meeting) == ""


def test_a_meeting_made_without_one_whose_first_try_fails_gets_it_later(
    zoom: ZoomWorld, people, host: Connection, news
) -> None:
    zoom.control("POST", f"users/{RECRUIT}", {"settings": UNASKED})
    zoom.fault("server_error", match={"method": "PATCH"})

    meeting = issued(people.company, host)

    assert (doors(meeting), meeting.join_url != "") == ("no_passcode", True)
    repair(meeting)
    assert (doors(meeting), patches(zoom, meeting)) == ("", 2)


@pytest.mark.parametrize(("has_waiting_room", "cause"), [(True, ""), (False, "unguarded")])
def test_one_that_may_stay_away_is_no_trouble_behind_a_waiting_room(
    zoom: ZoomWorld, people, meeting: Meeting, has_waiting_room: bool, cause: str
) -> None:
    Meeting.objects.update(wants_waiting_room=has_waiting_room)
    zoom.edit(meeting, password="", settings={"waiting_room": has_waiting_room})
    look(meeting)
    difference = Difference.objects.get()

    reconciling.ignore(difference, by=people.baba, now=timezone.now())
    repair(meeting)

    assert (doors(meeting), patches(zoom, meeting)) == (cause, 0)
    # The same press as anywhere sets one after all.
    reconciling.restore(difference, by=people.baba, now=timezone.now())
    reconciling.restore_meeting.call(meeting_id=meeting.pk)
    assert doors(meeting) == ""
    with pytest.raises(reconciling.NotPossible):
        reconciling.take_over(difference, by=people.baba, now=timezone.now())


# --- taken over from a person ---------------------------------------------------------------------------------------


def adopted(zoom: ZoomWorld, people, host: Connection, **fields: Any) -> Meeting:
    number = made_there(host)
    zoom.control("POST", f"meetings/{number}", fields)
    return take(people, host, number)


def test_a_meeting_taken_over_without_a_passcode_is_as_its_maker_chose(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    meeting = adopted(zoom, people, host, password="")

    assert (look(meeting), doors(meeting)) == ([], "")
    zoom.edit(meeting, settings={"waiting_room": False})
    assert look(meeting) == ["passcode", "waiting_room"]


def test_one_taken_over_with_a_passcode_keeps_it(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = adopted(zoom, people, host)

    assert look(taken_away(zoom, meeting)) == ["passcode"]
    assert doors(meeting) == "no_passcode"
    repair(meeting)
    assert doors(meeting) == ""


def test_our_mark_and_a_passcode_need_one_request(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = adopted(zoom, people, host)
    taken_away(zoom, meeting)

    repair(meeting)

    assert (patches(zoom, meeting), Meeting.objects.get().needs_mark) == (1, False)
    with pytest.raises(adopting.Taken):
        adopting.find(host, meeting.zoom_id, now=timezone.now())
    assert tokens.call(host, lambda there: there.get_meeting(meeting.zoom_id), now=timezone.now()).passcode
