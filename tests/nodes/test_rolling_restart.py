"""Two web and two worker processes on one PostgreSQL under load, each restarted in turn: no request fails, no job is
lost, none runs twice. About a minute, so only when asked for:

MENSETSU_TEST_DB=postgresql MENSETSU_TEST_NODES=1 python -m pytest tests/nodes -s"""

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from demo.ports import reserve_port
from mensetsu.zoom.models import WebhookEvent
from simulator.zoom import fixtures
from tests import story
from tests.nodes.fleet import Balancer, Crowd, Node, environment, wait
from tests.zoom_world import APP_KEY, ZoomWorld

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("MENSETSU_TEST_DB") != "postgresql" or not os.environ.get("MENSETSU_TEST_NODES"),
        reason="a minute long: set MENSETSU_TEST_NODES=1 and MENSETSU_TEST_DB=postgresql",
    ),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[list[Node]]:
    database = f"postgres://{settings.DATABASES['default']['USER']}@/{connection.settings_dict['NAME']}"
    around = environment(database)
    # The tables of the engine by its own migrations, as an operator gets them.
    for command in (["migrate", "--noinput", "-v", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=settings.BASE_DIR, env=around, check=True)
    nodes = [Node(f"web{n}", around, tmp_path / f"web{n}", reserve_port()) for n in (1, 2)]
    nodes += [Node(f"worker{n}", around, tmp_path / f"worker{n}") for n in (1, 2)]
    for node in nodes:
        node.start()
    yield nodes
    for node in nodes:
        if node.process is not None and node.process.poll() is None:
            node.stop(signal.SIGTERM)


def jobs() -> list[tuple[str, int, int]]:
    """Of messages: readings, and jobs of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, attempts, count(*) FROM procrastinate_jobs"
            " WHERE args ->> 'path' LIKE '%.zoom.webhooks.%' GROUP BY 1, 2"
        )
        return cursor.fetchall()


def test_a_rolling_restart_under_load_loses_nothing(fleet: list[Node], zoom: ZoomWorld) -> None:
    zoom.app(story.organization())
    balancer = Balancer([node for node in fleet if node.port])
    crowd = Crowd(balancer, fixtures.SECRET_TOKEN, f"/webhooks/zoom/{APP_KEY}/")
    threads = [threading.Thread(target=balancer.watch)]
    threads += [threading.Thread(target=crowd.walk, args=(person,)) for person in range(6)]
    began = time.monotonic()
    try:
        threads[0].start()
        wait(lambda: all(node.is_ready for node in balancer.nodes))
        began = time.monotonic()
        for thread in threads[1:]:
            thread.start()
        time.sleep(3)
        stopping = {node.name: round(node.restart(), 1) for node in fleet}
        time.sleep(3)
    finally:
        crowd.ended.set()
        for thread in threads[1:]:
            thread.join(60)
        balancer.ended.set()
        threads[0].join(10)
    loaded = time.monotonic() - began
    wait(lambda: not WebhookEvent.objects.filter(handled_at=None).exists())
    wait(lambda: {status for status, _attempts, _count in jobs()} == {"succeeded"})

    slow = sorted(crowd.seconds)
    print(f"\n{loaded:.0f} s, {len(slow)} requests, {dict(crowd.answers)}, stopped within {stopping} s,")  # noqa: T201
    print(f"p50 {statistics.median(slow) * 1000:.0f} ms, p99 {slow[len(slow) * 99 // 100] * 1000:.0f} ms,")  # noqa: T201
    print(f"connections refused and sent elsewhere {balancer.refused}, jobs {jobs()}")  # noqa: T201
    messages = crowd.answers["message 204"]
    assert set(crowd.answers) == {"page 200", "message 204"}
    assert messages > 50
    assert WebhookEvent.objects.count() == messages
    # Each is understood, whether it came alone or in a stream, and no job ran twice.
    assert WebhookEvent.objects.filter(handled_at__isnull=False, unread_since=None).count() == messages
    assert {(status, attempts) for status, attempts, _count in jobs()} == {("succeeded", 1)}
