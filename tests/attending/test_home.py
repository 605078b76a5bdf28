"""ホーム: today, what is stuck and in which order, the next days; in a constant number of queries."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from mensetsu.attending import home_views
from mensetsu.interviews import attention, scheduling
from mensetsu.interviews.models import CandidateRequest, DayReport, Interview
from mensetsu.mail.models import Mail
from mensetsu.notices.models import OutgoingNotice
from mensetsu.web import dates
from mensetsu.zoom.models import Difference, Meeting
from tests import story
from tests.interviews import desk, holding

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def kinds(world: SimpleNamespace) -> list[tuple[str, int]]:
    return [(item.kind, item.group) for item in attention.read(world.baba, now=timezone.now())]


def told(world: SimpleNamespace, **wished: Any) -> Interview:
    """An interview about which everything is in order."""
    interview = desk.schedule(world, **wished)
    desk.issued(interview, f"884{interview.pk:08d}")
    desk.tell(world, interview)
    return interview


def soon(world: SimpleNamespace, interview: Interview, hours: int = 3) -> None:
    at = world.now + timedelta(hours=hours)
    Interview.objects.filter(pk=interview.pk).update(starts_at=at, ends_at=at + timedelta(hours=1))
    interview.notices.update(told_starts_at=at)


def test_with_everything_in_order_nothing_needs_attention(world: SimpleNamespace, client_of: Any) -> None:
    told(world, starts_at=story.tomorrow_at(14, days=3))

    page = BeautifulSoup(client_of(world.baba).get("/").content, "html.parser")

    assert kinds(world) == []
    section = page.find(id="attention")
    assert section.h2.get_text() == "要対応（0）"
    assert section.p.get_text() == "要対応はありません。"


def test_what_breaks_an_interview_within_a_day_comes_first(world: SimpleNamespace) -> None:
    broken = told(world, starts_at=story.tomorrow_at(9, days=5))
    Meeting.objects.filter(pk=broken.meeting_id).update(lost_at=world.now)
    near = told(world, candidate=world.ito, starts_at=story.tomorrow_at(11, days=5))
    soon(world, near)
    Meeting.objects.filter(pk=near.meeting_id).update(lost_at=world.now)
    unconfirmed = desk.schedule(
        world,
        candidate=story.candidate(world.company, "髙橋", "健太郎"),
        starts_at=story.tomorrow_at(17, days=4),
    )
    desk.issued(unconfirmed, "88499999999")

    assert kinds(world) == [("meeting_lost", 1), ("meeting_lost", 2), ("unconfirmed", 3)]


def test_a_lost_host_is_one_line_with_the_number_of_interviews(
    world: SimpleNamespace, client_of: Any
) -> None:
    told(world, starts_at=story.tomorrow_at(9, days=3))
    told(world, starts_at=story.tomorrow_at(11, days=3))
    world.company.zoom_connections.filter(pk=world.team.pk).update(ended_at=world.now, end_reason="revoked")

    page = BeautifulSoup(client_of(world.baba).get("/").content, "html.parser")

    line = page.find("li", class_="attention")
    assert kinds(world) == [("host_lost", 2)]
    assert " ".join(line.get_text().split()).startswith(
        "⚠ 重要：Zoomの再連携が必要です（採用チーム用Zoom） 今後の面接2件"
    )
    assert [a.get_text() for a in line.find_all("a")] == ["再連携", "主催者を変更"]


def test_each_kind_of_trouble_has_its_line(world: SimpleNamespace) -> None:
    failed = desk.schedule(world, starts_at=story.tomorrow_at(9, days=3))
    desk.tell(world, failed)
    Meeting.objects.filter(pk=failed.meeting_id).update(failed_at=world.now, problem="refused")
    bounced = told(world, starts_at=story.tomorrow_at(11, days=3))
    desk.tell(world, bounced, failed=True)
    asked = told(world, starts_at=story.tomorrow_at(13, days=3))
    CandidateRequest.objects.create(interview=asked, kind="change", receiver="candidate", made_at=world.now)
    moved = told(world, starts_at=story.tomorrow_at(15, days=3))
    scheduling.reschedule(
        moved, starts_at=story.tomorrow_at(17, days=3), minutes=60, by=world.baba, now=world.now
    )

    assert kinds(world) == [("url_failed", 2), ("mail_failed", 2), ("request_change", 3), ("not_told", 3)]


def test_another_time_at_zoom_is_told_by_who_is_to_blame(world: SimpleNamespace) -> None:
    ours = told(world, starts_at=story.tomorrow_at(9, days=3))
    Meeting.objects.filter(pk=ours.meeting_id).update(synced_minutes=30, problem="away")
    theirs = told(world, starts_at=story.tomorrow_at(11, days=3))
    Meeting.objects.filter(pk=theirs.meeting_id).update(synced_minutes=45, drifted_at=world.now)
    Difference.objects.create(
        organization=world.company,
        meeting=theirs.meeting,
        kind="length",
        ours="60",
        theirs="45",
        found_at=world.now,
    )

    assert kinds(world) == [("not_synced", 2), ("elsewhere", 2)]


def test_the_latest_word_from_an_applicant_on_the_day_comes_first(world: SimpleNamespace) -> None:
    interview = told(world, starts_at=story.tomorrow_at(9, days=3))
    report = {"interview": interview, "receiver": "candidate", "starts_at": interview.starts_at}
    DayReport.objects.create(**report, kind="late", minutes=10, made_at=world.now)
    late = kinds(world)
    DayReport.objects.create(**report, kind="absent", made_at=world.now)
    absent = kinds(world)
    DayReport.objects.create(**report, kind="on_time", made_at=world.now)

    assert (late, absent, kinds(world)) == ([("day_late", 1)], [("day_absent", 1)], [])


def test_what_was_said_about_another_time_is_no_trouble(world: SimpleNamespace) -> None:
    interview = told(world, starts_at=story.tomorrow_at(9, days=3))
    DayReport.objects.create(
        interview=interview, receiver="candidate", starts_at=story.tomorrow_at(8, days=3), kind="absent",
        made_at=world.now,
    )  # fmt: skip

    assert kinds(world) == []


def test_an_interview_of_somebody_who_left_the_selection_is_a_line(world: SimpleNamespace) -> None:
    desk.issued(desk.schedule(world, starts_at=story.tomorrow_at(9, days=3)))
    world.sato.status = "withdrawn"
    world.sato.save()

    assert kinds(world) == [("applicant_left", 3)]


def test_an_old_raw_address_in_somebodys_hands_is_a_line(world: SimpleNamespace) -> None:
    interview = told(world, starts_at=story.tomorrow_at(9, days=3))
    interview.notices.update(told_join_url="https://zoom.example/j/1")

    assert kinds(world) == [("not_told", 3)]


def test_an_ended_interview_asks_how_it_went(world: SimpleNamespace) -> None:
    interview = told(world)
    soon(world, interview, hours=-3)

    assert kinds(world) == [("no_outcome", 3)]
    Interview.objects.update(outcome="done", outcome_at=world.now)
    assert kinds(world) == []


def test_a_mail_that_was_not_needed_is_not_asked_for(world: SimpleNamespace, client_of: Any) -> None:
    interview = desk.schedule(world, starts_at=story.tomorrow_at(9, days=3))
    desk.issued(interview)
    before = kinds(world)

    client_of(world.baba).post(f"/interviews/{interview.pk}/confirmation/waived/")

    assert before == [("unconfirmed", 3)]
    assert kinds(world) == []


def test_a_resent_mail_is_no_trouble_any_more(world: SimpleNamespace) -> None:
    interview = told(world, starts_at=story.tomorrow_at(9, days=3))
    letter = desk.tell(world, interview, failed=True)
    again = desk.tell(world, interview)
    before = kinds(world)

    Mail.objects.filter(pk=letter.pk).update(resent_as=again)

    assert before == [("mail_failed", 2)]
    assert kinds(world) == []


def test_nothing_of_another_company_is_seen(world: SimpleNamespace, client_of: Any) -> None:
    failed = desk.schedule(world, starts_at=story.tomorrow_at(9, days=3))
    Meeting.objects.filter(pk=failed.meeting_id).update(failed_at=world.now, problem="refused")
    CandidateRequest.objects.create(
        interview=failed, kind="withdrawal", receiver="candidate", made_at=world.now
    )
    desk.tell(world, failed, failed=True)
    over = desk.schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(13, days=3))
    soon(world, over, hours=-3)

    seen = attention.read(world.chiba, now=timezone.now())

    assert seen == []
    assert len(attention.read(world.aoki, now=timezone.now())) == 4


def test_today_lists_time_person_panel_and_state(world: SimpleNamespace, client_of: Any) -> None:
    """Noon of the present day, so that the test holds at every hour: today's list is by day, not by what is left."""
    interview = told(world)
    noon = timezone.localtime(timezone.now(), story.JAPAN).replace(hour=12, minute=0, second=0, microsecond=0)
    Interview.objects.update(
        starts_at=noon, ends_at=noon + timedelta(hours=1), outcome="done", outcome_at=world.now
    )
    client = client_of(world.baba)

    page = BeautifulSoup(client.get("/").content, "html.parser")
    fragment = BeautifulSoup(client.get("/interviews/today/").content, "html.parser")

    row = [" ".join(cell.get_text().split()) for cell in page.find(id="today").tbody.find_all(["th", "td"])]
    assert row == ["12:00〜13:00", "佐藤 美咲 様", "営業・一次面接", "土井 大", "実施済み", "詳細：佐藤 美咲"]
    assert page.h1.get_text() == dates.day(noon.date(), language="ja")
    assert str(page.find(id="today")) == str(fragment.find(id="today"))
    assert page.find(id="today").find("a")["href"] == f"/interviews/{interview.pk}/"


@pytest.mark.parametrize(
    ("hour", "first", "last"), [(8, "09:00", "17:10"), (12, "10:10", "18:20"), (20, "10:20", "18:30")]
)
def test_a_crowded_day_shows_what_is_around_this_moment_and_leads_to_all_of_it(
    world: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch, hour: int, first: str, last: str
) -> None:
    """58 interviews of an hour each, one every ten minutes from nine on."""
    client = client_of(world.baba)
    holding.set_clock(monkeypatch, holding.at(hour))
    for number in range(home_views.ROOM + 8):
        holding.interview(world.company, candidate=world.sato, starts_at=holding.at(9, number * 10))
    page = BeautifulSoup(client.get("/").content, "html.parser").select_one("#today")
    times = [row.time.get_text()[:5] for row in page.select("tbody tr")]
    all_of_it = page.select("a")[-1]

    assert (times[0], times[-1], len(times)) == (first, last, home_views.ROOM)
    assert page.h2.get_text() == "今日の面接（58）"
    assert all_of_it.get_text() == "今日の面接58件をすべて見る"
    assert all_of_it["href"].endswith("?view=day&on=2026-11-24")


def test_a_day_without_interviews_names_the_next_one(world: SimpleNamespace, client_of: Any) -> None:
    interview = desk.schedule(world, starts_at=story.tomorrow_at(10, days=4))

    page = BeautifulSoup(client_of(world.baba).get("/").content, "html.parser")

    at = timezone.localtime(interview.starts_at, story.JAPAN)
    words = page.find(id="today").get_text()
    assert "今日の面接はありません。次は" in words
    assert f"{at.month}月{at.day}日" in words


def test_the_next_five_business_days_have_their_numbers(world: SimpleNamespace, client_of: Any) -> None:
    page = BeautifulSoup(client_of(world.baba).get("/").content, "html.parser")
    days = [time["datetime"] for time in page.find(id="days_h").parent.find_all("time")]
    on = timezone.datetime.fromisoformat(days[2]).date()
    at = story.tomorrow_at(10).replace(year=on.year, month=on.month, day=on.day)
    desk.schedule(world, starts_at=at)

    again = BeautifulSoup(client_of(world.baba).get("/").content, "html.parser")

    numbers = [item.get_text().split()[-1] for item in again.find(id="days_h").parent.find_all("li")]
    assert len(days) == 5
    assert numbers == ["0件", "0件", "1件", "0件", "0件"]


def test_interviewers_are_at_home_on_their_own_page(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    answer = client_of(world.doi).get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/interviews/")


QUERIES = 34


def test_the_home_page_asks_the_same_number_of_times_for_one_and_for_three_of_each(
    world: SimpleNamespace,
    client_of: Callable[[Any], Client],
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Right after midnight what is over would not be of today.
    holding.set_clock(monkeypatch, story.tomorrow_at(12))
    client = client_of(world.baba)

    def trouble(number: int) -> None:
        person = story.candidate(
            world.company, "応募", str(number), email=f"q{number}@example.com", job=world.job
        )
        at = story.tomorrow_at(8 + 2 * number, days=3)
        broken = desk.schedule(world, candidate=person, starts_at=at, interviewers=[world.doi, world.endo])
        desk.tell(world, broken, failed=True)
        OutgoingNotice.objects.update(failed_at=world.now, problem="bad_recipient")
        Meeting.objects.filter(pk=broken.meeting_id).update(failed_at=world.now, problem="refused")
        CandidateRequest.objects.create(
            interview=broken, kind="change", receiver="candidate", made_at=world.now
        )
        over = desk.schedule(
            world, candidate=person, starts_at=at + timedelta(days=1), interviewers=[world.doi]
        )
        desk.tell(world, over)
        noon = timezone.now() - timedelta(hours=2)
        Interview.objects.filter(pk=over.pk).update(starts_at=noon, ends_at=noon + timedelta(hours=1))

    trouble(1)
    client.get("/")
    with django_assert_num_queries(QUERIES):
        client.get("/")
    trouble(2)
    trouble(3)
    with django_assert_num_queries(QUERIES):
        client.get("/")
