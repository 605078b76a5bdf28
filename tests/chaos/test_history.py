"""Histories are repeatable, can be written down, and are made shorter to what matters."""

from chaos import history, weather
from chaos.history import Step
from chaos.invariants import crowds
from chaos.journal import CONFIRMED, REFUSED, UNKNOWN, Promise, times_allowed


def test_the_same_seed_invents_the_same_history_and_another_seed_another() -> None:
    assert history.invent(7, 60) == history.invent(7, 60)
    assert history.invent(7, 60) != history.invent(8, 60)
    assert len(history.invent(7, 60)) == 60


def test_a_history_can_be_written_down_and_read_again() -> None:
    steps = history.invent(3, 80)

    assert any(step.together for step in steps)
    assert history.from_text(history.to_text(steps)) == steps


def test_in_the_long_run_everything_happens() -> None:
    steps = [step for seed in range(40) for step in history.invent(seed, 60)]
    flat = [one for step in steps for one in (step.together or (step,))]

    assert {one.what for one in flat} == {*history.PEOPLE, *history.OUTSIDE}
    assert {one.name for one in flat if one.what == "weather"} == set(weather.ALL)


def test_what_does_not_matter_is_left_out() -> None:
    steps = [Step("set", (number,)) for number in range(40)]
    tried = []

    def breaks(fewer: list[Step]) -> bool:
        tried.append(fewer)
        return steps[5] in fewer and steps[31] in fewer

    assert history.shortest(steps, breaks) == [steps[5], steps[31]]
    assert len(tried) < 80


def test_when_the_time_is_over_the_shortest_so_far_is_told() -> None:
    steps, trials = list(range(32)), iter(range(3))

    def breaks(fewer: list[int]) -> bool:
        next(trials)
        return 30 in fewer

    shortened = history.shortest(steps, breaks)

    assert 30 in shortened
    assert len(shortened) < len(steps)


def promise(what: str, began: float, ended: float, outcome: str, starts_at: str) -> Promise:
    return Promise(what, began, ended, outcome, interview=1, starts_at=starts_at)


def test_the_last_confirmed_time_holds() -> None:
    promises = [promise("set", 0, 1, CONFIRMED, "10:00"), promise("move", 2, 3, CONFIRMED, "11:00")]

    assert times_allowed(promises) == {"11:00"}


def test_presses_at_once_and_lost_answers_leave_both_ways_open() -> None:
    promises = [
        promise("set", 0, 1, CONFIRMED, "10:00"),
        promise("move", 2, 6, CONFIRMED, "11:00"),
        promise("move", 3, 5, CONFIRMED, "12:00"),
        promise("move", 7, 8, UNKNOWN, "13:00"),
    ]

    assert times_allowed(promises) == {"11:00", "12:00", "13:00"}
    assert times_allowed([promise("move", 0, 1, UNKNOWN, "10:00")]) is None
    assert times_allowed([promise("move", 0, 1, REFUSED, "10:00")]) is None


def test_back_to_back_is_no_crowd_and_one_shared_instant_is() -> None:
    assert crowds([(10, 11, "a"), (11, 12, "b")], 1) == []
    assert crowds([(10, 12, "a"), (11, 13, "b")], 1) == [["a", "b"]]
    assert crowds([(10, 12, "a"), (11, 13, "b")], 2) == []
    assert crowds([(10, 20, "a"), (11, 12, "b"), (13, 14, "c")], 2) == []
