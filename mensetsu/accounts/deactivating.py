"""A colleague leaves, comes back, or does another job here. There is always an administrator left."""

from datetime import datetime

from django.db import transaction

from mensetsu.accounts import organizing
from mensetsu.accounts.models import Role, User
from mensetsu.history import recording


class LastAdministrator(Exception):
    """Nobody could manage the company any more: make somebody else administrator first."""


class Oneself(Exception):
    """An administrator cannot lock their own door: another one must do it."""


@transaction.atomic
def deactivate(user: User, *, by: User, now: datetime) -> None:
    """From now the person cannot log in, and every running session of theirs is over.

    Their interviews and their linked Zoom account stay as they are, for somebody to take over. Done already: nothing
    changes. Refusals: Oneself, LastAdministrator."""
    if user.pk == by.pk:
        raise Oneself
    organizing.one_at_a_time(user.organization_id)
    if _is_last_administrator(user):
        raise LastAdministrator
    working = User.objects.filter(pk=user.pk, deactivated_at=None)
    if not working.update(deactivated_at=now, deactivated_by=by, sessions_ended_at=now):
        return
    user.refresh_from_db()
    _record("staff.deactivated", user, by, now)


@transaction.atomic
def reactivate(user: User, *, by: User, now: datetime) -> None:
    """The person can log in again, with the password they had. Working already: nothing changes."""
    if (
        User.objects.filter(pk=user.pk)
        .exclude(deactivated_at=None)
        .update(deactivated_at=None, deactivated_by=None)
    ):
        user.refresh_from_db()
        _record("staff.reactivated", user, by, now)


@transaction.atomic
def change_role(user: User, *, role: str, by: User, now: datetime) -> None:
    """What the person may do from their next click on. Refusals: LastAdministrator."""
    organizing.one_at_a_time(user.organization_id)
    before = User.objects.values_list("role", flat=True).get(pk=user.pk)
    if role == before:
        return
    if role != Role.ADMIN and _is_last_administrator(user):
        raise LastAdministrator
    User.objects.filter(pk=user.pk).update(role=role)
    user.role = role
    _record("staff.role_changed", user, by, now, role=role, role_before=before)


def _is_last_administrator(user: User) -> bool:
    """True when nobody else who can log in now is one. Somebody invited cannot log in yet."""
    able = User.objects.working().filter(
        organization_id=user.organization_id, role=Role.ADMIN, joined_at__isnull=False
    )
    return able.filter(pk=user.pk).exists() and not able.exclude(pk=user.pk).exists()


def _record(action: str, user: User, by: User, now: datetime, **facts: str) -> None:
    recording.record(
        action, subject=user, organization_id=user.organization_id, by=by, at=now, name=str(user), **facts
    )
