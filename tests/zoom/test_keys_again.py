"""Zoom refused the keys of the company's app and accepts them again: what waited for that is made by itself, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.zoom import checking, issuing, meeting_rows, meetings, resuming, setting_up, tokens
from mensetsu.zoom.models import App, Connection, Meeting, Problem
from simulator.zoom import fixtures
from tests.racing import meanwhile
from tests.zoom_world import RECRUIT, RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db

News = list[tuple[str, Meeting]]


@pytest.fixture
def failed(zoom: ZoomWorld, people: Any, host: Connection) -> Meeting:
    """Asked for when the access token had run out and Zoom did not accept the secret."""
    meeting = wanted(people.company, host)
    wrong_secret()
    run_out()
    meetings.issue(meeting, now=timezone.now())
    assert (meeting.is_failed, meeting.problem) == (True, Problem.APP_REFUSED)
    return meeting


def wrong_secret() -> None:
    App.objects.update(client_secret_sealed=tokens.seal("wrong"))


def right_secret() -> None:
    """Put right where nobody here sees it: at Zoom, or in the environment."""
    App.objects.update(client_secret_sealed=tokens.seal(fixtures.CLIENT_SECRET))


def run_out() -> None:
    Connection.objects.update(access_expires_at=timezone.now() - timedelta(minutes=1))


def token_requests(zoom: ZoomWorld) -> int:
    return len(zoom.requests("POST", "/oauth/token"))


def test_corrected_keys_are_tried_at_once_and_the_meeting_is_due(
    failed: Meeting, people: Any, client_of: Any, settings: Any, run_jobs: Callable[..., int], news: News
) -> None:
    app = App.objects.get()
    settings.ZOOM_OAUTH_BASE, settings.ZOOM_API_BASE = app.oauth_base, app.api_base
    keys = {"client_id": fixtures.CLIENT_ID, "client_secret": fixtures.CLIENT_SECRET}

    answer = client_of(people.aoki).post(reverse("zoom:app"), keys)
    run_jobs()

    failed.refresh_from_db()
    assert answer.status_code == 303
    assert (failed.is_pending, failed.problem) == (True, "")
    assert news == [("due", failed)]


def test_corrected_keys_that_zoom_refuses_too_change_nothing(
    failed: Meeting, people: Any, run_jobs: Callable[..., int], news: News
) -> None:
    app = App.objects.get()
    setting_up.save(
        app,
        client_id=fixtures.CLIENT_ID,
        client_secret="wrong as well",
        secret_token="",
        oauth_base=app.oauth_base,
        api_base=app.api_base,
        by=people.aoki,
        now=timezone.now(),
    )
    run_jobs()

    failed.refresh_from_db()
    assert (failed.is_failed, failed.problem, news) == (True, Problem.APP_REFUSED, [])
    assert setting_up.state(people.company) == "refused"


def test_asking_zoom_whether_the_keys_are_right_goes_on_too(
    failed: Meeting, people: Any, client_of: Any, run_jobs: Callable[..., int], news: News
) -> None:
    right_secret()

    client_of(people.aoki).post(reverse("zoom:try_out"))
    run_jobs()

    assert news == [("due", failed)]


def test_the_daily_check_goes_on(failed: Meeting, run_jobs: Callable[..., int], news: News) -> None:
    right_secret()

    checking.check_connections.call()
    run_jobs()

    assert news == [("due", failed)]


def test_a_hiccup_of_zoom_is_over_at_the_next_round(
    failed: Meeting, run_jobs: Callable[..., int], news: News
) -> None:
    right_secret()

    checking.reconcile.call()
    run_jobs()

    failed.refresh_from_db()
    assert failed.is_pending
    assert news == [("due", failed)]


def test_while_the_keys_are_refused_zoom_is_asked_once_an_hour_and_link(
    failed: Meeting, people: Any, zoom: ZoomWorld, run_jobs: Callable[..., int], news: News
) -> None:
    wanted(people.company, failed.connection, failed.starts_at + timedelta(hours=5))
    Meeting.objects.update(failed_at=failed.failed_at, problem=Problem.APP_REFUSED)
    before = token_requests(zoom)

    for _round in range(3):
        checking.reconcile.call()
        run_jobs()
    asked_first = token_requests(zoom) - before
    Meeting.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    checking.reconcile.call()
    run_jobs()

    failed.refresh_from_db()
    assert (asked_first, token_requests(zoom) - before) == (1, 2)
    assert (failed.is_failed, news) == (True, [])


def test_a_token_renewed_meanwhile_needs_no_hour(
    failed: Meeting, run_jobs: Callable[..., int], news: News
) -> None:
    checking.reconcile.call()
    run_jobs()
    right_secret()
    tokens.renew(failed.connection, now=timezone.now())

    checking.reconcile.call()
    run_jobs()

    assert news == [("due", failed)]


def test_the_operator_puts_it_right_in_the_environment(
    failed: Meeting, settings: Any, run_jobs: Callable[..., int], news: News
) -> None:
    """No keys at all, and no row of the company's own that could remember a refusal."""
    base = App.objects.get().oauth_base
    App.objects.all().delete()
    settings.ZOOM_CLIENT_ID = settings.ZOOM_CLIENT_SECRET = ""
    settings.ZOOM_OAUTH_BASE, settings.ZOOM_API_BASE = base, f"{base}/v2"
    checking.reconcile.call()
    run_jobs()
    without = list(news)

    settings.ZOOM_CLIENT_ID, settings.ZOOM_CLIENT_SECRET = fixtures.CLIENT_ID, fixtures.CLIENT_SECRET
    checking.check_connections.call()
    run_jobs()

    assert (without, news) == ([], [("due", failed)])


def test_going_on_twice_is_once(failed: Meeting, run_jobs: Callable[..., int], news: News) -> None:
    right_secret()
    now = timezone.now()

    checking.check_link(failed.connection, now=now)
    checking.check_link(failed.connection, now=now)
    stale = resuming.resume(failed.connection, now=now)

    assert (news, stale) == ([("due", failed)], 0)


def test_a_failure_after_the_proof_is_not_taken_back(failed: Meeting, news: News) -> None:
    right_secret()

    checking.check_link(failed.connection, now=failed.failed_at - timedelta(seconds=5))

    failed.refresh_from_db()
    assert (failed.is_failed, news) == (True, [])


@pytest.mark.parametrize(
    "instead",
    [
        {"canceled_at": timezone.now()},
        {"problem": Problem.REFUSED},
        {"starts_at": timezone.now() - timedelta(hours=3), "ends_at": timezone.now() - timedelta(hours=2)},
    ],
    ids=["canceled", "refused for good", "over"],
)
def test_what_is_not_wanted_or_failed_otherwise_stays(
    failed: Meeting, run_jobs: Callable[..., int], news: News, instead: dict[str, Any]
) -> None:
    Meeting.objects.update(**instead)
    right_secret()

    checking.reconcile.call()
    checking.check_connections.call()
    run_jobs()

    failed.refresh_from_db()
    assert (failed.failed_at is not None, news) == (True, [])


def test_a_making_whose_answer_was_lost_is_looked_up_before_it_is_made_again(
    zoom: ZoomWorld, people: Any, host: Connection
) -> None:
    meeting = wanted(people.company, host)
    zoom.fault("drop", match={"method": "POST", "path": "/v2/users/*/meetings"}, commit="after")
    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())
    wrong_secret()
    run_out()
    meetings.issue(meeting, now=timezone.now())
    assert (meeting.is_failed, meeting.problem) == (True, Problem.APP_REFUSED)
    right_secret()

    checking.check_link(host, now=timezone.now())
    # So soon after it was sent, it may still be on its way.
    with pytest.raises(meetings.TryLater):
        meetings.issue(meeting, now=timezone.now())
    meetings.issue(meeting, now=timezone.now() + issuing.IN_FLIGHT)

    assert meeting.is_issued
    assert len(zoom.meetings()) == 1


def test_linked_anew_is_a_proof_too(failed: Meeting, zoom: ZoomWorld, people: Any, news: News) -> None:
    right_secret()

    again = zoom.connect(people.baba, RECRUIT, is_shared=True)

    failed.refresh_from_db()
    assert (failed.connection, failed.is_pending) == (again, True)
    assert news == [("due", failed)]


def test_a_move_reaches_zoom_by_itself(
    zoom: ZoomWorld, people: Any, meeting: Meeting, run_jobs: Callable[..., int]
) -> None:
    wrong_secret()
    run_out()
    meetings.move(
        meeting,
        starts_at=meeting.starts_at + timedelta(hours=1),
        minutes=60,
        topic=meeting.topic,
        now=timezone.now(),
    )
    run_jobs()
    meeting.refresh_from_db()
    assert (meeting.problem, meeting.is_unsynced) == (Problem.APP_REFUSED, True)
    right_secret()

    checking.reconcile.call()
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.problem, meeting.is_unsynced) == ("", False)


def test_a_canceled_meeting_is_deleted_by_itself(
    zoom: ZoomWorld, people: Any, meeting: Meeting, run_jobs: Callable[..., int]
) -> None:
    wrong_secret()
    run_out()
    meetings.cancel(meeting, now=timezone.now() - timedelta(hours=2))
    run_jobs()
    there = len(zoom.meetings())
    right_secret()

    checking.reconcile.call()
    run_jobs()

    assert (there, zoom.meetings()) == (1, [])


def test_a_meeting_that_could_not_be_looked_at_is_looked_at_again(
    zoom: ZoomWorld, meeting: Meeting, run_jobs: Callable[..., int]
) -> None:
    wrong_secret()
    run_out()
    checking.check(meeting, now=timezone.now())
    assert meeting.problem == Problem.APP_REFUSED
    right_secret()

    checking.check_link(meeting.connection, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert meeting.problem == ""


def test_links_without_trouble_are_left_in_peace_when_keys_are_saved(
    zoom: ZoomWorld, people: Any, host: Connection
) -> None:
    issued(people.company, host)
    zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    app = App.objects.get()

    setting_up.try_out(app, now=timezone.now())

    assert not DBTaskResult.objects.filter(task_path__contains="check_connection").exists()


def test_of_two_looks_at_one_moment_one_makes_the_meeting_due(
    failed: Meeting, host: Connection, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = meeting_rows.whole

    def overtaken(pk: int) -> Meeting:
        Meeting.objects.filter(pk=pk).update(failed_at=None, problem="")
        return read(pk)

    monkeypatch.setattr(meeting_rows, "whole", overtaken)

    assert resuming.resume(host, now=timezone.now()) == 0
    assert news == []


def test_of_two_rounds_at_one_moment_one_asks_for_the_look(failed: Meeting) -> None:
    DBTaskResult.objects.all().delete()

    with meanwhile('UPDATE "zoom_meeting" SET "due_at"', checking.reconcile.call):
        checking.reconcile.call()

    assert [row.task_path.rpartition(".")[2] for row in DBTaskResult.objects.all()] == ["check_connection"]
