"""bin/mensetsu worker: jobs only, in a process of its own."""

import argparse
from collections.abc import Callable

from django.core.management import call_command
from django.utils import timezone

from mensetsu.operating import looking, metrics_page
from mensetsu.operating.refusal import Refused


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    del say
    if missing := looking.unapplied_migrations():
        raise Refused(
            f"The database is not up to date ({len(missing)} migrations are missing): start bin/mensetsu web first."
        )
    if options.metrics_port is not None:
        metrics_page.open_at(options.metrics_bind, options.metrics_port, clock=timezone.now)
    call_command("work", threads=options.threads)
    return 0
