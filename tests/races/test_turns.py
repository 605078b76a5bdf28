"""Writers of one process take turns before SQLite: in the order in which they came, and nobody is left out."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from config.sqlite3 import turns
from mensetsu.jobs.models import Beat
from tests.racing import together

only_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")


def test_the_turn_goes_to_whoever_has_waited_longest() -> None:
    line, order, threads = turns.Line(), [], []
    assert line.enter(0)

    def wait(number: int) -> None:
        assert line.enter(10)
        order.append(number)
        line.leave()

    for number in range(5):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        _until(lambda count=number + 1: len(line._waiting) == count)
    line.leave()
    for thread in threads:
        thread.join(10)

    assert order == [0, 1, 2, 3, 4]
    assert line.enter(0)


def test_whoever_runs_out_of_patience_leaves_the_line_and_holds_nobody_up() -> None:
    line = turns.Line()
    assert line.enter(0)
    assert not line.enter(0.01)
    line.leave()
    assert line.enter(0)


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


@only_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_transaction", [True, False])
def test_who_waits_writes_before_whoever_has_just_written(in_transaction: bool) -> None:
    """SQLite alone lets the waiting one sleep while the other begins again and again."""
    order: list[str] = []

    def write_in_between() -> None:
        if in_transaction:
            with transaction.atomic():
                order.append("other")
        else:
            Beat.objects.filter(name="x").update(began_at=timezone.now())
            order.append("other")
        connections.close_all()

    other = threading.Thread(target=write_in_between)
    for number in range(50):
        with transaction.atomic():
            order.append("one")
            if number == 0:
                other.start()
                _until(lambda: turns.line_of(str(connection.settings_dict["NAME"]))._waiting)
                time.sleep(0.3)  # long enough for SQLite's longest sleep
    other.join()

    assert order.index("other") < 10


@only_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["commit", "failure", "close"])
def test_the_turn_is_passed_on_however_a_transaction_ends(ending: str) -> None:
    def end() -> None:
        try:
            with transaction.atomic():
                Beat.objects.create(name="x", began_at="2026-11-20T00:00Z")
                if ending == "close":
                    connection.close()
                if ending == "failure":
                    raise KeyError
        except (KeyError, transaction.TransactionManagementError):
            pass

    together(1, end)

    assert turns.line_of(str(connection.settings_dict["NAME"])).enter(0)
    turns.line_of(str(connection.settings_dict["NAME"])).leave()


@only_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_transaction", [True, False])
def test_without_a_turn_it_is_told_as_sqlite_tells_it(
    monkeypatch: pytest.MonkeyPatch, in_transaction: bool
) -> None:
    def write() -> None:
        connections["default"].settings_dict["OPTIONS"]["timeout"] = 0.05
        if in_transaction:
            with transaction.atomic():
                pass
        else:
            Beat.objects.update(name="x")

    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    with transaction.atomic():
        (answer,) = together(1, write)

    assert isinstance(answer, OperationalError)
    assert str(answer) == "database is locked"
