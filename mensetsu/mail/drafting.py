"""Unfinished texts: one per author and letter, kept while they type and brought back when a sending is undone."""

from collections.abc import Sequence
from datetime import datetime

from mensetsu.accounts import models as accounts
from mensetsu.mail.models import Draft, Template


def keep(
    *,
    author: accounts.User,
    about: str,
    template: Template | None,
    subject: str,
    body: str,
    recipients: Sequence[str],
    now: datetime,
    is_used: bool = False,
    is_typed: bool = False,
) -> Draft:
    """Save the text as it stands. `is_used`: it has been sent; it no longer opens by itself. `is_typed`: the page saves
    by itself, and may come after the press that sent these very words; then they stay sent."""
    if is_typed:
        same = Draft.objects.filter(author=author, about=about, subject=subject[:250], body=body)
        if sent := same.exclude(used_at=None).first():
            return sent
    draft, _is_new = Draft.objects.update_or_create(
        author=author,
        about=about,
        defaults={
            "template": template,
            "subject": subject[:250],
            "body": body,
            "recipients": list(recipients),
            "saved_at": now,
            "used_at": now if is_used else None,
        },
    )
    return draft


def reopen(*, author: accounts.User, about: str) -> None:
    """The sending was undone: the text is unfinished again."""
    Draft.objects.filter(author=author, about=about).update(used_at=None)
