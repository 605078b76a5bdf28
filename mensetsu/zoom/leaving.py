"""Leaving for Zoom's pages and coming back: one ticket per walk, used once, good for ten minutes.

No `scope` goes along: Zoom takes the scopes from the app's own settings and refuses the parameter.
https://developers.zoom.us/docs/integrations/oauth/"""

import secrets
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.conf import settings
from django.urls import reverse

from mensetsu.accounts.models import User
from mensetsu.zoom import tokens

SESSION_KEY = "zoom_walks"
GOOD_FOR = timedelta(minutes=10)
AT_ONCE = 5  # several tabs may be on their way


@dataclass(frozen=True)
class Ticket:
    """What we must remember of one walk. `previous` is the id of the ended link that is to be continued, `switching`
    that of the link which another account is to replace."""

    verifier: str
    begun_at: str
    is_shared: bool = False
    previous: int | None = None
    switching: int | None = None


def redirect_uri() -> str:
    """The address that must be registered at Zoom, to the letter."""
    return settings.BASE_URL + reverse("zoom:return")


def begin(
    session: MutableMapping[str, Any],
    *,
    user: User,
    now: datetime,
    is_shared: bool = False,
    previous: int | None = None,
    switching: int | None = None,
) -> str:
    """Remember a new walk in the session; returns Zoom's address to go to.

    Raises client.AppRefused("missing") when the company has no Zoom app."""
    keys = tokens.app_keys(user.organization)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    walks = dict(session.get(SESSION_KEY) or {})
    walks[state] = asdict(Ticket(verifier, now.isoformat(), is_shared, previous, switching))
    session[SESSION_KEY] = dict(list(walks.items())[-AT_ONCE:])
    query = {
        "response_type": "code",
        "client_id": keys.client_id,
        "redirect_uri": redirect_uri(),
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    return str(add_params_to_uri(f"{keys.oauth_base}/oauth/authorize", list(query.items())))


def take(session: MutableMapping[str, Any], state: str, *, now: datetime) -> Ticket | None:
    """The ticket of this walk; gone after the first look. None when unknown, used, or too old."""
    walks = dict(session.get(SESSION_KEY) or {})
    held = walks.pop(state, None)
    session[SESSION_KEY] = walks
    if held is None:
        return None
    ticket = Ticket(**held)
    return ticket if now - datetime.fromisoformat(ticket.begun_at) <= GOOD_FOR else None
