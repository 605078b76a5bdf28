"""How a link ends. Five causes, one way out: tokens erased, the end and its reason written, the news announced."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation

from mensetsu.accounts.models import Role, User
from mensetsu.history import recording
from mensetsu.notices import sending
from mensetsu.zoom import signals
from mensetsu.zoom.models import Connection, EndReason

# Ends that somebody here asked for: nobody need be told.
WANTED = (EndReason.DISCONNECTED, EndReason.REPLACED)
ERASED_TOKENS = {
    "access_token_sealed": "",
    "refresh_token_sealed": "",
    "access_expires_at": None,
    "lease_key": "",
    "lease_until": None,
    "refresh_sent_at": None,
    "check_problem": "",
}
# Zoom asks that what we learned of a user goes when the user removes the app. `label` is our own word and stays.
# https://developers.zoom.us/docs/api/apps/ (deauthorization)
ERASED_IDENTITY = {
    "zoom_user_id": "",
    "zoom_account_id": "",
    "email": "",
    "display_name": "",
    "plan_type": 0,
    "scopes": "",
}


@transaction.atomic
def end(
    connection: Connection, *, reason: EndReason, now: datetime, by: User | None = None, **still: Any
) -> bool:
    """End a live link; False when it had ended already, or when one of the columns in `still` has changed since.

    Meetings keep pointing at the host they really had. Removal of the app at Zoom erases the Zoom identity too."""
    erased = ERASED_TOKENS | (ERASED_IDENTITY if reason == EndReason.DEAUTHORIZED else {})
    ended = (
        Connection.objects.live()
        .filter(pk=connection.pk, **still)
        .update(ended_at=now, end_reason=reason, ended_by=by, **erased)
    )
    if not ended:
        return False
    account = str(connection)
    connection.refresh_from_db()
    recording.record(
        f"connection.{reason}", subject=connection, organization_id=connection.organization_id, by=by, at=now
    )
    # Linked anew: the meetings have moved to the new link, nobody lost anything.
    if reason != EndReason.REPLACED:
        signals.connection_ended.send(sender=Connection, connection=connection, now=now)
    if reason not in WANTED:
        _tell(connection, account, now)
    return True


def _tell(connection: Connection, account: str, now: datetime) -> None:
    """Whoever linked it can mend it in a minute; if they have left, the administrators."""
    owner = connection.owner
    admins = User.objects.filter(organization_id=connection.organization_id, role=Role.ADMIN).working()
    for person in [owner] if owner.is_active else admins:
        with translation.override(person.language):
            cause = str(EndReason(connection.end_reason).label)
        sending.deliver(
            "connection_ended",
            email=person.email,
            to_name=person.name_in(person.language),
            language=person.language,
            time_zone=person.time_zone,
            context={"account": account, "cause": cause, "ended_at": now},
        )
