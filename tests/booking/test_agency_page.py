"""The agency's own page: what it shows, what it keeps to itself, and that opening it changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mensetsu.booking import agency_links, choosing, inviting, links
from mensetsu.booking.models import AgencyLink, BookingLink, Proposal
from mensetsu.candidates.models import ContactRoute
from mensetsu.history.models import Entry
from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, JoinLink
from mensetsu.mail import samples
from mensetsu.mail.models import Template
from mensetsu.web import tokened
from tests import story
from tests.booking.agencies import furnish, introduce, path
from tests.booking.offers import offer, slots
from tests.interviews import desk, holding

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people):
    return furnish(people)


@pytest.fixture
def agency() -> Client:
    # As a browser would be that has never been here: nothing rests on a cookie.
    return Client(enforce_csrf_checks=True)


def typed(starts: list, **more: Any) -> dict[str, str]:
    values = {"message": "", **more}
    for number, start in enumerate(starts, start=1):
        local = timezone.localtime(start, story.JAPAN)
        values |= {f"date_{number}": f"{local:%Y-%m-%d}", f"start_{number}": f"{local:%H:%M}"}
    return values


def test_it_lists_what_waits_and_what_is_to_come(world, agency) -> None:
    offer(world)
    other = story.candidate(world.company, "高橋", "花", job=world.job, email="hana@example.com")
    introduce(other, world.suzuki, ContactRoute.BOTH)
    desk.schedule(world, candidate=other, interviewers=[world.endo], host=world.sub)

    answer = agency.get(world.path)

    shown = desk.text(answer)
    headings = [one.get_text() for one in desk.soup(answer).select("main h2")]
    assert headings == ["佐藤 美咲 様", "高橋 花 様"]
    assert "回答待ち" in shown
    assert "14:00〜15:00" in shown
    assert "株式会社ミライ人材" in shown


def test_it_keeps_to_itself_what_agencies_need_not_know(world, agency) -> None:
    world.sato.phone, world.sato.note = "090-1111-2222", "社内メモ"
    world.sato.save()
    offer(world)
    offer(world, candidate=world.ito, starts=[start + timedelta(hours=4) for start in world.starts])

    page = agency.get(world.path).content.decode()

    for secret in ("misaki@example.com", "090-1111-2222", "社内メモ", "伊藤", "土井", "採用チーム用Zoom"):
        assert secret not in page


def test_directly_contacted_applicants_are_not_shown(world, agency) -> None:
    introduce(world.sato, world.suzuki, ContactRoute.DIRECT)
    offer(world)

    assert "佐藤" not in desk.text(agency.get(world.path))
    assert agency.get(f"{world.path}{world.sato.pk}/dates/").status_code == 404
    assert agency.post(f"{world.path}{world.sato.pk}/choice/").status_code == 404


def test_opening_changes_nothing(world, agency) -> None:
    offer(world)
    desk.schedule(world, starts_at=world.starts[0] + timedelta(days=30))
    before = (
        Entry.objects.count(),
        BookingLink.objects.count(),
        JoinLink.objects.count(),
        AgencyLink.objects.count(),
    )

    for method in (agency.get, agency.head):
        for address in (world.path, f"{world.path}?sent=1", f"{world.path}{world.sato.pk}/dates/"):
            assert method(address).status_code == 200
        for address in (f"{world.path}{world.sato.pk}/choice/", f"{world.path}{world.sato.pk}/interview/"):
            assert method(address).status_code == 405

    after = (
        Entry.objects.count(),
        BookingLink.objects.count(),
        JoinLink.objects.count(),
        AgencyLink.objects.count(),
    )
    assert before == after
    assert not Proposal.objects.exists()


def test_the_headers_keep_the_address_private(world, agency) -> None:
    answer = agency.get(world.path)

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer.headers["Cache-Control"]


def test_strangers_and_the_impatient(world, agency, monkeypatch) -> None:
    assert agency.get("/a/7h2k9mexample/").status_code == 404
    monkeypatch.setattr(tokened, "LIMIT", 1)
    holding.set_clock(monkeypatch, timezone.now())  # counted by the minute
    agency.get(world.path)
    assert agency.get(world.path).status_code == 429


def test_it_speaks_the_contacts_language_and_keeps_a_switch(world, agency) -> None:
    offer(world)
    world.suzuki.language = "en"
    world.suzuki.save()

    assert "Interviews of the applicants you introduced" in desk.text(agency.get(world.path))
    japanese = desk.soup(agency.get(f"{world.path}?lang=ja"))
    assert "ご紹介いただいた応募者の面接" in japanese.get_text()
    # The language travels along.
    sent = agency.post(f"{world.path}{world.sato.pk}/choice/?lang=ja")
    assert sent.headers["Location"].endswith("?lang=ja")


def test_choosing_leads_to_the_agencys_own_page_of_the_invitation(world, agency) -> None:
    invitation = offer(world)

    answer = agency.post(f"{world.path}{world.sato.pk}/choice/")

    link = BookingLink.objects.get(invitation=invitation, contact=world.suzuki)
    assert answer.headers["Location"] == links.address(link).removeprefix("http://testserver")
    page = answer.headers["Location"]
    chosen = {"slot": str(slots(invitation)[1].pk)}
    agency.post(page, chosen)
    agency.post(page, chosen | {"confirm": "1"})
    assert Interview.objects.get().starts_at == world.starts[1]
    assert Entry.objects.filter(action="booking.chosen", actor_name__contains="鈴木 一郎").exists()


def test_the_interviews_page_is_the_agencys_own(world, agency) -> None:
    interview = desk.schedule(world)

    answer = agency.post(f"{world.path}{world.sato.pk}/interview/")

    link = JoinLink.objects.get(interview=interview, contact=world.suzuki)
    assert answer.headers["Location"] == join_links.address(link).removeprefix("http://testserver")


def test_proposing_says_that_it_has_arrived(world, agency) -> None:
    offer(world)
    starts = [start + timedelta(hours=3) for start in world.starts]

    answer = agency.post(f"{world.path}{world.sato.pk}/dates/", typed(starts, message="午後希望"))

    shown = desk.text(agency.get(answer.headers["Location"]))
    assert "佐藤 美咲 様の日時のご提案を受け付けました。" in shown
    assert "日時を提案済み" in shown
    assert [one.starts_at for one in Proposal.objects.get().dates.all()] == starts


def test_a_proposal_of_another_contact_is_not_confirmed_to_this_one(world, agency) -> None:
    offer(world, candidate=world.ito)
    theirs = path(agency_links.link_for(world.tanaka, now=world.now))
    agency.post(f"{theirs}{world.ito.pk}/dates/", typed(world.starts))

    shown = desk.text(agency.get(f"{world.path}?sent={Proposal.objects.get().pk}"))

    assert "受け付けました" not in shown
    assert "伊藤" not in shown


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({}, "候補の日付と開始時刻を1つ以上入力してください。"),
     ({"date_1": "2026-01-05", "start_1": "10:00"}, "これからの日時を入力してください。"),
     ({"date_1": f"{timezone.localdate() + timedelta(days=700)}"}, "開始時刻を選択してください。"),
     ({"date_1": "あした", "start_1": "10:00"}, "日付の形を確認してください。例：2026/11/24")],
)  # fmt: skip
def test_what_is_missing_is_said_and_kept(world, agency, values: dict, sentence: str) -> None:
    offer(world)

    answer = agency.post(f"{world.path}{world.sato.pk}/dates/", {"message": "よろしく", **values})

    assert answer.status_code == 422
    assert desk.errors(answer) == [sentence]
    assert "よろしく" in answer.content.decode()
    assert not Proposal.objects.exists()


def test_once_chosen_the_page_says_so_today(world, agency) -> None:
    invitation = offer(world)
    choosing.choose(invitation=invitation, slot=slots(invitation)[0], now=world.now)

    shown = desk.text(agency.get(world.path))

    assert "回答待ち" not in shown
    assert "確定" in shown
    assert agency.post(f"{world.path}{world.sato.pk}/choice/").status_code == 404


def test_a_revoked_address_opens_nothing(world, agency) -> None:
    agency_links.revoke(world.suzuki, by=world.baba, now=world.now)

    assert agency.get(world.path).status_code == 404
    assert agency.post(f"{world.path}{world.sato.pk}/choice/").status_code == 404


def test_an_empty_page_says_that_nothing_is_to_do(world, agency) -> None:
    assert "調整中の日程も予定されている面接もありません" in desk.text(agency.get(world.path))


def test_the_page_costs_the_same_for_one_and_for_many(world, agency, django_assert_num_queries) -> None:
    offer(world)

    agency.get(world.path)  # the limit against floods writes its row at the first visit
    with django_assert_num_queries(5):
        agency.get(world.path)
    for number in range(3):
        person = story.candidate(
            world.company, "追加", str(number), job=world.job, email=f"x{number}@example.com"
        )
        introduce(person, world.suzuki)
        desk.schedule(
            world,
            candidate=person,
            starts_at=world.starts[0] + timedelta(days=20 + number),
            interviewers=[world.endo],
        )
    with django_assert_num_queries(5):
        agency.get(world.path)


def test_the_tag_in_a_letter_is_the_contacts_page(world) -> None:
    samples.install_samples(world.company, world.now)
    invitation = offer(world)
    template = Template.objects.get(organization=world.company, sample="ja/invitation.agency.offer")
    template.body += "\n{{紹介会社ページURL}}\n"
    template.save()

    [letter] = inviting.send(invitation, by=world.baba, now=world.now)

    assert agency_links.address(world.link) in letter.body


def test_the_agencys_pages_name_whose_date_it_is(world, agency) -> None:
    invitation = offer(world)
    page = agency.post(f"{world.path}{world.sato.pk}/choice/").headers["Location"]

    choosing_it = desk.soup(agency.get(page)).h1.get_text()
    in_english = desk.soup(agency.get(page + "?lang=en")).h1.get_text()
    choosing.choose(invitation=invitation, slot=slots(invitation)[0], now=world.now)
    chosen = desk.soup(agency.get(page)).h1.get_text()

    assert choosing_it == "佐藤 美咲 様の一次面接の日程を選んでください"
    assert in_english.startswith("Choose a date for the ")
    assert "your" not in in_english
    assert chosen == "佐藤 美咲 様の一次面接の日程が確定しました"
