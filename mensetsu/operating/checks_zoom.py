"""The doctor's questions about Zoom: each company's app, what Zoom says to it, and the linked accounts."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from mensetsu.accounts.models import Organization
from mensetsu.operating.finding import Finding, State, error, note, ok, warning
from mensetsu.zoom import checking, diagnosing, leaving, setting_up, tokens
from mensetsu.zoom.models import App, Connection, EndReason

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
    """One company. Asks Zoom whether it takes the app's keys, and keeps the answer for the app's page; then who each
    linked account is, as the daily look does."""
    check = f"zoom {organization}"
    app = App.objects.filter(organization=organization).first() or App(organization=organization)
    try:
        if not setting_up.has_app(organization):
            return [_of_no_app(check, organization)]
        answer = setting_up.try_out(app, now=now)
        if answer == "ok":
            _ask_links(organization, now)
        found = [*_of_answer(check, app, answer), *_of_set_up(check, app, now), *_of_ended(app, now)]
    except tokens.WrongTokenKey as problem:
        return [error(check, f"{problem}.", "Put that key back behind the others and restart.")]
    except ValueError:
        sentence = "Nothing could be asked: what stands in MENSETSU_TOKEN_KEYS is not a key."
        return [error(check, sentence, "Repair the keys first, then ask again.")]
    if not [each for each in found if each.state in (State.ERROR, State.WARNING)]:
        found.insert(0, ok(check, "Zoom takes the app's keys, and nothing is missing."))
    return [*found, note(check, f"Its redirect address at Zoom must read {leaving.redirect_uri()}")]


def _of_no_app(check: str, organization: Organization) -> Finding:
    """Before the first account is linked something is still to be done; afterwards something was lost."""
    if links := Connection.objects.live().filter(organization=organization).count():
        sentence = f"The Zoom app's client ID or secret is gone: {links} linked accounts can do nothing."
        next_ = (
            f"Enter both again as they were ({WHERE}; or ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET, and restart): the "
            "links go on. Another app's would need every account linked anew."
        )
        return error(check, sentence, next_)
    next_ = f"Register an app and enter its keys: {WHERE}."
    return warning(check, "There is no Zoom app: nobody can connect Zoom.", next_)


def _ask_links(organization: Organization, now: datetime) -> None:
    """Only Zoom knows whether a link still lives. Whoever renews does so by the one door (zoom.tokens): a worker at the
    same moment waits for the new pair, and none is used up twice."""
    began = time.monotonic()
    for link in Connection.objects.live().filter(organization=organization).order_by("pk"):
        # Each at its own moment: many links, and some that Zoom lets wait, take a while.
        checking.check_link(link, now=now + timedelta(seconds=time.monotonic() - began))


def _of_ended(app: App, now: datetime) -> list[Finding]:
    found = []
    for one in diagnosing.ended(app.organization, now=now):
        with translation.override("en"):
            owner, cause = one.link.owner.name_in("en"), EndReason(one.link.end_reason).label
            sentence = f"{one.link} (linked by {owner}) is connected no more ({cause})."
        if one.coming:
            needed = f"{one.coming} coming meeting{' needs' if one.coming == 1 else 's need'} it."
            next_ = (
                f"Let {owner} connect it again (設定 → Zoom連携設定), or change the host of those interviews."
            )
            found.append(error(f"zoom {app.organization}", f"{sentence} {needed}", next_))
        else:
            next_ = f"If it is still wanted, let {owner} connect it again (設定 → Zoom連携設定)."
            found.append(warning(f"zoom {app.organization}", sentence, next_))
    return found


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


def _of_set_up(check: str, app: App, now: datetime) -> list[Finding]:
    """What diagnosing says on the app's page, less what Zoom has just said itself."""
    found = []
    app.refused_at = None
    with translation.override("en"):
        of_company = [
            *diagnosing.of_links(app.organization),
            *diagnosing.of_limits(app.organization, now=now),
        ]
        for tone, sentence in [*diagnosing.of_app(app), *of_company]:
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
