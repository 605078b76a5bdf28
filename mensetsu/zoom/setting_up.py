"""The company's Zoom app: its keys, and whether Zoom accepts them."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from mensetsu.accounts.models import Organization, User
from mensetsu.history import recording
from mensetsu.jobs import outside
from mensetsu.zoom import checking, client, tokens
from mensetsu.zoom.models import App, Connection


class LinksRemain(Exception):
    """Tokens belong to one app: with another client id, `count` linked accounts would have to be linked anew."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} links")
        self.count = count


class NoCommonApp(Exception):
    """This installation has no Zoom app that companies share."""


def app_of(organization: Organization, *, now: datetime) -> App:
    """The company's app row; made when first looked at, because its key is part of the webhook address."""
    return App.objects.get_or_create(
        organization=organization, defaults={"key": secrets.token_hex(16), "updated_at": now}
    )[0]


def has_app(organization: Organization) -> bool:
    """There are a client id and a secret, the company's own or the installation's."""
    return state(organization) != "missing"


def state(organization: Organization) -> str:
    """ "ready", "missing" (no keys) or "refused": Zoom said so of these keys, and nobody can link an account."""
    app = tokens.app_row(organization)
    try:
        tokens.keys_of(app)
    except client.AppRefused:
        return "missing"
    return "refused" if app is not None and app.refused_at else "ready"


def has_common_app() -> bool:
    """The installation has keys that companies without an app of their own share."""
    return bool(settings.ZOOM_CLIENT_ID and settings.ZOOM_CLIENT_SECRET)


def links_in_the_way(app: App, *, client_id: str) -> int:
    """How many linked accounts would have to be linked anew if this client id counted instead of the present one."""
    if client_id == tokens.client_id_of(app):
        return 0
    return Connection.objects.live().filter(organization_id=app.organization_id).count()


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
    """Keep the app's keys, encrypted. An empty secret keeps the stored one. What waited for right keys is tried anew.

    Refuses LinksRemain for another client id."""
    if links := links_in_the_way(app, client_id=client_id):
        raise LinksRemain(links)
    app.client_id = client_id
    if client_secret:
        app.client_secret_sealed = tokens.seal(client_secret)
    if secret_token:
        app.secret_token_sealed = tokens.seal(secret_token)
    app.oauth_base, app.api_base = oauth_base.rstrip("/"), api_base.rstrip("/")
    app.updated_at, app.refused_at = now, None
    app.save()
    checking.look_at_troubled(app.organization_id, now=now)
    recording.record("zoom_app.changed", subject=app, organization_id=app.organization_id, by=by, at=now)


@transaction.atomic
def use_common(app: App, *, by: User, now: datetime) -> None:
    """Forget the company's own keys, so that the installation's app counts again. Counting already: nothing changes.

    Refuses NoCommonApp, and LinksRemain: the linked accounts' tokens belong to the app that goes."""
    if not has_common_app():
        raise NoCommonApp
    if not app.client_id:
        return
    if links := links_in_the_way(app, client_id=settings.ZOOM_CLIENT_ID):
        raise LinksRemain(links)
    app.client_id = app.client_secret_sealed = app.secret_token_sealed = ""
    app.oauth_base = app.api_base = ""
    app.updated_at, app.refused_at = now, None
    app.save()
    checking.look_at_troubled(app.organization_id, now=now)
    recording.record("zoom_app.removed", subject=app, organization_id=app.organization_id, by=by, at=now)


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
    with transaction.atomic():
        App.objects.filter(pk=app.pk).update(refused_at=None)
        checking.look_at_troubled(app.organization_id, now=now)
    return "ok"
