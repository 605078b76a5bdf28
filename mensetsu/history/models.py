"""What happened: one row per business fact, written in the transaction of the fact itself."""

from typing import Any

from django.conf import settings
from django.db import models


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: Any) -> "EntryQuerySet":
        """What happened in the reader's own company."""
        return self.filter(organization_id=user.organization_id)

    def of_thread(self, thread: str, thread_id: int) -> "EntryQuerySet":
        """The whole story of one applicant, connection, …: newest first."""
        return self.filter(thread=thread, thread_id=thread_id).order_by("-at", "-id")

    def of_subject(self, subject: str, subject_id: int) -> "EntryQuerySet":
        """What happened to one row: newest first."""
        return self.filter(subject=subject, subject_id=subject_id).order_by("-at", "-id")


class Entry(models.Model):
    """Who did what to which, when. Names its subject by label and id, so that a past never forbids a deletion."""

    organization_id = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The name at that time; empty when the software acted by itself.
    actor_name = models.CharField(max_length=120, blank=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    thread = models.CharField(max_length=60)
    thread_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["thread", "thread_id", "-at"], name="history_thread"),
            models.Index(fields=["subject", "subject_id", "-at"], name="history_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}:{self.subject_id}"
