"""What a job meets beyond its own rows.

No network inside a transaction: on SQLite one slow answer would stop every writer. And the database itself may go away
in the middle of a job."""

from django.db import InterfaceError, OperationalError, connection


def check() -> None:
    """Raise RuntimeError when called inside a transaction. Call it right before each Zoom or SMTP call.

    As a durable block would, without beginning one: on SQLite that is a write, which waits in line. The test runner's
    own outer transaction is tolerated, as there."""
    blocks = connection.atomic_blocks
    if blocks and not blocks[-1]._from_testcase:
        raise RuntimeError("nothing outside may be asked within a transaction")


def is_database_lost(problem: BaseException) -> bool:
    """Did it fail because our connection to the database is gone? A statement that was refused leaves one that works.

    Such a failure says nothing about the job: whoever runs it keeps it for another time."""
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    return connection.connection is None or not connection.is_usable()
