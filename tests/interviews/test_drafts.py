"""Unfinished letters: kept on purpose and while somebody types, until they are sent."""

import pytest
from django.urls import reverse

from mensetsu.mail.models import Draft, Mail
from tests.interviews.writing import compose_url, fields

pytestmark = pytest.mark.django_db


def test_a_draft_is_kept_and_opens_again(made, recruiter) -> None:
    data = {**fields(recruiter.get(compose_url(made))), "body": "途中まで"}

    recruiter.post(compose_url(made), {**data, "act": "draft"})

    assert fields(recruiter.get(compose_url(made)))["body"] == "途中まで"


def test_a_draft_is_saved_while_typing(made, recruiter) -> None:
    address = reverse("interviews:draft", args=[made.pk]) + "?purpose=confirmation&to=candidate-ja"
    data = {**fields(recruiter.get(compose_url(made))), "body": "途中まで"}

    answer = recruiter.post(address, data)

    assert answer.content.decode().strip() == "下書きを保存しました 14:00"
    assert Draft.objects.get().body == "途中まで"


def test_a_draft_that_arrives_after_its_letter_was_sent_is_no_draft_again(made, recruiter) -> None:
    """The page saves five seconds after the last key: the press may overtake it."""
    address = reverse("interviews:draft", args=[made.pk]) + "?purpose=confirmation&to=candidate-ja"
    data = fields(recruiter.get(compose_url(made)))
    recruiter.post(compose_url(made), data)
    assert Mail.objects.exists()

    recruiter.post(address, data)
    assert Draft.objects.get().used_at is not None

    recruiter.post(address, {**data, "body": data["body"] + "追伸"})
    assert Draft.objects.get().used_at is None


def test_what_was_sent_can_be_kept_as_a_draft_on_purpose(made, recruiter) -> None:
    data = fields(recruiter.get(compose_url(made)))
    recruiter.post(compose_url(made), data)

    recruiter.post(compose_url(made), {**data, "act": "draft"})

    assert Draft.objects.get().used_at is None


def test_a_draft_belongs_to_its_author(made, recruiter, people, client_of) -> None:
    recruiter.post(
        compose_url(made), {**fields(recruiter.get(compose_url(made))), "body": "馬場の", "act": "draft"}
    )

    assert "馬場の" not in fields(client_of(people.aoki).get(compose_url(made)))["body"]
