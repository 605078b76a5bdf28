"""What is typed about applicants. The shape is checked here; whether it may be so, the verbs decide."""

from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mensetsu.accounts import forms as accounts_forms
from mensetsu.accounts import models as accounts
from mensetsu.accounts import names
from mensetsu.candidates import contact, graduation, models, registering, rows
from mensetsu.candidates.labels import FIELD_LABELS
from mensetsu.web import forms


class NameField(django_forms.CharField):
    """A name as its owner writes it: only spaces are put in order, never the characters."""

    def __init__(self, *, label: Any, autocomplete: str = "", max_length: int = 50, **kwargs: Any) -> None:
        attrs = {"spellcheck": "false"} | ({"autocomplete": autocomplete} if autocomplete else {})
        kwargs.setdefault("widget", django_forms.TextInput(attrs=attrs))
        super().__init__(label=label, max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        return names.spaced(super().to_python(value))


class PhoneField(django_forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "tel", "autocomplete": "off"}
        kwargs.setdefault("widget", django_forms.TextInput(attrs=attrs))
        super().__init__(max_length=40, required=False, label=FIELD_LABELS["phone"], **kwargs)

    def clean(self, value: Any) -> contact.Phone:
        text = super().clean(value)
        if not text:
            return contact.Phone("", "")
        try:
            return contact.read_phone(text)
        except contact.BadPhone:
            raise ValidationError(_("Check the phone number. Example: 090-1234-5678"), code="phone") from None


class DoubtingEmail:
    """Part of a form with an `email` field: an address that is probably a slip, or may not be reachable, is asked
    about once; the button named `accept_email` says that it is meant."""

    doubtful_email = ""

    def clean_email(self) -> str:
        text = self.cleaned_data["email"]
        if not text:
            return ""
        try:
            email = contact.read_email(text)
        except contact.BadEmail:
            raise ValidationError(_("Check the email address. Example: taro@example.jp")) from None
        known = email.address in (self.data.get("accept_email"), self.initial.get("email"))
        if not known and (email.is_legacy or email.suggestion):
            self.doubtful_email = email.address
            raise ValidationError(_doubt(email))
        return email.address


def _doubt(email: contact.Email) -> str:
    if email.suggestion:
        return _("Do you mean %(meant)s? If %(text)s is right, press “Use this address”.") % {
            "meant": email.suggestion, "text": email.address
        }  # fmt: skip
    return _(
        "Other companies' mail may not arrive at an address of this form. Enter another address if there is one."
    )


class CandidateForm(DoubtingEmail, forms.Form):
    """An applicant, new or known. `values()` is what registering takes."""

    version = django_forms.IntegerField(widget=django_forms.HiddenInput, required=False)
    family_name = NameField(label=FIELD_LABELS["family_name"])
    given_name = NameField(
        label=FIELD_LABELS["given_name"], required=False,
        help_text=gettext_lazy("Leave it empty if there is no given name."),
    )  # fmt: skip
    family_kana = accounts_forms.KanaField(label=FIELD_LABELS["family_kana"], max_length=50, required=False)
    given_kana = accounts_forms.KanaField(label=FIELD_LABELS["given_kana"], max_length=50, required=False)
    romaji = NameField(
        label=FIELD_LABELS["romaji"], max_length=100, required=False,
        widget=django_forms.TextInput(attrs={"autocapitalize": "words", "spellcheck": "false"}),
        help_text=gettext_lazy("Shown in English mails. Example: Misaki Sato"),
    )  # fmt: skip
    email = django_forms.CharField(
        label=FIELD_LABELS["email"], max_length=254, required=False,
        widget=django_forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    phone = PhoneField()
    contact_route = django_forms.ChoiceField(
        label=FIELD_LABELS["contact_route"], required=False,
        choices=[
            ("", gettext_lazy("Automatic (through the agency if there is an agency contact)")),
            *models.ContactRoute.choices,
        ],
    )  # fmt: skip
    language = django_forms.ChoiceField(label=FIELD_LABELS["language"], choices=accounts.Language.choices)
    time_zone = django_forms.ChoiceField(label=FIELD_LABELS["time_zone"], choices=accounts_forms.time_zones)
    job = django_forms.ModelChoiceField(None, label=FIELD_LABELS["job"], required=False)
    stage = django_forms.ModelChoiceField(None, label=FIELD_LABELS["stage"], required=False)
    status = django_forms.ChoiceField(label=FIELD_LABELS["status"], choices=models.Status.choices)
    owner = django_forms.ModelChoiceField(None, label=FIELD_LABELS["owner"], required=False)
    agency = django_forms.ModelChoiceField(None, label=FIELD_LABELS["agency"], required=False)
    agency_contact = django_forms.ModelChoiceField(None, label=FIELD_LABELS["agency_contact"], required=False)
    source = django_forms.CharField(label=FIELD_LABELS["source"], max_length=60, required=False)
    graduation = django_forms.CharField(
        label=FIELD_LABELS["graduation_year"], max_length=20, required=False,
        help_text=gettext_lazy("Example: 2028, or 2028/09 for September"),
    )  # fmt: skip
    applied_on = forms.DateField(
        label=FIELD_LABELS["applied_on"], required=False, earliest=rows.EARLIEST_APPLICATION
    )
    external_id = NameField(
        label=FIELD_LABELS["external_id"], max_length=60, required=False,
        help_text=gettext_lazy("Your own number for this applicant, if you have one."),
    )  # fmt: skip
    note = django_forms.CharField(
        label=FIELD_LABELS["note"], required=False, max_length=10_000,
        widget=django_forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Only for colleagues. Never put in a mail."),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        organization: accounts.Organization,
        candidate: models.Candidate | None = None,
        owner: accounts.User | None = None,
        **kwargs: Any,
    ) -> None:
        start = (
            _initial(candidate)
            if candidate
            else {"owner": owner, "language": "ja", "time_zone": "Asia/Tokyo"}
        )
        super().__init__(*args, initial=start, **kwargs)
        self.candidate = candidate
        _offer(self.fields, organization, candidate)

    def clean_graduation(self) -> str:
        text = self.cleaned_data["graduation"]
        try:
            return graduation.write(*graduation.read(text)) if text else ""
        except ValueError:
            raise ValidationError(_("Check the graduation year. Example: 2028")) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        job, stage = data.get("job"), data.get("stage")
        if stage and job and stage.job_id != job.pk:
            self.add_error("stage", _("Select a stage of the job %(job)s.") % {"job": job.name})
        elif stage and not job and "job" not in self.errors:
            data["job"] = stage.job
        agency, person = data.get("agency"), data.get("agency_contact")
        if person and agency and person.agency_id != agency.pk:
            self.add_error("agency_contact", _("Select a contact of %(agency)s.") % {"agency": agency.name})
        elif person and not agency and "agency" not in self.errors:
            data["agency"] = person.agency
        if data.get("contact_route") == models.ContactRoute.AGENCY and not person and not self.errors:
            self.add_error("agency_contact", _("Select the agency contact through whom you write."))
        return data

    def values(self) -> dict[str, Any]:
        data = {name: value for name, value in self.cleaned_data.items() if name in registering.FIELDS}
        phone = self.cleaned_data["phone"]
        year = self.cleaned_data["graduation"]
        data["graduation_year"], data["graduation_month"] = graduation.read(year) if year else (None, None)
        return data | {"phone": phone.text, "phone_e164": phone.e164}


def _initial(candidate: models.Candidate) -> dict[str, Any]:
    values = {name: getattr(candidate, name) for name in (*registering.FIELDS, "version")}
    values["graduation"] = graduation.write(candidate.graduation_year, candidate.graduation_month)
    return values


def _offer(
    fields: dict[str, Any], organization: accounts.Organization, candidate: models.Candidate | None
) -> None:
    """Only the company's own; closed and left ones only where the applicant has them."""
    now = {
        name: getattr(candidate, f"{name}_id", None)
        for name in ("job", "stage", "agency", "agency_contact", "owner")
    }
    language = get_language() or "ja"
    jobs = models.Job.objects.filter(organization=organization)
    fields["job"].queryset = jobs.filter(closed_at=None) | jobs.filter(pk=now["job"])
    fields["job"].label_from_instance = lambda job: job.name_in(language)
    stages = models.Stage.objects.filter(job__in=fields["job"].queryset).select_related("job")
    fields["stage"].queryset = stages
    fields["stage"].choices = _grouped(
        [
            (stage.job.name_in(language), stage.pk, stage.name_in(language))
            for stage in stages.order_by("job__position", "job_id", "position", "id")
        ]
    )
    agencies = models.Agency.objects.filter(organization=organization)
    fields["agency"].queryset = agencies.filter(closed_at=None) | agencies.filter(pk=now["agency"])
    people = models.AgencyContact.objects.filter(agency__organization=organization).select_related("agency")
    people = people.filter(left_at=None, agency__closed_at=None) | people.filter(pk=now["agency_contact"])
    fields["agency_contact"].queryset = people
    fields["agency_contact"].choices = _grouped(
        [
            (person.agency.name, person.pk, person.full_name)
            for person in people.order_by("agency__name", "agency_id", "id")
        ]
    )
    colleagues = accounts.User.objects.filter(organization=organization)
    recruiters = colleagues.working().filter(role__in=(accounts.Role.ADMIN, accounts.Role.RECRUITER))
    fields["owner"].queryset = recruiters | colleagues.filter(pk=now["owner"])
    fields["owner"].label_from_instance = lambda user: user.choice_in(language)


def _grouped(options: list[tuple[str, int, str]]) -> list[tuple[str, Any]]:
    groups: dict[str, list[tuple[int, str]]] = {}
    for group, value, text in options:
        groups.setdefault(group, []).append((value, text))
    return [("", "---------"), *groups.items()]


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it was nothing: an empty POST is a form to be refused, not a fresh one."""
    return request.POST if request.method == "POST" else None


class NoteForm(forms.Form):
    text = django_forms.CharField(
        label=gettext_lazy("Memo"), max_length=2000, widget=django_forms.Textarea(attrs={"rows": 3})
    )


class AgencyForm(forms.Form):
    name = NameField(label=gettext_lazy("Agency name"), max_length=120)
    phone = PhoneField()
    note = django_forms.CharField(
        label=FIELD_LABELS["note"], required=False, max_length=10_000,
        widget=django_forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"phone": self.cleaned_data["phone"].text}


class ContactForm(DoubtingEmail, forms.Form):
    department = NameField(label=gettext_lazy("Department"), max_length=80, required=False)
    title = NameField(label=gettext_lazy("Job title"), max_length=40, required=False)
    family_name = NameField(label=FIELD_LABELS["family_name"])
    given_name = NameField(label=FIELD_LABELS["given_name"], required=False)
    email = django_forms.CharField(
        label=FIELD_LABELS["email"], max_length=254,
        widget=django_forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    phone = PhoneField()
    language = django_forms.ChoiceField(label=FIELD_LABELS["language"], choices=accounts.Language.choices)
    time_zone = django_forms.ChoiceField(
        label=FIELD_LABELS["time_zone"], choices=accounts_forms.time_zones, initial="Asia/Tokyo"
    )

    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"phone": self.cleaned_data["phone"].text}


class TitleForm(forms.Form):
    """The name of a job or a step, in both languages."""

    name = NameField(label=gettext_lazy("Name"), max_length=60)
    name_en = NameField(label=gettext_lazy("English name"), max_length=60, required=False)


class UploadForm(forms.Form):
    file = django_forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=django_forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        help_text=gettext_lazy("UTF-8 or Shift_JIS, up to 5 MB and 20,000 rows."),
    )


class SavedViewForm(forms.Form):
    name = NameField(label=gettext_lazy("Name of the view"), max_length=40)
