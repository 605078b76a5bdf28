"""bin/test on a machine that lacks what the tests need: it installs that, or says in one sentence what to install."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("dirname", "cksum", "cat", "date", "mktemp", "sed", "rm", "tail", "chmod", "mkdir", "env")
# What apt-get would bring: each command answers as far as bin/test asks it.
APT = """#!/bin/sh
echo "$*" >> "{log}"
[ "$1" = install ] || exit 0
for package in "$@"; do
    case "$package" in
        nodejs) printf '#!/bin/sh\\n' > "{tools}/node"; chmod +x "{tools}/node" ;;
        npm) printf '#!/bin/sh\\nmkdir -p node_modules\\n' > "{tools}/npm"; chmod +x "{tools}/npm" ;;
        python3-pip) : > "{tools}/pip-is-there" ;;
    esac
done
"""
PYTHON = """#!/bin/sh
case "$*" in
    *"pip --version"*) [ -e "{tools}/pip-is-there" ] ;;
    *"pip install"*)
        [ -e "{tools}/pip-is-there" ] || exit 1
        mkdir -p .tools/bin .venv-test/bin
        printf '#!/bin/sh\\n' > .tools/bin/uv; chmod +x .tools/bin/uv
        printf '#!/bin/sh\\necho tests run: $*\\n' > .venv-test/bin/python; chmod +x .venv-test/bin/python ;;
    *"import sys"*) exit 0 ;;
esac
"""


class Machine:
    """A clone with no environment, and a PATH with the bare commands, a Python without pip and, if asked, apt-get."""

    def __init__(self, folder: Path, *, apt: bool) -> None:
        self.clone, self.tools, self.log = folder / "clone", folder / "tools", folder / "apt.log"
        self.tools.mkdir()
        for name in ("bin", "requirements"):
            shutil.copytree(ROOT / name, self.clone / name)
        shutil.copy(ROOT / "package-lock.json", self.clone)
        for command in COMMANDS:
            found = shutil.which(command)
            assert found is not None
            os.symlink(found, self.tools / command)
        self.put("id", "#!/bin/sh\necho 0\n")
        self.put("python3", PYTHON)
        if apt:
            self.put("apt-get", APT)

    def put(self, name: str, text: str) -> None:
        file = self.tools / name
        file.write_text(text.replace("{tools}", str(self.tools)).replace("{log}", str(self.log)))
        file.chmod(0o755)

    def test(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "bin/test", "tests/mail"], cwd=self.clone, env={"PATH": str(self.tools)}, capture_output=True,
            text=True, timeout=30,
        )  # fmt: skip

    def installed(self) -> list[str]:
        asked = self.log.read_text().splitlines() if self.log.exists() else []
        return [
            word
            for line in asked
            if line.startswith("install")
            for word in line.split()
            if word[0] not in "i-"
        ]


def test_what_is_missing_is_installed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, apt=True)

    answer = machine.test()

    assert (answer.returncode, answer.stderr) == (0, "")
    assert "tests run: -m pytest tests/mail" in answer.stdout
    assert machine.installed() == ["python3", "python3-pip", "nodejs", "npm"]
    assert machine.log.read_text().count("update") == 1


def test_what_is_there_is_not_installed_again(tmp_path: Path) -> None:
    machine = Machine(tmp_path, apt=True)
    machine.test()
    machine.log.unlink()

    assert "tests run" in machine.test().stdout
    assert machine.installed() == []


def test_npm_alone_comes_alone(tmp_path: Path) -> None:
    """A Node.js that is there may be another one than the system's."""
    machine = Machine(tmp_path, apt=True)
    machine.put("pip-is-there", "")
    machine.put("node", "#!/bin/sh\n")

    assert machine.test().returncode == 0
    assert machine.installed() == ["npm"]


@pytest.mark.parametrize(
    ("has_pip", "sentence"),
    [
        (False, "pip could not install uv: check that 'python3 -m pip' works"),
        (True, "The tests read calendar files with ical.js too: install Node.js with npm"),
    ],
)
def test_where_nothing_can_be_installed_a_sentence_says_what_to_do(
    tmp_path: Path, has_pip: bool, sentence: str
) -> None:
    machine = Machine(tmp_path, apt=False)
    if has_pip:
        machine.put("pip-is-there", "")

    answer = machine.test()

    assert answer.returncode == 1
    assert answer.stderr.strip().splitlines()[-1].startswith(sentence)
