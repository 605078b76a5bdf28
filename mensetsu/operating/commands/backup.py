"""bin/mensetsu backup FILE."""

import argparse
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from mensetsu.operating import keyring, saving


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    file = saving.backup(Path(options.file), now=timezone.now())
    say(f"{file}: {file.stat().st_size:,} bytes, read back and whole.")
    say("The keys are not in it. Keep a copy of them in another place:")
    for name in (keyring.SECRET_KEY, keyring.TOKEN_KEYS):
        say(f"  {keyring.place(name)}")
    return 0
