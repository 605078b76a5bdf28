"""Zoom連携設定 in every state, for every reader."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from mensetsu.zoom import meetings
from mensetsu.zoom.models import App, Connection, EndReason, PendingApproval
from simulator.zoom import fixtures
from tests.zoom_world import BASIC, HANAKO, RECRUIT, RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db

PAGE = "/settings/zoom/"


def text_of(response) -> str:
    """The words of the page, as a person reads them."""
    soup = BeautifulSoup(response.content, "html.parser")
    assert len(soup.find_all("h1")) == 1
    return " ".join(soup.get_text(" ").split())


def buttons(response) -> list[str]:
    soup = BeautifulSoup(response.content, "html.parser")
    main = soup.find("main")
    return [" ".join(b.get_text().split()) for b in main.select("button, a.btn")]


# --- states ---------------------------------------------------------------------------------------------------------


def test_not_linked_says_what_will_happen(zoom: ZoomWorld, people, client_of) -> None:
    zoom.app(people.company)

    page = client_of(people.doi).get(PAGE)

    assert "未連携" in text_of(page)
    assert "Zoomと連携すると、面接の登録時に参加URLが自動で発行されます。" in text_of(page)
    assert "Zoomと連携" in buttons(page)
    assert "「Allow this app to use my shared access permissions」" in text_of(page)


def test_without_an_app_there_is_nothing_to_press(people, client_of) -> None:
    page = client_of(people.baba).get(PAGE)

    assert "Zoomと連携" not in buttons(page)
    assert "この会社のZoomアプリが設定されていません。" in text_of(page)


def test_linked_shows_whose_account_and_what_hangs_on_it(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    wanted(people.company, link)

    page = client_of(people.baba).get(PAGE)

    assert "連携済み" in text_of(page)
    assert RECRUIT in text_of(page)
    assert "ライセンス" in text_of(page)
    assert "これからの面接 1件" in text_of(page)
    assert "接続を確認" in buttons(page)
    assert "連携を解除" in buttons(page)


def test_a_free_plan_and_missing_rights_are_told(zoom: ZoomWorld, people, client_of) -> None:
    scopes = [scope for scope in fixtures.SCOPES if scope != "meeting:delete:meeting"]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    zoom.connect(people.baba, BASIC)

    page = client_of(people.baba).get(PAGE)

    assert "無料プランのため、40分を超える面接は途中で終了します。" in text_of(page)
    assert "meeting:delete:meeting" in text_of(page)
    assert "再連携" in buttons(page)


def test_awaiting_approval_hands_over_the_request(zoom: ZoomWorld, people, client_of) -> None:
    zoom.app(people.company)
    browser = client_of(people.baba)

    browser.post(reverse("zoom:approval"))
    page = browser.get(PAGE)

    assert "承認待ち" in text_of(page)
    assert "もう一度連携" in buttons(page)
    assert "App Requests" in text_of(page)
    assert people.baba.email in text_of(page)
    browser.post(reverse("zoom:approval"), {"forget": "1"})
    assert not PendingApproval.objects.exists()


def test_reconnect_needed_names_cause_and_interviews(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, link)
    zoom.uninstall(RECRUIT)
    browser = client_of(people.baba)
    browser.post(reverse("zoom:check", args=[link.pk]))

    page = browser.get(PAGE)

    assert "要再連携" in text_of(page)
    assert "Zoom側で連携が取り消されたため、新しい参加URLを発行できません" in text_of(page)
    assert "これからの面接1件の参加URLは今のところ使えますが、変更・中止はZoomに反映されません。" in text_of(
        page
    )
    assert f'href="{meeting.page_url}"' in page.content.decode()
    assert "再連携" in buttons(page)


def test_zoom_away_keeps_the_link(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.fault("down")
    browser = client_of(people.baba)
    browser.post(reverse("zoom:check", args=[link.pk]))

    page = browser.get(PAGE)

    assert "確認できません" in text_of(page)
    assert "Zoomが応答しません。連携は保たれています。しばらくしてから確認してください。" in text_of(page)
    assert "もう一度確認" in buttons(page)


def test_the_page_speaks_english_too(zoom: ZoomWorld, people, client_of) -> None:
    people.baba.language = "en"
    people.baba.save()
    zoom.connect(people.baba, BASIC)

    page = client_of(people.baba).get(PAGE)

    assert "Free plan: interviews longer than 40 minutes are cut off." in text_of(page)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_links(
    people, client_of, count: int, django_assert_num_queries
) -> None:
    for number in range(count):
        host = Connection.objects.create(
            organization=people.company, owner=people.baba, is_shared=True, zoom_user_id=f"u{number}",
            connected_at=timezone.now(), email=f"u{number}@example.com", plan_type=2,
        )  # fmt: skip
        wanted(people.company, host)
    browser = client_of(people.baba)

    with django_assert_num_queries(15):
        browser.get(PAGE)


# --- whose ----------------------------------------------------------------------------------------------------------


def test_each_sees_and_reaches_only_what_is_theirs(zoom: ZoomWorld, people, client_of) -> None:
    shared = zoom.connect(people.aoki, RECRUIT, is_shared=True)
    own = zoom.connect(people.baba, HANAKO)
    seen = {
        people.aoki: {shared, own},
        people.baba: {shared, own},
        people.doi: set(),
        people.chiba: set(),
    }

    for person, links in seen.items():
        browser = client_of(person)
        page = browser.get(PAGE).content.decode()
        for link in (shared, own):
            assert (link.email in page) == (link in links)
            answer = browser.post(reverse("zoom:check", args=[link.pk]))
            assert answer.status_code == (303 if link in links else 404)


def test_a_recruiter_does_not_reach_a_colleagues_own_link(zoom: ZoomWorld, people, client_of) -> None:
    own = zoom.connect(people.aoki, HANAKO)

    assert client_of(people.baba).post(reverse("zoom:disconnect", args=[own.pk])).status_code == 404
    assert client_of(people.aoki).get(reverse("zoom:disconnect", args=[own.pk])).status_code == 200


# --- use ------------------------------------------------------------------------------------------------------------


def test_an_administrator_names_shares_and_widens(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    browser = client_of(people.aoki)
    page = browser.get(reverse("zoom:use", args=[link.pk]))
    assert "採用チームで共有" in text_of(page)

    answer = browser.post(
        reverse("zoom:use", args=[link.pk]), {"use": "shared", "label": "採用チーム用Zoom", "capacity": "2"}
    )

    link.refresh_from_db()
    assert answer.status_code == 303
    assert (link.is_shared, link.label, link.capacity) == (True, "採用チーム用Zoom", 2)


def test_a_recruiter_cannot_widen(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT)

    client_of(people.baba).post(
        reverse("zoom:use", args=[link.pk]), {"use": "shared", "label": "", "capacity": "2"}
    )

    link.refresh_from_db()
    assert (link.is_shared, link.capacity) == (True, 1)


def test_a_second_own_account_is_refused_in_words(zoom: ZoomWorld, people, client_of) -> None:
    zoom.connect(people.baba, HANAKO)
    shared = zoom.connect(people.baba, RECRUIT, is_shared=True)

    page = client_of(people.baba).post(reverse("zoom:use", args=[shared.pk]), {"use": "own", "label": ""})

    assert page.status_code == 422
    assert "馬場 文さんは、別のアカウント（山田 花子）を自分用に連携しています。" in text_of(page)


# --- unlink ---------------------------------------------------------------------------------------------------------


def test_unlinking_is_asked_once_and_named(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    browser = client_of(people.baba)
    address = reverse("zoom:disconnect", args=[link.pk])

    page = browser.get(address)
    assert f"{RECRUIT} との連携を解除しますか？" in text_of(page)
    assert buttons(page)[-1] == "解除"
    answer = browser.post(address)

    assert answer.status_code == 303
    link.refresh_from_db()
    assert link.end_reason == EndReason.DISCONNECTED


def test_the_refusal_lists_the_meetings_and_who_could_host_them(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT, is_shared=True)
    other = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    first = wanted(people.company, link, title="佐藤 美咲 様")
    second = wanted(people.company, link, first.starts_at + timedelta(hours=2), title="伊藤 蓮 様")
    wanted(people.company, other, second.starts_at)

    page = client_of(people.baba).post(reverse("zoom:disconnect", args=[link.pk]))

    assert page.status_code == 422
    words = text_of(page)
    assert f"このZoomアカウント（{RECRUIT}）を主催者とする、これからの面接が2件あります。" in words
    assert "主催者を変更すると解除できます。" in words
    assert "採用サブ（2件中1件が空き）" in words
    soup = BeautifulSoup(page.content, "html.parser")
    form = soup.find("form", action=reverse("interviews:rehost", args=[link.pk]))
    boxes = {box["value"]: box.has_attr("checked") for box in form.select("input[name=meeting]")}
    assert boxes == {str(first.pk): True, str(second.pk): False}
    assert form.find("option", value=str(other.pk)).has_attr("selected")
    link.refresh_from_db()
    assert link.is_live


def test_without_another_account_the_refusal_says_so(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    wanted(people.company, link)

    page = client_of(people.baba).get(reverse("zoom:disconnect", args=[link.pk]))

    assert "ほかに連携済みのZoomアカウントがありません。" in text_of(page)


# --- the app --------------------------------------------------------------------------------------------------------


def test_the_app_page_is_for_administrators(people, client_of) -> None:
    assert client_of(people.baba).get(reverse("zoom:app")).status_code == 403


def test_the_app_page_shows_what_to_register(people, client_of, settings) -> None:
    settings.BASE_URL = "https://mensetsu.example.jp"

    page = client_of(people.aoki).get(reverse("zoom:app")).content.decode()

    app = App.objects.get()
    assert "https://mensetsu.example.jp/settings/zoom/authorization/return<" in page
    assert f"https://mensetsu.example.jp/webhooks/zoom/{app.key}/<" in page
    assert "meeting:write:meeting" in page


@pytest.mark.parametrize(
    ("base", "sentence"),
    [
        ("http://localhost:8000", "Zoomはlocalhostを受け付けません。"),
        ("http://mensetsu.lan", "Zoomはhttps://で始まるアドレス"),
    ],
)
def test_an_address_that_zoom_refuses_is_told(people, client_of, settings, base: str, sentence: str) -> None:
    settings.BASE_URL = base

    assert sentence in text_of(client_of(people.aoki).get(reverse("zoom:app")))


def test_saved_keys_are_sealed_and_never_shown_again(people, client_of) -> None:
    browser, address = client_of(people.aoki), reverse("zoom:app")
    typed = {"client_id": " ClientOne ", "client_secret": "SecretOne", "secret_token": "TokenOne"}

    assert browser.post(address, typed).status_code == 303
    assert browser.post(address, {"client_id": "ClientOne"}).status_code == 303

    page, app = browser.get(address).content.decode(), App.objects.get()
    assert app.client_id == "ClientOne"
    assert "SecretOne" not in page + app.client_secret_sealed
    assert "TokenOne" not in page + app.secret_token_sealed


@pytest.mark.parametrize(
    "address", ["http://zoom.us", "https://zoom.us.evil.example", "https://169.254.169.254", "ftp://zoom.us"]
)
def test_secrets_are_sent_to_zoom_only(people, client_of, address: str) -> None:
    page = client_of(people.aoki).post(
        reverse("zoom:app"), {"client_id": "x", "client_secret": "y", "oauth_base": address}
    )

    assert page.status_code == 422
    assert "https://で始まるZoomのアドレスを入力してください。" in text_of(page)


def test_a_first_app_needs_its_secret(people, client_of) -> None:
    page = client_of(people.aoki).post(reverse("zoom:app"), {"client_id": "x"})

    assert page.status_code == 422
    assert "Client Secretを入力してください。" in text_of(page)


def test_another_client_id_is_refused_while_accounts_are_linked(zoom: ZoomWorld, people, client_of) -> None:
    zoom.connect(people.baba, RECRUIT)

    page = client_of(people.aoki).post(
        reverse("zoom:app"), {"client_id": "another", "client_secret": "y", "oauth_base": "", "api_base": ""}
    )

    assert page.status_code == 422
    assert App.objects.get().client_id == fixtures.CLIENT_ID


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "ZoomはこのClient IDとClient Secretを受け付けました。"),
        (
            {"client_secret": "rotated at Zoom"},
            "ZoomはこのClient IDとClient Secretの組み合わせを受け付けません。",
        ),
        (None, "このアプリはZoomで無効になっています。"),
    ],
)
def test_the_trial_really_asks_zoom(
    zoom: ZoomWorld, people, client_of, change: dict | None, sentence: str
) -> None:
    zoom.app(people.company)
    if change:
        zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", change)
    elif change is None:
        zoom.fault("app_disabled")
    browser = client_of(people.aoki)

    browser.post(reverse("zoom:try_out"))

    assert sentence in text_of(browser.get(reverse("zoom:app")))


def test_a_start_link_or_token_is_in_no_page(zoom: ZoomWorld, people, client_of) -> None:
    link = zoom.connect(people.aoki, RECRUIT)
    meeting = issued(people.company, link)
    meetings.start_url(meeting, now=timezone.now())
    browser = client_of(people.aoki)

    for name, args in (("settings", []), ("app", []), ("use", [link.pk]), ("disconnect", [link.pk])):
        page = browser.get(reverse(f"zoom:{name}", args=args)).content.decode()
        assert "zak=" not in page
        assert link.access_token_sealed not in page
        assert fixtures.CLIENT_SECRET not in page
