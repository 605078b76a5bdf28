"""What is typed on the pages that write letters and templates."""

from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from mensetsu.accounts.models import Language
from mensetsu.interviews.announcing import Audience, Recipient
from mensetsu.mail import samples
from mensetsu.mail.composing import SUBJECT_LIMIT
from mensetsu.mail.models import Purpose, Receiver
from mensetsu.web import dates
from mensetsu.web import forms as speaking

_TAGS_HERE = {"data-tags-here": True, "spellcheck": "false"}


def _subject(limit: int) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=limit,
        widget=forms.TextInput(attrs={**_TAGS_HERE, "class": "u-full", "autocomplete": "off"}),
    )


def _body() -> forms.CharField:
    return forms.CharField(
        label=pgettext_lazy("of an email", "Text"),
        strip=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={**_TAGS_HERE, "rows": 18}),
    )


class LetterForm(speaking.Form):
    """A letter to one audience: who of them, and the text with its tags."""

    people = forms.MultipleChoiceField(
        label=pgettext_lazy("of an email", "To"), widget=forms.CheckboxSelectMultiple
    )
    subject = _subject(SUBJECT_LIMIT)
    body = _body()
    # Both empty: now, with twenty seconds to call it back.
    send_on = speaking.DateField(label=gettext_lazy("Date of sending"), required=False)
    send_at = speaking.TimeChoice(label=gettext_lazy("Time of sending"), required=False, first=6, last=22)
    template = forms.IntegerField(widget=forms.HiddenInput, required=False)
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        audience: Audience,
        now: datetime,
        starts_at: datetime,
        home: tzinfo,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["send_at"].offer_hours_of(home)
        self.audience, self.now, self.starts_at = audience, now, starts_at
        self.fields["people"].choices = [(one.key, address_line(one)) for one in audience.recipients]
        self.fields["people"].error_messages["required"] = _("Select at least one recipient.")

    def chosen(self, keys: list[str]) -> list[Recipient]:
        """The recipients behind these keys that can be written to."""
        return [one for one in self.audience.recipients if one.key in keys and one.note != "no_address"]

    def clean(self) -> dict[str, Any]:
        """`due_at`: the chosen moment on the reader's clock, or None."""
        data = super().clean() or self.cleaned_data
        on, at = data.get("send_on"), data.get("send_at")
        data["due_at"] = None
        if on and at:
            data["due_at"] = dates.typed(on, at)
            if data["due_at"] <= self.now:
                self.add_error("send_at", _("Choose a time of sending in the future."))
            elif data["due_at"] >= self.starts_at:
                self.add_error("send_at", _("Choose a time of sending before the interview starts."))
        elif on and "send_at" not in self.errors:
            self.add_error("send_at", _("Select the time of sending."))
        elif at and "send_on" not in self.errors:
            self.add_error("send_on", _("Enter the date of sending."))
        return data

    def clean_people(self) -> list[Recipient]:
        chosen = self.chosen(self.cleaned_data["people"])
        if not chosen:
            raise forms.ValidationError(_("There is no email address. Enter it first."))
        return chosen


def address_line(one: Recipient) -> str:
    """鈴木 一郎 様（第一営業部） suzuki@mirai.example.jp, and what is special about them."""
    language = get_language() or "ja"
    name = one.name_in(language)
    if language == "ja" and not one.interviewer:
        name = f"{name} 様"
    line = f"{name} {one.email}".strip()
    notes = {
        "no_address": _("no email address"),
        "left": _("has left the agency"),
    }
    return f"{line}（{notes[one.note]}）" if one.note else line


class TemplateForm(speaking.Form):
    """The text of a template."""

    name = forms.CharField(label=gettext_lazy("Template name"), max_length=80)
    subject = _subject(200)
    body = _body()
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)


class NewTemplateForm(TemplateForm):
    """A new template says for which case it is."""

    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose.choices)
    receiver = forms.ChoiceField(label=gettext_lazy("Receiver"), choices=Receiver.choices)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    way = forms.ChoiceField(label=gettext_lazy("Way of interviewing"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"].choices = [("", _("Any way")), *((way, way_word(way)) for way in samples.WAYS)]


def way_word(way: str) -> str:
    """A template's way in the present language."""
    return {
        "": _("Any way"),
        "web": _("Online interview (Zoom)"),
        "url": _("Online interview (another URL)"),
        "in_person": _("In person"),
        "phone": _("Phone"),
    }[way]


class ResendForm(speaking.Form):
    """The address of a failed letter, to be corrected."""

    to_email = speaking.EmailField(label=gettext_lazy("Email address"), max_length=254)
