"""One address per recipient, for as long as the interview lives; and nobody else's guess opens it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, JoinLink, Way
from mensetsu.mail.models import Receiver
from tests import story

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def interview(people: SimpleNamespace) -> Interview:
    return Interview.objects.create(
        organization=people.company,
        candidate=story.candidate(people.company),
        starts_at=datetime(2026, 11, 24, 5, 0, tzinfo=UTC),
        minutes=60,
        way=Way.IN_PERSON,
        created_at=NOW,
        changed_at=NOW,
    )


def token_in(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[1]


def test_the_same_recipient_always_gets_the_same_address(interview: Interview) -> None:
    first = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    second = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)

    assert join_links.address(first) == join_links.address(second)
    assert JoinLink.objects.count() == 1


def test_applicant_and_each_contact_of_the_agency_have_their_own_address(interview: Interview) -> None:
    contact = story.agency(interview.organization)

    own = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    theirs = join_links.link_for(interview, receiver=Receiver.AGENCY, contact=contact, now=NOW)

    assert own.pk != theirs.pk
    assert join_links.find(token_in(join_links.address(theirs))) == theirs
    assert join_links.find(token_in(join_links.address(theirs))).contact == contact


def test_the_address_is_absolute_and_of_letters_and_digits_only(interview: Interview) -> None:
    address = join_links.address(join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW))

    assert address.startswith("http://testserver/j/")
    assert address.endswith("/")
    assert token_in(address).isalnum()


def test_the_token_holds_128_bits_that_are_not_in_the_table(interview: Interview) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    secret_part = join_links.token(link).removeprefix(link.nonce)

    assert len(secret_part) * 5 >= 128
    assert not any(secret_part in str(value) for value in JoinLink.objects.values_list().get())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: token[:16],
        lambda token: token + "a",
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: ("a" if token[0] != "a" else "b") + token[1:],
        lambda token: "面接" * 21,
    ],
)
def test_a_token_that_is_cut_or_changed_opens_nothing(interview: Interview, wrong: Any) -> None:
    token = join_links.token(join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW))

    assert join_links.find(token) is not None
    assert join_links.find(wrong(token)) is None


def test_a_right_token_without_its_row_opens_nothing(interview: Interview) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    token = join_links.token(link)
    link.delete()

    assert join_links.find(token) is None


def test_old_addresses_live_on_while_the_old_secret_is_a_fallback(
    interview: Interview, settings: Any
) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    old_secret, old_token = settings.SECRET_KEY, join_links.token(link)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret", [old_secret]
    assert join_links.token(link) != old_token
    assert join_links.find(old_token) == link
    assert join_links.find(join_links.token(link)) == link

    settings.SECRET_KEY_FALLBACKS = []
    assert join_links.find(old_token) is None


def test_the_proof_is_not_made_with_the_bare_secret(interview: Interview, settings: Any) -> None:
    """A key derived for this purpose: a signature made elsewhere with the same secret opens no page."""
    from django.core import signing  # noqa: PLC0415 - only this test looks at it

    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)

    assert join_links.find(link.nonce + signing.Signer().signature(link.nonce)) is None


def test_links_of_a_new_interview_are_one_a_person_whatever_the_letters_called_them(
    interview: Interview, people: SimpleNamespace
) -> None:
    contact = story.agency(people.company)

    join_links.open_for(
        interview,
        [(Receiver.CANDIDATE, None), (Receiver.AGENCY, contact), (Receiver.CANDIDATE, contact)],
        now=NOW,
    )

    made = set(JoinLink.objects.values_list("receiver", "contact"))
    assert len(made) == 2
    assert (
        join_links.link_for(interview, receiver=Receiver.AGENCY, contact=contact, now=NOW).contact == contact
    )
    assert JoinLink.objects.count() == 2


def test_links_that_are_missing_are_made_together_and_read_with_the_interview(interview: Interview) -> None:
    contact = story.agency(interview.organization)
    old = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    read = Interview.objects.prefetch_related("join_links").get(pk=interview.pk)
    assert join_links.is_read(read)
    assert not join_links.is_read(interview)

    for _again in range(2):
        join_links.ensure(
            [(read, Receiver.CANDIDATE, None), (read, Receiver.AGENCY, contact)],
            now=NOW,
        )

    assert [link.contact for link in read.join_links.all()] == [None, contact]
    assert set(JoinLink.objects.all()) == set(read.join_links.all()) > {old}
