"""Where Zoom and we disagree about a meeting, and what stands at Zoom that nobody here knows any more."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts


class DifferenceKind(models.TextChoices):
    """What differs. The order is the one in which a person should read them."""

    GONE = "gone", _("The meeting no longer exists at Zoom")
    WEBINAR = "webinar", _("Turned into a webinar at Zoom")
    HOST = "host", _("Zoom host")
    TIME = "time", _("Date and time")
    LENGTH = "length", _("Length")
    SIGN_IN = "sign_in", _("Signing in to Zoom")
    WAITING_ROOM = "waiting_room", _("Waiting room")
    EARLY_ENTRY = "early_entry", _("Entering before the host")
    PASSCODE = "passcode", _("Passcode")
    TOPIC = "topic", _("Topic")
    LINK = "link", _("Join link and passcode")


class HowSettled(models.TextChoices):
    """How a difference came to its end."""

    ADOPTED = "adopted", _("Taken over from Zoom")
    RESTORED = "restored", _("Put back at Zoom")
    AGREED = "agreed", _("Both sides agree again")
    REPLACED = "replaced", _("Replaced by another meeting")


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def visible_to(self, user: accounts.User) -> "DifferenceQuerySet":
        return self.filter(organization_id=user.organization_id)

    def standing(self) -> "DifferenceQuerySet":
        """Both sides still disagree, whether somebody chose to ignore that or not."""
        return self.filter(settled_at=None)

    def open(self) -> "DifferenceQuerySet":
        """Those that wait for a person's decision, of meetings that nobody canceled."""
        return self.standing().filter(ignored_at=None, meeting__canceled_at=None)


class Difference(models.Model):
    """One thing about one meeting that Zoom has otherwise than we do.

    `ours` and `theirs` are stored as comparing.py writes them: instants in ISO 8601 (UTC), lengths in minutes, settings
    as "on" and "off", the host as whatever tells two Zoom users apart without naming them."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="zoom_differences"
    )
    meeting = models.ForeignKey("zoom.Meeting", on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=16, choices=DifferenceKind.choices)
    ours = models.CharField(max_length=200, blank=True)
    theirs = models.CharField(max_length=200, blank=True)
    # Of the kind HOST: the link of the Zoom user who hosts it now, where that user is linked here.
    their_host = models.ForeignKey(
        "zoom.Connection", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    found_at = models.DateTimeField()
    # 「無視」: holds as long as Zoom's value stays the same.
    ignored_at = models.DateTimeField(null=True, blank=True)
    ignored_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # 「Zoomを元に戻す」 was pressed and Zoom has not confirmed it yet; why it could not be done, if so.
    restoring_at = models.DateTimeField(null=True, blank=True)
    restoring_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    problem = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled = models.CharField(max_length=16, choices=HowSettled.choices, blank=True)
    settled_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind"], condition=Q(settled_at=None), name="difference_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled="") | Q(settled_at__isnull=False) & ~Q(settled=""),
                name="settled_difference_says_how",
            ),
        ]
        indexes = [models.Index(fields=["organization", "settled_at"], name="difference_of_organization")]

    def __str__(self) -> str:
        return f"{self.kind} of meeting {self.meeting_id}"


class WhyOrphan(models.TextChoices):
    """Why a meeting at Zoom that carries our mark belongs to nothing here."""

    UNKNOWN = "unknown", _("Not known to this installation")
    DOUBLE = "double", _("A second meeting of the same interview")
    LOST = "lost", _("Deleted at Zoom once and there again")


class OrphanQuerySet(models.QuerySet["Orphan"]):
    def visible_to(self, user: accounts.User) -> "OrphanQuerySet":
        return self.filter(connection__organization_id=user.organization_id)

    def standing(self) -> "OrphanQuerySet":
        """Seen at the last look, of accounts that are linked."""
        return self.filter(gone_at=None, connection__ended_at=None)


class Orphan(models.Model):
    """迷子のミーティング: it carries our mark at Zoom and belongs to no interview that stands. Nobody deletes it but a
    person: it may be another installation's, or a copy that somebody made."""

    connection = models.ForeignKey("zoom.Connection", on_delete=models.CASCADE, related_name="orphans")
    zoom_id = models.CharField(max_length=20)
    reference = models.UUIDField()
    why = models.CharField(max_length=10, choices=WhyOrphan.choices)
    topic = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(default=0)
    found_at = models.DateTimeField()
    # 〔Zoomから削除〕 was pressed; why Zoom refused, if it did.
    removing_at = models.DateTimeField(null=True, blank=True)
    removing_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    problem = models.CharField(max_length=40, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = OrphanQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "zoom_id"], condition=Q(gone_at=None), name="orphan_listed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.zoom_id} at {self.connection_id}"
