"""The invited person's page, behind nothing but the link in the mail."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from mensetsu.accounts import inviting
from mensetsu.accounts.adapter import remember_arrival
from mensetsu.accounts.login_forms import JoinForm
from mensetsu.accounts.models import User
from mensetsu.web.answers import SeeOther, refused

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form and changes nothing, because mail scanners open links; POST sets the password."""
    try:
        user = inviting.find(token, now=timezone.now())
        with translation.override(_language(request, user.language)):
            return _answer(request, user)
    except inviting.LinkBroken:
        return _over(request, "broken", 404)
    except inviting.LinkOver as over:
        with translation.override(_language(request, over.user.language)):
            return _over(request, type(over).__name__, 410, over.user)


def _answer(request: HttpRequest, user: User) -> HttpResponse:
    form = JoinForm(_typed(request), user=user)
    context = {"form": form, "person": user, "until": user.invitation_ends_at}
    if request.method != "POST":
        return render(request, "accounts/join.html", context)
    if not form.is_valid():
        return refused(request, "accounts/join.html", context)
    inviting.join(user, password=form.cleaned_data["password1"], now=timezone.now())
    login(request, user, backend=BACKEND)
    messages.success(request, _("Welcome. You are logged in to Mensetsu."))
    response = SeeOther(request, "home")
    remember_arrival(request, response, user)
    return response


def _over(request: HttpRequest, why: str, status: int, user: User | None = None) -> HttpResponse:
    return render(request, "accounts/join_over.html", {"why": why, "person": user}, status=status)


def _language(request: HttpRequest, own: str) -> str:
    """The person's language, unless they used the switch on this page."""
    return translation.get_language() if settings.LANGUAGE_COOKIE_NAME in request.COOKIES else own


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
