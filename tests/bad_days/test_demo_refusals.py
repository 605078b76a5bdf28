"""`bin/demo` that cannot start says in one sentence what to do; the story it tells has everybody in it."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from demo import __main__ as demo
from demo import machine, people, story
from demo.ports import reserve_port
from mensetsu.accounts.models import Role

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def places(tmp_path: Path) -> machine.Places:
    return machine.Places(tmp_path / "data", *(reserve_port() for _port in range(4)))


def test_free_ports_and_a_writable_directory_are_fine(places: machine.Places) -> None:
    machine.check(places)

    assert (places.data / "log").is_dir()


def test_a_taken_port_is_named_with_the_variable_that_changes_it(places: machine.Places) -> None:
    with socket.socket() as other:
        other.bind((machine.HOST, places.mailbox))
        other.listen()
        with pytest.raises(machine.NotPossible) as no:
            machine.check(places)

    assert str(no.value) == (
        f"Port {places.mailbox} is in use: stop the program that has it, or choose another one: "
        f"SIMULATOR_MAILBOX_PORT={places.mailbox + 100} bin/demo"
    )


def test_a_directory_that_cannot_be_written_is_named(places: machine.Places, tmp_path: Path) -> None:
    # A file where the directory should be: refused for every user, root included.
    (tmp_path / "data").write_text("")

    with pytest.raises(
        machine.NotPossible, match=r"cannot be written .* or name another one in MENSETSU_DATA"
    ):
        machine.check(places)


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MENSETSU_PORT", text)

    with pytest.raises(machine.NotPossible, match=f"MENSETSU_PORT is '{text}'"):
        machine.Places.from_environment(ROOT)


def test_starting_anew_forgets_the_story_and_nothing_else(places: machine.Places) -> None:
    machine.check(places)
    (places.data / "mensetsu.sqlite3").write_text("")
    (places.data / "simulator").mkdir()
    (places.data / "mine.txt").write_text("keep")

    demo.forget(places)

    assert sorted(path.name for path in places.data.iterdir()) == ["log", "mine.txt"]


def _script(folder: Path, *arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    """bin/demo in a copy that has no environment yet, with only these commands to be found."""
    for name in ("bin", "requirements"):
        shutil.copytree(ROOT / name, folder / name)
    return subprocess.run(
        ["/bin/sh", "bin/demo", *arguments], cwd=folder, env={"PATH": path}, capture_output=True, text=True, timeout=30
    )  # fmt: skip


def test_without_python_the_script_says_what_to_install(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for command in ("dirname", "cksum", "cat", "date", "mktemp", "sed"):
        found = shutil.which(command)
        assert found is not None
        os.symlink(found, tools / command)

    answer = _script(tmp_path / "clone", path=str(tools))

    assert answer.returncode == 1
    (sentence,) = answer.stderr.strip().splitlines()
    assert sentence.startswith("Python 3.11, 3.12 or 3.13 is needed and was not found: install it")


def test_an_unknown_word_after_the_command_is_refused(tmp_path: Path) -> None:
    answer = _script(tmp_path / "clone", "--rest", path=os.environ["PATH"])

    assert (answer.returncode, answer.stderr.strip()) == (
        1,
        "bin/demo knows --reset and --help, not '--rest'.",
    )


def test_the_story_has_everybody_in_it() -> None:
    applicants = people.applicants()

    names = {(one.family, one.given) for one in applicants}
    assert (len(applicants), len(names), len({one.email for one in applicants})) == (120, 120, 120)
    hard = {("髙橋", "﨑太郎"), ("長曽我部", "権左衛門之助"), ("Nguyen", "Van An"), ("単名", "")}
    assert hard <= names
    roles = [role for *_names, role, _language in story.STAFF if role]
    assert (roles.count(Role.ADMIN), roles.count(Role.INTERVIEWER)) == (1, 4)
    assert [name for name, *_rest in story.STAFF if _rest[0] == "Zoom担当者"] == ["zoom"]
    assert (len(story.JOBS), len(story.AGENCIES)) == (4, 3)
    assert story.OTHER != story.COMPANY
