"""The campaign's browser: what it takes for an answer, and what for none."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from chaos.browser import Browser, NoAnswer

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """Answers the first request of each connection and ends it at the second, as a server does whose patience with an
    idle connection ends at that moment."""
    heard: list[bytes] = []
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    there, _address = listening.accept()
                except OSError:
                    return
                accepted.append(there)
                with there:
                    heard.append(there.recv(65536))
                    there.sendall(OK)
                    heard.append(there.recv(65536))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", heard
        for one in (listening, *accepted):
            with contextlib.suppress(OSError):  # closed already
                one.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    assert not thread.is_alive()


def test_a_page_is_asked_for_again_when_a_kept_connection_ends(server: tuple[str, list[bytes]]) -> None:
    address, heard = server
    browser = Browser(address, [])

    assert [browser.get("/").text, browser.get("/").text] == ["ok", "ok"]
    assert len([one for one in heard if one.startswith(b"GET")]) == 3


def test_a_press_is_never_sent_twice(server: tuple[str, list[bytes]]) -> None:
    address, heard = server
    browser = Browser(address, [])
    browser.get("/")

    with pytest.raises(NoAnswer):
        browser.post("/", {"a": "b"})

    assert len([one for one in heard if one.startswith(b"POST")]) == 1
