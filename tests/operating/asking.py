"""Asking the doctor: findings in short, and web servers of one answer."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mensetsu.operating.finding import Finding


def states(findings: list[Finding]) -> list[str]:
    return [str(finding.state) for finding in findings]


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    assert finding.next or finding.state in ("ok", "note")
    return finding


@contextmanager
def site(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A web server of one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def do_HEAD(self) -> None:
            answer(self)

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def saying(
    status: int, text: str = "", date: str = "", **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(status)
        for name, value in (headers | ({"Date": date} if date else {})).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(text.encode())

    return answer
