"""Companies and the people who work in them."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mensetsu.statements import compiled, kept

INVITATION_LIFE = timedelta(days=7)


class Language(models.TextChoices):
    JA = "ja", "日本語"
    EN = "en", "English"


class Organization(models.Model):
    """A company (会社). Every row that a person can see belongs to exactly one, and nobody sees across."""

    class SelfReference(models.TextChoices):
        TOSHA = "当社", "当社"
        HEISHA = "弊社", "弊社"

    class ColleagueHonorific(models.TextChoices):
        SAN = "さん", "さん"
        SAMA = "様", "様"

    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    department = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    office_hours = models.CharField(max_length=80, blank=True)
    # The address applicants see as sender. Empty: the installation's own address.
    mail_from = models.EmailField(blank=True)
    mail_reply_to = models.EmailField(blank=True)
    # Whom to call when an interview does not work on the day.
    contact_name = models.CharField(max_length=80, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.JA)
    time_zone = models.CharField(max_length=64, default="Asia/Tokyo")
    self_reference = models.CharField(
        max_length=4, choices=SelfReference.choices, default=SelfReference.TOSHA
    )
    colleague_honorific = models.CharField(
        max_length=4, choices=ColleagueHonorific.choices, default=ColleagueHonorific.SAN
    )
    fiscal_year_first_month = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """The name for a reader of that language."""
        return self.name_en if language != "ja" and self.name_en else self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def closed_days(self) -> frozenset[date]:
        """The days on which it does not work besides public holidays, read once however often it is asked."""
        return frozenset(on for (on,) in _CLOSED_DAYS.rows(company=self.pk))


class CompanyHolidayQuerySet(models.QuerySet["CompanyHoliday"]):
    def visible_to(self, user: "User") -> "CompanyHolidayQuerySet":
        return self.filter(organization_id=user.organization_id)


class CompanyHoliday(models.Model):
    """A day on which this company does not work besides public holidays (年末年始, お盆, 創立記念日)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="company_holidays")
    on = models.DateField()
    name = models.CharField(max_length=60)

    objects = CompanyHolidayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "on"], name="company_holiday_once_a_day")
        ]
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


_CLOSED_DAYS = compiled.Read(
    lambda company: CompanyHoliday.objects.filter(organization=company).values_list("on"),
    company=compiled.NUMBER,
)


class Role(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    RECRUITER = "recruiter", _("Recruiter")
    INTERVIEWER = "interviewer", _("Interviewer")


class UserManager(BaseUserManager["User"]):
    def get(self, *args: Any, **kwargs: Any) -> "User":
        """As always. By its number alone, which the login asks at every request, the query is kept."""
        if args or kwargs.keys() != {"pk"} or type(kwargs["pk"]) is not int:
            return super().get(*args, **kwargs)
        if found := _BY_NUMBER.instances(**kwargs):
            return found[0]
        raise self.model.DoesNotExist

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> "UserQuerySet":
        """Colleagues: everyone of the reader's own company."""
        return self.filter(organization_id=user.organization_id)

    def working(self) -> "UserQuerySet":
        return self.filter(deactivated_at=None)


class User(AbstractBaseUser):
    """A person who works here (担当者). Logs in by mail address; belongs to one company."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="users")
    email = models.EmailField(max_length=254, unique=True)
    family_name = models.CharField(max_length=50)
    given_name = models.CharField(max_length=50, blank=True)
    family_kana = models.CharField(max_length=50, blank=True)
    given_kana = models.CharField(max_length=50, blank=True)
    romaji = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    extension = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.JA)
    time_zone = models.CharField(max_length=64, default="Asia/Tokyo")
    theme = models.CharField(
        max_length=5, choices=[("auto", _("As the device")), ("light", _("Light"))], default="auto"
    )
    shortcuts_off_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    # Sessions begun before this moment are over (deactivation, "log out everywhere").
    sessions_ended_at = models.DateTimeField(null=True, blank=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    deactivated_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
        ]
        indexes = [models.Index(fields=["organization", "role"], name="user_by_role")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def full_name(self) -> str:
        return f"{self.family_name} {self.given_name}".strip()

    def name_in(self, language: str) -> str:
        """The name for a reader of that language: romaji for English where we have it."""
        return self.romaji if language != "ja" and self.romaji else self.full_name

    def choice_in(self, language: str) -> str:
        """The name where somebody is to be chosen; whoever has not joined yet is marked, in the active language."""
        name = self.name_in(language)
        return gettext("%(name)s (invited)") % {"name": name} if self.is_invited else name

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_recruiter(self) -> bool:
        """May set interviews and write to applicants; administrators may too."""
        return self.role in (Role.ADMIN, Role.RECRUITER)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def has_shortcuts(self) -> bool:
        return self.shortcuts_off_at is None

    @property
    def is_invited(self) -> bool:
        """Was invited and has not joined yet; whether the link still works is `invitation_ends_at`."""
        return self.invited_at is not None and self.joined_at is None and self.deactivated_at is None

    @property
    def invitation_ends_at(self) -> datetime | None:
        """The moment from which the newest invitation does not work."""
        return self.invited_at + INVITATION_LIFE if self.invited_at else None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django compares this value with the one in the session on every request, for each secret key in use.
        ended = str(self.sessions_ended_at.timestamp()) if self.sessions_ended_at else ""
        return salted_hmac(
            "mensetsu.accounts.session", self.password + ended, secret=secret, algorithm="sha256"
        ).hexdigest()


_BY_NUMBER = kept.Query(lambda: User.objects.filter(pk=kept.number("pk")))
