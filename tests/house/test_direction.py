"""Calls go down: the import contracts of pyproject.toml hold."""

import subprocess
import sys
from pathlib import Path


def test_import_contracts_are_kept() -> None:
    # A process of its own: the program configures logging, which silences every logger that exists already.
    program = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([program, "--no-cache"], capture_output=True, text=True)

    assert ended.returncode == 0, ended.stdout + ended.stderr
