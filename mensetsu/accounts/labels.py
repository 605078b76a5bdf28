"""What the fields of a company are called: on its page and in its history. (no models: read while apps are found)"""

from django.utils.translation import gettext_lazy as _

ORGANIZATION = {
    "name": _("Company name"),
    "name_en": _("Company name in English"),
    "department": _("Department"),
    "phone": _("Telephone number"),
    "office_hours": _("Office hours"),
    "contact_name": _("Contact on the day of the interview"),
    "contact_phone": _("Telephone number on the day"),
    "mail_from": _("Sender address of mails to applicants"),
    "mail_reply_to": _("Reply address"),
    "language": _("Language of the company"),
    "time_zone": _("Time zone"),
    "self_reference": _("How mails call the company"),
    "colleague_honorific": _("Honorific for colleagues"),
    "fiscal_year_first_month": _("First month of the fiscal year"),
}
