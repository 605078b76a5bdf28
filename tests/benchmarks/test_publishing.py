"""What was measured becomes a page and a picture that say the same."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import picture, publishing, report

SVG = "{http://www.w3.org/2000/svg}"


def result(row: str, what: str, amount: int, database: str, **figures: Any) -> dict[str, Any]:
    return {
        "row": row, "what": what, "amount": amount, "database": database, "figures": figures, "goal": "fast",
        "is_reached": True, "at": "2026-05-01T10:00:00+09:00", "revision": "abc1234",
    }  # fmt: skip


def listed(amount: int, database: str, ms: float) -> dict[str, Any]:
    return result("P1", "applicants list, first page", amount, database, p50_ms=ms)


def drawn(*results: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(picture.draw(results, caption="growth"))


def points(line: ElementTree.Element) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in line.get("points", "").split()]


def test_equal_times_are_a_flat_line_and_ten_times_as_much_is_one_step_on_both_axes() -> None:
    flat, steep = drawn(
        listed(10_000, "SQLite", 20.0), listed(1_000_000, "SQLite", 20.0), listed(100_000, "SQLite", 20.0),
        listed(10_000, "PostgreSQL", 2.0), listed(100_000, "PostgreSQL", 20.0), listed(1_000_000, "PostgreSQL", 200.0),
    ).iter(f"{SVG}polyline")  # fmt: skip

    assert len({y for _x, y in points(flat)}) == 1
    (x1, y1), (x2, y2), (x3, y3) = points(steep)
    assert x1 < x2 < x3
    assert y1 > y2 > y3
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.2)
    assert [x for x, _y in points(flat)] == [x1, x2, x3]


def test_the_picture_holds_what_is_on_it_and_says_it() -> None:
    made = drawn(
        listed(10_000, "SQLite", 12.5), listed(1_000_000, "SQLite", 14.0), listed(500, "SQLite", 9000.0)
    )

    for dot in made.iter(f"{SVG}circle"):
        assert picture.LEFT <= float(dot.get("cx", "")) <= picture.WIDTH - picture.RIGHT
        assert picture.TOP <= float(dot.get("cy", "")) <= picture.HEIGHT - picture.BOTTOM
    told = [one.text for one in made.iter(f"{SVG}title")]
    assert told == [
        "P1 list, p50, SQLite, 10,000 applicants: 12.5 ms",
        "P1 list, p50, SQLite, 1,000,000 applicants: 14 ms",
    ]


def test_nothing_measured_is_no_picture() -> None:
    with pytest.raises(ValueError, match="10,000"):
        picture.draw([listed(500, "SQLite", 9.0)], caption="growth")


def test_a_run_replaces_what_it_has_measured_and_keeps_the_rest(tmp_path: Path) -> None:
    latest = tmp_path / "latest.json"
    report.write(
        latest, [listed(10_000, "SQLite", 1.0), listed(100_000, "SQLite", 2.0)], began=[0.0], quick=False
    )
    report.write(
        latest, [listed(10_000, "SQLite", 3.0), listed(10_000, "PostgreSQL", 4.0)], began=[0.0], quick=False
    )

    found = json.loads(latest.read_text())["results"]

    assert [(one["database"], one["amount"], one["figures"]["p50_ms"]) for one in found] == [
        ("PostgreSQL", 10_000, 4.0), ("SQLite", 10_000, 3.0), ("SQLite", 100_000, 2.0),
    ]  # fmt: skip


def test_that_a_row_failed_is_said_until_it_is_measured() -> None:
    here, elsewhere = (result("P12", "failed", 10_000, database) for database in ("PostgreSQL", "SQLite"))
    measured = result("P12", "jobs of all nodes", 10_000, "PostgreSQL", jobs=7)

    assert publishing.merged([here, elsewhere], [measured]) == [measured, elsewhere]


def test_what_a_quick_run_says_is_not_mixed_with_what_was_measured(tmp_path: Path) -> None:
    latest = tmp_path / "latest.json"
    report.write(latest, [listed(10_000, "SQLite", 1.0)], began=[0.0], quick=True)
    report.write(latest, [listed(100_000, "SQLite", 2.0)], began=[0.0], quick=False)

    assert [one["amount"] for one in json.loads(latest.read_text())["results"]] == [100_000]


def test_the_page_shows_every_row_between_its_marks_and_nothing_else_is_touched(tmp_path: Path) -> None:
    latest, page, drawing = tmp_path / "latest.json", tmp_path / "page.md", tmp_path / "growth.svg"
    kinds = result("P2", "search: kana", 10_000, "SQLite", p95_ms=5.0) | {"goal": ""}
    nothing = result("P12", "nodes", 10_000, "SQLite", **{"not measured": "needs --postgresql"})
    report.write(latest, [listed(10_000, "SQLite", 12.5), kinds, nothing], began=[0.5], quick=False)
    page.write_text(f"before\n{publishing.BEGIN}\nold\n{publishing.END}\nafter\n")

    publishing.publish(latest, page=page, drawing=drawing)
    publishing.publish(latest, page=page, drawing=drawing)

    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "](growth.svg)" in text
    (line,) = [one for one in text.splitlines() if one.startswith("| P")]
    assert line == "| P1 | applicants list, first page | 10,000 | SQLite | p50 12.5 | fast | yes |"
    ElementTree.fromstring(drawing.read_text())


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    latest, page = tmp_path / "latest.json", tmp_path / "page.md"
    report.write(latest, [listed(10_000, "SQLite", 12.5)], began=[0.5], quick=False)
    page.write_text("no marks")

    with pytest.raises(ValueError, match=r"page\.md"):
        publishing.publish(latest, page=page, drawing=tmp_path / "growth.svg")

    assert page.read_text() == "no marks"


def test_the_page_of_the_project_has_its_marks() -> None:
    text = publishing.PAGE.read_text()

    assert text.index(publishing.BEGIN) < text.index(publishing.END)
