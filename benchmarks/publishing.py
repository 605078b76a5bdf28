"""From what has been measured to what is read: the tables of docs/performance.md and the picture of growth."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import picture

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "growth.svg"
BEGIN, END = "<!-- figures: bin/bench --publish -->", "<!-- end of figures -->"
CAPTION = "What pages cost by number of applicants"
VERDICTS = {True: "yes", False: "**no**", None: ""}


def publish(latest: Path, *, page: Path = PAGE, drawing: Path = PICTURE) -> None:
    """Put the results into the page, between its two marks, and draw them. Refuses ValueError without results of some
    size, or when the page has no marks."""
    report = json.loads(latest.read_text())
    before, begin, rest = page.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} does not say where the figures stand")
    drawn = picture.draw(report["results"], caption=CAPTION)
    drawing.write_text(drawn)
    page.write_text(f"{before}{BEGIN}\n\n{text(report)}\n{END}{after}")


def text(report: Mapping[str, Any]) -> str:
    """Where it was measured, and one table a row."""
    facts, load = report["machine"], report["load"]
    runs = sorted({(one["at"][:10], one["revision"]) for one in report["results"]})
    when = ", ".join(f"{on} (revision {revision})" for on, revision in runs)
    lines = [
        f"![{CAPTION}]({PICTURE.name})",
        "",
        f"{facts['cores']} cores ({facts['processor']}), Python {facts['python']}, SQLite {facts['sqlite']}; {when}; "
        f"load {load['before'][0]} before the last run, {load['after'][0]} after. Times in milliseconds.",
        "",
        "| row | what | applicants | database | figures | figure to reach | reached |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_line(one) for one in report["results"] if _is_told(one)]
    return "\n".join(lines) + "\n"


def _is_told(one: Mapping[str, Any]) -> bool:
    """The kinds of searches are told together; what was not measured is told nowhere."""
    return "not measured" not in one["figures"] and (one["row"] != "P2" or bool(one["goal"]))


def _line(one: Mapping[str, Any]) -> str:
    size = f"{one['amount']:,}" if one["amount"] else ""
    cells = (one["row"], one["what"], size, one["database"], _figures(one["figures"]), one["goal"])
    return f"| {' | '.join(cells)} | {VERDICTS[one['is_reached']]} |"


def _figures(figures: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name.removesuffix('_ms').replace('_', ' ')} {value}" for name, value in figures.items()
    )


def merged(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The new results, and those old ones that were not measured again; nor that the row failed, once it is."""
    new = list(new)
    again = {_place(one) for one in new}
    kept = [one for one in old if one["what"] != "failed" or _place(one) not in again]
    found = {_key(one): one for one in [*kept, *new]}
    return sorted(found.values(), key=lambda one: (int(one["row"][1:]), one["database"], one["amount"]))


def _place(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return one["row"], one["amount"], one["database"]


def _key(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return one["row"], one["what"], one["amount"], one["database"]
