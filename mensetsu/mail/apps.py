"""How the history of letters and templates reads."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mensetsu.history import wording


class MailConfig(AppConfig):
    name = "mensetsu.mail"

    def ready(self) -> None:
        # Not before the models are loaded.
        from mensetsu.mail.models import Problem  # noqa: PLC0415

        wording.register(
            {
                "mail.queued": _("Wrote to %(to)s: %(subject_line)s"),
                "mail.sent": _("Email sent to %(to)s: %(subject_line)s"),
                "mail.failed": _("Email to %(to)s failed (%(problem)s): %(subject_line)s"),
                "mail.canceled": _("Called back the email to %(to)s: %(subject_line)s"),
                "mail.settled": _("Settled the failed email to %(to)s: %(subject_line)s"),
                "template.added": _("Added the template %(name)s"),
                "template.changed": _("Changed the template %(name)s"),
                "template.restored": _("Brought back the text of %(saved_at)s in the template %(name)s"),
                "template.restored_sample": _("Brought back the initial text of the template %(name)s"),
                "template.retired": _("Removed the template %(name)s"),
                "group.added": _("Added the template group %(name)s"),
                "group.changed": _("Changed the template group %(name)s"),
                "group.made_default": _("Made the template group %(name)s the default"),
                "group.retired": _("Removed the template group %(name)s"),
            },
            words={"problem": dict(Problem.choices)},
        )
