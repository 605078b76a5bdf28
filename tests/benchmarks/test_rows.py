"""`python -m benchmarks` at a tiny size: every row measures something, against its limit, with nobody outside asked.

How fast it is is not tested: that is what the benchmark is for."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIZES = "240,480"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-m", "benchmarks", "--quick", "--sizes", SIZES, "--data", str(folder)]
    command += ["--report", str(folder / "latest.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "latest.json").read_text()) | {"printed": done.stdout}


def of(report: dict[str, Any], row: str) -> list[dict[str, Any]]:
    return [one for one in report["results"] if one["row"] == row]


def test_a_report_says_where_and_with_how_much_it_was_measured(report: dict[str, Any]) -> None:
    assert report["machine"]["cores"] >= 1
    assert len(report["load"]["before"]) == 3
    assert report["is_quick"] is True
    assert {one["database"] for one in of(report, "P1")} == {"SQLite"}
    assert [one["amount"] for one in of(report, "P1")] == [240, 480]


@pytest.mark.parametrize("row", ["P1", "P3"])
def test_a_page_is_measured_beside_its_limit(report: dict[str, Any], row: str) -> None:
    for one in of(report, row):
        figures = one["figures"]
        # Which of the two is quicker in a handful of repeats says how busy the machine is.
        assert min(figures["p50_ms"], figures["limit_p50_ms"]) > 0
        assert figures["ratio"] == pytest.approx(figures["p50_ms"] / figures["limit_p50_ms"], abs=0.01)


def test_interviews_are_set_by_one_and_by_eight(report: dict[str, Any]) -> None:
    kinds = [one["what"] for one in of(report, "P4") if one["amount"] == 240]

    assert len(kinds) == 3
    assert all(one["figures"]["p50_ms"] > 0 for one in of(report, "P4"))


def test_a_letter_arrives_after_its_meeting(report: dict[str, Any]) -> None:
    (one,) = of(report, "P5")

    # Zoom alone takes 50 ms.
    assert one["figures"]["p50_ms"] > one["figures"]["meeting_p50_ms"] > 50


def test_no_answered_message_is_lost_when_the_process_is_killed(report: dict[str, Any]) -> None:
    killed = next(one["figures"] for one in of(report, "P7") if "killed" in one["what"])

    assert killed["answered"] > 0
    assert (killed["lost"], killed["not_understood"]) == (0, 0)


def test_one_renewal_serves_everybody(report: dict[str, Any]) -> None:
    (one,) = of(report, "P9")

    assert one["figures"]["calls"] > 1
    assert one["figures"]["refreshes"] == 1


def test_every_answer_to_a_crowd_is_borne_out_by_the_rows(report: dict[str, Any]) -> None:
    rush, proof = (one["figures"] for one in of(report, "P6"))

    assert (rush["pressed"], rush["booked"], rush["refused"], rush["neither"]) == (50, 20, 30, 0)
    # Those who came when everything was taken saw no other date.
    assert 0 < rush["with_other_dates"] <= 30
    assert min(rush["limit_per_s"], rush["bookings_per_s"]) > 0
    assert proof == {"answers": 50, "double": 0, "lost": 0}


def test_reminders_leave_once_also_when_a_worker_is_killed(report: dict[str, Any]) -> None:
    undisturbed, killed = (one["figures"] for one in of(report, "P8"))

    assert (undisturbed["accepted"], undisturbed["twice"], undisturbed["lost"]) == (20, 0, 0)
    # In the middle, where it stood still: with the letters in hand that it sends side by side.
    assert 6 <= killed["killed_at"] < 12
    assert killed["accepted"] + killed["asked_about"] == 20
    assert (killed["twice"], killed["lost"]) == (0, 0)


def test_memory_and_growth_are_measured(report: dict[str, Any]) -> None:
    memory = of(report, "P10")[0]["figures"]
    assert memory["mb"] > memory["shared_once_mb"] > 20
    growth = of(report, "P11")
    asked = ["list", "applicant", "set interview", "form", "home", "calendar"]
    assert [one["what"].partition(":")[0] for one in growth] == asked
    # A figure for a million is not judged by what two small companies cost.
    assert all(one["figures"]["ratio"] > 0 and one["is_reached"] is None for one in growth)


def test_what_is_not_measured_says_so(report: dict[str, Any]) -> None:
    (one,) = of(report, "P12")

    assert (one["figures"], one["is_reached"]) == ({"not measured": "needs --postgresql"}, None)
    assert "needs --postgresql" in report["printed"]
