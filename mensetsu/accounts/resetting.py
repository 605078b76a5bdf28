"""A forgotten password, and the word that a password was changed."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from mensetsu.accounts.models import User
from mensetsu.history import recording
from mensetsu.jobs import port
from mensetsu.notices import sending
from mensetsu.notices.models import OutgoingNotice

RESET = "password_reset"


def ask(user: User) -> None:
    """Queue the mail with the link. The link is made when the mail is sent, so it stands in no table.

    It leaves at most once: whoever gets none asks again.

    Somebody who has not joined yet has no password to reset: their invitation is what they need."""
    if user.joined_at is not None and user.is_active:
        with transaction.atomic():
            sending.deliver(RESET, to=user)


@transaction.atomic
def tell_changed(user: User, *, now: datetime) -> None:
    """The password was changed, by reset or by its owner: written down, and told by mail."""
    recording.record(
        "staff.password_changed",
        subject=user,
        organization_id=user.organization_id,
        by=user,
        at=now,
        name=str(user),
    )
    sending.deliver(
        "password_changed",
        to=user,
        context={"company": user.organization.name_in(user.language), "changed_at": now},
    )


def address(user: User) -> str:
    """The whole link to the page that sets a new password. A secret; it ends at its first use or by
    PASSWORD_RESET_TIMEOUT."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return settings.BASE_URL + path


def prepare(notice: OutgoingNotice, now: datetime) -> dict[str, Any]:
    """The link, made at the moment of sending. Refuses sending.NotWanted."""
    user = User.objects.filter(pk=notice.user_id, deactivated_at=None).first()
    if user is None:
        raise sending.NotWanted
    life = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return {"link": address(user), "expires_at": (now + life).isoformat()}


@port.job(max_attempts=5)
def send_link(*, user_id: int) -> None:
    """Jobs that a release before this one has queued."""
    if user := User.objects.filter(pk=user_id).first():
        ask(user)
