"""Interviewers are told by notices where no group's text speaks: what became of each is seen, mended by a person, and
never sent twice."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.history.models import Entry
from mensetsu.interviews import notifying, scheduling
from mensetsu.interviews.models import Interview, Way
from mensetsu.notices.models import OutgoingNotice
from tests.interviews import desk
from tests.mail import servers

pytestmark = pytest.mark.django_db

IN_PERSON: dict[str, Any] = {"way": Way.IN_PERSON, "service": "", "host": None, "place": "本社"}


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


@pytest.fixture
def server(settings: Any) -> Iterator[servers.Behavior]:
    behavior = servers.Behavior()
    with servers.smtp_server(behavior) as port:
        use(settings, port)
        yield behavior


def use(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1


def test_a_refused_address_is_not_called_told_and_stands_on_the_home_page(
    world: SimpleNamespace, baba: Client, server: servers.Behavior, run_jobs: Any
) -> None:
    server.refuse_to = {world.doi.email: "550 5.1.1 no such user"}
    made = desk.schedule(world, interviewers=[world.doi, world.endo], **IN_PERSON)

    run_jobs(failing=True)

    saved = desk.text(baba.get(f"/interviews/{made.pk}/saved/"))
    assert "土井 大さんへの通知を送れませんでした" in saved
    assert "面接官（遠藤 恵）に通知しました" in saved
    assert "土井 大さんへの通知を送れませんでした" in desk.text(baba.get("/"))
    page = desk.text(baba.get(f"/interviews/{made.pk}/"))
    assert "このアドレスを受け付けませんでした" in page
    assert "もう一度送信" in page


def test_what_a_server_has_taken_and_not_answered_for_is_not_sent_again(
    world: SimpleNamespace, baba: Client, settings: Any, run_jobs: Any
) -> None:
    with closing(servers.DyingServer("text")) as dying:
        use(settings, dying.port)
        made = desk.schedule(world, **IN_PERSON)
        run_jobs(failing=True)
        run_jobs(until=made.starts_at, failing=True)

        assert dying.texts == 1
    page = desk.text(baba.get(f"/interviews/{made.pk}/"))
    assert "送信できたか確認できません" in page


def test_a_job_that_comes_again_after_its_notice_left_sends_nothing(
    world: SimpleNamespace, mailoutbox: list, run_jobs: Any
) -> None:
    """The worker was killed before it could mark the job as done."""
    desk.schedule(world, **IN_PERSON)
    run_jobs()
    DBTaskResult.objects.update(status="READY")

    run_jobs()

    assert [letter.to for letter in mailoutbox if world.doi.email in letter.to[0]] == [mailoutbox[0].to]


def failed(world: SimpleNamespace, **wished: Any) -> tuple[Interview, OutgoingNotice]:
    """An interview whose interviewer's notice was refused."""
    made = desk.schedule(world, **{**IN_PERSON, **wished})
    OutgoingNotice.objects.filter(about_id=made.pk).update(
        failed_at=timezone.now(), problem="bad_recipient", attempts=1
    )
    return made, OutgoingNotice.objects.get(about_id=made.pk)


def press(client: Client, notice: OutgoingNotice, what: str) -> str:
    return desk.text(client.post(f"/interviews/notices/{notice.pk}/{what}/", follow=True))


def told(interview: Interview) -> list[str]:
    entries = Entry.objects.filter(subject_id=interview.pk, action__startswith="interview.notice_")
    return [entry.action.removeprefix("interview.notice_") for entry in entries.order_by("id")]


def states() -> list[str]:
    return [notice.state for notice in OutgoingNotice.objects.order_by("created_at")]


def test_one_press_sends_it_again_and_a_second_nothing(
    world: SimpleNamespace, baba: Client, mailoutbox: list, run_jobs: Any
) -> None:
    made, notice = failed(world)
    world.doi.email = "doi.new@sample.example.jp"
    world.doi.save()

    first, second = press(baba, notice, "resending"), press(baba, notice, "resending")
    run_jobs()

    assert "土井 大さんへの通知をもう一度送信しています。" in first
    assert "すでにもう一度送信したか" in second
    assert [letter.to[0].rpartition("<")[2] for letter in mailoutbox] == ["doi.new@sample.example.jp>"]
    assert told(made) == ["resent"]
    assert "さんへの通知を送れませんでした" not in desk.text(baba.get("/"))


def test_what_was_told_in_another_way_leaves_the_list(world: SimpleNamespace, baba: Client) -> None:
    made, notice = failed(world)

    assert "対応済みにしました" in press(baba, notice, "settlement")
    press(baba, notice, "settlement")

    assert told(made) == ["settled"]
    assert "さんへの通知を送れませんでした" not in desk.text(baba.get("/"))


def test_a_newer_notice_takes_the_place_of_a_failed_one(
    world: SimpleNamespace, baba: Client, run_jobs: Any
) -> None:
    made, notice = failed(world)
    desk.change(world, made, starts_at=made.starts_at + timedelta(days=1))
    run_jobs()

    assert "さんへの通知を送れませんでした" not in desk.text(baba.get("/"))
    assert "新しい連絡あり" in desk.text(baba.get(f"/interviews/{made.pk}/"))
    assert "通知の内容が現在の面接と合わなくなった" in press(baba, notice, "resending")
    assert states() == ["failed", "sent"]


def test_nothing_is_sent_again_that_is_over_or_to_who_has_left(world: SimpleNamespace, baba: Client) -> None:
    made, notice = failed(world)
    world.doi.deactivated_at = timezone.now()
    world.doi.save()
    assert "合わなくなった" in press(baba, notice, "resending")

    world.doi.deactivated_at = None
    world.doi.save()
    begun = timezone.now() - timedelta(minutes=1)
    Interview.objects.filter(pk=made.pk).update(starts_at=begun)
    context = notice.context | {"starts_at": begun.isoformat()}
    OutgoingNotice.objects.filter(pk=notice.pk).update(context=context)
    assert "合わなくなった" in press(baba, notice, "resending")
    assert states() == ["failed"]


@pytest.mark.parametrize("what", ["resending", "settlement"])
def test_only_recruiters_of_that_company_may_press(
    world: SimpleNamespace, client_of: Callable[[Any], Client], what: str
) -> None:
    _made, notice = failed(world)
    path = f"/interviews/notices/{notice.pk}/{what}/"

    assert client_of(world.chiba).post(path).status_code == 404
    assert client_of(world.doi).post(path).status_code == 403
    assert states() == ["failed"]


def test_a_notice_that_is_tried_again_says_so(world: SimpleNamespace, baba: Client) -> None:
    made = desk.schedule(world, **IN_PERSON)
    OutgoingNotice.objects.update(problem="temporary", attempts=1)

    assert "まだメールサーバーに受け付けられていません" in desk.text(
        baba.get(f"/interviews/{made.pk}/saved/")
    )
    assert "自動的にもう一度送信します" in desk.text(baba.get(f"/interviews/{made.pk}/"))


def test_the_completion_page_tells_of_one_that_nobody_knows_of(world: SimpleNamespace, baba: Client) -> None:
    made, _notice = failed(world)
    OutgoingNotice.objects.update(problem="uncertain")

    saved = desk.text(baba.get(f"/interviews/{made.pk}/saved/"))
    assert "土井 大さんへの通知が届いたか確認できません" in saved
    assert "土井 大さんへの通知が届いたか確認できません" in desk.text(baba.get("/"))
    OutgoingNotice.objects.update(settled_at=timezone.now())
    assert "土井" not in desk.text(baba.get(f"/interviews/{made.pk}/saved/"))


def late(**values: Any) -> None:
    """As after a first attempt that the server did not take."""
    OutgoingNotice.objects.filter(sent_at=None).update(attempts=1, problem="temporary", **values)


def test_one_that_is_late_and_still_true_leaves(
    world: SimpleNamespace, mailoutbox: list, run_jobs: Any
) -> None:
    desk.schedule(world, **IN_PERSON)
    late()

    run_jobs()

    assert (states(), len(mailoutbox)) == (["sent"], 1)


@pytest.mark.parametrize("event", ["canceled", "released", "moved back"])
def test_one_that_is_late_and_overtaken_stays_here(
    world: SimpleNamespace, mailoutbox: list, run_jobs: Any, event: str
) -> None:
    made = desk.schedule(world, **IN_PERSON)
    late()
    if event == "canceled":
        scheduling.cancel(made, reason="", by=world.baba, now=timezone.now())
    elif event == "released":
        scheduling.change_interviewers(made, [world.endo], by=world.baba, now=timezone.now())
    else:
        desk.change(world, made, starts_at=made.starts_at + timedelta(days=1))
        made.refresh_from_db()
        desk.change(world, made, starts_at=made.starts_at - timedelta(days=1))
    run_jobs()

    assert states()[0] == "dropped"
    assert set(states()[1:]) == {"sent"}


@pytest.mark.parametrize("event", ["canceled", "released", "gone"])
def test_an_end_is_told_late_as_long_as_it_is_true(
    world: SimpleNamespace, mailoutbox: list, run_jobs: Any, event: str
) -> None:
    made = desk.schedule(world, **IN_PERSON)
    run_jobs()
    mailoutbox.clear()
    if event == "released":
        scheduling.change_interviewers(made, [world.endo], by=world.baba, now=timezone.now())
    else:
        scheduling.cancel(made, reason="", by=world.baba, now=timezone.now())
    Interview.objects.update(starts_at=timezone.now() - timedelta(hours=1))
    late()
    if event == "gone":
        Interview.objects.all().delete()
    run_jobs()

    mine = [letter for letter in mailoutbox if world.doi.email in letter.to[0]]
    assert len(mine) == (0 if event == "gone" else 1)


def test_one_about_an_interview_that_has_begun_stays_here_and_is_seen(
    world: SimpleNamespace, baba: Client, mailoutbox: list, run_jobs: Any
) -> None:
    made = desk.schedule(world, **IN_PERSON)
    begun = timezone.now() - timedelta(minutes=1)
    Interview.objects.filter(pk=made.pk).update(starts_at=begun)
    late(context=OutgoingNotice.objects.get().context | {"starts_at": begun.isoformat()})

    run_jobs()

    assert (mailoutbox, states(), told(made)) == ([], ["failed"], ["failed"])
    page = desk.text(baba.get(f"/interviews/{made.pk}/"))
    assert "面接の開始時刻を過ぎたため、送信しませんでした" in page
    assert "もう一度送信" not in page


def test_a_failure_about_an_interview_that_is_gone_is_only_noted(world: SimpleNamespace) -> None:
    _made, notice = failed(world)
    Interview.objects.all().delete()

    notifying.note_failed(notice, timezone.now())
    notifying.settle(notice, by=world.baba, now=timezone.now())

    assert not Entry.objects.filter(action__startswith="interview.notice_").exists()
    assert states() == ["failed"]
    assert OutgoingNotice.objects.get().settled_at


def test_pages_name_whoever_does_not_interview_any_more(world: SimpleNamespace, baba: Client) -> None:
    made, _notice = failed(world)
    made.interviewers.all().delete()

    assert "土井 大さんへの通知" in desk.text(baba.get(f"/interviews/{made.pk}/"))
    OutgoingNotice.objects.update(user_id=0, to_name="去った人")
    assert "去った人さんへの通知" in desk.text(baba.get("/"))
