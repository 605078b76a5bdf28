"""How a colleague gets in: an administrator writes the row, a mail brings a link that works once, for seven days.

The link is never stored. It is a signature over the person and the moment of the invitation, so a new invitation ends
the one before, and it is made where it is used: in the job that sends the mail, or on the operator's screen."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from mensetsu.accounts import names
from mensetsu.accounts.models import Organization, User
from mensetsu.history import recording
from mensetsu.jobs import port
from mensetsu.notices import sending

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
    send_invitation.enqueue(user_id=user.pk, inviter=by.name_in(user.language))
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
    send_invitation.enqueue(user_id=user.pk, inviter=by.name_in(user.language))


def address(user: User) -> str:
    """The whole link of the present invitation. A secret: whoever has it can join as this person."""
    if user.invited_at is None:
        raise AlreadyJoined
    token = signing.dumps([user.pk, user.invited_at.timestamp()], salt=_SALT)
    return settings.BASE_URL + reverse("accounts:join", args=[token])


def find(token: str, *, now: datetime) -> User:
    """Whom the link is for. Changes nothing.

    Refusals: LinkBroken, InvitationUsed, InvitationWithdrawn, InvitationReplaced, InvitationExpired."""
    try:
        user_id, moment = signing.loads(token, salt=_SALT)
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


@port.job(max_attempts=8)
def send_invitation(*, user_id: int, inviter: str) -> None:
    """Mail the link, if it is still wanted."""
    user = User.objects.select_related("organization").filter(pk=user_id).first()
    if user is None or not user.is_invited or timezone.now() >= user.invitation_ends_at:
        return
    sending.send(
        "invitation",
        email=user.email,
        to_name=user.name_in(user.language),
        language=user.language,
        time_zone=user.time_zone,
        context={
            "company": user.organization.name_in(user.language),
            "inviter": inviter,
            "link": address(user),
            "expires_at": user.invitation_ends_at,
        },
    )
