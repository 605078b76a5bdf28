"""Agencies, their contacts, jobs and steps."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.candidates import arranging, models
from mensetsu.candidates.models import Agency, AgencyContact, Job, Stage
from mensetsu.history.models import Entry
from tests import story

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=story.JAPAN)
ENGLISH = {"language": "en", "time_zone": "Europe/London"}


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 422
    return [
        one.get_text(strip=True) for one in BeautifulSoup(answer.content, "html.parser").select("#errors li")
    ]


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


def test_an_agency_and_its_contact_are_added_and_changed(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)

    client.post(
        reverse("candidates:agency_create"),
        {"name": " 株式会社ミライ　人材 ", "phone": "０３-1234-5678", "note": ""},
    )
    agency = Agency.objects.get()
    client.post(
        reverse("candidates:contact_create", args=[agency.pk]),
        {"family_name": "Miller", "email": "anna@Example.com", "department": "Sales", **ENGLISH},
    )
    contact = AgencyContact.objects.get()
    client.post(
        reverse("candidates:contact_edit", args=[contact.pk]),
        {"family_name": "Mueller", "email": "anna@example.com", **ENGLISH},
    )
    client.post(
        reverse("candidates:agency_edit", args=[agency.pk]), {"name": "ミライ", "phone": "", "note": "メモ"}
    )

    agency.refresh_from_db()
    contact.refresh_from_db()
    assert (agency.name, agency.phone, agency.note) == ("ミライ", "", "メモ")
    assert (contact.family_name, contact.email, contact.department, contact.time_zone) == (
        "Mueller", "anna@example.com", "", "Europe/London"
    )  # fmt: skip
    actions = (
        Entry.objects.of_thread("candidates.agency", agency.pk)
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert list(actions) == [
        "agency.registered",
        "agency.contact_added",
        "agency.contact_edited",
        "agency.edited",
    ]


def test_names_of_agencies_are_unique_in_a_company_only(people: SimpleNamespace, client_of: Any) -> None:
    story.agency(people.company, "ミライ")
    other = story.agency(people.company, "はたらく").agency
    story.agency(people.other, "よそ")
    client = client_of(people.baba)

    twice = client.post(reverse("candidates:agency_create"), {"name": "ミライ"})
    renamed = client.post(reverse("candidates:agency_edit", args=[other.pk]), {"name": "ミライ"})
    fine = client.post(reverse("candidates:agency_create"), {"name": "よそ"})

    assert errors(twice) == errors(renamed) == ["この名前の紹介会社は、すでに登録されています。"]
    assert fine.status_code == 303
    other.refresh_from_db()
    assert other.name == "はたらく"


def test_a_contact_without_address_is_refused(people: SimpleNamespace, client_of: Any) -> None:
    agency = story.agency(people.company).agency

    answer = client_of(people.baba).post(
        reverse("candidates:contact_create", args=[agency.pk]), {"family_name": "鈴木", **ENGLISH}
    )

    assert errors(answer) == ["メールアドレスを入力してください。"]


def test_a_contact_who_left_is_not_offered_and_their_applicants_are_counted(
    people: SimpleNamespace, client_of: Any
) -> None:
    contact = story.agency(people.company)
    candidate = story.candidate(people.company, agency=contact.agency, agency_contact=contact)
    client = client_of(people.baba)
    form, own = reverse("candidates:create"), reverse("candidates:edit", args=[candidate.pk])

    told = client.post(reverse("candidates:contact_left", args=[contact.pk]), follow=True)
    assert "この担当者が設定されている応募者が1人います。" in text(told)
    assert ["鈴木 一郎" in text(client.get(path)) for path in (form, own)] == [False, True]

    client.post(reverse("candidates:contact_left", args=[contact.pk]), {"returned": "1"})
    assert "鈴木 一郎" in text(client.get(form))


def test_a_closed_agency_is_not_offered_until_it_is_open_again(
    people: SimpleNamespace, client_of: Any
) -> None:
    agency = story.agency(people.company).agency
    client, form = client_of(people.baba), reverse("candidates:create")

    client.post(reverse("candidates:agency_close", args=[agency.pk]))
    closed = text(client.get(form))
    client.post(reverse("candidates:agency_close", args=[agency.pk]), {"reopen": "1"})

    assert [agency.name in page for page in (closed, text(client.get(form)))] == [False, True]


def test_the_page_of_an_agency_shows_whom_it_introduced(people: SimpleNamespace, client_of: Any) -> None:
    contact = story.agency(people.company)
    story.candidate(people.company, agency=contact.agency)
    story.candidate(people.company, "鈴木", "別経路")
    client = client_of(people.baba)

    page = text(client.get(reverse("candidates:agency", args=[contact.agency_id])))

    assert ["佐藤 美咲" in page, "別経路" in page, "suzuki@mirai.example.jp" in page] == [True, False, True]
    assert "株式会社ミライ人材 1 1" in text(client.get(reverse("candidates:agencies")))


def test_a_job_is_added_renamed_moved_and_closed(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.aoki)
    for name in ("営業", "開発"):
        client.post(reverse("candidates:job_add"), {"name": name})
    sales, engineers = Job.objects.all()

    client.post(reverse("candidates:job", args=[engineers.pk]), {"name": "エンジニア", "name_en": "Engineer"})
    client.post(reverse("candidates:job_move", args=[engineers.pk]), {"to": "up"})
    client.post(reverse("candidates:job_move", args=[engineers.pk]), {"to": "up"})
    client.post(reverse("candidates:job_close", args=[sales.pk]))

    assert [(job.name, job.name_en, job.closed_at is None) for job in Job.objects.all()] == [
        ("エンジニア", "Engineer", True), ("営業", "", False)
    ]  # fmt: skip
    assert "営業" not in text(client.get(reverse("candidates:create")))
    client.post(reverse("candidates:job_close", args=[sales.pk]), {"reopen": "1"})
    assert "営業" in text(client.get(reverse("candidates:create")))


def test_names_of_jobs_and_steps_are_unique(people: SimpleNamespace, client_of: Any) -> None:
    job = story.job(people.company)
    story.job(people.company, "開発")
    client, sentence = client_of(people.aoki), ["この名前は、すでに使われています。別の名前にしてください。"]

    assert errors(client.post(reverse("candidates:job_add"), {"name": "営業"})) == sentence
    assert errors(client.post(reverse("candidates:job", args=[job.pk]), {"name": "開発"})) == sentence
    assert (
        errors(client.post(reverse("candidates:stage_add", args=[job.pk]), {"stage-name": "一次面接"}))
        == sentence
    )
    assert (
        errors(
            client.post(reverse("candidates:stage_edit", args=[job.stages.first().pk]), {"name": "最終面接"})
        )
        == sentence
    )


def test_a_step_is_added_renamed_moved_and_removed_unless_somebody_stands_there(
    people: SimpleNamespace, client_of: Any
) -> None:
    job = story.job(people.company)
    client = client_of(people.aoki)
    client.post(reverse("candidates:stage_add", args=[job.pk]), {"stage-name": "二次面接"})
    first, final, second = job.stages.all()
    client.post(reverse("candidates:stage_move", args=[second.pk]), {"to": "up"})
    client.post(reverse("candidates:stage_edit", args=[first.pk]), {"name": "一次", "name_en": "First"})
    story.candidate(people.company, job=job, stage=first)

    refused = client.post(reverse("candidates:stage_remove", args=[first.pk]), follow=True)
    client.post(reverse("candidates:stage_remove", args=[final.pk]))

    assert "この選考ステップに応募者が1人います。" in text(refused)
    assert [stage.name for stage in Stage.objects.all()] == ["一次", "二次面接"]
    assert models.Candidate.objects.get().stage == first


def test_a_job_is_closed_and_reopened_once_however_often_one_presses(people: SimpleNamespace) -> None:
    job = story.job(people.company)

    for _press in range(2):
        arranging.close_job(job, by=people.aoki, now=NOW)
    for _press in range(2):
        arranging.reopen_job(job, by=people.aoki, now=NOW)

    actions = Entry.objects.filter(subject_id=job.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["job.closed", "job.reopened"]
