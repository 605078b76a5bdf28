"""An applicant is asked on the pages of their own job, and on those that belong to no job."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from mensetsu.booking.models import BookingPage, Invitation
from mensetsu.candidates.models import Candidate
from tests import story
from tests.booking import office
from tests.booking.test_staff_pages import invite, soup, text


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def test_a_page_of_another_job_is_not_for_this_applicant(world: SimpleNamespace, baba: Client) -> None:
    """An engineer could be asked on the page of a sales job without a word."""
    engineer, path = story.job(world.company, "エンジニア"), f"/candidates/{world.ito.pk}/booking/"
    free = office.page(world, stage=None, name="どの職種でも")
    everybody = text(baba.get(path))
    Candidate.objects.filter(pk=world.ito.pk).update(job=engineer, search_text="伊藤")

    asked = soup(baba.get(path))
    day = f"{story.tomorrow_at(0, days=4):%Y-%m-%d}"
    stale = baba.post(path, {"page": world.page.pk, "date": day, "at": "12:00"})
    found = baba.get(f"/booking/{world.page.pk}/invitations/", {"q": "伊藤"})
    ticked = invite(world, baba, world.ito)

    assert "一次面接の日程" in everybody
    names = [option.get_text() for option in asked.select("select[name=page] option")]
    assert names == ["選択してください", free.name]
    assert "ほかの職種の日程調整ページは表示していません。" in asked.main.get_text()
    assert stale.status_code == 422
    assert "伊藤 蓮 様は別の職種の応募者のため、この日程調整ページでは依頼できません。" in text(ticked)
    assert soup(found).select("[name=candidate]") == []
    assert "この日程調整ページで依頼できるのは、職種が「営業」の応募者だけです。" in text(found)
    assert not Invitation.objects.filter(candidate=world.ito).exists()
    BookingPage.objects.filter(pk=free.pk).update(closed_at=world.now)
    assert "職種「エンジニア」の日程調整ページがありません。" in text(baba.get(path))


def test_an_applicant_without_a_job_is_offered_every_page(world: SimpleNamespace, baba: Client) -> None:
    Candidate.objects.filter(pk=world.ito.pk).update(job=None, search_text="伊藤")

    page = text(baba.get(f"/candidates/{world.ito.pk}/booking/"))
    found = soup(baba.get(f"/booking/{world.page.pk}/invitations/", {"q": "伊藤"}))

    assert "一次面接の日程" in page
    assert "ほかの職種" not in page
    assert [box["value"] for box in found.select("[name=candidate]")] == [str(world.ito.pk)]
