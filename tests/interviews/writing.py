"""Arrangements for tests about letters: the company's texts installed and nothing missing, an interview on Zoom."""

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import announcing
from mensetsu.interviews.announcing import Audience, Text
from mensetsu.interviews.models import Interview
from mensetsu.mail import samples
from mensetsu.mail.models import Mail, Purpose
from tests import story
from tests.interviews import holding

NOW = holding.STARTS - timedelta(days=5)  # Thursday, 2026-11-19, 14:00 in Japan


def ready(people: SimpleNamespace, **values: Any) -> Interview:
    """An interview of 佐藤 美咲 by 土井 and 遠藤 on the shared account, for a company that has entered everything."""
    company = people.company
    company.department, company.office_hours = "人事部", "平日9:00〜18:00"
    company.save()
    samples.install_samples(company, NOW)
    values.setdefault("interviewers", (people.doi, people.endo))
    host = values.pop("host", "shared")
    if host == "shared":
        host = holding.connection(people.aoki)
    return holding.interview(company, host=host, created_by=people.baba, **values)


def with_agency(made: Interview, route: str = ContactRoute.AGENCY) -> Interview:
    """The same interview of an applicant whom 鈴木 一郎 introduced."""
    contact = story.agency(made.organization)
    made.candidate.agency, made.candidate.agency_contact = contact.agency, contact
    made.candidate.contact_route = route
    made.candidate.save()
    return again(made)


def again(made: Interview) -> Interview:
    return Interview.objects.with_facts().select_related("organization").get(pk=made.pk)


def moved(made: Interview, *, days: int = 2) -> Interview:
    """The same interview at another time, as a reschedule would leave it."""
    row = Interview.objects.get(pk=made.pk)
    row.starts_at += timedelta(days=days)
    row.save()
    return again(made)


def audience(made: Interview, receiver: str, purpose: str = Purpose.CONFIRMATION) -> Audience:
    return next(one for one in announcing.audiences(made, purpose=purpose) if one.receiver == receiver)


def draft(made: Interview, receiver: str, purpose: str = Purpose.CONFIRMATION, *, by: Any) -> Text:
    return announcing.draft(
        made, purpose=purpose, audience=audience(made, receiver, purpose), sender=by, now=NOW
    )


def letter(
    made: Interview, receiver: str, purpose: str = Purpose.CONFIRMATION, *, by: Any
) -> announcing.Written:
    """The fitting template, filled for the first recipient of that kind."""
    text = draft(made, receiver, purpose, by=by)
    first = audience(made, receiver, purpose).recipients[0]
    return announcing.write(made, first, text, purpose=purpose, sender=by, now=NOW)


def send(
    made: Interview, people: Any, receiver: str = "candidate", purpose: str = "confirmation", **more: Any
) -> list[Mail]:
    """Send the fitting text (or `text`) to those proposed (or `to`)."""
    readers = audience(made, receiver, purpose)
    text = more.pop("text", None) or announcing.draft(
        made, purpose=purpose, audience=readers, sender=people.baba, now=NOW
    )
    to = more.pop("to", None)
    to = (readers.proposed or readers.recipients) if to is None else to
    more.setdefault("form_key", uuid.uuid4())
    return announcing.send(made, purpose=purpose, people=to, text=text, by=people.baba, now=NOW, **more)


def codes(written: announcing.Written) -> list[str]:
    """What asks for a second look or forbids sending."""
    return [finding.code for finding in written.findings if finding.level != "info"]


def compose_url(made: Interview, **query: str) -> str:
    query.setdefault("purpose", "confirmation")
    return (
        reverse("interviews:compose", args=[made.pk]) + "?" + "&".join(f"{k}={v}" for k, v in query.items())
    )


def fields(answer: Any) -> dict[str, Any]:
    """What a browser would send back if the form were submitted as it stands."""
    form = BeautifulSoup(answer.content, "html.parser").find("form", id="letter-form")
    data: dict[str, Any] = {}
    for control in form.find_all("input"):
        kind = control.get("type")
        if kind == "checkbox":
            if control.has_attr("checked"):
                data.setdefault(control["name"], []).append(control["value"])
        elif control.get("name") == "people":
            data.setdefault("people", []).append(control["value"])
        elif control.get("name"):
            data[control["name"]] = control.get("value", "")
    for area in form.find_all("textarea"):
        data[area["name"]] = area.text.removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
    data.pop("csrfmiddlewaretoken", None)
    return data
