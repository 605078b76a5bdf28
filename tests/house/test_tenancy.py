"""Nobody sees across the border of a company, nobody enters above their role, and the public surface is this list.

The sweep walks over every URL pattern of the product. A new address must be described in tests/house/addresses/."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.house.world import SECRETS, Address, described, furnished, is_public, path_of, patterns

# Whoever has the address may open these; each is safe without knowing who asks. Think twice before adding one.
PUBLIC = {
    # The door.
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "accounts:language",
    # A signed link in a mail: joining, the interview's own page.
    "accounts:join",
    "interviews:join",
    "interviews:join_enter",
    "interviews:join_calendar",
    "interviews:join_day",
    "interviews:join_ask",
    "interviews:join_sent",
    # A signed address in a calendar program.
    "interviews:feed",
    # The same for choosing a date.
    "booking:choose",
    "booking:change",
    "booking:cancel",
    "booking:wishes",
    # And for an agency's own page.
    "booking:agency",
    "booking:agency_choose",
    "booking:agency_interview",
    "booking:agency_propose",
    # Signed by Zoom.
    "zoom:webhook",
    # For machines: they say nothing about anybody.
    "web:healthz",
    "web:readyz",
    "web:metrics",
    "web:robots",
}

REFUSED = {403, 404}


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return furnished(people)


def closed() -> Iterator[tuple[Address, Any]]:
    known = described()
    for name, pattern in patterns().items():
        if not is_public(pattern) and name in known:
            yield known[name], pattern


def sweep(
    world: Any,
    ask: Callable[[str, str], Any],
    choose: Callable[[Address], bool],
    fine: Callable[[str, Any], bool],
) -> list[str]:
    """Every chosen address by GET and by POST; the lines name those whose answer was not fine."""
    problems = []
    for address, _pattern in closed():
        if not choose(address):
            continue
        path = path_of(address, world)
        for method in ("get", "post"):
            answer = ask(method, path)
            if not fine(method, answer):
                problems.append(f"{method.upper()} {address.name} ({path}): {answer.status_code}")
    return problems


def browser(client: Client) -> Callable[[str, str], Any]:
    # A view that fails answers 500 here, so that one broken page does not hide the others.
    client.raise_request_exception = False
    return lambda method, path: getattr(client, method)(path)


def test_every_address_is_described_and_every_description_has_its_address() -> None:
    described_names, pattern_names = set(described()), set(patterns())

    assert sorted(pattern_names - described_names) == []
    assert sorted(described_names - pattern_names) == []


def test_the_public_surface_is_this_list() -> None:
    assert {name for name, pattern in patterns().items() if is_public(pattern)} == PUBLIC


def test_without_login_every_other_address_leads_to_the_door(world: SimpleNamespace) -> None:
    def leads_to_the_door(_method: str, answer: Any) -> bool:
        return answer.status_code == 302 and answer.headers["Location"].startswith(reverse("account_login"))

    assert sweep(world, browser(Client()), lambda _address: True, leads_to_the_door) == []


def test_what_belongs_to_a_company_does_not_exist_for_another(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """Chiba is an administrator, so no role stands in her way: only the border does."""
    chiba = browser(client_of(world.people.chiba))

    problems = sweep(
        world,
        chiba,
        lambda address: address.arguments is not None,
        lambda _method, answer: answer.status_code in {404, 405},
    )

    assert problems == []


def test_an_address_of_another_companys_row_answers_404_to_at_least_one_method(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """405 alone would prove nothing: the row was never looked up."""
    chiba = browser(client_of(world.people.chiba))
    never = [
        address.name
        for address, _pattern in closed()
        if address.arguments is not None
        and 404 not in {chiba(method, path_of(address, world)).status_code for method in ("get", "post")}
    ]

    assert never == []


def test_pages_without_arguments_show_a_stranger_nothing_of_ours(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    chiba = client_of(world.people.chiba)
    leaks = []
    for address, _pattern in closed():
        if address.arguments is None:
            answer = chiba.get(path_of(address, world))
            text = b"".join(answer).decode() if answer.streaming else answer.content.decode(errors="replace")
            leaks += [f"{address.name}: {secret}" for secret in SECRETS if secret in text]

    assert leaks == []


def test_those_secrets_are_there_for_their_own_company(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """What must not leak has to exist, or the test above proves nothing."""
    aoki = client_of(world.people.aoki)
    read = ""
    for address, _pattern in closed():
        if address.arguments is None:
            answer = aoki.get(path_of(address, world))
            read += b"".join(answer).decode() if answer.streaming else answer.content.decode(errors="replace")

    assert [secret for secret in SECRETS if secret not in read] == []


def test_an_interviewer_does_not_enter_the_recruiters_pages(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """Endo interviews here, but has nothing to do with the interview of this world."""
    endo = browser(client_of(world.people.endo))

    problems = sweep(
        world,
        endo,
        lambda address: address.role in {"recruiter", "admin", "own"},
        lambda _method, answer: answer.status_code in REFUSED | {405},
    )

    assert problems == []


def test_a_recruiter_does_not_enter_the_administrators_pages(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    baba = browser(client_of(world.people.baba))

    problems = sweep(
        world,
        baba,
        lambda address: address.role == "admin",
        lambda _method, answer: answer.status_code in REFUSED | {405},
    )

    assert problems == []


@pytest.mark.parametrize(("who", "roles"), [("doi", {"anyone"}), ("baba", {"anyone", "recruiter"})])
def test_each_role_does_enter_its_own_pages(
    world: SimpleNamespace, client_of: Callable[[Any], Client], who: str, roles: set[str]
) -> None:
    """The guards above would be satisfied by a product that refuses everybody."""
    client = browser(client_of(getattr(world.people, who)))
    refused = []
    for address, _pattern in closed():
        if address.role in roles:
            answer = client("get", path_of(address, world))
            if answer.status_code in {403, 404} or answer.status_code >= 500:
                refused.append(f"{address.name}: {answer.status_code}")

    assert refused == []
