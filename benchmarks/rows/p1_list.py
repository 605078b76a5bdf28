"""P1: the applicants list as a recruiter opens it: the first page of 50, with next interview and owner."""

from benchmarks import traffic
from benchmarks.scene import Result, Scene, compare
from benchmarks.traffic import Browser

LIMIT = 1.5


def measure(scene: Scene) -> list[Result]:
    ours, bare = scene.reader(), Browser(scene.bare.port)
    address = f"/list/{scene.facts['organization']}/"
    found = compare(
        scene.repeats(200),
        (scene.ours, lambda: ours.get("/candidates/")),
        (scene.bare, lambda: bare.get(address)),
    )
    # How much of the distance is the login that any page with personal data needs.
    known = Browser(scene.bare.port, scene.facts["session"])
    with_login = traffic.alternate(scene.repeats(60), lambda: known.get("/list/reader/"))[0]
    figures = found.figures() | {"limit_with_login_p50_ms": with_login.p50}
    return [Result("P1", "applicants list, first page", scene.world.amount, figures,
                   f"p50 ≤ {LIMIT} × bare list", found.ratio <= LIMIT)]  # fmt: skip
