"""What all people who press something have in common: the rows to choose from, and what an answer means."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from chaos import preparing
from chaos.browser import Browser, Page
from chaos.journal import CONFIRMED, REFUSED, Journal, Promise
from chaos.world import World
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Connection

JAPAN = ZoneInfo("Asia/Tokyo")
RECRUITERS = ("aoki", "baba", "hanako")


def settled(promise: Promise, answer: Page) -> None:
    """Every form of ours answers 303 when it was done; anything else is the page saying why not."""
    done = answer.status == 303 and "/login/" not in answer.location
    promise.outcome = CONFIRMED if done else REFUSED


def choose(rows: list[Any], number: int) -> Any:
    return rows[number % len(rows)] if rows else None


def standing() -> list[Interview]:
    return list(Interview.objects.upcoming(timezone.now()).order_by("pk"))


def links() -> list[Connection]:
    return list(Connection.objects.live().order_by("pk"))


def host(number: int) -> str:
    """自動で選ぶ half of the time, else one by name."""
    connection = choose(links(), number // 2)
    return "auto" if number % 2 or connection is None else str(connection.pk)


class Presser:
    """Somebody with browsers: what the rooms of deeds (people.py, offers.py) build on."""

    world: World
    facts: dict[str, Any]
    journal: Journal

    def browser(self, who: str, number: int) -> Browser:
        raise NotImplementedError

    def anybody(self, number: int) -> Browser:
        raise NotImplementedError

    def moment(self, when: int, hour: int) -> datetime:
        first, hours = date.fromisoformat(self.facts["first_day"]), preparing.HOURS
        on = date.fromordinal(first.toordinal() + when % self.facts["days"])
        return datetime(on.year, on.month, on.day, hours[hour % len(hours)], tzinfo=JAPAN)
