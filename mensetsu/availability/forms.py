"""What people type about their time."""

from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from mensetsu.availability import asking, hours, weekly_text
from mensetsu.availability.models import Weekday
from mensetsu.web import forms

NOTE_LENGTH = 80


class HoursField(django_forms.CharField):
    """The hours of one weekday in the words of `weekly_text`; `cleaned_data` holds pairs of times."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "off", "spellcheck": "false"}
        super().__init__(required=False, max_length=200, widget=django_forms.TextInput(attributes), **kwargs)

    def clean(self, value: Any) -> list[weekly_text.Times]:
        try:
            return weekly_text.read(super().clean(value))
        except weekly_text.NotUnderstood as no:
            sentence = _("Enter the hours of %(day)s like 9:00–12:00. “%(piece)s” could not be read.")
            raise ValidationError(sentence % {"day": self.label, "piece": no.piece}) from None
        except weekly_text.Backwards as no:
            sentence = _("On %(day)s, the end must be later than the beginning (“%(piece)s”).")
            raise ValidationError(sentence % {"day": self.label, "piece": no.piece}) from None
        except weekly_text.Overlapping:
            raise ValidationError(_("The hours of %(day)s overlap.") % {"day": self.label}) from None


class WeekForm(forms.Form):
    """Seven weekdays, each with any number of spans."""

    def __init__(self, *args: Any, week: asking.Week, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday in Weekday:
            spans = [(row.begins, row.ends) for row in week.rows if row.weekday == weekday]
            self.fields[f"day_{weekday.value}"] = HoursField(label=weekday.label, initial=in_words(spans))

    @property
    def rows(self) -> list[hours.Weekly]:
        return [
            hours.Weekly(weekday.value, begins, ends)
            for weekday in Weekday
            for begins, ends in self.cleaned_data[f"day_{weekday.value}"]
        ]


def in_words(spans: list[weekly_text.Times]) -> str:
    """9:00〜12:00、13:00〜18:00 / 9:00–12:00, 13:00–18:00"""
    is_japanese = (get_language() or "ja").startswith("ja")
    mark = "〜" if is_japanese else "–"
    return weekly_text.write(spans, mark=mark, between=pgettext("between names", ", "))


def _note() -> django_forms.CharField:
    return django_forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        help_text=gettext_lazy("Recruiters can read it."),
        widget=django_forms.TextInput({"autocomplete": "off"}),
    )


class OffForm(forms.Form):
    first_on = forms.DateField(label=gettext_lazy("First day off"))
    last_on = forms.DateField(
        label=gettext_lazy("Last day off"),
        required=False,
        help_text=gettext_lazy("Leave it empty for a single day."),
    )
    note = _note()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first: date | None = cleaned.get("first_on")
        cleaned["last_on"] = cleaned.get("last_on") or first
        if first and cleaned["last_on"] < first:
            self.add_error("last_on", _("The last day off must not be before the first day off."))
        return cleaned


class BusyForm(forms.Form):
    on = forms.DateField(label=gettext_lazy("Date"))
    begins = forms.TimeChoice(label=gettext_lazy("From"), first=6, last=23)
    ends = forms.TimeChoice(label=gettext_lazy("Until"), first=6, last=23)
    weekly = django_forms.BooleanField(label=gettext_lazy("Every week"), required=False)
    note = _note()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", _("The end must be later than the beginning."))
        return cleaned

    def values(self, zone: Any) -> dict[str, Any]:
        """What `arranging.block` takes; the times are on that zone's clock."""
        typed = self.cleaned_data
        return {
            "starts_at": _at(typed["on"], typed["begins"], zone),
            "ends_at": _at(typed["on"], typed["ends"], zone),
            "weekly": typed["weekly"],
            "note": typed["note"],
        }


def _at(on: date, at: Any, zone: Any) -> datetime:
    return hours.instant(on, at, zone)
