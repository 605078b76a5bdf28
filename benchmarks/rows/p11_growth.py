"""P11: what a page costs with very many applicants, against what it costs with few: both sizes served side by side and
asked in turn. The workers rest, so that nothing but the request is measured."""

from contextlib import ExitStack
from itertools import cycle

from benchmarks.rows import clean
from benchmarks.scene import Result, Scene, compare, interview_forms
from benchmarks.traffic import Browser
from benchmarks.world import Server, World

LIMIT = 1.3
LARGEST = 1_000_000
# What is asked for, how often, and whether the figure is about it: home and calendar show what is on, and where more is
# on there is more to show.
ASKED = (("list", 100, True), ("applicant", 100, True), ("set_interview", 40, True),
         ("form", 40, False), ("home", 30, False), ("calendar", 20, False))  # fmt: skip


class _Side:
    """One size: its server, a recruiter's browser, and what to ask for."""

    def __init__(self, exits: ExitStack, world: World) -> None:
        facts = world.facts()
        self.server = exits.enter_context(Server.ours(world, worker=False))
        self.browser = Browser(self.server.port, facts["session"])
        self.stories, self.forms = cycle(facts["long_stories"]), interview_forms(facts)

    def list(self) -> float:
        return self.browser.get("/candidates/")

    def applicant(self) -> float:
        return self.browser.get(f"/candidates/{next(self.stories)}/")

    def set_interview(self) -> float:
        return self.browser.post(*next(self.forms))

    def form(self) -> float:
        return self.browser.get(next(self.forms)[0])

    def home(self) -> float:
        return self.browser.get("/")

    def calendar(self) -> float:
        return self.browser.get("/interviews/calendar/")


def measure(scene: Scene) -> list[Result]:
    if scene.smaller is None:
        return [Result("P11", "growth", scene.world.amount, {"not measured": "needs two sizes"}, "", None)]
    clean.forget(scene)
    results = []
    with ExitStack() as exits:
        large, small = _Side(exits, scene.world), _Side(exits, scene.smaller)
        for what, repeats, has_figure in ASKED:
            found = compare(
                scene.repeats(repeats),
                (large.server, getattr(large, what)),
                (small.server, getattr(small, what)),
            )
            figures = {"p50_ms": found.times[0].p50, "small_p50_ms": found.times[1].p50, "ratio": found.ratio,
                       "cpu_ratio": found.cpu_ratio}  # fmt: skip
            is_judged = has_figure and scene.world.amount >= LARGEST
            results.append(Result(
                "P11", f"{what.replace('_', ' ')}: {scene.world.amount:,} against {scene.smaller.amount:,}",
                scene.world.amount, figures, f"≤ {LIMIT} × (at {LARGEST:,})" if has_figure else "",
                found.ratio <= LIMIT if is_judged else None,
            ))  # fmt: skip
    clean.forget(scene)
    return results
