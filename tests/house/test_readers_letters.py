"""Who reads English meets no colleague and no Zoom host in kanji, on any page, as long as a Latin name is known."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from mensetsu.accounts.models import User
from mensetsu.zoom.models import Connection
from tests.house.world import closed, furnished, path_of

pytestmark = pytest.mark.django_db

ROMAJI = {"青木": "Aoki Aoi", "馬場": "Baba Aya", "土井": "Doi Dai", "遠藤": "Endo Megumi"}


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    made = furnished(people)
    for user in User.objects.filter(organization=people.company):
        user.language = "en"
        user.romaji = ROMAJI.get(user.family_name, "Somebody Else")
        user.save()
    for link in Connection.objects.filter(organization=people.company).select_related("owner"):
        link.display_name = link.owner.full_name
        link.label = "Team" if link.is_shared else ""
        link.save()
    return made


def words_of(answer: Any) -> str:
    """What the page says in its own words: not the text of a letter, which is in its reader's language, nor what Zoom
    calls an account, which stands in brackets behind its address."""
    page = BeautifulSoup(answer.content, "html.parser")
    for letter in page.select(".preview"):
        letter.decompose()
    return re.sub(r"\S+@\S+ \([^)]*\)", "", " ".join(page.get_text(" ").split()))


def test_no_page_names_a_colleague_in_kanji(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    aoki = client_of(User.objects.get(pk=world.people.aoki.pk))
    names = [user.full_name for user in User.objects.filter(organization=world.people.company)]
    found, looked_at = [], 0
    for address in closed():
        answer = aoki.get(path_of(address, world))
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        looked_at += 1
        text = words_of(answer)
        met = [name for name in names if name in text]
        if met:
            place = text.index(met[0])
            found.append(f"{address.name}: …{text[max(0, place - 60) : place + 40]}…")

    assert not found, "\n".join(found)
    assert looked_at > 60
