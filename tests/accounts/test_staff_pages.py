"""担当者: the administrator's pages, from the invitation to the day somebody leaves."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from mensetsu.accounts import inviting
from mensetsu.accounts.models import Role, User
from mensetsu.notices.models import OutgoingNotice
from tests import story

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
FORM = {
    "email": "shinjin@sample.example.jp",
    "family_name": "新人",
    "given_name": "進",
    "role": "interviewer",
    "language": "ja",
}


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def words(answer: Any) -> str:
    return soup(answer).main.get_text(" ", strip=True)


def path_of(user: User) -> str:
    return inviting.address(user).removeprefix("http://testserver")


@pytest.fixture
def office(people: SimpleNamespace, client_of: Any) -> Client:
    return client_of(people.aoki)


def test_from_the_invitation_to_the_first_login(
    office: Client, client: Client, mailoutbox: list, run_jobs: Any
) -> None:
    sent = office.post("/settings/staff/new/", FORM)
    run_jobs()
    user = User.objects.get(email=FORM["email"])
    link = next(line for line in mailoutbox[0].body.splitlines() if line.startswith("http"))
    opened = client.get(link)
    joined = client.post(link, {"password1": "とても長い合言葉です", "password2": "とても長い合言葉です"})

    user.refresh_from_db()
    assert (sent.status_code, sent.headers["Location"]) == (303, "/settings/staff/")
    assert "新人 進" in words(opened)
    assert "株式会社サンプルから、Mensetsuの利用者として招待されています。" in words(opened)
    assert (joined.status_code, user.is_invited) == (303, False)
    assert client.get("/profile/").status_code == 200


def test_opening_the_invitation_changes_nothing(office: Client, client: Client) -> None:
    office.post("/settings/staff/new/", FORM)
    user = User.objects.get(email=FORM["email"])

    for _scanner in range(3):
        assert client.get(path_of(user)).status_code == 200
        client.head(path_of(user))

    user.refresh_from_db()
    assert user.is_invited


def test_the_invitation_is_in_the_invited_persons_language(office: Client, client: Client) -> None:
    office.post("/settings/staff/new/", {**FORM, "language": "en"})
    path = path_of(User.objects.get(email=FORM["email"]))

    assert soup(client.get(path, headers={"accept-language": "ja"})).h1.get_text() == "Set your password"
    client.post("/language/", {"language": "ja", "next": path})
    assert soup(client.get(path)).h1.get_text() == "パスワードの設定"


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (
            {"invited_at": LONG_AGO},
            410,
            "招待から7日がたちました。株式会社サンプルの管理者に招待の再送を依頼してください。",
        ),
        ({"joined_at": LONG_AGO}, 410, "招待のURLは1回だけ使えます。"),
        ({"deactivated_at": LONG_AGO}, 410, "招待は取り消されました。"),
    ],
)
def test_a_link_that_is_over_says_what_to_do(
    client: Client, people: SimpleNamespace, state: dict, status: int, said: str
) -> None:
    values = {"invited_at": timezone.now(), "joined_at": None, **state}
    user = story.user(people.company, "old@sample.example.jp", "古", "", **values)

    answer = client.get(path_of(user))

    assert answer.status_code == status
    assert said in words(answer)


def test_a_cut_link_says_so(client: Client, db: None) -> None:
    answer = client.get("/invitations/abc/", headers={"accept-language": "ja"})

    assert answer.status_code == 404
    assert "URLが途中で切れていないか、確認してください。" in words(answer)


def test_a_taken_address_is_refused_by_name_and_the_form_is_kept(office: Client) -> None:
    answer = office.post("/settings/staff/new/", {**FORM, "email": "baba@sample.example.jp"})

    page = soup(answer)
    assert answer.status_code == 422
    assert "このメールアドレスは、馬場 文さんが使っています。" in words(answer)
    assert page.select_one("#id_family_name")["value"] == "新人"
    assert page.title.get_text().startswith("エラー：")


def test_an_address_of_another_company_is_refused_without_a_name(office: Client) -> None:
    answer = office.post("/settings/staff/new/", {**FORM, "email": "chiba@tonari.example.jp"})

    assert answer.status_code == 422
    assert "このメールアドレスは使えません。別のアドレスを入力してください。" in words(answer)
    assert "千葉" not in words(answer)


def test_the_address_of_somebody_who_left_leads_to_bringing_them_back(
    office: Client, people: SimpleNamespace
) -> None:
    office.post(f"/settings/staff/{people.doi.pk}/deactivation/")

    answer = office.post("/settings/staff/new/", {**FORM, "email": "doi@sample.example.jp"})

    assert "土井 大さんは利用停止中です。招待せずに、利用を再開してください。" in words(answer)


def test_whoever_has_joined_meanwhile_needs_no_second_invitation(
    office: Client, people: SimpleNamespace
) -> None:
    answer = office.post(f"/settings/staff/{people.doi.pk}/invitation/", follow=True)

    assert "土井 大さんは、すでに利用を開始しています。招待は必要ありません。" in words(answer)


def test_an_empty_form_names_each_field(office: Client) -> None:
    answer = office.post("/settings/staff/new/", {})

    assert [li.get_text() for li in soup(answer).select("#errors li")] == [
        "メールアドレスを入力してください。",
        "姓を入力してください。",
        "権限を選択してください。",
        "招待メールの言語を選択してください。",
    ]


def test_the_list_shows_each_state_in_words(office: Client, people: SimpleNamespace) -> None:
    now = timezone.now()
    story.user(people.company, "a@x.example", "招待", "", joined_at=None, invited_at=now)
    story.user(people.company, "b@x.example", "期限", "", joined_at=None, invited_at=now - timedelta(days=8))
    story.user(people.company, "c@x.example", "退職", "", deactivated_at=now)

    rows = {
        row.a.get_text(): row.select(".chip")[0].get_text()
        for row in soup(office.get("/settings/staff/")).select("tbody tr")
    }

    assert rows == {
        "青木 葵": "利用中",
        "馬場 文": "利用中",
        "土井 大": "利用中",
        "遠藤 恵": "利用中",
        "招待": "招待中",
        "期限": "招待の期限切れ",
        "退職": "利用停止中",
    }


@pytest.mark.parametrize(
    ("typed", "found"), [("馬場", 1), ("ばば", 1), ("ﾊﾞﾊﾞ", 1), ("BABA@", 1), ("いない", 0)]
)
def test_the_list_is_searched_by_name_reading_and_address(
    office: Client, people: SimpleNamespace, typed: str, found: int
) -> None:
    User.objects.filter(pk=people.baba.pk).update(family_kana="ババ")

    page = soup(office.get("/settings/staff/", {"q": typed}))

    assert len(page.select("tbody tr")) == found
    assert page.select_one("#id_q")["value"] == typed


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_for_any_number_of_people(
    office: Client, people: SimpleNamespace, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(more):
        story.user(people.company, f"n{number}@x.example", "増員", str(number))
    office.get("/settings/staff/")

    with django_assert_num_queries(4):  # session, person, count, people
        office.get("/settings/staff/")


def test_the_role_is_changed_and_told_in_the_history(office: Client, people: SimpleNamespace) -> None:
    answer = office.post(f"/settings/staff/{people.doi.pk}/role/", {"role": "recruiter"}, follow=True)

    people.doi.refresh_from_db()
    assert people.doi.role == Role.RECRUITER
    assert "土井 大さんの権限を変更しました：面接官 → 採用担当" in words(answer)


def test_the_last_administrator_is_told_what_to_do_first(office: Client, people: SimpleNamespace) -> None:
    answer = office.post(f"/settings/staff/{people.aoki.pk}/role/", {"role": "recruiter"})

    assert answer.status_code == 422
    assert "管理者はこの人だけです。先に別の人を管理者にしてください。" in words(answer)


def test_an_invitation_is_sent_again(
    office: Client, people: SimpleNamespace, mailoutbox: list, run_jobs: Any
) -> None:
    user = story.user(people.company, "late@x.example", "遅", "", joined_at=None, invited_at=LONG_AGO)

    office.post(f"/settings/staff/{user.pk}/invitation/")
    run_jobs()

    user.refresh_from_db()
    assert user.invited_at > LONG_AGO
    assert len(mailoutbox) == 1


def test_deactivation_says_what_happens_then_does_it(office: Client, people: SimpleNamespace) -> None:
    path = f"/settings/staff/{people.doi.pk}/deactivation/"
    page = soup(office.get(path))
    leaver = f"/interviews/leavers/{people.doi.pk}/"

    done = office.post(path, follow=True)

    assert (
        "連携済みのZoomアカウントは、今後の面接がそのまま行えるように、連携したままになります。"
        in page.get_text()
    )
    assert page.select_one(f'[hx-get="{leaver}"]') is not None
    assert page.select_one(f'a[href="{leaver}"]') is not None
    assert "土井 大さんの利用を停止しました。" in words(done)
    people.doi.refresh_from_db()
    assert not people.doi.is_active


def test_ones_own_account_is_refused_with_the_way_out(office: Client, people: SimpleNamespace) -> None:
    path = f"/settings/staff/{people.aoki.pk}/deactivation/"
    page = soup(office.get(path)).main
    answer = office.post(path)

    assert page.select('form, button, [data-v="danger"]') == []
    assert "自分の利用は停止できません。別の管理者に依頼してください。" in page.get_text()
    assert answer.status_code == 422
    assert "自分の利用は停止できません。別の管理者に依頼してください。" in words(answer)


def test_coming_back(office: Client, people: SimpleNamespace) -> None:
    office.post(f"/settings/staff/{people.doi.pk}/deactivation/")

    answer = office.post(f"/settings/staff/{people.doi.pk}/reactivation/", follow=True)

    people.doi.refresh_from_db()
    assert people.doi.is_active
    assert "土井 大さんの利用を再開しました" in words(answer)


@pytest.mark.parametrize("sign", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"])
def test_names_are_only_text(office: Client, people: SimpleNamespace, sign: str) -> None:
    office.post("/settings/staff/new/", {**FORM, "family_name": sign})
    user = User.objects.get(email=FORM["email"])

    for path in (
        "/settings/staff/",
        f"/settings/staff/{user.pk}/",
        f"/settings/staff/{user.pk}/deactivation/",
    ):
        page = office.get(path)
        assert "<script>alert" not in page.content.decode()
        assert soup(page).select("main img") == []
        assert sign in words(page)


def test_an_administrator_who_reads_english_is_told_names_in_latin_letters(
    office: Client, people: SimpleNamespace
) -> None:
    people.aoki.language, people.doi.romaji = "en", "Dai Doi"
    people.aoki.save()
    people.doi.save()

    for step, told in (("deactivation", "is deactivated."), ("reactivation", "can log in again.")):
        answer = office.post(f"/settings/staff/{people.doi.pk}/{step}/", follow=True)
        assert f"Dai Doi {told}" in words(answer)


@pytest.mark.parametrize(
    ("problem", "chip", "banner"),
    [
        ("bad_recipient", "招待メール未送信", "招待メールを送れませんでした。"),
        ("uncertain", "招待メールの到着未確認", "招待メールが届いたか確認できません。"),
    ],
)
def test_an_invitation_that_was_not_delivered_is_seen_until_it_is_sent_again(
    office: Client, people: SimpleNamespace, problem: str, chip: str, banner: str
) -> None:
    office.post("/settings/staff/new/", FORM)
    OutgoingNotice.objects.update(failed_at=timezone.now(), problem=problem)
    user = User.objects.get(email=FORM["email"])
    member = f"/settings/staff/{user.pk}/"

    assert chip in words(office.get("/settings/staff/"))
    assert banner in words(office.get(member))

    office.post(f"{member}invitation/")
    assert chip not in words(office.get("/settings/staff/"))
    assert banner not in words(office.get(member))
