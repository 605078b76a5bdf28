"""bin/mensetsu restore FILE."""

import argparse
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from mensetsu.operating import restoring
from mensetsu.operating.withholding import Withheld


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    file, now = Path(options.file), timezone.now()
    if options.rehearsal:
        restored = restoring.rehearse(file, now=now)
    else:
        restored = restoring.restore(
            file, replace=options.replace, now=now, sends_what_waits=options.send_what_waits
        )
    say(f"Restored {options.file}; the keys open all of its {restored.secrets} Zoom secrets.")
    if restored.kept:
        say(f"The former database is kept as {restored.kept}.")
    if options.rehearsal:
        say("This copy is for a rehearsal: its Zoom links are ended, and nothing that waited in it is sent.")
        say("Look at it with bin/mensetsu web --without-worker; delete its database afterwards.")
        return 0
    if restored.withheld:
        _tell(restored.withheld, say)
    say("Start with bin/mensetsu web, then run bin/mensetsu doctor.")
    say(
        "Zoom accounts whose link was renewed after the backup must be connected again; the doctor names them."
    )
    return 0


def _tell(withheld: Withheld, say: Callable[[str], None]) -> None:
    for_people = withheld.letters + withheld.reminders + withheld.unwritten
    if not for_people and not withheld.notices:
        say("Nothing was waiting to be sent.")
        return
    say(
        "Held back, because it may have been sent after the backup: "
        f"{withheld.letters} letters, {withheld.reminders} reminders, {withheld.unwritten} letters not written yet. "
        "They stand under 要対応 on the home page, to be sent again or settled."
    )
    if withheld.notices:
        say(f"{withheld.notices} notices to colleagues too; those about an interview stand under 要対応.")
    say("If the backup is newer than all that was sent: restore again with --replace --send-what-waits.")
