"""The addresses of accounts and of the login library's pages that we use."""

from datetime import date
from typing import Any

from django.utils import timezone

from mensetsu.accounts import inviting
from mensetsu.accounts.models import CompanyHoliday, Role
from tests import story


def furnish(world: Any) -> None:
    company = world.people.company
    world.holiday = CompanyHoliday.objects.create(
        organization=company, on=date(2026, 12, 30), name="年末年始"
    )
    world.invited = story.user(
        company,
        "invited@sample.example.jp",
        "招待",
        "待子",
        Role.RECRUITER,
        invited_at=timezone.now(),
        joined_at=None,
    )


def _member(world: Any) -> tuple[int]:
    return (world.people.doi.pk,)


def _invitation(world: Any) -> tuple[str]:
    return (inviting.address(world.invited).rstrip("/").rpartition("/")[2],)


ADDRESSES = {
    "account_login": None,
    "account_logout": None,
    "account_change_password": None,
    "account_reset_password": None,
    "account_reset_password_done": None,
    "account_reset_password_from_key": lambda world: ("1", "set-password"),
    "account_reset_password_from_key_done": None,
    "accounts:language": None,
    "accounts:profile": None,
    "accounts:join": _invitation,
    "accounts:staff": None,
    "accounts:invite": None,
    "accounts:member": _member,
    "accounts:change_role": _member,
    "accounts:invite_again": lambda world: (world.invited.pk,),
    "accounts:deactivate": _member,
    "accounts:reactivate": _member,
    "accounts:organization": None,
    "accounts:add_holiday": None,
    "accounts:remove_holiday": lambda world: (world.holiday.pk,),
}

ROLES = {
    "account_change_password": "anyone",
    "accounts:profile": "anyone",
    "accounts:staff": "admin",
    "accounts:invite": "admin",
    "accounts:member": "admin",
    "accounts:change_role": "admin",
    "accounts:invite_again": "admin",
    "accounts:deactivate": "admin",
    "accounts:reactivate": "admin",
    "accounts:organization": "admin",
    "accounts:add_holiday": "admin",
    "accounts:remove_holiday": "admin",
}
