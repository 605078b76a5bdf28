"""The four pages of an import, as a recruiter walks through them."""

from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mensetsu.candidates import importing
from mensetsu.candidates.models import Candidate, Import
from tests import story


def send(client: Client, text: str | bytes, name: str = "応募者.csv") -> Any:
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(reverse("candidates:import_upload"), {"file": SimpleUploadedFile(name, data)})


def soup(answer: Any, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status
    return BeautifulSoup(answer.content, "html.parser")


def test_a_file_is_checked_corrected_and_taken(people: SimpleNamespace, client_of: Any) -> None:
    story.candidate(people.company, "佐藤", "美咲", email="misaki@example.com")
    client = client_of(people.baba)

    sent = send(
        client,
        "氏名,連絡,メモ\n佐藤 美咲,misaki@example.com,電話希望\n田中 修,osamu@example.com,\n,x,\n".encode(
            "cp932"
        ),
    )
    first = soup(client.get(sent.headers["Location"]))
    file = Import.objects.get()
    assert "Shift_JIS (CP932)" in first.get_text()
    assert first.find("button", string="2行を取り込む") is None

    corrected = client.post(
        reverse("candidates:import_arrange", args=[file.pk]),
        {"column_0": "full_name", "column_1": "email", "column_2": "note"},
    )
    second = soup(client.get(corrected.headers["Location"]))
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])]
        for row in second.select("table")[-1].select("tbody tr")
    ]
    assert rows == [
        ["2", "佐藤 美咲", "変更", "社内メモ： 電話希望"],
        ["3", "田中 修", "新規", ""],
        [
            "4",
            "（氏名なし）",
            "取り込まない",
            "メールアドレスの形を確認してください：x 氏名を入力してください。",
        ],
    ]
    only = soup(client.get(sent.headers["Location"], {"only": "refused"}))
    assert [one.get_text() for one in only.select("table")[-1].select("tbody td:first-child")] == ["4"]

    taken = client.post(second.find("button", string="2行を取り込む").find_parent("form")["action"])
    result = soup(client.get(taken.headers["Location"]))
    assert "新規1件、変更1件、登録済みと同じ0件、取り込めない行1件" in result.get_text()
    assert "メールアドレスの形を確認してください：x" in result.get_text()
    assert set(Candidate.objects.values_list("family_name", "note")) == {("佐藤", "電話希望"), ("田中", "")}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "ファイルが空です。別のファイルを選択してください。"),
        (
            "氏名\n".encode(),
            "見出しだけで、応募者の行がありません。見出しの下の行に応募者を入力して、もう一度ファイルを選択してください。",
        ),
        (
            "氏名\n佐藤\n".encode() + b"\xe3\x81\n",
            "3行目：文字を読み取れません。CSV（UTF-8またはShift_JIS）で保存し直してください。",
        ),
        (b"a" * (5 * 1024 * 1024 + 1), "5 MBを超えています。ファイルを分けてください。"),
        (b"name\n" + b"a\n" * 20_001, "20,000行を超えています。ファイルを分けてください。"),
        ('氏名\n"佐藤\n'.encode(), '2行目：引用符（"）の対応が合っていません。行を確認してください。'),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    people: SimpleNamespace, client_of: Any, data: bytes, sentence: str
) -> None:
    page = soup(send(client_of(people.baba), data), 422)

    assert [one.get_text(strip=True) for one in page.select("#errors li")] == [sentence]
    assert Import.objects.count() == 0


def test_no_file_at_all(people: SimpleNamespace, client_of: Any) -> None:
    client, path = client_of(people.baba), reverse("candidates:import_upload")
    assert soup(client.get(path)).select("#errors") == []

    page = soup(client.post(path), 422)

    assert [one.get_text(strip=True) for one in page.select("#errors li")] == [
        "CSVファイルを選択してください。"
    ]


def test_two_columns_cannot_be_the_same(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)
    send(client, "氏名,連絡,予備\n佐藤,a@example.com,b@example.com\n")
    file = Import.objects.get()

    page = soup(
        client.post(
            reverse("candidates:import_arrange", args=[file.pk]),
            {"column_0": "full_name", "column_1": "email", "column_2": "email"},
        ),
        422,
    )

    assert "メールアドレスの列が2つあります。1つだけにしてください。" in page.get_text()


def test_a_large_file_shows_its_progress_with_and_without_htmx(
    people: SimpleNamespace, client_of: Any, run_jobs: Any
) -> None:
    client = client_of(people.baba)
    send(client, "番号,氏名\n" + "".join(f"B-{n},佐藤{n}\n" for n in range(500)))
    file = Import.objects.get()
    address = reverse("candidates:import", args=[file.pk])
    client.post(reverse("candidates:import_take", args=[file.pk]))
    importing._note_progress(file, 250)

    page = soup(client.get(address))
    part = client.get(address, headers={"HX-Request": "true"})
    bar = page.select_one("progress")
    assert [bar["max"], bar["value"]] == ["500", "250"]
    assert str(soup(part).select_one("#progress")) == str(page.select_one("#progress"))
    assert "500行のうち250行を確認しました" in page.get_text()

    run_jobs()
    moved = client.get(address, headers={"HX-Request": "true"})
    assert (moved.status_code, moved.headers["HX-Redirect"]) == (204, address)
    assert "新規500件" in soup(client.get(address)).get_text()


def test_a_second_press_is_told(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)
    send(client, "番号,氏名\nB-1,佐藤\n")
    take = reverse("candidates:import_take", args=[Import.objects.get().pk])
    client.post(take)

    again = client.post(take, follow=True)

    assert "このファイルは、すでに取り込まれています。" in again.content.decode()
    assert Candidate.objects.count() == 1


def test_columns_corrected_after_the_file_was_taken_are_told(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)
    send(client, "番号,氏名\nB-1,佐藤\n")
    file = Import.objects.get()
    client.post(reverse("candidates:import_take", args=[file.pk]))

    address = reverse("candidates:import_arrange", args=[file.pk])
    late = client.post(address, {"column_0": "", "column_1": "full_name"}, follow=True)

    assert "このファイルは、すでに取り込まれています。" in late.content.decode()


def test_a_file_that_another_one_overtook_has_nothing_left_to_take(
    people: SimpleNamespace, client_of: Any
) -> None:
    client = client_of(people.baba)
    for _tab in range(2):
        send(client, "番号,氏名\nB-1,佐藤\n")
    first, second = Import.objects.order_by("pk")
    client.post(reverse("candidates:import_take", args=[first.pk]))
    client.post(
        reverse("candidates:import_arrange", args=[second.pk]),
        {"column_0": "external_id", "column_1": "full_name"},
    )

    late = client.post(reverse("candidates:import_take", args=[second.pk]), follow=True)

    assert "新規または変更の行がないため、取り込みませんでした。" in late.content.decode()
    assert Candidate.objects.count() == 1


def test_hostile_cells_are_shown_as_text(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)
    nasty = "<img src=x onerror=alert(1)>"
    sent = send(
        client, f"氏名,メール,{nasty}\n{nasty},{nasty},{nasty}\n{nasty},a@example.com,\n", name=f"{nasty}.csv"
    )

    page = soup(client.get(sent.headers["Location"]))
    taken = client.post(reverse("candidates:import_take", args=[Import.objects.get().pk]))
    result = soup(client.get(taken.headers["Location"]))

    assert page.select("[onerror]") + result.select("[onerror]") == []


def test_the_sample_file_is_handed_out_and_can_be_taken(people: SimpleNamespace, client_of: Any) -> None:
    for name in ("営業", "エンジニア"):
        story.job(people.company, name)
    client = client_of(people.baba)

    data = b"".join(client.get(reverse("candidates:import_sample")).streaming_content)
    send(client, data)

    assert Import.objects.get().trial["counts"] == {"new": 300, "changed": 0, "same": 0, "refused": 0}
