"""Answers of Zoom that should not happen, and did to somebody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import client, connecting, following, meetings, tokens
from mensetsu.zoom.models import App, Connection, EndReason, Meeting, Problem
from tests.zoom.answering import ID, answering
from tests.zoom.test_client import MEETING
from tests.zoom.test_hosting import link
from tests.zoom_world import HANAKO, RECRUIT, RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"host_id": "somebody else"}, Problem.WRONG_HOST),
        ({"settings": {"use_pmi": True}}, Problem.REFUSED),
    ],
)
def test_a_meeting_that_is_not_what_we_asked_for_is_not_kept(people, answer: dict, problem: Problem) -> None:
    host = link(people.aoki)
    body = MEETING | {"host_id": host.zoom_user_id} | answer
    with answering(201, body) as (keys, asked):
        App.objects.create(
            organization=people.company, key="a" * 32, client_id="id", client_secret_sealed=tokens.seal("s"),
            oauth_base=keys.oauth_base, api_base=keys.api_base, updated_at=timezone.now(),
        )  # fmt: skip
        later = timezone.now() + timedelta(hours=1)
        Connection.objects.update(access_token_sealed=tokens.seal("t"), access_expires_at=later)
        meeting = wanted(people.company, host)

        meetings.issue(meeting, now=timezone.now())

    assert (meeting.is_failed, meeting.problem, meeting.zoom_id) == (True, problem, "")
    assert [(method, path) for method, path, *_rest in asked] == [
        ("POST", "/v2/users/me/meetings"),
        ("DELETE", f"/v2/meetings/{ID}"),
    ]


def test_a_meeting_handed_to_another_host_at_zoom_is_noted(zoom: ZoomWorld, people) -> None:
    meeting = issued(people.company, zoom.connect(people.baba, RECRUIT))
    zoom.edit(meeting, host=HANAKO)

    meetings.check(meeting, now=timezone.now())

    assert [one.kind for one in meeting.differences.open()] == ["host"]
    assert (meeting.problem, meeting.lost_at) == ("", None)


def test_a_lost_create_that_may_not_be_looked_for_waits_for_a_person(zoom: ZoomWorld, people) -> None:
    meeting = wanted(people.company, zoom.connect(people.baba, RECRUIT))
    zoom.fault("drop", match={"method": "POST", "path": "/v2/users/me/meetings"}, commit="before")
    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())
    app = zoom.state()["apps"][0]
    scopes = [scope for scope in app["scopes"] if scope != "meeting:read:list_meetings"]
    zoom.control("POST", f"apps/{app['client_id']}", {"scopes": scopes})
    zoom.connect(people.baba, RECRUIT)

    meetings.issue(meeting, now=timezone.now())
    assert (meeting.is_failed, meeting.problem) == (True, Problem.SCOPE_MISSING)
    meetings.retry(meeting, now=timezone.now())
    meetings.issue(meeting, now=timezone.now())

    assert meeting.is_issued
    assert len(zoom.meetings()) == 1


def test_a_link_that_ends_while_it_is_renewed_keeps_no_tokens(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    stale = Connection.objects.select_related("organization").get(pk=host.pk)
    pair = client.refresh(
        tokens.app_keys(people.company), refresh_token=tokens.unseal(stale.refresh_token_sealed)
    )
    Connection.objects.update(
        ended_at=timezone.now(), end_reason=EndReason.DISCONNECTED, refresh_token_sealed=""
    )

    assert tokens._stored(stale, pair, timezone.now()) is None

    host.refresh_from_db()
    assert host.refresh_token_sealed == ""
    assert [a for a in zoom.state()["authorizations"] if not a["ended_at"]] == []


def test_asking_whose_meetings_they_are_goes_on_when_zoom_is_back(zoom: ZoomWorld, people, run_jobs) -> None:
    first = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, first)
    now = timezone.now()
    connecting.deauthorize(app=zoom.app(people.company), zoom_user_id=first.zoom_user_id, at=now, now=now)
    second = zoom.connect(people.baba, RECRUIT)
    zoom.fault("down")
    run_jobs()
    meeting.refresh_from_db()
    assert meeting.connection == first

    zoom.heal()
    run_jobs(until=timezone.now() + timedelta(minutes=5))

    meeting.refresh_from_db()
    assert meeting.connection == second
    following.follow_by_asking.call(connection_id=first.pk)  # ended meanwhile: nothing to do


def test_an_own_account_stands_in_the_way_of_a_third_only(zoom: ZoomWorld, people) -> None:
    zoom.connect(people.baba, HANAKO)
    zoom.connect(people.aoki, RECRUIT, is_shared=True)

    with pytest.raises(connecting.StillConnected):
        zoom.connect(people.baba, RECRUIT2)
    # The refused account's tokens went back; the others are untouched.
    alive = {a["user_id"] for a in zoom.state()["authorizations"] if not a["ended_at"]}
    assert alive == set(Connection.objects.live().values_list("zoom_user_id", flat=True))


def pointed(people, keys: client.AppKeys) -> Connection:
    """A link whose Zoom is that one answer."""
    App.objects.create(
        organization=people.company, key="a" * 32, client_id="id", client_secret_sealed=tokens.seal("s"),
        oauth_base=keys.oauth_base, api_base=keys.api_base, updated_at=timezone.now(),
    )  # fmt: skip
    later = timezone.now() + timedelta(hours=1)
    return link(people.aoki, access_token_sealed=tokens.seal("t"), access_expires_at=later)


def test_what_zoom_does_not_say_of_a_meeting_stays_as_we_know_it(people) -> None:
    with answering(200, MEETING) as (keys, _asked):
        meeting = wanted(people.company, pointed(people, keys))
        Meeting.objects.update(
            zoom_id=str(ID), join_url="https://zoom.us/j/1", issued_at=timezone.now(),
            has_waiting_room=False, requires_login=True,
        )  # fmt: skip

        meetings.check(meeting, now=timezone.now())

    assert meeting.join_url == MEETING["join_url"]
    assert (meeting.has_waiting_room, meeting.requires_login) == (False, True)


def test_a_meeting_without_a_start_link_is_started_in_a_moment(people) -> None:
    with answering(200, MEETING) as (keys, _asked):
        meeting = wanted(people.company, pointed(people, keys))
        Meeting.objects.update(zoom_id=str(ID), join_url="https://zoom.us/j/1", issued_at=timezone.now())

        with pytest.raises(meetings.TryLater):
            meetings.start_url(meeting, now=timezone.now())


def test_a_create_answered_with_gone_is_shown_to_a_person(people) -> None:
    with answering(404, {"code": 3001}) as (keys, _asked):
        meeting = wanted(people.company, pointed(people, keys))

        meetings.issue(meeting, now=timezone.now())

    assert (meeting.is_failed, meeting.problem, meeting.problem_detail) == (
        True,
        Problem.REFUSED,
        "MeetingGone",
    )
