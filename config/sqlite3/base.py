"""Django's SQLite, with a line in front of the writers (turns). Between processes SQLite's own waiting remains."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from config.sqlite3 import operations, turns

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class DatabaseWrapper(base.DatabaseWrapper):
    """Every transaction begins with BEGIN IMMEDIATE, so whoever is inside one may write: it takes its turn before. A
    statement that writes outside a transaction is a transaction of its own."""

    ops_class = operations.DatabaseOperations

    def create_cursor(self, name: str | None = None) -> "_Cursor":
        return self.connection.cursor(factory=_Cursor)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False
        self.execute_wrappers.append(self._in_turn)

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._pass_on()
            raise

    # A commit that fails is followed by a rollback, and a rollback that fails by a close.

    def _commit(self) -> None:
        super()._commit()
        self._pass_on()

    def _rollback(self) -> None:
        super()._rollback()
        self._pass_on()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._pass_on()

    def _in_turn(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self._has_turn or not sql.startswith(_WRITES):
            return execute(sql, params, many, context)
        self._take_turn()
        try:
            return execute(sql, params, many, context)
        finally:
            self._pass_on()

    def _take_turn(self) -> None:
        if not turns.line_of(str(self.settings_dict["NAME"])).enter(self._patience):
            # What SQLite says after the same time.
            raise OperationalError("database is locked")
        self._has_turn = True

    def _pass_on(self) -> None:
        if self._has_turn:
            self._has_turn = False
            turns.line_of(str(self.settings_dict["NAME"])).leave()

    @property
    def _patience(self) -> float:
        return float(self.settings_dict["OPTIONS"].get("timeout", 5))


class _Cursor(base.SQLiteCursorWrapper):
    """Django puts SQLite's own signs for values into every statement anew; the same statements come again."""

    def convert_query(self, query: str, *, param_names: Iterable[str] | None = None) -> str:
        if param_names is None and len(query) < _WORTH_KEEPING:
            return _with_marks(query)
        return super().convert_query(query, param_names=param_names)


# Longer ones were put together for many rows.
_WORTH_KEEPING = 8_000


@lru_cache(maxsize=1_000)
def _with_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")
