"""A letter that writes itself and a recruiter who writes by hand at the same moment: nobody reads the same twice unless
somebody means it."""

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection

from mensetsu.interviews import announcing, automating, compose_page
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail
from tests.interviews import automatic, holding, writing
from tests.interviews.automatic import NOW
from tests.interviews.test_compose import compose_url, fields, text
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db

MY_TURN = {"sqlite": 'SET "version" = ', "postgresql": " FOR NO KEY UPDATE"}
TWICE = "同じ用件のメールがすでにあります"


@pytest.fixture
def made(people: Any, monkeypatch: pytest.MonkeyPatch) -> Interview:
    holding.set_clock(monkeypatch, NOW)
    automatic.group(people)
    return writing.again(automatic.schedule(people))


def to_applicant() -> Any:
    return Mail.objects.filter(receiver="candidate").order_by("id")


def write_by_itself(made: Interview) -> None:
    automating.announce.call(interview_id=made.pk)
    assert [mail.author for mail in to_applicant()] == [None]


def confirm(answer: Any) -> dict[str, Any]:
    """What the page with the final texts would send."""
    form = BeautifulSoup(answer.content, "html.parser").find("main").find("form")
    data: dict[str, Any] = {}
    for control in form.find_all("input"):
        data.setdefault(control["name"], []).append(control.get("value", ""))
    for area in form.find_all("textarea"):
        data[area["name"]] = area.text.removeprefix("\n")
    return data


def test_what_would_write_itself_sees_the_letter_that_somebody_has_just_written(made, people) -> None:
    with meanwhile(MY_TURN[connection.vendor], lambda: writing.send(made, people)):
        automating.announce.call(interview_id=made.pk)

    assert [mail.author for mail in to_applicant()] == [people.baba]


def test_whoever_writes_by_hand_is_told_of_the_letter_that_has_just_written_itself(
    made, people, client_of
) -> None:
    recruiter = client_of(people.baba)
    page = recruiter.get(compose_url(made))
    assert TWICE not in text(page)
    write_by_itself(made)

    answer = recruiter.post(compose_url(made), fields(page))

    assert (answer.status_code, to_applicant().count()) == (200, 1)
    assert f"この宛先（佐藤 美咲）には、{TWICE}（11/19(木) 14:00）" in text(answer)
    assert recruiter.post(compose_url(made), confirm(answer)).status_code == 303
    assert [mail.author for mail in to_applicant()] == [None, people.baba]


def test_a_letter_that_came_after_the_last_look_is_shown_before_a_second_leaves(
    made, people, client_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    recruiter = client_of(people.baba)
    page = recruiter.get(compose_url(made))
    write_by_itself(made)
    answer = recruiter.post(compose_url(made), fields(page))
    # As if the page had been made a moment before that letter.
    monkeypatch.setattr(compose_page, "told", lambda written: set())

    answer = recruiter.post(compose_url(made), confirm(answer))
    answer = recruiter.post(compose_url(made), confirm(answer))

    assert (answer.status_code, to_applicant().count()) == (200, 1)
    assert TWICE in text(answer)


def test_the_verb_refuses_by_name_and_lets_pass_what_is_meant(made, people) -> None:
    write_by_itself(made)
    (applicant,) = writing.audience(made, "candidate").recipients

    with pytest.raises(announcing.ToldMeanwhile) as refused:
        writing.send(made, people, told=())
    assert refused.value.people == [applicant]

    writing.send(made, people, told=[applicant.key])
    writing.send(made, people, purpose="reminder", told=())
    assert [mail.purpose for mail in to_applicant()] == ["confirmation", "confirmation", "reminder"]


def test_the_same_form_twice_is_the_same_letter_also_for_the_verb(made, people) -> None:
    form_key = uuid.uuid4()
    writing.send(made, people, form_key=form_key, told=())

    with pytest.raises(announcing.AlreadySent):
        writing.send(made, people, form_key=form_key, told=())

    assert to_applicant().count() == 1


def test_who_holds_old_facts_is_written_to_without_a_question(made, people) -> None:
    writing.send(made, people)
    moved = writing.moved(made)

    writing.send(moved, people, told=())

    assert to_applicant().count() == 2
