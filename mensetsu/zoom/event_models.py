"""What Zoom told us, stored before it is understood. Kept beside `models`, which imports it."""

from django.db import models


class WebhookEvent(models.Model):
    """One message from Zoom, stored whole before it is understood; deleted after 30 days."""

    app = models.ForeignKey("zoom.App", on_delete=models.CASCADE, related_name="events")
    dedupe_key = models.CharField(max_length=64)
    event = models.CharField(max_length=80)
    body = models.TextField()
    is_verified = models.BooleanField(default=True)
    received_at = models.DateTimeField()
    # It came in a stream and has no job yet: a reading (zoom.webhooks) takes whatever waits, and empties this.
    unread_since = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "dedupe_key"], name="webhook_received_once")]
        indexes = [
            models.Index(fields=["received_at"], name="webhook_by_age"),
            models.Index(
                fields=["unread_since"], condition=models.Q(unread_since__isnull=False), name="webhook_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.received_at:%Y-%m-%d %H:%M}"
