"""What people type about themselves, their colleagues and their company."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mensetsu.accounts import labels, names
from mensetsu.accounts.models import Language, Organization, Role, User
from mensetsu.web import forms

_HOME = "Asia/Tokyo"


@cache
def time_zones() -> list[tuple[str, str]]:
    """Every place of the time zone database; Japan first."""
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name and name != _HOME)
    return [(name, name.replace("_", " ")) for name in (_HOME, *places)]


class NameField(django_forms.CharField):
    """A name as people write it: trimmed, otherwise untouched."""

    def to_python(self, value: Any) -> str:
        return names.spaced(super().to_python(value) or "")


class KanaField(django_forms.CharField):
    """A reading in any kana; stored in full-width katakana."""

    def to_python(self, value: Any) -> str:
        found = names.kana(super().to_python(value) or "")
        if found is None:
            label = forms.in_sentence(str(self.label))
            raise ValidationError(
                _("Enter %(field)s in hiragana or katakana.") % {"field": label}, code="kana"
            )
        return found


def _name(label: Any, token: str, *, required: bool = True, hint: Any = "") -> NameField:
    attributes = {"autocomplete": token, "spellcheck": "false"}
    return NameField(
        label=label,
        required=required,
        max_length=50,
        help_text=hint,
        widget=django_forms.TextInput(attributes),
    )


def _given_name() -> NameField:
    hint = gettext_lazy("Leave it empty if there is no given name.")
    return _name(gettext_lazy("Given name"), "given-name", required=False, hint=hint)


class ProfileForm(forms.ModelForm):
    family_name = _name(gettext_lazy("Family name"), "family-name")
    given_name = _given_name()
    family_kana = KanaField(label=gettext_lazy("Family name (reading)"), required=False, max_length=50)
    given_kana = KanaField(label=gettext_lazy("Given name (reading)"), required=False, max_length=50)
    romaji = NameField(
        label=gettext_lazy("Name in Latin letters"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Shown on English pages and in English mails. Example: Hanako Yamada"),
        widget=django_forms.TextInput({"autocapitalize": "words", "spellcheck": "false"}),
    )
    extension = NameField(label=gettext_lazy("Extension number"), required=False, max_length=40)
    language = django_forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    time_zone = django_forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=time_zones,
        help_text=gettext_lazy("Dates and times on your pages and in mails to you follow it."),
    )
    theme = django_forms.ChoiceField(
        label=gettext_lazy("Colors of the pages"),
        choices=User._meta.get_field("theme").choices,
        widget=django_forms.RadioSelect,
    )
    has_shortcuts = django_forms.BooleanField(
        label=gettext_lazy("Use keyboard shortcuts"),
        required=False,
        help_text=gettext_lazy("Single keys such as / and j. Switch them off if you use speech input."),
    )

    class Meta:
        model = User
        fields = [
            "family_name",
            "given_name",
            "family_kana",
            "given_kana",
            "romaji",
            "extension",
            "language",
            "time_zone",
            "theme",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["has_shortcuts"].initial = self.instance.has_shortcuts


class RoleForm(forms.Form):
    role = django_forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=Role.choices,
        widget=django_forms.RadioSelect,
        help_text=gettext_lazy(
            "Administrators manage people and settings. Recruiters set interviews and write to applicants. "
            "Interviewers see only their own interviews."
        ),
    )


class InvitationForm(RoleForm):
    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        help_text=gettext_lazy("The invitation is sent there. It is the login name too."),
        widget=django_forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    family_name = _name(gettext_lazy("Family name"), "off")
    given_name = NameField(
        label=gettext_lazy("Given name"),
        required=False,
        max_length=50,
        help_text=gettext_lazy("Leave it empty if there is no given name."),
        widget=django_forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    language = django_forms.ChoiceField(
        label=gettext_lazy("Language of the invitation"), choices=Language.choices
    )

    field_order = ["email", "family_name", "given_name", "role", "language"]


class OrganizationForm(forms.ModelForm):
    name = NameField(label=labels.ORGANIZATION["name"], max_length=120)
    name_en = NameField(
        label=labels.ORGANIZATION["name_en"],
        required=False,
        max_length=120,
        help_text=gettext_lazy("Shown to readers of English. Without it they see the Japanese name."),
    )
    department = NameField(label=labels.ORGANIZATION["department"], required=False, max_length=120)
    phone = NameField(label=labels.ORGANIZATION["phone"], required=False, max_length=40)
    office_hours = NameField(
        label=labels.ORGANIZATION["office_hours"],
        required=False,
        max_length=80,
        help_text=gettext_lazy("Example: Mon–Fri 9:00–18:00"),
    )
    contact_name = NameField(
        label=labels.ORGANIZATION["contact_name"],
        required=False,
        max_length=80,
        help_text=gettext_lazy("Whom applicants should call when the interview does not work."),
    )
    contact_phone = NameField(label=labels.ORGANIZATION["contact_phone"], required=False, max_length=40)
    time_zone = django_forms.ChoiceField(label=labels.ORGANIZATION["time_zone"], choices=time_zones)
    fiscal_year_first_month = django_forms.TypedChoiceField(
        label=labels.ORGANIZATION["fiscal_year_first_month"], choices=list(MONTHS.items()), coerce=int
    )

    class Meta:
        model = Organization
        fields = [
            "name",
            "name_en",
            "department",
            "phone",
            "office_hours",
            "contact_name",
            "contact_phone",
            "mail_from",
            "mail_reply_to",
            "language",
            "time_zone",
            "self_reference",
            "colleague_honorific",
            "fiscal_year_first_month",
        ]
        labels = labels.ORGANIZATION
        help_texts = {
            "mail_from": gettext_lazy("Without it the address of this installation is used."),
            "mail_reply_to": gettext_lazy("Where answers of applicants arrive. Somebody should read it."),
        }


class HolidayForm(forms.Form):
    on = forms.DateField(label=gettext_lazy("Date"))
    name = NameField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("Example: New Year holidays")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # It stands on one page with the company's own form, which has a name too.
        kwargs.setdefault("auto_id", "id_holiday_%s")
        super().__init__(*args, **kwargs)
