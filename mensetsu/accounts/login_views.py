"""The door: log in, log out, a forgotten password, a new one.

The library's views, because they hold years of care (limits, timing, the key that leaves the address before the page
is shown). Ours are only the answer to a refused form (422), our forms, and the words of an ended session."""

from typing import Any

from allauth.account import views as library
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from mensetsu.accounts import login_forms, resetting
from mensetsu.accounts.adapter import SEEN_COOKIE


class _Refusing:
    """A form with errors answers 422, like every form of ours."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[attr-defined]


class LoginView(_Refusing, library.LoginView):
    def get_form_class(self) -> Any:
        return login_forms.LoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        came_for = self.get_next_url()
        context["next_url"] = came_for
        context["session_ended"] = bool(came_for and self.request.COOKIES.get(SEEN_COOKIE))
        return context


class LogoutView(library.LogoutView):
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        response.delete_cookie(SEEN_COOKIE)
        messages.success(self.request, _("You are logged out."))
        return response


class PasswordResetView(_Refusing, library.PasswordResetView):
    def get_form_class(self) -> Any:
        return login_forms.ResetPasswordForm


class _Telling:
    """A changed password is told to its owner, in one transaction with the change."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)  # type: ignore[misc]
        resetting.tell_changed(form.user, now=timezone.now())
        return answer


class PasswordResetFromKeyView(_Refusing, _Telling, library.PasswordResetFromKeyView):
    def get_form_class(self) -> Any:
        return login_forms.NewPasswordForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("token_fail", False)
        if kwargs["token_fail"]:
            # There is nobody to set a password for, so there is no form either.
            return {"token_fail": True, "form": None, "view": self}
        return super().get_context_data(**kwargs)

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        if context["token_fail"]:
            options["status"] = 410
        return super().render_to_response(context, **options)


class PasswordChangeView(_Refusing, _Telling, library.PasswordChangeView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not request.user.has_usable_password():
            # They came in without one (single sign-on): the mail is the way to a first one.
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> Any:
        return login_forms.ChangePasswordForm


log_in = LoginView.as_view()
log_out = LogoutView.as_view()
reset = PasswordResetView.as_view()
reset_sent = library.password_reset_done
new_password = PasswordResetFromKeyView.as_view()
new_password_done = library.password_reset_from_key_done
change_password = PasswordChangeView.as_view()


def too_many(request: HttpRequest) -> HttpResponse:
    """429: one of the library's limits per client is full; all of them are per minute."""
    response = render(request, "account/too_many.html", status=429)
    response.headers["Retry-After"] = "60"
    return response
