"""Many at once, saved views, and the file of the list."""

from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.candidates import arranging, registering
from mensetsu.candidates.models import Candidate, SavedView
from tests import story

NOW = story.tomorrow_at(9, days=-1)


def register(people: SimpleNamespace, **values: Any) -> Candidate:
    values = {"family_name": "佐藤", "email": "misaki@example.com"} | values
    return registering.register(organization=people.company, values=values, by=people.baba, now=NOW)


def soup(answer: Any) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def owners() -> list[int | None]:
    return list(Candidate.objects.order_by("id").values_list("owner_id", flat=True))


def test_the_ticked_get_a_new_owner_and_the_reader_comes_back_to_the_list(
    people: SimpleNamespace, client_of: Any
) -> None:
    ticked, other = register(people), register(people)
    client = client_of(people.baba)

    answer = client.post(
        reverse("candidates:change_many"),
        {
            "chosen": [ticked.pk],
            "what": "owner",
            "new_owner": people.aoki.pk,
            "q": "佐藤",
            "sort": "kana",
            "page": "2",
        },
    )

    assert (answer.status_code, answer.headers["Location"]) == (
        303, "/candidates/?q=%E4%BD%90%E8%97%A4&sort=kana&page=2"
    )  # fmt: skip
    assert owners() == [people.aoki.pk, None]
    assert "1件の担当を変更しました。" in soup(client.get(reverse("candidates:list"))).get_text()
    assert "1件の担当を変更しました。" not in soup(client.get(reverse("candidates:list"))).get_text()
    assert other.pk != ticked.pk


def test_a_change_of_many_is_taken_back(people: SimpleNamespace, client_of: Any) -> None:
    mine, hers, free = (
        register(people, owner=people.baba),
        register(people, owner=people.aoki),
        register(people),
    )
    client = client_of(people.baba)
    client.post(
        reverse("candidates:change_many"),
        {"chosen": [mine.pk, hers.pk, free.pk], "what": "owner", "new_owner": people.aoki.pk},
    )
    assert owners() == [people.aoki.pk] * 3

    client.post(reverse("candidates:undo"))

    assert owners() == [people.baba.pk, people.aoki.pk, None]
    assert "2件を元に戻しました。" in soup(client.get(reverse("candidates:list"))).get_text()
    client.post(reverse("candidates:undo"))
    assert "取り消せる操作はありません。" in soup(client.get(reverse("candidates:list"))).get_text()


def test_taking_back_leaves_a_colleagues_later_decision_alone(
    people: SimpleNamespace, client_of: Any
) -> None:
    candidate = register(people, owner=people.baba)
    client = client_of(people.baba)
    client.post(
        reverse("candidates:change_many"),
        {"chosen": [candidate.pk], "what": "owner", "new_owner": people.aoki.pk},
    )
    registering.assign_owner([candidate], None, by=people.aoki, now=NOW)

    client.post(reverse("candidates:undo"))

    assert owners() == [None]


def test_the_ticked_move_to_a_step_and_back_and_others_are_named(
    people: SimpleNamespace, client_of: Any
) -> None:
    sales, engineers = story.job(people.company), story.job(people.company, "開発")
    first, final = sales.stages.all()
    one, other = register(people, job=sales, stage=first), register(people, family_name="鈴木", job=engineers)
    client = client_of(people.baba)

    client.post(
        reverse("candidates:change_many"),
        {"chosen": [one.pk, other.pk], "what": "stage", "new_stage": final.pk},
    )

    page = soup(client.get(reverse("candidates:list"))).get_text()
    assert Candidate.objects.get(pk=one.pk).stage == final
    assert "1件の選考ステップを変更しました。" in page
    assert "別の職種の応募者のため、変更していません：鈴木" in page
    client.post(reverse("candidates:undo"))
    assert Candidate.objects.get(pk=one.pk).stage == first


def places() -> list[tuple[int | None, int | None]]:
    return list(Candidate.objects.order_by("id").values_list("job_id", "stage_id"))


def test_who_had_no_step_or_no_job_has_none_again(people: SimpleNamespace, client_of: Any) -> None:
    sales = story.job(people.company)
    first, final = sales.stages.all()
    everybody = [register(people), register(people, job=sales), register(people, job=sales, stage=first)]
    before, client = places(), client_of(people.baba)
    data = {"chosen": [one.pk for one in everybody], "what": "stage", "new_stage": final.pk}
    client.post(reverse("candidates:change_many"), data)
    assert places() == [(sales.pk, final.pk)] * 3

    page = soup(client.post(reverse("candidates:undo"), follow=True)).get_text()

    assert "3件を元に戻しました。" in page
    assert places() == before
    told = soup(client.get(reverse("candidates:detail", args=[everybody[0].pk]))).get_text()
    assert "選考ステップを「なし」に戻しました" in told


def test_who_was_in_a_step_that_is_no_more_has_none(people: SimpleNamespace, client_of: Any) -> None:
    sales = story.job(people.company)
    first, final = sales.stages.all()
    one, client = register(people, job=sales, stage=first), client_of(people.baba)
    client.post(
        reverse("candidates:change_many"), {"chosen": [one.pk], "what": "stage", "new_stage": final.pk}
    )
    arranging.remove_stage(first, by=people.aoki, now=NOW)

    page = soup(client.post(reverse("candidates:undo"), follow=True)).get_text()

    assert "1件を元に戻しました。" in page
    assert places() == [(sales.pk, None)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"what": "owner", "new_owner": "1"}, "応募者を選択してください。"),
        ({"chosen": "{id}", "what": "owner", "new_owner": ""}, "新しい担当を選択してください。"),
        ({"chosen": "{id}", "what": "owner", "new_owner": "{doi}"}, "新しい担当を選択してください。"),
        ({"chosen": "{id}", "what": "owner", "new_owner": "{chiba}"}, "新しい担当を選択してください。"),
        (
            {"chosen": "{id}", "what": "stage", "new_stage": "{stage}"},
            "新しい選考ステップを選択してください。",
        ),
        ({"chosen": "{strange}", "what": "owner", "new_owner": "none"}, "応募者を選択してください。"),
    ],
)
def test_a_press_that_cannot_be_meant_changes_nothing(
    people: SimpleNamespace, client_of: Any, data: dict[str, str], sentence: str
) -> None:
    candidate = register(people, owner=people.baba)
    strange = story.candidate(people.other, owner=people.chiba)
    stage = story.job(people.other).stages.first()
    known = {
        "id": candidate.pk,
        "doi": people.doi.pk,
        "chiba": people.chiba.pk,
        "stage": stage.pk,
        "strange": strange.pk,
    }
    client = client_of(people.baba)

    client.post(
        reverse("candidates:change_many"), {name: value.format(**known) for name, value in data.items()}
    )

    assert sentence in soup(client.get(reverse("candidates:list"))).get_text()
    assert owners() == [people.baba.pk, people.chiba.pk]


def test_a_view_is_saved_opened_changed_and_saved_over(people: SimpleNamespace, client_of: Any) -> None:
    register(people)
    client = client_of(people.baba)

    made = client.post(reverse("candidates:view_create"), {"name": "28卒", "year": "2028", "sort": "kana"})

    view = SavedView.objects.get()
    assert (view.query, made.headers["Location"]) == (
        "year=2028&sort=kana",
        f"/candidates/?year=2028&sort=kana&saved={view.pk}",
    )
    opened = soup(client.get(made.headers["Location"]))
    current = opened.select_one("nav [aria-current=true]")
    assert [current.get_text(strip=True), "変更あり" in opened.get_text()] == ["28卒", False]

    changed = soup(client.get(f"/candidates/?year=2029&sort=kana&saved={view.pk}"))
    assert "変更あり" in changed.get_text()
    over = changed.find("button", string="上書き保存").find_parent("form")
    client.post(over["action"], {one["name"]: one["value"] for one in over.select("input")})
    view.refresh_from_db()
    assert view.query == "year=2029&sort=kana"


def test_a_view_may_hold_as_much_as_the_list_may_ask(people: SimpleNamespace, client_of: Any) -> None:
    """PostgreSQL keeps no text that is longer than its column: 57 kanji were too many."""
    asked = dict.fromkeys(("job", "stage", "agency", "owner", "year"), "9" * 18)
    asked |= {
        "q": "\U0002000b" * 100,
        "view": "scheduling",
        "status": "withdrawn",
        "sort": "kana",
        "name": "長",
    }

    made = client_of(people.baba).post(reverse("candidates:view_create"), asked)

    assert made.status_code == 303
    query = SavedView.objects.get().query
    assert "%F0%A0%80%8B" * 100 in query
    assert len(query) <= SavedView._meta.get_field("query").max_length


def test_a_persons_views_have_different_names(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)
    client.post(reverse("candidates:view_create"), {"name": "28卒", "year": "2028"})

    again = client.post(reverse("candidates:view_create"), {"name": "28卒", "year": "2029"})

    assert again.status_code == 422
    assert "同じ名前の表示条件があります。" in again.content.decode()


def test_a_view_is_its_keepers_until_an_administrator_shares_it(
    people: SimpleNamespace, client_of: Any
) -> None:
    register(people)
    view = SavedView.objects.create(
        organization=people.company, owner=people.aoki, name="共有候補", query="year=2028"
    )
    reader, admin = client_of(people.baba), client_of(people.aoki)
    listed = reverse("candidates:list")
    assert "共有候補" not in soup(reader.get(listed)).get_text()

    admin.post(reverse("candidates:view_share", args=[view.pk]))
    assert "共有候補" in soup(reader.get(listed)).get_text()
    assert reader.post(reverse("candidates:view_overwrite", args=[view.pk])).status_code == 404
    assert reader.post(reverse("candidates:view_delete", args=[view.pk])).status_code == 404

    admin.post(reverse("candidates:view_share", args=[view.pk]), {"stop": "1"})
    assert "共有候補" not in soup(reader.get(listed)).get_text()
    admin.post(reverse("candidates:view_delete", args=[view.pk]))
    assert SavedView.objects.count() == 0


def test_the_export_is_the_list_as_it_is_filtered(people: SimpleNamespace, client_of: Any) -> None:
    register(people, family_name="佐藤", note="=1+1")
    register(people, family_name="鈴木")
    story.candidate(people.other, "千葉")

    answer = client_of(people.baba).get(reverse("candidates:export"), {"q": "佐藤"})

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert [line.split(",")[1] for line in text.splitlines()] == ["姓", "佐藤"]
    assert text.splitlines()[1].endswith(",'=1+1,")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="applicants-')
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_an_english_readers_export_has_english_headings(people: SimpleNamespace, client_of: Any) -> None:
    people.baba.language = "en"
    people.baba.save()
    register(people)

    answer = client_of(people.baba).get(reverse("candidates:export"))

    assert b"".join(answer.streaming_content).decode("utf-8-sig").startswith("Applicant number,Family name,")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"what": "owner", "new_owner": "", "new_stage": "{stage}"}, "新しい担当を選択してください。"),
        ({"what": "stage", "new_owner": "none", "new_stage": ""}, "新しい選考ステップを選択してください。"),
    ],
)
def test_a_refused_change_of_many_keeps_ticks_and_choices_for_the_next_page(
    people: SimpleNamespace, client_of: Any, typed: dict[str, str], sentence: str
) -> None:
    """Without a choice it was refused, and everything had to be ticked again."""
    ticked, _other = register(people), register(people)
    stage = story.job(people.company).stages.get(name="一次面接")
    typed = {name: value.format(stage=stage.pk) for name, value in typed.items()}
    client = client_of(people.baba)

    page = soup(client.post(reverse("candidates:change_many"), {"chosen": [ticked.pk], **typed}, follow=True))
    later = soup(client.get(reverse("candidates:list")))

    assert sentence in page.select_one("#flash").get_text()
    assert [box["value"] for box in page.select("[name=chosen][checked]")] == [str(ticked.pk)]
    for name in ("new_owner", "new_stage"):
        assert [one["value"] for one in page.select(f"#{name} [selected]")] == (
            [typed[name]] if typed[name] else []
        )
    assert later.select("[name=chosen][checked], #new_owner [selected]") == []
