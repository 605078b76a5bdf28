"""`bin/demo` for a newcomer: it can be started twice and anew, and says in one sentence what is in its way."""

import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from demo import people
from tests.demo import running


def refusal(data: Path, ports: dict[str, int], **more: str) -> str:
    """What the demo says when it cannot start; it must end by itself, and soon."""
    ended = subprocess.run(
        [sys.executable, "-m", "demo"], cwd=settings.BASE_DIR, env=running.environment(data, ports) | more,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip()


@pytest.mark.parametrize("name", running.PORTS)
def test_a_taken_port_is_named_with_a_way_out(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path, running.free_ports() | {name: port})

    assert said == (
        f"Port {port} is in use: stop the program that has it, or choose another one: {name}={port + 100} bin/demo"
    )


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, {}, MENSETSU_PORT="http") == (
        "MENSETSU_PORT is 'http': give a port number between 1 and 65535."
    )


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    said = refusal(tmp_path / "file" / "data", running.free_ports())

    assert re.fullmatch(
        r"The data directory .*/file/data cannot be written \(.+\): make it writable, .*", said
    )


def test_the_second_start_goes_on_and_a_reset_begins_anew(tmp_path: Path) -> None:
    """From nothing the story is told, and it is again after a reset; what has been told stays otherwise."""
    assert "The story (once)" in running.story_into(tmp_path)

    with running.start(tmp_path) as second:
        assert "The story (once)" not in second.said
        assert second.letters("baba@sample.example.jp")
        with urllib.request.urlopen(f"{second.url}/readyz") as answer:
            assert answer.status == 200

    keys = (tmp_path / "token_keys").read_text()
    with running.start(tmp_path, "--reset") as third:
        assert "The story (once)" in third.said
    assert (tmp_path / "token_keys").read_text() == keys
    assert (tmp_path / "token_keys").stat().st_mode & 0o077 == 0


def test_the_storys_applicants_are_120_different_people_with_hard_names_among_them() -> None:
    told = people.applicants()
    names = [f"{one.family} {one.given}".strip() for one in told]

    assert len(told) == len(set(names)) == 120
    assert {"髙橋 﨑太郎", "長曽我部 権左衛門之助", "Nguyen Van An", "単名"} <= set(names)
