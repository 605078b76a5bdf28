"""What people see of the checks before the start: on the interview's page and among what needs attention."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.interviews import calendar, join_links, preflight_items, preflight_words
from mensetsu.interviews.models import Interview, Preflight, Way
from mensetsu.mail.models import Mail, Receiver
from mensetsu.zoom import fitness
from tests.interviews import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    desk.furnish(people)
    people.interview = desk.schedule(people, starts_at=people.now + timedelta(hours=20))
    desk.issued(people.interview)
    return people


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Any) -> Client:
    return client_of(world.baba)


def failed(world: SimpleNamespace, **causes: str) -> Preflight:
    items = [{"code": code, "state": "failed", "cause": cause} for code, cause in causes.items()]
    return Preflight.objects.create(
        interview=world.interview, milestone="day", starts_at=world.interview.starts_at, made_at=world.now,
        due_at=world.now + timedelta(minutes=30), checked_at=timezone.now(), state="failed",
        items=[{"code": "meeting", "state": "ok", "cause": ""}, *items],
    )  # fmt: skip


def to_do(client: Client) -> list[str]:
    return [" ".join(line.get_text().split()) for line in desk.soup(client.get("/")).select(".attention")]


def test_every_cause_has_its_words_and_every_item_its_title(world: SimpleNamespace) -> None:
    assert {*fitness.CODES, *preflight_items.PEOPLE} == preflight_words.TITLES.keys()
    assert preflight_words.STEPS.keys() <= preflight_words.CAUSES.keys()
    for cause in preflight_words.CAUSES:
        verb, href = preflight_words.step(cause, world.interview)
        assert verb
        assert href.startswith("/")


def test_the_interview_shows_each_check_with_its_items(world: SimpleNamespace, baba: Client) -> None:
    failed(world, plan="basic")

    card = desk.soup(baba.get(f"/interviews/{world.interview.pk}/")).find(id="preflight")

    assert card.h2.get_text() == "直前チェック"
    assert " ".join(card.summary.get_text().split()).startswith("24時間前 ⚠ 要対応")
    good, bad = [" ".join(line.get_text().split()) for line in card.find_all("li")]
    assert good == "Zoomミーティング：正常"
    assert bad == "Zoomのプラン：主催者がZoomの無料プランのため、面接は40分で終了します。 主催者を変更"
    assert card.li.find_next("a")["href"] == f"/interviews/{world.interview.pk}/change/#id_host"


@pytest.mark.parametrize(
    ("state", "words"), [("ok", "✓ 正常"), ("repaired", "自動で修正しました"), ("unknown", "確認できません")]
)
def test_each_state_is_said_in_words(world: SimpleNamespace, baba: Client, state: str, words: str) -> None:
    failed(world, doors="doors_differ")
    items = [{"code": "doors", "state": state, "cause": "doors_differ" if state == "repaired" else ""}]
    Preflight.objects.update(state=state, items=items)

    card = desk.soup(baba.get(f"/interviews/{world.interview.pk}/")).find(id="preflight")

    assert words in " ".join(card.summary.get_text().split())
    assert words.removeprefix("✓ ") in card.li.get_text()


def test_before_the_first_check_nothing_is_shown(world: SimpleNamespace, baba: Client) -> None:
    assert desk.soup(baba.get(f"/interviews/{world.interview.pk}/")).find(id="preflight") is None

    answer = baba.post(f"/interviews/{world.interview.pk}/preflight/", follow=True)

    assert "今、確認することはありません。" in desk.text(answer)


def test_checking_again_is_one_press(world: SimpleNamespace, baba: Client) -> None:
    check = failed(world, plan="basic")
    DBTaskResult.objects.all().delete()

    answer = baba.post(f"/interviews/{world.interview.pk}/preflight/", follow=True)

    assert "もう一度確認しています。" in desk.text(answer)
    assert [row.args_kwargs["kwargs"]["preflight_id"] for row in DBTaskResult.objects.all()] == [check.pk]


# --- 要対応 ---------------------------------------------------------------------------------------------------------


def test_a_failed_check_is_a_line_with_one_button(world: SimpleNamespace, baba: Client) -> None:
    desk.tell(world, world.interview, url=world.interview.join_url)
    failed(world, plan="basic", panel="nobody")
    world.interview.interviewers.all().delete()

    [line] = to_do(baba)

    assert line.startswith(
        "⚠ 重要：主催者がZoomの無料プランのため、面接は40分で終了します。 ログインできる面接官がいません。"
    )
    assert line.endswith("主催者を変更")


def test_a_line_that_stands_there_already_is_not_said_twice(world: SimpleNamespace, baba: Client) -> None:
    [before] = to_do(baba)
    assert "日程確定メールが未送信" in before or "メール" in before
    failed(world, told="untold")

    [line] = to_do(baba)

    assert "応募者に案内していません。" in line
    assert line.startswith("⚠ 重要")


def test_what_has_a_line_of_its_own_gets_no_second(world: SimpleNamespace, baba: Client) -> None:
    desk.tell(world, world.interview, url=world.interview.join_url)
    failed(world, time="time_differs", host="other_host")

    assert to_do(baba) == []


def test_what_is_mended_leaves_the_list_at_once(world: SimpleNamespace, baba: Client) -> None:
    failed(world, told="untold", panel="nobody", plan="basic", links="no_link")
    Preflight.objects.update(checked_at=timezone.now() - timedelta(minutes=5))

    desk.tell(world, world.interview, url=world.interview.join_url)
    Mail.objects.update(created_at=timezone.now())

    assert to_do(baba) == []


@pytest.mark.parametrize(
    ("milestone", "lines"),
    [("day", []), ("hour", ["Zoomに確認できません。"]), ("last", ["Zoomに確認できません。"])],
)
def test_what_nobody_knows_so_near_the_start_is_a_line_until_somebody_knows(
    world: SimpleNamespace, baba: Client, milestone: str, lines: list[str]
) -> None:
    desk.tell(world, world.interview, url=world.interview.join_url)
    failed(world)
    items = [{"code": "meeting", "state": "unknown", "cause": ""}]
    Preflight.objects.update(state="unknown", milestone=milestone, items=items)

    found = to_do(baba)

    assert len(found) == len(lines)
    for line, said in zip(found, lines, strict=True):
        assert said in line
        assert line.endswith("開く")
    Preflight.objects.update(state="ok", due_at=None)
    assert to_do(baba) == []


def test_what_is_wrong_and_what_nobody_knows_are_one_line(world: SimpleNamespace, baba: Client) -> None:
    desk.tell(world, world.interview, url=world.interview.join_url)
    check = failed(world, capacity="crowded")
    items = [{"code": "meeting", "state": "unknown", "cause": ""}, *check.failures]
    Preflight.objects.update(milestone="last", items=items)

    [line] = to_do(baba)

    assert "Zoomに確認できません。" in line
    assert line.endswith("主催者を変更")


@pytest.mark.parametrize("cause", ["no_passcode", "unguarded", "doors_differ"])
def test_what_the_doors_lack_is_put_back_among_the_differences(world: SimpleNamespace, cause: str) -> None:
    _verb, href = preflight_words.step(cause, world.interview)

    assert href == f"/interviews/{world.interview.pk}/#differences"


@pytest.mark.parametrize(
    "change", [{"due_at": None}, {"starts_at": timezone.now() + timedelta(hours=5)}, {"state": "ok"}]
)
def test_a_check_that_no_longer_holds_is_no_line(
    world: SimpleNamespace, baba: Client, change: dict[str, Any]
) -> None:
    desk.tell(world, world.interview, url=world.interview.join_url)
    failed(world, plan="basic")
    Preflight.objects.update(**change)

    assert to_do(baba) == []


# --- what people hold -----------------------------------------------------------------------------------------------


def links(interview: Interview) -> str:
    return preflight_items.of_links(Interview.objects.with_facts().get(pk=interview.pk))


def test_the_join_page_in_letters_and_calendar_files_must_open(world: SimpleNamespace, settings: Any) -> None:
    interview = world.interview
    letter = desk.tell(world, interview)
    assert links(interview) == "no_link"
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=world.now)
    file = calendar.attachment(interview, link=link, language="ja", now=world.now)
    Mail.objects.update(attachments=[{"name": "notes.txt", "type": "text/plain", "text": "x"}, file])
    assert icalendar.Calendar.from_ical(file["text"])
    assert links(interview) == ""
    Mail.objects.update(body=f"参加：{join_links.address(link)}", attachments=[])
    assert links(interview) == ""

    settings.SECRET_KEY = "another"

    assert links(interview) == "dead_page"
    settings.SECRET_KEY_FALLBACKS = []
    settings.BASE_URL = "https://moved.example.jp"
    assert links(interview) == "dead_page"
    Mail.objects.filter(pk=letter.pk).update(failed_at=world.now, sent_at=None)
    assert links(interview) == ""


def test_the_page_of_another_interview_is_no_page(world: SimpleNamespace) -> None:
    other = desk.schedule(world, candidate=world.ito, host=world.sub, interviewers=[world.endo])
    link = join_links.link_for(other, receiver=Receiver.CANDIDATE, now=world.now)
    desk.tell(world, world.interview)
    Mail.objects.update(body=join_links.address(link))

    assert links(world.interview) == "dead_page"


def test_an_old_raw_link_is_told_and_without_any_link_nothing(world: SimpleNamespace) -> None:
    desk.tell(world, world.interview, url="https://zoom.example/j/1")
    assert links(world.interview) == "old_link"

    Interview.objects.update(way=Way.PHONE, service="")
    assert links(world.interview) == ""


def test_whom_letters_tell_what_decides_whether_the_applicant_knows(world: SimpleNamespace) -> None:
    def told() -> str:
        return preflight_items.of_telling(Interview.objects.with_facts().get(pk=world.interview.pk))

    assert told() == "untold"
    Interview.objects.update(confirmation_waived_at=world.now)
    assert told() == ""
    desk.tell(world, world.interview)
    Interview.objects.update(minutes=30)
    assert told() == "old_facts"


def test_who_cannot_log_in_interviews_nobody(world: SimpleNamespace) -> None:
    def panel() -> str:
        return preflight_items.of_panel(Interview.objects.with_facts().get(pk=world.interview.pk))

    assert panel() == ""
    world.doi.deactivated_at = world.now
    world.doi.save()
    assert panel() == "nobody"


def test_another_company_sees_nothing_of_it(world: SimpleNamespace, client_of: Any) -> None:
    failed(world, plan="basic")
    chiba = client_of(world.chiba)

    assert to_do(chiba) == []
    assert chiba.post(f"/interviews/{world.interview.pk}/preflight/").status_code == 404
