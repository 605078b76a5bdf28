"""The secret addresses under which calendar programs fetch interviews: open, renew, revoke, and who is behind one.

The address is `nonce + HMAC(secret, nonce)`, 128 bits of it, like the join page's: the table alone opens nothing.
What a feed holds is not known here; interviews fill it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from mensetsu.accounts.models import User
from mensetsu.availability.models import Feed, FeedKind
from mensetsu.history import recording
from mensetsu.web import secret_addresses

# The salt is part of every address that a calendar program holds.
_ADDRESSES = secret_addresses.SecretAddresses("mensetsu.availability.feeding")


class NotForThisRole(Exception):
    """Only recruiters see the whole company's interviews."""


def kinds_for(user: User) -> list[FeedKind]:
    """The feeds that this person may have."""
    return [FeedKind.OWN, FeedKind.COMPANY] if user.is_recruiter else [FeedKind.OWN]


def open_feed(user: User, *, kind: str, now: datetime) -> Feed:
    """The person's live feed of that kind: made at the first call, the same one until it is revoked.

    Refusals: NotForThisRole."""
    if kind not in kinds_for(user):
        raise NotForThisRole
    try:
        with transaction.atomic():
            feed = Feed.objects.create(
                user=user, kind=kind, nonce=secret_addresses.new_nonce(), created_at=now
            )
            _record("feed.opened", feed, by=user, now=now)
            return feed
    except IntegrityError:
        return user.feeds.live().get(kind=kind)


@transaction.atomic
def renew(user: User, *, kind: str, now: datetime) -> Feed:
    """A new address; the one before opens nothing from this moment on. Refusals: NotForThisRole."""
    revoke(user, kind=kind, now=now)
    return open_feed(user, kind=kind, now=now)


@transaction.atomic
def revoke(user: User, *, kind: str, now: datetime) -> None:
    """The address opens nothing any more. Twice is the same as once."""
    for feed in user.feeds.live().filter(kind=kind):
        if Feed.objects.live().filter(pk=feed.pk).update(revoked_at=now):
            _record("feed.revoked", feed, by=user, now=now)


def token(feed: Feed) -> str:
    """What stands in the address: the nonce and its proof under the present secret."""
    return _ADDRESSES.token(feed.nonce)


def find(text: str) -> Feed | None:
    """The live feed of that token, or None: also when its person has left or lost the role it needs."""
    nonce = _ADDRESSES.nonce(text)
    if nonce is None:
        return None
    feed = Feed.objects.live().filter(nonce=nonce).select_related("user__organization").first()
    if feed is None or not feed.user.is_active or feed.kind not in kinds_for(feed.user):
        return None
    return feed


def note_content(feed: Feed, *, content_hash: str, now: datetime) -> datetime:
    """Since when the feed has had this content, as far as anybody has asked; whole seconds, as HTTP dates are."""
    if feed.content_hash != content_hash or feed.content_changed_at is None:
        feed.content_hash, feed.content_changed_at = content_hash, now.replace(microsecond=0)
        feed.save(update_fields=["content_hash", "content_changed_at"])
    return feed.content_changed_at


def _record(action: str, feed: Feed, *, by: User, now: datetime) -> None:
    recording.record(
        action,
        subject=feed.user,
        organization_id=feed.user.organization_id,
        by=by,
        at=now,
        kind=feed.kind,
    )
