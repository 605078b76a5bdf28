"""P10: what the whole default product needs in memory after it has worked, and how long bin/demo takes to start."""

import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks import traffic
from benchmarks.scene import Result, Scene
from benchmarks.world import ROOT
from demo.ports import reserve_port

MEMORY_MB, SECOND_START_S, FIRST_START_S = 200.0, 6.0, 60.0
PATIENCE = 300.0


def measure(scene: Scene) -> list[Result]:
    results = [_memory(scene)]
    # bin/demo brings its own database, the same whichever is measured here.
    if not scene.is_quick and not scene.world.postgresql:
        results += _starts(scene)
    return results


def _memory(scene: Scene) -> Result:
    """After lists, searches and pages, as a working day leaves it."""
    reader = scene.reader()
    for path in ("/", "/candidates/", "/candidates/?q=sato", "/interviews/", "/settings/"):
        for _n in range(scene.repeats(40)):
            reader.get(path)
    for number in scene.facts["long_stories"][: scene.repeats(60)]:
        reader.get(f"/candidates/{number}/")
    rss, pss = traffic.resident_mb(scene.ours.pids)
    return Result("P10", "memory of web and worker", scene.world.amount, {"mb": rss, "shared_once_mb": pss},
                  f"≤ {MEMORY_MB:.0f} MB", rss <= MEMORY_MB)  # fmt: skip


def _starts(scene: Scene) -> list[Result]:
    """bin/demo with an empty data folder (its packages installed), and again with the story told. From a bare clone
    the packages come first, over the network: option --clone."""
    with tempfile.TemporaryDirectory(prefix="mensetsu-bench-") as folder:
        source = ROOT
        results = []
        if scene.with_clone:
            source = Path(folder) / "clone"
            subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
        first = _start(source, Path(folder) / "data")
        second = _start(source, Path(folder) / "data")
        if scene.with_clone:
            results.append(Result("P10", "empty clone to first page", 0, {"s": first}, f"≤ {FIRST_START_S:.0f} s",
                                  first <= FIRST_START_S))  # fmt: skip
            shutil.rmtree(source, ignore_errors=True)
        else:
            results.append(Result("P10", "first start, packages installed", 0, {"s": first}, "", None))
            results.append(
                Result(
                    "P10", "empty clone to first page", 0, {"not measured": "bin/bench P10 --clone"}, "", None
                )
            )
    results.append(Result("P10", "second start to first page", 0, {"s": second}, f"≤ {SECOND_START_S:.0f} s",
                          second <= SECOND_START_S))  # fmt: skip
    return results


def _start(source: Path, data: Path) -> float:
    """Seconds from the command to the first page; then Ctrl-C."""
    ports = {name: str(reserve_port()) for name in
             ("MENSETSU_PORT", "SIMULATOR_ZOOM_PORT", "SIMULATOR_MAILBOX_PORT", "SIMULATOR_SMTP_PORT")}  # fmt: skip
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("MENSETSU_", "ZOOM_", "DATABASE_", "DJANGO_"))}  # fmt: skip
    env |= ports | {"MENSETSU_DATA": str(data)}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    began = time.monotonic()
    process = subprocess.Popen(
        ["sh", "bin/demo"], cwd=source, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        while time.monotonic() - began < PATIENCE:
            if process.poll() is not None:
                raise RuntimeError(
                    f"bin/demo ended: {process.stderr.read().decode(errors='replace')[-1000:]}"
                )
            try:
                opener.open(f"http://{traffic.HOST}:{ports['MENSETSU_PORT']}/login/", timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return round(time.monotonic() - began, 1)
        raise RuntimeError("bin/demo did not show its first page")
    finally:
        # Not SIGINT: whoever starts bin/bench in the background of a script has switched that off for us.
        process.terminate()
        process.wait(60)
