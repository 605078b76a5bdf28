"""The doctor's questions about Zoom: each company's app, what Zoom says to it, and the linked accounts."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from mensetsu.accounts.models import Organization
from mensetsu.operating.finding import Finding, State, error, note, ok, warning
from mensetsu.zoom import diagnosing, leaving, setting_up, tokens
from mensetsu.zoom.models import App, Connection

WHERE = "設定 → Zoomアプリ (docs/zoom-app.md)"
ASKED = {
    "refused": (
        "Zoom refuses the client ID or the client secret.",
        f"Copy both again from the Zoom Marketplace: {WHERE}.",
    ),
    "disabled": (
        "Zoom has switched this app off.",
        "Ask Zoom, or look at the app's page in the Zoom Marketplace.",
    ),
}


def companies(now: datetime) -> list[Finding]:
    """Every company's app and links; with the installation's keys when a company has none of its own."""
    found = [each for organization in Organization.objects.order_by("pk") for each in of(organization, now)]
    return found or [
        note("zoom", "There is no company yet: manage.py create_organization makes the first one.")
    ]


def of(organization: Organization, now: datetime) -> list[Finding]:
    """One company. Asks Zoom whether it takes the app's keys, and keeps the answer for the app's page."""
    check = f"zoom {organization}"
    app = App.objects.filter(organization=organization).first() or App(organization=organization)
    try:
        if not setting_up.has_app(organization):
            next_ = f"Register an app and enter its keys: {WHERE}."
            return [warning(check, "There is no Zoom app: nobody can connect Zoom.", next_)]
        answer = setting_up.try_out(app, now=now)
        found = [*_of_answer(check, app, answer), *_of_set_up(check, app)]
    except tokens.WrongTokenKey as problem:
        return [error(check, f"{problem}.", "Put that key back behind the others and restart.")]
    if not [each for each in found if each.state in (State.ERROR, State.WARNING)]:
        found.insert(0, ok(check, "Zoom takes the app's keys, and nothing is missing."))
    return [*found, note(check, f"Its redirect address at Zoom must read {leaving.redirect_uri()}")]


def _of_answer(check: str, app: App, answer: str) -> list[Finding]:
    if answer in ASKED:
        return [error(check, *ASKED[answer])]
    if answer == "away":
        base = app.oauth_base or settings.ZOOM_OAUTH_BASE
        return [
            error(
                check,
                f"Zoom does not answer at {base}.",
                "Check the network, DNS and the firewall of this machine.",
            )
        ]
    return []


def _of_set_up(check: str, app: App) -> list[Finding]:
    """What diagnosing says on the app's page, less what Zoom has just said itself."""
    found = []
    app.refused_at = None
    with translation.override("en"):
        for tone, sentence in [*diagnosing.of_app(app), *diagnosing.of_links(app.organization)]:
            state = {"error": State.ERROR, "warning": State.WARNING}.get(tone, State.NOTE)
            found.append(Finding(check, state, sentence, "" if state == State.NOTE else f"See {WHERE}."))
    if (
        app.pk
        and tokens.secret_token(app)
        and not app.heard_at
        and Connection.objects.live().of_app(app).exists()
    ):
        hook = settings.BASE_URL + reverse("zoom:webhook", args=[app.key])
        found.append(note(check, f"No message of Zoom has come yet; its event address must read {hook}"))
    return found
