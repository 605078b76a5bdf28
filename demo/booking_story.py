"""Dates that people choose themselves, and what they say on the day: a booking page with free and taken slots, an
offer of several dates that waits for its answer, interviewers who keep their availability, somebody who is late."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from demo.meeting_people import run_jobs, working_day
from mensetsu.accounts.models import Organization, User
from mensetsu.attending import join_page, same_day
from mensetsu.availability import arranging, hours
from mensetsu.booking import choosing, inviting, offering, opening
from mensetsu.booking.models import BookingPage, HostMode, Invitation
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.mail.models import Receiver
from mensetsu.zoom.models import Connection

# Applicants of 営業 who stand before their 一次面接: two choose, one asks for other dates, three have not answered.
CHOOSES = [(28, 1), (40, 5)]
WISHES = 52
SILENT = [64, 76, 88]
# An engineer whom an agency introduced; the dates go to the agency's contact.
OFFERED = 37
WISHED = ["月曜日の午前中", "水曜日の終日"]
MESSAGE = "在職中のため、平日の午後は難しいです。午前中か、18時以降であれば伺えます。"


def tell(
    *,
    company: Organization,
    staff: dict[str, User],
    applicants: list[Candidate],
    hosts: list[Connection],
    now: datetime,
) -> None:
    today = timezone.localtime(now).date()
    keep_availability(staff, today, now)
    page = open_page(company, staff, [applicants[number - 1] for number, _slot in CHOOSES], today, now)
    answer_page(page, applicants, staff["baba"], now)
    offer_dates(company, applicants[OFFERED - 1], staff, hosts, today, now)
    run_jobs()
    be_late(company, now)
    run_jobs()


def keep_availability(staff: dict[str, User], today: date, now: datetime) -> None:
    """Endo works shorter days and is away once, Doi has a meeting every week, the others have said nothing."""
    endo, doi, osamu = staff["endo"], staff["doi"], staff["osamu"]
    week = [hours.Weekly(day, time(10), time(16)) for day in range(5)]
    arranging.say_week(endo, rows=week, by=endo, now=now)
    away = working_day(today, 6)
    arranging.take_off(endo, first_on=away, last_on=away, note="有給休暇", by=endo, now=now)
    begins = datetime.combine(working_day(today, 1), time(9), doi.organization.zone)
    arranging.block(
        doi,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=45),
        weekly=True,
        note="営業会議",
        by=doi,
        now=now,
    )
    days_off = working_day(today, 8)
    arranging.take_off(osamu, first_on=days_off, last_on=days_off, note="出張", by=staff["baba"], now=now)


def open_page(
    company: Organization, staff: dict[str, User], people: list[Candidate], today: date, now: datetime
) -> BookingPage:
    """Two weeks of afternoons for the first interview in sales; one of three interviewers is picked for each."""
    stage = people[0].stage
    page = opening.open_page(
        organization=company,
        values={
            "name": f"{people[0].job} {stage}（WEB）", "stage": stage, "minutes": 45, "way": Way.WEB,
            "service": Service.ZOOM, "host_mode": HostMode.POOL, "pick": 1, "day_cap": 3, "notice_hours": 12,
            "note": "面接は45分です。静かな場所からご参加ください。",
        },
        pool=[staff[name] for name in ("doi", "endo", "osamu")],
        by=staff["baba"],
        now=now,
    )  # fmt: skip
    opening.start_series(
        page,
        {
            "weekdays": [0, 1, 2, 3, 4], "first_on": working_day(today, 2), "last_on": working_day(today, 10),
            "begins": time(13), "ends": time(17), "interval": 60, "capacity": 1,
        },
        by=staff["baba"],
        now=now,
    )  # fmt: skip
    return page


def answer_page(page: BookingPage, applicants: list[Candidate], recruiter: User, now: datetime) -> None:
    slots = list(page.slots.open())
    for number, position in CHOOSES:
        invitation = invite(page, applicants[number - 1], recruiter, now)
        choosing.choose(invitation=invitation, slot=slots[position], now=now)
    choosing.give_up(
        invitation=invite(page, applicants[WISHES - 1], recruiter, now),
        wishes=WISHED,
        message=MESSAGE,
        now=now,
    )
    for number in SILENT:
        invite(page, applicants[number - 1], recruiter, now)


def invite(page: BookingPage, candidate: Candidate, recruiter: User, now: datetime) -> Invitation:
    invitation = inviting.invite(page=page, candidate=candidate, by=recruiter, now=now)
    inviting.send(invitation, by=recruiter, now=now)
    return invitation


def offer_dates(
    company: Organization,
    candidate: Candidate,
    staff: dict[str, User],
    hosts: list[Connection],
    today: date,
    now: datetime,
) -> None:
    """Three dates for one applicant; Kobayashi and a Zoom account are held for each until the answer."""
    days = [(working_day(today, number), hour) for number, hour in ((4, 16), (6, 11), (7, 15))]
    terms = offering.Terms(
        minutes=60, interviewers=(staff["kobayashi"],), way=Way.WEB, service=Service.ZOOM, host=hosts[1]
    )
    invitation = offering.offer(
        candidate=candidate,
        stage=candidate.stage,
        starts=[datetime.combine(day, time(hour), company.zone) for day, hour in days],
        terms=terms,
        answer_by=datetime.combine(working_day(today, 2), time(17), company.zone),
        by=staff["hanako"],
        now=now,
    )
    inviting.send(invitation, by=staff["hanako"], now=now)


def be_late(company: Organization, now: datetime) -> None:
    """The applicant of the next interview of today sits in a train that stands; late in the evening there is none."""
    soon = Interview.objects.filter(organization=company, starts_at__lt=now + join_page.SAME_DAY).upcoming(
        now
    )
    interview = soon.select_related("candidate__owner", "created_by", "organization").first()
    if interview is not None:
        link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=now)
        same_day.report(link, kind=same_day.Kind.LATE, minutes=5, now=now)
