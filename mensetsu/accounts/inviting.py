"""How a colleague gets in: an administrator writes the row, a mail brings a link that works once, for seven days.

The link is never stored. It is a signature over the person and the moment of the invitation, so a new invitation ends
the one before, and it is made where it is used: at the moment of sending, or on the operator's screen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse

from mensetsu.accounts import names
from mensetsu.accounts.models import Organization, User
from mensetsu.history import recording
from mensetsu.jobs import port
from mensetsu.notices import sending
from mensetsu.notices.models import OutgoingNotice

INVITATION = "invitation"
_SALT = "mensetsu.accounts.invitation"


class AddressTaken(Exception):
    """Somebody has this mail address as login. `user` is None when they work for another company."""

    def __init__(self, user: User | None) -> None:
        super().__init__(user.pk if user else None)
        self.user = user


class AlreadyJoined(Exception):
    """There is nobody to invite any more: the person has set a password or was deactivated."""


class LinkBroken(Exception):
    """Not a link of ours, or a part of it is missing."""


class LinkOver(Exception):
    """A true link that does not work any more. `user` is whom it was for."""

    def __init__(self, user: User) -> None:
        super().__init__(user.pk)
        self.user = user


class InvitationExpired(LinkOver):
    pass


class InvitationUsed(LinkOver):
    pass


class InvitationReplaced(LinkOver):
    """A newer invitation was sent; only its link works."""


class InvitationWithdrawn(LinkOver):
    """The account was deactivated."""


@transaction.atomic
def invite(
    *,
    organization: Organization,
    email: str,
    family_name: str,
    given_name: str,
    role: str,
    language: str,
    by: User,
    now: datetime,
) -> User:
    """A colleague who can join by the link in the mail that is queued here. Refusals: AddressTaken."""
    user = write_invitation(
        organization=organization,
        email=email,
        family_name=family_name,
        given_name=given_name,
        role=role,
        language=language,
        by=by,
        now=now,
    )
    sending.deliver(INVITATION, to=user, context={"inviter": by.name_in(user.language)})
    return user


def write_invitation(
    *,
    organization: Organization,
    email: str,
    family_name: str,
    given_name: str,
    role: str,
    language: str,
    by: User | None,
    now: datetime,
) -> User:
    """The row and its history alone. Call it inside a transaction. Refusals: AddressTaken."""
    user = User(
        organization=organization,
        email=names.login(email),
        family_name=names.spaced(family_name),
        given_name=names.spaced(given_name),
        role=role,
        language=language,
        time_zone=organization.time_zone,
        created_at=now,
        invited_at=now,
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        known = User.objects.filter(organization=organization, email=user.email).first()
        raise AddressTaken(known) from None
    recording.record(
        "staff.invited",
        subject=user,
        organization_id=organization.pk,
        by=by,
        at=now,
        role=role,
        name=str(user),
    )
    return user


@transaction.atomic
def invite_again(user: User, *, by: User, now: datetime) -> None:
    """A new link for seven days; the old one ends. Refusals: AlreadyJoined."""
    waiting = User.objects.filter(pk=user.pk, joined_at=None, deactivated_at=None)
    if not waiting.update(invited_at=now):
        raise AlreadyJoined
    user.invited_at = now
    recording.record(
        "staff.invited_again",
        subject=user,
        organization_id=user.organization_id,
        by=by,
        at=now,
        name=str(user),
    )
    sending.deliver(INVITATION, to=user, context={"inviter": by.name_in(user.language)})


def address(user: User) -> str:
    """The whole link of the present invitation. A secret: whoever has it can join as this person."""
    if user.invited_at is None:
        raise AlreadyJoined
    token = signing.Signer(salt=_SALT).sign_object([user.pk, user.invited_at.timestamp()])
    return settings.BASE_URL + reverse("accounts:join", args=[token])


def find(token: str, *, now: datetime) -> User:
    """Whom the link is for. Changes nothing.

    Refusals: LinkBroken, InvitationUsed, InvitationWithdrawn, InvitationReplaced, InvitationExpired."""
    try:
        user_id, moment = signing.Signer(salt=_SALT).unsign_object(token)
        user = User.objects.select_related("organization").get(pk=user_id)
    except (signing.BadSignature, ValueError, TypeError, User.DoesNotExist):
        raise LinkBroken from None
    if user.joined_at is not None:
        raise InvitationUsed(user)
    if user.deactivated_at is not None:
        raise InvitationWithdrawn(user)
    if user.invited_at is None or user.invitation_ends_at is None or user.invited_at.timestamp() != moment:
        raise InvitationReplaced(user)
    if now >= user.invitation_ends_at:
        raise InvitationExpired(user)
    return user


@transaction.atomic
def join(user: User, *, password: str, now: datetime) -> None:
    """The invited person sets a password and is in. Of two at the same moment one succeeds.

    Refusals: InvitationUsed."""
    waiting = User.objects.filter(pk=user.pk, joined_at=None, deactivated_at=None, invited_at=user.invited_at)
    if not waiting.update(joined_at=now, password=make_password(password)):
        raise InvitationUsed(user)
    user.refresh_from_db()
    recording.record(
        "staff.joined", subject=user, organization_id=user.organization_id, by=user, at=now, name=str(user)
    )


def prepare(notice: OutgoingNotice, now: datetime) -> dict[str, Any]:
    """The words and the link, made at the moment of sending, if that invitation still is the present one.

    Refuses sending.NotWanted."""
    user = User.objects.select_related("organization").filter(pk=notice.user_id).first()
    is_present = user is not None and user.is_invited and now < user.invitation_ends_at
    if not is_present or notice.created_at < user.invited_at:
        raise sending.NotWanted
    return {
        **notice.context,
        "company": user.organization.name_in(user.language),
        "link": address(user),
        "expires_at": user.invitation_ends_at.isoformat(),
    }


def undelivered(people: Iterable[User]) -> dict[int, OutgoingNotice]:
    """Whose present invitation did not leave, or nobody knows whether: by their number, with what went wrong. One
    query."""
    invited = {one.pk: one for one in people if one.is_invited}
    if not invited:
        return {}
    organizations = {one.organization_id for one in invited.values()}
    failed = OutgoingNotice.objects.troubled().filter(
        organization_id__in=organizations, user_id__in=list(invited), name=INVITATION
    )
    return {one.user_id: one for one in failed if one.created_at >= invited[one.user_id].invited_at}


def note_undelivered(notice: OutgoingNotice, now: datetime) -> None:
    """The administrators read in the story of that person that the mail did not leave."""
    if user := User.objects.filter(pk=notice.user_id).first():
        recording.record(
            "staff.invitation_failed", subject=user, organization_id=user.organization_id, by=None, at=now,
            name=str(user), problem=notice.problem,
        )  # fmt: skip


@port.job(max_attempts=8)
def send_invitation(*, user_id: int, inviter: str) -> None:
    """Jobs that a release before this one has queued."""
    if user := User.objects.filter(pk=user_id).first():
        with transaction.atomic():
            sending.deliver(INVITATION, to=user, context={"inviter": inviter})
