"""A forgotten password: the same answer for everybody, a link that works once, the old sessions over."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mensetsu.accounts import resetting
from mensetsu.history.models import Entry
from mensetsu.notices.models import OutgoingNotice
from tests import story
from tests.story import PASSWORD

NEW = "a brand new sentence"
JA = {"accept-language": "ja"}


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def aoki(people: SimpleNamespace) -> Any:
    people.aoki.set_password(PASSWORD)
    people.aoki.save()
    return people.aoki


def ask(client: Client, email: str) -> Any:
    return client.post("/password/reset/", {"email": email}, follow=True, headers=JA)


def link_in(mail: Any) -> str:
    return re.search(r"^http://testserver(/password/reset/\S+)$", mail.body, re.M)[1]


def set_password(client: Client, path: str, first: str = NEW, again: str = NEW) -> Any:
    form = client.get(path, follow=True, headers=JA)
    action = BeautifulSoup(form.content, "html.parser").select_one("main form")["action"]
    return client.post(action, {"password1": first, "password2": again}, headers=JA)


def words(answer: Any) -> str:
    return BeautifulSoup(answer.content, "html.parser").main.get_text(" ", strip=True)


def test_from_the_forgotten_password_to_a_new_one(
    client: Client, aoki: Any, mailoutbox: list, run_jobs: Any, client_of: Any
) -> None:
    running = client_of(aoki)
    ask(client, aoki.email)
    assert mailoutbox == []

    run_jobs()
    done = set_password(client, link_in(mailoutbox[0]))
    run_jobs()

    aoki.refresh_from_db()
    assert done.status_code == 302
    assert aoki.check_password(NEW)
    assert running.get("/profile/").status_code == 302
    assert [mail.subject for mail in mailoutbox] == [
        "【Mensetsu】パスワードの再設定",
        "【Mensetsu】パスワードが変更されました",
    ]
    assert Entry.objects.get().action == "staff.password_changed"
    client.post("/login/", {"login": aoki.email, "password": NEW})
    assert client.get("/profile/").status_code == 200


def test_the_answer_is_the_same_whoever_asks(client: Client, aoki: Any, people: SimpleNamespace) -> None:
    story.user(people.company, "gone@sample.example.jp", "去", "", deactivated_at=aoki.created_at)
    story.user(people.company, "new@sample.example.jp", "新", "", joined_at=None, invited_at=aoki.created_at)

    answers = {
        email: re.sub(r'value="[^"]*"', "", ask(client, email).content.decode())
        for email in (
            aoki.email,
            "nobody@sample.example.jp",
            "gone@sample.example.jp",
            "new@sample.example.jp",
        )
    }

    assert len(set(answers.values())) == 1
    assert "登録されているアドレスであれば、再設定のメールを送りました。" in answers[aoki.email]
    assert list(OutgoingNotice.objects.values_list("user_id", "context")) == [(aoki.pk, {})]


def test_the_mail_is_in_the_persons_language(
    aoki: Any, client: Client, mailoutbox: list, run_jobs: Any
) -> None:
    aoki.language = "en"
    aoki.save()

    ask(client, aoki.email)
    run_jobs()

    assert mailoutbox[0].subject == "Resetting your Mensetsu password"
    assert "Open the following link and set a new password." in mailoutbox[0].body


def test_the_link_works_once(client: Client, aoki: Any) -> None:
    path = resetting.address(aoki).removeprefix("http://testserver")
    set_password(client, path)

    again = Client().get(path, follow=True, headers=JA)

    assert again.status_code == 410
    assert "再設定のメールをもう一度送る" in words(again)


def test_the_link_ends_after_three_days(client: Client, aoki: Any, settings: Any) -> None:
    path = resetting.address(aoki).removeprefix("http://testserver")
    assert settings.PASSWORD_RESET_TIMEOUT == 3 * 24 * 3600

    settings.PASSWORD_RESET_TIMEOUT = -1

    assert client.get(path, follow=True).status_code == 410


def test_the_key_leaves_the_address_before_the_form_is_shown(client: Client, aoki: Any) -> None:
    path = resetting.address(aoki).removeprefix("http://testserver")

    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("-set-password/") or answer.headers["Location"].endswith(
        "/set-password/"
    )


def test_opening_the_link_changes_nothing(client: Client, aoki: Any) -> None:
    client.get(resetting.address(aoki).removeprefix("http://testserver"), follow=True)

    aoki.refresh_from_db()
    assert aoki.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("first", "again", "said"),
    [
        ("short", "short", "短すぎます"),
        ("password123", "password123", "一般的すぎます"),
        (NEW, NEW + "x", "2つのパスワードが異なります。同じものを2回入力してください。"),
        ("", "", "新しいパスワードを入力してください。"),
    ],
)
def test_a_new_password_is_refused_in_words(
    client: Client, aoki: Any, first: str, again: str, said: str
) -> None:
    answer = set_password(client, resetting.address(aoki).removeprefix("http://testserver"), first, again)

    assert answer.status_code == 422
    assert said in words(answer)
    aoki.refresh_from_db()
    assert aoki.check_password(PASSWORD)


def test_too_many_requests_are_told_to_wait(client: Client, aoki: Any) -> None:
    for _request in range(5):
        ask(client, aoki.email)

    answer = ask(client, aoki.email)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "1分ほど待ってから" in words(answer)


def test_changing_the_password_keeps_this_browser_and_ends_the_others(
    aoki: Any, client_of: Any, run_jobs: Any, mailoutbox: list
) -> None:
    here, elsewhere = client_of(aoki), client_of(aoki)

    answer = here.post("/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    run_jobs()

    assert answer.headers["Location"] == "/profile/"
    assert here.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    assert [mail.subject for mail in mailoutbox] == ["【Mensetsu】パスワードが変更されました"]


def test_changing_needs_the_present_password(aoki: Any, client_of: Any) -> None:
    answer = client_of(aoki).post(
        "/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    )

    assert answer.status_code == 422
    assert "現在のパスワードが違います。" in words(answer)


def test_whoever_left_before_the_mail_was_sent_gets_none(
    client: Client, aoki: Any, run_jobs: Any, mailoutbox: list
) -> None:
    ask(client, aoki.email)
    type(aoki).objects.filter(pk=aoki.pk).update(deactivated_at=timezone.now())

    run_jobs()

    assert mailoutbox == []


def test_a_job_of_the_release_before_sends_the_link_too(aoki: Any, mailoutbox: list, run_jobs: Any) -> None:
    resetting.send_link.call(user_id=aoki.pk)
    resetting.send_link.call(user_id=0)
    run_jobs()

    assert len(mailoutbox) == 1


def test_who_was_deactivated_meanwhile_gets_no_link(aoki: Any, mailoutbox: list, run_jobs: Any) -> None:
    resetting.ask(aoki)
    aoki.deactivated_at = timezone.now()
    aoki.save()

    run_jobs()

    assert mailoutbox == []
