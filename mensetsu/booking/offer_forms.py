"""What recruiters type to offer several dates: the dates, the deadline, and (for a new interview) what is the same for
all of them."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mensetsu.booking import offering
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import forms as interview_forms
from mensetsu.interviews import planning
from mensetsu.web import dates
from mensetsu.web import forms as speaking

ROWS, MORE = 3, 3
BUSINESS_DAYS = 3
CLOSING = time(17)


class RowsForm(speaking.Form):
    """Rows of a day and a start each, typed on the reader's clock; `starts` of the cleaned data holds the moments.

    `home` is the company's zone; `present` are moments that the form was filled with, which stay while nobody types
    another time."""

    def __init__(
        self,
        *args: Any,
        now: datetime,
        home: tzinfo,
        rows: int = ROWS,
        present: Iterable[datetime] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.present = now, list(present)
        self.rows = min(max(rows, 1), offering.MOST)
        for number in range(1, self.rows + 1):
            facts = {"number": number}
            self.fields[f"date_{number}"] = speaking.DateField(
                label=_("Date %(number)s") % facts, required=False
            )
            start = speaking.TimeChoice(label=_("Start %(number)s") % facts, required=False)
            start.offer_hours_of(home)
            source = self.data if self.is_bound else self.initial
            if given := _clock(source.get(f"start_{number}") or ""):
                start.include(given)
            self.fields[f"start_{number}"] = start

    def pairs(self) -> list[tuple[Any, Any]]:
        """The bound fields, row by row."""
        return [(self[f"date_{n}"], self[f"start_{n}"]) for n in range(1, self.rows + 1)]

    def typed_starts(self) -> list[datetime]:
        """The whole rows as they stand, complained about or not: for the checks beside the form."""
        found = []
        for on, at in self.pairs():
            try:
                day, clock = on.field.to_python(on.value()), _clock(str(at.value() or ""))
            except ValidationError:
                continue
            if day and clock and self.moment(day, clock) not in found:
                found.append(self.moment(day, clock))
        return found

    def moment(self, on: Any, at: time) -> datetime:
        return dates.typed(on, at, among=self.present)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["starts"] = self._starts(data)
        if not data["starts"] and not self.errors:
            self.add_error("date_1", _("Enter at least one date and start."))
        return data

    def _starts(self, data: dict[str, Any]) -> list[datetime]:
        found: list[datetime] = []
        for number in range(1, self.rows + 1):
            on, at = data.get(f"date_{number}"), data.get(f"start_{number}")
            if on and at:
                moment = self.moment(on, at)
                if moment <= self.now:
                    self.add_error(f"date_{number}", _("Choose a date and time in the future."))
                elif moment not in found:
                    found.append(moment)
            elif on and f"start_{number}" not in self.errors:
                self.add_error(f"start_{number}", _("Select the start."))
            elif at and f"date_{number}" not in self.errors:
                self.add_error(f"date_{number}", _("Enter the date."))
        return found


class DatesForm(RowsForm):
    """Up to ten starts, and until when they are held."""

    answer_on = speaking.DateField(label=gettext_lazy("Answer by (date)"))
    answer_at = speaking.TimeChoice(label=gettext_lazy("Answer by (time)"), initial=CLOSING)

    def __init__(self, *args: Any, home: tzinfo, **kwargs: Any) -> None:
        super().__init__(*args, home=home, **kwargs)
        self.fields["answer_at"].offer_hours_of(home)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("answer_on") and data.get("answer_at"):
            data["answer_by"] = self.moment(data["answer_on"], data["answer_at"])
            if data["answer_by"] <= self.now:
                self.add_error("answer_on", _("Choose a date and time in the future."))
            elif data["starts"] and data["answer_by"] > max(data["starts"]):
                self.add_error("answer_on", _("Choose a deadline before the last of the dates."))
        return data

    @staticmethod
    def values_for(starts: list[datetime], answer_by: datetime) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for number, start in enumerate(starts, start=1):
            local = dates.here(start)
            values |= {f"date_{number}": f"{local:%Y-%m-%d}", f"start_{number}": f"{local:%H:%M}"}
        local = dates.here(answer_by)
        return values | {"answer_on": f"{local:%Y-%m-%d}", "answer_at": f"{local:%H:%M}"}


class TermsForm(interview_forms.InterviewForm):
    """The form of an interview without its time."""

    note = forms.CharField(
        label=gettext_lazy("Note for applicants"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        super().__init__(*args, candidate=candidate, **kwargs)
        for name in ("date", "start", "writes_mail", "memo", "form_key", "version"):
            del self.fields[name]
        self.fields["interviewers"].label_from_instance = lambda user: user.choice_in(get_language() or "ja")

    def terms(self) -> offering.Terms:
        plan = self.plan()
        return offering.Terms(
            minutes=plan.minutes, interviewers=tuple(plan.interviewers), way=plan.way, service=plan.service,
            host=plan.host, custom_url=plan.custom_url, place=plan.place,
        )  # fmt: skip


def as_if_sent(form: TermsForm) -> TermsForm:
    """The values of an unbound form taken as sent, so that half-filled ones can be checked too."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, list | tuple):
            data.setlist(name, [str(one) for one in value])
        elif value not in (None, ""):
            data[name] = str(value)
    bound = TermsForm(data, candidate=form.candidate)
    bound.is_valid()
    return bound


def usual_deadline(candidate: Candidate, now: datetime) -> datetime:
    """17:00 on the third business day from now, on the company's clock."""
    zone = candidate.organization.zone
    closed = frozenset(candidate.organization.company_holidays.values_list("on", flat=True))
    on, left = now.astimezone(zone).date(), BUSINESS_DAYS
    while left:
        on += timedelta(days=1)
        left -= dates.is_business_day(on, closed)
    return datetime.combine(on, CLOSING, zone)


def plan_of(form: TermsForm | None, candidate: Candidate, interview: Any) -> planning.Plan:
    """What is the same for every date, as a plan without a time."""
    if form is not None:
        return form.plan()
    terms = offering.terms_of(interview)
    return planning.Plan(
        candidate=candidate, minutes=terms.minutes, stage=interview.stage, interviewers=list(terms.interviewers),
        way=terms.way, service=terms.service, host=None, custom_url=terms.custom_url, place=terms.place,
        interview=interview,
    )  # fmt: skip


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
