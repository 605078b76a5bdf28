"""The addresses of zoom: the settings page, linking, the app, the webhook."""

from typing import Any

from django.utils import timezone

from mensetsu.zoom.models import App, Connection, Orphan, WhyOrphan


def furnish(world: Any) -> None:
    """Baba's own linked account, and a meeting of nobody at it."""
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
    world.orphan = Orphan.objects.create(
        connection=world.link,
        zoom_id="88400000001",
        reference="11111111-2222-3333-4444-555555555555",
        why=WhyOrphan.UNKNOWN,
        topic="秘匿 花子",
        found_at=timezone.now(),
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
    "zoom:switch": _link,
    "zoom:switch_leave": _link,
    "zoom:switch_finish": _link,
    "zoom:orphans": None,
    "zoom:orphan_remove": lambda world: (world.orphan.pk,),
    "zoom:app": None,
    "zoom:try_out": None,
    "zoom:use_common": None,
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
    "zoom:switch": "own",
    "zoom:switch_leave": "own",
    "zoom:switch_finish": "own",
    "zoom:app": "admin",
    "zoom:try_out": "admin",
    "zoom:use_common": "admin",
}
