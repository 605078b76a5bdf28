"""bin/mensetsu rotate-keys."""

import argparse
from collections.abc import Callable

from mensetsu.operating import rekeying


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    if options.add:
        say(f"A new key stands in front: {rekeying.add_key()}.")
        say("Restart every web and worker, so that all of them know it; then run bin/mensetsu rotate-keys.")
        return 0
    if options.drop:
        count, where = rekeying.drop_keys()
        say(f"{count} old keys removed: {where}.")
        say("Restart every web and worker. Backups of before need the old keys: keep those with them.")
        return 0
    count = rekeying.rotate(told=lambda done: say(f"  {done} rows …"))
    say(f"{count} rows written anew: every Zoom secret now opens with the first key.")
    say("The old keys may go: bin/mensetsu rotate-keys --drop.")
    return 0
