"""Mail servers for tests: real sockets, each with one way of behaving."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from demo.ports import reserve_port


@dataclass
class Behavior:
    """`refuse_to`: answer by recipient; the others are answers to the whole text. Everything accepted is in `inbox`."""

    refuse_to: dict[str, str] = field(default_factory=dict)
    refuse_text: str = ""
    refuse_from: str = ""
    inbox: list[EmailMessage] = field(default_factory=list)
    attempts: int = 0

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse_from:
            return self.refuse_from
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.attempts += 1
        if address in self.refuse_to:
            return self.refuse_to[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_text:
            return self.refuse_text
        self.inbox.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"


@contextmanager
def smtp_server(behavior: Behavior) -> Iterator[int]:
    """Answers the port of a server that behaves so."""
    controller = Controller(behavior, hostname="127.0.0.1", port=reserve_port(), enable_SMTPUTF8=False)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


LOGIN = {b"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", b"AUTH": b"535 5.7.8 Wrong password\r\n"}


class DyingServer:
    """Speaks just enough SMTP to fail at a chosen moment.

    `at`: "greeting" hangs up before a word, "text" hangs up after it has read the whole letter without answering,
    "silence" never greets, "busy" sends everybody away, "login" knows no password."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.texts = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _address = self._socket.accept()
            except OSError:
                return
            with peer:
                self._talk(peer)

    def _talk(self, peer: socket.socket) -> None:
        if self.at == "greeting":
            return
        if self.at == "silence":
            time.sleep(2)
            return
        if self.at == "busy":
            peer.sendall(b"421 4.3.2 Come back later\r\n")
            return
        lines = peer.makefile("rb")
        peer.sendall(b"220 here\r\n")
        for line in lines:
            verb = line[:4].upper()
            if self.at == "login" and verb in LOGIN:
                peer.sendall(LOGIN[verb])
                continue
            if verb == b"DATA":
                peer.sendall(b"354 go on\r\n")
                while lines.readline() != b".\r\n":
                    pass
                self.texts += 1
                return  # has the letter, and dies before saying so
            peer.sendall(b"250 OK\r\n")
