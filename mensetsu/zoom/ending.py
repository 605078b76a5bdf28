"""How a link ends. Five causes, one way out: tokens erased, the end and its reason written, the news announced."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from mensetsu.accounts.models import Role, User
from mensetsu.history import recording
from mensetsu.jobs import port
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
# A removal at Zoom whose message never comes looks like any other end, and 「解除」 removes the app too. Until then an
# account that is linked again is known at once; within that time Zoom wants it forgotten.
FORGOTTEN_AFTER = timedelta(days=10)


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
    told: set[int] = set()
    if reason != EndReason.REPLACED:
        heard = signals.connection_ended.send(
            sender=Connection, connection=connection, account=account, now=now
        )
        told.update(*(answer or () for _receiver, answer in heard))
    if reason not in WANTED:
        _tell(connection, account, now, told)
    return True


def end_all_here(*, now: datetime) -> int:
    """In a copy of the database, before anybody uses it: every link ends in it, and its tokens are erased, so that the
    copy cannot use up what the original lives from. Zoom is not asked, nobody is told. Answers how many."""
    return Connection.objects.live().update(ended_at=now, end_reason=EndReason.DISCONNECTED, **ERASED_TOKENS)


@port.job(max_attempts=1)
def forget_identities() -> None:
    """Daily: what Zoom told us of accounts goes when their link ended ten days ago, for whatever reason."""
    old = Connection.objects.filter(ended_at__lt=timezone.now() - FORGOTTEN_AFTER)
    old.exclude(**ERASED_IDENTITY).update(**ERASED_IDENTITY)


def _tell(connection: Connection, account: str, now: datetime, told: set[int]) -> None:
    """Whoever linked it can mend it in a minute. The administrators hear of it too, unless they have been `told` with
    the interviews that lost their host."""
    owner = connection.owner
    admins = User.objects.filter(organization_id=connection.organization_id, role=Role.ADMIN).working()
    others = [one for one in admins if one.pk != owner.pk and (one.pk not in told or not owner.is_active)]
    for person in [owner, *others] if owner.is_active else others:
        with translation.override(person.language):
            cause = str(EndReason(connection.end_reason).label)
        sending.deliver(
            "connection_ended",
            to=person,
            context={
                "account": account,
                "cause": cause,
                "ended_at": now,
                "is_shared": connection.is_shared,
                # Who can sign in there, for everybody else.
                "owner": "" if person == owner or not owner.is_active else owner.name_in(person.language),
            },
        )
