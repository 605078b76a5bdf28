"""New keys: nothing is lost on the way, wherever it stops."""

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from mensetsu.operating import console, keyring, rekeying
from mensetsu.operating.refusal import Refused
from mensetsu.zoom import client, resealing, tokens
from mensetsu.zoom.models import App, Connection
from tests import racing
from tests.zoom_world import BASIC, HANAKO, RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db
OTHER = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="


@pytest.fixture
def links(zoom: ZoomWorld, people: SimpleNamespace) -> list[Connection]:
    """Three linked accounts and their app: four rows, eight secrets."""
    return [
        zoom.connect(person, email)
        for person, email in ((people.aoki, RECRUIT), (people.baba, HANAKO), (people.doi, BASIC))
    ]


@pytest.fixture
def newest(settings: Any) -> str:
    """A new key in front of the one that everything is sealed with."""
    key = Fernet.generate_key().decode()
    settings.TOKEN_KEYS = [key, *settings.TOKEN_KEYS]
    return key


def works(link: Connection) -> bool:
    link.refresh_from_db()
    return bool(tokens.call(link, lambda zoom: zoom.me(), now=timezone.now()).email)


def test_afterwards_the_old_key_is_needed_by_nothing(
    links: list[Connection], settings: Any, newest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert resealing.survey() == resealing.Survey(newest=0, older=8, unreadable=0)

    assert console.main(["rotate-keys"]) == 0

    assert "4 rows written anew" in capsys.readouterr().out
    settings.TOKEN_KEYS = [newest]
    assert resealing.survey() == resealing.Survey(newest=8, older=0, unreadable=0)
    assert all(works(link) for link in links)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("portions", [1, 2, 3])
def test_stopped_halfway_everything_opens_and_the_rest_is_done_later(
    links: list[Connection], settings: Any, newest: str, portions: int
) -> None:
    told = []

    def stop(done: int) -> None:
        told.append(done)
        if len(told) == portions:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resealing.reseal_all(portion=1, told=stop)

    found = resealing.survey()
    assert (found.newest, found.older, found.unreadable) == (2 * portions, 8 - 2 * portions, 0)
    assert all(works(link) for link in links)
    assert resealing.reseal_all() == 4 - portions  # what was written is not written again
    settings.TOKEN_KEYS = [newest]
    assert all(works(link) for link in links)


def test_a_pair_that_is_renewed_meanwhile_is_not_overwritten_with_its_dead_forerunner(
    links: list[Connection], newest: str
) -> None:
    def renew() -> None:
        tokens.renew(links[0], now=timezone.now())

    with racing.meanwhile('UPDATE "zoom_connection" SET "access_token_sealed"', renew):
        assert rekeying.rotate() == 3

    assert resealing.survey().older == 0
    assert works(links[0])
    tokens.renew(links[0], now=timezone.now())  # the refresh token that is stored is the living one


def test_with_a_lost_key_nothing_is_touched(
    links: list[Connection], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    App.objects.update(client_secret_sealed=Fernet(OTHER).encrypt(b"of another time").decode())
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_KEYS]
    before = list(resealing.stored())

    assert console.main(["rotate-keys"]) == 1

    assert "MENSETSU_TOKEN_KEYS lacks a key" in capsys.readouterr().err
    assert list(resealing.stored()) == before
    assert resealing.survey() == resealing.Survey(newest=0, older=7, unreadable=1)


def test_a_process_that_still_writes_with_the_old_key_is_noticed(
    links: list[Connection], settings: Any, newest: str
) -> None:
    """It was not restarted: what it renews is sealed with the key it knows."""
    old = Fernet(settings.TOKEN_KEYS[1])

    def written_by_another(done: int) -> None:
        Connection.objects.filter(pk=links[2].pk).update(access_token_sealed=old.encrypt(b"fresh").decode())

    with pytest.raises(Refused, match="restart every web and worker"):
        rekeying.rotate(told=written_by_another)


def test_keys_are_added_and_dropped_in_the_file_that_holds_them(
    links: list[Connection], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = settings.TOKEN_KEYS[0]
    file = tmp_path / "keys"
    file.write_text(old)
    file.chmod(0o640)
    monkeypatch.setenv("MENSETSU_TOKEN_KEYS_FILE", str(file))

    assert console.main(["rotate-keys", "--add"]) == 0

    new, kept = file.read_text().strip().split(",")
    assert kept == old
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    settings.TOKEN_KEYS = [new, old]
    assert console.main(["rotate-keys", "--drop"]) == 1
    assert file.read_text().strip() == f"{new},{old}"
    assert console.main(["rotate-keys"]) == 0
    assert console.main(["rotate-keys", "--drop"]) == 0
    assert file.read_text().strip() == new
    settings.TOKEN_KEYS = [new]
    assert all(works(link) for link in links)


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_of_the_env_file_is_changed_and_every_other_stays(
    db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quote: str
) -> None:
    old = settings.TOKEN_KEYS[0]
    file = tmp_path / ".env"
    file.write_text(
        f"# keys\nMENSETSU_TOKEN_KEYS={quote}{old}{quote}\nMENSETSU_TOKEN_KEYS_OLD=x\nDATABASE_URL=\n"
    )
    monkeypatch.setenv("MENSETSU_ENV_FILE", str(file))
    monkeypatch.setenv("MENSETSU_TOKEN_KEYS", old)

    where = rekeying.add_key()

    assert where == keyring.Place("MENSETSU_TOKEN_KEYS", file, is_line=True)
    first, line, *rest = file.read_text().splitlines()
    assert [first, *rest] == ["# keys", "MENSETSU_TOKEN_KEYS_OLD=x", "DATABASE_URL="]
    name, _, value = line.partition("=")
    new, kept = value.split(",")
    assert (name, kept) == ("MENSETSU_TOKEN_KEYS", old)
    assert Fernet(new) is not None


def test_keys_of_the_environment_are_the_operators_own_business(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file says something else than the environment, which wins: changing the file would change nothing."""
    (tmp_path / ".env").write_text("MENSETSU_TOKEN_KEYS=another\n")
    monkeypatch.setenv("MENSETSU_ENV_FILE", str(tmp_path / ".env"))

    with pytest.raises(Refused, match="MENSETSU_TOKEN_KEYS in the environment of the service"):
        rekeying.add_key()

    assert (tmp_path / ".env").read_text() == "MENSETSU_TOKEN_KEYS=another\n"


def test_a_file_that_cannot_be_written_is_named(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSETSU_TOKEN_KEYS_FILE", str(tmp_path / "gone" / "keys"))

    with pytest.raises(Refused, match="cannot be written"):
        rekeying.add_key()


def test_what_no_key_opens_is_no_answer(links: list[Connection], settings: Any) -> None:
    settings.TOKEN_KEYS = [OTHER]

    assert not tokens.opens(Connection.objects.first().access_token_sealed)
    assert tokens.is_newest("")
    with pytest.raises(tokens.WrongTokenKey):
        tokens.call(links[0], client.Client.me, now=timezone.now())
