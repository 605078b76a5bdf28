"""The main menu and the user's menu: what a role can reach, and where the reader stands.

Every page reads it, so an address that does not exist is left out here with a log line instead of taking all pages
down; a test of the house proves that none is missing."""

import logging
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mensetsu.web import addresses

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Item:
    text: str
    href: str
    is_current: bool = False


def viewer(request: Any) -> Any | None:
    """The logged-in person, or None; also on error pages that were made before anybody was looked up."""
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def main_menu(request: Any) -> list[Item]:
    """ホーム 応募者 面接 日程調整 設定 for recruiters; interviewers have 面接 only."""
    user = viewer(request)
    if user is None:
        return []
    entries = [(_("Interviews"), "interviews:mine", "/interviews/")]
    if user.is_recruiter:
        entries = [
            (_("Home"), "home", ""),
            (_("Applicants"), "candidates:list", "/candidates/"),
            *entries,
            (pgettext("page", "Booking pages"), "booking:pages", "/booking/"),
            (_("Settings"), "web:settings", "/settings/"),
        ]
    return _items(entries, request.path)


def user_menu(request: Any) -> list[Item]:
    """What the person's own name opens; logging out is a form beside it, because it changes something."""
    entries = [
        (_("My page"), "interviews:mine", ""),
        (_("Availability"), "availability:mine", ""),
        (_("Zoom connection"), "zoom:settings", ""),
        *([(_("Differences from Zoom"), "interviews:differences", "")] if _is_recruiter(request) else []),
        (_("Profile"), "accounts:profile", ""),
    ]
    return _items(entries, request.path)


def _is_recruiter(request: Any) -> bool:
    user = viewer(request)
    return user is not None and user.is_recruiter


def address(name: str) -> str:
    """The path of a name, or an empty string (and a log line)."""
    try:
        return addresses.page(name)
    except NoReverseMatch:
        log.error("The frame names an address that does not exist: %s", name)
        return ""


def _items(entries: list[tuple[str, str, str]], path: str) -> list[Item]:
    found = []
    for text, name, prefix in entries:
        if href := address(name):
            found.append(Item(text, href, path == href or (bool(prefix) and path.startswith(prefix))))
    return found
