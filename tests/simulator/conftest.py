"""A simulated Zoom at its beginning per test, and an endpoint its webhooks reach."""

from collections.abc import Iterator

import pytest

from simulator.zoom import fixtures
from tests.simulator.talking import Endpoint, Zoom


@pytest.fixture(scope="session")
def one_simulator() -> Iterator[Zoom]:
    made = Zoom()
    yield made
    made.close()


@pytest.fixture
def sim(one_simulator: Zoom) -> Zoom:
    one_simulator.start_over()
    return one_simulator


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def heard(sim: Zoom, endpoint: Endpoint) -> Endpoint:
    """The endpoint, subscribed to everything of the first app, its validation forgotten."""
    sim.control(
        f"apps/{fixtures.CLIENT_ID}", {"event_url": endpoint.url, "deauthorization_url": endpoint.url}
    )
    endpoint.received.clear()
    return endpoint
