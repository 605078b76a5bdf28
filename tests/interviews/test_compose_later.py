"""「日時を指定して送る」: a letter that waits for its time on the composer's page."""

from datetime import timedelta
from typing import Any

import pytest

from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail
from tests.interviews import holding
from tests.interviews.test_compose import text
from tests.interviews.writing import compose_url, fields

pytestmark = pytest.mark.django_db


def later(made: Interview, recruiter: Any, **values: str) -> Any:
    page = recruiter.get(compose_url(made))
    return recruiter.post(compose_url(made), {**fields(page), **values})


def test_a_letter_leaves_at_the_chosen_time_on_the_readers_clock(
    made, recruiter, run_jobs, mailoutbox
) -> None:
    answer = later(made, recruiter, send_on="2026-11-20", send_at="09:00")

    assert answer.status_code == 303
    letter = Mail.objects.get()
    assert letter.due_at == holding.at(9, day=20)
    page = recruiter.get(answer["Location"])
    assert "2026年11月20日(金) 09:00" in text(page)

    run_jobs(until=holding.at(9, day=20) - timedelta(minutes=1))
    assert mailoutbox == []
    run_jobs(until=holding.at(9, day=20))
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"send_on": "2026-11-20"},
        {"send_at": "09:00"},
        {"send_on": "2026-11-18", "send_at": "09:00"},  # yesterday
        {"send_on": "2026-11-24", "send_at": "14:00"},  # the interview begins
    ],
)
def test_half_a_time_or_an_impossible_one_is_refused(made, recruiter, values: dict[str, str]) -> None:
    answer = later(made, recruiter, **values)

    assert answer.status_code == 422
    assert Mail.objects.count() == 0


def test_the_confirm_page_keeps_the_time(made, recruiter) -> None:
    page = recruiter.get(compose_url(made))
    data = fields(page)
    data["body"] = "{{応募者氏名}} 様\r\n\r\n{{面接日時}}にお待ちしています。"  # no way in: a warning

    shown = recruiter.post(compose_url(made), {**data, "send_on": "2026-11-20", "send_at": "09:00"})
    assert "2026年11月20日(金) 09:00" in text(shown)
    recruiter.post(compose_url(made), fields(shown))

    assert Mail.objects.get().due_at == holding.at(9, day=20)


def test_a_waiting_letter_is_called_back_alone_from_the_interview(
    made, recruiter, run_jobs, mailoutbox
) -> None:
    later(made, recruiter, send_on="2026-11-20", send_at="09:00")
    letter = Mail.objects.get()
    page = recruiter.get(f"/interviews/{made.pk}/")
    assert f"/interviews/mails/{letter.pk}/stop/" in page.content.decode()

    recruiter.post(f"/interviews/mails/{letter.pk}/stop/")
    run_jobs(until=holding.STARTS)

    assert mailoutbox == []
