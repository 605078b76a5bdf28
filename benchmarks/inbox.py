"""The least mail server: accepts every letter, and notes when it came. In a thread, so that a row goes on beside it."""

import asyncio
import re
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

from benchmarks import traffic

_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n.\r\n"
_ACCEPTED = b"250 accepted"
_ANSWERS = {b"EHLO": b"250-inbox\r\n250 8BITMIME", b"DATA": b"354 go on", b"QUIT": b"221 bye"}


class Inbox:
    """Listens on that port while the block runs. `pause_after`: when so many letters have come, no further one is
    answered until `go_on`: whoever sends them stands still in the middle of it."""

    def __init__(self, port: int, *, pause_after: int = 0) -> None:
        self.port, self.came = port, Counter[str]()
        self._pause_after = pause_after
        self._unanswered: list[_Dialog] = []
        self.first_at = self.last_at = 0.0  # time.time()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = self._loop.create_server(lambda: _Dialog(self), traffic.HOST, self.port)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def take(self, letter: bytes) -> None:
        found = _ID.search(letter)
        self.came[found[1].decode() if found else ""] += 1
        self.last_at = time.time()
        self.first_at = self.first_at or self.last_at

    def accept(self, dialog: "_Dialog", letter: bytes) -> None:
        self.take(letter)
        if self._pause_after and len(self.came) >= self._pause_after:
            self._unanswered.append(dialog)
        else:
            dialog.say(_ACCEPTED)

    def go_on(self) -> None:
        """Answers what was kept waiting, and everything from now on."""
        self._loop.call_soon_threadsafe(self._answer_all)

    def _answer_all(self) -> None:
        self._pause_after = 0
        for dialog in self._unanswered:
            dialog.say(_ACCEPTED)
        self._unanswered.clear()

    def wait(self, count: int, until: float) -> bool:
        """Until so many have come, or that time.time()."""
        while len(self.came) < count and time.time() < until:
            time.sleep(0.05)
        return len(self.came) >= count


class _Dialog(asyncio.Protocol):
    """One connection: answers 250 to everything but the few that want another answer."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox, self.left, self.is_letter = inbox, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.say(b"220 inbox")

    def data_received(self, data: bytes) -> None:
        self.left += data
        while True:
            text, end, rest = self.left.partition(_END if self.is_letter else b"\r\n")
            if not end:
                return
            self.left = rest
            if self.is_letter:
                self.is_letter = False
                self.inbox.accept(self, text)
            else:
                self._answer(text[:4].upper())

    def _answer(self, word: bytes) -> None:
        self.is_letter = word == b"DATA"
        self.say(_ANSWERS.get(word, b"250 OK"))
        if word == b"QUIT":
            self.transport.close()

    def say(self, words: bytes) -> None:
        self.transport.write(words + b"\r\n")
