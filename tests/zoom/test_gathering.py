"""Rows of several requests in one transaction: nobody goes on before their own is stored."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from mensetsu.zoom import gathering


class Disk:
    """Stores slowly and in groups; refuses a group that holds something `bad`."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.goes_on = threading.Event()
        self.is_writing = threading.Event()

    def store(self, rows: Sequence[str]) -> None:
        self.is_writing.set()
        assert self.goes_on.wait(10)
        if "bad" in rows:
            raise ValueError(f"bad among {len(rows)}")
        self.groups.append(list(rows))


def crowd(count: int, put: Callable[[int], None]) -> list[BaseException | None]:
    """So many threads; how each ended."""
    ends: list[BaseException | None] = [None] * count

    def run(number: int) -> None:
        try:
            put(number)
        except BaseException as problem:
            ends[number] = problem

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    return ends


def behind_one(disk: Disk, rows: Sequence[str]) -> list[BaseException | None]:
    """The first is being stored when all the others come; how each of these ended."""
    together = gathering.Gathering(disk.store)
    first = threading.Thread(target=together.put, args=("first",))
    first.start()
    assert disk.is_writing.wait(10)

    def let_go() -> None:
        while len(together._waiting) < len(rows):
            time.sleep(0.005)
        disk.goes_on.set()

    gate = threading.Thread(target=let_go)
    gate.start()
    ends = crowd(len(rows), lambda number: together.put(rows[number]))
    first.join(10)
    gate.join(10)
    return ends


def test_one_alone_is_stored_at_once() -> None:
    disk = Disk()
    disk.goes_on.set()
    together = gathering.Gathering(disk.store)

    together.put("a")
    together.put("b")

    assert disk.groups == [["a"], ["b"]]


def test_who_comes_while_one_is_stored_is_stored_with_the_others() -> None:
    disk = Disk()

    ends = behind_one(disk, [str(number) for number in range(7)])

    assert ends == [None] * 7
    assert [sorted(group) for group in disk.groups] == [["first"], [str(number) for number in range(7)]]


def test_a_group_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST", 3)
    disk = Disk()

    behind_one(disk, [str(number) for number in range(7)])

    assert [len(group) for group in disk.groups] == [1, 3, 3, 1]


def test_one_that_cannot_be_stored_is_the_only_one_that_is_refused() -> None:
    disk = Disk()

    ends = behind_one(disk, ["a", "bad", "b"])

    assert [type(end) for end in ends] == [type(None), ValueError, type(None)]
    assert sorted(row for group in disk.groups for row in group) == ["a", "b", "first"]


def test_who_waits_for_somebody_that_is_ended_is_told_so() -> None:
    """A process that must end throws into its threads whatever they are doing."""
    disk = Disk()

    def ended(rows: Sequence[str]) -> None:
        disk.store(rows)
        if rows != ["first"]:
            raise KeyboardInterrupt

    inner, disk_store = disk.store, ended
    together = gathering.Gathering(lambda rows: (disk_store if "x" in rows or "y" in rows else inner)(rows))
    first = threading.Thread(target=together.put, args=("first",))
    first.start()
    assert disk.is_writing.wait(10)

    def let_go() -> None:
        while len(together._waiting) < 2:
            time.sleep(0.005)
        disk.goes_on.set()

    threading.Thread(target=let_go).start()
    ends = crowd(2, lambda number: together.put("xy"[number]))
    first.join(10)

    assert {type(end) for end in ends} == {KeyboardInterrupt, gathering.NotStored}
    with pytest.raises(KeyboardInterrupt):
        together.put("x")
    together.put("z")  # it goes on after that
