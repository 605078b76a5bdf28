"""What leaves by itself, and what should have and did not.

Kept beside `models`, which imports it: one table of contents, two chapters."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mensetsu.accounts import models as accounts
from mensetsu.mail import models as mail


class WhyNot(models.TextChoices):
    """Why a letter did not leave by itself."""

    GAP = "gap", _("No text has been chosen for this email.")
    NO_MAIL = "no_mail", _("The template group says: no email.")
    HOLES = "holes", _("The text has tags without a value, or must not be sent as it is.")
    NO_ADDRESS = "no_address", _("There is no email address.")
    CALLED_BACK = "called_back", _("It was called back before it left.")
    CHANGED = "changed", _("The interview changed before the chosen time of sending.")
    RESTORED = "restored", _("Held back because a backup was restored. It may have been sent before that.")
    # The rest is about reminders only.
    CANCELED = "canceled", _("The interview is cancelled.")
    MOVED = "moved", _("The interview is at another time now.")
    BEGUN = "begun", _("The interview had already begun.")
    LEFT = "left", _("The applicant has left the selection.")
    NOT_TOLD = "not_told", _("The confirmation of the present time was not sent before it.")
    JUST_TOLD = "just_told", _("The confirmation was sent a short time before.")
    NOT_MEANT = "not_meant", _("This person does not get emails about the interview any more.")
    SWITCHED_OFF = "switched_off", _("The reminder was switched off.")


class Withheld(models.Model):
    """A letter that the product did not send by itself, and why. Open until it is written by hand or settled."""

    interview = models.ForeignKey("interviews.Interview", on_delete=models.CASCADE, related_name="withheld")
    purpose = models.CharField(max_length=16, choices=mail.Purpose.choices)
    receiver = models.CharField(max_length=12, choices=mail.Receiver.choices)
    # The recipient's key (addressing.Recipient.key), name and language as they were.
    recipient = models.CharField(max_length=40)
    name = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=5, choices=accounts.Language.choices)
    reason = models.CharField(max_length=12, choices=WhyNot.choices)
    # A digest of what the letter would have told (ledger.digest): once that has changed, another letter may be due.
    told = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "purpose", "recipient"],
                condition=Q(settled_at=None),
                name="withheld_once",
            )
        ]
        indexes = [
            models.Index(fields=["interview"], condition=Q(settled_at=None), name="withheld_open"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.recipient} of {self.interview_id}: {self.reason}"

    @property
    def audience(self) -> str:
        """The key of the audience to which the letter is written by hand."""
        return f"{self.receiver}-{self.language}"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def waiting(self) -> "ReminderQuerySet":
        """Not yet decided: the only rows that may be claimed."""
        return self.filter(decided_at=None)

    def due(self, now: datetime) -> "ReminderQuerySet":
        return self.waiting().filter(due_at__lte=now).order_by("due_at", "id")


class Reminder(models.Model):
    """A reminder to one person that is planned. Whether it leaves, and in which words, is decided when it is due."""

    class Outcome(models.TextChoices):
        SENT = "sent", pgettext_lazy("email", "Sent")
        SKIPPED = "skipped", pgettext_lazy("reminder", "Not needed")
        # The interview was moved or canceled, or its people or its group changed: others were planned in its place.
        VOID = "void", pgettext_lazy("reminder", "Replaced")
        CALLED_BACK = "called_back", pgettext_lazy("email", "Called back")

    interview = models.ForeignKey("interviews.Interview", on_delete=models.CASCADE, related_name="reminders")
    rule = models.ForeignKey(mail.ReminderRule, null=True, on_delete=models.SET_NULL, related_name="+")
    receiver = models.CharField(max_length=12, choices=mail.Receiver.choices)
    interviewer = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    # The start that it reminds of: after a move it is void.
    starts_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=12, choices=WhyNot.choices, blank=True)
    mail = models.OneToOneField(
        mail.Mail, null=True, blank=True, on_delete=models.SET_NULL, related_name="reminder"
    )

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None) | ~Q(outcome="") & Q(decided_at__isnull=False),
                name="reminder_outcome_has_time",
            ),
            models.CheckConstraint(
                condition=Q(receiver="interviewer", interviewer__isnull=False)
                | ~Q(receiver="interviewer") & Q(interviewer=None),
                name="reminder_names_interviewer",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(decided_at=None), name="reminder_waiting"),
        ]
        ordering = ["due_at", "id"]

    def __str__(self) -> str:
        return f"{self.receiver} of {self.interview_id} at {self.due_at:%Y-%m-%d %H:%M}Z"
