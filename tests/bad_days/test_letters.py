"""Names that are markup, template code and header lines go through a whole letter as the letters they are."""

from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as outgoing

from mensetsu.mail import delivery
from tests.bad_days.visitor import HOSTILE
from tests.interviews import holding, writing

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "美咲\r\nBcc: thief@example.com\r\n\r\nbody"


@pytest.mark.parametrize("receiver", ["candidate", "agency", "interviewer"])
def test_a_letter_about_somebody_with_a_hostile_name_says_that_name_and_nothing_else(
    people: SimpleNamespace, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding.set_clock(monkeypatch, writing.NOW)  # a letter of an interview that has begun would not leave
    made = writing.with_agency(writing.ready(people))
    made.candidate.family_name, made.candidate.given_name = HOSTILE[:50], HEADER
    made.candidate.contact_route = "both"
    made.candidate.save()
    people.doi.family_name = people.doi.given_name = HOSTILE[:50]
    people.doi.save()
    contact = made.candidate.agency_contact
    contact.department, contact.family_name, contact.given_name = HOSTILE, HOSTILE[:50], HEADER
    contact.save()
    made = writing.again(made)

    letters = writing.send(made, people, receiver)
    for letter in letters:
        delivery.deliver.call(mail_id=letter.pk)

    assert len(outgoing.outbox) == len(letters) > 0
    for sent in outgoing.outbox:
        whole: Any = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
        body = whole.get_body(("plain",)).get_content()
        assert settings.SECRET_KEY not in str(whole)
        assert (whole["Bcc"], len(whole.get_all("To")), len(whole.get_all("Subject"))) == (None, 1, 1)
        assert "thief@example.com" not in whole["To"].addresses[0].addr_spec
        assert "\nBcc:" not in body
        assert HOSTILE[:20] in body
        assert whole.get_body(("html",)) is None
