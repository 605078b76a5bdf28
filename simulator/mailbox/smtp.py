"""The SMTP side: takes every letter, or refuses in the ways that real servers do."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .letters import Letters

ACCEPTED = "250 OK"


@dataclass
class Rules:
    """How the next letters are treated. Addresses are compared by a part of them, in lower case."""

    # No such mailbox: 550 for this recipient, for ever.
    refuse: set[str] = field(default_factory=set)
    # Mailbox busy: 451 for this recipient, try again later.
    delay: set[str] = field(default_factory=set)
    # How many of the next letters are cut off after DATA, without an answer.
    drop_after_data: int = 0
    # Seconds before each answer to DATA.
    slow: float = 0.0
    # Answers every connection with 421.
    down: bool = False

    def clear(self) -> None:
        self.refuse.clear()
        self.delay.clear()
        self.drop_after_data, self.slow, self.down = 0, 0.0, False


class Handler:
    def __init__(self, letters: Letters, rules: Rules) -> None:
        self.letters, self.rules = letters, rules
        self._lock = threading.Lock()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return ["421 The mail server is down for maintenance"] if self.rules.down else responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rules.down:
            return "421 The mail server is down for maintenance"
        if any(part in address.lower() for part in self.rules.refuse):
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        if any(part in address.lower() for part in self.rules.delay):
            return f"451 4.2.1 <{address}>: Mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.rules.slow:
            await asyncio.sleep(self.rules.slow)
        with self._lock:
            drop = self.rules.drop_after_data > 0
            if drop:
                self.rules.drop_after_data -= 1
        content = envelope.content
        self.letters.add(
            list(envelope.rcpt_tos), content if isinstance(content, bytes) else str(content).encode()
        )
        if drop:
            # The letter is taken, the answer is lost: nobody can know from outside.
            server.transport.abort()
            return ""
        return ACCEPTED


def listen(letters: Letters, rules: Rules, host: str = "127.0.0.1", port: int = 8025) -> Controller:
    """Start listening in a thread of its own; stop with `.stop()`. aiosmtpd greets itself there: port 0 is none."""
    controller = Controller(
        Handler(letters, rules),
        hostname=host,
        port=port,
        decode_data=False,
        enable_SMTPUTF8=True,
        ready_timeout=10,
    )
    controller.start()
    return controller
