"""When people can be asked to interview (予定): weekly hours, days off, own busy times, tentative holds, feeds."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts


class Weekday(models.IntegerChoices):
    """Python's numbering: Monday is 0."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class PersonalQuerySet(models.QuerySet):
    """Rows that belong to one person."""

    def visible_to(self, reader: accounts.User) -> Self:
        """Recruiters see and keep the whole company's; everybody else their own."""
        if reader.is_recruiter:
            return self.filter(user__organization_id=reader.organization_id)
        return self.filter(user=reader)


class WorkingHours(models.Model):
    """One span of a person's week, on the clock of their own time zone. No row at all: they have not said."""

    user = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    begins = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="working_hours_end_after_begin"),
            models.UniqueConstraint(fields=["user", "weekday", "begins"], name="working_hours_begin_once"),
        ]
        ordering = ["weekday", "begins"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.weekday} {self.begins:%H:%M}-{self.ends:%H:%M}"


class TimeOff(models.Model):
    """Whole days on which a person is away; both days belong to it."""

    user = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="times_off")
    first_on = models.DateField()
    last_on = models.DateField()
    note = models.CharField(max_length=80, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="time_off_ends_after_first_day"
            )
        ]
        ordering = ["first_on"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_on}..{self.last_on}"


class BusyBlock(models.Model):
    """A time at which a person is taken by something else. `weekly`: again every seven days, at the same local time
    of the person's zone."""

    user = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="busy_blocks")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    weekly = models.BooleanField(default=False)
    note = models.CharField(max_length=80, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="busy_block_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["user", "starts_at"], name="busy_block_of_user")]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}Z"


class HoldQuerySet(models.QuerySet["Hold"]):
    def standing(self, now: datetime) -> "HoldQuerySet":
        return self.filter(held_until__gt=now)


class Hold(models.Model):
    """仮押さえ: a person's time kept free for an offer until it is answered or `held_until` has come.

    `key` names what it is for; whoever made it releases it by that key."""

    user = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="holds")
    key = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    held_until = models.DateTimeField()

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="hold_ends_after_start")
        ]
        indexes = [
            models.Index(fields=["user", "starts_at"], name="hold_of_user"),
            models.Index(fields=["key"], name="hold_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key} {self.starts_at:%Y-%m-%d %H:%M}Z"


class FeedKind(models.TextChoices):
    OWN = "own", _("My interviews")
    COMPANY = "company", _("All interviews of the company")


class FeedQuerySet(models.QuerySet["Feed"]):
    def live(self) -> "FeedQuerySet":
        return self.filter(revoked_at=None)


class Feed(models.Model):
    """購読用カレンダー: an address under which one person's calendar program fetches interviews again and again.

    The address is computed from `nonce` and the installation's secret (availability.feeding). It is personal also when
    it shows the whole company, so that it ends with the person. `content_hash` and `content_changed_at` tell a
    program that asks whether anything is new."""

    user = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="feeds")
    kind = models.CharField(max_length=8, choices=FeedKind.choices)
    nonce = models.CharField(max_length=16, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    content_changed_at = models.DateTimeField(null=True, blank=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(revoked_at=None), name="feed_once_a_kind_while_live"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
