"""warnings: every situation that blocks or warns, as the form sees it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.accounts.models import CompanyHoliday
from mensetsu.availability.models import BusyBlock, TimeOff, WorkingHours
from mensetsu.interviews import availability, warning_words, warnings
from mensetsu.interviews.planning import Plan
from mensetsu.zoom.models import HostHold
from tests import story
from tests.interviews import desk

pytestmark = pytest.mark.django_db

# A Thursday with nothing special about it, and a now well before.
NOW = datetime(2027, 6, 1, 9, 0, tzinfo=story.JAPAN)
DAY = datetime(2027, 6, 10, 14, 0, tzinfo=story.JAPAN)


def moment(*figures: int) -> datetime:
    return datetime(*figures, tzinfo=story.JAPAN)


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    desk.furnish(people)
    people.now = NOW
    return people


def plan(world: SimpleNamespace, **wished: Any) -> Plan:
    values = {
        "candidate": world.sato,
        "starts_at": DAY,
        "interviewers": [world.doi],
        "host": world.team,
        **wished,
    }
    return Plan(**values)


def check(wanted: Plan, now: datetime = NOW) -> list[warnings.Warning]:
    return warnings.check(wanted, wanted.host_choices(now) if wanted.uses_zoom else [], now=now)


def codes(wanted: Plan, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(one.code, one.level) for one in check(wanted, now)]


def sentences(wanted: Plan, now: datetime = NOW) -> list[str]:
    return [warning_words.sentence(one) for one in check(wanted, now)]


def test_nothing_speaks_against_a_free_afternoon(world: SimpleNamespace) -> None:
    assert codes(plan(world)) == []


@pytest.mark.parametrize(
    ("starts_at", "code", "sentence"),
    [
        (moment(2027, 5, 31, 14, 0), "past", "日付は今日以降の日付を入力してください。"),
        (moment(2027, 6, 12, 14, 0), "weekend", "6月12日(土)は土曜日です。"),
        (moment(2027, 6, 13, 14, 0), "weekend", "6月13日(日)は日曜日です。"),
        (moment(2027, 7, 19, 14, 0), "holiday", "7月19日(月)は祝日（海の日）です。"),
        (moment(2027, 8, 12, 14, 0), "company_holiday", "8月12日(木)は会社の休業日（夏季休業）です。"),
        (moment(2027, 6, 10, 7, 45), "odd_hours", "8:00〜21:00の時間外です。"),
        (moment(2027, 6, 10, 20, 30), "odd_hours", "8:00〜21:00の時間外です。"),
        (
            moment(2027, 6, 1, 10, 20), "soon",
            "開始まで1時間20分です。メールに加えて電話での連絡をおすすめします。",
        ),
    ],
)  # fmt: skip
def test_times_that_are_impossible_or_unusual(
    world: SimpleNamespace, starts_at: datetime, code: str, sentence: str
) -> None:
    CompanyHoliday.objects.create(organization=world.company, on=date(2027, 8, 12), name="夏季休業")
    wanted = plan(world, starts_at=starts_at)

    assert [code for code, _level in codes(wanted)] == [code]
    assert sentences(wanted) == [sentence]


def test_the_last_interview_of_the_day_may_end_at_nine(world: SimpleNamespace) -> None:
    assert codes(plan(world, starts_at=DAY.replace(hour=20))) == []


def test_hours_and_holidays_are_the_companys_wherever_the_reader_is(world: SimpleNamespace) -> None:
    """22:00 UTC of Friday is Saturday 7:00 in Tokyo."""
    wanted = plan(world, starts_at=datetime.fromisoformat("2027-06-11T22:00:00+00:00"))

    assert [code for code, _level in codes(wanted)] == ["weekend", "odd_hours"]


def test_an_applicant_with_another_interview_blocks(world: SimpleNamespace) -> None:
    desk.schedule(world, starts_at=DAY + timedelta(minutes=30), host=world.sub)

    found = check(plan(world, interviewers=[world.endo]))

    assert [(one.code, one.level) for one in found] == [("applicant_busy", "block")]
    assert warning_words.sentence(found[0]) == "佐藤 美咲 様は同じ時間に別の面接があります。"


def test_a_busy_interviewer_warns(world: SimpleNamespace) -> None:
    desk.schedule(world, candidate=world.ito, starts_at=DAY + timedelta(minutes=30), host=world.sub)

    found = check(plan(world))

    assert [(one.code, one.level) for one in found] == [("interviewer_busy", "warn")]
    assert warning_words.sentence(found[0]) == "土井 大さんは14:30〜15:30に別の面接があります。"


def against(world: SimpleNamespace, wanted: Plan) -> list[str]:
    """What the interviewers' calendars say, in words."""
    calendar = availability.read(wanted, DAY - timedelta(days=1), DAY + timedelta(days=1), now=NOW)
    found = warnings.check(wanted, wanted.host_choices(NOW), now=NOW, reasons=calendar.reasons)
    assert {one.level for one in found} <= {"warn"}
    return [warning_words.sentence(one) for one in found]


def test_what_stands_in_an_interviewers_calendar_warns(world: SimpleNamespace) -> None:
    BusyBlock.objects.create(user=world.doi, starts_at=DAY, ends_at=DAY + timedelta(minutes=30), note="通院")
    TimeOff.objects.create(user=world.endo, first_on=DAY.date(), last_on=DAY.date())

    said = against(world, plan(world, interviewers=[world.doi, world.endo]))

    assert said == ["土井 大さんは14:00〜14:30に別の予定があります。", "遠藤 恵さんはお休みの予定です。"]
    assert "通院" not in "".join(said)


def test_a_time_outside_an_interviewers_hours_warns(world: SimpleNamespace) -> None:
    WorkingHours.objects.create(user=world.doi, weekday=DAY.weekday(), begins=time(9), ends=time(12))

    assert against(world, plan(world)) == ["土井 大さんの勤務時間の外です。"]


def test_a_host_held_for_a_booking_blocks_like_a_meeting(world: SimpleNamespace) -> None:
    HostHold.objects.create(
        connection=world.team, key="booking", starts_at=DAY, ends_at=DAY + timedelta(hours=1),
        held_until=NOW + timedelta(days=1),
    )  # fmt: skip

    assert codes(plan(world)) == [("host_busy", "block")]


def test_a_busy_host_blocks_and_names_who_is_free(world: SimpleNamespace) -> None:
    desk.schedule(
        world, candidate=world.ito, starts_at=DAY + timedelta(minutes=30), interviewers=[world.endo]
    )

    found = check(plan(world))

    assert [(one.code, one.level) for one in found] == [("host_busy", "block")]
    assert warning_words.sentence(found[0]) == (
        "採用チーム用Zoomは14:30〜15:30に別の面接の主催者です。"
        "同じ主催者は、同時に複数のミーティングを開始できません。空いている主催者：採用サブ"
    )


def test_an_interview_does_not_stand_in_its_own_way(world: SimpleNamespace) -> None:
    interview = desk.schedule(world, starts_at=DAY)

    assert codes(plan(world, interview=interview, starts_at=DAY + timedelta(minutes=15))) == []


def test_without_a_linked_account_zoom_is_blocked_and_other_ways_are_not(world: SimpleNamespace) -> None:
    world.company.zoom_connections.update(ended_at=NOW, end_reason="revoked")

    assert codes(plan(world, host=None)) == [("no_host", "block")]
    assert codes(plan(world, host=None, way="in_person", service="")) == []
    assert codes(plan(world)) == [("no_host", "block")]


def test_an_account_that_ended_cannot_be_chosen(world: SimpleNamespace) -> None:
    world.company.zoom_connections.filter(pk=world.team.pk).update(ended_at=NOW, end_reason="revoked")

    assert codes(plan(world)) == [("host_ended", "block")]


def test_all_hosts_taken_blocks_the_automatic_choice(world: SimpleNamespace) -> None:
    third = story.candidate(world.company, "グエン", "アン")
    desk.schedule(world, candidate=world.ito, starts_at=DAY, interviewers=[])
    desk.schedule(world, candidate=third, starts_at=DAY, interviewers=[], host=world.sub)

    assert codes(plan(world, host=None)) == [("no_free_host", "block")]


def test_the_free_plan_warns_over_forty_minutes(world: SimpleNamespace) -> None:
    world.team.plan_type = 1
    world.team.save()

    assert codes(plan(world)) == [("basic_plan", "warn")]
    assert sentences(plan(world)) == ["このZoomアカウントは無料プランのため、40分で終了します。"]
    assert codes(plan(world, minutes=40)) == []


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"plan_type": 99}, "ミーティングのライセンスがないため"),
        ({"check_problem": "inactive"}, "このユーザーは有効ではありません"),
        ({"scopes": "meeting:read:meeting"}, "ミーティングを作成する権限がありません"),
    ],
)
def test_an_account_that_can_hold_no_meeting_warns_for_any_length(
    world: SimpleNamespace, columns: dict[str, Any], told: str
) -> None:
    world.company.zoom_connections.filter(pk=world.team.pk).update(**columns)

    assert codes(plan(world, minutes=30)) == [("host_unfit", "warn")]
    assert told in sentences(plan(world, minutes=30))[0]
    assert codes(plan(world, host=None)) == []  # the other is chosen

    world.company.zoom_connections.update(**columns)
    assert codes(plan(world, host=None)) == [("no_fit_host", "block")]
    assert "「Zoom連携設定」" in sentences(plan(world, host=None))[0]


def test_the_automatic_choice_warns_only_when_every_free_host_is_on_the_free_plan(
    world: SimpleNamespace,
) -> None:
    world.team.plan_type = 1
    world.team.save()
    assert codes(plan(world, host=None)) == []

    world.sub.plan_type = 1
    world.sub.save()
    assert codes(plan(world, host=None)) == [("basic_plan", "warn")]


@pytest.mark.parametrize(("minutes", "warned"), [(60, [0]), (55, [5]), (51, [9]), (50, [])])
def test_less_than_ten_minutes_after_the_hosts_previous_meeting_warns(
    world: SimpleNamespace, minutes: int, warned: list[int]
) -> None:
    desk.schedule(
        world,
        candidate=world.ito,
        starts_at=DAY - timedelta(hours=1),
        minutes=minutes,
        interviewers=[world.endo],
    )

    found = check(plan(world))

    assert [one.facts["minutes"] for one in found] == warned
    assert all(one.code == "short_gap" for one in found)


def test_the_gap_is_told_with_the_previous_interviews_time(world: SimpleNamespace) -> None:
    desk.schedule(
        world, candidate=world.ito, starts_at=DAY - timedelta(hours=1), minutes=55, interviewers=[world.endo]
    )

    assert sentences(plan(world)) == ["前の面接（13:00〜13:55）との間が5分です。"]


def test_an_interview_that_moves_leaves_no_gap_behind_itself(world: SimpleNamespace) -> None:
    before = desk.schedule(
        world, candidate=world.ito, starts_at=DAY - timedelta(hours=2), minutes=115, interviewers=[world.endo]
    )
    moving = desk.schedule(world, starts_at=DAY - timedelta(hours=5), minutes=60)

    (warning,) = check(plan(world, interview=moving))

    assert (warning.code, warning.facts["meeting"]) == ("short_gap", before.meeting)


def test_a_form_without_a_time_yet_is_checked_for_what_is_known(world: SimpleNamespace) -> None:
    wanted = replace(plan(world), starts_at=None, on=date(2027, 6, 12))

    assert codes(wanted) == [("weekend", "warn")]
