"""Views of the list that people keep for themselves, and administrators for everybody."""

from datetime import datetime

from django.db import IntegrityError, transaction

from mensetsu.accounts import models as accounts
from mensetsu.candidates.models import SavedView


class NameTaken(Exception):
    """The person has a view of that name."""


def keep(*, owner: accounts.User, name: str, query: str) -> SavedView:
    """A new view of one's own. Refused with NameTaken."""
    view = SavedView(organization_id=owner.organization_id, owner=owner, name=name, query=query)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as problem:
        raise NameTaken(name) from problem
    return view


def overwrite(view: SavedView, *, query: str) -> None:
    view.query = query
    view.save(update_fields=["query"])


def share(view: SavedView, *, now: datetime | None) -> None:
    """Offered to all colleagues from `now` on; None takes it back."""
    view.shared_at = now
    view.save(update_fields=["shared_at"])


def forget(view: SavedView) -> None:
    view.delete()
