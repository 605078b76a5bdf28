"""The door: whoever belongs here gets in, in their language; everybody else learns nothing."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mensetsu.accounts import deactivating
from tests.story import PASSWORD


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def aoki(people: SimpleNamespace, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    people.aoki.set_password(PASSWORD)
    people.aoki.save()
    return people.aoki


def log_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(
        "/login/", {"login": email, "password": password, **more}, headers={"accept-language": "ja"}
    )


def words(response: Any) -> str:
    return BeautifulSoup(response.content, "html.parser").main.get_text(" ", strip=True)


def is_inside(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


@pytest.mark.parametrize(
    "typed", ["aoki@sample.example.jp", "AOKI@Sample.Example.JP", " ａｏｋｉ＠sample.example.jp "]
)
def test_the_right_password_opens_however_the_address_is_typed(client: Client, aoki: Any, typed: str) -> None:
    answer = log_in(client, typed, next="/profile/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/profile/")
    assert is_inside(client)


def test_the_page_says_who_need_not_log_in(client: Client, db: None) -> None:
    page = client.get("/login/", headers={"accept-language": "ja"})

    assert "応募者の方はログイン不要です。届いたメールのURLを開いてください。" in words(page)
    soup = BeautifulSoup(page.content, "html.parser")
    assert soup.select_one("#id_login")["autocomplete"] == "username"
    assert soup.select_one("#id_password")["autocomplete"] == "current-password"
    assert soup.select("[autofocus]") == []


@pytest.mark.parametrize("email", ["aoki@sample.example.jp", "nobody@sample.example.jp"])
def test_a_wrong_pair_says_the_same_for_known_and_unknown(client: Client, aoki: Any, email: str) -> None:
    answer = log_in(client, email, "wrong")

    soup = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 422
    assert soup.select_one("#errors li").get_text() == "メールアドレスまたはパスワードが違います。"
    assert soup.select_one("#id_login")["value"] == email
    assert not soup.select_one("#id_password").has_attr("value")
    assert soup.title.get_text().startswith("エラー：")


def test_empty_fields_are_named(client: Client, db: None) -> None:
    answer = log_in(client, "", "")

    errors = [li.get_text() for li in BeautifulSoup(answer.content, "html.parser").select("#errors li")]
    assert errors == ["メールアドレスを入力してください。", "パスワードを入力してください。"]


def test_after_five_wrong_passwords_the_door_says_when_to_come_back(client: Client, aoki: Any) -> None:
    for _attempt in range(5):
        log_in(client, aoki.email, "wrong")

    answer = log_in(client, aoki.email, PASSWORD)

    said = BeautifulSoup(answer.content, "html.parser").select_one("#errors li").get_text()
    found = re.fullmatch(
        r"続けて間違えたため、10分間ログインできません。(\d\d:\d\d)以降にもう一度お試しください。", said
    )
    assert found, said
    ten_minutes = timezone.localtime() + timedelta(minutes=10)
    assert found[1] in {f"{ten_minutes + timedelta(minutes=m):%H:%M}" for m in (0, 1)}
    assert not is_inside(client)


def test_the_lock_is_of_one_address_only(client: Client, aoki: Any, people: SimpleNamespace) -> None:
    people.baba.set_password(PASSWORD)
    people.baba.save()
    for _attempt in range(6):
        log_in(client, aoki.email, "wrong")

    log_in(client, people.baba.email)

    assert is_inside(client)


def test_a_lock_is_told_in_english_too(client: Client, aoki: Any) -> None:
    for _attempt in range(5):
        log_in(client, aoki.email, "wrong")

    answer = client.post("/login/", {"login": aoki.email, "password": "x"}, headers={"accept-language": "en"})

    assert re.search(r"Too many attempts\. .*Try again after \d\d:\d\d\.", words(answer))


def test_a_deactivated_person_stays_outside_and_learns_why(client: Client, aoki: Any) -> None:
    aoki.deactivated_at = timezone.now()
    aoki.save()

    right, wrong = log_in(client, aoki.email), log_in(client, aoki.email, "wrong")

    assert "このアカウントは利用を停止しています。株式会社サンプルの管理者に連絡してください。" in words(
        right
    )
    assert "メールアドレスまたはパスワードが違います。" in words(wrong)
    assert not is_inside(client)


def test_deactivation_ends_running_sessions_for_good(people: SimpleNamespace, client_of: Any) -> None:
    browser = client_of(people.baba)
    assert is_inside(browser)

    deactivating.deactivate(people.baba, by=people.aoki, now=timezone.now())
    while_away = is_inside(browser)
    deactivating.reactivate(people.baba, by=people.aoki, now=timezone.now())
    people.baba.refresh_from_db()

    assert not while_away
    assert not is_inside(browser)
    assert is_inside(client_of(people.baba))


def test_an_ended_session_is_told_and_leads_back(client: Client, aoki: Any) -> None:
    log_in(client, aoki.email)
    del client.cookies["sessionid"]

    away = client.get("/profile/")
    door = client.get(away.headers["Location"], headers={"accept-language": "ja"})
    back = log_in(client, aoki.email, next="/profile/")

    assert "一定時間操作がなかったため、自動でログアウトしました。" in words(door)
    assert BeautifulSoup(door.content, "html.parser").select_one("main [name=next]")["value"] == "/profile/"
    assert back.headers["Location"] == "/profile/"


def test_a_first_visit_is_not_called_an_ended_session(client: Client, db: None) -> None:
    door = client.get("/login/?next=/profile/", headers={"accept-language": "ja"})

    assert "自動でログアウト" not in words(door)


def test_logging_out_needs_a_post_and_is_not_an_ended_session(client: Client, aoki: Any) -> None:
    log_in(client, aoki.email)
    client.get("/logout/")
    assert is_inside(client)

    client.post("/logout/")
    door = client.get("/login/?next=/profile/", headers={"accept-language": "ja"})

    assert not is_inside(client)
    assert "自動でログアウト" not in words(door)


@pytest.mark.parametrize("wish", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_login_leads_nowhere_else(client: Client, aoki: Any, wish: str) -> None:
    answer = log_in(client, aoki.email, next=wish)

    assert answer.headers["Location"] == "/"


def test_a_session_lives_from_the_last_day_of_use(client: Client, aoki: Any) -> None:
    log_in(client, aoki.email)
    is_inside(client)
    session = client.session
    session["day"] -= 1
    session.save()

    assert "sessionid" in client.get("/profile/").cookies
    assert "sessionid" not in client.get("/profile/").cookies


def test_a_fragment_whose_session_ended_moves_the_whole_page_to_the_door(client: Client, db: None) -> None:
    answer = client.get(
        "/profile/?part=1",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/candidates/?q=x"},
    )

    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["HX-Redirect"] == "/login/?next=%2Fcandidates%2F%3Fq%3Dx"
