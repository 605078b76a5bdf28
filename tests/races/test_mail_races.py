"""A letter leaves once, whoever presses and however many workers there are."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from mensetsu.mail import composing, delivery
from mensetsu.mail.models import Mail
from tests import racing, story

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def letter(people: Any) -> Mail:
    text = composing.preview(subject="件名", body="本文", values={}, names=composing.tags.Names({}))
    now = timezone.now()
    mail = composing.compose(
        text, organization=people.company, candidate=story.candidate(people.company), purpose="confirmation",
        receiver="candidate", language="ja", to_name="佐藤 美咲", to_email="misaki@example.com",
        sender=people.baba, now=now,
    )  # fmt: skip
    return delivery.queue(mail, by=people.baba, now=now, due_at=now + timedelta(seconds=20))


def test_four_workers_with_one_letter_send_it_once(letter) -> None:
    outbox.outbox.clear()

    racing.together(4, lambda: delivery.deliver.call(mail_id=letter.pk))

    assert len(outbox.outbox) == 1
    assert Mail.objects.get().state == "sent"


def test_calling_back_against_leaving_ends_in_exactly_one_of_both(letter, people) -> None:
    outbox.outbox.clear()

    def call_back() -> str:
        delivery.undo(letter, by=people.baba, now=timezone.now())
        return "called back"

    results = racing.together(2, call_back, lambda: delivery.deliver.call(mail_id=letter.pk))

    if results[0] == "called back":
        assert (Mail.objects.get().state, len(outbox.outbox)) == ("canceled", 0)
    else:
        assert isinstance(results[0], delivery.AlreadyLeft)
        assert (Mail.objects.get().state, len(outbox.outbox)) == ("sent", 1)


def test_two_people_who_send_a_failed_letter_again_make_one_copy(letter, people) -> None:
    Mail.objects.update(failed_at=timezone.now())

    results = racing.together(
        4, lambda: delivery.resend(Mail.objects.get(pk=letter.pk), by=people.baba, now=timezone.now()).pk
    )

    assert sorted(type(one).__name__ for one in results) == ["NotFailed", "NotFailed", "NotFailed", "int"]
    assert Mail.objects.count() == 2


def test_a_second_worker_that_brings_home_does_not_take_a_letter_twice(letter) -> None:
    outbox.outbox.clear()
    Mail.objects.update(sending_at=timezone.now() - timedelta(minutes=11))

    racing.together(2, lambda: delivery.bring_home.call())
    racing.together(3, lambda: delivery.deliver.call(mail_id=letter.pk))

    assert len(outbox.outbox) == 1


def test_three_workers_with_the_same_letters_send_each_once(letter, people) -> None:
    others = [delivery.resend(_failed(letter), by=people.baba, now=timezone.now()) for _n in range(6)]
    outbox.outbox.clear()

    racing.together(3, lambda: delivery.deliver_all.call(mail_ids=[mail.pk for mail in others]))

    assert sorted(one.extra_headers["Message-ID"] for one in outbox.outbox) == sorted(
        mail.message_id for mail in others
    )


def _failed(letter: Mail) -> Mail:
    """As if it had failed and nobody had sent it again."""
    Mail.objects.filter(pk=letter.pk).update(failed_at=timezone.now(), resent_as=None)
    return letter
