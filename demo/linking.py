"""Link Zoom accounts as people do: through the product's page and the simulated Zoom's consent."""

import json
import urllib.request
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demo import machine
from demo.machine import Places
from mensetsu.accounts.models import Organization, User
from mensetsu.zoom import setting_up
from mensetsu.zoom.models import Connection

PASSED_ON = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")
# (who links it, which Zoom user, shared by the team under this name)
ACCOUNTS = [
    ("zoom", "recruit@sample.example.jp", "採用チーム用Zoom"),
    ("baba", "recruit2@sample.example.jp", "採用サブ用Zoom"),
    ("hanako", "hanako@sample.example.jp", ""),
    ("osamu", "osamu@sample.example.jp", ""),
]


def link_accounts(staff: dict[str, User], places: Places) -> list[Connection]:
    return [link(staff[name], zoom_user, label, places) for name, zoom_user, label in ACCOUNTS]


def link(user: User, zoom_user: str, label: str, places: Places) -> Connection:
    browser = Client(SERVER_NAME="127.0.0.1", SERVER_PORT=str(places.web))
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    leaving = browser.post(reverse("zoom:authorize"))
    query = {name: values[0] for name, values in parse_qs(urlsplit(leaving["Location"]).query).items()}
    wanted = {
        name: query[name]
        for name in ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")
    }
    answer = _post(f"{places.zoom_url}/sim/api/authorize", wanted | {"user": zoom_user})
    back = urlsplit(answer["location"])
    browser.get(f"{back.path}?{back.query}")
    connection = Connection.objects.live().get(owner=user)
    if label:
        Connection.objects.filter(pk=connection.pk).update(is_shared=True, label=label)
        connection.refresh_from_db()
    return connection


def _post(address: str, body: dict[str, str]) -> dict[str, str]:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        return json.load(answer)


def let_zoom_call_back(company: Organization, places: Places) -> None:
    """Tell the simulated Zoom where its webhooks go, as the developer of an app does on Zoom's page.

    Zoom asks the address to prove itself at once, so the web must be up."""
    app = setting_up.app_of(company, now=timezone.now())
    address = places.web_url + reverse("zoom:webhook", args=[app.key])
    wanted = {"client_id": machine.ZOOM_CLIENT_ID, "event_url": address, "deauthorization_url": address}
    _post(f"{places.zoom_url}/sim/api/app", wanted)
