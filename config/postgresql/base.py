"""Django's PostgreSQL, with prepared statements that outlive a refusal."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class DatabaseWrapper(base.DatabaseWrapper):
    """psycopg forgets every statement that it has prepared when a transaction is rolled back, because a table may have
    been made and unmade in it. Ours only do so in migrations, while a refusal ends in a rollback many times a second:
    everything would be planned anew after each.
    https://www.psycopg.org/psycopg3/docs/advanced/prepare.html"""

    connection: Any

    def _rollback(self) -> None:
        if self.connection is not None and not self.connection.closed:
            line = self.connection.pgconn
            if line.transaction_status in _OPEN:
                with self.wrap_database_errors:
                    line.exec_(b"ROLLBACK")
        # Where that was all, there is nothing left for psycopg to do; where the line is broken, Django says so.
        super()._rollback()
