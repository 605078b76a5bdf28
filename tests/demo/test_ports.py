"""A port that was reserved is still free when the program that is to have it listens at last."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from demo import ports

HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_two_processes_are_given_the_same_port() -> None:
    many = 50
    command = (
        f"from demo import ports; print(*(ports.reserve_port() for _ in range({many})), flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", command], cwd=settings.BASE_DIR, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:  # fmt: skip
        assert other.stdout is not None
        theirs = {int(port) for port in other.stdout.readline().split()}
        ours = {ports.reserve_port() for _ in range(many)}
        other.communicate("\n")

    assert len(theirs) == len(ours) == many
    assert not theirs & ours


def test_where_somebody_listens_is_not_given_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((ports.HOST, 0)) as somebody:
        port = somebody.getsockname()[1]
        monkeypatch.setattr(ports, "RANGE", range(port, port + 1))

        with pytest.raises(OSError, match=f"every port from {port} to {port} is in use"):
            ports.reserve_port()


def test_the_system_gives_none_of_them_to_a_connection_that_leaves() -> None:
    if not HANDED_OUT.exists():
        pytest.skip("this system does not say which ports it hands out")
    first, _last = map(int, HANDED_OUT.read_text().split())

    assert ports.RANGE.stop <= first
