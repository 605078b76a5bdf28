"""Everybody's own page, and the switch of language that works before login too."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mensetsu.accounts import forms, personalizing
from mensetsu.accounts.models import Language, User
from mensetsu.web.answers import SeeOther, refused


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remembered on the person, or before login in a cookie; then back to the page they were on."""
    language = request.POST.get("language", "")
    response = SeeOther(request, _way_back(request))
    if language not in Language.values:
        return response
    if request.user.is_authenticated:
        personalizing.choose_language(request.user, language=language)
    else:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    return response


def profile(request: HttpRequest) -> HttpResponse:
    # A row of its own: what is typed and refused must not show up in the page's frame.
    person = User.objects.visible_to(request.user).get(pk=request.user.pk)
    form = forms.ProfileForm(_typed(request), instance=person)
    if request.method != "POST":
        return render(request, "accounts/profile.html", {"form": form})
    if not form.is_valid():
        return refused(request, "accounts/profile.html", {"form": form})
    personalizing.describe(person, now=timezone.now(), **form.cleaned_data)
    with translation.override(person.language):
        messages.success(request, _("Your profile is saved."))
    return SeeOther(request, "accounts:profile")


def _way_back(request: HttpRequest) -> str:
    """`next` if it is a page of ours, else the home page."""
    wish = request.POST.get("next", "")
    if wish.startswith("/") and url_has_allowed_host_and_scheme(
        wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wish
    return "/"


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
