"""A server of one answer in Zoom's place, and what our client makes of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from mensetsu.zoom import client

ID = 88412345678
# When every answer says it was written.
DATE = "Tue, 01 Dec 2026 03:00:00 GMT"


@contextmanager
def answering(
    status: int, body: bytes | dict[str, Any] = b"", headers: dict[str, str] | None = None
) -> Iterator[tuple[client.AppKeys, list[Any]]]:
    """A server that gives this one answer to everything; the list collects what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked.append((self.command, self.path, self.headers, self.rfile.read(length)))
            content = json.dumps(body).encode() if isinstance(body, dict) else body
            self.send_response_only(status)
            for name, value in {"Date": DATE, "Content-Length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield client.AppKeys("id", "a-client-secret", base, f"{base}/v2"), asked
    finally:
        server.shutdown()
        server.server_close()


def outcome(status: int, body: bytes | dict[str, Any] = b"", headers: dict[str, str] | None = None) -> Any:
    """What a GET of a meeting makes of this answer."""
    with answering(status, body, headers) as (keys, _asked):
        try:
            return client.Client(keys, "token").get_meeting(str(ID))
        except client.ZoomError as problem:
            return problem
