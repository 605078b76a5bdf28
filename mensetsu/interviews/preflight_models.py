"""直前チェック: whether a coming interview will work, looked at three times before it begins.

Kept beside `models`, which imports it."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Milestone(models.TextChoices):
    """How long before the start. The order is the one in which they come."""

    DAY = "day", _("24 hours before")
    HOUR = "hour", _("1 hour before")
    LAST = "last", _("10 minutes before")

    @property
    def distance(self) -> timedelta:
        return {"day": timedelta(hours=24), "hour": timedelta(hours=1), "last": timedelta(minutes=10)}[self]


class PreflightQuerySet(models.QuerySet["Preflight"]):
    def due(self, now) -> "PreflightQuerySet":
        """To be looked at, for the first time or again."""
        return self.filter(due_at__lte=now, starts_at__gt=now).order_by("starts_at", "id")


class Preflight(models.Model):
    """One check of one interview at one distance from the start that it had then.

    `items` are {"code", "state", "cause"} in reading order: what was looked at, "ok", "repaired", "failed" or
    "unknown", and why (interviews.preflight_words)."""

    class State(models.TextChoices):
        PENDING = "", pgettext_lazy("check", "Under way")
        OK = "ok", pgettext_lazy("check", "OK")
        REPAIRED = "repaired", pgettext_lazy("check", "Repaired by itself")
        FAILED = "failed", pgettext_lazy("check", "Needs attention")
        UNKNOWN = "unknown", pgettext_lazy("check", "Cannot check now")

    interview = models.ForeignKey("interviews.Interview", on_delete=models.CASCADE, related_name="preflights")
    milestone = models.CharField(max_length=4, choices=Milestone.choices)
    starts_at = models.DateTimeField()
    made_at = models.DateTimeField()
    # When it is looked at, or looked at again; null: what was found stands.
    due_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, blank=True)
    items = models.JSONField(default=list)
    # The recruiters were told by mail what had failed.
    told_at = models.DateTimeField(null=True, blank=True)

    objects = PreflightQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "milestone", "starts_at"], name="preflight_once_a_milestone"
            ),
            models.CheckConstraint(
                condition=Q(state="", checked_at=None) | ~Q(state="") & Q(checked_at__isnull=False),
                name="preflight_state_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="preflight_due"),
            models.Index(fields=["starts_at"], condition=Q(state="failed"), name="preflight_failed"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.milestone} of {self.interview_id}: {self.state}"

    @property
    def failures(self) -> list[dict[str, str]]:
        return [item for item in self.items if item["state"] == self.State.FAILED]
