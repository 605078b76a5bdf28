"""/metrics of a process that has no other page: a worker on a host of its own."""

import ipaddress
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.conf import settings
from django.db import connections
from django.http import HttpRequest

from mensetsu.operating.refusal import Refused
from mensetsu.web import metrics

PATIENCE = 10  # seconds for a reader that has connected and says nothing


def open_at(address: str, port: int, *, clock: Callable[[], datetime]) -> ThreadingHTTPServer:
    """Answer there from now on, in threads of its own, to whom a web node would answer (web.metrics.may_read).

    Refused: an address that others reach, without the token that they would have to show; one that is taken."""
    if not (settings.METRICS_TOKEN or _is_loopback(address)):
        raise Refused(
            f"Nobody could read the metrics at {address}: other hosts must show a token.\n"
            "Set MENSETSU_METRICS_TOKEN, or leave --metrics-bind out."
        )

    class Page(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:
            is_found = self.path == "/metrics" and metrics.may_read(_as_request(self))
            try:
                body = metrics.text(clock()).encode() if is_found else b""
            finally:
                connections.close_all()
            self.send_response(200 if is_found else 404)
            self.send_header("Content-Type", metrics.CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nothing: the log holds events."""

    try:
        server = ThreadingHTTPServer((address, port), Page)
    except OSError as problem:
        raise Refused(
            f"{address}:{port} cannot be listened on ({problem}).\nChoose another --metrics-port or --metrics-bind."
        ) from problem
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _as_request(page: BaseHTTPRequestHandler) -> HttpRequest:
    request = HttpRequest()
    request.META = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in page.headers.items()}
    request.META["REMOTE_ADDR"] = page.client_address[0]
    return request
