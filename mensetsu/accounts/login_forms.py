"""What is typed at the door. The library checks; labels, hints and refusals are ours."""

from typing import Any

from allauth.account import forms as library
from django import forms as django_forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import names
from mensetsu.web import forms


class LoginAddressField(forms.EmailField):
    """A mail address as login name, in any width and case."""

    def to_python(self, value: Any) -> str:
        return names.login(super().to_python(value) or "")


def _address(label: Any) -> LoginAddressField:
    attributes = {"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"}
    return LoginAddressField(label=label, max_length=254, widget=django_forms.EmailInput(attributes))


def _password(label: Any, autocomplete: str, hint: Any = "") -> django_forms.CharField:
    attributes = {"autocomplete": autocomplete, "data-password": ""}
    return django_forms.CharField(
        label=label, help_text=hint, strip=False, widget=django_forms.PasswordInput(attributes)
    )


class LoginForm(forms.Form, library.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = _address(_("Email address"))
        self.fields["password"] = _password(_("Password"), "current-password")

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.user is not None and not self.user.is_active:
            # Only whoever knows the password reads this, so it tells a stranger nothing.
            raise django_forms.ValidationError(
                _("This account is deactivated. Contact an administrator of %(company)s.")
                % {"company": self.user.organization.name}
            )
        return cleaned


class ResetPasswordForm(forms.Form, library.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = _address(_("Email address"))


class _NewPassword:
    """Two equal new passwords that the validators accept. The form has `self.user`."""

    fields: dict[str, Any]
    cleaned_data: dict[str, Any]
    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("10 characters or more. A sentence that only you know is easy to remember.")
        self.fields["password1"] = _password(_("New password"), "new-password", hint)
        self.fields["password2"] = _password(_("New password (again)"), "new-password")

    def clean_password1(self) -> str:
        typed = self.cleaned_data["password1"]
        password_validation.validate_password(typed, self.user)
        return typed

    def clean_password2(self) -> str:
        first, again = self.cleaned_data.get("password1"), self.cleaned_data["password2"]
        if first is not None and first != again:
            raise django_forms.ValidationError(_("The two passwords differ. Enter the same one twice."))
        return again


class NewPasswordForm(_NewPassword, forms.Form, library.ResetPasswordKeyForm):
    """At the end of the link in the mail."""


class ChangePasswordForm(_NewPassword, forms.Form, library.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = _password(_("Current password"), "current-password")


class JoinForm(_NewPassword, forms.Form):
    """The invited person's first password."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
