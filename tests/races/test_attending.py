"""People who press at the same moment on the day: one start, one arrival, one request, one letter each."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.attending import alerts, entering, requests, same_day
from mensetsu.history.models import Entry
from mensetsu.interviews import join_links
from mensetsu.interviews.models import CandidateRequest, DayReport, Interview, JoinLink, Service, Way
from mensetsu.mail.models import Receiver
from mensetsu.notices.models import OutgoingNotice
from tests.interviews import holding
from tests.racing import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def interview(people: SimpleNamespace) -> Interview:
    return holding.interview(
        people.company,
        interviewers=(people.doi, people.endo),
        starts_at=timezone.now() + timedelta(minutes=2),
        way=Way.WEB,
        service=Service.URL,
        custom_url="https://meet.example.com/abc",
        created_by=people.baba,
    )


def entries(action: str) -> int:
    return Entry.objects.filter(action=action).count()


def notices(name: str) -> int:
    return OutgoingNotice.objects.filter(name=name).count()


def test_only_one_of_the_panel_has_started_it(people: SimpleNamespace, interview: Interview) -> None:
    now = timezone.now()

    def press(user: Any) -> Any:
        return lambda: entering.start(Interview.objects.get(pk=interview.pk), by=user, now=now)

    answers = together(6, press(people.doi), press(people.endo))

    assert answers == ["https://meet.example.com/abc"] * 6
    assert entries("interview.started") == 1


def test_a_nervous_applicant_arrives_once(interview: Interview) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=timezone.now())
    token = join_links.token(link)

    answers = together(6, lambda: entering.join(join_links.find(token), now=timezone.now()))

    assert answers == ["https://meet.example.com/abc"] * 6
    assert entries("interview.join_pressed") == 1


def test_mails_made_at_the_same_moment_carry_one_address(interview: Interview) -> None:
    answers = together(6, lambda: join_links.link_for(interview, receiver="candidate", now=timezone.now()).pk)

    assert answers == [JoinLink.objects.get().pk] * 6


def test_the_same_request_pressed_at_once_is_one_request_and_one_notice(interview: Interview) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=timezone.now())

    answers = together(6, lambda: requests.make(link, kind="change", text="午後", now=timezone.now()).pk)

    assert answers == [CandidateRequest.objects.get().pk] * 6
    assert notices("candidate_request") == 1


def test_a_button_of_the_day_pressed_at_once_is_one_report_and_one_letter_each(interview: Interview) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=timezone.now())
    token = join_links.token(link)

    answers = together(
        8, lambda: same_day.report(join_links.find(token), kind="late", minutes=10, now=timezone.now()).pk
    )

    assert answers == [DayReport.objects.get().pk] * 8
    assert notices("day_report") == 3  # Baba, Doi and Endo, once each


def test_two_buttons_of_the_day_at_once_are_told_one_after_the_other(interview: Interview) -> None:
    """Applicant and agency press different ones: both stand, and the last one is what everybody sees."""
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=timezone.now())
    token = join_links.token(link)

    def press(kind: str, minutes: int) -> Any:
        return lambda: (
            same_day.report(join_links.find(token), kind=kind, minutes=minutes, now=timezone.now()).kind
        )

    answers = together(2, press("late", 5), press("absent", 0))

    reports = list(DayReport.objects.order_by("id"))
    assert sorted(answers) == ["absent", "late"]
    assert len(reports) == 2
    # Whichever came first: each is news after the other, because one is worse and the other takes it back.
    assert all(report.told_at for report in reports)
    assert notices("day_report") == 6


def test_two_recruiters_accept_a_withdrawal_once(people: SimpleNamespace, interview: Interview) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=timezone.now())
    asked = requests.make(link, kind="withdrawal", text="", now=timezone.now())

    def accept(user: Any) -> Any:
        def verb() -> str:
            mine = CandidateRequest.objects.select_related("interview__candidate").get(pk=asked.pk)
            requests.accept_withdrawal(mine, by=user, now=timezone.now())
            return "accepted"

        return verb

    answers = together(4, accept(people.baba), accept(people.aoki))

    assert answers.count("accepted") == 1
    assert entries("interview.withdrawn") == 1


def test_two_workers_with_the_same_job_write_one_letter_each(interview: Interview) -> None:
    now = interview.starts_at + timedelta(minutes=2)
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=timezone.now())
    JoinLink.objects.filter(pk=link.pk).update(joined_at=interview.starts_at)

    together(
        4,
        lambda: alerts.tell_waiting(Interview.objects.get(pk=interview.pk), "panel", now=now),
    )

    assert entries("interview.waiting_told") == 1
    assert notices("applicant_waiting") == 2  # Doi and Endo, once each
