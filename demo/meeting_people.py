"""The interviews of the story: past, today and coming, with the mails that told people of them, and a few that went
wrong, because a home page without trouble teaches nothing."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from mensetsu.accounts.models import Organization, User
from mensetsu.attending import entering, requests
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import announcing, join_links, scheduling
from mensetsu.interviews.models import Interview, Outcome, Service, Way
from mensetsu.jobs import working
from mensetsu.mail import groups
from mensetsu.mail.models import Purpose, Receiver
from mensetsu.web import dates
from mensetsu.zoom.models import Connection


@dataclass(frozen=True)
class Plan:
    """One interview of the story. `day` counts working days from today, `host` is an index or None (chosen)."""

    applicant: int
    day: int
    hour: int
    minute: int
    minutes: int
    interviewers: tuple[str, ...]
    host: int | None = 0
    way: str = Way.WEB
    service: str = Service.ZOOM
    is_told: bool = True
    # Its mails leave by themselves, by the company's standard group.
    is_automatic: bool = False


# Today's are set around the present hour by `today_plans`.
COMING = [
    Plan(1, 1, 10, 0, 60, ("doi", "endo")),
    Plan(2, 1, 14, 0, 60, ("osamu",), host=1),
    Plan(4, 1, 16, 0, 45, ("kobayashi",), host=None, is_told=False),
    Plan(6, 2, 9, 30, 30, ("doi",), host=1),
    Plan(7, 2, 11, 0, 60, ("endo", "osamu")),
    Plan(8, 2, 13, 0, 60, ("kobayashi",), way=Way.IN_PERSON, service=""),
    Plan(9, 3, 10, 0, 60, ("doi", "kobayashi"), host=None),
    Plan(10, 3, 15, 0, 30, ("osamu",), host=2, is_told=False, is_automatic=True),
    Plan(11, 4, 11, 0, 60, ("endo",), is_told=False),
    Plan(12, 4, 14, 0, 45, ("doi", "osamu"), host=1),
    Plan(13, 5, 10, 0, 60, ("kobayashi",), way=Way.PHONE, service=""),
    Plan(14, 6, 13, 30, 60, ("endo", "kobayashi"), host=None, is_told=False, is_automatic=True),
]
PAST = [
    Plan(20, -1, 10, 0, 60, ("doi",), way=Way.IN_PERSON, service=""),
    Plan(21, -1, 14, 0, 60, ("endo", "osamu"), way=Way.PHONE, service=""),
    Plan(22, -2, 11, 0, 45, ("kobayashi",), way=Way.IN_PERSON, service=""),
    Plan(23, -3, 16, 0, 60, ("doi", "kobayashi"), way=Way.IN_PERSON, service=""),
    Plan(24, -5, 13, 0, 30, ("osamu",), way=Way.PHONE, service=""),
]


def tell(
    *,
    company: Organization,
    staff: dict[str, User],
    applicants: list[Candidate],
    hosts: list[Connection],
    now: datetime,
) -> None:
    scene = Scene(company, staff, applicants, hosts, now)
    for plan in PAST:
        scene.past(plan)
    made = [(plan, scene.set_interview(plan)) for plan in (*today_plans(now), *COMING)]
    run_jobs()
    for plan, interview in made:
        if plan.is_told:
            scene.confirm(interview)
    run_jobs()
    scene.trouble([interview for _plan, interview in made])
    run_jobs()


def today_plans(now: datetime) -> list[Plan]:
    """Three of today: one about to begin, one in two hours, one in four; fewer late in the evening."""
    local = timezone.localtime(now)
    soon = local + timedelta(minutes=25 - local.minute % 15)
    starts = [soon + timedelta(hours=hours) for hours in (0, 2, 4)]
    people = [(3, ("doi", "endo"), 0), (5, ("kobayashi",), 1), (15, ("osamu", "doi"), None)]
    return [
        Plan(number, 0, start.hour, start.minute, 45, names, host=host)
        for start, (number, names, host) in zip(starts, people, strict=True)
        if start.date() == local.date()
    ]


class Scene:
    def __init__(
        self,
        company: Organization,
        staff: dict[str, User],
        applicants: list[Candidate],
        hosts: list[Connection],
        now: datetime,
    ) -> None:
        self.company, self.staff, self.applicants, self.hosts, self.now = (
            company,
            staff,
            applicants,
            hosts,
            now,
        )
        self.recruiter = staff["baba"]

    def at(self, plan: Plan) -> datetime:
        day = working_day(timezone.localtime(self.now).date(), plan.day)
        return datetime(day.year, day.month, day.day, plan.hour, plan.minute, tzinfo=self.company.zone)

    def set_interview(self, plan: Plan, *, now: datetime | None = None) -> Interview:
        candidate = self.applicants[plan.applicant - 1]
        return scheduling.schedule(
            candidate=candidate,
            stage=candidate.stage,
            starts_at=self.at(plan),
            minutes=plan.minutes,
            interviewers=[self.staff[name] for name in plan.interviewers],
            way=plan.way,
            service=plan.service,
            host=self.hosts[plan.host] if plan.service == Service.ZOOM and plan.host is not None else None,
            place="本社 5階 会議室A（東京都千代田区丸の内1-1-1）" if plan.way == Way.IN_PERSON else "",
            template_group=groups.default_of(self.company.pk) if plan.is_automatic else None,
            by=self.recruiter,
            now=now or self.now,
        )

    def past(self, plan: Plan) -> None:
        """Set a week before it took place, and answered how it went (the last one is still to be answered)."""
        interview = self.set_interview(plan, now=self.at(plan) - timedelta(days=7))
        if plan.applicant != PAST[0].applicant:
            outcome = Outcome.NO_SHOW if plan.applicant == 22 else Outcome.DONE
            entering.record_outcome(
                interview, outcome, by=self.recruiter, now=self.at(plan) + timedelta(hours=1)
            )

    def confirm(self, interview: Interview) -> None:
        """Send the confirmation to all who are to be told, as a recruiter would with one press each."""
        interview = Interview.objects.with_facts().get(pk=interview.pk)
        for audience in announcing.audiences(interview, purpose=Purpose.CONFIRMATION):
            if not audience.proposed:
                continue
            text = announcing.draft(
                interview,
                purpose=Purpose.CONFIRMATION,
                audience=audience,
                sender=self.recruiter,
                now=self.now,
            )
            announcing.send(
                interview, purpose=Purpose.CONFIRMATION, people=audience.proposed, text=text, form_key=uuid.uuid4(),
                by=self.recruiter, now=self.now,
            )  # fmt: skip

    def trouble(self, interviews: list[Interview]) -> None:
        """An applicant who asks for another time, and one who needs captions."""
        told = [i for i in interviews if i.starts_at > self.now + timedelta(days=1)]
        wishes = (
            ("change", "その日は大学の試験が入ってしまいました。翌週の午後であれば、いつでも伺えます。"),
            ("accommodation", "聴覚に障害があるため、字幕の表示をお願いできますか。"),
        )
        for interview, (kind, text) in zip(told[3:5], wishes, strict=False):
            link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=self.now)
            requests.make(link, kind=kind, text=text, now=self.now)


def working_day(today: date, number: int) -> date:
    """`number` working days from today, backwards if negative; today itself is 0 whatever day it is."""
    step = timedelta(days=1 if number > 0 else -1)
    day = today
    for _ in range(abs(number)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def is_working_day(day: date) -> bool:
    return dates.is_business_day(day)


def run_jobs() -> None:
    """What the worker would do in its threads, here and now."""
    while (row := working.claim("story", timezone.now())) is not None:
        working.run(row)
