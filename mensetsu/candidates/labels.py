"""What our fields and refusals are called on screen, in one place for forms, history and imports."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from mensetsu.candidates import columns
from mensetsu.web import forms, typed

FIELD_LABELS: dict[str, Any] = {
    "external_id": gettext_lazy("Applicant number"),
    "family_name": gettext_lazy("Family name"),
    "given_name": gettext_lazy("Given name"),
    "family_kana": gettext_lazy("Family name (reading)"),
    "given_kana": gettext_lazy("Given name (reading)"),
    "romaji": gettext_lazy("Name in Latin letters"),
    "email": gettext_lazy("Email address"),
    "phone": gettext_lazy("Phone number"),
    "phone_e164": gettext_lazy("Phone number"),
    "language": gettext_lazy("Applicant's language"),
    "time_zone": gettext_lazy("Time zone"),
    "job": gettext_lazy("Job"),
    "stage": gettext_lazy("Stage"),
    "agency": gettext_lazy("Agency"),
    "agency_contact": gettext_lazy("Agency contact"),
    "contact_route": gettext_lazy("Contact by"),
    "owner": gettext_lazy("Owner"),
    "status": gettext_lazy("Status"),
    "source": gettext_lazy("Source"),
    "graduation_year": gettext_lazy("Graduation"),
    "graduation_month": gettext_lazy("Graduation"),
    "applied_on": gettext_lazy("Applied on"),
    "note": gettext_lazy("Note"),
}

_Told = Mapping[str, Any]
_SENTENCES: dict[str, Callable[[_Told], str]] = {
    "no_name": lambda t: _("The name is missing."),
    "no_identity": lambda t: _("Enter an applicant number, an email address or a phone number."),
    "too_many_cells": lambda t: _("There are more columns than headings. Check for extra commas."),
    "too_long": lambda t: _("%(column)s must be %(limit)s characters or fewer (now %(length)s).") % {
        **t, "column": field_label(t["column"])
    },
    "bad_kana": lambda t: _("Enter the reading in hiragana or katakana: %(text)s") % t,
    "bad_email": lambda t: _("Check the email address: %(text)s") % t,
    "bad_phone": lambda t: _("Check the phone number: %(text)s") % t,
    "bad_date": lambda t: _("Check the date: %(text)s. Example: 2026/11/24") % t,
    "no_such_day": lambda t: _("%(year)s-%(month)s-%(day)s does not exist. Check the date.") % t,
    "out_of_reach": lambda t: forms.out_of_reach(
        typed.OutOfReach(date.fromisoformat(t["on"]), date.fromisoformat(t["limit"]), is_late=t["is_late"])
    ),
    "bad_year": lambda t: _("Check the graduation year: %(text)s. Example: 2028") % t,
    "unknown_word": lambda t: _("%(column)s “%(text)s” is not known. Use one of: %(words)s") % {
        **t, "column": field_label(t["column"]), "words": pgettext("between names", ", ").join(t["words"])
    },
    "unknown_job": lambda t: _("The job “%(text)s” is not registered.") % t,
    "unknown_stage": lambda t: _("The job %(job)s has no stage “%(text)s”.") % t,
    "stage_without_job": lambda t: _("The stage “%(text)s” needs a job.") % t,
    "unknown_agency": lambda t: _("The agency “%(text)s” is not registered.") % t,
    "unknown_owner": lambda t: _("No colleague is called “%(text)s”.") % t,
    "several_owners": lambda t: _("Several colleagues are called “%(text)s”. Use the email address.") % t,
    "number_of_other": lambda t: _("The applicant number %(number)s belongs to another person (%(name)s).") % t,
    "other_number": lambda t: _("%(name)s is registered with the applicant number %(number)s.") % t,
    "mail_of_other": lambda t: _("The email address %(text)s belongs to another person (%(name)s).") % t,
    "several_people": lambda t: _("Several applicants match %(name)s. Add the applicant number.") % t,
    "repeated": lambda t: _("The same person as in row %(line)s.") % t,
    "email_slip": lambda t: _("%(text)s: do you mean %(meant)s?") % t,
    "email_legacy": lambda t: _("%(text)s: other companies' mail may not arrive at an address of this form.") % t,
    "shared_mail": lambda t: _(
        "%(text)s is also the address of %(name)s. This is registered as another person."
    ) % t,
    "too_big": lambda t: _("The file is larger than 5 MB. Split it."),
    "too_many_rows": lambda t: _("The file has more than 20,000 rows. Split it."),
    "empty": lambda t: _("The file is empty. Select another file."),
    "no_rows": lambda t: _(
        "The file has headings but no rows. Enter the applicants below the headings and select it again."
    ),
    "utf16": lambda t: _("The file is in UTF-16. Save it as CSV UTF-8."),
    "encoding": lambda t: _("Row %(line)s: the characters cannot be read. Save the file as CSV UTF-8 or Shift_JIS.")
    % t,
    "nul": lambda t: _("Row %(line)s: this is not a CSV file. Save it as CSV UTF-8.") % t,
    "csv": lambda t: _("Row %(line)s: the quotation marks do not match. Check the row.") % t,
}  # fmt: skip


def sentence(told: _Told) -> str:
    """A stored refusal or remark in the present reader's language."""
    return _SENTENCES[told["code"]](told)


def known_codes() -> frozenset[str]:
    return frozenset(_SENTENCES)


def field_label(name: str) -> str:
    label = FIELD_LABELS.get(name)
    return columns.label(name) if label is None else str(label)
