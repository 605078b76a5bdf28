"""Another time, a withdrawal, an accommodation: form, check, sent; and what the recruiter does with it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mensetsu.attending import request_forms, requests
from mensetsu.history.models import Entry
from mensetsu.interviews import join_links
from mensetsu.interviews.models import CandidateRequest, Interview
from mensetsu.mail.models import Receiver
from tests import story
from tests.interviews import holding
from tests.interviews.holding import at, page_of, set_clock

NOON = at(12, day=20)


@pytest.fixture(autouse=True)
def _noon(db: None, monkeypatch: Any) -> None:
    cache.clear()
    set_clock(monkeypatch, NOON)


def soup_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text_of(response: Any) -> str:
    return " ".join(soup_of(response).main.get_text(" ").split())


def ask(interview: Interview, kind: str, step: str, query: str = "", **data: str) -> Any:
    address = page_of(interview) + f"requests/{kind}/{query}"
    return Client(enforce_csrf_checks=True).post(address, {**data, step: "1"})


WISHES = {
    "day1": "2026-11-26",
    "part1": "afternoon",
    "day2": "２０２６／１１／２７",
    "part2": "any",
    "message": "15時以降だと助かります",
}


def test_a_change_goes_form_check_sent_and_changes_nothing_by_itself(
    interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    form = Client().get(page_of(interview) + "requests/change/")
    check = ask(interview, "change", "check", **WISHES)
    before = CandidateRequest.objects.count()
    sent = ask(interview, "change", "send", **WISHES)
    done = Client().get(sent.headers["Location"])
    run_jobs()

    assert "日程の変更を相談する" in text_of(form)
    assert check.status_code == 200
    for words in (
        "内容の確認",
        "2026年11月26日(木) 午後",
        "2026年11月27日(金) 終日",
        "15時以降だと助かります",
    ):
        assert words in text_of(check)
    assert before == 0
    assert sent.status_code == 303
    assert "ご希望を送りました" in text_of(done)
    request = CandidateRequest.objects.get()
    assert (request.kind, request.receiver, request.made_at) == ("change", "candidate", NOON)
    assert (
        request.text
        == "第1希望：2026年11月26日(木) 午後\n第2希望：2026年11月27日(金) 終日\n15時以降だと助かります"
    )
    interview.refresh_from_db()
    assert interview.starts_at == holding.STARTS
    assert holding.receivers(mailoutbox) == ["baba@sample.example.jp"]
    assert mailoutbox[0].subject == "【日程変更の希望】佐藤 美咲 様（11/24(火) 14:00）"
    assert "第1希望：2026年11月26日(木) 午後" in mailoutbox[0].body


def test_the_page_then_says_that_it_was_received(interview: Interview) -> None:
    ask(interview, "change", "send", message="午後を希望")
    text = text_of(Client().get(page_of(interview)))

    assert "変更依頼あり" in text
    assert "日程変更のご希望を受け付けました。" in text


def test_correcting_keeps_what_was_typed(interview: Interview) -> None:
    response = ask(interview, "change", "edit", **WISHES)
    fields = soup_of(response).form

    assert fields.find("input", attrs={"name": "day1"})["value"] == "2026-11-26"
    assert fields.find("textarea").get_text().strip() == "15時以降だと助かります"
    assert CandidateRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "希望の日付かメッセージを入力してください。"),
        ({"day1": "2026-11-20"}, "日付は明日以降の日付を入力してください。"),
        ({"day2": "2027-11-20"}, "日付は6か月以内の日付を入力してください。"),
        ({"day1": "2026-11-31"}, "2026年11月31日はありません。日付を確認してください。"),
        ({"message": "あ" * 1001}, "メッセージは1000文字以内で入力してください（現在1001文字）。"),
    ],
)
@pytest.mark.parametrize("step", ["check", "send"])
def test_what_cannot_be_is_refused_with_the_form_kept(
    interview: Interview, data: dict[str, str], error: str, step: str
) -> None:
    response = ask(interview, "change", step, **data)

    assert response.status_code == 422
    assert error in text_of(response)
    assert soup_of(response).select_one('[role="alert"]') is not None
    assert CandidateRequest.objects.count() == 0


def test_an_accommodation_needs_words(interview: Interview) -> None:
    assert ask(interview, "accommodation", "send").status_code == 422
    assert ask(interview, "accommodation", "send", message="字幕をお願いします").status_code == 303
    assert CandidateRequest.objects.get().text == "字幕をお願いします"


def test_wishes_are_told_in_the_companys_language_and_on_the_applicants_clock(
    people: SimpleNamespace,
) -> None:
    candidate = story.candidate(people.company, "Smith", "Ann", language="en", time_zone="Europe/Berlin")
    interview = holding.facts(people, candidate=candidate)
    ask(interview, "change", "send", day1="2026-11-26", part1="morning")

    assert CandidateRequest.objects.get().text == "第1希望：2026年11月26日(木) 午前\n（Europe/Berlinの時刻）"


def test_the_language_is_kept_through_the_steps(interview: Interview) -> None:
    form = soup_of(Client().get(page_of(interview) + "requests/withdrawal/?lang=en"))
    check = ask(interview, "withdrawal", "check", query="?lang=en")
    sent = ask(interview, "withdrawal", "send", query="?lang=en")

    assert form.main.form["action"].endswith("?lang=en")
    assert "Send the withdrawal" in text_of(check)
    assert sent.headers["Location"].endswith("?lang=en")


def test_a_withdrawal_is_calm_needs_no_reason_and_waits_for_the_recruiter(
    interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    check = ask(interview, "withdrawal", "check")
    sent = ask(interview, "withdrawal", "send")
    run_jobs()

    assert soup_of(check).find("button", attrs={"name": "send"}).get_text() == "辞退の連絡を送る"
    assert "辞退の連絡を送りました" in text_of(Client().get(sent.headers["Location"]))
    interview.refresh_from_db()
    assert interview.withdrawn_at is None
    assert interview.meeting.canceled_at is None
    assert mailoutbox[0].subject.startswith("【辞退の連絡】佐藤 美咲 様")
    assert "面接を辞退する" not in text_of(Client().get(page_of(interview)))


def test_pressing_twice_sends_once(interview: Interview, run_jobs: Any, mailoutbox: list[Any]) -> None:
    for _press in range(2):
        ask(interview, "withdrawal", "send")
        ask(interview, "change", "send", message="午後を希望")
    ask(interview, "change", "send", message="やはり午前")
    run_jobs()

    assert sorted(CandidateRequest.objects.values_list("kind", "text")) == [
        ("change", "やはり午前"),
        ("change", "午後を希望"),
        ("withdrawal", ""),
    ]
    assert len(mailoutbox) == 3


def test_the_history_names_the_applicant_or_the_agency(people: SimpleNamespace, interview: Interview) -> None:
    contact = story.agency(people.company)
    link = join_links.link_for(interview, receiver=Receiver.AGENCY, contact=contact, now=NOON)
    requests.make(link, kind="change", text="来週を希望", now=NOON)
    ask(interview, "accommodation", "send", message="字幕")

    entries = Entry.objects.filter(action__endswith="_requested").order_by("id")
    assert [(e.action, e.actor_name) for e in entries] == [
        ("interview.change_requested", "鈴木 一郎"),
        ("interview.accommodation_requested", "佐藤 美咲"),
    ]


@pytest.mark.parametrize(
    "values", [{"canceled_at": NOON}, {"withdrawn_at": NOON}, {"starts_at": NOON - timedelta(hours=3)}]
)
def test_nothing_can_be_asked_when_there_is_nothing_to_ask(
    people: SimpleNamespace, values: dict[str, Any]
) -> None:
    interview = holding.facts(people, **values)
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOON)

    assert ask(interview, "change", "send", message="午後").status_code == 200
    with pytest.raises(requests.NotOpen):
        requests.make(link, kind="change", text="午後", now=NOON)
    assert CandidateRequest.objects.count() == 0


def test_an_unknown_kind_and_an_unsent_request_have_no_page(interview: Interview) -> None:
    assert Client().get(page_of(interview) + "requests/money/").status_code == 404
    assert "ご希望を送りました" not in text_of(Client().get(page_of(interview) + "requests/change/sent/"))


# The recruiter's side


@pytest.fixture
def asked(interview: Interview) -> CandidateRequest:
    ask(interview, "withdrawal", "send", message="他社に決めました")
    return CandidateRequest.objects.get()


def test_accepting_a_withdrawal_frees_the_host_and_says_so_everywhere(
    people: SimpleNamespace, asked: CandidateRequest, client_of: Any, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    response = client_of(people.baba).post(reverse("interviews:withdrawal_accepted", args=[asked.pk]))

    asked.refresh_from_db()
    interview = Interview.objects.get()
    assert response.status_code == 303
    assert (asked.handled_at, asked.handled_by) == (NOON, people.baba)
    assert interview.withdrawn_at == NOON
    assert interview.meeting.canceled_at == NOON
    assert interview.candidate.next_interview_at is None
    assert Entry.objects.filter(action="interview.withdrawn", actor=people.baba).count() == 1
    assert "辞退のご連絡を承りました。" in text_of(Client().get(page_of(interview)))


def test_two_recruiters_handle_it_once(
    people: SimpleNamespace, asked: CandidateRequest, client_of: Any
) -> None:
    for user in (people.baba, people.aoki):
        client_of(user).post(reverse("interviews:request_handled", args=[asked.pk]))
    second = client_of(people.aoki).post(
        reverse("interviews:withdrawal_accepted", args=[asked.pk]), follow=False
    )

    asked.refresh_from_db()
    assert asked.handled_by == people.baba
    assert second.status_code == 303
    assert Interview.objects.get().withdrawn_at is None
    assert Entry.objects.filter(action="interview.request_handled").count() == 1


def test_interviewers_and_strangers_handle_nothing(
    people: SimpleNamespace, asked: CandidateRequest, client_of: Any
) -> None:
    answers = {
        user.family_name: client_of(user).post(reverse(f"interviews:{name}", args=[asked.pk])).status_code
        for user in (people.doi, people.chiba)
        for name in ("request_handled", "withdrawal_accepted")
    }

    asked.refresh_from_db()
    assert answers == {"土井": 403, "千葉": 404}
    assert asked.handled_at is None


# --- too late -------------------------------------------------------------------------------------------------------


def _canceled(interview: Interview) -> None:
    Interview.objects.filter(pk=interview.pk).update(canceled_at=NOON)


def test_a_request_that_comes_after_the_cancellation_is_refused_whatever_the_page_had_read(
    interview: Interview,
) -> None:
    link = join_links.find(page_of(interview).split("/")[2])
    _canceled(interview)

    with pytest.raises(requests.NotOpen):
        requests.make(link, kind="change", text="午後を希望", now=NOON)

    assert CandidateRequest.objects.count() == 0


@pytest.mark.parametrize("kind", ["change", "withdrawal", "accommodation"])
@pytest.mark.parametrize("when", ["before the press", "at the press"])
def test_who_presses_too_late_is_told_that_nothing_was_sent(
    interview: Interview, monkeypatch: Any, kind: str, when: str
) -> None:
    if when == "before the press":
        _canceled(interview)
    else:
        form_for = request_forms.form_for
        monkeypatch.setattr(
            request_forms, "form_for", lambda *args, **how: (_canceled(interview), form_for(*args, **how))[1]
        )

    answer = ask(interview, kind, "send", message="よろしくお願いします")

    assert answer.status_code == 200
    assert "この連絡は送れませんでした" in text_of(answer)
    assert "この面接は中止になりました。" in text_of(answer)
    assert CandidateRequest.objects.count() == 0


def test_a_second_press_after_an_accepted_withdrawal_alarms_nobody(interview: Interview) -> None:
    Interview.objects.filter(pk=interview.pk).update(withdrawn_at=NOON)

    answer = ask(interview, "withdrawal", "send", message="")

    assert "辞退のご連絡を承りました" in text_of(answer)
    assert "この連絡は送れませんでした" not in text_of(answer)
