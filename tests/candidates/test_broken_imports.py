"""An import that was broken off (disk full, process killed, job failed for good) says so and can be pressed again."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.candidates import importing
from mensetsu.candidates.models import Candidate, Import
from tests.candidates.taking import NOW, register, upload

LATER = NOW + timedelta(minutes=11)
ROW = ",鈴木 一郎,i@example.com,\n"
BROKEN_OFF = "取り込みが途中で止まりました。"


def take_address(file: Import) -> str:
    return reverse("candidates:import_take", args=[file.pk])


def shown(client: Client, file: Import) -> str:
    return client.get(reverse("candidates:import", args=[file.pk])).content.decode()


def disk_full(*_arguments: Any, **_more: Any) -> None:
    raise OperationalError("database or disk is full")


def large(people: SimpleNamespace) -> Import:
    return upload(people, "".join(f"B-{n},佐藤 {n},s{n}@example.com,\n" for n in range(500)))


def test_a_press_that_fails_leaves_the_file_to_be_pressed_again(
    people: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, client = upload(people, ROW), client_of(people.baba)
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(importing.trial.Trial, "still_new", disk_full)
        failed = client.post(take_address(file))
    assert failed.status_code == 503
    assert Candidate.objects.count() == 0

    page = shown(client, file)
    assert BROKEN_OFF in page
    assert "このファイルからは何も保存されていません。" in page
    assert "このファイルは、すでに取り込まれています。" not in page

    again = client.post(take_address(file), follow=True).content.decode()
    assert "取り込みました。" in again
    assert BROKEN_OFF not in again
    assert Candidate.objects.count() == 1


def test_a_press_whose_process_died_is_given_back_after_some_minutes(
    people: SimpleNamespace, client_of: Any
) -> None:
    file, client = upload(people, ROW), client_of(people.baba)
    Import.objects.update(started_at=NOW)
    assert "取り込み中" in shown(client, file)
    assert "この画面を閉じても、取り込みは続きます。" not in shown(client, file)
    assert (
        "このファイルは現在取り込み中です。" in client.post(take_address(file), follow=True).content.decode()
    )

    assert importing.give_back_lost(now=NOW + timedelta(minutes=4)) == 0
    assert importing.give_back_lost(now=LATER) == 1

    assert BROKEN_OFF in shown(client, file)
    client.post(take_address(file))
    assert Candidate.objects.count() == 1


def test_a_page_that_waits_for_progress_is_sent_to_the_new_state(
    people: SimpleNamespace, client_of: Any
) -> None:
    file = upload(people, ROW)

    answer = client_of(people.baba).get(
        reverse("candidates:import", args=[file.pk]), headers={"HX-Request": "true"}
    )

    assert answer.headers["HX-Redirect"] == reverse("candidates:import", args=[file.pk])


@pytest.mark.parametrize("status", ["READY", "RUNNING"])
def test_a_job_that_waits_or_runs_keeps_its_file(
    people: SimpleNamespace, client_of: Any, status: str
) -> None:
    file = large(people)
    importing.take(file, by=people.baba, now=NOW)
    DBTaskResult.objects.update(status=status)

    assert importing.give_back_lost(now=LATER) == 0
    assert "この画面を閉じても、取り込みは続きます。" in shown(client_of(people.baba), file)


def test_the_file_of_a_job_that_failed_for_good_is_given_back(
    people: SimpleNamespace, client_of: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, other = large(people), large(people)
    for file in (lost, other):
        importing.take(file, by=people.baba, now=NOW)
    DBTaskResult.objects.filter(args_kwargs__kwargs__import_id=lost.pk).update(status="FAILED")

    assert importing.give_back_lost(now=LATER) == 1

    assert BROKEN_OFF in shown(client_of(people.baba), lost)
    other.refresh_from_db()
    assert other.started_at == NOW
    importing.run_import.call(import_id=lost.pk, by_id=people.baba.pk)
    assert Candidate.objects.count() == 0


def test_who_works_on_a_file_that_was_given_back_saves_nothing(people: SimpleNamespace) -> None:
    """It was only slow: the reader has been told that nothing was saved, so nothing is."""
    file = upload(people, ROW)
    Import.objects.update(started_at=NOW)
    importing.give_back_lost(now=LATER)

    importing._run(file, by=people.baba, now=NOW)

    file.refresh_from_db()
    assert (file.finished_at, Candidate.objects.count()) == (None, 0)


def test_ended_imports_are_not_given_back(people: SimpleNamespace) -> None:
    done, failed = upload(people, ROW), upload(people, ROW)
    importing.take(done, by=people.baba, now=NOW)
    Import.objects.filter(pk=failed.pk).update(started_at=NOW, failed_at=NOW)
    upload(people, ROW)

    assert importing.give_back_lost(now=LATER) == 0


def test_a_press_on_what_failed_does_not_say_that_it_was_imported(
    people: SimpleNamespace, client_of: Any
) -> None:
    file = upload(people, ROW)
    Import.objects.update(started_at=NOW, failed_at=NOW)

    page = client_of(people.baba).post(take_address(file), follow=True).content.decode()

    assert "取り込めませんでした。" in page
    assert "すでに取り込まれています" not in page


def test_the_clock_gives_lost_files_back(people: SimpleNamespace) -> None:
    register(people)
    file = upload(people, ROW)
    Import.objects.update(started_at=timezone.now() - timedelta(minutes=11))

    importing.give_lost_files_back.call()

    file.refresh_from_db()
    assert file.started_at is None
