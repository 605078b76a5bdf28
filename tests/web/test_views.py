"""The list of settings by role, and what machines ask."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from mensetsu.web import readiness


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
        differences = ["Zoomとの違い"] if person.is_recruiter else []
        assert mine == ["マイページ", "予定", "Zoom連携設定", *differences, "プロフィール"]
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


@pytest.fixture
def just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not been asked yet."""
    monkeypatch.setattr(readiness, "_is_fit", False)


def unready() -> str:
    response = Client().get("/readyz")
    assert (response.status_code, Client().get("/healthz").status_code) == (503, 200)
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("just_started")
def test_a_node_without_its_static_files_takes_no_traffic(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT, settings.DEBUG = tmp_path, False
    start_anew(settings)
    assert unready() == "static files missing: manage.py collectstatic, then restart this process\n"

    names = [path for path, _storage in finders.FileSystemFinder().list(readiness.NOT_COLLECTED)]
    write_manifest(tmp_path, names[1:])
    start_anew(settings)
    assert "collectstatic" in unready(), "those of an older release lack the newest one"

    write_manifest(tmp_path, names)
    assert "restart this process" in unready()
    start_anew(settings)
    assert Client().get("/readyz").status_code == 200


def write_manifest(folder: Path, names: list[str]) -> None:
    paths = {"paths": {name: name for name in names}, "version": "1.1", "hash": ""}
    (folder / "staticfiles.json").write_text(json.dumps(paths))


def start_anew(settings: Any) -> None:
    """The list of static files is read once in a process."""
    storage = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}


@pytest.mark.django_db
@pytest.mark.usefixtures("just_started")
def test_a_database_of_an_older_release_takes_no_traffic(settings: Any) -> None:
    MigrationRecorder(connection).record_unapplied("booking", newest := last_migration("booking"))
    assert unready() == "1 migrations not applied: manage.py migrate\n"

    MigrationRecorder(connection).record_applied("booking", newest)
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": "elsewhere"}}
    assert unready() == "cache table missing: manage.py createcachetable\n"


def last_migration(app: str) -> str:
    return max(name for label, name in MigrationRecorder(connection).applied_migrations() if label == app)


@pytest.mark.django_db
@pytest.mark.usefixtures("just_started")
def test_what_was_once_found_good_costs_no_question_again(django_assert_num_queries: Any) -> None:
    assert Client().get("/readyz").status_code == 200

    with django_assert_num_queries(1):
        assert Client().get("/readyz").status_code == 200


def test_search_engines_are_asked_to_stay_away() -> None:
    assert Client().get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
