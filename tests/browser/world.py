"""What stands in the database when the browser comes: hard people, and one of everything that has a page."""

from datetime import datetime, time, timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

from django.utils import timezone

from mensetsu.availability import feeding
from mensetsu.availability.models import BusyBlock, FeedKind, TimeOff
from mensetsu.booking import agency_links, choosing, inviting, links, offering, opening, proposing
from mensetsu.booking.models import Invitation
from mensetsu.candidates import importing
from mensetsu.candidates.models import Candidate, ContactRoute
from mensetsu.interviews.models import Preflight
from mensetsu.mail import groups
from mensetsu.zoom.models import Difference, Orphan
from tests import story
from tests.interviews import holding

HARD_NAMES = [
    ("髙橋", "﨑太郎", "takahashi@example.com"),
    ("長曽我部", "権左衛門之助", "a-very-long-address-of-an-applicant-for-the-layout@example.co.jp"),
    ("Nguyen", "Van An", "an@example.com"),
    ("単名", "", "tanmei@example.com"),
]
LONG_AGENCY = "株式会社ミライ人材キャリアパートナーズ・ジャパン東日本営業本部"


def furnish(people: SimpleNamespace) -> SimpleNamespace:
    """Adds to `people`: `.job`, `.stage`, `.contact` and `.agency`, `.hard` (applicants who test the layout), `.misaki`
    with `.interview` on `.host` in half an hour (`.page`: her join page), `.issue`: an interview whose link failed."""
    now = timezone.now()
    people.job = story.job(people.company)
    people.stage = people.job.stages.order_by("position").first()
    people.contact = story.agency(people.company, LONG_AGENCY)
    people.agency = people.contact.agency
    people.hard = [_applicant(people, *values) for values in HARD_NAMES]
    people.misaki = _applicant(
        people, "佐藤", "美咲", "misaki@example.com", family_kana="サトウ", given_kana="ミサキ"
    )
    people.host = holding.connection(people.aoki)
    soon = (now + timedelta(minutes=30)).replace(second=0, microsecond=0)
    people.interview = holding.interview(
        people.company,
        host=people.host,
        candidate=people.misaki,
        interviewers=(people.doi, people.endo),
        starts_at=soon,
        created_by=people.baba,
    )
    people.page = holding.page_of(people.interview)
    people.issue = holding.interview(
        people.company,
        host=people.host,
        candidate=people.hard[0],
        interviewers=(people.doi,),
        starts_at=soon + timedelta(days=2),
        meeting_values={"zoom_id": "", "join_url": "", "passcode": "", "issued_at": None, "failed_at": now},
        created_by=people.baba,
    )
    _check_before_start(people, now)
    _differ_at_zoom(people, now)
    _keep_times(people, soon)
    _offer_dates(people, now)
    _ask_the_agency(people, now)
    people.group = groups.default_of(people.company.pk)
    people.template = people.group.items.exclude(template=None).first().template
    people.file = importing.upload(
        data="氏名,メール\n佐藤 美咲,misaki@example.com\n,nobody@example.com\n".encode(),
        file_name="応募者.csv", by=people.baba, now=now,
    )  # fmt: skip
    return people


def _ask_the_agency(people: SimpleNamespace, now: datetime) -> None:
    """Three dates are held for An (`.offer`); the agency has its page (`.agency_page`) and proposes dates for an
    applicant of theirs (`.theirs`, `.proposal`) who was asked to choose."""
    monday = now.astimezone(story.JAPAN).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(
        days=14
    )
    people.offer = offering.offer(
        candidate=people.hard[2], stage=people.stage,
        starts=[monday + timedelta(days=day) for day in range(3)],
        terms=offering.Terms(minutes=60, interviewers=(people.endo,), way="web", service="zoom", host=people.host),
        answer_by=monday, by=people.baba, now=now,
    )  # fmt: skip
    inviting.send(people.offer, by=people.baba, now=now)
    people.theirs = _applicant(
        people, "単名", "", "tanmei@example.com", agency=people.agency, agency_contact=people.contact,
        contact_route=ContactRoute.AGENCY, stage=people.stage,
    )  # fmt: skip
    _asked(people, people.theirs, now)
    people.proposal = proposing.propose(
        contact=people.contact, candidate=people.theirs, starts=[monday, monday + timedelta(hours=3)],
        message="午前中を希望しております。", now=now,
    )  # fmt: skip
    people.agency_page = urlsplit(agency_links.address(agency_links.link_for(people.contact, now=now))).path


def _differ_at_zoom(people: SimpleNamespace, now: datetime) -> None:
    """Somebody changed things at Zoom, one of them is ignored; and a meeting there belongs to no interview."""
    found = [
        ("length", "60", "45", None), ("topic", "一次面接", "Lunch with a rather long topic", None),
        ("sign_in", "off", "on", now), ("host", "", "unknown", None),
    ]  # fmt: skip
    for kind, ours, theirs, ignored_at in found:
        Difference.objects.create(
            organization=people.company, meeting=people.interview.meeting, kind=kind, ours=ours, theirs=theirs,
            found_at=now, ignored_at=ignored_at,
        )  # fmt: skip
    Orphan.objects.create(
        connection=people.host, zoom_id="88400000001", reference="11111111-2222-3333-4444-555555555555",
        why="unknown", topic="一次面接", starts_at=now + timedelta(days=3), minutes=60, found_at=now,
    )  # fmt: skip


def _check_before_start(people: SimpleNamespace, now: datetime) -> None:
    """A day before all was well; an hour before something was put right, something failed, something is unknown."""
    day = [("meeting", "ok", ""), ("panel", "ok", ""), ("told", "ok", "")]
    hour = [("time", "repaired", "time_differs"), ("plan", "failed", "basic"), ("doors", "unknown", "")]
    for milestone, state, items in (("day", "ok", day), ("hour", "failed", hour)):
        Preflight.objects.create(
            interview=people.interview, milestone=milestone, starts_at=people.interview.starts_at, made_at=now,
            due_at=now + timedelta(minutes=5) if state == "failed" else None, checked_at=now, state=state,
            items=[{"code": code, "state": found, "cause": cause} for code, found, cause in items],
        )  # fmt: skip


def _keep_times(people: SimpleNamespace, soon: datetime) -> None:
    """土井 is away when an interview is set and has a weekly appointment; 馬場 subscribes to the company's calendar."""
    away = (soon + timedelta(days=2)).astimezone(story.JAPAN).date()
    TimeOff.objects.create(user=people.doi, first_on=away, last_on=away + timedelta(days=7), note="夏季休暇")
    BusyBlock.objects.create(
        user=people.doi, starts_at=soon, ends_at=soon + timedelta(hours=1), weekly=True, note="定例"
    )
    feeding.open_feed(people.baba, kind=FeedKind.COMPANY, now=soon)


def _offer_dates(people: SimpleNamespace, now: datetime) -> None:
    """A booking page with a series; 佐藤 has not answered (`.choice`: her page), 長曽我部 has chosen (`.chosen`)."""
    people.booking = opening.open_page(
        organization=people.company,
        values={"name": "一次面接の日程", "stage": people.stage, "way": "web", "service": "zoom", "pick": 1},
        fixed=[people.endo], pool=[people.doi, people.aoki], by=people.baba, now=now,
    )  # fmt: skip
    first = now.astimezone(story.JAPAN).date() + timedelta(days=2)
    values = {"weekdays": [0, 1, 2, 3, 4], "first_on": first, "last_on": first + timedelta(days=9), "begins": time(10),
              "ends": time(17), "interval": 120}  # fmt: skip
    people.series, slots = opening.start_series(people.booking, values, by=people.baba, now=now)
    people.invitation = _asked(people, people.misaki, now)
    booked = _asked(people, people.hard[1], now)
    choosing.choose(invitation=booked, slot=slots[2], now=now)
    people.choice, people.chosen = (
        urlsplit(links.address(one.links.get())).path for one in (people.invitation, booked)
    )


def _asked(people: SimpleNamespace, candidate: Candidate, now: datetime) -> Invitation:
    made = inviting.invite(page=people.booking, candidate=candidate, by=people.baba, now=now)
    inviting.send(made, by=people.baba, now=now)
    return made


def _applicant(people: SimpleNamespace, family: str, given: str, email: str, **values: object) -> Candidate:
    return story.candidate(people.company, family, given, email=email, job=people.job, **values)
