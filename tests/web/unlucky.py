"""A program that breaks at every request, for what gunicorn itself then writes."""

from typing import Any


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise RuntimeError("out of luck")
