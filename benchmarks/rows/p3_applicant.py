"""P3: the page of an applicant with thirty history entries."""

from itertools import cycle

from benchmarks.scene import Result, Scene, compare
from benchmarks.traffic import Browser

LIMIT = 2.0


def measure(scene: Scene) -> list[Result]:
    ours, bare = scene.reader(), Browser(scene.bare.port)
    ids, same_ids = cycle(scene.facts["long_stories"]), cycle(scene.facts["long_stories"])
    found = compare(
        scene.repeats(200),
        (scene.ours, lambda: ours.get(f"/candidates/{next(ids)}/")),
        (scene.bare, lambda: bare.get(f"/detail/{next(same_ids)}/")),
    )
    return [Result("P3", "applicant with 30 history entries", scene.world.amount, found.figures(),
                   f"p50 ≤ {LIMIT:.0f} × bare detail", found.ratio <= LIMIT)]  # fmt: skip
