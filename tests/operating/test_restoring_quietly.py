"""A restore says what it holds back; a rehearsal leaves the original alone."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.mail.models import Mail, Problem
from mensetsu.notices import sending
from mensetsu.notices.models import OutgoingNotice
from mensetsu.operating import console, looking, restoring, saving, withholding
from mensetsu.operating.refusal import Refused
from mensetsu.zoom import tokens
from mensetsu.zoom.models import Connection, EndReason
from tests.operating.test_backup import lose
from tests.zoom_world import ZoomWorld

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("programs")]


@pytest.fixture(autouse=True)
def _left_as_found() -> Any:
    """The database of the run is put back in place: a test loses it on purpose."""
    yield
    connection.close()


@pytest.fixture
def waiting(office: SimpleNamespace) -> Mail:
    """A letter and a notice that wait, and nothing else."""
    DBTaskResult.objects.all().delete()
    Mail.objects.update(canceled_at=timezone.now())
    now = timezone.now() - timedelta(minutes=1)
    letter = Mail.objects.create(
        organization=office.people.company, receiver="candidate", candidate=office.candidate, language="ja",
        to_email="h@example.com", subject="s", body="b", message_id="<waits@x>", created_at=now, queued_at=now,
        due_at=now,
    )  # fmt: skip
    OutgoingNotice.objects.all().delete()
    sending.deliver("interview_moved", to=office.people.doi)
    return letter


def forget_kept(said: str) -> None:
    """SQLite keeps the former file: other tests count what lies there."""
    for kept in re.findall(r"kept as (\S+)\.$", said, re.MULTILINE):
        Path(kept).unlink()


def test_what_waited_is_held_back_and_counted(
    waiting: Mail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saving.backup(tmp_path, now=timezone.now())

    assert console.main(["restore", str(file), "--replace"]) == 0

    said = capsys.readouterr().out
    forget_kept(said)
    assert re.search(r"Held back, .*: 1 letters, \d+ reminders, \d+ letters not written yet", said)
    assert "1 notices to colleagues too; those about an interview stand under 要対応." in said
    assert "--send-what-waits" in said
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == ("failed", Problem.RESTORED)


def test_told_so_it_leaves_after_all(
    waiting: Mail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saving.backup(tmp_path, now=timezone.now())

    assert console.main(["restore", str(file), "--replace", "--send-what-waits"]) == 0

    said = capsys.readouterr().out
    forget_kept(said)
    assert "Held back" not in said
    waiting.refresh_from_db()
    assert waiting.state == "queued"
    assert OutgoingNotice.objects.waiting().count() == 1


def test_where_nothing_waits_it_says_so(
    people: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saving.backup(tmp_path, now=timezone.now())

    assert console.main(["restore", str(file), "--replace"]) == 0

    said = capsys.readouterr().out
    forget_kept(said)
    assert "Nothing was waiting to be sent." in said


def test_a_backup_of_an_older_version_is_brought_up_to_date_before(
    waiting: Mail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saving.backup(tmp_path, now=timezone.now())
    migrated = []
    monkeypatch.setattr(looking, "unapplied_migrations", lambda: [("mail", "0001")])
    monkeypatch.setattr(restoring, "call_command", lambda name, **how: migrated.append(name))

    restored = restoring.restore(file, replace=True, now=timezone.now())

    assert migrated == ["migrate"]
    assert restored.withheld is not None
    if restored.kept:
        restored.kept.unlink()


def test_what_could_not_be_held_is_a_reason_not_to_start(
    waiting: Mail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saving.backup(tmp_path, now=timezone.now())

    def fails(**when: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(withholding, "withhold", fails)
    lose()
    connection.close()
    with pytest.raises(Refused, match="Do not start yet"):
        restoring.restore(file, replace=True, now=timezone.now())


def test_a_rehearsal_uses_up_nothing_of_the_original_and_writes_to_nobody(
    waiting: Mail,
    office: SimpleNamespace,
    zoom: ZoomWorld,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    original = tokens.unseal(office.link.access_token_sealed)
    Mail.objects.filter(pk=waiting.pk).update(due_at=timezone.now() + timedelta(days=30))
    file = saving.backup(tmp_path, now=timezone.now())
    lose()
    connection.close()
    asked = len(zoom.requests("POST", "/oauth/token"))

    assert console.main(["restore", str(file), "--rehearsal"]) == 0

    assert "--without-worker" in capsys.readouterr().out
    assert not Connection.objects.live().exists()
    assert set(Connection.objects.values_list("access_token_sealed", "refresh_token_sealed")) == {("", "")}
    assert Connection.objects.get(pk=office.link.pk).end_reason == EndReason.DISCONNECTED
    waiting.refresh_from_db()
    assert waiting.state == "failed"
    # The original goes on as if nothing had happened.
    assert len(zoom.requests("POST", "/oauth/token")) == asked
    keys = tokens.app_keys(office.people.company)
    assert tokens.client.Client(keys, original).me().email


def test_a_rehearsal_over_companies_is_refused(
    office: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saving.backup(tmp_path, now=timezone.now())

    assert console.main(["restore", str(file), "--rehearsal", "--replace"]) == 1

    assert "a rehearsal needs an empty one" in capsys.readouterr().err
    assert Connection.objects.live().filter(pk=office.link.pk).exists()
