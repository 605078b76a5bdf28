"""A bulk change of host, and what became of it interview by interview.

Kept beside `models`, which imports it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts
from mensetsu.zoom import models as zoom


# What became of one interview of a bulk change of host.
class RehostOutcome(models.TextChoices):
    MOVED = "moved", _("The host was changed.")
    BUSY = "busy", _("The chosen account hosts another interview at that time.")
    NO_FREE_HOST = "no_free_host", _("No connected Zoom account is free at that time.")
    HOST_ENDED = "host_ended", _("The chosen Zoom account is no longer connected.")
    CHANGED = "changed", _("Somebody changed this interview at the same moment.")
    RUNNING = "running", _("It is in progress. It can be changed after it ends.")
    NOT_NEEDED = "not_needed", _("It is cancelled, over or has another host already.")


class RehostingQuerySet(models.QuerySet["Rehosting"]):
    def visible_to(self, user: accounts.User) -> "RehostingQuerySet":
        return self.filter(organization_id=user.organization_id)


class Rehosting(models.Model):
    """A bulk change of host: what was asked, then, item by item, what became of it."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="rehostings"
    )
    from_host = models.ForeignKey(zoom.Connection, on_delete=models.PROTECT, related_name="rehostings_away")
    # Null: Mensetsu picks a free one for each interview.
    to_host = models.ForeignKey(
        zoom.Connection, null=True, blank=True, on_delete=models.PROTECT, related_name="rehostings_here"
    )
    asked_by = models.ForeignKey(accounts.User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RehostingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"away from {self.from_host_id} {self.asked_at:%Y-%m-%d %H:%M}"


class RehostingItem(models.Model):
    """One interview of a bulk change of host."""

    rehosting = models.ForeignKey(Rehosting, on_delete=models.CASCADE, related_name="items")
    interview = models.ForeignKey("Interview", on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=12, choices=RehostOutcome.choices, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rehosting", "interview"], name="rehosting_item_once")]
        ordering = ["interview__starts_at", "id"]

    def __str__(self) -> str:
        return f"{self.interview_id} {self.outcome}"
