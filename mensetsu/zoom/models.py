"""Zoom as we know it: an organization's app, the accounts linked through it, the meetings made, the news received."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts
from mensetsu.zoom.difference_models import (  # noqa: F401
    Difference,
    DifferenceKind,
    HowSettled,
    Orphan,
    WhyOrphan,
)
from mensetsu.zoom.event_models import WebhookEvent  # noqa: F401
from mensetsu.zoom.limit_models import AccountPace, WriteBudget  # noqa: F401

BASIC_PLAN = 1  # Zoom user type 1; 2 is Licensed. https://developers.zoom.us/docs/api/users/
BASIC_PLAN_MINUTES = 40
NO_MEETINGS = (4, 99)  # unassigned without Meetings Basic, and none: such a user holds no meeting at all


class OwnedQuerySet(models.QuerySet):
    def visible_to(self, user: accounts.User):
        return self.filter(organization_id=user.organization_id)


class App(models.Model):
    """The organization's own Zoom app. Secrets are encrypted; only `zoom.tokens` reads them."""

    organization = models.OneToOneField(
        accounts.Organization, on_delete=models.CASCADE, related_name="zoom_app"
    )
    # Names the app in the webhook address, so that a message is checked with the right secret.
    key = models.CharField(max_length=32, unique=True)
    client_id = models.CharField(max_length=120, blank=True)
    client_secret_sealed = models.TextField(blank=True)
    secret_token_sealed = models.TextField(blank=True)
    oauth_base = models.URLField(blank=True)
    api_base = models.URLField(blank=True)
    updated_at = models.DateTimeField()
    # Zoom said invalid_client: a fault of the set-up, never of a person's link.
    refused_at = models.DateTimeField(null=True, blank=True)
    # The last webhook with a right signature, and the last with a wrong one.
    heard_at = models.DateTimeField(null=True, blank=True)
    misheard_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Zoom app of {self.organization_id}"


class EndReason(models.TextChoices):
    DISCONNECTED = "disconnected", _("Disconnected here")
    DEAUTHORIZED = "deauthorized", _("The app was removed at Zoom")
    REVOKED = "revoked", _("Zoom no longer accepts the link")
    REFRESH_LOST = "refresh_lost", _("Zoom's answer was lost while the link was being renewed")
    REPLACED = "replaced", _("Linked anew")
    USER_GONE = "user_gone", _("The Zoom user no longer exists")


class ConnectionQuerySet(OwnedQuerySet):
    def live(self) -> "ConnectionQuerySet":
        return self.filter(ended_at=None)

    def manageable_by(self, user: accounts.User) -> "ConnectionQuerySet":
        """Whose links a person may check, change and end: their own; the shared ones as a recruiter; an
        administrator all of the company's, because people leave."""
        mine = Q(owner=user)
        if user.is_admin:
            return self.filter(organization_id=user.organization_id)
        return self.filter(mine | Q(is_shared=True) if user.is_recruiter else mine)

    def of_app(self, app: "App") -> "ConnectionQuerySet":
        """Links made through this very app: of its company, or of all companies that share the installation's."""
        sharing = App.objects.filter(client_id=app.client_id).values("organization_id")
        if app.client_id:
            return self.filter(organization_id__in=sharing)
        return self.exclude(organization_id__in=App.objects.exclude(client_id="").values("organization_id"))

    def hosts_for(self, organization: accounts.Organization) -> "ConnectionQuerySet":
        """Live connections that may host: licensed before basic, then by name; who holds no meeting at all is last."""
        last = models.Case(models.When(plan_type__in=NO_MEETINGS, then=1), default=0)
        return self.live().filter(organization=organization).order_by(last, "-plan_type", "label", "id")


class Connection(models.Model):
    """One Zoom user linked to one company (Zoom主催者 when it hosts). A row with a beginning and an end:
    linking again makes a new row, and old meetings keep pointing at the host they really had."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="zoom_connections"
    )
    owner = models.ForeignKey(accounts.User, on_delete=models.PROTECT, related_name="zoom_connections")
    is_shared = models.BooleanField(default=False)
    label = models.CharField(max_length=80, blank=True)
    zoom_user_id = models.CharField(max_length=64, blank=True)
    zoom_account_id = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=254, blank=True)
    display_name = models.CharField(max_length=120, blank=True)
    plan_type = models.PositiveSmallIntegerField(default=0)
    scopes = models.TextField(blank=True)
    capacity = models.PositiveSmallIntegerField(default=1)
    access_token_sealed = models.TextField(blank=True)
    refresh_token_sealed = models.TextField(blank=True)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    # The lease on refreshing: who holds it and until when (zoom.tokens).
    lease_key = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Set before a refresh is sent and cleared by its answer: while set, our refresh token may be used up already.
    refresh_sent_at = models.DateTimeField(null=True, blank=True)
    # Counts every booking of this host's time; a conditional UPDATE of it is where competitors queue up.
    touched = models.PositiveIntegerField(default=0)
    connected_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    # Why the last check could not be made (Zoom away); empty when it could.
    check_problem = models.CharField(max_length=200, blank=True)
    # The same of the daily comparison of its meetings (sweeping).
    compared_at = models.DateTimeField(null=True, blank=True)
    compare_problem = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, choices=EndReason.choices, blank=True)
    ended_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "zoom_user_id"],
                condition=Q(ended_at=None),
                name="zoom_user_linked_once",
            ),
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(ended_at=None, is_shared=False),
                name="personal_link_once_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="") | Q(ended_at__isnull=False) & ~Q(end_reason=""),
                name="connection_end_has_reason",
            ),
        ]

    def __str__(self) -> str:
        if self.is_nameless:
            return _("Zoom account of %(owner)s") % {"owner": self.owner.name_in(get_language() or "ja")}
        return self.label or self.display_name or self.email

    @property
    def is_nameless(self) -> bool:
        """What Zoom told us of the account was erased, and we have no word of our own for it."""
        return not (self.label or self.display_name or self.email)

    def name_in(self, language: str) -> str:
        """The name for a reader of that language: a personal account that is only called as its owner is."""
        if self.is_shared or language == "ja" or str(self) != self.owner.full_name:
            return str(self)
        return self.owner.name_in(language)

    @property
    def is_live(self) -> bool:
        return self.ended_at is None

    @property
    def is_basic(self) -> bool:
        return self.plan_type == BASIC_PLAN


class Problem(models.TextChoices):
    """Why Zoom has not been told yet, or why it refused. The sentence is the cause; what to do is the page's."""

    AWAY = "away", _("Zoom is not answering.")
    BUSY = "busy", _("Zoom asks us to wait a moment.")
    DAILY_LIMIT = "daily_limit", _("Zoom's daily limit of this account is used up.")
    UNKNOWN = "unknown", _("Zoom's answer was lost. We are looking whether the meeting was made.")
    CONNECTION_ENDED = "connection_ended", _("The Zoom account must be connected again.")
    APP_REFUSED = "app_refused", _("Zoom does not accept this company's app settings.")
    SCOPE_MISSING = "scope_missing", _("The Zoom app lacks a permission.")
    REFUSED = "refused", _("Zoom refused the meeting.")
    NOT_TAKEN = "not_taken", _("Zoom did not take over the change.")
    INACTIVE = "inactive", _("The Zoom user is not active.")
    WRONG_HOST = "wrong_host", _("At Zoom another account hosts this meeting.")


class PendingApproval(models.Model):
    """承認待ち: what the user told us, for Zoom tells an app nothing of its pre-approval."""

    owner = models.OneToOneField(
        accounts.User, on_delete=models.CASCADE, related_name="zoom_pending_approval"
    )
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.owner_id} since {self.noted_at:%Y-%m-%d}"


class MeetingQuerySet(OwnedQuerySet):
    def live(self) -> "MeetingQuerySet":
        """Meetings that hold their host's time: not canceled, not lost."""
        return self.filter(canceled_at=None, lost_at=None)

    def upcoming(self, now: datetime) -> "MeetingQuerySet":
        return self.live().filter(ends_at__gt=now).order_by("starts_at", "id")

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> "MeetingQuerySet":
        """Half-open: a meeting that ends when another starts does not overlap it."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def unsynced(self) -> "MeetingQuerySet":
        """Issued meetings whose time, length or topic Zoom has not been told yet."""
        return (
            self.live()
            .filter(~Q(issued_at=None))
            .exclude(synced_starts_at=F("starts_at"), synced_minutes=F("minutes"), synced_topic=F("topic"))
        )


class Meeting(models.Model):
    """One Zoom meeting: first wanted (requested), then made (issued). Times are UTC instants.

    `page_url` is where whoever asked for it shows it; zoom does not know what it is for."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="zoom_meetings"
    )
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="meetings")
    # Travels in the agenda, so that a meeting made by a lost answer is recognised and adopted.
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    topic = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    page_url = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, default="Asia/Tokyo")
    requested_at = models.DateTimeField()
    # Zoom's side, known after issue. The id is a decimal string: Zoom sends it as number or as string.
    zoom_id = models.CharField(max_length=20, blank=True)
    zoom_uuid = models.CharField(max_length=64, blank=True)
    zoom_created_at = models.DateTimeField(null=True, blank=True)
    join_url = models.TextField(blank=True)
    passcode = models.CharField(max_length=20, blank=True)
    has_waiting_room = models.BooleanField(default=True)
    requires_login = models.BooleanField(default=False)
    admits_early = models.BooleanField(default=False)
    # What we want of these three at Zoom; a person may take over what somebody chose there.
    wants_waiting_room = models.BooleanField(default=True)
    wants_login = models.BooleanField(default=False)
    wants_early_entry = models.BooleanField(default=False)
    # A topic taken over from Zoom: it stays, whatever the interview is called afterwards.
    own_topic = models.CharField(max_length=200, blank=True)
    # Made by a person at Zoom and taken over here; our mark is to be written on it (`marked_at`: it was).
    adopted_at = models.DateTimeField(null=True, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    synced_starts_at = models.DateTimeField(null=True, blank=True)
    synced_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    synced_topic = models.CharField(max_length=200, blank=True)
    # The work of telling Zoom: how often tried, why not yet, when next.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Set before a create is sent and cleared by its answer: while set, a meeting may exist that we do not know.
    create_sent_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=40, choices=Problem.choices, blank=True)
    problem_detail = models.CharField(max_length=500, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    # Zoom has confirmed that a canceled meeting is gone.
    removed_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    # Somebody changed it at Zoom: `synced_…` is what Zoom has now. Cleared when both sides agree again.
    drifted_at = models.DateTimeField(null=True, blank=True)
    # When Zoom was last asked whether it is still there and still as we have it.
    checked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start"),
            models.CheckConstraint(
                condition=Q(issued_at=None) | ~Q(zoom_id="") & ~Q(join_url=""),
                name="issued_meeting_has_join_url",
            ),
            models.UniqueConstraint(
                fields=["connection", "zoom_id"], condition=~Q(zoom_id=""), name="zoom_meeting_known_once"
            ),
        ]
        indexes = [
            # What a host has still to do: by its end, so that no search reads what is over.
            models.Index(
                fields=["connection", "ends_at", "starts_at"],
                condition=Q(canceled_at=None, lost_at=None),
                name="meeting_ahead_of_host",
            ),
            models.Index(fields=["zoom_id"], name="meeting_by_zoom_id"),
            models.Index(fields=["organization", "starts_at"], name="meeting_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.starts_at:%Y-%m-%d %H:%M}Z"

    def save(self, *args, **kwargs) -> None:
        self.ends_at = self.starts_at + timedelta(minutes=self.minutes)
        super().save(*args, **kwargs)

    # Beside the tentative holds of the same host, which say True.
    is_hold = False

    @property
    def is_live(self) -> bool:
        return self.canceled_at is None and self.lost_at is None

    @property
    def is_issued(self) -> bool:
        """There is a join URL that works as far as we know."""
        return self.issued_at is not None and self.is_live

    @property
    def is_pending(self) -> bool:
        return self.issued_at is None and self.is_live and self.failed_at is None

    @property
    def is_failed(self) -> bool:
        return self.issued_at is None and self.is_live and self.failed_at is not None

    @property
    def is_unsynced(self) -> bool:
        """Issued, but Zoom has not confirmed the present time, length or topic yet."""
        return self.is_issued and (self.synced_starts_at, self.synced_minutes, self.synced_topic) != (
            self.starts_at,
            self.minutes,
            self.topic,
        )

    @property
    def needs_mark(self) -> bool:
        """Taken over from a person, and Zoom has not been told yet that it is ours."""
        return self.adopted_at is not None and self.marked_at is None

    @property
    def display_id(self) -> str:
        """The id as Zoom prints it: 884 1234 5678."""
        digits = self.zoom_id
        return f"{digits[:3]} {digits[3:-4]} {digits[-4:]}" if len(digits) >= 9 else digits


class HostHoldQuerySet(models.QuerySet["HostHold"]):
    def standing(self, now: datetime) -> "HostHoldQuerySet":
        return self.filter(held_until__gt=now)

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> "HostHoldQuerySet":
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class HostHold(models.Model):
    """仮押さえ: a host's time kept for something that is not decided yet; counts like a meeting until `held_until`.

    `key` names what it is for; whoever made it releases it by that key."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="holds")
    key = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    held_until = models.DateTimeField()

    is_hold = True

    objects = HostHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="host_hold_ends_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "ends_at", "starts_at"], name="hold_ahead_of_host"),
            models.Index(fields=["key"], name="host_hold_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.key} {self.starts_at:%Y-%m-%d %H:%M}Z"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)
