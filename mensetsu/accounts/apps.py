"""How the history of staff and company reads."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import labels
from mensetsu.history import wording


class AccountsConfig(AppConfig):
    name = "mensetsu.accounts"

    def ready(self) -> None:
        roles = {
            "admin": _("Administrator"),
            "recruiter": _("Recruiter"),
            "interviewer": _("Interviewer"),
        }
        wording.register(
            {
                "staff.invited": _("Invited %(name)s as %(role)s"),
                "staff.invited_again": _("Sent %(name)s a new invitation"),
                "staff.joined": _("%(name)s joined"),
                "staff.role_changed": _("Changed the role of %(name)s from %(role_before)s to %(role)s"),
                "staff.deactivated": _("Deactivated %(name)s"),
                "staff.reactivated": _("Reactivated %(name)s"),
                "staff.password_changed": _("%(name)s changed the password"),
            },
            words={"role": roles, "role_before": roles},
        )
        wording.register(
            {
                "organization.founded": _("Started using Mensetsu"),
                "organization.described": _("Changed the company information: %(fields)s"),
                "organization.holiday_added": _("Added the company holiday %(day_on)s (%(name)s)"),
                "organization.holiday_removed": _("Removed the company holiday %(day_on)s (%(name)s)"),
            },
            words={"fields": labels.ORGANIZATION},
        )
