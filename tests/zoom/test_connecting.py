"""Linking and unlinking Zoom accounts: one Zoom user once, nothing half-made, nothing left behind."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.zoom import checking, client, connecting, leaving, meetings, signals, tokens
from mensetsu.zoom.models import Connection, EndReason, PendingApproval
from simulator.zoom import fixtures
from tests.racing import meanwhile
from tests.zoom_world import HANAKO, RECRUIT, RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended() -> list[Connection]:
    """The links announced as ended."""
    heard: list[Connection] = []

    def hear(*, connection: Connection, **facts: object) -> None:
        heard.append(connection)

    signals.connection_ended.connect(hear)
    yield heard
    signals.connection_ended.disconnect(hear)


# --- link -----------------------------------------------------------------------------------------------------------


def test_linking_keeps_who_it_is_and_seals_the_tokens(zoom: ZoomWorld, people) -> None:
    connecting.note_pending_approval(user=people.baba, now=timezone.now())

    link = zoom.connect(people.baba, RECRUIT)

    assert (link.email, link.display_name, link.plan_type) == (RECRUIT, "採用チーム", 2)
    assert link.is_live
    assert tokens.unseal(link.access_token_sealed) not in ("", link.access_token_sealed)
    assert "meeting:write:meeting" in link.scopes.split()
    assert not PendingApproval.objects.exists()
    assert Entry.objects.get(action="connection.connected").actor == people.baba


@pytest.mark.parametrize("others", [1, 2, 3])
def test_those_who_link_the_same_account_at_once_are_one_after_the_other(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """The last did not see the others yet when it looked (three at once: found by a campaign, seed 92003)."""
    first = zoom.connect(people.baba, RECRUIT, is_shared=True)
    looks, look = iter([False] * others), connecting._living
    monkeypatch.setattr(connecting, "_living", lambda *about: look(*about) if next(looks, True) else None)

    second = zoom.connect(people.aoki, RECRUIT, is_shared=True)

    first.refresh_from_db()
    assert (first.end_reason, second.is_live) == (EndReason.REPLACED, True)


def test_a_conflict_that_stays_is_not_hidden(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom.connect(people.baba, RECRUIT, is_shared=True)
    monkeypatch.setattr(connecting, "_living", lambda *about: None)

    with pytest.raises(IntegrityError):
        zoom.connect(people.aoki, RECRUIT, is_shared=True)


def test_no_scope_goes_along_and_the_proof_key_does(zoom: ZoomWorld, people) -> None:
    zoom.app(people.company)
    session: dict = {}

    address = leaving.begin(session, user=people.baba, now=timezone.now())

    assert "scope=" not in address
    assert "code_challenge_method=S256" in address
    (ticket,) = session[leaving.SESSION_KEY].values()
    assert ticket["verifier"] not in address


def test_a_ticket_is_good_once_and_for_ten_minutes(zoom: ZoomWorld, people) -> None:
    zoom.app(people.company)
    now, session = timezone.now(), {}
    for _tab in range(2):
        leaving.begin(session, user=people.baba, now=now)
    first, second = session[leaving.SESSION_KEY]

    assert leaving.take(session, first, now=now) is not None
    assert leaving.take(session, first, now=now) is None
    assert leaving.take(session, second, now=now + timedelta(minutes=11)) is None
    assert leaving.take(session, "never given", now=now) is None


def test_a_used_code_links_nothing(zoom: ZoomWorld, people) -> None:
    code, verifier, redirect_uri = zoom.code(people.baba, RECRUIT)
    way = {"code": code, "verifier": verifier, "redirect_uri": redirect_uri, "now": timezone.now()}
    connecting.connect(user=people.baba, **way)

    with pytest.raises(client.Refused):
        connecting.connect(user=people.baba, **way)

    assert Connection.objects.count() == 1


def test_the_same_zoom_user_from_a_second_login_is_refused_by_name_and_breaks_nothing(
    zoom: ZoomWorld, people
) -> None:
    link = zoom.connect(people.baba, RECRUIT)

    with pytest.raises(connecting.AlreadyConnected) as problem:
        zoom.connect(people.doi, RECRUIT)

    assert problem.value.owner == people.baba
    assert list(Connection.objects.live()) == [link]
    # The second authorization killed the first one's tokens; the link goes on with the new ones.
    checking.check_link(link, now=timezone.now())
    assert (link.is_live, link.check_problem) == (True, "")


def test_zoom_stumbling_at_the_last_step_costs_no_second_walk(zoom: ZoomWorld, people) -> None:
    zoom.fault("server_error", match={"path": "/v2/users/me"})

    assert zoom.connect(people.baba, RECRUIT).is_live


def _refuses(code: int) -> Callable[[client.Client], client.ZoomUser]:
    def me(zoom: client.Client) -> client.ZoomUser:
        raise client.Refused(code, "no")

    return me


@pytest.mark.parametrize("status", ["400", "401"])
def test_a_grant_without_the_right_to_see_whose_it_is_names_the_rights_and_is_given_back(
    zoom: ZoomWorld, people, status: str
) -> None:
    lacking = {"user:read:user", "meeting:delete:meeting"}
    scopes = [scope for scope in fixtures.SCOPES if scope not in lacking]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    zoom.mode(scope_error_status=status)

    with pytest.raises(connecting.RightsMissing) as problem:
        zoom.connect(people.baba, RECRUIT)

    assert {right.scope for right in problem.value.missing} == lacking
    assert not Connection.objects.exists()
    assert [a for a in zoom.state()["authorizations"] if not a["ended_at"]] == []


def test_a_refusal_although_the_grant_names_every_right_names_the_one_that_was_needed(
    zoom: ZoomWorld, people, monkeypatch
) -> None:
    monkeypatch.setattr(client.Client, "me", _refuses(4711))

    with pytest.raises(connecting.RightsMissing) as problem:
        zoom.connect(people.baba, RECRUIT)

    assert [right.scope for right in problem.value.missing] == ["user:read:user"]


def test_another_refusal_gives_the_tokens_back_too_and_goes_up_as_it_is(
    zoom: ZoomWorld, people, monkeypatch
) -> None:
    monkeypatch.setattr(client.Client, "me", _refuses(1001))

    with pytest.raises(client.Refused):
        zoom.connect(people.baba, RECRUIT)

    assert [a for a in zoom.state()["authorizations"] if not a["ended_at"]] == []


def test_another_company_is_not_named(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.app(people.other, key="b" * 32)

    with pytest.raises(connecting.AlreadyConnected) as problem:
        zoom.connect(people.chiba, RECRUIT)

    assert problem.value.owner is None
    checking.check_link(link, now=timezone.now())
    assert link.is_live


def test_linking_the_same_account_again_replaces_the_link_and_keeps_its_meetings(
    zoom: ZoomWorld, people, ended: list[Connection]
) -> None:
    first = zoom.connect(people.baba, RECRUIT, is_shared=True)
    connecting.set_capacity(first, capacity=2, by=people.aoki, now=timezone.now())
    meeting = issued(people.company, first)

    second = zoom.connect(people.baba, RECRUIT)

    first.refresh_from_db()
    meeting.refresh_from_db()
    assert first.end_reason == EndReason.REPLACED
    assert first.access_token_sealed == first.refresh_token_sealed == ""
    assert (second.is_shared, second.capacity) == (True, 2)
    assert meeting.connection == second
    assert meetings.start_url(meeting, now=timezone.now())
    assert ended == []


def test_a_person_with_an_own_account_adds_others_as_shared(zoom: ZoomWorld, people) -> None:
    own = zoom.connect(people.baba, HANAKO)

    with pytest.raises(connecting.StillConnected) as problem:
        zoom.connect(people.baba, RECRUIT)
    shared = zoom.connect(people.baba, RECRUIT, is_shared=True)

    assert problem.value.connection == own
    assert set(Connection.objects.live()) == {own, shared}
    with pytest.raises(connecting.StillConnected):
        connecting.set_shared(shared, is_shared=False, label="", by=people.baba, now=timezone.now())


def test_a_recruiter_may_renew_a_shared_link_of_somebody_else(zoom: ZoomWorld, people) -> None:
    first = zoom.connect(people.aoki, RECRUIT, is_shared=True)

    second = zoom.connect(people.baba, RECRUIT, is_shared=True)

    first.refresh_from_db()
    assert (first.is_live, second.is_live, second.owner) == (False, True, people.aoki)


# --- use -----------------------------------------------------------------------------------------------------------


def test_sharing_is_written_down_and_a_new_name_alone_is_not(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)

    for is_shared, label in ((False, "馬場"), (True, "採用"), (True, "新卒採用"), (False, "")):
        connecting.set_shared(link, is_shared=is_shared, label=label, by=people.aoki, now=timezone.now())
        link.refresh_from_db()
        assert (link.is_shared, link.label) == (is_shared, label)

    actions = Entry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["connection.connected", "connection.shared", "connection.unshared"]


def test_the_number_at_once_is_one_or_two_and_written_down_when_it_changes(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)

    for capacity in (1, 2, 2):
        connecting.set_capacity(link, capacity=capacity, by=people.aoki, now=timezone.now())
        assert link.capacity == capacity
    with pytest.raises(ValueError, match="capacity"):
        connecting.set_capacity(link, capacity=3, by=people.aoki, now=timezone.now())

    link.refresh_from_db()
    assert link.capacity == 2
    assert Entry.objects.filter(action="connection.capacity_changed").count() == 1


# --- another account than before ------------------------------------------------------------------------------------


def test_another_account_than_last_time_asks_first(zoom: ZoomWorld, people) -> None:
    first = zoom.connect(people.baba, RECRUIT)
    connecting.disconnect(first, by=people.baba, now=timezone.now())

    with pytest.raises(connecting.DifferentAccount) as problem:
        zoom.connect(people.baba, RECRUIT2)

    assert not Connection.objects.live().exists()
    held = connecting.Answer.from_held(problem.value.answer.held())
    link = connecting.confirm(user=people.baba, answer=held, is_shared=False, now=timezone.now())
    checking.check_link(link, now=timezone.now())
    assert (link.email, link.is_live, link.check_problem) == (RECRUIT2, True, "")


def test_declining_the_other_account_gives_its_tokens_back(zoom: ZoomWorld, people) -> None:
    first = zoom.connect(people.baba, RECRUIT)
    connecting.disconnect(first, by=people.baba, now=timezone.now())
    with pytest.raises(connecting.DifferentAccount) as problem:
        zoom.connect(people.baba, RECRUIT2)

    connecting.decline(user=people.baba, answer=problem.value.answer)

    assert [a for a in zoom.state()["authorizations"] if not a["ended_at"]] == []


# --- unlink ---------------------------------------------------------------------------------------------------------


def test_disconnecting_erases_the_tokens_and_takes_the_app_out(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)

    connecting.disconnect(link, by=people.baba, now=timezone.now())

    assert (link.end_reason, link.ended_by) == (EndReason.DISCONNECTED, people.baba)
    assert link.access_token_sealed == link.refresh_token_sealed == ""
    assert link.email == RECRUIT
    assert [a for a in zoom.state()["authorizations"] if not a["ended_at"]] == []


def test_disconnect_is_refused_while_a_future_meeting_remains(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    meeting = wanted(people.company, link)
    other = wanted(people.company, link, meeting.starts_at + timedelta(hours=2))
    meetings.cancel(other, now=timezone.now())

    with pytest.raises(connecting.UpcomingMeetingsRemain) as problem:
        connecting.disconnect(link, by=people.baba, now=timezone.now())

    link.refresh_from_db()
    assert problem.value.meetings == [meeting]
    assert link.is_live
    assert [a for a in zoom.state()["authorizations"] if a["ended_at"]] == []
    connecting.disconnect(link, by=people.baba, now=meeting.ends_at)
    assert not link.is_live


def test_disconnecting_works_while_zoom_is_away(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.fault("down")

    connecting.disconnect(link, by=people.baba, now=timezone.now())

    assert link.end_reason == EndReason.DISCONNECTED


def test_disconnecting_deletes_what_was_canceled_a_moment_ago(zoom: ZoomWorld, people, run_jobs) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, link)
    meetings.cancel(meeting, now=timezone.now())

    connecting.disconnect(link, by=people.baba, now=timezone.now())
    run_jobs()

    assert zoom.meetings() == []


def test_disconnecting_an_old_link_while_zoom_is_away_ends_it_here(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.fault("down")

    connecting.disconnect(link, by=people.baba, now=timezone.now() + timedelta(hours=2))

    assert (link.end_reason, link.access_token_sealed) == (EndReason.DISCONNECTED, "")


def test_pressing_disconnect_twice_ends_it_once(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    second = Connection.objects.get(pk=link.pk)
    connecting.disconnect(link, by=people.baba, now=timezone.now())

    connecting.disconnect(second, by=people.aoki, now=timezone.now())

    assert second.ended_by == people.baba
    assert Entry.objects.filter(action="connection.disconnected").count() == 1


def test_a_removal_at_zoom_while_we_disconnect_keeps_its_own_reason(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    app, now = zoom.app(people.company), timezone.now()

    def removed() -> None:
        connecting.deauthorize(app=app, zoom_user_id=link.zoom_user_id, at=now, now=now)

    with meanwhile('UPDATE "zoom_connection" SET "touched"', removed):
        connecting.disconnect(link, by=people.baba, now=now)

    assert (link.end_reason, link.ended_by) == (EndReason.DEAUTHORIZED, None)
