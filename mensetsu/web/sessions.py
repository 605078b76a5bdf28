"""Django's sessions in the database. Every request asks for one by its key, so the query is kept (statements.kept)."""

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from mensetsu.statements import kept


def _living() -> Any:
    model = SessionStore.get_model_class()
    return model.objects.filter(session_key=kept.text("key"), expire_date__gt=kept.moment("now"))


_SESSION = kept.Query(_living)


# The name is part of the salt with which a session is signed: those begun under Django's own class stay good.
class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        found = _SESSION.instances(key=self.session_key, now=timezone.now())
        if found:
            return found[0]
        self._session_key = None
        return None
