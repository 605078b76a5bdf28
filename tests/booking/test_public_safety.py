"""The page of an invitation gives away nothing: private headers, a limit, no change by looking, no weight."""

import gzip
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.core.serializers import serialize
from django.test import Client
from django.utils import timezone

from mensetsu.booking import links, opening
from mensetsu.booking.models import BookingLink, Invitation, Slot
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview, JoinLink
from tests import story
from tests.booking import office
from tests.interviews import holding

WHERE = ("", "change/", "cancellation/", "wishes/")


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    cache.clear()
    return office.furnish(people)


def book(world: SimpleNamespace) -> Any:
    return Client().post(office.path(world.link), {"slot": world.slots[0].pk, "confirm": "1"})


def everything() -> str:
    models = (Invitation, Slot, BookingLink, Interview, JoinLink, Entry)
    return "".join(serialize("json", model.objects.all()) for model in models)


@pytest.mark.parametrize("what", WHERE)
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("is_booked", [False, True])
def test_looking_changes_nothing(world: SimpleNamespace, what: str, method: str, is_booked: bool) -> None:
    if is_booked:
        book(world)
    before = everything()

    answer = getattr(Client(), method)(office.path(world.link, what))

    assert answer.status_code == 200
    assert everything() == before


@pytest.mark.parametrize("what", WHERE)
def test_headers_keep_the_address_private(world: SimpleNamespace, what: str) -> None:
    headers = Client().get(office.path(world.link, what)).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Cache-Control"] == "no-store, private"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def test_a_wrong_token_is_not_found_and_an_old_secret_still_opens(
    world: SimpleNamespace, settings: Any
) -> None:
    address = office.path(world.link)
    for path in (address[:-2] + "/", "/b/x/", "/b/x/wishes/", "/b/x/change/", "/b/x/cancellation/"):
        assert Client().get(path).status_code == 404
    assert Client().post("/b/x/").status_code == 404
    assert links.find(links.token(world.link)[:-1] + "1") is None

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another secret"
    assert Client().get(address).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert Client().get(address).status_code == 404


def test_a_forwarded_link_shows_the_name_and_a_masked_address_and_no_more(world: SimpleNamespace) -> None:
    world.sato.phone, world.sato.note = "090-9999-8888", "転職3回"
    world.sato.family_kana = "サトウ"
    world.sato.save()
    office.invite(world, world.page, world.ito)
    pages = [Client().get(office.path(world.link)).content.decode()]
    data = {"slot": world.slots[0].pk, "check": "1"}
    pages.append(Client().post(office.path(world.link), data).content.decode())
    Client().post(office.path(world.link), data | {"confirm": "1", "phone": "080-1212-3434"})
    pages += [Client().get(office.path(world.link, what)).content.decode() for what in WHERE]

    for html in pages:
        for secret in (
            "misaki@example.com", "090-9999-8888", "080-1212-3434", "転職3回", "サトウ", "伊藤", "doi@sample",
            "土井", "採用チーム用Zoom", "baba@sample",
        ):  # fmt: skip
            assert secret not in html


def test_an_address_that_asks_too_often_is_told_to_wait(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding.set_clock(monkeypatch, timezone.now())  # counted by the minute
    address, browser = office.path(world.link), Client()
    answers = {browser.get(address).status_code for _ in range(61)}

    assert 429 in answers
    limited = browser.post(address, {"slot": world.slots[0].pk, "confirm": "1"})
    assert limited.headers["Retry-After"] == "60"
    assert "1分ほど待ってから" in limited.content.decode()
    assert Client(REMOTE_ADDR="203.0.113.9").get(address).status_code == 200
    assert not Interview.objects.exists()


def test_what_is_typed_cannot_break_out(world: SimpleNamespace) -> None:
    evil = '"><script>alert(1)</script>'
    data = {"slot": world.slots[0].pk, "check": "1", "phone": evil[:40], "accommodation": evil}

    for page in (
        data,
        data | {"back": "1", "slot": "1 OR 1=1"},
        data | {"slot": "9" * 30},
        data | {"slot": "-1"},
    ):
        answer = Client().post(office.path(world.link), page)
        assert answer.status_code in (200, 422)
        assert "<script>alert" not in answer.content.decode()


def test_a_slot_of_another_company_cannot_be_had(world: SimpleNamespace) -> None:
    theirs = opening.open_page(
        organization=world.other,
        values={"name": "x", "way": "phone"},
        fixed=[world.chiba],
        by=None,
        now=world.now,
    )
    slot = Slot.objects.create(page=theirs, starts_at=story.tomorrow_at(12, days=5), minutes=60)

    answer = Client().post(office.path(world.link), {"slot": slot.pk, "confirm": "1"})

    assert answer.status_code == 422
    assert office.taken(slot) == 0


def test_the_page_weighs_less_than_20_kilobytes_and_asks_nobody_else(world: SimpleNamespace) -> None:
    for days in range(3, 9):
        office.offer(world, world.page, 9, 11, 13, days=days)
    html = Client().get(office.path(world.link)).content.decode()

    sheets = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', html)
    assert sheets
    files = b"".join(open(finders.find(name), "rb").read() for name in sheets)  # noqa: SIM115
    assert len(gzip.compress(html.encode())) + len(gzip.compress(files)) < 20_000
    assert re.findall(r'(?:src|href)="https?://', html) == []
