"""What is wrong or missing, as (tone, sentence). Reads only; asking Zoom is the business of setting_up and checking."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from mensetsu.accounts.models import Organization
from mensetsu.zoom import ending, limit_words, rights, setting_up, tokens
from mensetsu.zoom.models import App, Connection, Problem

Finding = tuple[str, str]
# So long the end of a link that hosts nothing is news.
NEWS = timedelta(days=7)


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


@dataclass(frozen=True)
class Ended:
    """An account whose link ended though nobody here wanted it to, and how many coming meetings it was to host."""

    link: Connection
    coming: int


def ended(organization: Organization, *, now: datetime) -> list[Ended]:
    """Those that somebody must link again. Without coming meetings an end is told for a week, unless the account or its
    owner has another link by now; meetings follow their Zoom user to its new link (zoom.following)."""
    links = Connection.objects.filter(organization=organization)
    coming = Q(meetings__canceled_at=None, meetings__lost_at=None, meetings__ends_at__gt=now)
    lost = links.exclude(ended_at=None).exclude(end_reason__in=ending.WANTED)
    lost = lost.annotate(coming=Count("meetings", filter=coming)).select_related("owner")
    same_account = ~Q(zoom_user_id="") & Q(zoom_user_id=OuterRef("zoom_user_id"))
    same_owner = Q(owner=OuterRef("owner"), is_shared=OuterRef("is_shared"))
    news = Q(ended_at__gt=now - NEWS) & ~Exists(links.live().filter(same_account | same_owner))
    return [
        Ended(link, link.coming) for link in lost.filter(Q(coming__gt=0) | news).order_by("ended_at", "pk")
    ]


def of_limits(organization: Organization, *, now: datetime) -> list[Finding]:
    """Zoom's limits that are near or reached, and until when."""
    links = list(Connection.objects.live().filter(organization=organization).order_by("pk"))
    said = limit_words.of_links(links, now=now)
    return [
        ("info", _("%(account)s: %(problem)s") % {"account": link, "problem": sentence})
        for link in links
        for sentence in said[link.pk]
    ]


def _of_address() -> list[Finding]:
    """https://developers.zoom.us/docs/build-flow/basic-info/oauth-info/ and the changelog on PKCE loopback."""
    parts = urlsplit(settings.BASE_URL)
    if parts.hostname == "localhost":
        return [("error", _("Zoom refuses localhost. Open this installation as http://127.0.0.1 instead."))]
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        return [("error", _("Zoom returns only to addresses with https:// (or to http://127.0.0.1)."))]
    return []
