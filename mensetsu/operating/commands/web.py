"""bin/mensetsu web: bin/serve, with the choices as options."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

SERVE = Path(__file__).resolve().parents[3] / "bin" / "serve"


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    del say
    os.execve(SERVE, [str(SERVE)], os.environ | chosen(options))  # noqa: S606 - our own script, no shell


def chosen(options: argparse.Namespace) -> dict[str, str]:
    """What was typed, as the environment that the server reads."""
    typed = {
        "MENSETSU_BIND": options.bind,
        "MENSETSU_PORT": options.port,
        "MENSETSU_WEB_PROCESSES": options.processes,
        "MENSETSU_WORKER_IN_WEB": "0" if options.without_worker else None,
    }
    return {name: str(value) for name, value in typed.items() if value is not None}
