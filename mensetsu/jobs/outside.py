"""No network inside a transaction: on SQLite one slow answer would stop every writer."""

from django.db import transaction


def check() -> None:
    """Raise RuntimeError when called inside a transaction. Call it right before each Zoom or SMTP call.

    A durable block refuses to be nested; the test runner's own outer transaction is tolerated by Django."""
    with transaction.atomic(durable=True):
        pass
