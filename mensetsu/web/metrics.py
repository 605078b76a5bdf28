"""What Prometheus reads: the counters of this host's processes (web/tally.py) and what is counted in the database at
the moment of asking. The table of the latter is config/metrics.py."""

import ipaddress
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from mensetsu.web import tally

log = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REQUESTS = "mensetsu_requests_total"
SECONDS = "mensetsu_request_seconds"
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
ZOOM_CALLS = "mensetsu_zoom_calls_total"
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
COUNTERS = {
    REQUESTS: ("counter", "Requests answered, by route and status."),
    SECONDS: ("histogram", "Seconds until a request was answered."),
    ZOOM_CALLS: ("counter", "Calls to Zoom, by the status of the answer or by what went wrong."),
}


@dataclass(frozen=True)
class Gauge:
    """`values` tells, at a moment, the number for each value of `label` (or for "" when it has none)."""

    name: str
    about: str
    values: Callable[[datetime], Mapping[str, float]]
    label: str = ""


def may_read(request: HttpRequest) -> bool:
    """With the token of MENSETSU_METRICS_TOKEN from anywhere; without it only from this host itself. Behind a proxy
    every request comes from this host, so there the token is asked for in any case."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(given.strip(), settings.METRICS_TOKEN)
    if settings.SECURE_PROXY_SSL_HEADER or any(name in request.META for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


_BUCKETS = [(limit, tally.series(f"{SECONDS}_bucket", le=limit)) for limit in BUCKETS]
_ALL = [tally.series(f"{SECONDS}_bucket", le="+Inf"), tally.series(f"{SECONDS}_count")]
_SUM = tally.series(f"{SECONDS}_sum")


def observe(*, route: str, status: int, seconds: float) -> None:
    """One request was answered."""
    # Each bucket, also when it is too slow for this one: a histogram needs all of them from the beginning.
    buckets = [(one, float(seconds <= limit)) for limit, one in _BUCKETS]
    always = [(one, 1.0) for one in (tally.series(REQUESTS, route=route, status=status), *_ALL)]
    tally.add([*buckets, *always, (_SUM, seconds)])


def text(now: datetime) -> str:
    """Everything, in Prometheus' text format. A database that is away costs only its own lines."""
    lines: list[str] = []
    counted = tally.read()
    for name, (kind, about) in COUNTERS.items():
        parts = {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == "histogram" else {name}
        found = [line for line in counted if line[0] in parts]
        lines += _block(name, kind, about, found)
    try:
        for gauge in import_string(settings.METRICS):
            found = [
                (gauge.name, ((gauge.label, value),) if gauge.label else (), number)
                for value, number in gauge.values(now).items()
            ]
            lines += _block(gauge.name, "gauge", gauge.about, found)
        is_up = 1
    except DatabaseError as problem:
        log.warning("metrics_without_database problem=%s", type(problem).__name__)
        is_up = 0
    up = "mensetsu_database_up"
    lines += _block(up, "gauge", "1 while the database answers.", [(up, (), is_up)])
    return "\n".join(lines) + "\n"


def _block(name: str, kind: str, about: str, found: Iterable[tuple[str, tally.Labels, float]]) -> list[str]:
    return [
        f"# HELP {name} {about}",
        f"# TYPE {name} {kind}",
        *(f"{line}{_labels(labels)} {value:.15g}" for line, labels, value in found),
    ]


def _labels(labels: tally.Labels) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels) + "}" if labels else ""
