"""Letters: the texts people prepare (Template) and the final words that left or will leave (Mail)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.notices import models as notices

# Why a letter has not left: the same for all that leaves by mail.
Problem = notices.Problem


class Purpose(models.TextChoices):
    CONFIRMATION = "confirmation", _("Confirmation")
    REMINDER = "reminder", _("Reminder")
    CHANGE = "change", _("Change of time")
    WAY_CHANGE = "way_change", _("Change of way or place")
    URL_CHANGE = "url_change", _("Change of address")
    CANCELLATION = "cancellation", _("Cancellation")
    # To those outside, when one of them gave the date back.
    RECEIPT = "receipt", _("Receipt of a cancellation")
    INVITATION = "invitation", _("Request to choose a date")
    DEADLINE = "deadline", _("Notice before the deadline")
    OTHER = "other", _("Other")


class Receiver(models.TextChoices):
    CANDIDATE = "candidate", _("Applicant")
    AGENCY = "agency", _("Agency")
    INTERVIEWER = "interviewer", _("Interviewer")


class OwnedQuerySet(models.QuerySet):
    def visible_to(self, user: accounts.User):
        return self.filter(organization_id=user.organization_id)


class TemplateQuerySet(OwnedQuerySet):
    def in_use(self) -> "TemplateQuerySet":
        return self.filter(retired_at=None)

    def for_letter(
        self, *, organization: accounts.Organization, purpose: str, receiver: str
    ) -> "TemplateQuerySet":
        return self.in_use().filter(organization=organization, purpose=purpose, receiver=receiver)


class MailQuerySet(OwnedQuerySet):
    def waiting(self) -> "MailQuerySet":
        """Queued, and neither sent, failed nor canceled: the only rows that may be claimed."""
        return self.filter(queued_at__isnull=False, sent_at=None, failed_at=None, canceled_at=None)

    def troubled(self) -> "MailQuerySet":
        """Failed, neither sent again nor settled by a person: somebody still believes that this letter arrived."""
        return self.filter(failed_at__isnull=False, resent_as=None, settled_at=None).order_by(
            "failed_at", "id"
        )


class Template(models.Model):
    """A text prepared once per purpose, receiver, language and way of interviewing ("" = any way)."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="mail_templates"
    )
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    receiver = models.CharField(max_length=12, choices=Receiver.choices)
    language = models.CharField(max_length=5, choices=accounts.Language.choices)
    way = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    # Which shipped sample this began as (mail.samples), so that 「初期の文面に戻す」 knows what to bring back.
    sample = models.CharField(max_length=60, blank=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "purpose", "receiver", "language", "way", "name"],
                condition=Q(retired_at=None),
                name="template_name_once",
            )
        ]
        ordering = ["purpose", "receiver", "language", "way", "id"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """What a template said before it was changed."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-saved_at", "-id"]

    def __str__(self) -> str:
        return f"{self.template_id} {self.saved_at:%Y-%m-%d %H:%M}"


# What every company's default group is called until somebody renames it.
STANDARD_NAMES = {"ja": "標準", "en": "Standard"}


class TemplateGroup(models.Model):
    """メッセージテンプレートグループ: which text each mail uses that the product sends by itself.

    What a group leaves open, the company's default group answers (mail.grouping)."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="template_groups"
    )
    name = models.CharField(max_length=80)
    is_default = models.BooleanField(default=False)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(is_default=True), name="one_default_group"
            ),
            models.UniqueConstraint(
                fields=["organization", "name"], condition=Q(retired_at=None), name="group_name_once"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(retired_at=None), name="default_group_in_use"
            ),
        ]
        ordering = ["-is_default", "id"]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """The name that we gave the default group is a word of ours; one that somebody typed is theirs."""
        is_ours = self.is_default and self.name in STANDARD_NAMES.values()
        return STANDARD_NAMES["ja" if language == "ja" else "en"] if is_ours else self.name


class GroupItem(models.Model):
    """The text of one case. `template` null: no mail, on purpose. No row at all: left to the default group."""

    group = models.ForeignKey(TemplateGroup, on_delete=models.CASCADE, related_name="items")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    receiver = models.CharField(max_length=12, choices=Receiver.choices)
    language = models.CharField(max_length=5, choices=accounts.Language.choices)
    way = models.CharField(max_length=10, blank=True)
    template = models.ForeignKey(
        Template, null=True, blank=True, on_delete=models.CASCADE, related_name="group_items"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "purpose", "receiver", "language", "way"], name="group_item_once"
            )
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.group_id} {self.purpose} {self.receiver} {self.language} {self.way}".strip()


class GroupUse(models.Model):
    """Where a group is chosen without anybody choosing it: one stage, one job, or (neither) the whole company."""

    organization = models.ForeignKey(accounts.Organization, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(TemplateGroup, on_delete=models.CASCADE, related_name="uses")
    job = models.OneToOneField(
        candidates.Job, null=True, blank=True, on_delete=models.CASCADE, related_name="group_use"
    )
    stage = models.OneToOneField(
        candidates.Stage, null=True, blank=True, on_delete=models.CASCADE, related_name="group_use"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(job=None) | Q(stage=None), name="group_use_of_one_place"),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(job=None, stage=None),
                name="group_use_of_company_once",
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.group_id} for {self.stage_id or self.job_id or 'everything'}"


class ReminderRule(models.Model):
    """When a group reminds: so many minutes before the start, or at `at` (the reader's clock) on a day before it."""

    class Kind(models.TextChoices):
        MINUTES_BEFORE = "minutes_before", _("Minutes before the start")
        PREVIOUS_DAY = "previous_day", _("The day before")
        PREVIOUS_BUSINESS_DAY = "previous_business_day", _("The business day before")

    group = models.ForeignKey(TemplateGroup, on_delete=models.CASCADE, related_name="reminder_rules")
    receiver = models.CharField(max_length=12, choices=Receiver.choices)
    kind = models.CharField(max_length=24, choices=Kind.choices)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    at = models.TimeField(null=True, blank=True)
    # Prepared, but not in force.
    off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="minutes_before", minutes__gt=0, at=None)
                | ~Q(kind="minutes_before") & Q(minutes=None, at__isnull=False),
                name="reminder_rule_has_its_time",
            )
        ]
        ordering = ["receiver", "id"]

    def __str__(self) -> str:
        return f"{self.receiver} {self.kind} {self.minutes or self.at}"


class Mail(models.Model):
    """One letter to one recipient: the final text, immutable once queued.

    Drafted (queued_at null) → queued → sent, or failed, or canceled. One row per recipient, so that nothing is
    sent twice and each can be undone or sent again alone."""

    organization = models.ForeignKey(accounts.Organization, on_delete=models.CASCADE, related_name="mails")
    candidate = models.ForeignKey(
        candidates.Candidate, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.OTHER)
    receiver = models.CharField(max_length=12, choices=Receiver.choices)
    contact = models.ForeignKey(
        candidates.AgencyContact, null=True, blank=True, on_delete=models.SET_NULL, related_name="mails"
    )
    interviewer = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="received_mails"
    )
    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    language = models.CharField(max_length=5, choices=accounts.Language.choices)
    to_name = models.CharField(max_length=160, blank=True)
    to_email = models.CharField(max_length=254)
    from_name = models.CharField(max_length=160, blank=True)
    from_email = models.CharField(max_length=254, blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=250)
    body = models.TextField()
    # Files that travel along: [{"name": "invite.ics", "type": "text/calendar; method=REQUEST", "text": "…"}]
    attachments = models.JSONField(default=list)
    message_id = models.CharField(max_length=200, unique=True)
    author = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, blank=True)
    # Not before this moment: 20 seconds of undo, or a time chosen by the author.
    due_at = models.DateTimeField(null=True, blank=True)
    # When it was meant to leave, for one that was put off since.
    meant_at = models.DateTimeField(null=True, blank=True)
    # Claimed by one worker; a claim older than ten minutes was left behind by a dead one.
    sending_at = models.DateTimeField(null=True, blank=True)
    # Set right before the text is handed to the server: after this moment it may have arrived, whatever follows.
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=16, choices=Problem.choices, blank=True)
    # The server's own words.
    problem_detail = models.CharField(max_length=500, blank=True)
    # A person has dealt with the failure in another way (by phone, or it had arrived after all).
    settled_at = models.DateTimeField(null=True, blank=True)
    resent_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="resend_of"
    )

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["candidate", "-created_at"], name="mail_of_candidate"),
            models.Index(fields=["organization", "-created_at"], name="mail_of_organization"),
            models.Index(
                fields=["due_at"],
                condition=Q(queued_at__isnull=False, sent_at=None, failed_at=None, canceled_at=None),
                name="mail_waiting",
            ),
            models.Index(
                fields=["organization", "failed_at"],
                condition=Q(failed_at__isnull=False, resent_as=None, settled_at=None),
                name="mail_troubled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.receiver} {self.created_at:%Y-%m-%d %H:%M}"

    def to_name_in(self, language: str) -> str:
        """Whom it went to, for a colleague who reads that language: the letter itself keeps the name that its reader
        saw. Asks the database nothing: who is not loaded is called as in the letter."""
        kind = {Receiver.CANDIDATE: "candidate", Receiver.INTERVIEWER: "interviewer"}.get(self.receiver)
        person = self._state.fields_cache.get(kind) if kind else None
        return person.name_in(language) if person is not None else self.to_name or self.to_email

    @property
    def state(self) -> str:
        """draft, canceled, sent, failed or queued."""
        if self.canceled_at:
            return "canceled"
        if self.sent_at:
            return "sent"
        if self.failed_at:
            return "failed"
        return "queued" if self.queued_at else "draft"


class Draft(models.Model):
    """A text somebody is working on, tags and all. `about` names what it is for (interview:34:change:candidate:ja)."""

    author = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="mail_drafts")
    about = models.CharField(max_length=80)
    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.CharField(max_length=250, blank=True)
    body = models.TextField(blank=True)
    # The keys of the ticked recipients.
    recipients = models.JSONField(default=list)
    saved_at = models.DateTimeField()
    # Sent; kept until overwritten so that undoing the sending brings the text back.
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "about"], name="draft_once_a_purpose")]

    def __str__(self) -> str:
        return f"{self.about} by {self.author_id}"
