"""No door takes a day that nobody plans: before 2000, or more than two years ahead. Each says which days it takes and
keeps what was typed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mensetsu.accounts.models import CompanyHoliday
from mensetsu.availability.models import BusyBlock, TimeOff
from mensetsu.booking.models import Invitation, Proposal, Slot
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import CandidateRequest, Interview
from mensetsu.web import forms, typed
from tests import story
from tests.booking import agencies, office
from tests.interviews import desk

pytestmark = pytest.mark.django_db

FAR = ["9999-12-31", "0001-01-01", "1999-12-31", "2999-01-01"]
EARLY = "2000年1月1日(土・祝)より前の日付です。年を確認してください。"
LATE = "は2年より先の日付です。"


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    world = office.furnish(people)
    world.suzuki = story.agency(world.company)
    return world


def refusal(on: str) -> str:
    return EARLY if on < "2000" else LATE


@pytest.mark.parametrize("on", FAR)
def test_an_interview_is_neither_set_nor_moved_there(
    world: SimpleNamespace, client_of: Callable[[Any], Client], on: str
) -> None:
    baba, interview = client_of(world.baba), desk.schedule(world)
    sent = desk.form(world, date=on, version=str(interview.version))

    checked = baba.post(f"/candidates/{world.sato.pk}/interviews/check/", sent)
    wished = baba.get(f"{desk.path(world)}?date={on}")
    answers = [baba.post(path, sent) for path in (desk.path(world), f"/interviews/{interview.pk}/change/")]

    assert [checked.status_code, wished.status_code] == [200, 200]
    for answer in answers:
        assert answer.status_code == 422
        assert any(refusal(on) in line for line in desk.errors(answer))
        assert desk.soup(answer).select_one("#id_date")["value"] == on
    assert [one.starts_at for one in Interview.objects.all()] == [interview.starts_at]


@pytest.mark.parametrize(
    "slot", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+09:00", "9999-12-31T10:00+00:00"]
)
def test_a_free_time_that_nobody_offered_is_refused_by_its_day(
    world: SimpleNamespace, client_of: Callable[[Any], Client], slot: str
) -> None:
    baba = client_of(world.baba)

    assert (
        baba.post(f"/candidates/{world.sato.pk}/interviews/check/", desk.form(world, slot=slot)).status_code
        == 200
    )
    assert baba.post(desk.path(world), desk.form(world, slot=slot)).status_code in (200, 422)
    added = baba.post(f"/candidates/{world.sato.pk}/dates/", desk.form(world, add=slot))

    assert added.status_code in (200, 422)
    assert not Interview.objects.exists()


DOORS = {
    "slot": lambda w, on: (w.baba, f"/booking/{w.page.pk}/slots/", {
        "act": "one", "one-date": on, "one-start": "10:00", "one-capacity": "1"}),
    "series": lambda w, on: (w.baba, f"/booking/{w.page.pk}/slots/", {
        "act": "series", "many-weekdays": ["1"], "many-first_on": on, "many-last_on": on, "many-begins": "10:00",
        "many-ends": "17:00", "many-interval": "60", "many-capacity": "1"}),
    "invitation": lambda w, on: (w.baba, f"/candidates/{w.ito.pk}/booking/", {
        "page": str(w.page.pk), "date": on, "at": "17:00"}),
    "offer": lambda w, on: (w.baba, f"/candidates/{w.ito.pk}/dates/", {
        **desk.form(w), "date_1": on, "start_1": "10:00", "answer_on": on, "answer_at": "17:00"}),
    "day off": lambda w, on: (w.doi, f"/availability/{w.doi.pk}/off/", {"off-first_on": on}),
    "busy time": lambda w, on: (w.doi, f"/availability/{w.doi.pk}/busy/", {
        "busy-on": on, "busy-begins": "10:00", "busy-ends": "11:00", "busy-weekly": "on"}),
    "holiday": lambda w, on: (w.aoki, "/settings/organization/holidays/", {"on": on, "name": "休業日"}),
}  # fmt: skip


@pytest.mark.parametrize("on", FAR)
@pytest.mark.parametrize("door", DOORS)
def test_no_other_door_takes_such_a_day(
    world: SimpleNamespace, client_of: Callable[[Any], Client], door: str, on: str
) -> None:
    before = Slot.objects.count(), Invitation.objects.count()
    who, path, values = DOORS[door](world, on)

    answer = client_of(who).post(path, values)

    assert answer.status_code == 422
    assert refusal(on) in desk.text(answer)
    assert (Slot.objects.count(), Invitation.objects.count()) == before
    assert not any(rows.objects.exists() for rows in (TimeOff, BusyBlock, CompanyHoliday))


@pytest.mark.parametrize("on", FAR)
def test_applicants_and_agencies_are_told_too(world: SimpleNamespace, client: Client, on: str) -> None:
    agencies.introduce(world.sato, world.suzuki)
    link = agencies.agency_links.link_for(world.suzuki, now=world.now)

    wished = client.post(office.path(world.link, "wishes/"), {"day1": on, "part1": "any"})
    proposed = client.post(f"{agencies.path(link)}{world.sato.pk}/dates/", {"date_1": on, "start_1": "10:00"})

    for answer in (wished, proposed):
        assert answer.status_code == 422
        assert refusal(on) in desk.text(answer)
    assert not Proposal.objects.exists()
    assert not CandidateRequest.objects.exists()


def test_a_file_may_bring_old_applications_but_no_impossible_ones(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    baba = client_of(world.baba)
    table = "氏名,メールアドレス,応募日\n一 郎,a@example.com,1985/04/01\n二 郎,b@example.com,9999/12/31\n"
    table += "三 郎,c@example.com,0001/01/01\n"

    sent = baba.post(
        reverse("candidates:import_upload"),
        {"file": SimpleUploadedFile("応募者.csv", table.encode())},
        follow=True,
    )

    words = desk.text(sent)
    assert "9999年12月31日(金)は2年より先の日付です。" in words
    assert "1年1月1日(月・祝)は1950年1月1日(日・祝)より前の日付です。" in words
    assert words.count("より前の日付です") == 1
    assert not Candidate.objects.filter(family_name="二").exists()


@pytest.mark.parametrize("on", ["9999-12-31", "0001-01-01", "9999-12", "x", "2000-01-01", "2100-12-31"])
def test_addresses_of_pages_are_no_doors_either(
    world: SimpleNamespace, client_of: Callable[[Any], Client], on: str
) -> None:
    baba = client_of(world.baba)
    views = [f"/interviews/calendar/?view={view}" for view in ("month", "week", "day")]
    pages = [f"{view}&{name}={on}" for view in views for name in ("on", "month")]
    pages += [
        f"/interviews/?day={on}",
        f"/interviews/?all=1&day={on}",
        f"/?day={on}",
        f"/availability/?on={on}",
    ]
    pages.append(f"{office.path(world.link)}?month={on}")

    assert {path: baba.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


@pytest.mark.parametrize(
    "starts_at", [datetime(9999, 12, 31, 5, tzinfo=UTC), datetime(9999, 12, 31, 23, 30, tzinfo=UTC)]
)
def test_the_verbs_refuse_it_from_whoever_it_comes(world: SimpleNamespace, starts_at: datetime) -> None:
    interview = desk.schedule(world)

    with pytest.raises(scheduling.OutOfReach):
        desk.schedule(world, candidate=world.ito, starts_at=starts_at)
    with pytest.raises(scheduling.OutOfReach):
        scheduling.reschedule(interview, starts_at=starts_at, minutes=60, by=world.baba, now=world.now)

    assert Interview.objects.get().starts_at == interview.starts_at


def test_two_years_end_on_the_same_day_of_the_year() -> None:
    leap, last = date(2028, 2, 29), date(2030, 2, 28)

    typed.refuse_out_of_reach(last, today=leap)
    with pytest.raises(typed.OutOfReach) as refused:
        typed.refuse_out_of_reach(last + timedelta(days=1), today=leap)

    assert (refused.value.limit, refused.value.is_late) == (last, True)


def test_the_sentences_name_the_days_that_are_taken() -> None:
    late = typed.OutOfReach(date(9999, 12, 31), date(2028, 11, 28), is_late=True)

    assert forms.out_of_reach(late) == (
        "9999年12月31日(金)は2年より先の日付です。2028年11月28日(火)までの日付を指定してください。"
    )
