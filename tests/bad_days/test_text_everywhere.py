"""Markup and template code typed into every text field of every form stays text, wherever it is shown.

The sweep finds pages and forms by itself (tests/house/addresses describes each address), so a form that is added
later is covered on the day it is added."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail as outgoing
from django.db import connection, models
from django.test import Client
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import port
from tests.bad_days import visitor
from tests.house.world import Address, described, furnished, is_public, path_of, patterns

# What a page makes of a text does not hang on the database; what a database refuses is for test_tampered.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="looked at beside SQLite"),
]

# Where the text must have arrived: without these the sweep would prove nothing.
REACHED = {
    "accounts.CompanyHoliday.name", "accounts.Organization.contact_name", "accounts.Organization.department",
    "accounts.Organization.name", "accounts.Organization.office_hours", "accounts.User.extension",
    "accounts.User.family_name", "accounts.User.given_name", "accounts.User.romaji",
    "availability.BusyBlock.note", "availability.TimeOff.note",
    "candidates.Agency.name", "candidates.Agency.note", "candidates.AgencyContact.department",
    "candidates.AgencyContact.family_name", "candidates.AgencyContact.title", "candidates.Candidate.external_id",
    "candidates.Candidate.family_name", "candidates.Candidate.given_name", "candidates.Candidate.note",
    "candidates.Candidate.romaji", "candidates.Candidate.source", "candidates.Job.name", "candidates.Job.name_en",
    "candidates.SavedView.name", "candidates.Stage.name", "history.Entry.facts",
    "interviews.CandidateRequest.text", "interviews.Interview.cancel_reason", "interviews.Interview.memo",
    "interviews.Interview.place", "mail.Template.name", "zoom.Connection.label",
}  # fmt: skip
# These end something; the other forms come first.
_LAST = ("cancel", "deactivate", "retire", "withdraw", "disconnect", "leaver", "language", "logout")


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return furnished(people)


def pages() -> list[Address]:
    """All of them; of the interviews the one in person, which has a place."""
    known = described()
    for name in ("interviews:edit", "interviews:detail", "interviews:cancel"):
        known[name] = replace(known[name], arguments=lambda world: (world.held.pk,))
    found = [known[name] for name in patterns() if name in known]
    return sorted(found, key=lambda address: any(word in address.name for word in _LAST))


def readers(world: Any, client_of: Callable[[Any], Client]) -> dict[str, Client]:
    people = world.people
    staff = {name: client_of(getattr(people, name)) for name in ("aoki", "baba", "doi")}
    return {**staff, "visitor": Client()}


def troubles(answer: Any) -> Iterator[str]:
    text = read(answer)
    if answer.status_code >= 500:
        yield f"answers {answer.status_code}"
    if settings.SECRET_KEY in text:
        yield "tells the secret key"
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    if "<script>alert(7)" in text or "<b>{{9**9}}" in text:
        yield "shows markup as markup"
    if "\"'><" in text or "\"'>&lt;" in text:
        yield "lets text end an attribute"
    if str(9**9) in text:
        yield "evaluates what was typed"


def read(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace")


def send_everything(world: Any, browser: Client, choose: Callable[[str], bool]) -> list[str]:
    problems = []
    for address in pages():
        if not choose(address.name):
            continue
        for typed in visitor.attempts(browser, path_of(address, world)):
            where = f"{address.name} → {typed.action} [{typed.field or 'all'}]"
            for answer in visitor.send(browser, typed):
                problems += [f"{where}: {trouble}" for trouble in troubles(answer)]
    return problems


def holding(text: tuple[str, ...]) -> set[str]:
    """The columns of the product that hold one of these texts in some row."""
    found = set()
    for model in apps.get_models():
        if not model.__module__.startswith("mensetsu."):
            continue
        for column in model._meta.get_fields():
            kinds = models.CharField | models.TextField | models.JSONField
            if isinstance(column, kinds):
                values = model._base_manager.values_list(column.name, flat=True)
                if any(part in str(value) for value in values for part in text):
                    found.add(f"{model._meta.app_label}.{model.__name__}.{column.name}")
    return found


def deliver_letters() -> None:
    """The jobs that write to people; those that would call Zoom stay where they are."""
    for row in DBTaskResult.objects.filter(status="READY"):
        if row.task_path.startswith(("mensetsu.mail.", "mensetsu.notices.")):
            port.find(row.task_path).call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


def letters() -> Iterator[tuple[str, str]]:
    for letter in outgoing.outbox:
        message = letter.message()
        yield letter.subject, message.as_string()


def test_hostile_text_stays_text_on_every_page_and_in_every_letter(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    people = readers(world, client_of)
    for browser in people.values():
        browser.raise_request_exception = False
    patterns_by_name = patterns()

    # Applicants first: afterwards their interviews are canceled.
    problems = send_everything(world, people["visitor"], lambda name: is_public(patterns_by_name[name]))
    problems += send_everything(world, people["aoki"], lambda name: not is_public(patterns_by_name[name]))

    assert problems == []
    held = holding((visitor.HOSTILE[3:26], visitor.SHORT))
    assert sorted(REACHED - held) == []
    for reader, browser in people.items():
        for address in pages():
            answer = browser.get(path_of(address, world))
            problems += [f"{reader} reads {address.name}: {trouble}" for trouble in troubles(answer)]
    assert problems == []
    deliver_letters()
    assert [subject for subject, whole in letters() if settings.SECRET_KEY in whole or "\n" in subject] == []
