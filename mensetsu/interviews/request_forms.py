"""What an applicant types when asking for another time, withdrawing, or asking for an accommodation."""

from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from mensetsu.interviews import requests
from mensetsu.interviews.models import JoinLink
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


class RequestForm(Form):
    """The common part: a few words of one's own."""

    message = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: QueryDict | None, *, link: JoinLink, now: datetime) -> None:
        super().__init__(data)
        self.link, self.now = link, now

    def text(self) -> str:
        """What the recruiters read: whole sentences in the company's language, the applicant's words as typed."""
        return self.cleaned_data["message"]


class WithdrawalForm(RequestForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = _("Reason")


class AccommodationForm(RequestForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = _("What would help you")
        self.fields["message"].required = True


class ChangeForm(RequestForm):
    """Up to three wishes, a day and a part of it each; or only words."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
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
        if not self.errors and not self.wishes() and not cleaned.get("message"):
            raise ValidationError(_("Enter at least one date or a message."))
        return cleaned

    def wishes(self) -> list[str]:
        """Each wish in words, in the present language."""
        found = []
        for number in range(1, WISHES + 1):
            on = self.cleaned_data.get(f"day{number}")
            if on is not None:
                part = dict(PARTS)[self.cleaned_data.get(f"part{number}") or "any"]
                found.append(f"{dates.day(on)} {part}")
        return found

    def text(self) -> str:
        with translation.override(self.link.interview.organization.language):
            wishes = self.wishes()
            lines = [
                pgettext("wish", "%(number)s. %(wish)s") % {"number": number, "wish": wish}
                for number, wish in enumerate(wishes, 1)
            ]
            if wishes and str(timezone.get_current_timezone()) != self.link.interview.organization.time_zone:
                lines.append(_("(on the clock of %(zone)s)") % {"zone": timezone.get_current_timezone_name()})
        return "\n".join([*lines, self.cleaned_data["message"]]).strip()


_FORMS: dict[str, type[RequestForm]] = {
    requests.Kind.CHANGE: ChangeForm,
    requests.Kind.WITHDRAWAL: WithdrawalForm,
    requests.Kind.ACCOMMODATION: AccommodationForm,
}


def form_for(kind: str, link: JoinLink, data: QueryDict | None, *, now: datetime) -> RequestForm:
    """The form of that kind of request, bound if `data` is given."""
    return _FORMS[kind](data, link=link, now=now)
