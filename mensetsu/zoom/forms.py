"""What is typed about Zoom: the app's keys, and how the team uses a linked account."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms as django_forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mensetsu.web import forms
from mensetsu.zoom.connecting import CAPACITIES
from mensetsu.zoom.models import App, Connection

ZOOM_DOMAINS = ("zoom.us", "zoom.com", "zoomgov.com", "zoom.com.cn")


class AppForm(forms.Form):
    """The keys of the company's app. What is stored as a secret is never shown again; empty keeps it."""

    client_id = django_forms.CharField(label=gettext_lazy("Client ID"), max_length=120)
    client_secret = django_forms.CharField(
        label=gettext_lazy("Client Secret"),
        max_length=200,
        required=False,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    secret_token = django_forms.CharField(
        label=gettext_lazy("Secret Token"),
        max_length=200,
        required=False,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    oauth_base = django_forms.CharField(
        label=gettext_lazy("Address of Zoom's authorization"), max_length=200, required=False
    )
    api_base = django_forms.CharField(
        label=gettext_lazy("Address of Zoom's API"), max_length=200, required=False
    )

    def __init__(self, *args: Any, app: App, **kwargs: Any) -> None:
        initial = {"client_id": app.client_id, "oauth_base": app.oauth_base, "api_base": app.api_base}
        super().__init__(*args, initial=initial, **kwargs)
        # Only the first time; afterwards an empty field keeps what is stored.
        self.fields["client_secret"].required = not app.client_secret_sealed

    def clean_client_id(self) -> str:
        return _client_id(self.cleaned_data["client_id"])

    def clean_client_secret(self) -> str:
        return _secret(self.cleaned_data["client_secret"])

    def clean_secret_token(self) -> str:
        return _secret(self.cleaned_data["secret_token"])

    def clean_oauth_base(self) -> str:
        return _zoom_address(self.cleaned_data["oauth_base"], settings.ZOOM_OAUTH_BASE)

    def clean_api_base(self) -> str:
        return _zoom_address(self.cleaned_data["api_base"], settings.ZOOM_API_BASE)


class UseForm(forms.Form):
    """How the team uses a linked account. Only administrators see the capacity."""

    label = django_forms.CharField(
        label=gettext_lazy("Name used in this company"), max_length=80, required=False
    )
    use = django_forms.ChoiceField(
        label=gettext_lazy("Used by"),
        choices=[
            ("shared", gettext_lazy("Shared by the recruiting team")),
            ("own", gettext_lazy("Only the person who connected it")),
        ],
        widget=django_forms.RadioSelect,
    )
    capacity = django_forms.TypedChoiceField(
        label=gettext_lazy("Meetings at the same time"),
        choices=[(str(number), str(number)) for number in CAPACITIES],
        coerce=int,
        widget=django_forms.RadioSelect,
    )

    def __init__(self, *args: Any, connection: Connection, may_set_capacity: bool, **kwargs: Any) -> None:
        initial = {
            "label": connection.label,
            "use": "shared" if connection.is_shared else "own",
            "capacity": connection.capacity,
        }
        super().__init__(*args, initial=initial, **kwargs)
        if not may_set_capacity:
            del self.fields["capacity"]


def _client_id(text: str) -> str:
    """Letters, digits, _ and -. A sentence pasted by mistake would only be refused later, on a page of Zoom's."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValidationError(
            _("The client ID consists of letters, digits, “_” and “-” only. Copy it again from Zoom.")
        )
    return text


def _secret(text: str) -> str:
    """Nothing is shown of a secret, so a second line or a space copied with it would never be noticed."""
    if not re.fullmatch(r"[!-~]*", text):
        raise ValidationError(
            _("Enter it without spaces or line breaks, in half-width characters. Copy it again from Zoom.")
        )
    return text


def _zoom_address(text: str, default: str) -> str:
    """Empty, or an address of Zoom (or the one that this installation uses): secrets are sent there."""
    address = text.strip().rstrip("/")
    if not address or address == default:
        return address
    parts = urlsplit(address)
    host = parts.hostname or ""
    is_zoom = any(host == domain or host.endswith("." + domain) for domain in ZOOM_DOMAINS)
    if parts.scheme != "https" or not is_zoom:
        raise ValidationError(_("Enter an address of Zoom that begins with https://."))
    return address
