"""How the tests are shared out among several workers: each alone, but the steps of a walk stay together, in order.

A walk is one story in one demo, every test of the benchmark reads one run of it, and the tests of the move share one
PostgreSQL. pytest-xdist's own groups (`xdist_group`) are not used: with pytest 9.2 their marks are silently ignored."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

WALKS = "tests/browser/test_walk"
ONE_RUN = ("tests/benchmarks/test_rows.py", "tests/operating/test_moving.py")


def unit(nodeid: str) -> str:
    """What that test may not be separated from: tests with the same answer run on one worker, as they are written."""
    path, _, name = nodeid.partition("::")
    if path.startswith(WALKS):
        # A walk is told once for each reader; those are stories of their own.
        return path + name.partition("[")[2]
    return path if path in ONE_RUN else nodeid


class Sharing(LoadScopeScheduling):
    """Units as above, the longest first."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)
