"""The recruiter's side of proposals: each date with what speaks against it, one press, and the agency's address."""

from datetime import timedelta

import pytest

from mensetsu.booking import agency_links, proposing
from mensetsu.booking.models import AgencyLink, Proposal
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail
from tests.booking.agencies import furnish
from tests.booking.offers import offer
from tests.interviews import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people):
    world = furnish(people)
    offer(world)
    world.wishes = [start + timedelta(hours=3) for start in world.starts]
    world.proposal = proposing.propose(
        contact=world.suzuki, candidate=world.sato, starts=world.wishes, message="午後希望", now=world.now
    )
    world.page = f"/booking/proposals/{world.proposal.pk}/"
    return world


@pytest.fixture
def baba(world, client_of):
    return client_of(world.baba)


def test_each_date_with_what_speaks_against_it(world, baba) -> None:
    desk.schedule(world, candidate=world.ito, starts_at=world.wishes[1], host=world.sub)

    page = desk.soup(baba.get(world.page))

    lines = [" ".join(one.get_text().split()) for one in page.select("#dates li")]
    assert len(lines) == 3
    assert "土井 大さんは13:00〜14:00に別の面接があります。" in lines[1]
    assert "設定できません" not in lines[0] + lines[2]
    assert "午後希望" in page.get_text()


def test_one_press_and_all_is_done(world, baba) -> None:
    date = world.proposal.dates.all()[2]

    answer = baba.post(world.page, {"date": str(date.pk)})

    interview = Interview.objects.get()
    assert interview.starts_at == world.wishes[2]
    assert answer.headers["Location"] == f"/interviews/{interview.pk}/saved/"
    assert interview.template_group is not None  # so the confirmation leaves by itself, to the agency too
    again = baba.post(world.page, {"date": str(date.pk)}, follow=True)
    assert "この提案には、すでに返事をしています。" in desk.text(again)


def test_a_date_that_is_taken_is_refused_in_words(world, baba) -> None:
    desk.schedule(world, candidate=world.ito, starts_at=world.wishes[0], host=world.sub)

    answer = baba.post(world.page, {"date": str(world.proposal.dates.all()[0].pk)}, follow=True)

    assert "13:00〜14:00" in desk.text(answer)
    assert desk.soup(answer).select("#flash .banner")
    world.proposal.refresh_from_db()
    assert world.proposal.outcome == ""


def test_a_moved_interview_leads_to_who_must_be_told(world, baba) -> None:
    interview = desk.schedule(world, candidate=world.ito, interviewers=[world.endo], host=world.sub)
    made = proposing.propose(contact=world.tanaka, candidate=world.ito, starts=world.wishes, now=world.now)

    answer = baba.post(f"/booking/proposals/{made.pk}/", {"date": str(made.dates.all()[0].pk)})

    assert answer.headers["Location"] == f"/interviews/{interview.pk}/told/"


def test_saying_that_none_fits(world, baba) -> None:
    baba.post(world.page, {"act": "decline", "message": "来週でお願いします"})

    world.proposal.refresh_from_db()
    assert world.proposal.outcome == "declined"
    assert "来週でお願いします" in Mail.objects.get().body
    assert "合う日時なし" in desk.text(baba.get(world.page))


def test_the_list_shows_what_waits(world, baba) -> None:
    waiting = desk.soup(baba.get("/booking/proposals/")).select_one("#waiting").get_text()
    assert "佐藤 美咲" in waiting
    proposing.decline(Proposal.objects.with_facts().get(), by=world.baba, now=world.now)
    page = desk.soup(baba.get("/booking/proposals/"))
    assert "佐藤 美咲" not in page.select_one("#waiting").get_text()
    assert "佐藤 美咲" in page.select_one("#settled").get_text()


def test_the_agencys_address_is_made_and_taken_back_here(world, baba) -> None:
    path = f"/booking/agencies/{world.suzuki.pk}/"
    assert agency_links.address(world.link) in desk.text(baba.get(path))

    baba.post(path, {"act": "renew"})
    assert agency_links.address(world.link) not in desk.text(baba.get(path))
    baba.post(path, {"act": "revoke"})

    assert "現在、有効なURLはありません。" in desk.text(baba.get(path))
    assert not AgencyLink.objects.filter(revoked_at=None).exists()


def test_other_companies_and_interviewers_stay_out(world, client_of) -> None:
    for path in (world.page, f"/booking/agencies/{world.suzuki.pk}/"):
        assert client_of(world.chiba).get(path).status_code == 404
        assert client_of(world.chiba).post(path, {"act": "renew"}).status_code == 404
        assert client_of(world.doi).get(path).status_code == 403
