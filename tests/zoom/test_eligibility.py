"""An account that can hold no meeting is never chosen by itself, and said to be so where people choose."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from mensetsu.zoom import checking, eligibility, fitness, meetings, rights, showing, sparing
from mensetsu.zoom.models import Connection, Problem
from tests.zoom.test_hosting import at, link
from tests.zoom_world import RECRUIT, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db

READS = "user:read:user meeting:read:meeting meeting:update:meeting meeting:write:invite_links"
UNFIT = [
    ({"plan_type": 4}, "unlicensed"),
    ({"plan_type": 99}, "unlicensed"),
    ({"check_problem": Problem.INACTIVE}, "inactive"),
    ({"scopes": READS}, "not_permitted"),
]
FIT = [
    {"plan_type": 0},
    {"plan_type": 1},
    {"plan_type": 2},
    {"check_problem": Problem.AWAY},
    {"scopes": ""},
    {"scopes": f"{READS} meeting:write:meeting"},
    {"scopes": "meeting:write:admin"},
]


@pytest.mark.parametrize(("columns", "why"), [*UNFIT, *[(columns, "") for columns in FIT]])
def test_what_speaks_against_an_account(people, columns: dict[str, Any], why: str) -> None:
    host = link(people.aoki, "採用", **columns)

    assert eligibility.unfit(host) == why
    assert eligibility.fit([host]) == ([] if why else [host])


def test_what_a_grant_without_any_scope_allows_is_not_known() -> None:
    assert rights.may_create(" ")


@pytest.mark.parametrize(("columns", "why"), UNFIT)
def test_it_is_never_chosen_by_itself_and_stands_last_with_the_reason(
    people, columns: dict[str, Any], why: str
) -> None:
    unfit = link(people.aoki, "一", **columns)
    basic = link(people.aoki, "二", plan_type=1, is_shared=False)
    asked = {"organization": people.company, "spans": [(at(10), at(11))], "now": timezone.now()}

    choices = meetings.host_choices(
        organization=people.company, starts_at=at(10), minutes=60, now=timezone.now()
    )
    assert [(one.connection, one.is_free, one.is_pickable) for one in choices] == [
        (basic, True, True),
        (unfit, True, False),
    ]
    assert eligibility.named(unfit, "ja") == f"一（{eligibility.Unfit(why).label}）"
    assert sparing.has_free_host(**asked) == [True]
    assert wanted(people.company, None, at(10)).connection == basic

    assert sparing.has_free_host(**asked) == [False]
    with pytest.raises(meetings.NoFreeHost):
        wanted(people.company, None, at(10))
    # By name it may still be chosen: what we know may be old.
    assert wanted(people.company, unfit, at(10)).connection == unfit


def test_a_license_that_zoom_takes_away_is_known_after_the_next_look(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT, is_shared=True)
    meeting = issued(people.company, host, minutes=30)
    assert fitness.read(meeting, now=timezone.now())["plan"] == ""

    zoom.control("POST", f"users/{RECRUIT}", {"type": 99})
    checking.check_link(host, now=timezone.now())

    meeting.refresh_from_db()
    assert fitness.read(meeting, now=timezone.now())["plan"] == "unlicensed"


def test_the_page_of_the_connections_says_so(people, client_of) -> None:
    link(people.aoki, "採用", plan_type=99)
    link(people.aoki, "予備", plan_type=1)
    link(people.aoki, "不明", plan_type=0)

    page = BeautifulSoup(client_of(people.baba).get("/settings/zoom/").content, "html.parser")

    def card(name: str) -> str:
        (found,) = [one for one in page.find_all("section") if one.find(["h2", "h3"]).get_text() == name]
        return " ".join(found.get_text().split())

    assert "プランミーティングのライセンスなし" in card("採用")
    assert "Zoomの管理者にライセンスの割り当てを依頼し" in card("採用")
    assert "プランベーシック（無料）" in card("予備")
    assert "プラン" not in card("不明")


def test_the_account_to_move_to_is_one_that_can(people) -> None:
    leaving = link(people.aoki, "退職")
    unfit = link(people.aoki, "一", plan_type=99)
    meeting = wanted(people.company, leaving, at(10))

    alone = showing.remaining(leaving, [meeting], now=timezone.now())
    assert (alone["choices"], alone["rows"]) == ([(unfit, 1)], [(meeting, False)])

    able = link(people.aoki, "二", plan_type=1)
    wanted(people.company, able, at(10))
    beside = showing.remaining(leaving, [meeting], now=timezone.now())
    assert beside["choices"] == [(able, 0), (unfit, 1)]


def test_hosts_that_hold_no_meeting_come_after_all_others(people) -> None:
    for name, plan in (("一", 99), ("二", 1), ("三", 4), ("四", 2)):
        link(people.aoki, name, plan_type=plan)

    hosts = Connection.objects.hosts_for(people.company)

    assert [host.label for host in hosts] == ["四", "二", "一", "三"]
