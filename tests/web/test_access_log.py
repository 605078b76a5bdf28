"""gunicorn's own lines must not keep what opens a page, and are JSON when ours are."""

import http.client
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from gunicorn.config import Config
from gunicorn.glogging import Logger

from demo.ports import reserve_port


def test_the_access_log_names_neither_path_nor_query() -> None:
    server = runpy.run_path(str(Path(settings.BASE_DIR) / "config" / "server.py"))
    cfg = Config()
    cfg.set("access_log_format", server["access_log_format"])
    environ = {
        "REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": "GET", "RAW_URI": "/j/secrettoken/?code=zoomcode",
        "PATH_INFO": "/j/secrettoken/", "QUERY_STRING": "code=zoomcode", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": "/j/secrettoken/",
    }  # fmt: skip
    answer = SimpleNamespace(status="200 OK", sent=10, headers=[("X-Request-Id", "abcd1234")])
    taken = SimpleNamespace(seconds=0, microseconds=1500)
    request = SimpleNamespace(headers=[])

    log = Logger(cfg)
    line = cfg.access_log_format % log.atoms_wrapper_class(log.atoms(answer, request, environ, taken))

    assert "GET 200 10 bytes" in line
    assert "request=abcd1234" in line
    assert "secrettoken" not in line
    assert "zoomcode" not in line


@contextmanager
def served(log: Path, **environment: str) -> Iterator[int]:
    """gunicorn with our settings before a program whose every answer breaks."""
    port = reserve_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "config/server.py", "tests.web.unlucky:application"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "MENSETSU_PORT": str(port), "MENSETSU_WORKER_IN_WEB": "0", **environment},
            stdout=file,
            stderr=file,
        )
    try:
        deadline = time.monotonic() + 60
        while "Booting worker" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def send(port: int, request: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(request.encode())
        return line.recv(1000)


def lines_of(log: Path, **environment: str) -> str:
    """What is written about a request that breaks, and about one that is none."""
    with served(log, **environment) as port:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        asked.request("GET", "/j/secrettoken/?code=zoomcode")
        assert asked.getresponse().status == 500
        assert b"400" in send(port, "GET /j/secrettoken/ NONSENSE\r\n\r\n")
    return log.read_text()


def test_every_line_of_the_server_is_json_and_none_names_an_address(tmp_path: Path) -> None:
    text = lines_of(tmp_path / "log", MENSETSU_LOG="json", MENSETSU_ACCESS_LOG="1")

    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    of = {line["event"]: line for line in lines}
    assert {"Starting gunicorn %s", "Booting worker with pid: %s", "Shutting down: %s"} <= of.keys()
    assert of["request_broken"]["error"] == ["builtins.RuntimeError"]
    assert of["request_unreadable"]["problem"] == "InvalidHTTPVersion"
    assert (of["request_served"]["method"], of["request_served"]["status"]) == ("GET", 500)
    assert "secrettoken" not in text
    assert "zoomcode" not in text


def test_lines_for_people_name_no_address_either(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MENSETSU_LOG=line\nMENSETSU_ACCESS_LOG=1\n")

    text = lines_of(tmp_path / "log", MENSETSU_ENV_FILE=str(tmp_path / ".env"))

    assert "[INFO] Listening at: http://127.0.0.1:" in text
    assert "[WARNING] request_unreadable problem=InvalidHTTPVersion" in text
    assert "\n  builtins.RuntimeError\n    " in text
    assert "out of luck" not in text
    assert "GET 500" in text, "what stands in .env counts for gunicorn too"
    assert "secrettoken" not in text
    assert "zoomcode" not in text
