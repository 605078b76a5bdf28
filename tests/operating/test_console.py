"""What can be typed, and what is said: by the program itself, as an operator starts it."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from mensetsu.operating import console
from mensetsu.operating.commands import web

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ["web", "worker", "doctor", "backup", "restore", "move-to-postgresql", "rotate-keys"]


def started(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The console in a process of its own, without any settings but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MENSETSU_")}
    kept.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "mensetsu.operating", *words],
        cwd=ROOT, env=kept | {"MENSETSU_ENV_FILE": ""} | settings, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_needs_and_what_it_changes(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        console.main([name, "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    for word in ("needs:", "changes:", "exit codes:"):
        assert word in said


def test_all_commands_are_listed_and_an_unknown_one_is_wrong_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        console.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n    {name}" not in said] == []

    with pytest.raises(SystemExit) as ended:
        console.main(["fly"])
    assert ended.value.code == 2


def test_without_settings_it_says_which_one_is_missing() -> None:
    ended = started("backup", "nowhere")

    assert ended.returncode == 1
    assert "MENSETSU_SECRET_KEY" in ended.stderr
    assert ".env" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_doctor_answers_without_settings_too(tmp_path: Path) -> None:
    """A key file that cannot be read is no reason to fall silent."""
    ended = started("doctor", "--json", MENSETSU_SECRET_KEY_FILE=str(tmp_path / "gone"))

    assert ended.returncode == 1
    (finding,) = json.loads(ended.stdout)
    assert (finding["check"], finding["state"]) == ("settings", "error")
    assert "gone" in finding["sentence"] or "MENSETSU_SECRET_KEY" in finding["sentence"]
    assert finding["next"]


def test_the_script_is_there_for_people() -> None:
    assert (ROOT / "bin" / "mensetsu").stat().st_mode & 0o111


def test_the_options_of_web_are_the_environment_of_the_server() -> None:
    typed = console.parser().parse_args(["web", "--port", "80", "--processes", "3", "--without-worker"])

    assert web.chosen(typed) == {
        "MENSETSU_PORT": "80",
        "MENSETSU_WEB_PROCESSES": "3",
        "MENSETSU_WORKER_IN_WEB": "0",
    }
    assert web.chosen(console.parser().parse_args(["web"])) == {}


def test_web_is_what_bin_serve_is(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *words: began.append(words))

    web.run(argparse.Namespace(bind="0.0.0.0", port=None, processes=None, without_worker=False), print)

    ((program, _words, environment),) = began
    assert Path(program) == ROOT / "bin" / "serve"
    assert Path(program).exists()
    assert environment["MENSETSU_BIND"] == "0.0.0.0"


@pytest.mark.django_db
def test_a_worker_waits_for_a_database_that_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    MigrationRecorder(connection).record_unapplied("booking", "0001_initial")
    for app, name in set(MigrationRecorder(connection).applied_migrations()):
        if app == "booking":
            MigrationRecorder(connection).record_unapplied(app, name)

    assert console.main(["worker"]) == 1

    assert "start bin/mensetsu web first" in capsys.readouterr().err


def test_a_database_that_is_away_is_said_in_words() -> None:
    ended = started(
        "worker",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
        MENSETSU_SECRET_KEY="x" * 50,
        MENSETSU_TOKEN_KEYS=os.environ["MENSETSU_TOKEN_KEYS"],
        MENSETSU_BASE_URL="http://127.0.0.1:8000",
        MENSETSU_ALLOWED_HOSTS="127.0.0.1",
    )

    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
    assert "The database does not answer" in ended.stderr
    assert "Check DATABASE_URL and that its server runs" in ended.stderr
