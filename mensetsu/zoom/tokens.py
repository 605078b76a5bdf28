"""The only door to a secret: Zoom tokens and the app's own secrets are encrypted here, opened here, renewed here.

A refresh token works once, and using it kills the pair it came with. So one process and one thread renews at a time
(a lease: a conditional UPDATE of the connection's row), the others wait and read its result, and the new pair is
committed before anybody uses it. https://developers.zoom.us/docs/integrations/oauth/#refreshing-an-access-token"""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Q

from mensetsu.accounts.models import Organization
from mensetsu.jobs import outside
from mensetsu.statements import compiled
from mensetsu.zoom import client, ending, limiting
from mensetsu.zoom.models import App, Connection, EndReason

MARGIN = timedelta(seconds=60)
# Longer than two refreshes can take (client.TOKEN_TIMEOUT), so that it never ends under a living holder.
LEASE = timedelta(seconds=90)
PATIENCE = 45.0  # seconds a caller waits for another's refresh before it comes back later
LOOK = 0.05  # seconds between looks at another's refresh

Answer = TypeVar("Answer")

# One turn a connection and process: of many threads that meet an expired token one renews or looks, the others sleep.
# Two hundred that all look would keep the one that renews from its work.
_turns: dict[int, threading.RLock] = {}


class WrongTokenKey(Exception):
    """A secret was encrypted with a key that MENSETSU_TOKEN_KEYS does not list (any more)."""


# --- sealing --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> tuple[str, ...]:
    return tuple(settings.TOKEN_KEYS)


def seal(secret: str) -> str:
    """Encrypted with the newest key. An empty secret stays empty."""
    return _fernet(_keys()).encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """Raises WrongTokenKey rather than answering something wrong."""
    if not sealed:
        return ""
    try:
        return _fernet(_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise WrongTokenKey("MENSETSU_TOKEN_KEYS lacks the key that this secret was encrypted with") from None


def reseal(sealed: str) -> str:
    """The same secret under the newest key."""
    return seal(unseal(sealed))


def opens(sealed: str) -> bool:
    """One of the listed keys opens it."""
    try:
        unseal(sealed)
    except WrongTokenKey:
        return False
    return True


def is_newest(sealed: str) -> bool:
    """Written with the newest key already; an empty secret needs none."""
    try:
        return not sealed or bool(_fernet(_keys()[:1]).decrypt(sealed.encode()))
    except InvalidToken:
        return False


# --- the app's secrets ----------------------------------------------------------------------------------------------


def app_keys(organization: Organization) -> client.AppKeys:
    """The company's own Zoom app, or the installation's. Raises client.AppRefused("missing") when there is none."""
    return keys_of(app_row(organization))


def app_row(organization: Organization) -> App | None:
    """What the company has entered of a Zoom app of its own, if anything."""
    return next(iter(_APP.objects(organization=organization.pk)), None)


def keys_of(app: App | None) -> client.AppKeys:
    """As app_keys, for whoever holds the row already."""
    own = app is not None and bool(app.client_id)
    keys = client.AppKeys(
        client_id=app.client_id if own else settings.ZOOM_CLIENT_ID,
        client_secret=unseal(app.client_secret_sealed) if own else settings.ZOOM_CLIENT_SECRET,
        oauth_base=(own and app.oauth_base) or settings.ZOOM_OAUTH_BASE,
        api_base=(own and app.api_base) or settings.ZOOM_API_BASE,
    )
    if not (keys.client_id and keys.client_secret):
        raise client.AppRefused("missing")
    return keys


_APP = compiled.Read(
    lambda organization: App.objects.filter(organization=organization), organization=compiled.NUMBER
)


def client_id_of(app: App) -> str:
    """The client id that counts for this company."""
    return app.client_id or settings.ZOOM_CLIENT_ID


def secret_token(app: App) -> str:
    """What webhooks of this app are signed with; empty while nobody has set it."""
    return unseal(app.secret_token_sealed) if app.client_id else settings.ZOOM_SECRET_TOKEN


# --- a user's tokens ------------------------------------------------------------------------------------------------


def sealed_pair(pair: client.TokenPair, *, now: datetime) -> dict[str, object]:
    """The columns of a connection that hold this pair. `now` is when it was asked for."""
    return {
        "access_token_sealed": seal(pair.access),
        "refresh_token_sealed": seal(pair.refresh),
        "access_expires_at": now + timedelta(seconds=pair.expires_in),
        "refreshed_at": now,
        "scopes": " ".join(sorted(pair.scopes)),
        "lease_key": "",
        "lease_until": None,
        "refresh_sent_at": None,
    }


def call(
    connection: Connection,
    work: Callable[[client.Client], Answer],
    *,
    now: datetime,
    begins_at: datetime | None = None,
) -> Answer:
    """Do `work` with a client of this connection. A refused token is renewed once and the work done again.

    Every request passes the gate of Zoom's limits; `begins_at`, the start of the meeting that it is about, decides who
    gets the last of a day's writes. Raises every error of zoom.client. ConnectionEnded also ends the connection: a
    person must link it anew."""
    keys = app_keys(connection.organization)
    gate = limiting.Gate(connection, begins_at=begins_at, now=now)
    sealed = _usable(connection, now, refused="")
    try:
        outside.check()
        return work(client.Client(keys, unseal(sealed), gate))
    except client.UserGone as problem:
        _end(connection, problem, sealed, now)
        raise
    except client.TokenRefused:
        sealed = _usable(connection, now, refused=sealed)
    try:
        return work(client.Client(keys, unseal(sealed), gate))
    except (client.UserGone, client.TokenRefused) as problem:
        _end(connection, problem, sealed, now)
        raise


def _end(connection: Connection, problem: client.ConnectionEnded, sealed: str, now: datetime) -> None:
    """What Zoom said with this access token ends the link. Raises TryLater when it has other tokens by now: linked anew
    while we asked, it was not this link's end."""
    reason = EndReason.USER_GONE if isinstance(problem, client.UserGone) else EndReason.REVOKED
    if not ending.end(connection, reason=reason, now=now, access_token_sealed=sealed):
        raise client.TryLater("busy", 1.0) from None


def renew(connection: Connection, *, now: datetime) -> None:
    """Refresh although the access token may still be good: an unused refresh token dies of old age."""
    sealed = Connection.objects.values_list("access_token_sealed", flat=True).get(pk=connection.pk)
    _usable(connection, now, refused=sealed)


def fresh(connection: Connection, *, now: datetime) -> str:
    """A live access token, for whoever must send it somewhere else than to zoom.client (nobody today but revoke)."""
    return unseal(_usable(connection, now, refused=""))


def _usable(connection: Connection, now: datetime, *, refused: str) -> str:
    """The sealed access token that is good now: the stored one, or another's fresh one, or ours."""
    began = time.monotonic()
    row = _read(connection)
    if _is_good(row, now, refused):
        return row.access_token_sealed
    turn = _turns.setdefault(connection.pk, threading.RLock())
    if not turn.acquire(timeout=PATIENCE):
        raise client.TryLater("busy", 5.0)
    try:
        return _renewed_by_somebody(connection, now, refused, began)
    finally:
        turn.release()


def _read(connection: Connection) -> Connection:
    [row] = _LINK.objects(link=connection.pk)
    if not row.is_live:
        raise client.ConnectionEnded("ended")
    return row


_LINK = compiled.Read(
    lambda link: Connection.objects.select_related("organization").filter(pk=link), link=compiled.NUMBER
)


def _is_good(row: Connection, moment: datetime, refused: str) -> bool:
    is_young = row.access_expires_at is not None and row.access_expires_at > moment + MARGIN
    return is_young and row.access_token_sealed != refused


def _renewed_by_somebody(connection: Connection, now: datetime, refused: str, began: float) -> str:
    """By us, or by another process whose result we wait for."""
    while True:
        waited = time.monotonic() - began
        moment = now + timedelta(seconds=waited)
        row = _read(connection)
        if _is_good(row, moment, refused):
            return row.access_token_sealed
        if _leased(row, moment):
            renewed = _renewed(row, moment)
            if renewed:
                return renewed
        elif waited > PATIENCE:
            raise client.TryLater("busy", 5.0)
        else:
            time.sleep(LOOK)


def _leased(row: Connection, moment: datetime) -> bool:
    """Take the right to refresh. Only if nobody has refreshed since `row` was read."""
    return bool(
        Connection.objects.live()
        .filter(
            Q(lease_until=None) | Q(lease_until__lt=moment),
            pk=row.pk,
            refresh_token_sealed=row.refresh_token_sealed,
            refresh_sent_at=row.refresh_sent_at,
        )
        .update(lease_key=str(uuid.uuid4()), lease_until=moment + LEASE, refresh_sent_at=moment)
    )


def _renewed(row: Connection, moment: datetime) -> str | None:
    """Refresh under the lease. None: somebody linked the account anew meanwhile, look again."""
    try:
        pair = _refreshed(row)
    except client.OutcomeUnknown:
        _release(row, sent_at=moment)
        raise
    except client.AppRefused:
        _release(row, sent_at=row.refresh_sent_at)
        App.objects.filter(organization_id=row.organization_id).update(refused_at=moment)
        raise
    except client.ConnectionEnded as problem:
        if ending.end(row, reason=_reason(row, problem), now=moment, **_same_tokens(row)):
            raise
        return None
    except Exception:
        _release(row, sent_at=row.refresh_sent_at)
        raise
    return _stored(row, pair, moment)


class _AnswerLost(client.ConnectionEnded):
    """The first answer was lost, and the second says that the token was used."""


def _refreshed(row: Connection) -> client.TokenPair:
    keys = app_keys(row.organization)
    token = unseal(row.refresh_token_sealed)
    outside.check()
    try:
        return client.refresh(keys, refresh_token=token)
    except client.OutcomeUnknown:
        pass
    # Perhaps Zoom never got the request: the old token then still works.
    try:
        return client.refresh(keys, refresh_token=token)
    except client.TryLater:
        raise client.OutcomeUnknown from None
    except client.UserGone:
        raise
    except client.ConnectionEnded:
        raise _AnswerLost from None


def _reason(row: Connection, problem: client.ConnectionEnded) -> EndReason:
    if isinstance(problem, client.UserGone):
        return EndReason.USER_GONE
    # `refresh_sent_at` as it was before our lease: an earlier refresh, perhaps of a process that died, went unanswered.
    is_lost = isinstance(problem, _AnswerLost) or row.refresh_sent_at is not None
    return EndReason.REFRESH_LOST if is_lost else EndReason.REVOKED


def _same_tokens(row: Connection) -> dict[str, str]:
    # A sealed text is never made twice, so equal text means that nobody has written tokens since.
    return {"refresh_token_sealed": row.refresh_token_sealed}


def _release(row: Connection, *, sent_at: datetime | None) -> None:
    Connection.objects.filter(pk=row.pk, **_same_tokens(row)).update(
        lease_key="", lease_until=None, refresh_sent_at=sent_at
    )


def _stored(row: Connection, pair: client.TokenPair, moment: datetime) -> str | None:
    """Committed before anybody uses it. A link that ended meanwhile gets nothing: its new tokens are given back."""
    outside.check()
    columns = sealed_pair(pair, now=moment)
    if not columns["scopes"]:
        del columns["scopes"]
    if Connection.objects.live().filter(pk=row.pk, **_same_tokens(row)).update(**columns):
        App.objects.filter(organization_id=row.organization_id).exclude(refused_at=None).update(
            refused_at=None
        )
        return str(columns["access_token_sealed"])
    if not Connection.objects.live().filter(pk=row.pk).exists():
        with contextlib.suppress(client.ZoomError):
            client.revoke(app_keys(row.organization), access_token=pair.access)
    return None
