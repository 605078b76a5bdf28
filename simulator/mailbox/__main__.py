"""python -m simulator.mailbox: receives every mail of the demo and shows it. Nothing leaves this machine."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from .letters import Letters
from .pages import create_app
from .smtp import Rules, listen

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


def main() -> int:
    options = _options()
    if options.host not in LOOPBACK:
        print(
            "The mailbox has no passwords and listens on this machine only: use --host 127.0.0.1.",
            file=sys.stderr,
        )
        return 2
    letters, rules = Letters(options.data), Rules()
    try:
        controller = listen(letters, rules, options.host, options.smtp_port)
    except OSError:
        return _taken(options.smtp_port, "--smtp-port or SIMULATOR_SMTP_PORT")
    try:
        server = make_server(
            options.host, options.port, create_app(letters, rules), threaded=True, request_handler=Quiet
        )
    except (OSError, SystemExit):
        controller.stop()
        return _taken(options.port, "--port or SIMULATOR_MAILBOX_PORT")
    signal.signal(signal.SIGTERM, _interrupt)
    print(f"Mailbox: http://{options.host}:{options.port}/ (SMTP on port {options.smtp_port})", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        controller.stop()
        letters.close()
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _taken(port: int, how: str) -> int:
    print(
        f"Port {port} is in use: stop the program that has it, or choose another one with {how}.",
        file=sys.stderr,
    )
    return 3


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator.mailbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("SIMULATOR_MAILBOX_PORT", "8020")))
    parser.add_argument("--smtp-port", type=int, default=int(os.environ.get("SIMULATOR_SMTP_PORT", "8025")))
    parser.add_argument("--data", default="var/simulator/mailbox.sqlite3", help="a file, or :memory:")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
