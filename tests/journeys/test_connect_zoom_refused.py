"""Every no on the way to 「連携済み」, in the words that say what to do next."""

import pytest
from django.test import Client
from django.urls import reverse

from mensetsu.zoom.models import App, Connection, EndReason
from simulator.zoom import fixtures
from tests.journeys.connecting import RETURN, SETTINGS, leave, words
from tests.zoom.answering import answering
from tests.zoom_world import HANAKO, LOOPBACK, RECRUIT, RECRUIT2, ZoomWorld

pytestmark = pytest.mark.django_db

MISSING = "Zoomアプリの権限が不足しているため、確認できません。連携は保たれています。"


@pytest.fixture(autouse=True)
def _reachable(settings, zoom: ZoomWorld, people) -> None:
    """Zoom returns to 127.0.0.1 or https only."""
    settings.BASE_URL = LOOPBACK
    zoom.app(people.company)


def told(browser: Client, zoom: ZoomWorld, account: str, **back: str) -> str:
    """What the settings say after a walk to Zoom and back."""
    browser.get(RETURN, zoom.consent(leave(browser), account) | back)
    return words(browser.get(SETTINGS))


def test_an_account_of_another_company_is_refused_without_a_name(zoom: ZoomWorld, people, client_of) -> None:
    zoom.app(people.other, key="b" * 32)
    zoom.connect(people.chiba, RECRUIT)

    page = told(client_of(people.doi), zoom, RECRUIT)

    assert "このZoomアカウントは、別の会社ですでに連携されています。" in page
    assert "千葉" not in page
    assert Connection.objects.live().get().owner == people.chiba


def test_a_second_own_account_names_both_ways_out(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.baba)
    assert "連携済み" in told(browser, zoom, HANAKO)

    page = told(browser, zoom, RECRUIT)

    refusal = "と連携済みです。先に連携を解除するか、「共有アカウントを追加」から連携してください。"
    assert "山田 花子" + refusal in page
    assert Connection.objects.live().get().email == HANAKO


def test_a_missing_permission_of_the_app_is_the_administrators_business(
    zoom: ZoomWorld, people, client_of
) -> None:
    scopes = [scope for scope in fixtures.SCOPES if scope != "user:read:user"]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})

    page = told(client_of(people.doi), zoom, HANAKO)

    assert "Zoomアプリに次の権限が不足しています：連携したアカウントの氏名" in page
    assert "管理者に依頼してZoomアプリにスコープを追加し、もう一度連携してください。" in page
    assert not Connection.objects.live().exists()


def test_a_code_that_zoom_does_not_know_is_asked_for_again(zoom: ZoomWorld, people, client_of) -> None:
    page = told(client_of(people.doi), zoom, HANAKO, code="somebody typed this")

    assert "Zoomが許可を受け付けませんでした。もう一度連携してください。" in page


def test_without_an_app_nobody_is_sent_to_zoom(zoom: ZoomWorld, people, client_of) -> None:
    App.objects.all().delete()
    browser = client_of(people.doi)

    assert leave(browser) == SETTINGS

    assert "この会社のZoomアプリが設定されていません。管理者に連絡してください。" in words(
        browser.get(SETTINGS)
    )


def test_a_link_that_ended_is_continued_only_by_those_who_may(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    told(browser, zoom, RECRUIT)
    Connection.objects.update(ended_at="2026-11-01T00:00:00Z", end_reason=EndReason.REVOKED)
    ended = Connection.objects.get()
    page = words(browser.get(SETTINGS))
    assert "要再連携" in page

    for stranger, previous in ((people.endo, ended.pk), (people.chiba, ended.pk), (people.doi, "x")):
        answer = client_of(stranger).post(reverse("zoom:authorize"), {"previous": previous})
        assert answer.status_code == 404
    browser.get(RETURN, zoom.consent(leave(browser, previous=ended.pk), RECRUIT))

    assert Connection.objects.live().get().owner == people.doi


def test_whoever_decides_too_late_is_told_who_was_first(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    told(browser, zoom, RECRUIT)
    browser.post(reverse("zoom:disconnect", args=[Connection.objects.get().pk]))
    asked = browser.get(RETURN, zoom.consent(leave(browser), RECRUIT2))["Location"]
    zoom.connect(people.baba, RECRUIT2)

    browser.post(asked, {"decision": "connect"})

    assert "このZoomアカウントは、馬場 文さんがすでに連携しています。" in words(browser.get(SETTINGS))
    assert Connection.objects.live().get().owner == people.baba


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"error": "invalid_client", "reason": "Invalid client_id or client_secret"},
            "この会社のZoomアプリの設定が、Zoomに受け付けられませんでした。連携は保たれています。",
        ),
        ({"code": 4711, "message": "Invalid access token, does not contain scopes."}, MISSING),
    ],
    ids=["the app's secret", "the app's permissions"],
)
def test_a_check_that_cannot_be_made_says_why_and_keeps_the_link(
    zoom: ZoomWorld, people, client_of, answer: dict, sentence: str
) -> None:
    browser = client_of(people.doi)
    told(browser, zoom, HANAKO)
    link = Connection.objects.get()
    with answering(400, answer) as (keys, _asked):
        App.objects.update(api_base=keys.api_base, oauth_base=keys.oauth_base)
        if "error" in answer:
            Connection.objects.update(access_expires_at=link.connected_at)

        page = browser.post(reverse("zoom:check", args=[link.pk]), follow=True)

    assert sentence in words(page)
    assert Connection.objects.get().is_live


def test_how_an_account_is_used_is_for_recruiters(zoom: ZoomWorld, people, client_of) -> None:
    browser = client_of(people.doi)
    told(browser, zoom, HANAKO)

    answer = browser.get(reverse("zoom:use", args=[Connection.objects.get().pk]))

    assert (answer.status_code, answer["Location"]) == (303, SETTINGS)
