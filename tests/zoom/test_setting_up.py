"""Wrong keys of the company's Zoom app: refused where they are typed, said to everybody, and there is a way back."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.zoom import client, connecting, setting_up, tokens
from mensetsu.zoom.models import App, Connection
from simulator.zoom import fixtures
from tests.zoom.test_pages import PAGE, buttons, text_of
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db

COMMON = "共通のZoomアプリに戻す"


@pytest.fixture
def common(settings: Any) -> None:
    settings.ZOOM_CLIENT_ID, settings.ZOOM_CLIENT_SECRET = "installation", "its-secret"


def refuse() -> None:
    App.objects.update(refused_at=timezone.now())


def test_refused_keys_are_said_to_everybody_and_nobody_is_sent_to_zoom(
    zoom: ZoomWorld, people: Any, client_of: Any
) -> None:
    zoom.app(people.company)
    sound = client_of(people.baba).get(PAGE)
    refuse()

    hers, his = client_of(people.baba).get(PAGE), client_of(people.aoki).get(PAGE)

    assert "会社のZoomアプリの設定がZoomに受け付けられていません。" not in text_of(sound)
    assert "会社のZoomアプリの設定がZoomに受け付けられていません。 管理者に連絡してください。" in text_of(
        hers
    )
    assert "会社のZoomアプリの設定がZoomに受け付けられていません。 Zoomアプリの設定を修正" in text_of(his)
    assert {"Zoomと連携", "共有アカウントを追加"} <= set(buttons(sound))
    assert not {"Zoomと連携", "共有アカウントを追加"} & {*buttons(hers), *buttons(his)}


def test_with_refused_keys_an_ended_link_is_not_to_be_linked_anew(
    zoom: ZoomWorld, people: Any, client_of: Any
) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    Connection.objects.filter(pk=link.pk).update(ended_at=timezone.now(), end_reason="revoked")
    before = buttons(client_of(people.baba).get(PAGE))
    refuse()

    assert "再連携" in before
    assert "再連携" not in buttons(client_of(people.baba).get(PAGE))


def test_a_refusal_on_the_way_back_from_zoom_is_remembered(zoom: ZoomWorld, people: Any) -> None:
    zoom.app(people.company)
    App.objects.update(client_secret_sealed=tokens.seal("wrong"))

    with pytest.raises(client.AppRefused):
        connecting.connect(
            user=people.baba, code="any", verifier="v" * 43, redirect_uri="x", now=timezone.now()
        )

    assert setting_up.state(people.company) == "refused"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"client_id": "これはIDではない"}, "Client IDに使えるのは、半角の英数字と「_」「-」だけです。"),
        ({"client_id": "two words"}, "Client IDに使えるのは、半角の英数字と「_」「-」だけです。"),
        ({"client_secret": "two words"}, "空白や改行を入れず、半角の文字で入力してください。"),
        ({"secret_token": "ａｂｃ"}, "空白や改行を入れず、半角の文字で入力してください。"),
    ],
)
def test_what_cannot_be_a_key_is_refused_in_words(
    people: Any, client_of: Any, typed: dict[str, str], sentence: str
) -> None:
    page = client_of(people.aoki).post(
        reverse("zoom:app"), {"client_id": "Some_Id-1", "client_secret": "secret", **typed}
    )

    assert page.status_code == 422
    assert sentence in text_of(page)
    assert App.objects.get().client_id == ""


@pytest.mark.usefixtures("common")
def test_back_to_the_common_app(zoom: ZoomWorld, people: Any, client_of: Any) -> None:
    zoom.app(people.company)
    refuse()
    browser, path = client_of(people.aoki), reverse("zoom:app")

    before = browser.get(path)
    after = browser.post(reverse("zoom:use_common"), follow=True)

    assert COMMON in buttons(before)
    assert "現在のアプリで連携したZoomアカウントは、もう一度連携する必要があります。" in text_of(before)
    assert "共通のZoomアプリに戻しました。" in text_of(after)
    assert COMMON not in buttons(after)
    app = App.objects.get()
    assert (app.client_id, app.client_secret_sealed, app.secret_token_sealed) == ("", "", "")
    assert (app.oauth_base, app.api_base, app.refused_at) == ("", "", None)
    assert tokens.app_keys(people.company).client_id == "installation"
    assert [(e.action, e.actor) for e in Entry.objects.all()] == [("zoom_app.removed", people.aoki)]
    setting_up.use_common(app, by=people.aoki, now=timezone.now())
    assert Entry.objects.count() == 1


@pytest.mark.usefixtures("common")
def test_the_way_back_waits_for_linked_accounts(
    zoom: ZoomWorld, people: Any, client_of: Any, settings: Any
) -> None:
    zoom.connect(people.baba, RECRUIT)
    browser, path = client_of(people.aoki), reverse("zoom:app")
    sentence = (
        "現在のアプリで連携しているZoomアカウントが1件あります。"
        "連携を解除してから、共通のアプリに戻してください。"
    )

    before = browser.get(path)
    after = browser.post(reverse("zoom:use_common"), follow=True)

    assert COMMON not in buttons(before)
    assert sentence in text_of(before)
    assert sentence in text_of(after)
    assert App.objects.get().client_id == fixtures.CLIENT_ID
    # The common app is the same one: the links stay good.
    settings.ZOOM_CLIENT_ID = fixtures.CLIENT_ID
    assert COMMON in buttons(browser.get(path))


def test_without_a_common_app_there_is_no_way_back(zoom: ZoomWorld, people: Any, client_of: Any) -> None:
    zoom.app(people.company)
    browser = client_of(people.aoki)

    page = browser.get(reverse("zoom:app"))
    after = browser.post(reverse("zoom:use_common"), follow=True)

    assert COMMON not in buttons(page)
    assert "共通のZoomアプリはありません。" in text_of(after)
    assert App.objects.get().client_id == fixtures.CLIENT_ID
