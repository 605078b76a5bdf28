"""What an applicant types when choosing a date, or when none fits."""

from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy

from mensetsu.attending import wishes
from mensetsu.booking.models import Invitation
from mensetsu.web.forms import Form


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


class WishesForm(wishes.WishesForm):
    """What is asked where no date fits."""

    def __init__(self, data: QueryDict | None, *, invitation: Invitation, now: datetime) -> None:
        super().__init__(data, now=now)
        self.invitation = invitation

    def wishes(self) -> list[str]:
        """Each wish in words, in the company's language: recruiters read them."""
        company = self.invitation.organization
        with translation.override(company.language):
            note = self.clock_note(company.time_zone)
            return [f"{wish} {note}".strip() for wish in super().wishes()]
