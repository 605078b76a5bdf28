"""The addresses of zoom: the settings page, linking, the app, the webhook."""

from typing import Any

from django.utils import timezone

from mensetsu.zoom.models import App, Connection


def furnish(world: Any) -> None:
    """Baba's own linked account."""
    world.zoom_app = App.objects.create(
        organization=world.people.company, key="f" * 32, updated_at=timezone.now()
    )
    world.link = Connection.objects.create(
        organization=world.people.company,
        owner=world.people.baba,
        email="hitoku@example.com",
        zoom_user_id="furnished-for-zoom",
        connected_at=timezone.now(),
    )


def _link(world: Any) -> tuple[int]:
    return (world.link.pk,)


ADDRESSES = {
    "zoom:settings": None,
    "zoom:authorize": None,
    "zoom:return": None,
    "zoom:different": None,
    "zoom:approval": None,
    "zoom:use": _link,
    "zoom:check": _link,
    "zoom:disconnect": _link,
    "zoom:app": None,
    "zoom:try_out": None,
    "zoom:webhook": lambda world: (world.zoom_app.key,),
}

ROLES = {
    # Everybody who works here may link an account of their own.
    "zoom:settings": "anyone",
    "zoom:authorize": "anyone",
    "zoom:return": "anyone",
    "zoom:different": "anyone",
    "zoom:approval": "anyone",
    "zoom:use": "own",
    "zoom:check": "own",
    "zoom:disconnect": "own",
    "zoom:app": "admin",
    "zoom:try_out": "admin",
}
