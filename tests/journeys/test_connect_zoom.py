"""W1–W5: from the menu to 「連携済み」, with every way that it can end otherwise."""

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.zoom.models import Connection
from tests.journeys.connecting import RETURN, SETTINGS, leave, words
from tests.zoom_world import HANAKO, LOOPBACK, RECRUIT, RECRUIT2, ZoomWorld

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reachable(settings, zoom: ZoomWorld, people) -> None:
    """Zoom returns to 127.0.0.1 or https only."""
    settings.BASE_URL = LOOPBACK
    zoom.app(people.company)


def test_the_menu_leads_to_the_settings(people, client_of) -> None:
    page = client_of(people.doi).get("/interviews/")

    link = BeautifulSoup(page.content, "html.parser").find("a", string="Zoom連携設定")
    assert link["href"] == SETTINGS


def test_authorizing_links_the_account(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)

    address = leave(browser)
    assert address.startswith(f"{zoom.url}/oauth/authorize?")
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [LOOPBACK + RETURN]
    answer = browser.get(RETURN, zoom.consent(address, HANAKO))

    assert (answer.status_code, answer["Location"]) == (303, SETTINGS)
    page = words(browser.get(SETTINGS))
    assert f"Zoomと連携しました（{HANAKO}）。" in page
    assert "連携済み" in page


def test_a_shared_account_is_added_beside_the_own_one(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.baba)
    browser.get(RETURN, zoom.consent(leave(browser), HANAKO))

    browser.get(RETURN, zoom.consent(leave(browser, use="shared"), RECRUIT))

    found = Connection.objects.live().values_list("email", "is_shared")
    assert set(found) == {(HANAKO, False), (RECRUIT, True)}


def test_an_interviewer_cannot_share(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)

    browser.get(RETURN, zoom.consent(leave(browser, use="shared"), RECRUIT))

    assert not Connection.objects.get().is_shared


def test_declining_changes_nothing(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)

    browser.get(RETURN, zoom.consent(leave(browser), HANAKO, decision="decline"))

    assert "連携をやめました。何も変更されていません。" in words(browser.get(SETTINGS))
    assert not Connection.objects.exists()


@pytest.mark.parametrize("state", ["", "guessed"])
def test_a_return_that_nobody_asked_for_exchanges_nothing(
    zoom: ZoomWorld, people, client_of, state: str
) -> None:
    browser = client_of(people.doi)
    back = zoom.consent(leave(browser), HANAKO)

    browser.get(RETURN, back | {"state": state})

    assert "安全のため連携を中断しました。もう一度お試しください。" in words(browser.get(SETTINGS))
    assert zoom.requests("POST", "/oauth/token") == []


def test_somebody_elses_return_exchanges_nothing(zoom: ZoomWorld, people, client_of) -> None:
    back = zoom.consent(leave(client_of(people.doi)), HANAKO)

    client_of(people.endo).get(RETURN, back)

    assert not Connection.objects.exists()


def test_coming_back_twice_links_once(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    back = zoom.consent(leave(browser), HANAKO)

    browser.get(RETURN, back)
    browser.get(RETURN, back)

    assert Connection.objects.count() == 1


def test_two_tabs_may_be_on_their_way(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    first, _second = leave(browser), leave(browser)

    browser.get(RETURN, zoom.consent(first, HANAKO))

    assert Connection.objects.live().get().email == HANAKO


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ja", "このZoomアカウントは、馬場 文さんがすでに連携しています。"),
        ("en", "This Zoom account is already connected by Aya Baba."),
    ],
)
def test_an_account_of_a_colleague_is_refused_by_name(
    zoom: ZoomWorld, people, client_of, language: str, told: str
) -> None:
    people.doi.language, people.baba.romaji = language, "Aya Baba"
    people.doi.save()
    people.baba.save()
    zoom.connect(people.baba, RECRUIT)
    browser = client_of(people.doi)

    browser.get(RETURN, zoom.consent(leave(browser), RECRUIT))

    assert told in words(browser.get(SETTINGS))


def test_another_account_than_before_is_asked_about(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    browser.get(RETURN, zoom.consent(leave(browser), RECRUIT))
    browser.post(reverse("zoom:disconnect", args=[Connection.objects.get().pk]))

    answer = browser.get(RETURN, zoom.consent(leave(browser), RECRUIT2))
    page = words(browser.get(answer["Location"]))
    assert f"前回（{RECRUIT}）と異なるZoomアカウント（{RECRUIT2}）です。" in page
    browser.post(answer["Location"], {"decision": "connect"})

    assert Connection.objects.live().get().email == RECRUIT2


def test_stopping_at_another_account_leaves_nothing(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    browser.get(RETURN, zoom.consent(leave(browser), RECRUIT))
    browser.post(reverse("zoom:disconnect", args=[Connection.objects.get().pk]))
    answer = browser.get(RETURN, zoom.consent(leave(browser), RECRUIT2))

    browser.post(answer["Location"], {"decision": "stop"})

    assert "連携をやめました。何も変更されていません。" in words(browser.get(SETTINGS))
    assert not Connection.objects.live().exists()
    assert browser.get(answer["Location"]).status_code == 303


def test_zoom_away_at_the_return_is_said(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    back = zoom.consent(leave(browser), HANAKO)
    zoom.fault("down")

    browser.get(RETURN, back)

    assert "Zoomが応答しません。しばらくしてから、もう一度連携してください。" in words(browser.get(SETTINGS))


def test_a_wrong_secret_is_the_administrators_business(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    back = zoom.consent(leave(browser), HANAKO)
    zoom.fault("invalid_client")

    browser.get(RETURN, back)

    assert "管理者に連絡してください。" in words(browser.get(SETTINGS))


def test_an_approval_is_waited_for_and_then_it_works(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    browser.post(reverse("zoom:approval"))
    assert "承認待ち" in words(browser.get(SETTINGS))
    zoom.control(
        "POST", "permissions", {"account": "saiyo@approval.example.jp", "policy": "all", "users": []}
    )

    browser.get(RETURN, zoom.consent(leave(browser), "saiyo@approval.example.jp"))

    page = words(browser.get(SETTINGS))
    assert "承認待ち" not in page
    assert "連携済み" in page


def test_a_japanese_page_whatever_the_browser_says(people, client_of) -> None:
    page = client_of(people.doi).get(SETTINGS, headers={"Accept-Language": "fr"})

    assert "Zoom連携設定" in words(page)
