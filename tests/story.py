"""The people of every test. Aoki runs 株式会社サンプル, Baba recruits with her, Doi and Endo interview;
Chiba works for another company and must never see any of it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mensetsu.accounts.models import Organization, Role, User
from mensetsu.candidates.models import Agency, AgencyContact, Candidate, Job, Stage

JAPAN = ZoneInfo("Asia/Tokyo")
PASSWORD = "correct horse 電池 staple"


def organization(name: str = "株式会社サンプル", **values: Any) -> Organization:
    values.setdefault("created_at", datetime(2026, 4, 1, tzinfo=JAPAN))
    values.setdefault("contact_name", "山田 花子")
    values.setdefault("contact_phone", "03-1234-5678")
    values.setdefault("phone", "03-1234-5000")
    values.setdefault("mail_from", "saiyo@sample.example.jp")
    return Organization.objects.create(name=name, **values)


def user(
    company: Organization, email: str, family: str, given: str, role: str = Role.RECRUITER, **values: Any
) -> User:
    values.setdefault("created_at", datetime(2026, 4, 1, tzinfo=JAPAN))
    values.setdefault("joined_at", datetime(2026, 4, 1, tzinfo=JAPAN))
    person = User(
        organization=company, email=email, family_name=family, given_name=given, role=role, **values
    )
    # A cheap hash: tests log in by session, and the few that type a password set it themselves.
    person.set_unusable_password()
    person.save()
    return person


def candidate(company: Organization, family: str = "佐藤", given: str = "美咲", **values: Any) -> Candidate:
    now = datetime(2026, 11, 1, 9, 0, tzinfo=JAPAN)
    values.setdefault("created_at", now)
    values.setdefault("updated_at", now)
    values.setdefault("email", "misaki@example.com")
    return Candidate.objects.create(organization=company, family_name=family, given_name=given, **values)


def job(company: Organization, name: str = "営業", stages: tuple[str, ...] = ("一次面接", "最終面接")) -> Job:
    opening = Job.objects.create(organization=company, name=name)
    for position, stage in enumerate(stages):
        Stage.objects.create(job=opening, name=stage, position=position)
    return opening


def agency(company: Organization, name: str = "株式会社ミライ人材") -> AgencyContact:
    firm = Agency.objects.create(organization=company, name=name)
    return AgencyContact.objects.create(
        agency=firm,
        department="第一営業部",
        family_name="鈴木",
        given_name="一郎",
        email="suzuki@mirai.example.jp",
    )


class Today:
    """The day in Japan on which a test began: the same until it ends, also when midnight passes under it."""

    began_at: datetime | None = None


def tomorrow_at(hour: int, minute: int = 0, *, days: int = 1) -> datetime:
    """A moment in Japan, `days` from the real today: verbs that compare with the clock need a real future."""
    today = (Today.began_at or datetime.now(JAPAN)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today + timedelta(days=days)
