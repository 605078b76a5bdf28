"""Where this installation keeps its keys: a file of their own, a line of .env, or only the environment."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mensetsu.operating.refusal import Refused

TOKEN_KEYS = "MENSETSU_TOKEN_KEYS"  # noqa: S105 - the name, not the keys
SECRET_KEY = "MENSETSU_SECRET_KEY"  # noqa: S105 - the name, not the key


@dataclass(frozen=True)
class Place:
    """`file` is None when the value is known only to whoever starts the process."""

    name: str
    file: Path | None
    is_line: bool = False

    def __str__(self) -> str:
        if self.file is None:
            return f"{self.name} in the environment of the service"
        return f"{self.name} in {self.file}" if self.is_line else f"{self.file} ({self.name}_FILE)"


def place(name: str) -> Place:
    """Where the value of this setting was read from, in the order in which the settings look."""
    if own := os.environ.get(f"{name}_FILE"):
        return Place(name, Path(own))
    text = os.environ.get("MENSETSU_ENV_FILE")
    env_file = settings.BASE_DIR / ".env" if text is None else Path(text) if text else None
    line = _line(name).search(env_file.read_text()) if env_file is not None and env_file.is_file() else None
    # The environment wins over the file: only what agrees with it was read from there.
    is_line = line is not None and line["value"].strip("\"'") == os.environ.get(name)
    return Place(name, env_file if is_line else None, is_line)


def write(where: Place, keys: list[str]) -> None:
    """Keep these token keys there. Whole or not at all; rights stay. Refuses a place that cannot be written."""
    value = ",".join(keys)
    if where.file is None:
        raise Refused(f"Only you know where {where} is set: put the keys there by hand.")
    if where.is_line:
        value = _line(where.name).sub(lambda line: line["head"] + value, where.file.read_text(), count=1)
    else:
        value += "\n"
    # A link (as container platforms mount secrets) is followed, not replaced.
    file = where.file.resolve()
    fresh = file.with_name(file.name + ".unfinished")
    try:
        kept = file.stat()
        handle = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, kept.st_mode & 0o777)
        with os.fdopen(handle, "w") as out:
            out.write(value)
            out.flush()
            os.fsync(out.fileno())
        os.chown(fresh, kept.st_uid, kept.st_gid)  # or the service could not read it any more
        fresh.replace(file)
    except OSError as problem:
        raise Refused(f"{file} cannot be written ({problem}): put the keys there by hand.") from problem


def _line(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"^(?P<head>[ \t]*(?:export[ \t]+)?{name}[ \t]*=[ \t]*)(?P<value>[^\r\n]*?)[ \t]*$", re.MULTILINE
    )
