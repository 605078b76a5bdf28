"""The files of deploy/ are tried: what a campaign exchanges in them is there, and their programs understand them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from chaos import front


@pytest.mark.parametrize("kind", front.KINDS)
def test_the_file_of_deploy_is_understood_by_its_program(kind: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    command = front.command(kind, tmp_path, 18443, 18080, [18001, 18002])
    text = (tmp_path / "front.conf").read_text()

    assert "10.0.0.1" not in text
    assert "example.co.jp" not in text
    assert "18001" in text
    assert "18002" in text
    if shutil.which(kind) is None:
        pytest.skip(f"{kind} is not installed: only the exchange was looked at")
    checking = [*command, "-t"] if kind == "nginx" else ["caddy", "validate", *command[2:]]
    said = subprocess.run(checking, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_a_line_that_is_no_longer_there_is_told() -> None:
    with pytest.raises(front.NotTheSame, match="listen 443"):
        front.exchanged("listen 8443;", {"listen 443": "listen 1"})
