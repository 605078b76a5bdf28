"""What the agencies' page (紹介会社ページ) rests on: its address, and the dates that agencies propose.

Kept beside `models`, which imports it: one table of contents, two chapters."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews import models as interviews


class AgencyLink(models.Model):
    """The way of one agency's person to their own page. As with join links only a nonce is stored; a link that was
    taken back stays as a row, so that nobody gets a new one by themselves."""

    contact = models.ForeignKey(candidates.AgencyContact, on_delete=models.CASCADE, related_name="page_links")
    nonce = models.CharField(max_length=16, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(revoked_at=None), name="agency_link_once_a_contact"
            )
        ]

    def __str__(self) -> str:
        return f"page of contact {self.contact_id}"


class Outcome(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("None of the dates fits")
    REPLACED = "replaced", _("Proposed other dates")
    OVERTAKEN = "overtaken", _("Settled in another way")


class ProposalQuerySet(candidates.OwnedQuerySet):
    def waiting(self) -> "ProposalQuerySet":
        return self.filter(settled_at=None)

    def with_facts(self) -> "ProposalQuerySet":
        """Everything the pages show, in two queries."""
        return self.select_related(
            "organization", "candidate__organization", "candidate__job", "candidate__stage", "candidate__owner",
            "contact__agency", "settled_by", "invitation__page__host", "invitation__page__stage",
            "invitation__stage", "invitation__candidate", "interview__candidate", "interview__stage",
            "interview__meeting__connection", "interview__next_meeting__connection", "interview__organization",
        ).prefetch_related("dates")  # fmt: skip


class Proposal(models.Model):
    """Dates that an agency proposes for an applicant it introduced: for an invitation that is open, or for an
    interview that is to be moved. A recruiter confirms one of them or declines all; one at a time an applicant."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="proposals"
    )
    candidate = models.ForeignKey(candidates.Candidate, on_delete=models.CASCADE, related_name="proposals")
    contact = models.ForeignKey(candidates.AgencyContact, on_delete=models.CASCADE, related_name="proposals")
    invitation = models.ForeignKey(
        "booking.Invitation", null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    # The interview to be moved; after a confirmation the one that stands.
    interview = models.ForeignKey(
        interviews.Interview, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    message = models.TextField(blank=True)
    made_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(settled_at=None), name="proposal_once_an_applicant"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, outcome="") | Q(settled_at__isnull=False) & ~Q(outcome=""),
                name="proposal_end_has_outcome",
            ),
        ]
        indexes = [models.Index(fields=["contact", "-id"], name="proposal_of_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} for {self.candidate_id}"

    @property
    def minutes(self) -> int:
        """The length of what is to be arranged: the page's, or that of the interview to be moved."""
        if self.invitation is not None:
            return self.invitation.page.minutes
        return self.interview.minutes if self.interview is not None else 60

    def coming(self, now: datetime) -> "list[ProposedDate]":
        """The dates that have not begun."""
        return [one for one in self.dates.all() if one.starts_at > now]


class ProposedDate(models.Model):
    """One start that would suit the applicant."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="dates")
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "starts_at"], name="proposed_start_once")]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.starts_at:%Y-%m-%d %H:%M}Z"
