"""gunicorn's own log of requests must not keep what opens a page."""

import runpy
from pathlib import Path
from types import SimpleNamespace

from django.conf import settings
from gunicorn.config import Config
from gunicorn.glogging import Logger


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
