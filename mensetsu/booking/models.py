"""Dates that applicants choose themselves (日程調整): pages with slots, offers of several dates, invitations."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts
from mensetsu.booking.agency_models import AgencyLink, Outcome, Proposal, ProposedDate  # noqa: F401
from mensetsu.candidates import models as candidates
from mensetsu.interviews import models as interviews
from mensetsu.mail import models as mail
from mensetsu.zoom import models as zoom


class OwnedQuerySet(models.QuerySet):
    def visible_to(self, user: accounts.User):
        return self.filter(organization_id=user.organization_id)


class Kind(models.TextChoices):
    """A page is for many applicants, first come, first served; an offer is for one, and its dates are held."""

    PAGE = "page", _("Booking page")
    OFFER = "offer", _("Dates offered to one applicant")


class HostMode(models.TextChoices):
    POOL = "pool", _("Pick a free one")
    FIXED = "fixed", _("Always this account")
    LATER = "later", _("Decide after the booking")


class BookingPageQuerySet(OwnedQuerySet):
    def pages(self) -> "BookingPageQuerySet":
        return self.filter(kind=Kind.PAGE)

    def open(self) -> "BookingPageQuerySet":
        return self.filter(closed_at=None)


class BookingPage(models.Model):
    """What is booked (step, length, way, host, people), by which rules; its slots say when."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="booking_pages"
    )
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.PAGE)
    # For colleagues; applicants read the company, the step and the note.
    name = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    stage = models.ForeignKey(
        candidates.Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="booking_pages"
    )
    minutes = models.PositiveSmallIntegerField(default=60)
    way = models.CharField(max_length=10, choices=interviews.Way.choices, default=interviews.Way.WEB)
    service = models.CharField(max_length=8, choices=interviews.Service.choices, blank=True)
    custom_url = models.CharField(max_length=500, blank=True)
    place = models.CharField(max_length=300, blank=True)
    host_mode = models.CharField(max_length=6, choices=HostMode.choices, default=HostMode.POOL)
    host = models.ForeignKey(
        zoom.Connection, null=True, blank=True, on_delete=models.PROTECT, related_name="booking_pages"
    )
    # How many are picked from the panelists that are not fixed (k of n).
    pick = models.PositiveSmallIntegerField(default=0)
    # The most interviews a picked person has in a day or a week; null: no limit.
    day_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    week_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    # Slots further away than this are not shown yet, and slots sooner than this not any more.
    horizon_days = models.PositiveSmallIntegerField(default=60)
    notice_hours = models.PositiveSmallIntegerField(default=24)
    # What new invitations get: days to answer, hours before the start until which one may change or cancel, how often.
    answer_days = models.PositiveSmallIntegerField(default=7)
    change_hours = models.PositiveSmallIntegerField(default=24)
    max_changes = models.PositiveSmallIntegerField(default=2)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(accounts.User, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = BookingPageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(way="web") & ~Q(service="") | ~Q(way="web") & Q(service=""),
                name="booking_only_web_has_service",
            ),
            models.CheckConstraint(
                condition=~Q(host_mode="fixed") | Q(host__isnull=False), name="booking_fixed_host_is_named"
            ),
        ]
        indexes = [models.Index(fields=["organization", "kind", "-id"], name="booking_page_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def uses_zoom(self) -> bool:
        return self.way == interviews.Way.WEB and self.service == interviews.Service.ZOOM

    @property
    def is_offer(self) -> bool:
        return self.kind == Kind.OFFER


class Panelist(models.Model):
    """Who may interview for a page: always (fixed), or one of those from whom `pick` are picked."""

    page = models.ForeignKey(BookingPage, on_delete=models.CASCADE, related_name="panelists")
    user = models.ForeignKey(accounts.User, on_delete=models.PROTECT, related_name="booking_panels")
    is_fixed = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "user"], name="panelist_once")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.page_id}"


class Series(models.Model):
    """A pattern of slots: weekdays × hours × interval, on the company's clock. Changing it changes only free slots."""

    page = models.ForeignKey(BookingPage, on_delete=models.CASCADE, related_name="series")
    # Python's numbers: Monday is 0.
    weekdays = models.JSONField(default=list)
    first_on = models.DateField()
    last_on = models.DateField()
    begins = models.TimeField()
    ends = models.TimeField()
    # From the start of one slot to the start of the next; the length is the page's.
    interval = models.PositiveSmallIntegerField()
    capacity = models.PositiveSmallIntegerField(default=1)
    skips_holidays = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="series_ends_after_begin"),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="series_last_after_first_day"
            ),
            models.CheckConstraint(condition=Q(interval__gte=5), name="series_interval_at_least_five"),
        ]
        ordering = ["first_on", "begins", "id"]

    def __str__(self) -> str:
        return f"{self.page_id} {self.first_on}..{self.last_on} {self.begins:%H:%M}-{self.ends:%H:%M}"


class SlotQuerySet(models.QuerySet["Slot"]):
    def open(self) -> "SlotQuerySet":
        return self.filter(closed_at=None)

    def with_room(self) -> "SlotQuerySet":
        """Open and not full: the only rows of which a place may be taken."""
        return self.open().filter(taken__lt=F("capacity"))


class Slot(models.Model):
    """One time that may be chosen. `taken` counts the bookings that stand; whoever books adds one by a conditional
    UPDATE, and the database refuses more than `capacity`."""

    page = models.ForeignKey(BookingPage, on_delete=models.CASCADE, related_name="slots")
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL, related_name="slots")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(default=1)
    taken = models.PositiveSmallIntegerField(default=0)
    # An offer's date: people and host are held under `hold_key` until then.
    held_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="slot_never_overfull"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"),
            models.UniqueConstraint(
                fields=["page", "starts_at"], condition=Q(closed_at=None), name="slot_start_once_a_page"
            ),
        ]
        ordering = ["starts_at", "id"]

    def __str__(self) -> str:
        return f"{self.page_id} {self.starts_at:%Y-%m-%d %H:%M}Z {self.taken}/{self.capacity}"

    def save(self, *args, **kwargs) -> None:
        self.ends_at = self.starts_at + timedelta(minutes=self.minutes)
        super().save(*args, **kwargs)

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity

    @property
    def hold_key(self) -> str:
        """The key of the tentative holds of people (availability) and host (zoom) for this date."""
        return f"slot:{self.pk}"


class InvitationQuerySet(OwnedQuerySet):
    def unanswered(self) -> "InvitationQuerySet":
        """Neither chosen, nor answered with wishes, nor withdrawn by us."""
        return self.filter(chosen_at=None, declined_at=None, closed_at=None)

    def with_facts(self) -> "InvitationQuerySet":
        """Everything the page and the lists show, in one query."""
        return self.select_related(
            "organization", "page__stage", "page__host", "candidate__job", "candidate__stage",
            "candidate__agency_contact__agency", "stage", "slot", "interview__meeting__connection",
            "interview__next_meeting__connection", "interview__candidate",
        )  # fmt: skip


class Invitation(models.Model):
    """One applicant's request to choose a date for one step, on one page or offer.

    `interview` is set when a date is chosen; an invitation to move an interview has it from the start (then
    `chosen_at` is null until the answer)."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="invitations"
    )
    page = models.ForeignKey(BookingPage, on_delete=models.CASCADE, related_name="invitations")
    candidate = models.ForeignKey(candidates.Candidate, on_delete=models.CASCADE, related_name="invitations")
    stage = models.ForeignKey(
        candidates.Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    # Where the applicant stood when invited: one who has moved to yet another step does not book this one any more.
    stage_then = models.ForeignKey(
        candidates.Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    interview = models.ForeignKey(
        interviews.Interview, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    slot = models.ForeignKey(
        Slot, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    answer_by = models.DateTimeField(null=True, blank=True)
    change_hours = models.PositiveSmallIntegerField(default=24)
    max_changes = models.PositiveSmallIntegerField(default=2)
    changes = models.PositiveSmallIntegerField(default=0)
    # What the applicant typed along with the choice.
    phone = models.CharField(max_length=40, blank=True)
    accommodation = models.TextField(blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    # 「合う日程がない」: up to three wishes in words, and a message.
    declined_at = models.DateTimeField(null=True, blank=True)
    wishes = models.JSONField(default=list)
    message = models.TextField(blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Canceled by the applicant on the page.
    canceled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # 期限前のお知らせ was written; the interviewers were told how it ended at the deadline.
    reminded_at = models.DateTimeField(null=True, blank=True)
    # Why 期限前のお知らせ could not be sent (interviews.WhyNot): somebody must write.
    unreminded = models.CharField(max_length=12, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # Counts every answer; taken by a conditional UPDATE, so that two answers at once are one after the other.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(accounts.User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "candidate"], condition=Q(closed_at=None), name="invitation_once_a_page"
            ),
        ]
        indexes = [
            models.Index(fields=["candidate", "-id"], name="invitation_of_candidate"),
            models.Index(
                fields=["answer_by"],
                condition=Q(chosen_at=None, declined_at=None, closed_at=None, settled_at=None),
                name="invitation_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} to {self.page_id}"

    def state(self, now: datetime) -> str:
        """waiting, wishes, expired, chosen, canceled (by the applicant), undone (by us) or closed."""
        if self.closed_at:
            return "closed"
        if self.canceled_at:
            return "canceled"
        if self.chosen_at:
            return "chosen" if self.interview is not None and self.interview.is_standing else "undone"
        if self.declined_at:
            return "wishes"
        return "expired" if self.answer_by is not None and self.answer_by <= now else "waiting"


class BookingLink(models.Model):
    """One recipient's way to the page of an invitation. As with join links only a nonce is stored: the address is
    computed from it and the installation's secret (booking.links)."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="links")
    receiver = models.CharField(max_length=12, choices=mail.Receiver.choices)
    contact = models.ForeignKey(candidates.AgencyContact, null=True, blank=True, on_delete=models.CASCADE)
    nonce = models.CharField(max_length=16, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "receiver"],
                condition=Q(contact=None),
                name="booking_link_once_a_receiver",
            ),
            models.UniqueConstraint(
                fields=["invitation", "contact"],
                condition=Q(contact__isnull=False),
                name="booking_link_once_a_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receiver} of {self.invitation_id}"


class Letter(models.Model):
    """Which mails were written about an invitation: the request itself, the reminder before the deadline."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="letters")
    mail = models.OneToOneField(mail.Mail, on_delete=models.CASCADE, related_name="booking_letter")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.mail_id} about {self.invitation_id}"
