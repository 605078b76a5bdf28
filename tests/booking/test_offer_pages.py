"""The recruiter's way to an offer: dates with what speaks against them, the letter, other dates, taking it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.availability.models import Hold
from mensetsu.booking import choosing
from mensetsu.booking.models import Invitation
from mensetsu.interviews.models import CandidateRequest, Interview
from mensetsu.mail import samples
from mensetsu.mail.models import Mail, Receiver
from mensetsu.zoom.models import HostHold
from tests import story
from tests.booking.offers import furnish, offer, slots
from tests.interviews import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people):
    world = furnish(people)
    samples.install_samples(world.company, world.now)
    return world


@pytest.fixture
def baba(world, client_of):
    return client_of(world.baba)


def row(number: int, start: Any) -> dict[str, str]:
    local = timezone.localtime(start, story.JAPAN)
    return {f"date_{number}": f"{local:%Y-%m-%d}", f"start_{number}": f"{local:%H:%M}"}


def typed(world, **wished: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "rows": "3", "minutes": "60", "stage": str(world.stage.pk), "interviewers": [str(world.doi.pk)], "way": "web",
        "service": "zoom", "host": str(world.team.pk), "note": "",
    }  # fmt: skip
    for number, start in enumerate(world.starts, start=1):
        values |= row(number, start)
    local = timezone.localtime(world.until, story.JAPAN)
    return values | {"answer_on": f"{local:%Y-%m-%d}", "answer_at": "10:00"} | wished


def form_of(world) -> str:
    return f"/candidates/{world.sato.pk}/dates/"


def page_of(invitation: Invitation) -> str:
    return f"/booking/offers/{invitation.pk}/"


def test_the_form_begins_with_free_times_and_a_deadline(world, baba) -> None:
    answer = baba.get(form_of(world))

    page = desk.soup(answer)
    assert answer.status_code == 200
    assert len(page.select("button[name=add]")) == 6
    assert page.select_one("#id_answer_on")["value"]
    assert len(page.select("input[name^=date_]")) == 3


def test_three_dates_are_held_by_one_press(world, baba) -> None:
    answer = baba.post(form_of(world), typed(world))

    invitation = Invitation.objects.get()
    assert answer.status_code == 303
    assert answer.headers["Location"] == page_of(invitation)
    assert [slot.starts_at for slot in slots(invitation)] == world.starts
    assert HostHold.objects.filter(connection=world.team).count() == 3
    assert not Mail.objects.exists()


def test_a_free_time_fills_the_first_empty_row(world, baba) -> None:
    before = typed(world, date_2="", start_2="")
    wish = desk.soup(baba.post(form_of(world), before | {"act": "check"})).select_one("button[name=add]")[
        "value"
    ]

    page = desk.soup(baba.post(form_of(world), before | {"add": wish}))

    local = timezone.localtime(timezone.datetime.fromisoformat(wish), story.JAPAN)
    assert page.select_one("#id_date_2")["value"] == f"{local:%Y-%m-%d}"
    assert page.select_one("#id_start_2 option[selected]")["value"] == f"{local:%H:%M}"
    assert page.select_one("#id_date_1")["value"] == before["date_1"]
    assert page.select_one(f"input[name=interviewers][value='{world.doi.pk}']").has_attr("checked")
    assert not Invitation.objects.exists()


def test_more_rows_keep_what_was_typed(world, baba) -> None:
    page = desk.soup(baba.post(form_of(world), typed(world) | {"act": "more"}))

    assert len(page.select("input[name^=date_]")) == 6
    assert page.select_one("#id_date_3")["value"] == typed(world)["date_3"]


def test_each_date_says_what_speaks_against_it(world, baba) -> None:
    offer(world, candidate=world.ito, starts=world.starts[:1])
    desk.schedule(world, candidate=world.ito, starts_at=world.starts[1], host=world.sub)

    page = desk.soup(baba.post(form_of(world), typed(world) | {"act": "check"}))

    notes = [" ".join(one.get_text().split()) for one in page.select("#checks li")]
    assert len(notes) == 3
    assert "土井 大さんは10:00〜11:00が仮押さえされています。" in notes[0]
    assert (
        "採用チーム用Zoomは10:00〜11:00が、ほかの応募者への候補日時として仮押さえされています。" in notes[0]
    )
    assert "土井 大さんは10:00〜11:00に別の面接があります。" in notes[1]
    assert "設定できません" in notes[1]
    assert "支障はありません" in notes[2]


def test_a_taken_date_is_refused_with_the_form_kept(world, baba) -> None:
    desk.schedule(world, candidate=world.ito, starts_at=world.starts[1], host=world.sub)

    answer = baba.post(form_of(world), typed(world))

    assert answer.status_code == 422
    assert "土井 大さんは、その時間は空いていません。" in desk.errors(answer)[0]
    assert desk.soup(answer).select_one("#id_date_2")["value"] == typed(world)["date_2"]
    assert not Invitation.objects.exists()
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("wished", "sentence"),
    [
        ({"start_2": ""}, "開始時刻を選択してください。"),
        ({"date_1": "", "date_2": "", "date_3": "", "start_1": "", "start_2": "", "start_3": ""},
         "候補の日付と開始時刻を1つ以上入力してください。"),
        ({"date_1": "2026-01-05"}, "これからの日時を入力してください。"),
        ({"interviewers": []}, "面接官を選択してください。"),
        ({"answer_on": f"{timezone.localdate() + timedelta(days=700)}"},
         "回答期限は、最後の候補日時より前にしてください。"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(world, baba, wished: dict, sentence: str) -> None:
    answer = baba.post(form_of(world), typed(world) | wished)

    assert answer.status_code == 422
    assert sentence in desk.errors(answer)
    assert not Invitation.objects.exists()


def test_a_second_press_leads_to_the_offer_that_stands(world, baba) -> None:
    first = offer(world)

    answer = baba.post(
        form_of(world), typed(world, interviewers=[str(world.endo.pk)], host=str(world.sub.pk))
    )

    assert answer.headers["Location"] == page_of(first)
    assert Invitation.objects.count() == 1


# --- the offer ------------------------------------------------------------------------------------------------------


def test_the_letter_lists_the_dates_and_leaves_by_a_press(world, baba, run_jobs, mailoutbox) -> None:
    invitation = offer(world)
    shown = desk.text(baba.get(page_of(invitation)))
    assert "候補の日時は先着順です" not in shown

    baba.post(f"{page_of(invitation)}letter/")
    run_jobs(until=timezone.now() + timedelta(minutes=1))

    [letter] = mailoutbox
    body = letter.body
    for start in world.starts:
        local = timezone.localtime(start, story.JAPAN)
        assert f"{local.year}年{local.month}月{local.day}日" in body
    assert "/b/" in body
    assert "回答期限：" in body
    assert [row.mail.receiver for row in invitation.letters.all()] == [Receiver.CANDIDATE]


def test_the_invitations_own_address_leads_here(world, baba) -> None:
    invitation = offer(world)

    assert baba.get(f"/booking/invitations/{invitation.pk}/").headers["Location"] == page_of(invitation)


def test_a_date_agreed_by_telephone_is_fixed_here(world, baba) -> None:
    invitation = offer(world)

    answer = baba.post(f"{page_of(invitation)}answer/", {"slot": str(slots(invitation)[1].pk)})

    interview = Interview.objects.get()
    assert interview.starts_at == world.starts[1]
    assert answer.headers["Location"] == f"/interviews/{interview.pk}/saved/"
    assert not HostHold.objects.exists()


def test_other_dates_replace_the_offered(world, baba) -> None:
    invitation = offer(world, starts=world.starts[:2])
    path = f"{page_of(invitation)}dates/"
    shown = desk.soup(baba.get(path))
    assert shown.select_one("#id_date_2")["value"] == typed(world)["date_2"]
    # Its own holds do not speak against its own dates.
    assert "仮押さえ" not in " ".join(one.get_text() for one in shown.select("#checks li"))

    answer = baba.post(path, typed(world, date_1="", start_1=""))

    assert answer.headers["Location"] == page_of(invitation)
    assert [slot.starts_at for slot in invitation.page.slots.open()] == world.starts[1:]
    assert {hold.starts_at for hold in Hold.objects.all()} == set(world.starts[1:])


def test_an_answer_of_a_moment_ago_is_told(world, baba) -> None:
    invitation = offer(world)
    choosing.choose(invitation=invitation, slot=slots(invitation)[0], now=world.now)

    withdrawn = baba.post(f"{page_of(invitation)}withdrawal/", follow=True)

    assert "応募者が先に回答しました。" in desk.text(withdrawn)
    assert "回答済み" in desk.text(withdrawn)
    assert Interview.objects.standing().count() == 1
    assert "応募者が先に回答しました。" not in desk.text(baba.get(f"{page_of(invitation)}"))


def test_taking_it_back(world, baba) -> None:
    invitation = offer(world)

    answer = baba.post(f"{page_of(invitation)}withdrawal/", follow=True)

    assert "取り下げ" in desk.text(answer)
    assert not Hold.objects.exists()


# --- moving an interview --------------------------------------------------------------------------------------------


def test_a_wish_for_another_time_becomes_an_offer_for_the_same_interview(world, baba) -> None:
    interview = desk.schedule(world)
    CandidateRequest.objects.create(
        interview=interview, kind="change", receiver="candidate", text="木曜が希望です", made_at=world.now
    )
    detail = desk.soup(baba.get(f"/interviews/{interview.pk}/"))
    [link] = {one["href"] for one in detail.select("a") if one["href"].endswith("/dates/")}

    answer = baba.post(
        link, {k: v for k, v in typed(world).items() if "date" in k or "start" in k or "answer" in k}
    )

    invitation = Invitation.objects.get()
    assert answer.headers["Location"] == page_of(invitation)
    assert invitation.interview == interview
    shown = desk.text(baba.get(page_of(invitation)))
    assert "当社の都合により" not in shown
    company = desk.text(baba.get(page_of(invitation) + "?purpose=change"))
    assert "当社の都合により" in company
    assert "■変更前（中止となります）" in company
    choosing.choose(invitation=invitation, slot=slots(invitation)[0], now=world.now)
    interview.refresh_from_db()
    assert interview.starts_at == world.starts[0]


def test_an_interviewer_and_a_stranger_have_no_business_here(world, client_of) -> None:
    invitation = offer(world)

    assert client_of(world.doi).get(form_of(world)).status_code == 403
    for path in (form_of(world), page_of(invitation), f"{page_of(invitation)}dates/"):
        assert client_of(world.chiba).get(path).status_code == 404
    assert client_of(world.chiba).post(f"{page_of(invitation)}withdrawal/").status_code == 404
    assert Invitation.objects.unanswered().get() == invitation
