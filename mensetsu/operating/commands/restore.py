"""bin/mensetsu restore FILE."""

import argparse
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from mensetsu.operating import restoring


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    restored = restoring.restore(Path(options.file), replace=options.replace, now=timezone.now())
    say(f"Restored {options.file}; the keys open all of its {restored.secrets} Zoom secrets.")
    if restored.kept:
        say(f"The former database is kept as {restored.kept}.")
    say("Start with bin/mensetsu web, then run bin/mensetsu doctor.")
    say(
        "Zoom accounts whose link was renewed after the backup must be connected again; the doctor names them."
    )
    return 0
