"""Who interviews: k of n, the least loaded first, within the caps, and only who is free."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.accounts.models import Role, User
from mensetsu.availability import asking
from mensetsu.availability.hours import Span
from mensetsu.availability.models import TimeOff
from mensetsu.interviews import busy, panels
from mensetsu.interviews.models import Interview, Way
from tests import story

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=story.JAPAN)


def at(day: int, hour: int) -> datetime:
    """November 2026; the 24th is a Tuesday after a holiday."""
    return datetime(2026, 11, day, hour, tzinfo=story.JAPAN)


def interview(people: SimpleNamespace, starts_at: datetime, *users: User, **values: Any) -> Interview:
    made = Interview.objects.create(
        organization=people.company, candidate=story.candidate(people.company), way=Way.PHONE,
        starts_at=starts_at, minutes=60, created_at=NOW, changed_at=NOW, **values,
    )  # fmt: skip
    for user in users:
        made.interviewers.create(user=user)
    return made


def pick(people: SimpleNamespace, k: int = 1, starts_at: datetime | None = None, **wished: Any) -> list[User]:
    starts_at = starts_at or at(25, 10)
    values = {"users": [people.doi, people.endo, people.baba], "now": NOW, **wished}
    return panels.pick(k=k, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), **values)


def test_without_any_load_the_order_given_decides(people) -> None:
    assert pick(people, 2) == [people.doi, people.endo]


def test_the_least_loaded_of_the_week_come_first(people) -> None:
    interview(people, at(24, 10), people.doi)
    interview(people, at(26, 10), people.doi, people.endo)

    assert pick(people, 3) == [people.baba, people.endo, people.doi]


def test_the_weeks_around_decide_between_equals(people) -> None:
    interview(people, at(12, 10), people.doi)

    assert pick(people, 3) == [people.endo, people.baba, people.doi]


def test_many_bookings_one_after_another_are_spread_evenly(people) -> None:
    for number in range(9):
        starts_at = at(24 + number % 3, 10 + number // 3)
        interview(people, starts_at, *pick(people, 1, starts_at))

    each = [user.assignments.count() for user in (people.doi, people.endo, people.baba)]
    assert each == [3, 3, 3]


def test_an_interview_takes_its_interviewer_and_back_to_back_does_not(people) -> None:
    interview(people, at(25, 10), people.doi)
    interview(people, at(25, 9), people.endo)

    assert pick(people, 2) == [people.baba, people.endo]


def test_canceled_and_withdrawn_interviews_take_nobody(people) -> None:
    interview(people, at(25, 10), people.doi, canceled_at=NOW)
    interview(people, at(25, 10), people.doi, withdrawn_at=NOW)

    assert pick(people, users=[people.doi]) == [people.doi]


def test_what_availability_knows_counts(people) -> None:
    TimeOff.objects.create(user=people.doi, first_on=date(2026, 11, 25), last_on=date(2026, 11, 25))
    asking.hold(
        users=[people.endo],
        starts_at=at(25, 10),
        ends_at=at(25, 11),
        until=at(25, 9),
        key="offer-7",
        now=NOW,
    )

    assert pick(people) == [people.baba]
    assert pick(people, 2, ignoring="offer-7") == [people.endo, people.baba]


def test_too_few_are_named(people) -> None:
    interview(people, at(25, 10), people.doi)

    with pytest.raises(panels.PanelShort) as refusal:
        pick(people, 3)

    assert refusal.value.free == [people.endo, people.baba]


def test_a_colleague_who_left_is_not_asked(people) -> None:
    gone = User.objects.get(pk=people.doi.pk)
    User.objects.filter(pk=gone.pk).update(deactivated_at=NOW)

    assert pick(people, users=[gone, people.endo]) == [people.endo]


def test_the_same_person_twice_is_one_person(people) -> None:
    with pytest.raises(panels.PanelShort):
        pick(people, 2, users=[people.doi, people.doi])


def test_the_cap_of_the_day_and_of_the_week(people) -> None:
    interview(people, at(25, 14), people.doi)
    interview(people, at(27, 14), people.endo)

    assert pick(people, 2, day_cap=1) == [people.baba, people.endo]
    assert pick(people, week_cap=1, users=[people.doi, people.endo, people.baba]) == [people.baba]
    # The Sunday before and the Monday after belong to other weeks.
    assert pick(people, week_cap=1, starts_at=at(30, 10), users=[people.doi]) == [people.doi]


def test_caps_are_counted_on_the_persons_own_clock(people) -> None:
    abroad = story.user(people.company, "kate@sample.example.jp", "Kent", "Kate", Role.INTERVIEWER,
                        time_zone="America/New_York")  # fmt: skip
    interview(people, datetime(2026, 11, 24, 23, 30, tzinfo=abroad.zone), abroad)  # the 25th in Japan
    same_day = datetime(2026, 11, 24, 10, tzinfo=abroad.zone)
    next_day = datetime(2026, 11, 25, 10, tzinfo=abroad.zone)

    with pytest.raises(panels.PanelShort):
        pick(people, starts_at=same_day, users=[abroad], day_cap=1)
    assert pick(people, starts_at=next_day, users=[abroad], day_cap=1) == [abroad]


def test_the_interview_that_is_moved_does_not_stand_in_its_own_way(people) -> None:
    own = interview(people, at(25, 10), people.doi)

    assert pick(people, users=[people.doi], besides=own, day_cap=1, week_cap=1) == [people.doi]


def test_asking_takes_nobody_and_agrees_with_picking(people) -> None:
    interview(people, at(24, 10), people.doi)

    asked = panels.free_of(users=[people.doi, people.endo], starts_at=at(25, 10), ends_at=at(25, 11), now=NOW)

    assert asked == pick(people, 2, users=[people.doi, people.endo]) == [people.endo, people.doi]


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_questions_to_the_database_does_not_grow_with_the_people(
    people, count, django_assert_num_queries
) -> None:
    users = [people.doi, people.endo, people.baba][:count]

    with django_assert_num_queries(6):
        panels.free_of(users=users, starts_at=at(25, 10), ends_at=at(25, 11), now=NOW)


def test_open_spans_leave_out_interviews(people) -> None:
    own = interview(people, at(25, 10), people.doi)

    def open_of(**wished: Any) -> list[Span]:
        day = date(2026, 11, 25)
        return busy.open_spans(users=[people.doi], first=day, last=day, now=NOW, **wished)[people.doi.pk]

    def utc(*edges: int) -> list[Span]:
        moments = [at(25, hour).astimezone(UTC) for hour in edges]
        return [Span(*pair) for pair in zip(moments[::2], moments[1::2], strict=True)]

    assert open_of() == utc(9, 10, 11, 18)
    assert open_of(besides=own) == utc(9, 18)


def test_nobody_is_picked_where_nobody_is_free(people) -> None:
    interview(people, at(25, 10), people.doi, people.endo, people.baba)

    with pytest.raises(panels.PanelShort) as short:
        pick(people)

    assert short.value.free == []
