"""The addresses of people's time. Doi has said some of it; nobody but Doi and the recruiters sees it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from mensetsu.availability import feeding
from mensetsu.availability.models import BusyBlock, FeedKind, TimeOff


def furnish(world: Any) -> None:
    now, doi = timezone.now(), world.people.doi
    world.time_off = TimeOff.objects.create(user=doi, first_on=now.date(), last_on=now.date(), note="秘匿")
    world.busy = BusyBlock.objects.create(
        user=doi, starts_at=now, ends_at=now + timedelta(hours=1), weekly=True, note="秘匿"
    )
    world.feed = feeding.open_feed(doi, kind=FeedKind.OWN, now=now)


def _doi(world: Any) -> tuple[int]:
    return (world.people.doi.pk,)


ADDRESSES = {
    "availability:mine": None,
    "availability:people": None,
    "availability:person": _doi,
    "availability:say_week": _doi,
    "availability:forget_week": _doi,
    "availability:take_off": _doi,
    "availability:come_back": lambda world: (world.time_off.pk,),
    "availability:block": _doi,
    "availability:unblock": lambda world: (world.busy.pk,),
    "availability:feeds": None,
    "availability:open_feed": None,
    "availability:renew_feed": None,
    "availability:revoke_feed": None,
    "interviews:unfitting": _doi,
    "interviews:feed": lambda world: (feeding.token(world.feed),),
}

ROLES = {
    "availability:mine": "anyone",
    "availability:person": "own",
    "availability:say_week": "own",
    "availability:forget_week": "own",
    "availability:take_off": "own",
    "availability:come_back": "own",
    "availability:block": "own",
    "availability:unblock": "own",
    "interviews:unfitting": "own",
    "availability:feeds": "anyone",
    "availability:open_feed": "anyone",
    "availability:renew_feed": "anyone",
    "availability:revoke_feed": "anyone",
}
