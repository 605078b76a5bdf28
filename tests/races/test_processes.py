"""Several processes, as on several machines, at one expired link: no thread's lock helps here, only the row."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from mensetsu.zoom.models import Connection
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 4
CALLS_EACH = 10


def address_of_database() -> str:
    """The database of this test, as the product reads it from its environment."""
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{where['NAME']}"
    return f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"


def start(link: Connection, *how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.races.renewing", str(link.pk), str(CALLS_EACH), *how],
        env=os.environ | {"DATABASE_URL": address_of_database(), "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def together_apart(link: Connection, *how: str) -> list[Any]:
    """What each process answers; all begin when all are ready."""
    running = [start(link, *how) for _number in range(PROCESSES)]
    try:
        assert [one.stdout.readline().strip() for one in running if one.stdout] == ["ready"] * PROCESSES
        for one in running:
            assert one.stdin
            one.stdin.write("go\n")
            one.stdin.flush()
        return [json.loads(one.communicate(timeout=60)[0] or "null") for one in running]
    finally:
        for one in running:
            one.kill()
            one.wait()


def test_a_slow_renewal_is_made_by_one_process_and_waited_for_by_the_others(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    Connection.objects.update(access_expires_at=timezone.now() - timedelta(seconds=1))
    zoom.fault("latency", ms=1500, match={"path": "/oauth/token"})
    before = len(zoom.requests("POST", "/oauth/token"))

    assert together_apart(link) == [[RECRUIT] * CALLS_EACH] * PROCESSES

    assert len(zoom.requests("POST", "/oauth/token")) - before == 1


def test_renewals_without_end_by_many_processes_never_lose_the_link(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    before = len(zoom.requests("POST", "/oauth/token"))

    assert together_apart(link, "expiring") == [[RECRUIT] * CALLS_EACH] * PROCESSES

    renewals = zoom.requests("POST", "/oauth/token")[before:]
    assert PROCESSES < len(renewals) <= PROCESSES * CALLS_EACH
    assert {one["status"] for one in renewals} == {200}
    link.refresh_from_db()
    assert (link.is_live, link.lease_until, link.refresh_sent_at) == (True, None, None)
