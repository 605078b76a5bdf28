"""What SQLite hands us, as Python has it. Django's way, but for moments: pages read hundreds of them."""

from datetime import datetime
from typing import Any

from django.db.backends.sqlite3 import operations


class DatabaseOperations(operations.DatabaseOperations):
    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """The same moment, without asking four times what it is: a column of ours holds what Django wrote, a time
        without a zone in the connection's own. The driver has read a column of that type already; what is worked out
        of one is still a text. Whatever else stands there is Django's to understand."""
        if value is None:
            return None
        moment = value
        if type(value) is str:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                moment = None
        if type(moment) is datetime and moment.tzinfo is None:
            return moment.replace(tzinfo=self.connection.timezone)
        return super().convert_datetimefield_value(value, expression, connection)
