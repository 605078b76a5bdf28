"""What an applicant types when choosing a date, or when none fits."""

from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from mensetsu.booking.models import Invitation
from mensetsu.web import dates
from mensetsu.web.forms import DateField, Form

WISHES = 3
HORIZON = timedelta(days=180)
PARTS = (
    ("any", pgettext_lazy("part of day", "Any time")),
    ("morning", pgettext_lazy("part of day", "Morning")),
    ("afternoon", pgettext_lazy("part of day", "Afternoon")),
    ("evening", pgettext_lazy("part of day", "From 17:00")),
)


class AnswersForm(Form):
    """Asked on the page on which the choice is checked."""

    phone = forms.CharField(
        label=gettext_lazy("Phone number on the day"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    accommodation = forms.CharField(
        label=gettext_lazy("What would help you at the interview"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CancelForm(Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class WishesForm(Form):
    """Up to three wishes, a day and a part of it each; or only words."""

    message = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: QueryDict | None, *, invitation: Invitation, now: datetime) -> None:
        super().__init__(data)
        self.invitation, self.now = invitation, now
        for number in range(1, WISHES + 1):
            self.fields[f"day{number}"] = DateField(
                label=_("Wish %(number)s: date") % {"number": number}, required=False
            )
            self.fields[f"part{number}"] = forms.ChoiceField(
                label=_("Wish %(number)s: time") % {"number": number}, choices=PARTS, required=False
            )
        self.order_fields(
            [*(f"{name}{n}" for n in range(1, WISHES + 1) for name in ("day", "part")), "message"]
        )

    def clean(self) -> dict:
        cleaned = super().clean()
        today = timezone.localdate(self.now)
        for number in range(1, WISHES + 1):
            on = cleaned.get(f"day{number}")
            if on is not None and on <= today:
                self.add_error(f"day{number}", _("Choose a date from tomorrow on."))
            elif on is not None and on > today + HORIZON:
                self.add_error(f"day{number}", _("Choose a date within six months."))
        if not self.errors and not self._days() and not cleaned.get("message"):
            raise ValidationError(_("Enter at least one date or a message."))
        return cleaned

    def wishes(self) -> list[str]:
        """Each wish in words, in the company's language: recruiters read them."""
        zone = timezone.get_current_timezone_name()
        company = self.invitation.organization
        with translation.override(company.language):
            suffix = (
                "" if zone == company.time_zone else " " + _("(on the clock of %(zone)s)") % {"zone": zone}
            )
            return [f"{dates.day(on)} {dict(PARTS)[part]}{suffix}" for on, part in self._days()]

    def _days(self) -> list[tuple]:
        found = []
        for number in range(1, WISHES + 1):
            on = self.cleaned_data.get(f"day{number}")
            if on is not None:
                found.append((on, self.cleaned_data.get(f"part{number}") or "any"))
        return found
