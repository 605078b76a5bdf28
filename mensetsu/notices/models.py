"""What our software writes to our own users, as rows: each is one mail to one person that leaves at most once."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Problem(models.TextChoices):
    """Why a mail has not left, in words for the one who wrote it. The server's own words stand beside it."""

    BAD_RECIPIENT = "bad_recipient", _("The recipient's mail server refused the address.")
    BAD_SENDER = "bad_sender", _("The mail server refused the sender address.")
    BAD_MESSAGE = "bad_message", _("The mail server refused the message.")
    TEMPORARY = "temporary", _("The mail server asked to try again later.")
    UNREACHABLE = "unreachable", _("The mail server could not be reached.")
    LOGIN = "login", _("The mail server refused the login. Tell whoever runs Mensetsu.")
    UNCERTAIN = "uncertain", _("The connection was lost while sending. It may or may not have been sent.")
    RESTORED = "restored", _("Held back because a backup was restored. It may have been sent before that.")
    # It could not leave in time, and was not handed to the server at all.
    OVERDUE = "overdue", _("The time that it was about had already come.")
    LATE_WORDS = "late_words", _("It could not leave on its day, and says “today” or “tomorrow”.")


class OutgoingQuerySet(models.QuerySet["OutgoingNotice"]):
    def visible_to(self, user: Any) -> "OutgoingQuerySet":
        """What was written to the reader's own company."""
        return self.filter(organization_id=user.organization_id)

    def about(self, row: models.Model) -> "OutgoingQuerySet":
        """The notices about that row: newest first."""
        return self.filter(about=row._meta.label_lower, about_id=row.pk).order_by("-created_at", "-id")

    def waiting(self) -> "OutgoingQuerySet":
        """Neither sent, failed nor dropped: the only rows that may be claimed."""
        return self.filter(sent_at=None, failed_at=None, canceled_at=None)

    def troubled(self) -> "OutgoingQuerySet":
        """Failed, and not settled by a person: somebody still believes that this notice arrived."""
        return self.filter(failed_at__isnull=False, settled_at=None)


class OutgoingNotice(models.Model):
    """One notice to one colleague. Queued → sent, or failed, or dropped because it would not be true any more.

    Names its reader and what it is about by id, so that a past never forbids a deletion. What the text says is
    forgotten once it was sent; the row goes after some months (sending.forget_old)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Null: queued by a release that did not write it down.
    organization_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    # The folder of templates/notices.
    name = models.CharField(max_length=40)
    # The row whose page shows what became of it ("interviews.interview", 34), if there is one.
    about = models.CharField(max_length=60, blank=True)
    about_id = models.BigIntegerField(null=True)
    email = models.EmailField(max_length=254)
    to_name = models.CharField(max_length=300)
    language = models.CharField(max_length=5)
    time_zone = models.CharField(max_length=64)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Claimed by one worker; a claim older than ten minutes was left behind by a dead one.
    sending_at = models.DateTimeField(null=True)
    # Set right before the text is handed to the server: after this moment it may have arrived, whatever follows.
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=16, choices=Problem, blank=True)
    # The server's own words.
    problem_detail = models.CharField(max_length=500, blank=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["about", "about_id"], condition=Q(about_id__isnull=False), name="notice_about"
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, failed_at=None, canceled_at=None),
                name="notice_waiting",
            ),
            models.Index(
                fields=["organization_id", "failed_at"],
                condition=Q(failed_at__isnull=False, settled_at=None),
                name="notice_troubled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} to {self.user_id} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        """queued, sent, failed, uncertain or dropped."""
        if self.canceled_at:
            return "dropped"
        if self.sent_at:
            return "sent"
        if self.failed_at:
            return "uncertain" if self.problem in (Problem.UNCERTAIN, Problem.RESTORED) else "failed"
        return "queued"
