"""What people hold at the end: each comparison finds what is planted, and says nothing where all is well."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from chaos import held
from chaos.browser import Page
from chaos.invariants import Truth
from mensetsu.interviews.models import Notice
from mensetsu.mail.models import Mail
from mensetsu.zoom import ending
from mensetsu.zoom.models import EndReason
from tests import story
from tests.interviews import desk

OURS, ZOOM = "http://127.0.0.1:1", "http://127.0.0.1:2"
NOW, OLD = "88412345678", "88400000000"


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    """A coming interview with its address, and the letters that arrived."""
    made = desk.furnish(people)
    made.interview = desk.schedule(made)
    desk.issued(made.interview, NOW)
    made.arrived = []
    return made


def letter(world: SimpleNamespace, text: str, to: str = "misaki@example.com") -> Mail:
    mail = Mail.objects.create(
        organization=world.company, candidate=world.sato, purpose="confirmation", receiver="candidate", language="ja",
        to_email=to, subject="件名", body="本文", message_id=f"<{len(world.arrived)}@example.com>",
        created_at=world.now, queued_at=world.now, handed_at=timezone.now(), sent_at=timezone.now(),
    )  # fmt: skip
    Notice.objects.create(
        interview=world.interview,
        mail=mail,
        told_starts_at=world.interview.starts_at,
        told_minutes=world.interview.minutes,
        told_join_url=f"https://zoom.example/j/{OLD}" if OLD in text else "",
    )
    world.arrived.append({"message_id": mail.message_id, "text": text, "subject": "", "recipients": [to]})
    return mail


def problems(world: SimpleNamespace, **pages: str | int) -> list[str]:
    """`pages`: by the last part of their path, what stands on them, or the status they answer."""

    def open_page(path: str) -> Page:
        found: Any = pages.get(path.strip("/").rsplit("/", 1)[-1], "")
        return Page(found, path, "") if isinstance(found, int) else Page(200, path, found)

    truth = Truth(timezone.now(), {"meetings": [], "address": ZOOM}, set(), letters=world.arrived)
    return held.check(truth, world.aoki, open_page)


def test_where_every_link_leads_on_nothing_is_said(world: SimpleNamespace) -> None:
    letter(world, f"参加ページ\n{OURS}/j/good/\n{ZOOM}/j/{NOW}?pwd=1 https://support.example/x")

    assert problems(world, good=f"ID {NOW}") == []


@pytest.mark.parametrize("status", [404, 410, 429, 503])
def test_a_link_that_leads_nowhere(world: SimpleNamespace, status: int) -> None:
    letter(world, f"{OURS}/b/gone/")

    assert problems(world, gone=status) == [f"a letter carries /b/gone/…, which answers {status}"]


def test_a_join_page_that_shows_another_meeting(world: SimpleNamespace) -> None:
    mail = letter(world, f"{OURS}/j/page/")

    assert problems(world, page=f"ID {OLD}") == [f"mail {mail.pk}: its join page does not show meeting {NOW}"]


def test_a_dead_address_that_nobody_corrected(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter(world, f"{ZOOM}/j/{OLD}")
    monkeypatch.setattr(held.attention, "read", lambda *_who, **_when: [])

    (problem,) = problems(world)
    assert f"the last with a Zoom address, {OLD}; now it is {NOW}" in problem


def test_a_dead_address_that_the_home_page_tells_of_is_known(world: SimpleNamespace) -> None:
    letter(world, f"{ZOOM}/j/{OLD}")

    assert problems(world) == []


def test_one_line_about_a_lost_account_is_about_every_interview_that_hangs_on_it(
    world: SimpleNamespace,
) -> None:
    letter(world, f"{ZOOM}/j/{NOW}")
    nearer = desk.schedule(
        world, candidate=world.ito, starts_at=story.tomorrow_at(10), interviewers=[world.endo]
    )
    desk.issued(nearer, OLD)
    ending.end(world.team, reason=EndReason.REVOKED, now=world.now)

    assert problems(world) == []


def test_a_later_letter_corrects_the_first_for_its_own_reader_only(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held.attention, "read", lambda *_who, **_when: [])
    letter(world, f"{ZOOM}/j/{OLD}")
    letter(world, f"{ZOOM}/j/{NOW}")
    assert problems(world) == []

    letter(world, f"{ZOOM}/j/{OLD}", to="agency@example.com")
    assert [one.split(" to ")[1].split(" ")[0] for one in problems(world)] == ["agency@example.com"]


def test_who_asks_too_often_waits_and_staff_pages_are_opened_by_staff() -> None:
    waits: list[int] = []

    class Visitor:
        def __init__(self, name: str) -> None:
            self.name = name

        def get(self, path: str) -> Page:
            is_late = path == "/j/late/" and not waits
            return Page(429 if is_late else 200, path, self.name)

    open_page = held.as_reader(Visitor("staff"), Visitor("anybody"), lambda: waits.append(61))

    assert [open_page(path).text for path in ("/j/late/", "/a/x/", "/interviews/1/")] == [
        "anybody",
        "anybody",
        "staff",
    ]
    assert waits == [61]
