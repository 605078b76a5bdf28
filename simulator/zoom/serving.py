"""Serves the simulator on a loopback socket: for `python -m simulator.zoom`, and inside tests."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .app import create_app, is_loopback
from .world import World


class NotLoopback(Exception):
    """The address is reachable by others; a Zoom without passwords must not be."""


class PortTaken(Exception):
    """Another program listens there."""


class Quiet(WSGIRequestHandler):
    """No line per request: the request log on the panel has them, without secrets in query strings."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


@dataclass
class Handle:
    """A running simulator. `url` is its address, `world` its inside."""

    url: str
    world: World
    server: BaseWSGIServer
    thread: threading.Thread | None = None

    def stop(self) -> None:
        """Stop answering and carrying webhooks, and close the memory."""
        self.server.shutdown()
        if self.thread:
            self.thread.join(timeout=5)
        self.server.server_close()
        self.world.courier.stop()
        self.world.store.close()


def prepare(host: str = "127.0.0.1", port: int = 0, data: str = ":memory:", seed: str = "fixtures") -> Handle:
    """Bind, and build the simulator that knows its own address. Refuses (NotLoopback, PortTaken).

    `port=0` takes a free port. Nothing answers until `handle.server.serve_forever()`.
    """
    if not is_loopback(host):
        raise NotLoopback(host)
    listening = _listen(host, port)
    host_text = f"[{host}]" if ":" in host else host
    url = f"http://{host_text}:{listening.getsockname()[1]}"
    app = create_app(data=data, base_url=url, seed=seed)
    server = make_server(
        host,
        listening.getsockname()[1],
        app,
        threaded=True,
        request_handler=Quiet,
        fd=listening.detach(),
    )
    world: World = app.extensions["zoom_simulator"]
    world.courier.start()
    return Handle(url=url, world=world, server=server)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(f"{host}:{port}") from error
    listening.listen(128)
    return listening


def serve_in_thread(port: int = 0, data: str = ":memory:", seed: str = "fixtures") -> Handle:
    """A simulator in a background thread of this process, for tests: `.url`, `.world`, `.stop()`."""
    handle = prepare(port=port, data=data, seed=seed)
    # Looks often whether to stop, so that a test need not wait half a second for it.
    handle.thread = threading.Thread(
        target=handle.server.serve_forever, args=(0.02,), name="zoom-simulator", daemon=True
    )
    handle.thread.start()
    return handle
