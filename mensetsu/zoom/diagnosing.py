"""What is wrong or missing, as (tone, sentence). Reads only; asking Zoom is the business of setting_up and checking."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from mensetsu.accounts.models import Organization
from mensetsu.zoom import rights, setting_up, tokens
from mensetsu.zoom.models import App, Connection, Problem

Finding = tuple[str, str]


def of_app(app: App) -> list[Finding]:
    """The set-up of one company's app."""
    found: list[Finding] = []
    if not setting_up.has_app(app.organization):
        found.append(
            ("warning", _("The client ID or the client secret is missing: nobody can connect Zoom yet."))
        )
    if app.refused_at:
        found.append(("error", _("Zoom refused the client ID or the client secret.")))
    found += _of_address()
    if not tokens.secret_token(app):
        found.append(
            ("warning", _("Without the secret token, Zoom's messages cannot be checked and are not taken."))
        )
    elif app.misheard_at and (not app.heard_at or app.misheard_at > app.heard_at):
        found.append(
            ("warning", _("The last message had a wrong signature. Copy the secret token again from Zoom."))
        )
    return found


def of_links(organization: Organization) -> list[Finding]:
    """The linked accounts of one company: what the last check found, which rights they lack."""
    found: list[Finding] = []
    for link in Connection.objects.live().filter(organization=organization).order_by("pk"):
        if link.check_problem:
            problem = str(Problem(link.check_problem).label)
            found.append(("warning", _("%(account)s: %(problem)s") % {"account": link, "problem": problem}))
        for right in rights.missing(link.scopes):
            facts = {"account": link, "use": right.use, "scope": right.scope}
            sentence = _("%(account)s: a permission is missing to %(use)s (%(scope)s).") % facts
            found.append(("warning" if right.is_required else "info", sentence))
    return found


def _of_address() -> list[Finding]:
    """https://developers.zoom.us/docs/build-flow/basic-info/oauth-info/ and the changelog on PKCE loopback."""
    parts = urlsplit(settings.BASE_URL)
    if parts.hostname == "localhost":
        return [("error", _("Zoom refuses localhost. Open this installation as http://127.0.0.1 instead."))]
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        return [("error", _("Zoom returns only to addresses with https:// (or to http://127.0.0.1)."))]
    return []
