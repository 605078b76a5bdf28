"""The story and the walks through it count their days by the product's calendar, so that they go well on any day."""

import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from demo import meeting_people
from tests.demo import running
from tests.story import JAPAN


@pytest.mark.parametrize(
    ("today", "number", "expected"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 24)),  # Friday: Monday is 勤労感謝の日
        (date(2026, 11, 21), 1, date(2026, 11, 24)),
        (date(2026, 11, 23), 1, date(2026, 11, 24)),  # on the holiday itself
        (date(2026, 11, 23), 7, date(2026, 12, 2)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),  # 元日 is a Friday
        (date(2026, 12, 25), 7, date(2027, 1, 6)),
        (date(2027, 4, 28), 1, date(2027, 4, 30)),  # the holidays of May
        (date(2027, 4, 28), 3, date(2027, 5, 7)),
        (date(2026, 9, 18), 1, date(2026, 9, 24)),  # three holidays after a weekend
        (date(2028, 2, 25), 2, date(2028, 2, 29)),
        (date(2026, 11, 24), -1, date(2026, 11, 20)),
        (date(2027, 1, 4), -1, date(2026, 12, 31)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(today: date, number: int, expected: date) -> None:
    assert meeting_people.working_day(today, number) == expected


@pytest.mark.parametrize("today", [date(2026, 1, 1) + timedelta(days=days) for days in range(0, 800, 7)])
def test_seven_working_days_are_within_what_a_booking_page_shows(today: date) -> None:
    """From 24 hours (its notice) to 60 days (its horizon), as a new page has them."""
    assert timedelta(days=7) <= meeting_people.working_day(today, 7) - today < timedelta(days=30)


@pytest.mark.parametrize(
    ("hour", "minute", "starts"),
    [
        (0, 0, [(0, 25), (2, 25), (4, 25)]),
        (3, 15, [(3, 40), (5, 40), (7, 40)]),
        (12, 14, [(12, 25), (14, 25), (16, 25)]),
        (21, 50, [(22, 10)]),
        (23, 34, [(23, 55)]),
        (23, 40, [(23, 55)]),
        (23, 45, []),
        (23, 59, []),
    ],
)
def test_interviews_of_today_are_today_and_not_yet_begun(
    hour: int, minute: int, starts: list[tuple[int, int]]
) -> None:
    now = datetime(2026, 11, 23, hour, minute, 30, tzinfo=JAPAN)

    plans = meeting_people.today_plans(now)

    assert [(plan.hour, plan.minute) for plan in plans] == starts


@pytest.mark.parametrize(
    ("founded", "expected"),
    [
        ("2026-12-30 15:30:00.123456", date(2026, 12, 31)),
        ("2026-12-31 14:59:59", date(2026, 12, 31)),
        ("2026-12-31 15:00:00", date(2027, 1, 1)),
    ],
)
def test_the_day_of_the_story_is_japans(tmp_path: Path, founded: str, expected: date) -> None:
    with closing(sqlite3.connect(tmp_path / "mensetsu.sqlite3")) as database, database:
        database.execute("CREATE TABLE accounts_organization (created_at TEXT)")
        database.executemany(
            "INSERT INTO accounts_organization VALUES (?)", [(founded,), ("2027-02-01 00:00",)]
        )

    assert running.told_on(tmp_path) == expected
