"""「Zoomにあるミーティングを使う」 on an interview's page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from mensetsu.interviews import adopting, reconciling, scheduling
from mensetsu.interviews.models import Interview, Way
from mensetsu.zoom import checking, issuing, sweeping, tokens
from mensetsu.zoom.models import Meeting, Orphan
from simulator.zoom import fixtures
from tests import story
from tests.interviews import desk
from tests.interviews.writing import again as fresh
from tests.zoom_world import RECRUIT, RECRUIT2

pytestmark = pytest.mark.django_db


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Any) -> Client:
    return client_of(world.baba)


def made_there(world: SimpleNamespace, starts_at: datetime, minutes: int = 60, host: Any = None) -> str:
    """A person makes a meeting at Zoom; its number."""
    return tokens.call(
        host or world.team,
        lambda zoom: zoom.create_meeting(
            topic="面接", agenda="", starts_at=starts_at, minutes=minutes, time_zone="Asia/Tokyo"
        ),
        now=timezone.now(),
    ).id


def path(interview: Interview) -> str:
    return f"/interviews/{interview.pk}/adoption/"


def press(baba: Client, world: SimpleNamespace, interview: Interview, number: str, **more: str) -> Any:
    sent = {"host": str(world.team.pk), "meeting": number, "version": str(interview.version), **more}
    return baba.post(path(interview), sent, follow=True)


def text(answer: Any) -> str:
    return " ".join(BeautifulSoup(answer.content, "html.parser").main.get_text().split())


def test_a_meeting_of_the_same_time_takes_the_old_ones_place(
    world: SimpleNamespace, interview: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    number = made_there(world, interview.starts_at)

    answer = press(baba, world, interview, number)
    run_jobs()

    assert "この面接では、Zoomにあるミーティングを使います。" in text(answer)
    assert fresh(interview).meeting.zoom_id == number
    assert [str(one["id"]) for one in world.zoom.meetings()] == [number]
    assert f"ID {number[:3]}" in text(baba.get(f"/interviews/{interview.pk}/"))


def test_its_own_meeting_that_was_deleted_and_recovered_at_zoom_is_its_own_again(
    world: SimpleNamespace, interview: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    before = interview.meeting
    desk.tell(world, interview, url=before.join_url)
    world.zoom.delete(before)
    checking.check(before, now=timezone.now())
    assert fresh(interview).url_state == "lost"
    world.zoom.recover(before)
    sweeping.sweep.call(connection_id=world.team.pk)
    assert Orphan.objects.standing().get().why == "lost"

    answer = press(baba, world, fresh(interview), before.zoom_id)
    run_jobs()
    sweeping.sweep.call(connection_id=world.team.pk)
    issuing.remove_meeting.call(meeting_id=before.pk)
    run_jobs()

    assert "この面接では、Zoomにあるミーティングを使います。" in text(answer)
    after = fresh(interview)
    assert (after.url_state, after.meeting.zoom_id, after.join_url) == (
        "issued",
        before.zoom_id,
        before.join_url,
    )
    assert [str(one["id"]) for one in world.zoom.meetings()] == [before.zoom_id]
    assert f"[mensetsu:{after.meeting.reference}]" in world.zoom.meetings()[0]["agenda"]
    assert not Orphan.objects.standing().exists()
    assert not reconciling.open_ones(world.baba, now=timezone.now()).exists()


def test_also_when_the_account_was_linked_anew_meanwhile(
    world: SimpleNamespace, interview: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    before = interview.meeting
    Meeting.objects.update(lost_at=timezone.now())
    world.team = world.zoom.connect(world.aoki, RECRUIT, is_shared=True)
    run_jobs()

    press(baba, world, fresh(interview), before.zoom_id)
    run_jobs()

    assert (fresh(interview).url_state, fresh(interview).meeting.connection) == ("issued", world.team)
    assert [str(one["id"]) for one in world.zoom.meetings()] == [before.zoom_id]


def test_whoever_holds_the_old_link_is_to_be_told(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    desk.tell(world, interview, url=interview.meeting.join_url)

    answer = press(baba, world, interview, made_there(world, interview.starts_at))

    assert answer.redirect_chain[-1][0] == f"/interviews/{interview.pk}/told/"


def test_a_meeting_at_a_time_that_nobody_plans_gives_its_time_to_no_interview(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    number = made_there(world, datetime(9999, 12, 31, 14, 30, tzinfo=story.JAPAN))

    asked = press(baba, world, interview, number)
    answer = press(baba, world, interview, number, time="zoom")

    assert "どちらに合わせますか" in text(asked)
    assert (answer.status_code, "は2年より先の日付です。" in text(answer)) == (422, True)
    assert fresh(interview).meeting_id == interview.meeting_id


@pytest.mark.parametrize("holds", ["zoom", "ours"])
def test_where_the_times_differ_a_person_says_which_holds(
    world: SimpleNamespace, interview: Interview, baba: Client, run_jobs: Callable[..., int], holds: str
) -> None:
    theirs = interview.starts_at + timedelta(hours=3)
    number = made_there(world, theirs, 45)

    asked = press(baba, world, interview, number)
    assert (asked.status_code, "どちらに合わせますか" in text(asked)) == (422, True)
    assert fresh(interview).meeting_id == interview.meeting_id
    press(baba, world, interview, number, time=holds)
    run_jobs()

    after, (there,) = fresh(interview), world.zoom.meetings()
    wanted = (theirs, 45) if holds == "zoom" else (interview.starts_at, 60)
    assert (after.starts_at, after.minutes) == wanted
    assert (after.meeting.zoom_id, after.meeting.is_unsynced, there["duration"]) == (number, False, wanted[1])


def test_people_who_are_busy_at_zooms_time_are_shown_first(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    theirs = interview.starts_at + timedelta(hours=3)
    other = world.zoom.connect(world.aoki, RECRUIT2, is_shared=True)
    desk.schedule(world, candidate=world.ito, host=other, starts_at=theirs)
    number = made_there(world, theirs)

    asked = press(baba, world, interview, number, time="zoom")
    assert "土井 大さんは" in text(asked)
    form = BeautifulSoup(asked.content, "html.parser").main.find("form", method="post")
    overlaps = form.find("input", attrs={"name": "overlaps"})["value"]
    press(baba, world, interview, number, time="zoom", overlaps=overlaps)

    assert fresh(interview).starts_at == theirs


def test_refusals_say_what_to_do(world: SimpleNamespace, interview: Interview, baba: Client) -> None:
    at = interview.starts_at
    other = world.zoom.connect(world.aoki, RECRUIT2, is_shared=True)
    recurring = made_there(world, at)
    world.zoom.control("POST", f"meetings/{recurring}", {"type": 3})
    second = desk.schedule(world, candidate=world.ito, host=other, interviewers=[world.endo], starts_at=at)
    desk.issued(second, made_there(world, at, host=other))

    def refusal(number: str, **more: str) -> str:
        return text(press(baba, world, interview, number, **more))

    assert "ミーティングID（9〜11桁）またはIDを含む参加URLを入力してください。" in refusal("Lunch")
    assert "Zoomにこのミーティングはありません。" in refusal("88412345678")
    assert "主催者は別のZoomアカウントです。" in refusal(made_there(world, at, host=other))
    assert "定期的なミーティングです。" in refusal(recurring)
    assert "伊藤 蓮 様" in refusal(fresh(second).meeting.zoom_id, host=str(other.pk))
    assert "Zoom主催者を一覧から選択してください。" in refusal("88412345678", host="999999")
    world.zoom.fault("down")
    assert "Zoomが応答しません。何も変更していません。" in refusal(recurring)
    world.zoom.heal()


def test_what_is_used_or_going_is_told(world: SimpleNamespace, interview: Interview, baba: Client) -> None:
    meeting = interview.meeting
    number = meeting.zoom_id
    Meeting.objects.filter(pk=meeting.pk).update(canceled_at=timezone.now())
    assert "削除されるところです。" in text(press(baba, world, interview, number))
    Meeting.objects.filter(pk=meeting.pk).update(canceled_at=None, organization=world.other)
    assert "すでに使われています。" in text(press(baba, world, interview, number))


def test_a_missing_permission_and_a_lost_link_are_told(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    number = made_there(world, interview.starts_at)
    scopes = [one for one in fixtures.SCOPES if one != "meeting:read:meeting"]
    world.zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    world.team = world.zoom.connect(world.aoki, RECRUIT, is_shared=True)
    assert "Zoomアプリの権限を確認してください。" in text(press(baba, world, interview, number))
    world.zoom.uninstall(RECRUIT)
    assert "再連携が必要です。" in text(press(baba, world, interview, number))


def test_a_change_meanwhile_is_told_by_name(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    scheduling.reschedule(
        Interview.objects.get(pk=interview.pk), starts_at=story.tomorrow_at(9, days=4), minutes=60, by=world.aoki,
        now=timezone.now(),
    )  # fmt: skip

    answer = press(baba, world, interview, made_there(world, story.tomorrow_at(9, days=4)))

    assert "青木 葵さん" in text(answer)
    hidden = BeautifulSoup(answer.content, "html.parser").find("input", attrs={"name": "version"})
    assert hidden["value"] == str(fresh(interview).version)


def test_an_interview_that_is_not_on_zoom_is_refused(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    desk.change_way(fresh(interview), way=Way.PHONE, by=world.baba, now=timezone.now())

    answer = press(baba, world, fresh(interview), "88412345678")

    assert "面接方法を変更してください。" in text(answer)


def test_an_interview_that_leaves_zoom_at_that_moment_is_refused(
    world: SimpleNamespace, interview: Interview
) -> None:
    number = made_there(world, interview.starts_at)
    desk.change_way(fresh(interview), way=Way.PHONE, by=world.baba, now=timezone.now())
    Interview.objects.update(version=interview.version)

    with pytest.raises(adopting.NotOnZoom):
        adopting.adopt(interview, connection=world.team, zoom_id=number, by=world.baba, now=timezone.now())

    assert not Meeting.objects.live().exists()


def test_a_canceled_interview_takes_nothing_over(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    scheduling.cancel(fresh(interview), by=world.baba, now=timezone.now())

    assert "この面接は、すでに中止されています。" in text(baba.get(path(interview), follow=True))


def test_whose_meeting_it_is_already_is_said_in_the_readers_language(
    world: SimpleNamespace, interview: Interview, client_of: Any, run_jobs: Callable[..., int]
) -> None:
    other = desk.schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(14, days=4))
    run_jobs()
    number = fresh(other).meeting.zoom_id
    world.hana = story.user(world.company, "hana@sample.example.jp", "山田", "花", world.baba.role)
    world.hana.language = "en"
    world.hana.save()

    japanese = text(press(client_of(world.baba), world, interview, number))
    english = text(press(client_of(world.hana), world, interview, number))

    assert "このミーティングは別の面接で使っています：伊藤 蓮 様、" in japanese
    assert "This meeting belongs to another interview already: " in english
    assert "様" not in english.split("already: ")[1].split(",")[0]
