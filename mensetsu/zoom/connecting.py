"""Link a Zoom account to the company, and unlink it.

One Zoom user is linked once: authorizing again kills the tokens of the earlier authorization, so by the time we know
whose account it is, an older link of it holds dead tokens. Whatever is decided then, the living link gets the new
pair. https://developers.zoom.us/docs/integrations/oauth-error-messages/ (4741)"""

import contextlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from mensetsu.accounts.models import User
from mensetsu.history import recording
from mensetsu.jobs import outside
from mensetsu.zoom import checking, client, ending, following, issuing, rights, tokens
from mensetsu.zoom.models import App, Connection, EndReason, Meeting, PendingApproval

CAPACITIES = (1, 2)
# So many people may link the same account at the same moment.
AT_ONCE = 8


class AlreadyConnected(Exception):
    """This Zoom account is linked by `owner`; None: by another company of this installation, which stays unnamed."""

    def __init__(self, owner: User | None) -> None:
        super().__init__("already connected")
        self.owner = owner


class StillConnected(Exception):
    """This person has another account linked as their own: disconnect it first, or add the new one as shared."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(f"connection {connection.pk}")
        self.connection = connection


class DifferentAccount(Exception):
    """Another account than last time came back. `answer` holds it, sealed, until the person decides."""

    def __init__(self, previous: Connection, answer: "Answer") -> None:
        super().__init__(f"connection {previous.pk}")
        self.previous = previous
        self.answer = answer


class SameAccount(Exception):
    """Another account was wanted, and the present one came back; its link goes on."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(f"connection {connection.pk}")
        self.connection = connection


class RightsMissing(Exception):
    """Zoom would not say whose account it is, because the grant lacks a right. Nothing was linked and the tokens were
    given back; `missing` are all rights that it lacks."""

    def __init__(self, missing: list[rights.Right]) -> None:
        super().__init__(" ".join(right.scope for right in missing))
        self.missing = missing


class UpcomingMeetingsRemain(Exception):
    """The account hosts meetings that have not ended; nothing was changed."""

    def __init__(self, meetings: list[Meeting]) -> None:
        super().__init__(f"{len(meetings)} meetings")
        self.meetings = meetings


@dataclass(frozen=True)
class Answer:
    """What Zoom gave for one authorization: who it is, and the sealed columns of the tokens."""

    identity: dict[str, Any]
    tokens: dict[str, Any]

    @property
    def zoom_user_id(self) -> str:
        return str(self.identity["zoom_user_id"])

    @property
    def email(self) -> str:
        return str(self.identity["email"])

    def held(self) -> dict[str, Any]:
        """For the session: plain JSON, the tokens sealed."""
        columns = asdict(self)
        for name in ("access_expires_at", "refreshed_at"):
            columns["tokens"][name] = self.tokens[name].isoformat()
        return columns

    @classmethod
    def from_held(cls, columns: dict[str, Any]) -> "Answer":
        dates = {
            k: datetime.fromisoformat(columns["tokens"][k]) for k in ("access_expires_at", "refreshed_at")
        }
        return cls(columns["identity"], columns["tokens"] | dates)


# --- link -----------------------------------------------------------------------------------------------------------


def connect(
    *,
    user: User,
    code: str,
    verifier: str,
    redirect_uri: str,
    now: datetime,
    is_shared: bool = False,
    previous: Connection | None = None,
    unlike: Connection | None = None,
) -> Connection:
    """Exchange the code and link the Zoom account that it stands for.

    `previous` is the ended link that this one is to continue (要再連携), `unlike` a living one whose account it must
    not be. Refuses: AlreadyConnected, StillConnected, RightsMissing, SameAccount, DifferentAccount (then `confirm` or
    `decline`). Zoom's own refusals go up as they are."""
    outside.check()
    keys = tokens.app_keys(user.organization)
    try:
        pair = client.exchange_code(keys, code=code, verifier=verifier, redirect_uri=redirect_uri)
    except client.AppRefused:
        # The page then says so to everybody, instead of sending one after another to Zoom for nothing.
        App.objects.filter(organization=user.organization).update(refused_at=now)
        raise
    try:
        identity = checking.identity(_whose(keys, pair))
    except client.Refused as problem:
        # Nobody could use or revoke them later: we do not know whose they are.
        _give_back(user, pair.access)
        if not problem.is_scope_missing:
            raise
        raise RightsMissing(rights.missing(" ".join(pair.scopes)) or [rights.WHO]) from problem
    answer = Answer(identity, tokens.sealed_pair(pair, now=now))
    if unlike is not None and unlike.zoom_user_id == answer.zoom_user_id:
        _renew(unlike, answer)
        raise SameAccount(unlike)
    previous = previous or _latest_ended(user, is_shared)
    is_known = previous is None or not previous.zoom_user_id or previous.zoom_user_id == answer.zoom_user_id
    if not is_known and not _living(user, answer.zoom_user_id):
        _refuse_second_own(user, answer, is_shared)
        raise DifferentAccount(previous, answer)
    return confirm(user=user, answer=answer, is_shared=is_shared, now=now)


def confirm(*, user: User, answer: Answer, is_shared: bool, now: datetime) -> Connection:
    """Link the account of `answer`. The same Zoom user linked anew takes the old link's place and its meetings.

    Refuses: AlreadyConnected, StillConnected."""
    outside.check()
    _refuse_second_own(user, answer, is_shared)
    tries = 0
    while True:
        try:
            connection, living = _linked_or_renewed(user, answer, is_shared, now)
            break
        except IntegrityError:
            # Somebody linked the same account at this very moment: now it can be seen, unless there are still more.
            tries += 1
            if tries == AT_ONCE:
                raise
    if connection is None:
        assert living is not None
        is_ours = living.organization_id == user.organization_id
        raise AlreadyConnected(living.owner if is_ours else None)
    return connection


def _linked_or_renewed(
    user: User, answer: Answer, is_shared: bool, now: datetime
) -> tuple[Connection | None, Connection | None]:
    """The new link, or None where somebody else's lives on with the new tokens; and the link that lived before."""
    with transaction.atomic():
        living = _living(user, answer.zoom_user_id)
        if living is not None and not _may_replace(user, living):
            _renew(living, answer)
            return None, living
        return _linked(user, answer, living, is_shared, now), living


def _renew(living: Connection, answer: Answer) -> None:
    """The tokens that it had died with this authorization."""
    Connection.objects.live().filter(pk=living.pk).update(**answer.tokens, check_problem="")


def decline(*, user: User, answer: Answer) -> None:
    """「やめる」: the account is not linked, and its tokens are given back."""
    _give_back(user, tokens.unseal(answer.tokens["access_token_sealed"]))


def note_pending_approval(*, user: User, now: datetime) -> None:
    """承認待ち: Zoom tells an app nothing of it, so the person does."""
    PendingApproval.objects.update_or_create(owner=user, defaults={"noted_at": now})


def forget_pending_approval(*, user: User) -> None:
    PendingApproval.objects.filter(owner=user).delete()


def _whose(keys: client.AppKeys, pair: client.TokenPair) -> client.ZoomUser:
    zoom = client.Client(keys, pair.access)
    try:
        return zoom.me()
    except client.TryLater:
        # The code is used up: a second look costs less than another walk through Zoom's pages.
        return zoom.me()


def _latest_ended(user: User, is_shared: bool) -> Connection | None:
    if is_shared:
        return None
    ended = Connection.objects.filter(owner=user, is_shared=False).exclude(ended_at=None)
    return ended.order_by("-ended_at").first()


def _living(user: User, zoom_user_id: str) -> Connection | None:
    """The live link of this Zoom user through the same Zoom app, in this company or another."""
    app = App.objects.filter(organization_id=user.organization_id).first() or App()
    links = Connection.objects.live().of_app(app).filter(zoom_user_id=zoom_user_id)
    return links.select_related("owner").order_by("connected_at").first()


def _may_replace(user: User, living: Connection) -> bool:
    return living.organization_id == user.organization_id and (
        living.owner_id == user.pk or (living.is_shared and user.is_recruiter)
    )


def _refuse_second_own(user: User, answer: Answer, is_shared: bool) -> None:
    if is_shared:
        return
    own = Connection.objects.live().filter(owner=user, is_shared=False)
    other = own.exclude(zoom_user_id=answer.zoom_user_id).first()
    if other is not None and not _living(user, answer.zoom_user_id):
        decline(user=user, answer=answer)
        raise StillConnected(other)


def _linked(
    user: User, answer: Answer, living: Connection | None, is_shared: bool, now: datetime
) -> Connection:
    kept: dict[str, Any] = {"owner": user, "is_shared": is_shared}
    if living is not None:
        # The same account linked anew: how the team uses it stays as it was.
        kept = {"owner": living.owner, "is_shared": living.is_shared or is_shared, "label": living.label,
                "capacity": living.capacity}  # fmt: skip
        ending.end(living, reason=EndReason.REPLACED, now=now, by=user)
    connection = Connection.objects.create(
        organization=user.organization,
        connected_at=now,
        checked_at=now,
        **kept,
        **answer.identity,
        **answer.tokens,
    )
    following.follow(connection, now=now)
    PendingApproval.objects.filter(owner=user).delete()
    recording.record(
        "connection.connected", subject=connection, organization_id=user.organization_id, by=user, at=now
    )
    return connection


# --- use ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_shared(connection: Connection, *, is_shared: bool, label: str, by: User, now: datetime) -> None:
    """採用チームで共有 or 自分だけ, and the name the team calls it by.

    Refuses StillConnected: the owner has another account as their own."""
    if not is_shared:
        own = (
            Connection.objects.live()
            .filter(owner=connection.owner, is_shared=False)
            .exclude(pk=connection.pk)
        )
        if other := own.first():
            raise StillConnected(other)
    was_shared = connection.is_shared
    connection.is_shared, connection.label = is_shared, label[:80]
    connection.save(update_fields=["is_shared", "label"])
    if was_shared != is_shared:
        recording.record(
            "connection.shared" if is_shared else "connection.unshared",
            subject=connection, organization_id=connection.organization_id, by=by, at=now,
        )  # fmt: skip


@transaction.atomic
def set_capacity(connection: Connection, *, capacity: int, by: User, now: datetime) -> None:
    """How many meetings the account may hold at once; 2 only where the Zoom plan allows. For administrators.

    Meetings already set stay; only new ones are measured by it."""
    if capacity not in CAPACITIES:
        raise ValueError(f"capacity must be one of {CAPACITIES}")
    if Connection.objects.filter(pk=connection.pk).exclude(capacity=capacity).update(capacity=capacity):
        recording.record(
            "connection.capacity_changed", subject=connection, organization_id=connection.organization_id,
            by=by, at=now, capacity=capacity,
        )  # fmt: skip
    connection.refresh_from_db()


# --- unlink ---------------------------------------------------------------------------------------------------------


def disconnect(connection: Connection, *, by: User, now: datetime) -> None:
    """解除: erase the tokens, end the link, take the app out of the Zoom account. An ended link stays ended.

    Refuses UpcomingMeetingsRemain, also when one is being set at this moment: both touch the connection's row."""
    outside.check()
    _refuse_if_hosting(connection, now)
    access = _last_errands(connection, now)
    with transaction.atomic():
        Connection.objects.live().filter(pk=connection.pk).update(touched=F("touched") + 1)
        _refuse_if_hosting(connection, now)
        ended = ending.end(connection, reason=EndReason.DISCONNECTED, now=now, by=by)
    connection.refresh_from_db()
    if ended and access:
        _give_back(by, access)


def deauthorize(*, app: App, zoom_user_id: str, at: datetime, now: datetime) -> int:
    """The app was removed at Zoom at that moment. Ends the links made before it; returns how many."""
    links = Connection.objects.live().of_app(app).filter(zoom_user_id=zoom_user_id, connected_at__lte=at)
    # Linked again before the message came: the message speaks of the earlier link.
    return sum(ending.end(link, reason=EndReason.DEAUTHORIZED, now=now) for link in links)


def _refuse_if_hosting(connection: Connection, now: datetime) -> None:
    remaining = list(Meeting.objects.filter(connection=connection).upcoming(now))
    if remaining:
        raise UpcomingMeetingsRemain(remaining)


def _last_errands(connection: Connection, now: datetime) -> str:
    """While we still may: delete what was canceled here and is still at Zoom. Returns a token to revoke, if any."""
    undead = Q(canceled_at__isnull=False, removed_at=None)
    with contextlib.suppress(client.ZoomError):
        for pk in Meeting.objects.filter(undead, connection=connection).values_list("pk", flat=True):
            issuing.remove_meeting.call(meeting_id=pk)
        return tokens.fresh(connection, now=now)
    return ""


def _give_back(user: User, access: str) -> None:
    outside.check()
    # Zoom away: the link is ended here all the same; the user can remove the app at Zoom.
    with contextlib.suppress(client.ZoomError):
        client.revoke(tokens.app_keys(user.organization), access_token=access)
