"""P2: parts of names, readings, romaji and addresses, as they are typed into the box: the first page with its count."""

from urllib.parse import quote

from benchmarks.scene import Result, Scene, compare
from benchmarks.traffic import Browser, Times

TERMS = {
    "two kanji, common": ("佐藤", "鈴木", "高橋"),
    "two kanji, rare": ("國分", "小鳥遊", "廣瀬"),
    "kana": ("さとう", "ミサキ", "たかは"),
    "romaji": ("yamam", "misaki", "sato"),
    "part of an address": ("hayashi.", "keitai.ex", "001@"),
    "full name": ("佐藤 美咲", "鈴木翔太", "タナカ ハナ"),
}
FIGURES = {100_000: 50.0, 1_000_000: 150.0}


def measure(scene: Scene) -> list[Result]:
    ours, bare = scene.reader(), Browser(scene.bare.port)
    company, everything, results = scene.facts["organization"], Times(), []
    goal = FIGURES.get(scene.world.amount, 50.0)
    for kind, terms in TERMS.items():
        times = [Times(), Times()]
        for term in terms[:1] if scene.is_quick else terms:
            # The limit knows nothing of spaces and widths: it gets what stands in the column.
            part = quote(term.partition(" ")[0])
            found = compare(
                scene.repeats(15),
                (scene.ours, lambda term=term: ours.get(f"/candidates/?q={quote(term)}")),
                (scene.bare, lambda part=part: bare.get(f"/search/{company}/?q={part}")),
            )
            for side, more in zip(times, found.times, strict=True):
                side.values += more.values
        everything.values += times[0].values
        figures = {"p50_ms": times[0].p50, "p95_ms": times[0].p95, "limit_p50_ms": times[1].p50}
        results.append(Result("P2", f"search: {kind}", scene.world.amount, figures, "", None))
    figures = {"p50_ms": everything.p50, "p95_ms": everything.p95}
    results.append(Result("P2", "search: all of them", scene.world.amount, figures,
                          f"p95 ≤ {goal:.0f} ms", everything.p95 <= goal))  # fmt: skip
    return results
