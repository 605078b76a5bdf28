"""Who gives a date back gets a receipt, the other side hears who did, and nobody gets the company's apology."""

from typing import Any

import pytest
from django.urls import reverse

from mensetsu.booking import choosing
from mensetsu.booking.models import Invitation
from mensetsu.interviews import announcing, automating, dispatching, ledger, scheduling
from mensetsu.interviews.models import Interview, Withheld
from mensetsu.mail.models import Mail
from tests import story
from tests.booking import office
from tests.ical import readers
from tests.interviews import automatic, desk, holding, writing
from tests.interviews.automatic import NOW, again

pytestmark = pytest.mark.django_db

AFTERWARDS = NOW + dispatching.UNDO
OWN = {
    "ja": "面接のキャンセルのお申し出を承りました。",
    "en": "We have received your cancellation.",
}


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


def candidate(people: Any, route: str = "direct", **values: Any) -> Any:
    contact = story.agency(people.company)
    return story.candidate(
        people.company, job=story.job(people.company), owner=people.baba, agency=contact.agency,
        agency_contact=contact, contact_route=route, **values,
    )  # fmt: skip


def told(people: Any, run_jobs: Any, person: Any, **values: Any) -> Interview:
    made = automatic.schedule(people, candidate=person, **values)
    run_jobs(until=AFTERWARDS)
    return made


def receipts(made: Interview) -> dict[str, Mail]:
    found = Mail.objects.filter(notice__interview=made, purpose="receipt")
    assert len({one.receiver for one in found}) == len(found)
    return {one.receiver: one for one in found}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_applicant_who_cancels_gets_a_receipt_at_once(people, group, run_jobs, language: str) -> None:
    made = told(people, run_jobs, candidate(people, language=language))

    scheduling.cancel(again(made), by=None, now=NOW)
    run_jobs(until=NOW)

    (letter,) = receipts(made).values()
    assert (letter.receiver, letter.state, letter.language) == ("candidate", "sent", language)
    assert OWN[language] in letter.body
    for reproach in ("申し訳", "sorry"):
        assert reproach not in letter.body


def test_the_receipt_takes_the_entry_out_of_the_calendar(people, group, run_jobs) -> None:
    made = told(people, run_jobs, candidate(people))
    scheduling.cancel(again(made), by=None, now=NOW)
    run_jobs(until=NOW)

    confirmation = Mail.objects.get(notice__interview=made, receiver="candidate", purpose="confirmation")
    before, after = (
        readers.understood(one.attachments[0]["text"]) for one in (confirmation, receipts(made)["candidate"])
    )

    assert (after["method"], after["events"][0]["status"]) == ("CANCEL", "CANCELLED")
    assert after["events"][0]["uid"] == before["events"][0]["uid"]
    assert after["events"][0]["sequence"] > before["events"][0]["sequence"]


def test_the_agency_hears_that_the_applicant_canceled(people, group, run_jobs) -> None:
    made = told(people, run_jobs, candidate(people, "both"))

    scheduling.cancel(again(made), by=None, side="candidate", now=NOW)
    run_jobs(until=NOW)

    letters = receipts(made)
    assert set(letters) == {"candidate", "agency"}
    assert OWN["ja"] in letters["candidate"].body
    assert "佐藤 美咲 様ご本人より、面接のキャンセルのお申し出がありました。" in letters["agency"].body


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_applicant_hears_that_the_agency_canceled(people, group, run_jobs, language: str) -> None:
    person = candidate(people, "both", language=language)
    made = told(people, run_jobs, person)

    scheduling.cancel(again(made), by=None, side="agency", now=NOW)
    run_jobs(until=NOW)

    letters = receipts(made)
    name = person.agency.name
    words = {
        "ja": f"{name} 様より、面接のキャンセルのお申し出がありました。",
        "en": f"{name} has cancelled the interview for you.",
    }
    assert OWN["ja"] in letters["agency"].body
    assert words[language] in letters["candidate"].body


def test_an_english_agency_hears_who_canceled(people, group, run_jobs) -> None:
    person = candidate(people, "agency")
    person.agency_contact.language = "en"
    person.agency_contact.save()
    made = told(people, run_jobs, person)

    scheduling.cancel(again(made), by=None, side="candidate", now=NOW)
    run_jobs(until=NOW)

    assert "has cancelled the interview." in receipts(made)["agency"].body


def test_the_interviewers_hear_of_it_as_of_any_cancellation(people, group, run_jobs) -> None:
    made = told(people, run_jobs, candidate(people))

    scheduling.cancel(again(made), by=None, now=NOW)
    run_jobs(until=NOW)

    assert ("cancellation", "interviewer", "sent") in automatic.letters(made)


def test_running_the_job_again_writes_nothing_twice(people, group, run_jobs) -> None:
    made = told(people, run_jobs, candidate(people, "both"))
    scheduling.cancel(again(made), by=None, now=NOW)

    for _number in range(3):
        automating.announce.call(interview_id=made.pk)

    assert len(receipts(made)) == 2


def test_a_confirmation_that_had_not_left_does_not_leave_and_the_receipt_does(
    people, group, run_jobs
) -> None:
    made = automatic.schedule(people, candidate=candidate(people))
    automating.announce.call(interview_id=made.pk)

    scheduling.cancel(again(made), by=None, now=NOW)
    run_jobs(until=AFTERWARDS)

    assert automatic.outside(made) == [("receipt", "candidate")]
    # Who was asked and whose letter had not left either hears nothing of it.
    states = {(p, s) for p, who, s in automatic.letters(made) if who == "interviewer"}
    assert states == {("confirmation", "canceled")}


def test_a_receipt_is_written_also_where_recruiters_write_by_hand(people, group, run_jobs) -> None:
    made = automatic.schedule(people, candidate=candidate(people), template_group=None)
    writing.send(writing.again(made), people)

    scheduling.cancel(again(made), by=None, now=NOW)
    run_jobs(until=NOW)

    assert set(receipts(made)) == {"candidate"}


def test_no_receipt_is_possible(people, group, run_jobs) -> None:
    automatic.no_mail(group, "receipt", "candidate")
    made = told(people, run_jobs, candidate(people))

    scheduling.cancel(again(made), by=None, now=NOW)
    run_jobs(until=NOW)

    assert receipts(made) == {}
    assert Withheld.objects.filter(settled_at=None).count() == 0


def test_what_recruiters_cancel_is_told_in_their_words(people, group, run_jobs) -> None:
    made = told(people, run_jobs, candidate(people))

    scheduling.cancel(again(made), by=people.baba, now=NOW)
    run_jobs(until=AFTERWARDS)

    assert receipts(made) == {}
    assert ledger.ending(again(made)) == "cancellation"


def test_a_receipt_that_failed_is_on_the_composer_as_a_receipt(people, group, run_jobs, client_of) -> None:
    automatic.leave_open(group, "receipt", "candidate")
    made = told(people, run_jobs, candidate(people))
    scheduling.cancel(again(made), by=None, now=NOW)
    run_jobs(until=NOW)
    baba = client_of(people.baba)

    assert announcing.purpose_now(writing.again(made)) == "receipt"
    assert "キャンセルの受付" in desk.text(baba.get(reverse("home")))
    row = Withheld.objects.get(settled_at=None)
    page = baba.get(
        reverse("interviews:compose", args=[made.pk]) + f"?purpose={row.purpose}&to={row.audience}"
    )
    assert OWN["ja"] in desk.text(page)


# Through the booking page


@pytest.mark.parametrize("receiver", ["candidate", "agency"])
def test_who_cancels_on_the_booking_page_is_who_gets_the_receipt(people, run_jobs, receiver: str) -> None:
    world = office.furnish(people)
    world.link.receiver = receiver
    made = choosing.choose(invitation=world.invitation, slot=world.slots[0], link=world.link, now=world.now)

    mine = Invitation.objects.get(pk=world.invitation.pk)
    choosing.cancel(invitation=mine, link=world.link, now=world.now)

    assert (again(made).canceled_side, again(made).canceled_by) == (receiver, None)
