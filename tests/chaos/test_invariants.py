"""Each comparison finds what it is there to find, and says nothing where all is well."""

from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from chaos import invariants, leaks, letters
from chaos.invariants import Truth
from chaos.journal import CONFIRMED, Journal
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Notice
from mensetsu.mail.models import Mail
from mensetsu.zoom import issuing, tokens
from mensetsu.zoom.models import Difference, EndReason, Meeting
from tests import story
from tests.booking import office
from tests.interviews import desk


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    """An interview whose meeting is at Zoom as agreed; `world.truth` is both sides."""
    made = desk.furnish(people)
    made.interview = desk.schedule(made)
    made.meeting = desk.issued(made.interview)
    made.truth = truth(row_of(made.meeting))
    return made


def row_of(meeting: Meeting, **other: Any) -> dict[str, Any]:
    """The meeting as the simulated Zoom tells it."""
    return {
        "id": int(meeting.zoom_id), "agenda": issuing.agenda(meeting), "host_id": meeting.connection.zoom_user_id,
        "start_time": f"{meeting.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "duration": meeting.minutes,
        "deleted_at": None, **other,
    }  # fmt: skip


def truth(*rows: dict[str, Any], happened: set[str] | None = None, letters: Any = ()) -> Truth:
    return Truth(timezone.now(), {"meetings": list(rows)}, happened or set(), letters=list(letters))


def of(problems: list[str], words: str) -> bool:
    return any(words in one for one in problems)


def test_where_all_is_well_nothing_is_said(world: SimpleNamespace) -> None:
    assert invariants.check(world.truth, Journal()) == []


@pytest.mark.parametrize(
    ("difference", "words"),
    [({"duration": 25}, "agreed is"), ({"host_id": "another"}, "agreed is"),
     ({"start_time": "2026-01-01T00:00:00Z"}, "agreed is"), ({"deleted_at": "2026-01-01T00:00:00Z"}, "not at Zoom")],
)  # fmt: skip
def test_a_meeting_that_is_not_as_agreed(world: SimpleNamespace, difference: Any, words: str) -> None:
    problems = invariants.meetings_as_agreed(truth(row_of(world.meeting, **difference)))

    assert len(problems) == 1
    assert of(problems, words)


def test_a_meeting_that_never_gets_its_address(world: SimpleNamespace) -> None:
    Meeting.objects.update(issued_at=None, zoom_id="", join_url="")

    assert of(invariants.meetings_as_agreed(world.truth), "has no address when all is calm")


def test_a_host_in_two_places(world: SimpleNamespace) -> None:
    other = desk.schedule(world, candidate=world.ito, host=world.sub)
    Meeting.objects.filter(pk=other.meeting_id).update(connection=world.team)

    assert of(invariants.hosts_within_capacity(), "at once, capacity 1")


def test_a_host_in_two_places_at_zoom(world: SimpleNamespace) -> None:
    twice = row_of(world.meeting), row_of(world.meeting, id=7)

    assert of(invariants.zoom_hosts_within_capacity(truth(*twice)), "our meetings")
    assert of(invariants.one_meeting_an_interview(truth(*twice)), "was made 2 times")


def test_a_meeting_left_behind(world: SimpleNamespace) -> None:
    scheduling.cancel(world.interview, by=world.baba, now=timezone.now())
    unknown = row_of(world.meeting, id=9, agenda="[mensetsu:nobody]")

    assert of(invariants.nothing_left_at_zoom(world.truth), "no interview owns any more")
    assert of(invariants.nothing_left_at_zoom(truth(unknown)), "no row knows it")


def test_a_link_that_ended_without_a_cause_and_in_silence(world: SimpleNamespace) -> None:
    link = world.sub
    link.ended_at, link.end_reason = timezone.now(), EndReason.REFRESH_LOST
    link.save()
    told = [{"subject": "Zoomの再連携", "recipients": [link.owner.email]}]

    problems = invariants.links_end_for_a_reason(truth())

    assert of(problems, "without a cause")
    assert of(problems, "was not told")
    assert invariants.links_end_for_a_reason(truth(happened={"kill"}, letters=told)) == []


@pytest.mark.parametrize(
    ("what", "starts_at", "words"),
    [
        ("set", "2026-01-01T10:00:00+09:00", "confirmed was"),
        ("cancel", "", "confirmed as canceled and stands"),
    ],
)
def test_a_promise_that_was_not_kept(world: SimpleNamespace, what: str, starts_at: str, words: str) -> None:
    journal = Journal()
    with journal.press(what, interview=world.interview.pk, starts_at=starts_at) as promise:
        promise.outcome = CONFIRMED

    assert of(invariants.promises_kept(journal), words)


def test_a_row_that_is_gone(world: SimpleNamespace) -> None:
    journal = Journal()
    with journal.press("set", interview=4711) as promise:
        promise.outcome = CONFIRMED

    assert of(invariants.promises_kept(journal), "is not there")


def test_a_chosen_date_that_is_forgotten_unless_its_interview_was_canceled(world: SimpleNamespace) -> None:
    invitation = office.invite(world, office.page(world), world.sato)
    journal = Journal()
    with journal.press("book", invitation=invitation.pk, interview=world.interview.pk) as promise:
        promise.outcome = CONFIRMED

    assert of(invariants.promises_kept(journal), "confirmed as chosen and is not")

    scheduling.cancel(world.interview, by=world.baba, now=timezone.now())
    with journal.press("cancel", interview=world.interview.pk) as promise:
        promise.outcome = CONFIRMED
    assert invariants.promises_kept(journal) == []


def test_what_was_confirmed_as_sent_and_is_not_there(world: SimpleNamespace) -> None:
    journal = Journal()
    for what, facts in (
        ("write", {}),
        ("agency_propose", {"proposal": 4711}),
        ("offer", {"invitation": 4711}),
    ):
        with journal.press(what, **facts) as promise:
            promise.outcome = CONFIRMED
            promise.mails = [4711] if what == "write" else []

    problems = invariants.promises_kept(journal)

    assert len(problems) == 3
    assert of(problems, "letter 4711")
    assert of(problems, "proposal 4711")
    assert of(problems, "offer 4711")


def test_a_meeting_that_zoom_refused_with_the_apps_keys_has_been_made_when_all_is_calm(
    world: SimpleNamespace,
) -> None:
    Meeting.objects.filter(pk=world.meeting.pk).update(
        issued_at=None, failed_at=timezone.now(), problem="app_refused"
    )
    said = truth(row_of(world.meeting))
    said.happened.add("secret_refused")

    assert of(invariants.meetings_as_agreed(said), "no address when all is calm (problem app_refused)")


def test_what_was_changed_in_zoom_itself_is_shown_unless_its_news_were_disturbed(
    world: SimpleNamespace,
) -> None:
    changed = truth(row_of(world.meeting, duration=25))
    changed.meddled.add(world.meeting.zoom_id)
    assert of(invariants.meetings_as_agreed(changed), "agreed is")

    changed.happened.add("news_lost")
    assert invariants.meetings_as_agreed(changed) == []

    # The daily comparison needs no news.
    changed.is_swept = True
    assert of(invariants.meetings_as_agreed(changed), "agreed is")

    changed.happened.clear()
    Difference.objects.create(
        organization=world.company, meeting=world.meeting, kind="length", ours="60", theirs="25", found_at=changed.now
    )  # fmt: skip
    assert invariants.meetings_as_agreed(changed) == []


def differs(world: SimpleNamespace, kind: str, ours: str, theirs: str, **values: Any) -> Difference:
    return Difference.objects.create(
        organization=world.company, meeting=world.meeting, kind=kind, ours=ours, theirs=theirs,
        found_at=timezone.now(), **values,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "theirs", "is_shown"),
    [
        ("length", "25", True),
        ("length", "45", False),
        ("topic", "Lunch", False),
        ("waiting_room", "off", False),
    ],
)
def test_what_is_shown_must_be_what_differs(
    world: SimpleNamespace, kind: str, theirs: str, is_shown: bool
) -> None:
    """Another difference of the same meeting is no excuse."""
    changed = truth(row_of(world.meeting, duration=25))
    changed.meddled.add(world.meeting.zoom_id)
    differs(world, kind, "60", theirs)

    assert (invariants.meetings_as_agreed(changed) == []) is is_shown


def test_each_thing_that_differs_is_shown(world: SimpleNamespace) -> None:
    changed = truth(row_of(world.meeting, duration=25, start_time="2030-01-01T00:00:00Z"))
    changed.meddled.add(world.meeting.zoom_id)
    differs(world, "length", "60", "25")

    assert of(invariants.meetings_as_agreed(changed), "agreed is")

    differs(world, "time", "", "2030-01-01T00:00:00+00:00")
    assert invariants.meetings_as_agreed(changed) == []


def test_a_meeting_deleted_in_zoom_is_not_excused_by_a_difference(world: SimpleNamespace) -> None:
    gone = truth(row_of(world.meeting, deleted_at="2026-01-01T00:00:00Z"))
    gone.meddled.add(world.meeting.zoom_id)
    differs(world, "topic", "", "Lunch")

    assert of(invariants.meetings_as_agreed(gone), "is not at Zoom")


@pytest.mark.parametrize("settled", ["", "agreed"])
def test_another_length_at_zoom_that_nobody_decided_about_is_not_undone(
    world: SimpleNamespace, settled: str
) -> None:
    """As we have it again, and nobody wanted that."""
    changed = truth(row_of(world.meeting))
    changed.changed.add(world.meeting.zoom_id)
    if settled:
        differs(world, "length", "60", "25", settled=settled, settled_at=timezone.now())

    assert of(invariants.nothing_undone_unasked(changed), "it was undone")
    assert of(invariants.check(changed, Journal()), "it was undone")


@pytest.mark.parametrize("how", ["restored", "adopted", "moved", "told again", "still there", "gone"])
def test_another_length_at_zoom_that_somebody_decided_about(world: SimpleNamespace, how: str) -> None:
    deleted = "2026-01-01T00:00:00Z" if how == "gone" else None
    changed = truth(row_of(world.meeting, duration=25 if how == "still there" else 60, deleted_at=deleted))
    changed.changed.add(world.meeting.zoom_id)
    if how in ("restored", "adopted"):
        differs(world, "length", "60", "25", settled=how, settled_at=timezone.now())
    elif how == "moved":
        later = world.interview.starts_at + timedelta(hours=2)
        now = timezone.now()
        scheduling.reschedule(world.interview, starts_at=later, minutes=60, by=world.baba, now=now)
    elif how == "told again":
        Meeting.objects.update(synced_minutes=25)
        again = Interview.objects.with_facts().get(pk=world.interview.pk)
        scheduling.retry_issue(again, by=world.baba, now=timezone.now())

    assert invariants.nothing_undone_unasked(changed) == []


def test_a_letter_that_arrived_twice() -> None:
    once = {"message_id": "<a@b>", "recipients": ["taro@example.com"]}

    assert letters.none_twice([once]) == []
    assert of(letters.none_twice([once, once]), "arrived 2 times")


def told(interview: Interview, **values: Any) -> Mail:
    number = Mail.objects.count()
    mail = Mail.objects.create(
        organization=interview.organization, candidate=interview.candidate, purpose="confirmation",
        receiver="candidate", language="ja", to_email="taro@example.com", subject="件名", body="本文",
        message_id=f"<{number}@example.com>", created_at=timezone.now(), **values,
    )  # fmt: skip
    Notice.objects.create(
        interview=interview, mail=mail, told_starts_at=interview.starts_at, told_minutes=interview.minutes
    )
    return mail


def test_the_same_said_twice_and_a_promise_after_the_end(world: SimpleNamespace) -> None:
    scheduling.cancel(world.interview, by=world.baba, now=timezone.now())
    world.interview.refresh_from_db()
    late = world.interview.canceled_at + timedelta(minutes=1)
    first, second = told(world.interview, handed_at=late), told(world.interview)

    assert letters.none_said_twice([first]) == []
    assert of(letters.none_said_twice([first, second]), "twice")
    assert of(letters.none_after_cancellation([first]), "left after interview")


def test_a_letter_with_a_dead_address(world: SimpleNamespace) -> None:
    mail = told(world.interview, handed_at=timezone.now())
    gone = truth(row_of(world.meeting, deleted_at="2026-01-01T00:00:00Z"))
    gone.zoom["address"] = "http://127.0.0.1:1"

    problems = letters._dead_at_zoom(
        mail,
        [f"http://127.0.0.1:1/j/{world.meeting.zoom_id}"],
        {world.meeting.zoom_id: gone.zoom["meetings"][0]},
        gone,
    )

    assert of(problems, "deleted at")


def test_a_letter_that_is_stuck(world: SimpleNamespace) -> None:
    told(world.interview, queued_at=timezone.now(), due_at=timezone.now() - timedelta(hours=1))

    assert of(letters.nobody_waits(world.truth), "stuck")


def test_secrets_in_logs_pages_and_letters(world: SimpleNamespace, tmp_path: Path) -> None:
    world.team.access_token_sealed = tokens.seal("a-token-that-opens-doors")
    world.team.save()
    Meeting.objects.update(
        passcode="Passcode-12", join_url="https://zoom.example/j/1?pwd=key-of-the-address.1"
    )
    secrets, log = leaks.Secrets(), tmp_path / "web-1.log"
    secrets.note_all(["http://127.0.0.1:1/s/1?zak=the-key-of-the-host"])
    log.write_text("GET /j/1?pwd=Passcode-12")

    assert of(leaks.check(secrets, [log], [], []), "passcode")
    assert not of(leaks.check(secrets, [log], [], []), "join address")
    log.write_text("GET /j/1?pwd=key-of-the-address.1")
    assert of(leaks.check(secrets, [log], [], []), "join address")
    assert leaks.check(secrets, [], ["Passcode-12"], ["Passcode-12"]) == []
    assert of(leaks.check(secrets, [], ["x the-key-of-the-host"], []), "zak")
    assert of(leaks.check(secrets, [], [], ["x a-token-that-opens-doors"]), "access token")


def test_more_people_than_seats(world: SimpleNamespace) -> None:
    page = office.page(world)
    (slot,) = office.offer(world, page, 10)
    for applicant, start in ((world.sato, 9), (world.ito, 11)):
        interview = desk.schedule(world, candidate=applicant, starts_at=story.tomorrow_at(start, days=3))
        invitation = office.invite(world, page, applicant)
        invitation.slot, invitation.interview, invitation.chosen_at = slot, interview, timezone.now()
        invitation.save()

    assert of(invariants.slots_add_up(), "chosen by 2 standing interviews")
