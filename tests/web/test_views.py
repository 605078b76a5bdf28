"""The list of settings by role, and what machines ask."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import OperationalError, connection
from django.test import Client


def _links(client: Client) -> list[str]:
    page = BeautifulSoup(client.get("/settings/").content, "html.parser")
    return [a.get_text() for a in page.select("main h2 a")]


def test_settings_show_what_the_role_may_do(
    people: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    assert _links(client_of(people.baba)) == [
        "Zoom連携設定",
        "メールテンプレート",
        "全員の予定",
        "紹介会社",
        "タグ一覧",
    ]
    assert _links(client_of(people.aoki)) == [
        "Zoom連携設定",
        "メールテンプレート",
        "全員の予定",
        "紹介会社",
        "タグ一覧",
        "職種と選考ステップ",
        "担当者",
        "会社情報",
        "Zoomアプリ",
    ]
    assert client_of(people.doi).get("/settings/").status_code == 403


def test_every_entry_of_the_menus_leads_somewhere(
    people: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    for person, texts in (
        (people.aoki, ["ホーム", "応募者", "面接", "日程調整", "設定"]),
        (people.baba, ["ホーム", "応募者", "面接", "日程調整", "設定"]),
        (people.doi, ["面接"]),
    ):
        client = client_of(person)
        page = BeautifulSoup(client.get("/profile/").content, "html.parser")
        assert [a.get_text() for a in page.select("header nav a")] == texts
        mine = [a.get_text() for a in page.select(".menu__list a")]
        assert mine == ["マイページ", "予定", "Zoom連携設定", "プロフィール"]
        for link in page.select("header a"):
            assert client.get(link["href"]).status_code in (200, 302), link


def test_health_asks_no_database() -> None:
    # No django_db mark: any query fails this test.
    response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readiness_asks_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/readyz").status_code == 200

    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", gone)
    assert Client().get("/readyz").status_code == 503


@pytest.mark.django_db
def test_a_node_that_is_to_be_restarted_sends_the_balancer_away(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert Client().get("/readyz").status_code == 200

    (tmp_path / "draining").touch()

    assert Client().get("/readyz").status_code == 503
    assert Client().get("/healthz").status_code == 200, "it is not to be killed"


def test_search_engines_are_asked_to_stay_away() -> None:
    assert Client().get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
