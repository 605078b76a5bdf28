"""The recruiters' calendar: which interviews are on in a month, a week or a day, by person, host and step. Reads only,
in a constant number of queries. Weeks begin on Sunday; days are the reader's own."""

import calendar as weeks
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from mensetsu.accounts import models as accounts
from mensetsu.attending import join_page
from mensetsu.candidates import models as candidates
from mensetsu.interviews.models import DayReport, Interview
from mensetsu.web import dates, moments, typed
from mensetsu.zoom import models as zoom

MONTH, WEEK, DAY = "month", "week", "day"
VIEWS = (MONTH, WEEK, DAY)
FILTERS = ("person", "host", "stage")
# So many of a day find room; its own page has all.
SHOWN = {MONTH: 5, WEEK: 20}
_SUNDAYS_FIRST = weeks.Calendar(firstweekday=weeks.SUNDAY)


@dataclass(frozen=True)
class Choices:
    """What the calendar may be narrowed down to, each by id."""

    person: Mapping[str, accounts.User]
    host: Mapping[str, zoom.Connection]
    stage: Mapping[str, candidates.Stage]


@dataclass(frozen=True)
class Entry:
    """One interview, with what its applicant told on the day."""

    interview: Interview
    report: DayReport | None


@dataclass(frozen=True)
class Day:
    """One day: `count` interviews, and those of them that find room. `kind` is sunday, holiday, saturday or empty;
    `name`: which holiday, public or the company's."""

    on: date
    count: int
    entries: Sequence[Entry]
    name: str
    kind: str
    is_today: bool
    is_outside: bool

    @property
    def hidden_count(self) -> int:
        return self.count - len(self.entries)


@dataclass(frozen=True)
class Page:
    """`chosen` maps each filter to the id in the address, as far as there is such a person, host or step."""

    view: str
    on: date
    today: date
    rows: Sequence[Sequence[Day]]
    choices: Choices
    chosen: Mapping[str, str]

    @property
    def days(self) -> Sequence[Day]:
        return [day for row in self.rows for day in row]

    @property
    def count(self) -> int:
        """Interviews of the month, week or day itself; the days around a month do not count."""
        return sum(day.count for day in self.days if not day.is_outside)

    @property
    def first(self) -> date:
        return self.rows[0][0].on

    @property
    def last(self) -> date:
        return self.rows[-1][-1].on

    def address(self, view: str = "", on: date | None = None) -> str:
        """The same calendar, elsewhere or otherwise, with the filters kept."""
        query = {"view": view or self.view, "on": (on or self.on).isoformat(), **self.chosen}
        return f"{reverse('interviews:calendar_page')}?{urlencode(query)}"

    @property
    def before(self) -> date:
        return _shifted(self.on, self.view, -1)

    @property
    def after(self) -> date:
        return _shifted(self.on, self.view, 1)


def read(
    user: accounts.User, asked: Mapping[str, str], *, zone: tzinfo, language: str, now: datetime
) -> Page:
    """What the address asks for: `view`, `on` (2026-11-24), `person`, `host`, `stage`. What it says wrongly is as
    if it were not there."""
    today = now.astimezone(zone).date()
    view = asked.get("view", "") if asked.get("view") in VIEWS else MONTH
    on = typed.shown_day(asked.get("on", "")) or today
    choices = _choices(user)
    chosen = {
        name: asked[name] for name in FILTERS if asked.get(name) and asked[name] in getattr(choices, name)
    }
    span = _weeks(view, on)
    by_day = _by_day(user, span, chosen, zone)
    entries = _entries(user, by_day, view)
    closed = {holiday.on: holiday.name for holiday in user.organization.company_holidays.all()}
    rows = [
        [
            _day(one, view, on, today, len(by_day.get(one, ())), entries.get(one, ()), closed, language)
            for one in week
        ]
        for week in span
    ]
    return Page(view=view, on=on, today=today, rows=rows, choices=choices, chosen=chosen)


def month_name(on: date, language: str) -> str:
    """2026年11月 / November 2026"""
    return f"{on.year}年{on.month}月" if language == "ja" else f"{weeks.month_name[on.month]} {on.year}"


def _weeks(view: str, on: date) -> list[list[date]]:
    if view == DAY:
        return [[on]]
    if view == WEEK:
        sunday = on - timedelta(days=(on.weekday() + 1) % 7)
        return [[sunday + timedelta(days=number) for number in range(7)]]
    return _SUNDAYS_FIRST.monthdatescalendar(on.year, on.month)


def _shifted(on: date, view: str, step: int) -> date:
    if view == MONTH:
        month = on.year * 12 + on.month - 1 + step
        return date(month // 12, month % 12 + 1, 1)
    return on + timedelta(days=step * (7 if view == WEEK else 1))


def _choices(user: accounts.User) -> Choices:
    steps = candidates.Stage.objects.filter(job__organization_id=user.organization_id, job__closed_at=None)
    steps = steps.select_related("job").order_by("job__position", "job__id", "position", "id")
    people = accounts.User.objects.visible_to(user).working()
    people = people.order_by("family_kana", "given_kana", "family_name", "id")
    hosts = zoom.Connection.objects.hosts_for(user.organization).select_related("owner")
    return Choices(*({str(one.pk): one for one in found} for found in (people, hosts, steps)))


def _by_day(
    user: accounts.User, span: Sequence[Sequence[date]], chosen: Mapping[str, str], zone: tzinfo
) -> dict[date, list[int]]:
    """The keys of each day's interviews in their order. A month of a large company has thousands, and shows a few of
    each day: only those are read whole."""
    begin = datetime.combine(span[0][0], time(), zone)
    end = datetime.combine(span[-1][-1] + timedelta(days=1), time(), zone)
    found = Interview.objects.visible_to(user).standing().filter(starts_at__gte=begin, starts_at__lt=end)
    by_day: dict[date, list[int]] = defaultdict(list)
    for key, starts_at in _narrowed(found, chosen).order_by("starts_at", "id").values_list("pk", "starts_at"):
        by_day[moments.local(starts_at, zone).date()].append(key)
    return by_day


def _entries(user: accounts.User, by_day: Mapping[date, Sequence[int]], view: str) -> dict[date, list[Entry]]:
    """Those that find room. A last one takes no more of it than the word that there is one more."""
    room = SHOWN.get(view)
    shown = {
        on: of_day if room is None or len(of_day) <= room + 1 else of_day[:room]
        for on, of_day in by_day.items()
    }
    mine = Interview.objects.visible_to(user)
    rows = _for_lines(mine.filter(pk__in=[key for keys in shown.values() for key in keys]))
    entries = {row.pk: Entry(row, join_page.day_report(row)) for row in rows}
    # One that was deleted between the two looks is left out.
    return {on: [entries[key] for key in keys if key in entries] for on, keys in shown.items()}


def _narrowed(found: QuerySet[Interview], chosen: Mapping[str, str]) -> QuerySet[Interview]:
    if "person" in chosen:
        found = found.filter(interviewers__user=chosen["person"])
    if "host" in chosen:
        host = chosen["host"]
        # The one that is about to take over counts too: its time is taken.
        found = found.filter(
            Q(meeting__connection=host, next_meeting=None) | Q(next_meeting__connection=host)
        )
    if "stage" in chosen:
        found = found.filter(stage=chosen["stage"])
    return found


def _for_lines(found: QuerySet[Interview]) -> QuerySet[Interview]:
    related = (
        "candidate__job", "stage", "meeting__connection__owner", "next_meeting__connection__owner",
    )  # fmt: skip
    return found.select_related(*related).prefetch_related("interviewers__user", "day_reports")


def _day(
    on: date,
    view: str,
    shown: date,
    today: date,
    count: int,
    entries: Sequence[Entry],
    closed: Mapping[date, str],
    language: str,
) -> Day:
    public = dates.holiday_in(on, language=language)
    if public and on.year > today.year + 1:
        # Equinoxes are fixed the year before.
        public += "（予定）" if language == "ja" else " (provisional)"
    name = public or closed.get(on, "")
    weekend = (
        "sunday" if on.weekday() == weeks.SUNDAY else "saturday" if on.weekday() == weeks.SATURDAY else ""
    )
    return Day(
        on=on,
        count=count,
        entries=entries,
        name=name,
        kind="holiday" if name else weekend,
        is_today=on == today,
        is_outside=view == MONTH and (on.year, on.month) != (shown.year, shown.month),
    )
