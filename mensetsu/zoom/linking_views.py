"""Linking: leaving for Zoom, coming back, deciding about another account, noting an approval."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther
from mensetsu.zoom import client, connecting, leaving, showing
from mensetsu.zoom.models import Connection

HELD_KEY = "zoom_answer"
REFUSALS = (
    connecting.AlreadyConnected,
    connecting.StillConnected,
    connecting.RightsMissing,
    client.ZoomError,
)


@require_POST
def authorize(request: HttpRequest) -> HttpResponse:
    """Leave for Zoom's own pages."""
    user, previous = request.user, None
    if number := request.POST.get("previous"):
        links = Connection.objects.visible_to(request.user).manageable_by(request.user)
        previous = get_object_or_404(links, pk=numbers.key(number)).pk
    is_shared = request.POST.get("use") == "shared" and user.is_recruiter
    switching = _switched(request, numbers.key(request.POST.get("switching", "")))
    try:
        address = leaving.begin(
            request.session, user=user, now=timezone.now(), is_shared=is_shared, previous=previous,
            switching=switching.pk if switching else None,
        )  # fmt: skip
    except client.AppRefused:
        messages.error(request, _("The Zoom app of this company is not set up yet. Ask an administrator."))
        return SeeOther(request, "zoom:settings")
    return SeeOther(request, address)


@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Back from Zoom: with a code, with a no, or with something that we never asked for."""
    now = timezone.now()
    ticket = leaving.take(request.session, request.GET.get("state", ""), now=now)
    if ticket is None:
        messages.error(request, _("We stopped for your safety. Please connect once more."))
        return SeeOther(request, "zoom:settings")
    code, switched = request.GET.get("code", ""), _switched(request, ticket.switching)
    if request.GET.get("error") or not code:
        return _stayed(request, switched)
    previous = Connection.objects.visible_to(request.user).filter(pk=ticket.previous or 0).first()
    try:
        connection = connecting.connect(
            user=request.user,
            code=code,
            verifier=ticket.verifier,
            redirect_uri=leaving.redirect_uri(),
            is_shared=ticket.is_shared,
            previous=previous,
            unlike=switched if switched and switched.is_live else None,
            now=now,
        )
    except connecting.SameAccount as same:
        sentence = _(
            "This is the present account (%(email)s). Sign out of it at Zoom, then sign in with the new one."
        )
        messages.warning(request, sentence % {"email": same.connection.email})
        return SeeOther(request, "zoom:switch", same.connection.pk)
    except connecting.DifferentAccount as other:
        if switched is not None:
            # A different one is what was wanted.
            return _confirmed(request, other.answer, is_shared=ticket.is_shared)
        held = {"answer": other.answer.held(), "is_shared": ticket.is_shared, "previous": other.previous.pk}
        request.session[HELD_KEY] = held
        return SeeOther(request, "zoom:different")
    except REFUSALS as problem:
        return _told(request, problem, switched)
    if switched is not None and switched.is_live:
        return SeeOther(request, f"{reverse('zoom:switch', args=[switched.pk])}?to={connection.pk}")
    return _welcome(request, connection)


@require_http_methods(["GET", "POST"])
def different(request: HttpRequest) -> HttpResponse:
    """Another account than last time came back: the person decides."""
    held = request.session.get(HELD_KEY)
    if held is None:
        return SeeOther(request, "zoom:settings")
    answer = connecting.Answer.from_held(held["answer"])
    if request.method == "GET":
        previous = get_object_or_404(Connection.objects.visible_to(request.user), pk=held["previous"])
        page = {
            "answer": answer,
            "previous": previous,
            "count": showing.upcoming(previous, timezone.now()).count(),
        }
        return render(request, "zoom/different.html", page)
    del request.session[HELD_KEY]
    if request.POST.get("decision") != "connect":
        connecting.decline(user=request.user, answer=answer)
        messages.info(request, _("You did not connect. Nothing has changed."))
        return SeeOther(request, "zoom:settings")
    return _confirmed(request, answer, is_shared=held["is_shared"])


@require_POST
def note_approval(request: HttpRequest) -> HttpResponse:
    """『管理者の承認が必要です』と表示された: remember it, or forget it again."""
    if request.POST.get("forget"):
        connecting.forget_pending_approval(user=request.user)
    else:
        connecting.note_pending_approval(user=request.user, now=timezone.now())
    return SeeOther(request, "zoom:settings")


def _switched(request: HttpRequest, pk: int | None) -> Connection | None:
    """The link that another account is to replace; it may have been ended for that."""
    return Connection.objects.visible_to(request.user).manageable_by(request.user).filter(pk=pk).first()


def _stayed(request: HttpRequest, switched: Connection | None) -> HttpResponse:
    """The person pressed "no" at Zoom."""
    if switched is not None and not switched.is_live:
        sentence = _("You did not connect another account. %(account)s has been disconnected already.")
        messages.warning(request, sentence % {"account": switched.name_in(get_language() or "ja")})
        return SeeOther(request, "zoom:settings")
    messages.info(request, _("You did not connect. Nothing has changed."))
    return _back(request, switched)


def _confirmed(request: HttpRequest, answer: connecting.Answer, *, is_shared: bool) -> HttpResponse:
    try:
        connection = connecting.confirm(
            user=request.user, answer=answer, is_shared=is_shared, now=timezone.now()
        )
    except REFUSALS as problem:
        return _told(request, problem)
    return _welcome(request, connection)


def _welcome(request: HttpRequest, connection: Connection) -> HttpResponse:
    messages.success(request, _("Connected to Zoom (%(email)s).") % {"email": connection.email})
    return SeeOther(request, "zoom:settings")


def _told(request: HttpRequest, problem: Exception, switched: Connection | None = None) -> HttpResponse:
    messages.error(request, _refusal(problem))
    return _back(request, switched)


def _back(request: HttpRequest, switched: Connection | None) -> HttpResponse:
    """To the steps of a change that goes on, else to the settings."""
    if switched is not None and switched.is_live:
        return SeeOther(request, "zoom:switch", switched.pk)
    return SeeOther(request, "zoom:settings")


def _refusal(problem: Exception) -> str:
    facts: dict[str, Any] = {}
    if isinstance(problem, connecting.AlreadyConnected):
        if problem.owner is None:
            return _("This Zoom account is connected by another company of this installation.")
        facts = {"owner": problem.owner.name_in(get_language() or "ja")}
        return (
            _("This Zoom account is already connected by %(owner)s. That connection stays as it is.") % facts
        )
    if isinstance(problem, connecting.StillConnected):
        facts = {"account": str(problem.connection)}
        return (
            _("You are connected with %(account)s. Disconnect it first, or add this account as shared.")
            % facts
        )
    if isinstance(problem, client.AppRefused):
        return _("Zoom does not accept this company's app settings. Ask an administrator.")
    if isinstance(problem, client.TryLater):
        return _("Zoom isn't responding. Please connect once more in a while.")
    if isinstance(problem, connecting.RightsMissing):
        lacking = [_("%(use)s (%(scope)s)") % {"use": one.use, "scope": one.scope} for one in problem.missing]
        return _(
            "The Zoom app lacks these permissions: %(rights)s. Ask an administrator to add the scopes to the Zoom app, "
            "then connect once more."
        ) % {"rights": ", ".join(lacking) if get_language() == "en" else "、".join(lacking)}
    return _("Zoom did not accept the authorization. Please connect once more.")
