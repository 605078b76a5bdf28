"""What has been received: kept in a SQLite file, so that a restart of the demo loses no mail."""

from __future__ import annotations

import re
import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True)
class Attachment:
    name: str
    type: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """One delivery to one or more envelope recipients, exactly as it came over the wire."""

    id: int
    received_at: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    def header(self, name: str) -> str:
        return str(self.message.get(name, "")).strip()

    @property
    def text(self) -> str:
        part = self.message.get_body(preferencelist=("plain", "html"))
        return part.get_content() if part else ""

    @property
    def attachments(self) -> list[Attachment]:
        parts = [p for p in self.message.walk() if p.get_filename()]
        return [
            Attachment(p.get_filename() or "", p.get_content_type(), p.get_payload(decode=True) or b"")
            for p in parts
        ]

    def pieces(self) -> list[tuple[str, bool]]:
        """The text cut into (piece, is it an address of a page)."""
        return [
            (piece, piece.startswith("http")) for piece in re.split(r"(https?://[^\s<>「」（）]+)", self.text)
        ]

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "received_at": self.received_at,
            "recipients": list(self.recipients),
            "from": self.header("From"),
            "to": self.header("To"),
            "reply_to": self.header("Reply-To"),
            "subject": self.header("Subject"),
            "message_id": self.header("Message-ID"),
            "text": self.text,
            "attachments": [
                {"name": a.name, "type": a.type, "text": a.data.decode("utf-8", "replace")}
                for a in self.attachments
            ],
        }


class Letters:
    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS letter (id INTEGER PRIMARY KEY, received_at TEXT, recipients TEXT, raw BLOB)"
        )
        self._db.commit()

    def add(self, recipients: list[str], raw: bytes) -> int:
        with self._lock:
            cursor = self._db.execute(
                "INSERT INTO letter (received_at, recipients, raw) VALUES (?, ?, ?)",
                (datetime.now(UTC).isoformat(timespec="seconds"), "\n".join(recipients), raw),
            )
            self._db.commit()
            return int(cursor.lastrowid or 0)

    def find(self, recipient: str = "", limit: int = 200) -> list[Letter]:
        """Newest first; `recipient` is a part of an envelope recipient's address."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, received_at, recipients, raw FROM letter WHERE recipients LIKE ? ORDER BY id DESC LIMIT ?",
                (f"%{recipient}%", limit),
            ).fetchall()
        return [_letter(row) for row in rows]

    def get(self, number: int) -> Letter | None:
        with self._lock:
            row = self._db.execute(
                "SELECT id, received_at, recipients, raw FROM letter WHERE id = ?", (number,)
            ).fetchone()
        return _letter(row) if row else None

    def clear(self) -> None:
        with self._lock:
            self._db.execute("DELETE FROM letter")
            self._db.commit()

    def close(self) -> None:
        self._db.close()


def _letter(row: tuple[int, str, str, bytes]) -> Letter:
    return Letter(row[0], row[1], tuple(row[2].split("\n")), row[3])
