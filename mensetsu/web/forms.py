"""Forms that speak to people: every refusal names its field and says what to do.

Use `Form` and `ModelForm` from here instead of Django's. They replace the library's sentences per field (an author's
own `error_messages` stay) and accept any width in mail addresses, numbers, dates, times and addresses of pages."""

from collections.abc import Callable
from datetime import date, time, tzinfo
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import Field
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mensetsu.web import dates, typed

_CHOSEN = (forms.ChoiceField, forms.ModelChoiceField, forms.FileField, forms.BooleanField)


def in_sentence(label: str) -> str:
    """The label inside an English sentence: "Family name" → "family name", but "Zoom host" and "URL" stay."""
    if (get_language() or "ja").startswith("ja") or label.startswith("Zoom") or not label[1:2].islower():
        return label
    return label[0].lower() + label[1:]


class DateInput(forms.DateInput):
    """The device's own date picker; the page echoes the date in our format beside it."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateField(forms.DateField):
    """A day; also typed as 2026/11/24 or in full width. Refuses days that do not exist by name, days before `earliest`
    and days more than two years ahead."""

    widget = DateInput

    def __init__(self, *, earliest: date = typed.FIRST_DAY, **kwargs: Any) -> None:
        self.earliest = earliest
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        found = self._read(value)
        if found is not None:
            try:
                typed.refuse_out_of_reach(found, today=timezone.localdate(), first=self.earliest)
            except typed.OutOfReach as no:
                raise ValidationError(out_of_reach(no), code="out_of_reach") from None
        return found

    def _read(self, value: Any) -> date | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value or None)
        try:
            found = typed.day(value)
        except typed.NoSuchDay as no:
            raise ValidationError(_no_such_day(no), code="no_such_day") from None
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


def out_of_reach(no: typed.OutOfReach) -> str:
    """Why a day is too early or too far ahead, and which can be given."""
    facts = {"date": dates.day(no.on), "limit": dates.day(no.limit)}
    if no.is_late:
        return _("%(date)s is more than two years ahead. Choose a day up to %(limit)s.") % facts
    return _("%(date)s is before %(limit)s. Check the year.") % facts


def _no_such_day(no: typed.NoSuchDay) -> str:
    return _("%(year)s-%(month)s-%(day)s does not exist. Check the date.") % {
        "year": no.year,
        "month": no.month,
        "day": no.day,
    }


class EmailField(forms.EmailField):
    """A mail address in any width; stored with a lower-case domain."""

    def to_python(self, value: Any) -> str:
        return super().to_python(typed.email(value) if isinstance(value, str) else value)


class TimeChoice(forms.TypedChoiceField):
    """A time of day in 15-minute steps from 08:00 to 21:00; `cleaned_data` has a `datetime.time`."""

    def __init__(self, *, first: int = 8, last: int = 21, step: int = 15, **kwargs: Any) -> None:
        self._minutes = range(first * 60, last * 60 + 1, step)
        kwargs.setdefault("empty_value", None)
        super().__init__(choices=_listed(self._minutes), coerce=time.fromisoformat, **kwargs)

    def offer_hours_of(self, home: tzinfo) -> None:
        """Besides the reader's own hours the same hours at `home`, the company's zone, as they read on the reader's
        clock in any season: whoever works elsewhere sets times of the company's day too."""
        here = timezone.get_current_timezone()
        if here != home:
            self.choices = _listed(self._minutes, home, here, timezone.localdate().year)

    def __deepcopy__(self, memo: Any) -> "TimeChoice":
        """Each form has its own field; the fifty times, which nobody changes in their place, are shared."""
        copied = Field.__deepcopy__(self, memo)
        copied._choices = self._choices
        return copied

    def include(self, moment: time) -> None:
        """A time outside the steps, so that what is already set can be kept."""
        text = f"{moment:%H:%M}"
        blank, *steps = self.choices
        if (text, text) not in steps:
            self.choices = [blank, *sorted([*steps, (text, text)])]

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def to_python(self, value: Any) -> str:
        plain = super().to_python(value)
        return typed.clock(plain) or plain


@lru_cache(maxsize=256)
def _listed(
    minutes: range, home: tzinfo | None = None, here: tzinfo | None = None, year: int = 0
) -> list[tuple[str, Any]]:
    shifts = dates.apart(home, here, date(year, 1, 1)) if home and here else frozenset()
    every = sorted({*minutes, *((minute + shift) % (24 * 60) for minute in minutes for shift in shifts)})
    texts = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in every]
    return [("", gettext_lazy("Select")), *((text, text) for text in texts)]


class _Speaking:
    """The part that both kinds of forms share."""

    fields: dict[str, Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _accept_any_width(field)

    def full_clean(self) -> None:
        # As late as possible: forms may change labels in their own __init__.
        for name, field in self.fields.items():
            _teach(field, str(field.label or name))
        super().full_clean()  # type: ignore[misc]


class Form(_Speaking, forms.Form):
    pass


class ModelForm(_Speaking, forms.ModelForm):
    pass


def _accept_any_width(field: Field) -> None:
    """Puts a translation of what was typed in front of the fields of Django that ModelForm chooses by itself."""
    plain = _plain_for(field)
    if plain is None:
        return
    understand = field.to_python
    field.to_python = lambda value: understand(plain(value) if isinstance(value, str) else value)


def _plain_for(field: Field) -> Callable[[str], str] | None:
    if type(field) is forms.EmailField:
        return typed.email
    if isinstance(field, forms.URLField):
        return typed.url
    if isinstance(field, forms.IntegerField | forms.TimeField | forms.DateTimeField):
        return typed.narrow
    if type(field) is forms.CharField and isinstance(field.widget, forms.Textarea):
        return typed.lines
    return None


def _teach(field: Field, label: str) -> None:
    for code, theirs, sentence in _sentences(type(field), label, get_language() or "ja"):
        if field.error_messages.get(code) is theirs:
            field.error_messages[code] = sentence


@lru_cache(maxsize=2048)
def _sentences(kind: type[Field], label: str, language: str) -> tuple[tuple[str, Any, str], ...]:
    """(code, what the library says, what we say) of such a field in the reader's `language`. Made once, and not for
    every form: a page has twenty fields and mostly no refusal."""
    del language  # the one that is active: it tells one answer from another
    return tuple(
        (code, theirs, sentence)
        for code, sentence in _ours(kind, in_sentence(label)).items()
        # An "invalid" of ours would replace the sentences of the author's own validators.
        if (theirs := _library_sentence(kind, code)) is not None
        or code != "invalid"
        or issubclass(kind, forms.EmailField)
    )


def _library_sentence(kind: type[Field], code: str) -> Any:
    """What Django says by itself, or None; an author's own sentence is a different object."""
    for one in kind.__mro__:
        messages = getattr(one, "default_error_messages", {})
        if "default_error_messages" in vars(one) and code in messages:
            return messages[code]
    return None


def _ours(kind: type[Field], label: str) -> dict[str, str]:
    return {
        "required": _required(kind) % {"field": label},
        "invalid": _invalid(kind) % {"field": label},
        "invalid_choice": _("Select %(field)s from the list.") % {"field": label},
        "invalid_pk_value": _("Select %(field)s from the list.") % {"field": label},
        "invalid_list": _("Select %(field)s from the list.") % {"field": label},
        "max_length": _too_long(label),
        "min_value": _with_limit(_("%(field)s must be %(limit)s or more."), label),
        "max_value": _with_limit(_("%(field)s must be %(limit)s or less."), label),
        "empty": _("The file is empty. Select another file."),
        "unique": _("This %(field)s is already registered.") % {"field": label},
    }


def _required(kind: type[Field]) -> str:
    if issubclass(kind, _CHOSEN):
        return _("Select %(field)s.")
    return _("Enter %(field)s.")


def _invalid(kind: type[Field]) -> str:
    if issubclass(kind, forms.EmailField):
        return _("Check the email address. Example: taro@example.jp")
    if issubclass(kind, forms.DateField | forms.DateTimeField):
        return _("Check the date. Example: 2026/11/24")
    if issubclass(kind, forms.TimeField):
        return _("Check the time. Example: 14:00")
    if issubclass(kind, forms.URLField):
        return _("Check the URL. Example: https://example.jp/meeting")
    if issubclass(kind, forms.IntegerField):
        return _("Enter %(field)s in figures.")
    return _("Check %(field)s.")


def _too_long(label: str) -> str:
    """The validator fills in the limit and the present length."""
    sentence = _("%(field)s must be %(limit)s characters or fewer (now %(length)s).")
    return sentence % {"field": _first_upper(label), "limit": "%(limit_value)d", "length": "%(show_value)d"}


def _with_limit(sentence: str, label: str) -> str:
    return sentence % {"field": _first_upper(label), "limit": "%(limit_value)s"}


def _first_upper(label: str) -> str:
    return label[:1].upper() + label[1:]
