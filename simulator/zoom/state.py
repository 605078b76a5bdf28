"""Everything the simulator remembers: one SQLite database behind one lock.

One connection and one re-entrant lock are enough for a simulator, and make every change of state atomic:
a rotated refresh token is never half rotated, which is what the product's race tests rely on.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (
  id TEXT PRIMARY KEY, number INTEGER, name TEXT, plan TEXT, preapproval_required INTEGER DEFAULT 0,
  language TEXT DEFAULT 'en-US');
CREATE TABLE IF NOT EXISTS user (
  id TEXT PRIMARY KEY, account_id TEXT, email TEXT UNIQUE, first_name TEXT, last_name TEXT, display_name TEXT,
  type INTEGER, status TEXT DEFAULT 'active', role TEXT DEFAULT 'member', timezone TEXT, language TEXT,
  dept TEXT DEFAULT '', pmi INTEGER, pmi_pwd TEXT, settings TEXT, created_at REAL, deleted_at REAL);
CREATE TABLE IF NOT EXISTS delegation (user_id TEXT, assistant_id TEXT, PRIMARY KEY (user_id, assistant_id));
CREATE TABLE IF NOT EXISTS app (
  client_id TEXT PRIMARY KEY, client_secret TEXT, kind TEXT, distribution TEXT, account_id TEXT, name TEXT,
  developer TEXT, scopes TEXT, redirects TEXT, secret_token TEXT, events TEXT, event_url TEXT DEFAULT '',
  deauthorization_url TEXT DEFAULT '', disabled INTEGER DEFAULT 0, validated_at REAL, validation TEXT);
CREATE TABLE IF NOT EXISTS permission (
  account_id TEXT, client_id TEXT, policy TEXT, user_ids TEXT, PRIMARY KEY (account_id, client_id));
CREATE TABLE IF NOT EXISTS app_request (
  id INTEGER PRIMARY KEY, account_id TEXT, client_id TEXT, user_id TEXT, status TEXT, requested_at REAL,
  decided_at REAL);
CREATE TABLE IF NOT EXISTS code (
  digest TEXT PRIMARY KEY, client_id TEXT, user_id TEXT, redirect_uri TEXT, challenge TEXT, method TEXT,
  shared_access INTEGER, expires_at REAL, used_at REAL);
CREATE TABLE IF NOT EXISTS authorization (
  id INTEGER PRIMARY KEY, client_id TEXT, user_id TEXT, scopes TEXT, shared_access INTEGER, granted_at REAL,
  ended_at REAL, end_reason TEXT);
CREATE TABLE IF NOT EXISTS token (
  id INTEGER PRIMARY KEY, authorization_id INTEGER, kind TEXT, digest TEXT UNIQUE, issued_at REAL,
  expires_at REAL, died_at REAL, death TEXT);
CREATE TABLE IF NOT EXISTS meeting (
  id INTEGER PRIMARY KEY, uuid TEXT, host_id TEXT, assistant_id TEXT, type INTEGER, topic TEXT, agenda TEXT,
  start_time REAL, duration INTEGER, timezone TEXT, created_at REAL, password TEXT, pwd TEXT, numeric_pwd TEXT,
  settings TEXT, status TEXT DEFAULT 'waiting', creation_source TEXT, source TEXT, last_used_at REAL,
  deleted_at REAL);
CREATE TABLE IF NOT EXISTS instance (
  uuid TEXT PRIMARY KEY, meeting_id INTEGER, started_at REAL, ended_at REAL);
CREATE TABLE IF NOT EXISTS participant (
  id INTEGER PRIMARY KEY, key TEXT UNIQUE, meeting_id INTEGER, instance_uuid TEXT, name TEXT, user_id TEXT,
  email TEXT DEFAULT '', participant_uuid TEXT, registrant_id TEXT DEFAULT '', state TEXT, waiting_since REAL,
  announced INTEGER DEFAULT 0, joined_at REAL, left_at REAL);
CREATE TABLE IF NOT EXISTS registrant (
  id TEXT PRIMARY KEY, meeting_id INTEGER, email TEXT, first_name TEXT, last_name TEXT, details TEXT,
  status TEXT, created_at REAL);
CREATE TABLE IF NOT EXISTS usage (user_id TEXT, day TEXT, count INTEGER, PRIMARY KEY (user_id, day));
CREATE TABLE IF NOT EXISTS page_token (token TEXT PRIMARY KEY, place INTEGER, expires_at REAL);
CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY, kind TEXT, times INTEGER, matching TEXT, params TEXT, fired INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS delivery (
  id INTEGER PRIMARY KEY, client_id TEXT, url TEXT, event TEXT, body TEXT, attempt INTEGER DEFAULT 0,
  status TEXT, due_at REAL, created_at REAL, bad_signature INTEGER DEFAULT 0, log TEXT);
CREATE TABLE IF NOT EXISTS request (
  id INTEGER PRIMARY KEY, at REAL, method TEXT, path TEXT, rule TEXT, status INTEGER, client_id TEXT,
  user_id TEXT, tracking_id TEXT, faults TEXT, milliseconds REAL);
CREATE INDEX IF NOT EXISTS token_authorization ON token (authorization_id);
CREATE INDEX IF NOT EXISTS meeting_host ON meeting (host_id);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (status, due_at);
"""

TABLES = [line.split()[5] for line in SCHEMA.splitlines() if line.startswith("CREATE TABLE")]
JSON_COLUMNS = {
    "settings", "scopes", "redirects", "events", "validation", "user_ids", "details", "matching", "params",
    "faults", "log",
}  # fmt: skip


class Store:
    """A small door to SQLite: rows are dicts, JSON columns are decoded, changes are serialized by one lock."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A simulator may lose its last second in a power cut; the product waits for every answer it gives.
        self._connection.execute("PRAGMA synchronous=OFF")
        self._prepare()

    def _prepare(self) -> None:
        """Make the tables; a memory written by another version of the simulator is forgotten, not migrated."""
        version = zlib.crc32(SCHEMA.encode()) & 0x7FFFFFFF
        if self._connection.execute("PRAGMA user_version").fetchone()[0] != version:
            for row in self._connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                self._connection.execute(f"DROP TABLE {row['name']}")
        self._connection.executescript(SCHEMA)
        self._connection.execute(f"PRAGMA user_version = {version}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing. Nestable; only the outermost commits."""
        with self.lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth = 0

    def all(self, sql: str, *values: Any) -> list[Row]:
        with self.lock:
            return [_decoded(row) for row in self._connection.execute(sql, values)]

    def one(self, sql: str, *values: Any) -> Row | None:
        with self.lock:
            row = self._connection.execute(sql, values).fetchone()
        return _decoded(row) if row else None

    def run(self, sql: str, *values: Any) -> int:
        """Execute a statement; returns how many rows it changed."""
        with self.lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        with self.lock:
            cursor = self._connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", [_encoded(v) for v in values.values()]
            )
        return int(cursor.lastrowid or 0)

    def change(self, table: str, key: str, identity: Any, **values: Any) -> int:
        """Set columns of the rows whose `key` column equals `identity`; returns how many."""
        pairs = ", ".join(f"{name} = ?" for name in values)
        encoded = [_encoded(value) for value in values.values()]
        return self.run(f"UPDATE {table} SET {pairs} WHERE {key} = ?", *encoded, identity)

    def get(self, key: str, default: Any = None) -> Any:
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return json.loads(row["value"]) if row else default

    def put(self, key: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, json.dumps(value))

    def clear(self) -> None:
        """Empty every table; the cookie key stays, so that browsers need not be restarted."""
        with self.transaction():
            cookie_key = self.get("cookie_key")
            for table in TABLES:
                self.run(f"DELETE FROM {table}")
            if cookie_key:
                self.put("cookie_key", cookie_key)

    def close(self) -> None:
        with self.lock:
            self._connection.close()


def _encoded(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _decoded(row: sqlite3.Row) -> Row:
    values = dict(row)
    for name in JSON_COLUMNS & values.keys():
        if values[name] is not None:
            values[name] = json.loads(values[name])
    return values
