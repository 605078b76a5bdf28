"""Zoomとの違い: the list, the presses, the refusals in words; and what belongs to nobody."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Connection, Difference, Meeting, Orphan
from tests import story
from tests.interviews import desk

pytestmark = pytest.mark.django_db

LIST = "/interviews/differences/"
ALL = ["反映する", "Zoomを元に戻す", "無視"]


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


@pytest.fixture
def interview(world: SimpleNamespace) -> Interview:
    made = desk.schedule(world, starts_at=story.tomorrow_at(14, days=3))
    desk.issued(made)
    return made


def differs(interview: Interview, kind: str, ours: str = "", theirs: str = "", **values: Any) -> Difference:
    return Difference.objects.create(
        organization=interview.organization, meeting=interview.meeting, kind=kind, ours=ours, theirs=theirs,
        found_at=timezone.now(), **values,
    )  # fmt: skip


def another_time(interview: Interview, hours: int = 3) -> Difference:
    theirs = interview.starts_at + timedelta(hours=hours)
    Meeting.objects.filter(pk=interview.meeting_id).update(synced_starts_at=theirs, drifted_at=timezone.now())
    return differs(interview, "time", interview.starts_at.isoformat(), theirs.isoformat())


def press(client: Client, difference: Difference, act: str, **more: str) -> Any:
    return client.post(f"{LIST}{difference.pk}/", {"act": act, "back": "list", **more}, follow=True)


def text(answer: Any) -> str:
    return " ".join(BeautifulSoup(answer.content, "html.parser").main.get_text().split())


def buttons(client: Client) -> list[str]:
    page = BeautifulSoup(client.get(LIST).content, "html.parser")
    return [" ".join(one.get_text().split()) for one in page.tbody.find_all(class_="btn")]


def test_without_differences_the_page_says_so(baba: Client, interview: Interview) -> None:
    assert "判断を待っている違いはありません。" in text(baba.get(LIST))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, ["まだ照合していません。"]),
        ({"compared_at": timezone.now()}, ["最後の照合："]),
        ({"compared_at": timezone.now(), "compare_problem": "away"}, ["確認できませんでした。", "最後の照合："]),
        ({"compare_problem": "scope_missing"}, ["ミーティングの一覧を読む権限がない", "まだ照合していません。"]),
        ({"ended_at": timezone.now(), "end_reason": "revoked"}, ["連携が切れているため、照合できません。"]),
    ],
)  # fmt: skip
def test_each_host_is_told_with_its_last_comparison_or_why_there_is_none(
    baba: Client, interview: Interview, columns: dict[str, Any], said: list[str]
) -> None:
    Connection.objects.filter(pk=interview.meeting.connection_id).update(**columns)

    page = text(baba.get(LIST))

    assert [one for one in ["採用チーム用Zoom", *said] if one not in page] == []
    assert "採用サブ" not in page  # it hosts nothing


def test_without_coming_meetings_there_is_nothing_to_compare(baba: Client) -> None:
    assert "最後に照合した日時" not in text(baba.get(LIST))


@pytest.mark.parametrize(("kind", "is_there"), [("webinar", False), ("length", True)])
def test_putting_many_back_is_offered_where_something_can_be_put_back(
    baba: Client, interview: Interview, kind: str, is_there: bool
) -> None:
    differs(interview, kind, "60", "45")

    assert ("選んだすべてについてZoomを元に戻す" in text(baba.get(LIST))) is is_there


@pytest.mark.parametrize(
    ("kind", "ours", "theirs", "shown", "presses"),
    [
        ("length", "60", "45", ["60分", "45分"], ALL),
        ("topic", "一次面接", "Lunch", ["一次面接", "Lunch"], ALL),
        ("sign_in", "off", "on", ["不要", "必須", "Zoomアカウントを持たない応募者は入室できません。"], ALL),
        ("waiting_room", "on", "off", ["オン", "オフ"], ALL),
        ("passcode", "on", "off", ["あり", "なし", "新しいパスコードが付き、参加リンクも変わります"], ALL[1:]),
        ("early_entry", "off", "on", ["できない", "できる", "応募者が面接官より先に入室できます。"], ALL),
        ("host", "", "unknown", ["採用チーム用Zoom", "連携していないZoomアカウント"], ["主催者を変更", "無視"]),
        ("webinar", "", "", ["Zoom側でウェビナーに変更されています"], ["もう一度発行", "主催者を変更", "中止"]),
        ("gone", "", "", ["Zoom側でミーティングが削除されています"], ["もう一度発行", "主催者を変更", "中止"]),
    ],
)  # fmt: skip
def test_each_kind_is_told_with_what_can_be_done_about_it(
    baba: Client,
    interview: Interview,
    kind: str,
    ours: str,
    theirs: str,
    shown: list[str],
    presses: list[str],
) -> None:
    differs(interview, kind, ours, theirs)

    page = text(baba.get(LIST))

    assert [one for one in shown if one not in page] == []
    assert buttons(baba) == presses


def test_a_host_that_is_linked_here_can_be_followed(
    world: SimpleNamespace, baba: Client, interview: Interview
) -> None:
    differs(interview, "host", "", f"link {world.sub.pk}", their_host=world.sub)

    assert "採用サブ" in text(baba.get(LIST))
    assert buttons(baba) == ["反映する", "無視"]
    answer = press(baba, Difference.objects.get(), "adopt")
    assert "Zoomの内容を反映しました。" in text(answer)
    assert Interview.objects.get().meeting.connection == world.sub


def test_a_time_is_taken_over_and_the_list_is_empty(baba: Client, interview: Interview) -> None:
    difference = another_time(interview)

    answer = press(baba, difference, "adopt", version=str(interview.version))

    assert "Zoomの内容を反映しました。" in text(answer)
    assert Interview.objects.get().starts_at == interview.starts_at + timedelta(hours=3)


def test_back_on_the_interviews_own_page(baba: Client, interview: Interview) -> None:
    answer = press(baba, differs(interview, "length", "60", "45"), "ignore", back="interview")

    assert answer.redirect_chain[-1][0] == f"/interviews/{interview.pk}/"
    assert "無視した違い（1）" in text(answer)


def test_somebody_elses_interview_is_shown_before_it_overlaps(
    world: SimpleNamespace, baba: Client, interview: Interview
) -> None:
    difference = another_time(interview)
    desk.schedule(
        world, candidate=world.ito, host=world.sub, starts_at=interview.starts_at + timedelta(hours=3)
    )

    answer = press(baba, difference, "adopt", version=str(interview.version))
    assert answer.status_code == 422
    assert "土井 大さんは" in text(answer)
    form = BeautifulSoup(answer.content, "html.parser").main.find("form", action=f"{LIST}{difference.pk}/")
    sent = {one["name"]: one["value"] for one in form.find_all("input")} | {"act": "adopt"}
    baba.post(form["action"], sent)

    assert Interview.objects.get(pk=interview.pk).starts_at == interview.starts_at + timedelta(hours=3)


def test_refusals_say_what_to_do_next(world: SimpleNamespace, baba: Client, interview: Interview) -> None:
    busy = another_time(interview)
    desk.schedule(
        world,
        candidate=world.ito,
        interviewers=[world.endo],
        starts_at=interview.starts_at + timedelta(hours=3),
    )
    unknown = differs(interview, "host", "", "unknown")

    assert "Zoom主催者はこの時間に別の面接があります。主催者を変更してください。" in text(
        press(baba, busy, "adopt")
    )
    assert "今の主催者のZoomアカウントは連携していません。" in text(press(baba, unknown, "adopt"))
    assert "この操作はできません。" in text(press(baba, unknown, "restore"))
    Meeting.objects.filter(pk=interview.meeting_id).update(synced_starts_at=None)
    assert "日時がありません" in text(press(baba, busy, "adopt"))
    scheduling.cancel(Interview.objects.get(pk=interview.pk), by=world.aoki, now=timezone.now())
    assert "この違いはすでに解決しています。" in text(press(baba, busy, "restore", back="interview"))


def test_a_press_that_nobody_knows_changes_nothing(baba: Client, interview: Interview) -> None:
    difference = differs(interview, "length", "60", "45")

    press(baba, difference, "burn")

    difference.refresh_from_db()
    assert (difference.settled_at, difference.restoring_at, difference.ignored_at) == (None, None, None)


def test_many_are_put_back_at_once(baba: Client, interview: Interview) -> None:
    length, topic = differs(interview, "length", "60", "45"), differs(interview, "topic", "一次面接", "Lunch")
    host = differs(interview, "host", "", "unknown")

    answer = baba.post(LIST, {"difference": [length.pk, topic.pk, host.pk, "x"]}, follow=True)

    assert "2件をZoomに送っています。" in text(answer)
    assert set(Difference.objects.exclude(restoring_at=None)) == {length, topic}
    assert "Zoomを元に戻せるものが選ばれていません。" in text(baba.post(LIST, {}, follow=True))


def test_a_restoration_under_way_or_refused_is_told(baba: Client, interview: Interview) -> None:
    differs(interview, "length", "60", "45", restoring_at=timezone.now())
    differs(interview, "sign_in", "off", "on", problem="not_taken")

    page = text(baba.get(LIST))

    assert "Zoomに送っています。" in page
    assert "Zoomを元に戻せていません：Zoomが変更を反映していません。" in page


def test_a_lost_meeting_is_issued_anew(baba: Client, interview: Interview) -> None:
    Meeting.objects.update(lost_at=timezone.now())

    answer = press(baba, differs(interview, "gone"), "issue")

    assert "参加URLをもう一度発行しています。" in text(answer)
    assert Interview.objects.get().meeting_id != interview.meeting_id


def test_the_list_asks_the_same_number_of_times_for_one_and_for_three(
    world: SimpleNamespace, baba: Client, interview: Interview, django_assert_max_num_queries: Any
) -> None:
    differs(interview, "length", "60", "45")
    baba.get(LIST)
    with django_assert_max_num_queries(12):
        baba.get(LIST)
    for day in (4, 5):
        more = desk.schedule(world, starts_at=story.tomorrow_at(14, days=day))
        desk.issued(more, f"8840000000{day}")
        differs(more, "topic", "一次面接", "Lunch")

    with django_assert_max_num_queries(12):
        baba.get(LIST)


def test_interviewers_do_not_decide(client_of: Any, world: SimpleNamespace, interview: Interview) -> None:
    doi = client_of(world.doi)

    assert doi.get(LIST).status_code == 403
    assert doi.post(f"{LIST}{differs(interview, 'gone').pk}/", {"act": "issue"}).status_code == 403


# --- what belongs to nobody -----------------------------------------------------------------------------------------


def orphan(world: SimpleNamespace, **values: Any) -> Orphan:
    return Orphan.objects.create(
        connection=world.team, zoom_id="88400000001", reference="11111111-2222-3333-4444-555555555555",
        why="unknown", topic="一次面接", starts_at=story.tomorrow_at(9), minutes=60, found_at=timezone.now(), **values,
    )  # fmt: skip


def test_meetings_of_nobody_are_listed_by_host_and_deleted_by_a_press(
    world: SimpleNamespace, baba: Client
) -> None:
    one = orphan(world)

    page = BeautifulSoup(baba.get("/settings/zoom/leftovers/").content, "html.parser")
    answer = baba.post(f"/settings/zoom/leftovers/{one.pk}/removal/", follow=True)

    assert page.find(id=f"host{world.team.pk}").h2.get_text() == "採用チーム用Zoom"
    assert "この環境にない面接のもの" in page.get_text()
    assert "Zoomに削除を依頼しています。" in text(answer)
    assert "Zoomから削除しています" in text(answer)


def test_nothing_found_and_nothing_deleted_is_told(world: SimpleNamespace, baba: Client) -> None:
    assert "該当するミーティングはありません。" in text(baba.get("/settings/zoom/leftovers/"))
    orphan(world, problem="refused")
    assert "削除できていません：" in text(baba.get("/settings/zoom/leftovers/"))
