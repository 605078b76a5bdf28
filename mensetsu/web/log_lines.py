"""Lines of the log: ids only, whoever writes them.

Our own lines are `noun_verbed key=value`. Of an exception only its kind and places are written, not its words: they may
hold addresses of people. As JSON (MENSETSU_LOG=json) our lines become the fields of an object, and of the lines of
libraries only the sentence is kept, not what was filled in. Signed addresses open pages, so no path of a request is
ever written, only its route."""

import json
import logging
import re
import secrets
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

# No 0, 1, I, O: people read it to each other on the telephone.
_SIGNS = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SIGN_OF = _SIGNS * 8  # of every byte; 32 signs, so each is as frequent as the others
# gunicorn's lines come through config.server_log; those of its own words are no events and lose what was filled in.
_OURS = ("mensetsu", "config", "gunicorn")
_EVENT = re.compile(r"([a-z0-9]+(?:_[a-z0-9]+)+)((?: [a-z_]+=.*)?)", re.DOTALL)
_FIELD = re.compile(r"([a-z_]+)=(.*?)(?= [a-z_]+=|$)", re.DOTALL)
_ADDRESS = re.compile(r"\S+@\S+")
# Long and with a digit in it: a token, not the name of a function.
_SECRET = re.compile(r"(?=\w*\d)\w{24,}")
_FRAMES = 12

request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_id() -> str:
    """The id of one request: also what people read out when a page has failed."""
    return secrets.token_bytes(8).translate(_SIGN_OF).decode()


def route_of(request: Any) -> str:
    """The name of the page that was asked for; never its path."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match else "") or "unknown"


class WithoutPaths(logging.Filter):
    """Django tells the path of every refused request. Here it tells the route."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and hasattr(record, "status_code"):
            record.msg = "request_refused status=%s route=%s"
            record.args = (record.status_code, route_of(request))
        return True


class Lines(logging.Formatter):
    """Lines to be read by eye, in the given format; the kind and places of an exception follow, a line each."""

    def format(self, record: logging.LogRecord) -> str:
        # Another formatter may have left the words in the record (`exc_text`).
        plain = logging.makeLogRecord(record.__dict__ | {"exc_info": None, "exc_text": None})
        line = super().format(plain)
        if not (record.exc_info and record.exc_info[1]):
            return line
        failure = _failure(record.exc_info[1])
        kinds = ", because of ".join(failure["error"])
        return "\n    ".join([f"{line}\n  {kinds}", *failure["where"]])


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, event, request, and the fields of the line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if identity := request_id.get():
            line["request"] = identity
        line |= _told(record)
        if record.exc_info and record.exc_info[1]:
            line |= _failure(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _told(record: logging.LogRecord) -> dict[str, Any]:
    is_ours = record.name.startswith(_OURS) or str(record.msg).startswith("request_refused")
    match = _EVENT.fullmatch(record.getMessage()) if is_ours else None
    if match is None:
        return {"event": _masked(str(record.msg))[:200]}
    fields = {name: _masked(value) for name, value in _FIELD.findall(match[2])}
    return {"event": match[1]} | {name: int(v) if v.isdecimal() else v for name, v in fields.items()}


def _failure(problem: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(problem.__traceback__)[-_FRAMES:]
    kinds, cause = [], problem
    while cause is not None and len(kinds) < 5:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    return {"error": kinds, "where": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}


def _masked(text: str) -> str:
    return _SECRET.sub("…", _ADDRESS.sub("…", text))
