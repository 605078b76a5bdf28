"""A little life for the demo: meetings the users made themselves, which no app knows of."""

from __future__ import annotations

from . import meetings
from .clock import DAY
from .world import World

STORY = [
    ("recruit@sample.example.jp", "採用定例", 1, 10, 60),
    ("hanako@sample.example.jp", "人事部 朝会", 1, 1, 30),
    ("hanako@sample.example.jp", "新卒説明会の打ち合わせ", 3, 6, 60),
]


def tell_story(world: World) -> None:
    """Make each meeting so many days from now, at so many hours GMT."""
    today = world.clock.now() // DAY * DAY
    for email, topic, days, hours, minutes in STORY:
        host = world.user(email)
        if host is None:
            continue
        given = {
            "topic": topic,
            "start_time": today + days * DAY + hours * 3600,
            "duration": minutes,
            "settings": {},
        }
        meetings.create(world, host=host, assistant=host, given=given, source="Zoom", via="web_portal")
