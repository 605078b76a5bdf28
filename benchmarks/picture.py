"""The picture of growth: what pages cost with more and more applicants, both axes logarithmic. Plain SVG."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

# Row, what is drawn of it, its name in the picture, its color. A flat line is what we want.
LINES = (
    ("P1", "applicants list, first page", "p50_ms", "P1 list, p50", "#1f5fbf"),
    ("P2", "search: all of them", "p95_ms", "P2 search, p95", "#b3261e"),
    ("P3", "applicant with 30 history entries", "p50_ms", "P3 applicant, p50", "#2e7d32"),
    ("P4", "set an interview, one client", "p50_ms", "P4 set an interview, p50", "#8a5a00"),
)
DASHES = {"SQLite": "", "PostgreSQL": "7 5"}
SIZES = (10_000, 1_000_000)
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 62, 200, 44, 50

Series = dict[tuple[str, str], list[tuple[int, float]]]


def series(results: Iterable[Mapping[str, Any]]) -> Series:
    """(row, database) → (applicants, milliseconds), in order of size."""
    wanted = {(row, what): figure for row, what, figure, _name, _color in LINES}
    found: Series = {}
    for one in results:
        figure = wanted.get((one["row"], one["what"]))
        if figure and one["amount"] >= SIZES[0]:
            points = found.setdefault((one["row"], one["database"]), [])
            points.append((one["amount"], one["figures"][figure]))
    return {key: sorted(points) for key, points in found.items()}


def draw(results: Iterable[Mapping[str, Any]], *, caption: str) -> str:
    """The whole file. Refuses ValueError when there is nothing to draw."""
    found = series(results)
    if not found:
        raise ValueError("nothing has been measured at 10,000 applicants or more")
    values = [ms for points in found.values() for _amount, ms in points]
    lowest, highest = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values) * 1.01))
    scale = _Scale(lowest, highest)
    parts = [*_frame(scale, caption)]
    for row, _what, _figure, name, color in LINES:
        for database, dashes in DASHES.items():
            if points := found.get((row, database)):
                parts += _line(scale, points, color, dashes, f"{name}, {database}")
    parts += _legend(found)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{caption}">\n{body}\n</svg>\n'
    )


class _Scale:
    """Where a size and a time stand in the picture."""

    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest, self.highest = lowest, highest

    def x(self, amount: float) -> float:
        first, last = (math.log10(size) for size in SIZES)
        part = (math.log10(amount) - first) / (last - first)
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    def y(self, ms: float) -> float:
        part = (math.log10(ms) - self.lowest) / (self.highest - self.lowest)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)


def _frame(scale: _Scale, caption: str) -> Iterable[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield f'<text x="{LEFT}" y="24" font-size="14">{caption}</text>'
    for amount in (10_000, 100_000, 1_000_000):
        x = scale.x(amount)
        yield f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        yield f'<text x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{amount:,}</text>'
    for power in range(scale.lowest, scale.highest + 1):
        for step in (1, 2, 5) if power < scale.highest else (1,):
            ms = step * 10**power
            y = scale.y(ms)
            yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="{"#ccc" if step == 1 else "#eee"}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{ms:g} ms</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">applicants</text>'


def _line(
    scale: _Scale, points: list[tuple[int, float]], color: str, dashes: str, title: str
) -> Iterable[str]:
    places = " ".join(f"{scale.x(amount)},{scale.y(ms)}" for amount, ms in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="2"{dashed}/>'
    for amount, ms in points:
        yield (
            f'<circle cx="{scale.x(amount)}" cy="{scale.y(ms)}" r="3.5" fill="{color}">'
            f"<title>{title}, {amount:,} applicants: {ms:g} ms</title></circle>"
        )


def _legend(found: Series) -> Iterable[str]:
    x, y = WIDTH - RIGHT + 16, TOP + 12
    for row, _what, _figure, name, color in LINES:
        if any(key[0] == row for key in found):
            yield f'<path d="M{x} {y - 4}h20" stroke="{color}" stroke-width="2"/>'
            yield f'<text x="{x + 26}" y="{y}">{name}</text>'
            y += 22
    for database in sorted({key[1] for key in found}, reverse=True):
        y += 22
        yield f'<path d="M{x} {y - 4}h20" stroke="#333" stroke-width="2" stroke-dasharray="{DASHES[database]}"/>'
        yield f'<text x="{x + 26}" y="{y}">{database}</text>'
