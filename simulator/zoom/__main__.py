"""python -m simulator.zoom --host 127.0.0.1 --port 8010 --data var/simulator/zoom.sqlite3"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from .serving import NotLoopback, PortTaken, prepare


def main() -> int:
    """Serve until interrupted. Refuses, in one sentence, addresses others can reach and ports in use."""
    options = _options()
    try:
        handle = prepare(options.host, options.port, options.data, options.seed)
    except NotLoopback:
        sys.stderr.write(
            f"The Zoom simulator has no passwords and listens on this machine only: use --host 127.0.0.1 instead of "
            f"{options.host}."
        )
        return 2
    except PortTaken:
        print(
            f"Port {options.port} is in use: stop the program that has it, or choose another one with --port or "
            "SIMULATOR_ZOOM_PORT.",
            file=sys.stderr,
        )
        return 3
    signal.signal(signal.SIGTERM, _interrupt)
    print(f"Zoom simulator (not the real Zoom): {handle.url}/sim", flush=True)
    try:
        handle.server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        handle.server.server_close()
        handle.world.courier.stop()
        handle.world.store.close()
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.zoom", description="A simulator of Zoom; not the real Zoom."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=int(os.environ.get("SIMULATOR_ZOOM_PORT", "8010")))
    parser.add_argument("--data", default="var/simulator/zoom.sqlite3", help="a file, or :memory:")
    parser.add_argument(
        "--seed", default="fixtures", choices=["fixtures", "demo"], help="what an empty memory is filled with"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
