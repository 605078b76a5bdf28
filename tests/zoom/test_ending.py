"""Links that end at Zoom's side: noticed, told, mended by linking again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import checking, connecting, ending, following, meetings, signals
from mensetsu.zoom.models import App, Connection, EndReason, Meeting
from tests.zoom.answering import answering
from tests.zoom.test_client import MEETING
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


IDENTITY = ("zoom_user_id", "zoom_account_id", "email", "display_name", "scopes")


def identity(link: Connection) -> set[str]:
    link.refresh_from_db()
    return {getattr(link, name) for name in IDENTITY}


@pytest.mark.parametrize(
    "reason", [EndReason.REVOKED, EndReason.REFRESH_LOST, EndReason.USER_GONE, EndReason.DISCONNECTED]
)
def test_ten_days_after_any_end_it_is_forgotten_who_it_was(
    zoom: ZoomWorld, people, reason: EndReason
) -> None:
    """A removal at Zoom whose message never came looks like any other end."""
    link, other = zoom.connect(people.baba, RECRUIT), zoom.connect(people.aoki, HANAKO)
    ending.end(link, reason=reason, now=timezone.now() - timedelta(days=9))
    ending.forget_identities.call()
    assert "" not in identity(link)

    Connection.objects.filter(pk=link.pk).update(ended_at=timezone.now() - timedelta(days=10, minutes=1))
    ending.forget_identities.call()

    assert identity(link) == {""}
    assert link.plan_type == 0
    assert "" not in identity(other)


def test_what_the_team_calls_it_stays(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    Connection.objects.update(label="採用チーム")
    ending.end(link, reason=EndReason.REVOKED, now=timezone.now() - timedelta(days=11))

    ending.forget_identities.call()

    link.refresh_from_db()
    assert (str(link), link.email) == ("採用チーム", "")


def removed(zoom: ZoomWorld, link: Connection) -> None:
    app = zoom.app(link.organization)
    at = timezone.now()
    connecting.deauthorize(app=app, zoom_user_id=link.zoom_user_id, at=at, now=at)


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_removal_at_zoom_is_told_to_whoever_linked_it_and_to_the_administrators(
    zoom: ZoomWorld, people, run_jobs, mailoutbox, is_shared: bool
) -> None:
    removed(zoom, zoom.connect(people.baba, RECRUIT, is_shared=is_shared))
    run_jobs()

    told = {mail.to[0].split("<")[-1].strip(">"): mail for mail in mailoutbox}
    assert sorted(told) == sorted([people.baba.email, people.aoki.email])
    own, admins = told[people.baba.email].body, told[people.aoki.email].body
    assert "Zoom側でアプリが削除されました" in own
    assert "馬場 文" not in own.partition("\n")[2]
    assert "連携した人：馬場 文" in admins
    assert ("馬場 文さんに再連携をご依頼ください" in admins) is not is_shared
    assert "\n\n\n" not in own + admins


def test_an_administrator_who_linked_it_is_told_once_and_a_leaver_not_at_all(
    zoom: ZoomWorld, people, run_jobs, mailoutbox
) -> None:
    removed(zoom, zoom.connect(people.aoki, RECRUIT))
    link = zoom.connect(people.baba, HANAKO)
    people.baba.deactivated_at = timezone.now()
    people.baba.save()
    removed(zoom, link)
    run_jobs()

    assert [mail.to[0].split("<")[-1].strip(">") for mail in mailoutbox] == [people.aoki.email] * 2
    assert "連携した人" not in mailoutbox[1].body


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


def test_linked_again_after_it_was_forgotten_zoom_says_which_meetings_are_its(
    zoom: ZoomWorld, people, run_jobs
) -> None:
    first = zoom.connect(people.baba, RECRUIT)
    mine = issued(people.company, first)
    ending.end(first, reason=EndReason.REVOKED, now=timezone.now() - timedelta(days=11))
    ending.forget_identities.call()

    second = zoom.connect(people.baba, RECRUIT)
    run_jobs()

    mine.refresh_from_db()
    assert mine.connection == second


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

    mail, to_admin = mailoutbox
    assert people.baba.email in mail.to[0]
    assert mail.subject == "【要対応】Zoomの再連携が必要です：採用チーム"
    assert "/settings/zoom/" in mail.body
    # ux 7.9: the recruiter and the administrators.
    assert people.aoki.email in to_admin.to[0]
    assert "馬場 文さんに再連携をご依頼ください" in to_admin.body


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
