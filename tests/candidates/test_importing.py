"""A file of applicants: tried out, taken over, never over the wrong person."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.candidates import columns, importing, models, registering
from mensetsu.candidates.models import Candidate, Import
from mensetsu.candidates.samples import SAMPLE
from tests import story
from tests.candidates.taking import NOW, outcomes, register, upload
from tests.racing import meanwhile


def test_columns_can_be_corrected(people: SimpleNamespace) -> None:
    file = upload(people, "misaki@example.com,佐藤 美咲\n", "連絡,誰\n")
    assert outcomes(file)[0][0] == "refused"

    importing.arrange(file, columns={0: "email", 1: "full_name"}, adds_missing=False)

    file.refresh_from_db()
    assert outcomes(file) == [("new", [])]


def test_missing_jobs_steps_and_agencies_are_added_when_asked(people: SimpleNamespace) -> None:
    head = "氏名,メール,職種,選考ステップ,紹介会社\n"
    text = "佐藤 美咲,a@example.com,広報,一次面接,ミライ\n鈴木 一郎,b@example.com,広 報,二次面接,ミライ\n"
    file = upload(people, text, head)
    assert [outcome for outcome, _why in outcomes(file)] == ["refused", "refused"]

    importing.arrange(file, columns=columns.match(file.headings), adds_missing=True)
    importing.take(file, by=people.baba, now=NOW)

    job = models.Job.objects.get()
    assert file.trial["adds"] == ["広報", "一次面接", "二次面接", "ミライ"]
    assert [stage.name for stage in job.stages.all()] == ["一次面接", "二次面接"]
    assert list(Candidate.objects.order_by("id").values_list("job__name", "stage__name", "agency__name")) == [
        ("広報", "一次面接", "ミライ"), ("広報", "二次面接", "ミライ")
    ]  # fmt: skip


def test_the_same_file_twice_changes_nothing(people: SimpleNamespace) -> None:
    for name in ("営業", "エンジニア"):
        story.job(people.company, name)
    data = SAMPLE.read_bytes()
    first = importing.upload(data=data, file_name="a.csv", by=people.baba, now=NOW)
    importing.take(first, by=people.baba, now=NOW)
    before = list(Candidate.objects.order_by("id").values())
    assert (first.trial["counts"], len(before)) == ({"new": 300, "changed": 0, "same": 0, "refused": 0}, 300)

    second = importing.upload(data=data, file_name="a.csv", by=people.baba, now=NOW + timedelta(days=1))

    assert second.trial["counts"] == {"new": 0, "changed": 0, "same": 300, "refused": 0}
    with pytest.raises(importing.NothingToTake):
        importing.take(second, by=people.baba, now=NOW + timedelta(days=1))
    assert list(Candidate.objects.order_by("id").values()) == before


def test_a_file_is_taken_once(people: SimpleNamespace) -> None:
    file = upload(people, ",佐藤 美咲,m@example.com,\n")
    importing.take(file, by=people.baba, now=NOW)

    with pytest.raises(importing.AlreadyTaken):
        importing.take(file, by=people.baba, now=NOW)
    with pytest.raises(importing.AlreadyTaken):
        importing.arrange(file, columns={}, adds_missing=False)

    assert Candidate.objects.count() == 1


def test_personal_data_leaves_the_file_when_it_is_done(people: SimpleNamespace) -> None:
    file = upload(people, ",佐藤 美咲,m@example.com,\n,鈴木,,\n")
    importing.take(file, by=people.baba, now=NOW)

    file.refresh_from_db()
    assert (file.rows, file.trial, file.finished_at) == ([], {}, NOW)
    assert file.result["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    assert [line["number"] for line in file.result["refused"]] == [3]


def test_a_large_file_is_taken_by_a_job_that_may_run_again(people: SimpleNamespace, run_jobs: Any) -> None:
    text = "".join(f"B-{n},佐藤 {n},s{n}@example.com,\n" for n in range(600))
    file = upload(people, text)

    importing.take(file, by=people.baba, now=NOW)
    assert Candidate.objects.count() == 0
    assert run_jobs() == 1
    importing.run_import.call(import_id=file.pk, by_id=people.baba.pk)

    file.refresh_from_db()
    assert (file.progress, file.result["counts"]["new"], Candidate.objects.count()) == (600, 600, 600)


def test_nothing_is_half_imported(people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = register(people, external_id="A-1")
    file = upload(people, "A-2,田中 修,osamu@example.com,\nA-1,佐藤 美咲,new@example.com,\n")

    def fails(*arguments: Any, **more: Any) -> None:
        raise registering.ChangedMeanwhile("", NOW)

    monkeypatch.setattr(registering, "store", fails)
    importing.take(file, by=people.baba, now=NOW)

    file.refresh_from_db()
    assert (file.failed_at, file.finished_at) == (NOW, None)
    assert list(Candidate.objects.all()) == [candidate]


def test_somebody_registered_by_hand_meanwhile_is_not_made_twice(people: SimpleNamespace) -> None:
    file = upload(people, ",佐藤 美咲,misaki@example.com,\n,鈴木 一郎,i@example.com,\n")
    register(people)

    importing.take(file, by=people.baba, now=NOW)

    file.refresh_from_db()
    assert file.result["counts"] == {"new": 1, "changed": 0, "same": 1, "refused": 0}
    assert Candidate.objects.count() == 2


def test_a_file_read_before_another_change_is_read_anew(
    people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race itself: a colleague registers one of them between reading and writing."""
    file = upload(people, ",佐藤 美咲,misaki@example.com,\n,鈴木 一郎,i@example.com,\n")
    honest, raced = importing.try_out, []

    def slow(*arguments: Any, **more: Any) -> Any:
        read = honest(*arguments, **more)
        if not raced:
            raced.append(register(people))
        return read

    monkeypatch.setattr(importing, "try_out", slow)
    importing.take(file, by=people.baba, now=NOW)

    file.refresh_from_db()
    assert file.result["counts"] == {"new": 1, "changed": 0, "same": 1, "refused": 0}
    assert Candidate.objects.count() == 2


def test_a_file_taken_twice_at_one_moment_is_taken_once(people: SimpleNamespace) -> None:
    file = upload(people, ",佐藤 美咲,m@example.com,\n")
    Import.objects.update(started_at=NOW)
    same = Import.objects.get(pk=file.pk)

    with meanwhile('SET "finished_at"', lambda: importing._run(same, by=people.aoki, now=NOW)):
        importing._run(file, by=people.baba, now=NOW)

    assert Candidate.objects.count() == 1


def test_the_daily_tidying_forgets_by_the_clock(people: SimpleNamespace) -> None:
    upload(people, ",佐藤 美咲,m@example.com,\n")
    Import.objects.update(uploaded_at=timezone.now() - timedelta(hours=23))
    importing.forget_files.call()
    assert Import.objects.count() == 1

    Import.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))
    importing.forget_files.call()
    assert not Import.objects.exists()


def test_old_files_are_forgotten(people: SimpleNamespace) -> None:
    waiting = upload(people, ",佐藤 美咲,m@example.com,\n")
    done = upload(people, ",佐藤 美咲,m@example.com,\n")
    importing.take(done, by=people.baba, now=NOW)

    assert importing.forget_old(now=NOW + timedelta(hours=23)) == 0
    assert importing.forget_old(now=NOW + timedelta(hours=25)) == 1
    assert list(Import.objects.all()) == [done]
    assert importing.forget_old(now=NOW + timedelta(days=31)) == 1
    assert not Import.objects.filter(pk=waiting.pk).exists()
