"""What Zoom lets us do, counted here before Zoom says no: writes a day and host, requests a second and account.

Kept beside `models`, which imports it. Neither row belongs to a company: a Zoom user has the same hundred whoever asks,
and an account's limits are shared by everybody in it. https://developers.zoom.us/docs/api/rate-limits/"""

from django.db import models


class WriteBudget(models.Model):
    """Creates and updates of one Zoom user on one day of UTC. Not of a link: linked anew it is the same hundred."""

    zoom_user_id = models.CharField(max_length=64)
    on = models.DateField()
    spent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["zoom_user_id", "on"], name="write_budget_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.spent} on {self.on}"


class AccountPace(models.Model):
    """When the next request of one label may leave for one Zoom account, and until when Zoom asked us to wait.

    The label "" stands for every request of the account."""

    # Zoom's account id, or whose link it is while that is unknown.
    account = models.CharField(max_length=80)
    label = models.CharField(max_length=8, blank=True)
    # The theoretical arrival time of the next request (zoom.pacing).
    next_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)
    held_why = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "label"], name="account_pace_once_a_label"),
        ]

    def __str__(self) -> str:
        return f"{self.label or 'all'} from {self.next_at:%Y-%m-%d %H:%M:%S}Z"
