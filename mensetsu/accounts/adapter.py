"""Where the login library asks us: nobody signs up by themselves, its mails are our notices, its flashes our words."""

import math
import time
from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mensetsu.accounts import personalizing, resetting
from mensetsu.accounts.models import Language, User

# Says "somebody was logged in here", so that the login page can tell an ended session from a first visit.
SEEN_COOKIE = "mensetsu_seen"
_FLASHES = {"account/messages/password_changed.txt": gettext_lazy("The password was changed.")}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("Email or password is incorrect."),
        "enter_current_password": gettext_lazy("The current password is incorrect."),
        "invalid_password_reset": gettext_lazy("This link does not work any more."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """The library's limit on wrong passwords, told with the time from which it is worth trying again."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            raise self._locked(request, **credentials) from None

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        # The login form has said so already; this is only the way home of any other flow.
        return redirect("account_login")

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """A language chosen on the login page becomes the person's own."""
        response = super().post_login(request, user, **options)
        remember_arrival(request, response, user)
        return response

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:profile")

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        resetting.ask(user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError(f"{template_prefix}: every mail of ours is a notice")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template in _FLASHES:
            messages.add_message(request, level, str(_FLASHES[message_template]))

    def ajax_response(
        self, request: HttpRequest, response: HttpResponse, form: Form | None = None, **options: Any
    ) -> HttpResponse:
        # The library answers JSON to whoever asks for it; our pages are the only interface.
        return response

    def _locked(self, request: HttpRequest, **credentials: Any) -> ValidationError:
        until, minutes = self._lock(request, **credentials)
        moment = timezone.localtime(until)
        sentence = _(
            "Too many attempts. Logging in is locked for %(minutes)s minutes. Try again after %(time)s."
        )
        return ValidationError(
            sentence % {"minutes": minutes, "time": f"{moment:%H:%M}"}, code="too_many_login_attempts"
        )

    def _lock(self, request: HttpRequest, **credentials: Any) -> tuple[datetime, int]:
        """Until when the limit that is full holds, counted from the last wrong attempt, and its length in minutes."""
        key = self._get_login_attempts_cache_key(request, **credentials)
        until, length = time.time(), 60.0
        for rate in ratelimit.get_rates(app="allauth.account", action="login_failed"):
            slot = ratelimit.get_cache_key(
                request, app="allauth.account", action="login_failed", rate=rate, key=key
            )
            attempts = cache.get(slot, [])
            if len(attempts) >= rate.amount and attempts[0] + rate.duration > until:
                until, length = attempts[0] + rate.duration, rate.duration
        # Rounded up to the minute that is shown: at that minute it does work.
        until = math.ceil(until / 60) * 60
        return datetime.fromtimestamp(until, tz=timezone.get_current_timezone()), math.ceil(length / 60)


def remember_arrival(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """After a login: the language cookie is used up, and the browser knows that somebody works here."""
    from_cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if from_cookie in Language.values and from_cookie != user.language:
        personalizing.choose_language(user, language=from_cookie)
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    response.set_cookie(
        SEEN_COOKIE,
        "1",
        max_age=365 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
