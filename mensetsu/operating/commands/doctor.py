"""bin/mensetsu doctor: the findings, for people or for programs."""

import argparse
import importlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

from django.utils import timezone

from mensetsu.operating import console
from mensetsu.operating.finding import Finding, State, error
from mensetsu.operating.refusal import Refused


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    findings = []
    for finding in _found():
        findings.append(finding)
        if not options.json:
            say(f"{finding.state:>7}  {finding.check}: {finding.sentence}")
            if finding.next:
                say(f"         → {finding.next}")
    errors = sum(finding.state == State.ERROR for finding in findings)
    if options.json:
        say(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        say(f"{errors} errors." if errors else "Nothing is broken.")
    return 1 if errors else 0


def _found() -> Iterable[Finding]:
    try:
        console.set_up()
    except Refused as refusal:
        sentence, _line, next_ = str(refusal).partition("\n")
        return [error("settings", sentence, next_)]
    # Its questions know the models, which can only be loaded with settings.
    examining = importlib.import_module("mensetsu.operating.examining")
    return examining.examine(now=timezone.now())  # type: ignore[no-any-return]
