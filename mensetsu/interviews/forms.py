"""What is typed on the pages that set and cancel interviews."""

import re
import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q, QuerySet
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.candidates import searching
from mensetsu.interviews import form_choices, group_choice, overlapping, planning, scheduling
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.mail.models import TemplateGroup
from mensetsu.web import dates, numbers, typed
from mensetsu.web import forms as speaking

LENGTHS = (30, 45, 60, 90)
OTHER = "other"
LONGEST = 480
AUTO = "auto"
# Zoom's start links carry the host's identity; whoever has one is the host.
HOST_URL = re.compile(r"zoom\.\w+/s/|[?&]zak=", re.IGNORECASE)


class InterviewForm(speaking.Form):
    """The whole interview. Times are typed on the reader's clock."""

    date = speaking.DateField(label=gettext_lazy("Date"))
    start = speaking.TimeChoice(label=pgettext_lazy("of an interview", "Start"))
    minutes = forms.ChoiceField(label=gettext_lazy("Length"), initial=str(planning.DEFAULT_MINUTES))
    other_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), required=False, min_value=5, max_value=LONGEST
    )
    stage = form_choices.OneField(
        label=gettext_lazy("Stage"), queryset=None, empty_label=gettext_lazy("Select")
    )
    interviewers = form_choices.ManyField(
        label=gettext_lazy("Interviewers"), queryset=None, widget=forms.CheckboxSelectMultiple
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Way of interviewing"),
        choices=Way.choices,
        initial=Way.WEB,
        widget=forms.RadioSelect,
    )
    service = forms.ChoiceField(
        label=gettext_lazy("Service"), choices=Service.choices, initial=Service.ZOOM, required=False
    )
    host = forms.CharField(label=gettext_lazy("Zoom host"), initial=AUTO, required=False)
    custom_url = forms.CharField(label=gettext_lazy("Meeting URL"), max_length=500, required=False)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=300, required=False)
    tells = forms.ChoiceField(
        label=gettext_lazy("Emails"),
        choices=[
            (group_choice.AUTO, gettext_lazy("Send by themselves")),
            (group_choice.SELF, gettext_lazy("Write the emails myself")),
        ],
        initial=group_choice.SELF,
        required=False,
        widget=forms.RadioSelect,
    )
    group = form_choices.OneField(
        label=gettext_lazy("Template group"), queryset=None, required=False, empty_label=None
    )
    # With which choice of the two above the form was shown, while nobody has chosen by hand (group_choice).
    usual = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    writes_mail = forms.BooleanField(
        label=gettext_lazy("Write the email after saving"), initial=True, required=False
    )
    memo = forms.CharField(
        label=gettext_lazy("Internal note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # The overlaps of interviewers that the page showed (overlapping).
    overlaps = forms.CharField(widget=forms.HiddenInput, required=False, max_length=5000)

    def __init__(
        self, *args: Any, candidate: candidates.Candidate, interview: Interview | None = None, **kwargs: Any
    ) -> None:
        self.candidate, self.interview = candidate, interview
        super().__init__(*args, **kwargs)
        self.fields["minutes"].choices = [(str(n), _("%(count)s min") % {"count": n}) for n in LENGTHS] + [
            (OTHER, _("Other length"))
        ]
        self.fields["stage"].offer(
            self._stages, form_choices.stage_of(candidate.job_id) if interview is None else None
        )
        self.fields["stage"].label_from_instance = _in_reader_language
        self.fields["stage"].required = bool(candidate.job_id)
        self.fields["interviewers"].offer(
            lambda: choosable(candidate.organization, interview),
            form_choices.people_of(candidate.organization_id) if interview is None else None,
        )
        self.fields["interviewers"].error_messages["invalid_choice"] = _("Select interviewers from the list.")
        self._offer_groups()
        self.fields["start"].offer_hours_of(candidate.organization.zone)
        if interview is not None:
            self.fields["start"].include(dates.here(interview.starts_at).time())
            del self.fields["writes_mail"]

    def _stages(self) -> QuerySet[candidates.Stage]:
        own = Q(job__isnull=False, job=self.candidate.job_id)
        own |= Q(pk=self.interview.stage_id if self.interview else None)
        return candidates.Stage.objects.filter(own).order_by("position", "id")

    def _offer_groups(self) -> None:
        """By itself or by hand; without any group only by hand. What an administrator chose for the stage, the job or
        the company is ticked, and follows the stage until somebody chooses."""
        self.fields["group"].offer(
            lambda: TemplateGroup.objects.in_use().filter(organization=self.candidate.organization)
        )
        self.fields["group"].label_from_instance = _in_reader_language
        if self.is_bound:
            if self.data.get("usual"):
                self.data = self.data.copy()
                group_choice.follow(self.data, self.candidate, self._typed_stage())
            return
        if "tells" in self.initial:
            return
        stage = self.interview.stage if self.interview is not None else self.candidate.stage
        chosen, shown_with = group_choice.first_shown(self.candidate, stage, self.interview)
        self.fields["usual"].initial = shown_with
        if chosen is not None:
            self.fields["tells"].initial, self.fields["group"].initial = group_choice.AUTO, chosen.pk

    def _typed_stage(self) -> candidates.Stage | None:
        """Before validation: a stage that is no choice counts as none, and is refused there."""
        try:
            return self.fields["stage"].to_python(self.data.get("stage"))
        except ValidationError:
            return None

    def clean_host(self) -> Any:
        """A live connection of this company, or None for 「自動で選ぶ」."""
        value = self.cleaned_data["host"]
        if value in ("", AUTO):
            return None
        hosts = self.candidate.organization.zoom_connections.filter(ended_at=None)
        host = hosts.filter(pk=numbers.key(value)).first()
        if host is None:
            raise ValidationError(_("Select a Zoom host from the list."))
        return host

    def clean_custom_url(self) -> str:
        address = typed.url(self.cleaned_data["custom_url"])
        if not address:
            return ""
        URLValidator(
            schemes=["http", "https"], message=_("Check the URL. Example: https://example.jp/meeting")
        )(address)
        if HOST_URL.search(address):
            raise ValidationError(_("This is a link for the host. Enter the link for participants."))
        return address

    def clean_overlaps(self) -> frozenset[overlapping.Pair]:
        return overlapping.read(self.cleaned_data["overlaps"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["length"] = self._length(data)
        data["starts_at"] = self._starts_at(data)
        if data.get("way") != Way.WEB:
            data["service"], data["custom_url"], data["host"] = "", "", None
        elif data.get("service") == Service.URL:
            data["host"] = None
            if not data.get("custom_url") and "custom_url" not in self.errors:
                self.add_error("custom_url", _("Enter the meeting URL."))
        else:
            data["service"], data["custom_url"] = Service.ZOOM, ""
        if data.get("way") != Way.IN_PERSON:
            data["place"] = ""
        data["template_group"] = self._template_group(data)
        return data

    def _template_group(self, data: dict[str, Any]) -> TemplateGroup | str | None:
        """A form that does not ask leaves an interview as it is."""
        if not data.get("tells"):
            return scheduling.KEEP if self.interview is not None else None
        if data["tells"] == group_choice.SELF:
            return None
        if data.get("group") is None and "group" not in self.errors:
            self.add_error("group", _("Select a template group."))
        return data.get("group")

    def _length(self, data: dict[str, Any]) -> int:
        chosen = data.get("minutes") or str(planning.DEFAULT_MINUTES)
        if chosen != OTHER:
            return int(chosen)
        if not data.get("other_minutes"):
            if "other_minutes" not in self.errors:
                self.add_error("other_minutes", _("Enter the length in minutes."))
            return planning.DEFAULT_MINUTES
        return data["other_minutes"]

    def _starts_at(self, data: dict[str, Any]) -> datetime | None:
        on, at = data.get("date"), data.get("start")
        if not on or not at:
            return None
        return dates.typed(on, at, among=[self.interview.starts_at] if self.interview else [])

    def plan(self) -> planning.Plan:
        """What the form says so far; call it after validation, whatever that found."""
        data = self.cleaned_data
        return planning.Plan(
            candidate=self.candidate,
            on=data.get("date"),
            starts_at=data.get("starts_at"),
            minutes=data.get("length", planning.DEFAULT_MINUTES),
            stage=data.get("stage"),
            interviewers=in_order(self, data.get("interviewers") or []),
            way=data.get("way") or Way.WEB,
            service=data.get("service")
            or ("" if data.get("way") not in (None, "", Way.WEB) else Service.ZOOM),
            host=data.get("host"),
            custom_url=data.get("custom_url", ""),
            place=data.get("place", ""),
            memo=data.get("memo", ""),
            interview=self.interview,
        )


class CancelForm(speaking.Form):
    """Why an interview does not take place: for our own records; mails say their own words."""

    reason = forms.CharField(label=gettext_lazy("Reason (internal)"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def new_form_values(**wished: Any) -> dict[str, Any]:
    """Initial values of an empty form, with a key of its own."""
    return {"form_key": uuid.uuid4(), **wished}


def values_of(interview: Interview) -> dict[str, Any]:
    """Initial values of the form for an interview as it is, on the reader's clock."""
    local = dates.here(interview.starts_at)
    host = interview.next_meeting or interview.meeting
    is_usual = interview.minutes in LENGTHS
    return {
        "date": f"{local:%Y-%m-%d}",
        "start": f"{local:%H:%M}",
        "minutes": str(interview.minutes) if is_usual else OTHER,
        "other_minutes": None if is_usual else interview.minutes,
        "stage": interview.stage_id,
        "interviewers": [row.user_id for row in interview.interviewers.all()],
        "way": interview.way,
        "service": interview.service or Service.ZOOM,
        "host": str(host.connection_id) if host and host.connection.is_live else AUTO,
        "custom_url": interview.custom_url,
        "place": interview.place,
        "memo": interview.memo,
        "version": interview.version,
    }


def choosable(organization: accounts.Organization, interview: Interview | None = None):
    """Everybody who works in the company; and who already is an interviewer stays one after leaving."""
    people = accounts.User.objects.filter(organization=organization)
    wanted = people.working()
    if interview is not None:
        # By the keys of its own: a join would read all interviews that everybody ever had.
        wanted = wanted | people.filter(pk__in=interview.interviewers.order_by().values("user"))
    return wanted.order_by("family_kana", "given_kana", "family_name", "id")


def found(people: list[accounts.User], query: str) -> list[accounts.User]:
    """Those whose name, reading, romaji or address contains every word, in any width and kana."""
    words = searching.terms(query)
    return [user for user in people if all(word in _key(user) for word in words)]


def _key(user: accounts.User) -> str:
    names = (user.family_name + user.given_name, user.family_kana + user.given_kana, user.romaji, user.email)
    return "\n".join(searching.key(name) for name in names)


def in_order(form: InterviewForm, chosen: Any) -> list[accounts.User]:
    """The chosen people in the order of the form: whoever was there first stays first."""
    by_id = {str(user.pk): user for user in chosen}
    order = form.data.getlist("interviewers") if hasattr(form.data, "getlist") else list(by_id)
    return [by_id[pk] for pk in dict.fromkeys(order) if pk in by_id]


def _in_reader_language(one: candidates.Stage | TemplateGroup) -> str:
    return one.name_in(get_language() or "ja")
