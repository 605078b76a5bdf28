"""The heart: who meets whom, when, and by which way."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews.automatic_models import Reminder, WhyNot, Withheld  # noqa: F401
from mensetsu.interviews.preflight_models import Preflight  # noqa: F401
from mensetsu.interviews.rehosting_models import Rehosting, RehostingItem, RehostOutcome  # noqa: F401
from mensetsu.mail import models as mail
from mensetsu.zoom import models as zoom


class Way(models.TextChoices):
    WEB = "web", _("Online interview")
    IN_PERSON = "in_person", _("In person")
    PHONE = "phone", _("Phone")


class Service(models.TextChoices):
    ZOOM = "zoom", "Zoom"
    URL = "url", _("Another URL")


class Outcome(models.TextChoices):
    DONE = "done", _("Done")
    NO_SHOW = "no_show", _("No-show")


# What began longer ago is over: our form allows some hours, and Zoom 1440 minutes.
# https://developers.zoom.us/docs/api/meetings/#tag/meetings/POST/users/{userId}/meetings
LONGER_THAN_ANY = timedelta(days=2)


class InterviewQuerySet(models.QuerySet["Interview"]):
    def visible_to(self, user: accounts.User) -> "InterviewQuerySet":
        """Recruiters see their company's interviews; interviewers only those they are assigned to."""
        mine = self.filter(organization_id=user.organization_id)
        return mine if user.is_recruiter else mine.filter(interviewers__user=user)

    def standing(self) -> "InterviewQuerySet":
        """Neither canceled nor withdrawn from."""
        return self.filter(canceled_at=None, withdrawn_at=None)

    def unended(self, now: Any) -> "InterviewQuerySet":
        """Of few, as of one applicant; `now` may be a place in a kept query."""
        return self.standing().filter(ends_at__gt=now).order_by("starts_at", "id")

    def upcoming(self, now: datetime) -> "InterviewQuerySet":
        """Of many: bounded by the start too, so that no way to the first of them leads through all that have been."""
        return self.unended(now).filter(starts_at__gt=now - LONGER_THAN_ANY)

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> "InterviewQuerySet":
        """Half-open: back to back is no overlap."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def with_facts(self) -> "InterviewQuerySet":
        """Everything a list line shows, in a constant number of queries."""
        return self.select_related(
            "candidate__job", "candidate__agency", "candidate__owner", "stage", "meeting__connection",
            "next_meeting__connection",
        ).prefetch_related("interviewers__user", "notices__mail")  # fmt: skip


class Interview(models.Model):
    """One interview of one applicant. Instants are UTC; the length is in minutes."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="interviews"
    )
    candidate = models.ForeignKey(candidates.Candidate, on_delete=models.CASCADE, related_name="interviews")
    stage = models.ForeignKey(
        candidates.Stage, null=True, on_delete=models.SET_NULL, related_name="interviews"
    )
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField()
    way = models.CharField(max_length=10, choices=Way.choices)
    service = models.CharField(max_length=8, choices=Service.choices, blank=True)
    custom_url = models.CharField(max_length=500, blank=True)
    place = models.CharField(max_length=300, blank=True)
    # The meeting people enter now, and the one that takes its place as soon as it is issued (host change).
    meeting = models.OneToOneField(
        zoom.Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="interview"
    )
    next_meeting = models.OneToOneField(
        zoom.Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="next_interview"
    )
    memo = models.TextField(blank=True)
    # The form's own key: the same form sent twice makes one interview.
    form_key = models.UUIDField(null=True, blank=True, unique=True)
    # Counts every change; a form that was opened before the last one is refused.
    version = models.PositiveIntegerField(default=1)
    # The SEQUENCE of the calendar files: grows with every change that is sent to somebody.
    calendar_sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(accounts.User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(accounts.User, null=True, on_delete=models.SET_NULL, related_name="+")
    # The group whose mails leave by themselves; null: a recruiter writes by hand.
    template_group = models.ForeignKey(
        mail.TemplateGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="interviews"
    )
    # 「あとで送る」 was pressed, or the recruiter said that no mail is needed.
    confirmation_postponed_at = models.DateTimeField(null=True, blank=True)
    confirmation_waived_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    canceled_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    cancel_reason = models.CharField(max_length=300, blank=True)
    # Who outside gave the date back, the applicant or the agency for them; "" when colleagues canceled.
    canceled_side = models.CharField(max_length=12, choices=mail.Receiver.choices, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    # Being written in this very transaction (interviews.unheard).
    is_unheard = False

    objects = InterviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="interview_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(way="web") & ~Q(service="") | ~Q(way="web") & Q(service=""),
                name="only_web_has_service",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at=None) | ~Q(outcome="") & Q(outcome_at__isnull=False),
                name="outcome_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "starts_at"], name="interview_of_day"),
            # What comes, however much has been: by its end, for what runs now has not ended.
            models.Index(fields=["organization", "ends_at", "starts_at"], name="interview_ahead"),
            models.Index(fields=["candidate", "starts_at"], name="interview_of_candidate"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.starts_at:%Y-%m-%d %H:%M}Z"

    def save(self, *args, **kwargs) -> None:
        self.ends_at = self.starts_at + timedelta(minutes=self.minutes)
        super().save(*args, **kwargs)

    @property
    def is_online(self) -> bool:
        return self.way == Way.WEB

    @property
    def letter_way(self) -> str:
        """The way as texts know it: an online interview with another service is `url`."""
        return "url" if self.service == Service.URL else self.way

    @property
    def uses_zoom(self) -> bool:
        return self.is_online and self.service == Service.ZOOM

    @property
    def is_standing(self) -> bool:
        return self.canceled_at is None and self.withdrawn_at is None

    @property
    def needs_host(self) -> bool:
        """The Zoom account that hosts it is no longer linked, and none has been chosen in its place."""
        if not (self.uses_zoom and self.is_standing) or self.next_meeting_id:
            return False
        return self.meeting is None or not self.meeting.is_live or not self.meeting.connection.is_live

    @property
    def url_state(self) -> str:
        """none (no online meeting), issued, pending, failed, lost or needs_host."""
        if not self.is_online:
            return "none"
        if self.service == Service.URL:
            return "issued"
        if self.next_meeting is not None and not (self.meeting and self.meeting.is_issued):
            return "failed" if self.next_meeting.is_failed else "pending"
        if self.meeting is not None and self.meeting.lost_at:
            return "lost"
        if self.needs_host:
            return "needs_host"
        if self.meeting.is_failed:
            return "failed"
        return "issued" if self.meeting.is_issued else "pending"

    @property
    def join_url(self) -> str:
        """Where participants enter now; empty while there is nothing that works."""
        if self.service == Service.URL:
            return self.custom_url
        return self.meeting.join_url if self.meeting and self.meeting.is_issued else ""

    @property
    def passcode(self) -> str:
        """What participants type at Zoom now; empty where there is none."""
        return self.meeting.passcode if self.uses_zoom and self.meeting and self.meeting.is_issued else ""

    @property
    def mail_state(self) -> str:
        """How far the latest letter to applicant or agency is: unsent, queued, sent or failed."""
        letters = [notice.mail for notice in self.notices.all()]
        outside = [one for one in letters if one.receiver != mail.Receiver.INTERVIEWER]
        states = [
            one.state for one in outside if one.state in ("queued", "sent", "failed") and not one.resent_as_id
        ]
        return states[-1] if states else "unsent"

    @property
    def state(self) -> str:
        """canceled, withdrawn, done, no_show or confirmed; what else is open about it stands beside this."""
        if self.canceled_at:
            return "canceled"
        if self.withdrawn_at:
            return "withdrawn"
        return self.outcome or "confirmed"

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now


class Interviewer(models.Model):
    """面接官 of one interview."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="interviewers")
    user = models.ForeignKey(accounts.User, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["interview", "user"], name="interviewer_once")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.interview_id}"


class JoinLink(models.Model):
    """One recipient's own way to the join page. The address is computed from `nonce` and the installation's
    secret (interviews.join_links), so that the table alone opens nothing and later mails can carry it again."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="join_links")
    receiver = models.CharField(max_length=12, choices=mail.Receiver.choices)
    contact = models.ForeignKey(candidates.AgencyContact, null=True, blank=True, on_delete=models.CASCADE)
    nonce = models.CharField(max_length=16, unique=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "receiver"], condition=Q(contact=None), name="join_link_once_a_receiver"
            ),
            models.UniqueConstraint(
                fields=["interview", "contact"],
                condition=Q(contact__isnull=False),
                name="join_link_once_a_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receiver} of {self.interview_id}"


class Notice(models.Model):
    """Who was told what: one mail about one interview, with the facts that it carried."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="notices")
    mail = models.OneToOneField(mail.Mail, on_delete=models.CASCADE, related_name="notice")
    told_starts_at = models.DateTimeField()
    told_minutes = models.PositiveSmallIntegerField()
    told_join_url = models.TextField(blank=True)
    told_passcode = models.CharField(max_length=20, blank=True)
    told_zoom_id = models.CharField(max_length=20, blank=True)
    told_way = models.CharField(max_length=10, blank=True)  # "" where it was not written down
    told_place = models.CharField(max_length=300, blank=True)
    # The interview changed before the letter left, and the product stopped it (the mail is canceled).
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.mail_id} about {self.interview_id}"


class CandidateRequest(models.Model):
    """What the applicant asked for on the join page: another time, to withdraw, an accommodation."""

    class Kind(models.TextChoices):
        CHANGE = "change", _("Another time")
        WITHDRAWAL = "withdrawal", _("Withdrawal")
        ACCOMMODATION = "accommodation", _("Accommodation")

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    receiver = models.CharField(max_length=12, choices=mail.Receiver.choices)
    text = models.TextField(blank=True)
    made_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["interview"], condition=Q(handled_at=None), name="request_open"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.interview_id}"


class DayReport(models.Model):
    """What the applicant told on the day itself: late by so many minutes, no connection, not coming, or after all
    coming as agreed. The latest about the agreed time holds."""

    class Kind(models.TextChoices):
        ON_TIME = "on_time", _("Coming as agreed")
        LATE = "late", _("Late")
        NO_CONNECTION = "no_connection", _("Cannot connect")
        ABSENT = "absent", _("Not coming")

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="day_reports")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    minutes = models.PositiveSmallIntegerField(default=0)
    receiver = models.CharField(max_length=12, choices=mail.Receiver.choices)
    # The start that it is about: after a move it says nothing any more.
    starts_at = models.DateTimeField()
    made_at = models.DateTimeField()
    # When colleagues were told by mail; a milder report is only shown.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="late", minutes__gt=0) | ~Q(kind="late") & Q(minutes=0),
                name="only_late_has_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.interview_id}"

    @property
    def expected_at(self) -> datetime:
        """When somebody who is late will be there."""
        return self.starts_at + timedelta(minutes=self.minutes)
