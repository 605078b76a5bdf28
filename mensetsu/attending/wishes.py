"""Days that an applicant would prefer: up to three, each with a part of the day; or only words."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

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


class WishesForm(Form):
    """Fields day1, part1, … and message. At least one of them must be filled; days are the reader's own, from tomorrow
    on and within six months."""

    message = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: QueryDict | None, *, now: datetime) -> None:
        super().__init__(data)
        self.now = now
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

    def clean(self) -> dict[str, Any]:
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
        """Each wish in words, in the present language."""
        return [f"{dates.day(on)} {dict(PARTS)[part]}" for on, part in self._days()]

    def clock_note(self, company_zone: str) -> str:
        """Whose clock the parts of the day are on, when it is not the company's; else ""."""
        zone = timezone.get_current_timezone_name()
        return "" if zone == company_zone else _("(on the clock of %(zone)s)") % {"zone": zone}

    def _days(self) -> list[tuple[date, str]]:
        found = []
        for number in range(1, WISHES + 1):
            on = self.cleaned_data.get(f"day{number}")
            if on is not None:
                found.append((on, self.cleaned_data.get(f"part{number}") or "any"))
        return found
