"""A company as it looks after some years: applicants, agencies, jobs, interviews, histories. The same rows every time;
only the dates are counted from the day of seeding, because lists know "this week".

Applicants get all that the product derives from a name (registering.prepare). Very many are made by several processes
and written by this one, with keys that follow from their numbers."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from os import sched_getaffinity
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, models, transaction
from django.test import Client

from benchmarks import loading, names
from mensetsu.accounts.models import Organization, Role, User
from mensetsu.candidates import registering
from mensetsu.candidates.models import Agency, AgencyContact, Candidate, Job, Stage, Status
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.mail import samples
from mensetsu.zoom.models import Connection, Meeting

JAPAN = ZoneInfo("Asia/Tokyo")
BATCH = 2_000
RECRUITERS, INTERVIEWERS = 12, 25
JOBS = (
    "営業",
    "エンジニア",
    "経理",
    "人事",
    "法務",
    "広報",
    "店舗運営",
    "物流",
    "品質保証",
    "研究開発",
    "新卒総合職",
    "販売",
)
STAGES = ("書類選考", "一次面接", "二次面接", "最終面接")
AGENCIES = 40
SOURCES = ("自社サイト", "求人サイト", "社員紹介", "合同説明会", "")
STATUSES = (Status.ACTIVE,) * 4 + (Status.REJECTED,) * 3 + (Status.HIRED, Status.OFFERED, Status.WITHDRAWN)
# Every so many applicants: one with a long story; one with an interview to come (not more than the hosts can hold).
LONG_STORY_EVERY, UPCOMING_EVERY, MOST_UPCOMING = 100, 25, 4_000
LONG_STORY = 30
YEARS = 3
# From so many batches on it pays to start processes.
MANY = 5
_NUMBERED = (Candidate, Meeting, Interview, Interviewer)
_TABLES = (*_NUMBERED, Entry)
_THREAD = Candidate._meta.label_lower

LinkHosts = Callable[[list[User]], list[Connection]]


@dataclass(frozen=True)
class Office:
    company: Organization
    recruiters: list[User]
    interviewers: list[User]
    stages: list[Stage]
    contacts: list[AgencyContact]
    hosts: list[Connection]


def seed(amount: int, *, now: datetime, link_hosts: LinkHosts) -> dict[str, Any]:
    """Everything, into an empty database. Returns what the measuring needs to know (plain JSON)."""
    company, other = _company("株式会社サンプル", now), _company("株式会社となり", now)
    office = _furnish(company, "sample.example.jp", now, link_hosts)
    neighbor = _furnish(other, "tonari.example.jp", now, lambda _owners: [])
    with loading.indexes_last(*_TABLES):
        _fill(office, range(1, amount + 1), now)
        # Somebody else's applicants with the same names: what the reader must never see is there to be seen.
        _fill(neighbor, range(1, amount // 20 + 1), now)
    return _facts(office, amount)


def _company(name: str, now: datetime) -> Organization:
    company = Organization.objects.create(
        name=name, name_en="Sample Inc.", department="人事部", phone="03-1234-5000", mail_from="saiyo@example.jp",
        office_hours="平日 9:00〜18:00", contact_name="山田 花子", contact_phone="03-1234-5678", created_at=now,
    )  # fmt: skip
    samples.install_samples(company, now=now)
    return company


def _furnish(company: Organization, domain: str, now: datetime, link_hosts: LinkHosts) -> Office:
    recruiters = [_user(company, domain, n, Role.RECRUITER, now) for n in range(RECRUITERS)]
    interviewers = [_user(company, domain, 100 + n, Role.INTERVIEWER, now) for n in range(INTERVIEWERS)]
    stages = []
    for place, name in enumerate(JOBS):
        job = Job.objects.create(organization=company, name=name, position=place)
        stages += [Stage.objects.create(job=job, name=one, position=n) for n, one in enumerate(STAGES)]
    contacts = [_contact(company, n) for n in range(AGENCIES)]
    hosts = link_hosts(recruiters)
    return Office(company, recruiters, interviewers, stages, contacts, hosts)


def _user(company: Organization, domain: str, number: int, role: str, now: datetime) -> User:
    one = names.person(900_000_000 + number)
    user = User(
        organization=company, email=f"staff{number}@{domain}", family_name=one.family, given_name=one.given,
        family_kana=one.family_kana, given_kana=one.given_kana, romaji=one.romaji, role=role, created_at=now,
        joined_at=now,
    )  # fmt: skip
    user.set_unusable_password()
    user.save()
    return user


def _contact(company: Organization, number: int) -> AgencyContact:
    one = names.person(800_000_000 + number)
    firm = Agency.objects.create(
        organization=company, name=f"{one.family}{('人材', 'キャリア', 'エージェント')[number % 3]}{number}"
    )
    return AgencyContact.objects.create(
        agency=firm, department="第一営業部", family_name=one.family, given_name=one.given,
        email=f"contact{number}@agency.example.jp",
    )  # fmt: skip


def _fill(office: Office, numbers: range, now: datetime) -> None:
    """Applicants with these numbers, and what happened to them."""
    first = max(model.objects.aggregate(models.Max("pk"))["pk__max"] or 0 for model in _NUMBERED)
    for batch in _made(office, list(_batches(numbers)), first, now):
        with transaction.atomic():
            for model, encoded in zip(_TABLES, batch, strict=True):
                loading.store(model, encoded, with_keys=model in _NUMBERED)


def _made(office: Office, batches: list[list[int]], first: int, now: datetime) -> Iterator[list[Any]]:
    """The rows of one batch after another, encoded. Few are made here, many by as many processes as there are cores."""
    if len(batches) < MANY:
        yield from (_encoded(office, batch, first, now) for batch in batches)
        return
    # A child that ends must not end the connection that it got from us.
    connection.close()
    cores = len(sched_getaffinity(0))
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as pool:
        waiting: deque[Future[list[Any]]] = deque()
        for batch in batches:
            waiting.append(pool.submit(_encoded, office, batch, first, now))
            if len(waiting) > 3 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _encoded(office: Office, numbers: list[int], first: int, now: datetime) -> list[Any]:
    """For each of _TABLES the rows of these applicants."""
    people: list[Candidate] = []
    plans: list[Interview] = []
    told: list[Entry] = []
    for number in numbers:
        row = _candidate(office, number, now)
        row.pk = first + number
        people.append(row)
        if plan := _plan(office, row, number, _turn(office, number), now):
            plans.append(plan)
        told += _story(office, row, number)
    panel = [
        Interviewer(pk=one.pk, interview=one, user=office.interviewers[one.pk % INTERVIEWERS])
        for one in plans
    ]
    meetings = [one.meeting for one in plans if one.meeting]
    tables = (people, meetings, plans, panel, told)
    return [loading.encode(rows, with_keys=rows is not told) for rows in tables]


def _turn(office: Office, number: int) -> int | None:
    """The how-maniest interview to come this applicant has; None: none."""
    turn, rest = divmod(number, UPCOMING_EVERY)
    return turn - 1 if office.hosts and not rest and turn <= MOST_UPCOMING else None


def _batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    source = iter(numbers)
    while batch := list(islice(source, BATCH)):
        yield batch


def _candidate(office: Office, number: int, now: datetime) -> Candidate:
    one = names.person(number)
    dice = Random(f"candidate {number}")
    stage = dice.choice(office.stages)
    contact = dice.choice(office.contacts) if dice.random() < 0.3 else None
    applied = now - timedelta(minutes=dice.randrange(YEARS * 365 * 24 * 60))
    phone = names.phone(one)
    values = {
        "external_id": f"A-{number:07d}", "family_name": one.family, "given_name": one.given,
        "family_kana": one.family_kana, "given_kana": one.given_kana, "romaji": one.romaji,
        "email": names.email(one), "phone": phone, "phone_e164": "+81" + phone.replace("-", "")[1:],
        "language": one.language, "job": stage.job, "stage": stage, "owner": dice.choice([None, *office.recruiters]),
        "agency": contact.agency if contact else None, "agency_contact": contact,
        "contact_route": "agency" if contact else "direct", "source": "" if contact else dice.choice(SOURCES),
        # Whoever has an interview to come is in selection.
        "status": Status.ACTIVE if number % UPCOMING_EVERY == 0 else dice.choice(STATUSES),
        "graduation_year": now.year + dice.randrange(3) if stage.job.name.startswith("新卒") else None,
        "applied_on": applied.date(), "note": "",
    }  # fmt: skip
    row = Candidate(organization=office.company, created_at=applied, updated_at=applied)
    return registering.prepare(row, values, now=applied)


def _plan(office: Office, row: Candidate, number: int, turn: int | None, now: datetime) -> Interview | None:
    """An interview to come at the `turn`th free hour of the hosts, or (a third of the others) one in the past."""
    dice = Random(f"interview {number}")
    if turn is not None:
        starts_at = _hour(now, turn // len(office.hosts))
        row.next_interview_at = row.awaiting_since = starts_at
    elif number % 3 == 0:
        starts_at = row.created_at + (now - row.created_at) * dice.random() * 0.9
    else:
        return None
    is_zoom = turn is not None
    made = Interview(
        pk=row.pk, organization=office.company, candidate=row, stage=row.stage, starts_at=starts_at, minutes=60,
        ends_at=starts_at + timedelta(minutes=60), way="web" if is_zoom else "phone", service="zoom" if is_zoom else "",
        created_at=row.created_at, created_by=row.owner, changed_at=row.created_at, changed_by=row.owner,
        outcome="" if is_zoom else "done", outcome_at=None if is_zoom else starts_at,
    )  # fmt: skip
    if is_zoom:
        made.meeting = _meeting(office, made, office.hosts[turn % len(office.hosts)], number, now)
    return made


def _hour(now: datetime, turn: int) -> datetime:
    """The `turn`th full hour between 9 and 17 o'clock in Japan, from tomorrow on."""
    day = now.astimezone(JAPAN).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return day + timedelta(days=turn // 8, hours=turn % 8)


def _meeting(office: Office, interview: Interview, host: Connection, number: int, now: datetime) -> Meeting:
    topic = f"{interview.stage} {interview.candidate.full_name} 様"
    return Meeting(
        pk=interview.pk, organization=office.company, connection=host, topic=topic, title=topic,
        starts_at=interview.starts_at,
        minutes=60, ends_at=interview.ends_at, requested_at=now, issued_at=now, zoom_id=f"9{number:010d}",
        join_url=f"https://zoom.example/j/9{number:010d}", synced_starts_at=interview.starts_at, synced_minutes=60,
        synced_topic=topic,
        # Looked at just now: what keeps meetings in step has nothing to do while we measure.
        checked_at=now,
    )  # fmt: skip


def _story(office: Office, row: Candidate, number: int) -> Iterator[Entry]:
    """What happened to this applicant: three things for most, thirty for some."""
    by = row.owner or office.recruiters[0]
    length = LONG_STORY if number % LONG_STORY_EVERY == 0 else 3
    for step in range(length):
        at = row.created_at + timedelta(hours=step)
        if step == 0:
            action, facts = "candidate.registered", {}
        elif step % 3 == 1:
            action, facts = "candidate.stage_changed", {"stage": STAGES[step % len(STAGES)]}
        elif step % 3 == 2:
            action, facts = "candidate.noted", {"text": "電話で話しました。平日の夕方が希望だそうです。"}
        else:
            action, facts = "interview.scheduled", {"starts_at": at + timedelta(days=7), "minutes": 60}
        yield entry(action, row, by, at, facts)


def entry(action: str, row: Candidate, by: User, at: datetime, facts: dict[str, Any]) -> Entry:
    """What recording.entry makes of this, in a quarter of its time: all values by position."""
    plain = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in facts.items()}
    return Entry(
        None, row.organization_id, at, by.pk, by.full_name, action, _THREAD, row.pk, _THREAD, row.pk, plain
    )


def _facts(office: Office, amount: int) -> dict[str, Any]:
    mine = Candidate.objects.filter(organization=office.company)
    client = Client()
    client.force_login(office.recruiters[0], backend="allauth.account.auth_backends.AuthenticationBackend")
    numbered = mine.filter(
        external_id__in=[f"A-{n:07d}" for n in range(0, min(amount, 20_000), LONG_STORY_EVERY)]
    )
    idle = mine.filter(status=Status.ACTIVE, next_interview_at=None, interviews=None).order_by("id")[:3_000]
    return {
        "amount": amount,
        "organization": office.company.pk,
        "reader": office.recruiters[0].pk,
        "session": client.session.session_key,
        "long_stories": sorted(numbered.values_list("pk", flat=True))[:100],
        # Whom the benchmark may set interviews for: (applicant, a step of the job).
        "idle": [[one.pk, one.stage_id] for one in idle],
        "interviewers": [user.pk for user in office.interviewers],
        "hosts": [host.pk for host in office.hosts],
    }
