"""Who is being interviewed, for which job, and who introduced them."""

from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mensetsu.accounts import models as accounts
from mensetsu.accounts import names


class OwnedQuerySet(models.QuerySet):
    """Rows with an `organization`; every lookup begins with the reader."""

    def visible_to(self, user: accounts.User):
        return self.filter(organization_id=user.organization_id)


class Job(models.Model):
    """An opening (職種・求人) that people apply for."""

    organization = models.ForeignKey(accounts.Organization, on_delete=models.CASCADE, related_name="jobs")
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="job_name_once")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return self.name_en if language != "ja" and self.name_en else self.name


class Stage(models.Model):
    """One selection step (選考ステップ) of a job, e.g. 一次面接."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="stage_name_once")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return self.name_en if language != "ja" and self.name_en else self.name


class Agency(models.Model):
    """A company that introduces applicants (紹介会社)."""

    organization = models.ForeignKey(accounts.Organization, on_delete=models.CASCADE, related_name="agencies")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="agency_name_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AgencyContact(models.Model):
    """A person at an agency (紹介会社担当者) who receives the schedule of those they introduced."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="contacts")
    department = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=40, blank=True)
    family_name = models.CharField(max_length=50)
    given_name = models.CharField(max_length=50, blank=True)
    email = models.CharField(max_length=254)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, choices=accounts.Language.choices, default=accounts.Language.JA)
    time_zone = models.CharField(max_length=64, default="Asia/Tokyo")
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return names.full(self.family_name, self.given_name, language=self.language)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Status(models.TextChoices):
    ACTIVE = "active", _("In selection")
    OFFERED = "offered", _("Offered")
    HIRED = "hired", _("Hired")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ContactRoute(models.TextChoices):
    """連絡方法: to whom mails about this applicant go."""

    DIRECT = "direct", pgettext_lazy("contact by", "Applicant")
    AGENCY = "agency", _("Through the agency")
    BOTH = "both", _("Both")


class Candidate(models.Model):
    """An applicant (応募者). Names are kept exactly as registered: no normalisation of kanji."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="candidates"
    )
    # The company's own number for this applicant; the only key an import may use to recognise a person.
    external_id = models.CharField(max_length=60, blank=True)
    family_name = models.CharField(max_length=50)
    given_name = models.CharField(max_length=50, blank=True)
    family_kana = models.CharField(max_length=50, blank=True)
    given_kana = models.CharField(max_length=50, blank=True)
    romaji = models.CharField(max_length=100, blank=True)
    # CharField: carrier addresses such as "a..b"@docomo.ne.jp are stored in quoted form (candidates.contact).
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    phone_e164 = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=5, choices=accounts.Language.choices, default=accounts.Language.JA)
    time_zone = models.CharField(max_length=64, default="Asia/Tokyo")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="candidates")
    stage = models.ForeignKey(
        Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="candidates"
    )
    agency = models.ForeignKey(
        Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="candidates"
    )
    agency_contact = models.ForeignKey(
        AgencyContact, null=True, blank=True, on_delete=models.SET_NULL, related_name="candidates"
    )
    contact_route = models.CharField(max_length=10, choices=ContactRoute.choices, default=ContactRoute.DIRECT)
    owner = models.ForeignKey(
        accounts.User, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_candidates"
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    source = models.CharField(max_length=60, blank=True)
    graduation_year = models.PositiveSmallIntegerField(null=True, blank=True)
    graduation_month = models.PositiveSmallIntegerField(null=True, blank=True)
    applied_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # Counts every change of the person's own data; a form that was opened before the last one is refused.
    version = models.PositiveIntegerField(default=1, editable=False)
    # One normalised text over name, kana, romaji, mail and phone (candidates.search_text); LIKE runs on it.
    search_text = models.TextField(blank=True, editable=False)
    # 五十音順: kana where given, else the name, normalised like search_text.
    sort_key = models.CharField(max_length=200, blank=True, editable=False)
    # The start of the next interview that is not over, written by interviews when it changes; null when none.
    next_interview_at = models.DateTimeField(null=True, blank=True, editable=False)
    # 結果待ち from then on: the start of the first interview after which step or status has not changed. It is set
    # with the interview, so that nothing has to happen at its start; cleared when step or status changes.
    awaiting_since = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=~Q(external_id=""),
                name="candidate_external_id_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-created_at", "-id"], name="candidate_newest"),
            models.Index(fields=["organization", "sort_key", "id"], name="candidate_by_kana"),
            models.Index(
                fields=["organization", "next_interview_at", "id"],
                condition=Q(next_interview_at__isnull=False),
                name="candidate_by_next",
            ),
            models.Index(
                fields=["organization", "awaiting_since"],
                condition=Q(awaiting_since__isnull=False),
                name="candidate_awaiting",
            ),
            # With the next interview, so that those without one are counted from the index alone.
            models.Index(
                fields=["organization", "status", "-created_at", "next_interview_at"],
                name="candidate_by_status",
            ),
            models.Index(fields=["organization", "owner", "-created_at"], name="candidate_by_owner"),
            # An import recognises people by mail or phone.
            models.Index("organization", Lower("email"), name="candidate_by_email"),
            models.Index(fields=["organization", "phone_e164"], name="candidate_by_phone"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def full_kana(self) -> str:
        return f"{self.family_kana} {self.given_kana}".strip()

    def name_in(self, language: str) -> str:
        """The name for a reader of that language: romaji for English where we have it."""
        return self.romaji if language != "ja" and self.romaji else self.full_name

    def name_beside(self, language: str) -> str:
        """What stands smaller beside it: the reading, and before it the kanji for whoever is shown romaji."""
        is_written_so = self.name_in(language) == self.full_name
        return self.full_kana if is_written_so else f"{self.full_name} {self.full_kana}".strip()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class SavedViewQuerySet(OwnedQuerySet):
    def offered_to(self, user: accounts.User) -> "SavedViewQuerySet":
        """One's own, and those that an administrator shared."""
        return self.filter(Q(owner_id=user.pk) | Q(shared_at__isnull=False))

    def changeable_by(self, user: accounts.User) -> "SavedViewQuerySet":
        """One's own; administrators also tend the shared ones."""
        return self.offered_to(user) if user.is_admin else self.filter(owner=user)


class SavedView(models.Model):
    """A named set of list conditions (保存した表示条件): the list's own query string."""

    organization = models.ForeignKey(
        accounts.Organization, on_delete=models.CASCADE, related_name="saved_views"
    )
    owner = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    # 100 characters are searched for, and one may become twelve in an address.
    query = models.CharField(max_length=2000)
    shared_at = models.DateTimeField(null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """A CSV file on its way in: read, matched, tried out, then taken over in one transaction."""

    organization = models.ForeignKey(accounts.Organization, on_delete=models.CASCADE, related_name="imports")
    uploaded_by = models.ForeignKey(accounts.User, on_delete=models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    headings = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    # {column number: field name}; corrected by the user on screen.
    columns = models.JSONField(default=dict)
    # Unknown jobs, steps, agencies and so on are made instead of refused.
    adds_missing = models.BooleanField(default=False)
    # What would happen to each row, as last tried out (candidates.importing).
    trial = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True, blank=True)
    progress = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    # {"counts", "refused"} when finished; {"broken_off": True} while nobody has pressed again after that.
    result = models.JSONField(default=dict)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes = [
            # Those at work are looked for every few minutes, and lie between files of megabytes.
            models.Index(
                fields=["started_at"],
                condition=Q(started_at__isnull=False, finished_at=None, failed_at=None),
                name="import_at_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({len(self.rows)})"
