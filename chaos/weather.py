"""What goes wrong: Zoom, its news, the mail server, our own processes, and the hands of people in Zoom itself."""

from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

from chaos.world import World, ask

CREATE = {"method": "POST", "path": "/v2/users/*/meetings"}
ONE_MEETING = {"path": "/v2/meetings/*"}
# name: (kind, what more is said to the simulator)
ZOOM: dict[str, tuple[str, dict[str, Any]]] = {
    "server_error": ("server_error", {"times": 2}),
    "dies_after_create": ("server_error", {"commit": "after", "match": CREATE}),
    "create_unanswered": ("drop", {"commit": "after", "match": CREATE}),
    "create_lost": ("drop", {"match": CREATE}),
    "create_slow": ("slow", {"seconds": 2.5, "match": CREATE}),
    "change_unanswered": ("drop", {"commit": "after", "match": ONE_MEETING}),
    "change_fails": ("server_error", {"match": ONE_MEETING, "times": 3}),
    "busy": ("rate_limit", {"which": "second", "times": 3}),
    "xml": ("xml", {"commit": "after"}),
    "broken_json": ("broken_json", {}),
    "token_refused_once": ("invalid_access_token", {}),
    "refresh_unanswered": ("lose_refresh_response", {}),
    "approval_gone": ("preapproval_withdrawn", {}),
    "owner_gone": ("owner_gone", {}),
    "secret_refused": ("invalid_client", {"times": 2}),
    "too_many_at_once": ("rate_limit", {"which": "concurrent", "times": 3}),
    "french": ("french", {"times": 10}),
    "away": ("down", {"times": 6}),
    "slow": ("latency", {"ms": 250, "times": 20}),
}
WEBHOOKS = {
    "news_twice": ("webhook_duplicate", {}), "news_swapped": ("webhook_out_of_order", {}),
    "news_late": ("webhook_delay", {"seconds": 90}), "news_lost": ("webhook_never", {"times": 2}),
    "news_forged": ("webhook_bad_signature", {}),
}  # fmt: skip
SMTP: dict[str, dict[str, Any]] = {
    "mail_unanswered": {"drop_after_data": 1}, "mail_busy": {"delay": ["example.com"]},
    "mail_down": {"down": True}, "mail_slow": {"slow": 1.5},
}  # fmt: skip
ALL = [*ZOOM, *WEBHOOKS, *SMTP]


def turn(world: World, name: str) -> None:
    """Let this go wrong from now on (as often as the table says), until it is calmed."""
    if name in SMTP:
        world.smtp_rules(**SMTP[name])
        return
    kind, more = (ZOOM | WEBHOOKS)[name]
    ask(f"{world.url('zoom')}/sim/faults", {"kind": kind, **more})


def calm(world: World) -> None:
    ask(f"{world.url('zoom')}/sim/faults", method="DELETE")
    world.smtp_rules()


def advance(world: World, seconds: float, set_ahead: Callable[[float], None], now_ahead: float) -> None:
    """Both sides' clocks forward, ours first: Zoom's signatures are then never from our future."""
    set_ahead(now_ahead + seconds)
    world.zoom("clock", {"advance": seconds})


def meddle(world: World, number: str, how: str) -> bool:
    """Somebody opens Zoom and deletes our meeting, or puts it an hour later. False: it was not there any more."""
    try:
        if how == "delete":
            world.zoom(f"meetings/{number}", method="DELETE")
        else:
            world.zoom(f"meetings/{number}", {"duration": 25})
    except HTTPError:
        return False
    return True


def uninstall(world: World, email: str) -> bool:
    return bool(world.zoom("uninstall", {"user": email})["uninstalled"])
