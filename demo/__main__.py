"""Start everything, say where it is, stay until Ctrl-C. Called by bin/demo."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

from demo import machine, telling, translations

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        places = machine.Places.from_environment(ROOT)
        machine.check(places)
        if "--reset" in sys.argv[1:]:
            forget(places)
        run(places)
    except machine.NotPossible as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def run(places: machine.Places) -> None:
    began = time.monotonic()
    machine.set_environment(places)
    was = telling.found(places)
    if was == telling.INTERRUPTED:
        forget(places)
    with machine.Children(places.data / "log") as children:
        step(
            "Zoom simulator",
            lambda: children.start("zoom", machine.zoom_command(places), places.zoom_url + "/sim"),
        )
        step(
            "Mailbox",
            lambda: children.start("mailbox", machine.mailbox_command(places), places.mailbox_url + "/"),
        )
        step("Translations", lambda: translations.compile_if_older(ROOT))
        django.setup()
        from demo import linking, preparing, story  # noqa: PLC0415 - need the settings, which need the environment

        step("Database", preparing.database)
        step("Static files", lambda: preparing.static_files(places.data))
        if was == telling.INTERRUPTED:
            telling.refuse_rest(is_empty=preparing.is_empty())
        if preparing.is_empty():
            how = "anew (was interrupted)" if was == telling.INTERRUPTED else "(once)"
            step(f"The story {how}", lambda: telling.told(places, lambda: story.tell(places)))
        elif was == telling.TOLD:
            telling.note_told(places)
        step(
            "Web and worker",
            lambda: children.start("web", machine.web_command(), places.web_url + "/healthz"),
        )
        step("Zoom's webhooks", lambda: linking.let_zoom_call_back(preparing.company(), places))
        print(f"\nReady after {time.monotonic() - began:.0f} s.\n")
        if was == telling.UNFINISHED:
            print(telling.IS_UNFINISHED + "\n")
        print(preparing.welcome(places))
        sys.stdout.flush()
        children.watch()


def step(name: str, work: Callable[[], object]) -> None:
    print(f"  {name:<34}", end="", flush=True)
    began = time.monotonic()
    work()
    print(f" done ({time.monotonic() - began:.1f} s)", flush=True)


def forget(places: machine.Places) -> None:
    """Delete what an earlier demo made in the data directory, and nothing else there."""
    for name in ("mensetsu.sqlite3", "mensetsu.sqlite3-wal", "mensetsu.sqlite3-shm"):
        (places.data / name).unlink(missing_ok=True)
    shutil.rmtree(places.data / "simulator", ignore_errors=True)
    telling.forget(places)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
