"""Can an account hold meetings at all? As far as Zoom has told us of its plan, its user and what the app may do.

What is not known speaks against nobody. https://developers.zoom.us/docs/api/users/ (type, status)"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mensetsu.zoom import rights
from mensetsu.zoom.models import NO_MEETINGS, Connection, Problem


class Unfit(models.TextChoices):
    """Why it cannot; the label stands behind the account's name in a list."""

    UNLICENSED = "unlicensed", gettext_lazy("no meeting license")
    INACTIVE = "inactive", gettext_lazy("not active at Zoom")
    NOT_PERMITTED = "not_permitted", gettext_lazy("permission missing")


# Beside the chosen account: what it means and what helps.
SENTENCES = {
    Unfit.UNLICENSED: gettext_lazy(
        "This Zoom user has no meeting license, so Zoom lets it hold no meeting. Choose another host, or ask your "
        "Zoom administrator to assign a license."
    ),
    Unfit.INACTIVE: gettext_lazy(
        "Zoom says that this user is not active. Choose another host, or ask your Zoom administrator."
    ),
    Unfit.NOT_PERMITTED: gettext_lazy(
        "The Zoom app may not create meetings with this account. Choose another host, or add the scope "
        "meeting:write:meeting to the Zoom app and connect the account again."
    ),
}


def unfit(host: Any) -> str:
    """Why this account can hold no meeting, one of Unfit; "" when nothing is known against it.

    Of whatever has `plan_type`, `check_problem` and `scopes`."""
    if host.plan_type in NO_MEETINGS:
        return Unfit.UNLICENSED
    if host.check_problem == Problem.INACTIVE:
        return Unfit.INACTIVE
    return "" if rights.may_create(host.scopes) else Unfit.NOT_PERMITTED


def fit(hosts: Iterable[Connection]) -> list[Connection]:
    """Those of them that can."""
    return [host for host in hosts if not unfit(host)]


def named(host: Connection, language: str) -> str:
    """The account in a list to choose from, with the reason where it can hold no meeting."""
    name, why = host.name_in(language), unfit(host)
    return _("%(host)s (%(why)s)") % {"host": name, "why": Unfit(why).label} if why else name
