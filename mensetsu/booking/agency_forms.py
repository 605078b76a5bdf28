"""What agencies type: dates that would suit their applicant."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from mensetsu.booking import offer_forms, proposing


class ProposalForm(offer_forms.RowsForm):
    """Up to five starts on the agency's clock, and a message."""

    message = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=proposing.TEXT_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, rows=proposing.MOST, **kwargs)
