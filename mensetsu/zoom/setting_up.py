"""The company's Zoom app: its keys, and whether Zoom accepts them."""

import secrets
from datetime import datetime

from django.db import transaction

from mensetsu.accounts.models import Organization, User
from mensetsu.history import recording
from mensetsu.jobs import outside
from mensetsu.zoom import client, tokens
from mensetsu.zoom.models import App, Connection


class LinksRemain(Exception):
    """Tokens belong to one app: with another client id, `count` linked accounts would have to be linked anew."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} links")
        self.count = count


def app_of(organization: Organization, *, now: datetime) -> App:
    """The company's app row; made when first looked at, because its key is part of the webhook address."""
    return App.objects.get_or_create(
        organization=organization, defaults={"key": secrets.token_hex(16), "updated_at": now}
    )[0]


def has_app(organization: Organization) -> bool:
    """There are a client id and a secret, the company's own or the installation's."""
    try:
        tokens.app_keys(organization)
    except client.AppRefused:
        return False
    return True


@transaction.atomic
def save(
    app: App,
    *,
    client_id: str,
    client_secret: str,
    secret_token: str,
    oauth_base: str,
    api_base: str,
    by: User,
    now: datetime,
) -> None:
    """Keep the app's keys, encrypted. An empty secret keeps the stored one.

    Refuses LinksRemain for another client id."""
    before = tokens.client_id_of(app)
    app.client_id = client_id
    after = tokens.client_id_of(app)
    links = Connection.objects.live().filter(organization_id=app.organization_id).count()
    if links and after != before:
        raise LinksRemain(links)
    if client_secret:
        app.client_secret_sealed = tokens.seal(client_secret)
    if secret_token:
        app.secret_token_sealed = tokens.seal(secret_token)
    app.oauth_base, app.api_base = oauth_base.rstrip("/"), api_base.rstrip("/")
    app.updated_at, app.refused_at = now, None
    app.save()
    recording.record("zoom_app.changed", subject=app, organization_id=app.organization_id, by=by, at=now)


def try_out(app: App, *, now: datetime) -> str:
    """Ask Zoom whether it knows this client id with this secret: "ok", "refused", "disabled", "missing" or "away"."""
    outside.check()
    try:
        client.probe_app(tokens.app_keys(app.organization))
    except client.AppRefused as problem:
        if problem.why != "missing":
            App.objects.filter(pk=app.pk).update(refused_at=now)
        return {"missing": "missing", "disabled": "disabled"}.get(problem.why, "refused")
    except client.ZoomError:
        return "away"
    App.objects.filter(pk=app.pk).update(refused_at=None)
    return "ok"
