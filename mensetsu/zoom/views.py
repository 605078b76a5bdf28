"""Zoom連携設定: what is linked, linking, checking, unlinking."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.web.answers import SeeOther, refused
from mensetsu.zoom import checking, connecting, forms, showing
from mensetsu.zoom.models import Connection


@require_GET
def settings_page(request: HttpRequest) -> HttpResponse:
    """One look tells whether interviews will work."""
    return render(request, "zoom/settings.html", showing.settings(request.user, now=timezone.now()))


@require_POST
def check(request: HttpRequest, connection_id: int) -> HttpResponse:
    """「接続を確認」: ask Zoom now."""
    connection = get_object_or_404(_manageable(request).live(), pk=connection_id)
    checking.check_link(connection, now=timezone.now())
    if not connection.is_live:
        messages.error(request, _("The connection has ended. Please connect once more."))
    elif connection.check_problem:
        messages.warning(request, showing.unreachable_words(connection))
    else:
        messages.success(request, _("The connection works."))
    return SeeOther(request, "zoom:settings")


@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Name, sharing, and (administrators) how many meetings at once."""
    connection = get_object_or_404(_manageable(request).live(), pk=connection_id)
    if not request.user.is_recruiter:
        return SeeOther(request, "zoom:settings")
    form = forms.UseForm(request.POST or None, connection=connection, may_set_capacity=request.user.is_admin)
    page = {"connection": connection, "form": form}
    if request.method == "GET":
        return render(request, "zoom/use.html", page)
    if not form.is_valid() or not _used(request, connection, form):
        return refused(request, "zoom/use.html", page)
    messages.success(request, _("Saved."))
    return SeeOther(request, "zoom:settings")


@require_http_methods(["GET", "POST"])
def disconnect(request: HttpRequest, connection_id: int) -> HttpResponse:
    """解除: asked once, refused while future meetings remain, with the way out."""
    connection = get_object_or_404(_manageable(request).live(), pk=connection_id)
    now = timezone.now()
    if request.method == "GET":
        remaining = list(showing.upcoming(connection, now))
        template = "zoom/remaining.html" if remaining else "zoom/disconnect.html"
        return render(request, template, showing.remaining(connection, remaining, now=now))
    account = connection.name_in(get_language() or "ja")
    try:
        connecting.disconnect(connection, by=request.user, now=now)
    except connecting.UpcomingMeetingsRemain as problem:
        return refused(
            request, "zoom/remaining.html", showing.remaining(connection, problem.meetings, now=now)
        )
    messages.success(request, _("Disconnected %(account)s.") % {"account": account})
    return SeeOther(request, "zoom:settings")


def _manageable(request: HttpRequest):
    return Connection.objects.visible_to(request.user).manageable_by(request.user)


def _used(request: HttpRequest, connection: Connection, form: forms.UseForm) -> bool:
    now, typed = timezone.now(), form.cleaned_data
    try:
        connecting.set_shared(
            connection, is_shared=typed["use"] == "shared", label=typed["label"], by=request.user, now=now
        )
    except connecting.StillConnected as problem:
        sentence = _("%(owner)s has another account as their own: %(account)s.")
        form.add_error("use", sentence % {"owner": connection.owner, "account": problem.connection})
        return False
    if "capacity" in typed:
        connecting.set_capacity(connection, capacity=typed["capacity"], by=request.user, now=now)
    return True
