"""W6–W10, W14–W15: from the applicant's page to the letter that arrives, a change of host, and unlinking."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.utils import timezone

from mensetsu.interviews.models import Interview
from mensetsu.mail import samples
from tests import story, zoom_world
from tests.zoom_world import RECRUIT, RECRUIT2

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace, zoom: zoom_world.ZoomWorld) -> SimpleNamespace:
    people.job = story.job(people.company)
    people.company.office_hours = "平日9:00〜18:00"
    people.company.save()
    samples.install_samples(people.company, timezone.now())
    people.sato = story.candidate(
        people.company, job=people.job, stage=people.job.stages.first(), owner=people.baba
    )
    people.team = zoom.connect(people.aoki, RECRUIT, is_shared=True)
    people.sub = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    people.zoom = zoom
    return people


class Browser:
    """A reader without JavaScript: follows links by their words and sends forms as they stand on the page."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.page = BeautifulSoup()
        self.path = ""

    def open(self, path: str) -> "Browser":
        answer = self.client.get(path, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        self.path = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        self.page = BeautifulSoup(answer.content, "html.parser")
        return self

    def follow(self, words: str) -> "Browser":
        link = next(
            one for one in self.page.main.find_all("a") if " ".join(one.get_text().split()).startswith(words)
        )
        return self.open(link["href"])

    def press(self, words: str, **typed: Any) -> "Browser":
        button = next(one for one in self.page.main.find_all("button") if words in one.get_text())
        form = button.find_parent("form")
        values = {**_as_it_stands(form), **typed}
        if button.get("name"):
            values[button["name"]] = button.get("value", "")
        answer = self.client.post(form.get("action") or self.path, values, follow=True)
        assert answer.status_code == 200, (words, answer.status_code, _errors(answer))
        self.path = answer.redirect_chain[-1][0] if answer.redirect_chain else self.path
        self.page = BeautifulSoup(answer.content, "html.parser")
        return self

    @property
    def text(self) -> str:
        return " ".join(self.page.get_text().split())


def _as_it_stands(form: Tag) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in form.find_all(["input", "select", "textarea"]):
        name = field.get("name")
        if not name or (field.get("type") in ("checkbox", "radio") and not field.has_attr("checked")):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            values.setdefault(name, []).append(chosen.get("value", chosen.get_text()) if chosen else "")
        else:
            values.setdefault(name, []).append(
                field.get_text()
                if field.name == "textarea"
                else field.get("value", "on" if field.get("type") == "checkbox" else "")
            )
    return values


def _errors(answer: Any) -> str:
    found = BeautifulSoup(answer.content, "html.parser").find(id="errors")
    return found.get_text() if found else ""


def test_from_the_applicants_page_to_the_letter_that_arrives(
    world: SimpleNamespace, client_of: Callable[[Any], Client], run_jobs: Callable[..., int], mailoutbox: list
) -> None:
    browser = Browser(client_of(world.baba))
    at = story.tomorrow_at(14, days=2)

    browser.open("/candidates/").follow("佐藤 美咲").follow("面接を設定する")
    browser.press(
        "面接設定完了", date=f"{at:%Y-%m-%d}", start="14:00", minutes="60", interviewers=[str(world.doi.pk)],
        way="web", service="zoom", host=str(world.team.pk),
    )  # fmt: skip
    assert "参加URLを発行しています…" in browser.text
    run_jobs()
    browser.open(browser.path)

    interview = Interview.objects.with_facts().get()
    (made,) = world.zoom.meetings()
    assert "面接を登録しました" in browser.text
    assert "Zoomのミーティングを作成しました" in browser.text
    assert (interview.starts_at, interview.meeting.connection) == (at, world.team)
    assert (str(made["id"]), made["duration"]) == (interview.meeting.zoom_id, 60)

    mailoutbox.clear()
    browser.follow("メールを作成").press("メールを送信")
    if "この内容で送信" in browser.text:
        browser.press("この内容で送信")
    run_jobs(until=timezone.now() + timezone.timedelta(minutes=5))

    (letter,) = [one for one in mailoutbox if "misaki@example.com" in one.to[0]]
    assert interview.join_url in letter.body
    assert "14:00〜15:00" in letter.body
    assert "{{" not in letter.subject + letter.body


def test_later_stays_on_the_home_page_until_the_letter_is_sent(
    world: SimpleNamespace, client_of: Callable[[Any], Client], run_jobs: Callable[..., int]
) -> None:
    browser = Browser(client_of(world.baba))
    at = story.tomorrow_at(14, days=2)
    browser.open(f"/candidates/{world.sato.pk}/interviews/new/").press(
        "面接設定完了", date=f"{at:%Y-%m-%d}", start="14:00", interviewers=[str(world.doi.pk)]
    )
    run_jobs()

    browser.press("あとで送る")
    home = Browser(client_of(world.aoki)).open("/")

    assert "日程確定メールが未送信です。" in home.text
    home.follow("メールを作成").press("メールを送信")
    if "この内容で送信" in home.text:
        home.press("この内容で送信")
    assert "要対応はありません。" in home.open("/").text


def test_an_account_in_use_is_unlinked_after_its_interviews_found_another_host(
    world: SimpleNamespace, client_of: Callable[[Any], Client], run_jobs: Callable[..., int]
) -> None:
    browser = Browser(client_of(world.aoki))
    at = story.tomorrow_at(14, days=2)
    browser.open(f"/candidates/{world.sato.pk}/interviews/new/").press(
        "面接設定完了",
        date=f"{at:%Y-%m-%d}",
        start="14:00",
        interviewers=[str(world.doi.pk)],
        host=str(world.team.pk),
    )
    run_jobs()
    before = Interview.objects.with_facts().get()

    browser.open(f"/interviews/hosts/{world.team.pk}/").press("主催者をまとめて変更", host=str(world.sub.pk))
    run_jobs()
    browser.open(browser.path)

    after = Interview.objects.with_facts().get()
    assert "1件の主催者を変更しました。" in browser.text
    assert (after.meeting.connection, after.next_meeting) == (world.sub, None)
    assert after.join_url != before.join_url
    assert [str(one["id"]) for one in world.zoom.meetings()] == [after.meeting.zoom_id]
