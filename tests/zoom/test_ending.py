"""Links that end at Zoom's side: noticed, told, mended by linking again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import checking, connecting, ending, following, meetings, signals
from mensetsu.zoom.models import App, Connection, EndReason, Meeting
from tests.zoom.test_client import MEETING, answering
from tests.zoom_world import BASIC, HANAKO, RECRUIT, ZoomWorld, issued, wanted

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


# --- ended at Zoom's side -------------------------------------------------------------------------------------------


def test_an_uninstall_without_a_message_is_found_by_the_daily_check(
    zoom: ZoomWorld, people, run_jobs, ended: list[Connection]
) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.uninstall(RECRUIT)

    checking.check_connections.call()
    run_jobs()

    link.refresh_from_db()
    assert link.end_reason == EndReason.REVOKED
    assert ended == [link]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("preapproval_withdrawn", EndReason.REVOKED),
        ("owner_gone", EndReason.USER_GONE),
    ],
)
def test_refusals_of_the_renewal_end_the_link_with_their_reason(
    zoom: ZoomWorld, people, fault: str, reason: EndReason
) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.fault(fault)

    checking.check_link(link, now=timezone.now() + timedelta(hours=2))

    assert link.end_reason == reason


@pytest.mark.parametrize("fault", ["invalid_client", "app_disabled"])
def test_a_fault_of_the_app_disconnects_nobody(zoom: ZoomWorld, people, fault: str) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.fault(fault)

    checking.check_link(link, now=timezone.now() + timedelta(hours=2))

    assert (link.is_live, link.check_problem) == (True, "app_refused")
    assert zoom.app(people.company).refused_at is not None
    checking.check_link(link, now=timezone.now() + timedelta(hours=2))
    assert (link.check_problem, zoom.app(people.company).refused_at) == ("", None)


def test_zoom_away_keeps_the_link_and_says_so(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.fault("down")

    checking.check_link(link, now=timezone.now())

    assert (link.is_live, link.check_problem) == (True, "away")


def test_a_changed_plan_is_noticed(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.control("POST", f"users/{RECRUIT}", {"type": 1})

    checking.check_link(link, now=timezone.now())

    assert link.is_basic


def test_removal_at_zoom_forgets_who_it_was(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    app = zoom.app(people.company)
    zoom_user_id = link.zoom_user_id

    ended = connecting.deauthorize(app=app, zoom_user_id=zoom_user_id, at=timezone.now(), now=timezone.now())

    link.refresh_from_db()
    assert ended == 1
    assert (link.zoom_user_id, link.email, link.display_name, link.refresh_token_sealed) == ("", "", "", "")
    assert link.end_reason == EndReason.DEAUTHORIZED


def test_a_removal_older_than_the_link_is_of_an_earlier_one(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    before = link.connected_at - timedelta(seconds=1)

    connecting.deauthorize(
        app=zoom.app(people.company), zoom_user_id=link.zoom_user_id, at=before, now=timezone.now()
    )

    link.refresh_from_db()
    assert link.is_live


def test_another_companys_app_ends_nothing_of_ours(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    strange = zoom.app(people.other, key="b" * 32)
    strange.client_id = "another app"
    strange.save()

    connecting.deauthorize(app=strange, zoom_user_id=link.zoom_user_id, at=timezone.now(), now=timezone.now())

    link.refresh_from_db()
    assert link.is_live


# --- linked again after an end --------------------------------------------------------------------------------------


def test_meetings_come_along_when_the_account_is_linked_again(zoom: ZoomWorld, people, run_jobs) -> None:
    first = zoom.connect(people.baba, RECRUIT)
    meeting, canceled = issued(people.company, first), wanted(people.company, first, _hours(60))
    failed = wanted(people.company, first, _hours(70))
    meetings.issue(canceled, now=timezone.now())
    zoom.uninstall(RECRUIT)
    meetings.issue(failed, now=timezone.now())
    meetings.cancel(canceled, now=timezone.now())
    run_jobs()
    due: list[Meeting] = []
    hear = _collector(due)
    signals.meeting_news.connect(hear)

    second = zoom.connect(people.baba, RECRUIT)
    run_jobs()

    signals.meeting_news.disconnect(hear)
    for row in (meeting, canceled, failed):
        row.refresh_from_db()
        assert row.connection == second
    assert meetings.start_url(meeting, now=timezone.now())
    assert canceled.removed_at is not None
    assert (failed.is_pending, due) == (True, [failed])


def test_after_a_removal_zoom_says_which_meetings_are_whose(zoom: ZoomWorld, people, run_jobs) -> None:
    first = zoom.connect(people.baba, RECRUIT)
    other = zoom.connect(people.aoki, HANAKO)
    mine, theirs = issued(people.company, first), issued(people.company, other)
    app, now = zoom.app(people.company), timezone.now()
    for link in (first, other):
        connecting.deauthorize(app=app, zoom_user_id=link.zoom_user_id, at=now, now=now)

    second = zoom.connect(people.baba, RECRUIT)
    run_jobs()

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert mine.connection == second
    assert theirs.connection == other


def test_a_basic_account_is_known_as_such(zoom: ZoomWorld, people) -> None:
    assert zoom.connect(people.doi, BASIC).is_basic


def _hours(count: int):
    return timezone.now().replace(microsecond=0) + timedelta(hours=count)


def _collector(found: list[Meeting]):
    def hear(*, meeting: Meeting, kind: str, **facts: object) -> None:
        if kind == "due":
            found.append(meeting)

    return hear


# --- who is told ----------------------------------------------------------------------------------------------------


def test_the_one_who_linked_it_is_asked_to_link_it_again(
    zoom: ZoomWorld, people, run_jobs, mailoutbox
) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.uninstall(RECRUIT)

    checking.check_link(link, now=timezone.now())
    run_jobs()

    (mail,) = mailoutbox
    assert people.baba.email in mail.to[0]
    assert mail.subject == "【要対応】Zoomの再連携が必要です：採用チーム"
    assert "/settings/zoom/" in mail.body


def test_whoever_asked_for_the_end_is_not_told_of_it(zoom: ZoomWorld, people, run_jobs, mailoutbox) -> None:
    zoom.connect(people.baba, RECRUIT)
    link = zoom.connect(people.baba, RECRUIT)

    connecting.disconnect(link, by=people.baba, now=timezone.now())
    run_jobs()

    assert mailoutbox == []


def test_the_link_of_somebody_who_left_is_the_administrators_business(
    zoom: ZoomWorld, people, run_jobs, mailoutbox
) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    people.baba.deactivated_at = timezone.now()
    people.baba.save()
    zoom.uninstall(RECRUIT)

    checking.check_link(Connection.objects.get(pk=link.pk), now=timezone.now())
    run_jobs()

    assert [people.aoki.email in mail.to[0] for mail in mailoutbox] == [True]


def test_two_causes_at_once_end_a_link_once(zoom: ZoomWorld, people, ended: list[Connection]) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    now = timezone.now()

    assert ending.end(link, reason=EndReason.REVOKED, now=now) is True
    assert ending.end(link, reason=EndReason.USER_GONE, now=now) is False

    link.refresh_from_db()
    assert (link.end_reason, ended) == (EndReason.REVOKED, [link])


# --- meetings that follow -------------------------------------------------------------------------------------------


def removed_and_back(zoom: ZoomWorld, people) -> tuple[Meeting, Connection]:
    """A meeting of a link that was removed at Zoom, and the link that the same person made after it."""
    first = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, first)
    now = timezone.now()
    connecting.deauthorize(app=zoom.app(people.company), zoom_user_id=first.zoom_user_id, at=now, now=now)
    return meeting, zoom.connect(people.baba, RECRUIT)


def test_a_link_that_ends_again_while_it_asks_leaves_the_meetings(zoom: ZoomWorld, people) -> None:
    meeting, second = removed_and_back(zoom, people)
    zoom.uninstall(RECRUIT)

    following.follow_by_asking.call(connection_id=second.pk)

    meeting.refresh_from_db()
    second.refresh_from_db()
    assert meeting.connection != second
    assert not second.is_live


def test_a_meeting_handed_to_a_colleague_at_zoom_does_not_come_along(zoom: ZoomWorld, people) -> None:
    meeting, second = removed_and_back(zoom, people)
    with answering(200, MEETING | {"host_id": "a colleague"}) as (keys, _asked):
        App.objects.update(api_base=keys.api_base)

        following.follow_by_asking.call(connection_id=second.pk)

    meeting.refresh_from_db()
    assert meeting.connection != second


def test_an_id_given_out_again_is_another_meeting(zoom: ZoomWorld, people) -> None:
    meeting, second = removed_and_back(zoom, people)
    Meeting.objects.update(zoom_created_at=timezone.now() - timedelta(days=400))

    following.follow_by_asking.call(connection_id=second.pk)

    meeting.refresh_from_db()
    assert meeting.connection != second


def test_a_move_that_zoom_had_not_heard_of_is_told_through_the_new_link(
    zoom: ZoomWorld, people, run_jobs
) -> None:
    first = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, first)
    zoom.uninstall(RECRUIT)
    checking.check_link(first, now=timezone.now())
    Meeting.objects.update(minutes=45)

    second = zoom.connect(people.baba, RECRUIT)
    run_jobs()

    meeting.refresh_from_db()
    (there,) = zoom.meetings()
    assert (meeting.connection, meeting.is_unsynced, there["duration"]) == (second, False, 45)
