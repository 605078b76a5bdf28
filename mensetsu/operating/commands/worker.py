"""bin/mensetsu worker: jobs only, in a process of its own."""

import argparse
from collections.abc import Callable

from django.core.management import call_command

from mensetsu.operating import looking
from mensetsu.operating.refusal import Refused


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    del say
    if missing := looking.unapplied_migrations():
        raise Refused(
            f"The database is not up to date ({len(missing)} migrations are missing): start bin/mensetsu web first."
        )
    call_command("work", threads=options.threads)
    return 0
