"""What everybody sets for themselves: name, language, clock, look of the pages."""

from datetime import datetime
from typing import Any

from mensetsu.accounts.models import User


def choose_language(user: User, *, language: str) -> None:
    """Pages and notices for this person are in that language from now on."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language


def describe(user: User, *, has_shortcuts: bool, now: datetime, **values: Any) -> None:
    """Set the person's own fields. Shortcuts that are off already keep the moment at which they went off."""
    for name, value in values.items():
        setattr(user, name, value)
    if has_shortcuts:
        user.shortcuts_off_at = None
    elif user.has_shortcuts:
        user.shortcuts_off_at = now
    user.save(update_fields=[*values, "shortcuts_off_at"])
