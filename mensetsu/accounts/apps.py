"""How the history of staff and company reads, and what is looked at before a notice to a colleague leaves."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import labels
from mensetsu.history import wording


class AccountsConfig(AppConfig):
    name = "mensetsu.accounts"

    def ready(self) -> None:
        # Not before the models are loaded.
        from mensetsu.accounts import inviting, resetting  # noqa: PLC0415
        from mensetsu.notices import sending  # noqa: PLC0415
        from mensetsu.notices.models import Problem  # noqa: PLC0415

        keeper = sending.Keeper(prepare=inviting.prepare, failed=inviting.note_undelivered)
        sending.keep(inviting.INVITATION, keeper)
        sending.keep(resetting.RESET, sending.Keeper(prepare=resetting.prepare))
        roles = {
            "admin": _("Administrator"),
            "recruiter": _("Recruiter"),
            "interviewer": _("Interviewer"),
        }
        wording.register(
            {
                "staff.invited": _("Invited %(name)s as %(role)s"),
                "staff.invited_again": _("Sent %(name)s a new invitation"),
                "staff.invitation_failed": _("The invitation of %(name)s could not be sent (%(problem)s)"),
                "staff.joined": _("%(name)s joined"),
                "staff.role_changed": _("Changed the role of %(name)s from %(role_before)s to %(role)s"),
                "staff.deactivated": _("Deactivated %(name)s"),
                "staff.reactivated": _("Reactivated %(name)s"),
                "staff.password_changed": _("%(name)s changed the password"),
            },
            words={"role": roles, "role_before": roles, "problem": dict(Problem.choices)},
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
