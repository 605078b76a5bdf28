"""What recruiters type about booking pages, their slots, and invitations."""

from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.availability.models import Weekday
from mensetsu.booking.models import BookingPage, HostMode, Invitation, Series
from mensetsu.candidates import models as candidates
from mensetsu.interviews.forms import HOST_URL, choosable
from mensetsu.interviews.models import Service, Way
from mensetsu.web import dates, typed
from mensetsu.web import forms as speaking
from mensetsu.zoom import eligibility
from mensetsu.zoom.models import Connection

LONGEST = 480


class PageForm(speaking.ModelForm):
    """What is booked, by whom it is held, and by which rules."""

    fixed = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Interviewers who always take part"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    pool = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Interviewers from whom some are picked"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = BookingPage
        fields = (
            "name", "stage", "minutes", "way", "service", "custom_url", "place", "host_mode", "host", "pick",
            "day_cap", "week_cap", "horizon_days", "notice_hours", "answer_days", "change_hours", "max_changes",
            "note",
        )  # fmt: skip
        labels = {
            "name": gettext_lazy("Name (for colleagues)"),
            "stage": gettext_lazy("Stage"),
            "minutes": gettext_lazy("Length in minutes"),
            "way": gettext_lazy("Way of interviewing"),
            "service": gettext_lazy("Service"),
            "custom_url": gettext_lazy("Meeting URL"),
            "place": gettext_lazy("Place"),
            "host_mode": gettext_lazy("Zoom host"),
            "host": gettext_lazy("Zoom account"),
            "pick": gettext_lazy("How many are picked"),
            "day_cap": gettext_lazy("Most interviews a day for each"),
            "week_cap": gettext_lazy("Most interviews a week for each"),
            "horizon_days": gettext_lazy("Shown up to (days ahead)"),
            "notice_hours": gettext_lazy("Bookable until (hours before)"),
            "answer_days": gettext_lazy("Days to answer"),
            "change_hours": gettext_lazy("Change and cancel until (hours before)"),
            "max_changes": gettext_lazy("How often the date may be changed"),
            "note": gettext_lazy("Note for applicants"),
        }
        widgets = {
            "way": forms.RadioSelect,
            "host_mode": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, organization: accounts.Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        stages = candidates.Stage.objects.filter(job__organization=organization).select_related("job")
        self.fields["stage"].queryset = stages.order_by("job__position", "job_id", "position")
        self.fields["stage"].label_from_instance = _stage_words
        self.fields["stage"].empty_label = _("The step of each applicant")
        self.fields["service"] = forms.ChoiceField(
            label=_("Service"), choices=Service.choices, required=False, initial=Service.ZOOM
        )
        self.fields["host"].queryset = Connection.objects.hosts_for(organization).select_related("owner")
        self.fields["host"].label_from_instance = lambda one: eligibility.named(one, get_language() or "ja")
        self.fields["host"].required = False
        self.fields["host"].empty_label = _("Select")
        for name in ("fixed", "pool"):
            self.fields[name].queryset = choosable(organization)
            self.fields[name].label_from_instance = lambda user: user.choice_in(get_language() or "ja")
        self.fields["minutes"].min_value, self.fields["minutes"].max_value = 5, LONGEST
        self.fields["minutes"].validators += [_at_least(5), _at_most(LONGEST)]
        self.fields["horizon_days"].validators += [_at_least(1), _at_most(365)]
        page = self.instance
        if page.pk and not self.is_bound:
            rows = list(page.panelists.all())
            self.initial["fixed"] = [row.user_id for row in rows if row.is_fixed]
            self.initial["pool"] = [row.user_id for row in rows if not row.is_fixed]
            self.initial["seen"] = page.version

    def clean_custom_url(self) -> str:
        address = typed.url(self.cleaned_data["custom_url"])
        if not address:
            return ""
        wrong = _("Check the URL. Example: https://example.jp/meeting")
        URLValidator(schemes=["http", "https"], message=wrong)(address)
        if HOST_URL.search(address):
            raise ValidationError(_("This is a link for the host. Enter the link for participants."))
        return address

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._clean_way(data)
        pool = set(data.get("pool") or ()) - set(data.get("fixed") or ())
        pick = data.get("pick") or 0
        if pick > len(pool):
            self.add_error("pick", _("Only %(count)s can be picked from.") % {"count": len(pool)})
        elif pool and not pick:
            self.add_error("pick", _("Enter how many of them are picked."))
        if not data.get("fixed") and not pool:
            self.add_error("fixed", _("Select at least one interviewer."))
        data["pick"] = pick
        return data

    def _clean_way(self, data: dict[str, Any]) -> None:
        if data.get("way") != Way.WEB:
            data["service"], data["custom_url"], data["host_mode"] = "", "", HostMode.POOL
        elif data.get("service") == Service.URL:
            data["host_mode"] = HostMode.POOL
            if not data.get("custom_url") and "custom_url" not in self.errors:
                self.add_error("custom_url", _("Enter the meeting URL."))
        else:
            data["service"], data["custom_url"] = Service.ZOOM, ""
            if data.get("host_mode") == HostMode.FIXED and not data.get("host"):
                self.add_error("host", _("Select the Zoom account."))
        if data.get("host_mode") != HostMode.FIXED:
            data["host"] = None
        if data.get("way") != Way.IN_PERSON:
            data["place"] = ""

    def _post_clean(self) -> None:
        # The verb writes the row: the instance stays as the database has it.
        pass

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}


class _Coming(speaking.Form):
    """A form with a moment after `now`, in hours of the reader or of the company, whose zone is `home`."""

    def __init__(self, *args: Any, now: datetime, home: tzinfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        for field in self.fields.values():
            if isinstance(field, speaking.TimeChoice):
                field.offer_hours_of(home)

    def refuse_past(self, moment: datetime | None) -> None:
        if moment is not None and moment <= self.now:
            self.add_error("date", _("Choose a date and time in the future."))


class SlotForm(_Coming):
    """One slot; the length is the page's."""

    date = speaking.DateField(label=gettext_lazy("Date"))
    start = speaking.TimeChoice(label=pgettext_lazy("of an interview", "Start"))
    capacity = forms.IntegerField(
        label=gettext_lazy("Applicants per slot"), min_value=1, max_value=200, initial=1
    )

    def starts_at(self) -> datetime:
        """As typed on the reader's clock."""
        data = self.cleaned_data
        return dates.typed(data["date"], data["start"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.refuse_past(self.starts_at() if data.get("date") and data.get("start") else None)
        return data


class SeriesForm(speaking.Form):
    """Weekdays × hours × interval, on the company's clock."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        choices=Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        initial=[0, 1, 2, 3, 4],
    )
    first_on = speaking.DateField(label=gettext_lazy("First day"))
    last_on = speaking.DateField(label=gettext_lazy("Last day"))
    begins = speaking.TimeChoice(label=gettext_lazy("From (time)"), initial=time(10))
    ends = speaking.TimeChoice(label=gettext_lazy("To (time)"), initial=time(17))
    interval = forms.IntegerField(
        label=gettext_lazy("A slot every (minutes)"), min_value=5, max_value=1440, initial=60
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Applicants per slot"), min_value=1, max_value=200, initial=1
    )
    skips_holidays = forms.BooleanField(
        label=gettext_lazy("Leave out public and company holidays"), required=False, initial=True
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        begins, ends = data.get("begins"), data.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", _("Choose a time after the beginning."))
        first, last = data.get("first_on"), data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("Choose a day on or after the first day."))
        elif first and last and last - first > timedelta(days=366):
            self.add_error("last_on", _("Choose a day within a year of the first day."))
        return data

    @staticmethod
    def values_of(series: Series) -> dict[str, Any]:
        return {name: getattr(series, name) for name in SeriesForm.base_fields}


class DeadlineForm(_Coming):
    """Until when the applicant may answer."""

    date = speaking.DateField(label=gettext_lazy("Answer by (date)"))
    at = speaking.TimeChoice(label=gettext_lazy("Answer by (time)"), initial=time(17))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.refuse_past(self.moment() if data.get("date") and data.get("at") else None)
        return data

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if present := self.initial.get("at"):
            self.fields["at"].include(present)

    def moment(self) -> datetime:
        data = self.cleaned_data
        return dates.typed(data["date"], data["at"])

    @staticmethod
    def values_for(moment: datetime) -> dict[str, Any]:
        return {"date": dates.here(moment).date(), "at": time(17)}


class InviteForm(DeadlineForm):
    """From an applicant's page: which booking page, and until when. Pages of another job are not offered."""

    page = forms.ModelChoiceField(
        label=gettext_lazy("Booking page"), queryset=None, empty_label=gettext_lazy("Select")
    )

    def __init__(self, *args: Any, candidate: candidates.Candidate, **kwargs: Any) -> None:
        super().__init__(*args, home=candidate.organization.zone, **kwargs)
        pages = BookingPage.objects.filter(organization=candidate.organization).pages().open()
        if candidate.job_id:
            pages = pages.filter(Q(stage=None) | Q(stage__job=candidate.job_id))
        self.fields["page"].queryset = pages.select_related("stage").order_by("-pk")
        self.order_fields(["page", "date", "at"])


def deadline_of(invitation: Invitation) -> dict[str, Any]:
    local = dates.here(invitation.answer_by) if invitation.answer_by else None
    return {"date": local.date(), "at": local.time()} if local else {}


def _stage_words(stage: candidates.Stage) -> str:
    language = get_language() or "ja"
    return f"{stage.job.name_in(language)}・{stage.name_in(language)}"


def _at_least(limit: int) -> Any:
    def check(value: int) -> None:
        if value < limit:
            raise ValidationError(_("Enter %(limit)s or more.") % {"limit": limit})

    return check


def _at_most(limit: int) -> Any:
    def check(value: int) -> None:
        if value > limit:
            raise ValidationError(_("Enter %(limit)s or less.") % {"limit": limit})

    return check
