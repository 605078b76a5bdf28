"""「反映する」 and 「無視」 act on what the person saw: who presses on a page from before Zoom changed once more is
shown the new value first."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mensetsu.interviews.models import Interview
from mensetsu.web import dates
from mensetsu.zoom import meetings
from mensetsu.zoom.models import Difference
from tests.interviews import desk
from tests.interviews.writing import again as fresh
from tests.zoom_world import RECRUIT2

pytestmark = pytest.mark.django_db

LIST = "/interviews/differences/"


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def edit(world: SimpleNamespace, interview: Interview, **edited: Any) -> None:
    """Somebody changes it at Zoom, and we find it."""
    world.zoom.edit(interview.meeting, **edited)
    meetings.check(interview.meeting, now=timezone.now())


def start(interview: Interview, **later: int) -> dict[str, str]:
    return {"start_time": f"{interview.starts_at + timedelta(**later):%Y-%m-%dT%H:%M:%S}Z"}


def sent(page: Any, difference: Difference) -> dict[str, str]:
    """The fields of its form, as the browser that has this page open sends them."""
    form = desk.soup(page).find("form", action=f"{LIST}{difference.pk}/")
    return {one["name"]: one["value"] for one in form.find_all("input")}


def press(client: Client, difference: Difference, fields: dict[str, str], act: str) -> str:
    return desk.text(client.post(f"{LIST}{difference.pk}/", fields | {"act": act}, follow=True))


@pytest.mark.parametrize("act", ["adopt", "ignore"])
@pytest.mark.parametrize("where", [LIST, "/interviews/{}/"])
def test_a_start_that_nobody_saw_is_shown_before_anything_is_done_about_it(
    world: SimpleNamespace, baba: Client, interview: Interview, act: str, where: str
) -> None:
    edit(world, interview, **start(interview, hours=1))
    difference = Difference.objects.get()
    fields = sent(baba.get(where.format(interview.pk)), difference)
    edit(world, interview, **start(interview, days=3))

    said = press(baba, difference, fields, act)

    assert "Zoom側の日時がもう一度変更されました。" in said
    assert dates.full(interview.starts_at + timedelta(days=3), 60, language="ja") in said
    assert fresh(interview).starts_at == interview.starts_at
    difference.refresh_from_db()
    assert (difference.settled_at, difference.ignored_at) == (None, None)


def test_a_length_that_nobody_saw_does_not_come_with_a_start_that_somebody_did(
    world: SimpleNamespace, baba: Client, interview: Interview
) -> None:
    edit(world, interview, **start(interview, hours=1))
    difference = Difference.objects.get()
    fields = sent(baba.get(LIST), difference)
    edit(world, interview, duration=15)

    said = press(baba, difference, fields, "adopt")

    assert dates.full(interview.starts_at + timedelta(hours=1), 15, language="ja") in said
    assert (fresh(interview).starts_at, fresh(interview).minutes) == (interview.starts_at, 60)


@pytest.mark.parametrize("act", ["adopt", "ignore"])
def test_a_topic_that_nobody_saw_is_shown_first(
    world: SimpleNamespace, baba: Client, interview: Interview, act: str
) -> None:
    edit(world, interview, topic="Lunch")
    difference = Difference.objects.get()
    fields = sent(baba.get(LIST), difference)
    edit(world, interview, topic="Dinner")

    assert "今のZoomの内容：Dinner" in press(baba, difference, fields, act)
    assert fresh(interview).meeting.topic == interview.meeting.topic


@pytest.mark.parametrize(
    "edited", [{"duration": 45}, {"topic": "Lunch"}, {"settings": {"waiting_room": False}}]
)
def test_what_was_seen_is_taken_over(
    world: SimpleNamespace, baba: Client, interview: Interview, edited: dict[str, Any]
) -> None:
    edit(world, interview, **edited)
    difference = Difference.objects.get()

    said = press(baba, difference, sent(baba.get(LIST), difference), "adopt")

    assert "Zoomの内容を反映しました。" in said
    assert not Difference.objects.standing().exists()


def test_another_host_than_the_one_seen_is_shown_first(
    world: SimpleNamespace, baba: Client, interview: Interview
) -> None:
    world.zoom.connect(world.aoki, RECRUIT2, is_shared=True)
    edit(world, interview, host=RECRUIT2)
    difference = Difference.objects.get()
    fields = sent(baba.get(LIST), difference)
    Difference.objects.update(theirs="another", their_host=None)

    assert "今のZoomの内容：連携していないZoomアカウント" in press(baba, difference, fields, "adopt")
    assert fresh(interview).meeting.connection == world.team


def test_the_question_about_an_overlap_carries_on_what_was_seen(
    world: SimpleNamespace, baba: Client, interview: Interview
) -> None:
    other = world.zoom.connect(world.aoki, RECRUIT2, is_shared=True)
    desk.schedule(
        world, candidate=world.ito, host=other, starts_at=interview.starts_at + timedelta(hours=1)
    )  # fmt: skip
    edit(world, interview, **start(interview, hours=1))
    difference = Difference.objects.get()
    question = baba.post(f"{LIST}{difference.pk}/", sent(baba.get(LIST), difference) | {"act": "adopt"})
    assert question.status_code == 422
    fields = sent(question, difference)
    edit(world, interview, duration=15)

    assert "Zoom側の日時がもう一度変更されました。" in press(baba, difference, fields, "adopt")
    assert fresh(interview).starts_at == interview.starts_at


def test_what_both_agree_about_meanwhile_is_called_settled(
    world: SimpleNamespace, baba: Client, interview: Interview
) -> None:
    edit(world, interview, duration=45)
    difference = Difference.objects.get()
    fields = sent(baba.get(LIST), difference)
    edit(world, interview, duration=60)

    assert "この違いはすでに解決しています。" in press(baba, difference, fields, "adopt")


def test_putting_zoom_back_needs_no_second_look(
    world: SimpleNamespace, baba: Client, interview: Interview
) -> None:
    """Whatever stands there now, ours was meant."""
    edit(world, interview, duration=45)
    difference = Difference.objects.get()
    fields = sent(baba.get(LIST), difference)
    edit(world, interview, duration=15)

    press(baba, difference, fields, "restore")

    difference.refresh_from_db()
    assert difference.restoring_at is not None
