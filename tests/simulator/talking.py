"""Talks to a simulator as an app, as a person's browser and as a webhook endpoint would."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulator.zoom import fixtures
from simulator.zoom.app import create_app
from simulator.zoom.world import World

BASE = "http://127.0.0.1:8010"
HANAKO = "hanako@sample.example.jp"
OSAMU = "osamu@sample.example.jp"
RECRUIT = "recruit@sample.example.jp"
KENJI = "kenji@sample.example.jp"
SAIYO = "saiyo@approval.example.jp"
ZOOM_ADMIN = "zoom-admin@approval.example.jp"
OTHER = "recruit@other.example.jp"
REDIRECT = "http://127.0.0.1:5001/back"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BASIC = (fixtures.CLIENT_ID, fixtures.CLIENT_SECRET)


class Zoom:
    """A simulator in this process. Nothing listens on a port; webhooks leave when flushed."""

    def __init__(self) -> None:
        self.app = create_app(base_url=BASE)
        self.world: World = self.app.extensions["zoom_simulator"]
        self.browser = self.app.test_client()

    def close(self) -> None:
        self.world.store.close()

    def start_over(self) -> None:
        """The fixtures again, and a browser that has never been here: a hundred times cheaper than a new one."""
        self.world.reset()
        self.browser = self.app.test_client()

    def page(self, path: str, **form: Any) -> Any:
        """GET, or POST when form fields are given; redirects are not followed."""
        if form:
            return self.browser.post(path, data=form, base_url=BASE)
        return self.browser.get(path, base_url=BASE)

    def sign_in(self, email: str) -> None:
        user = self.world.user(email)
        assert user is not None
        assert self.page("/signin", user_id=user["id"]).status_code == 303

    def authorize_path(self, **changes: Any) -> str:
        query = {
            "response_type": "code",
            "client_id": fixtures.CLIENT_ID,
            "redirect_uri": REDIRECT,
            "state": "st-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes
        pairs = {name: value for name, value in query.items() if value is not None}
        return "/oauth/authorize?" + "&".join(f"{name}={value}" for name, value in pairs.items())

    def code(self, email: str = HANAKO, **changes: Any) -> str:
        wanted = {"user": email, "redirect_uri": REDIRECT, "code_challenge": CHALLENGE}
        answer = self.control("authorize", wanted | {"code_challenge_method": "S256"} | changes)
        return str(parse_qs(urlsplit(answer["location"]).query)["code"][0])

    def token(self, auth: Any = BASIC, **form: Any) -> Any:
        """POST /oauth/token with HTTP Basic."""
        return self.app.test_client().post("/oauth/token", data=form, base_url=BASE, auth=auth)

    def exchange(self, code: str, **changes: Any) -> Any:
        form = {"redirect_uri": REDIRECT, "code_verifier": VERIFIER} | changes
        return self.token(grant_type="authorization_code", code=code, **form)

    def refresh(self, refresh_token: str) -> Any:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def connect(self, email: str = HANAKO, **changes: Any) -> "Connection":
        answer = self.exchange(self.code(email, **changes))
        assert answer.status_code == 200, answer.text
        return Connection(self, answer.json)

    def control(self, path: str, body: dict[str, Any] | None = None, *, expect: int | None = None) -> Any:
        """POST to the control API (GET without a body)."""
        client = self.app.test_client()
        if body is None:
            answer = client.get(f"/sim/api/{path}", base_url=BASE)
        else:
            answer = client.post(f"/sim/api/{path}", json=body, base_url=BASE)
        assert answer.status_code in ([expect] if expect else [200, 201]), answer.text
        return answer.json

    def fault(self, kind: str, **more: Any) -> None:
        self.control("faults", {"kind": kind, **more})

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance": seconds})

    def flush(self) -> int:
        return int(self.control("deliveries/flush", {})["attempts"])


class Connection:
    """An app with a token of one person."""

    def __init__(self, zoom: Zoom, answer: dict[str, Any]) -> None:
        self.zoom = zoom
        self.answer = answer
        self.access_token: str = answer["access_token"]
        self.refresh_token: str = answer.get("refresh_token", "")

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.access_token}"} | more.pop("headers", {})
        if body is not None:
            more["json"] = body
        return self.zoom.app.test_client().open(
            f"/v2{path}", method=method, headers=headers, base_url=BASE, **more
        )

    def create(self, path: str = "/users/me/meetings", **changes: Any) -> dict[str, Any]:
        """A meeting ten days from now at the full hour, unless told otherwise."""
        now = self.zoom.world.clock.now()
        body = {
            "topic": "一次面接",
            "type": 2,
            "start_time": stamp(now + 10 * 86_400),
            "duration": 30,
        } | changes
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        result: dict[str, Any] = answer.json
        return result


def stamp(instant: float) -> str:
    """An instant as Zoom writes it, on the full hour so that tests can compare."""
    return datetime.fromtimestamp(instant // 3600 * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Endpoint:
    """A webhook endpoint on a free port; keeps what came and answers validations correctly."""

    def __init__(self, secret: str = fixtures.SECRET_TOKEN) -> None:
        self.secret = secret
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.delay = 0.0
        self.validate: Callable[[str], dict[str, str]] = self.encrypted
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def encrypted(self, plain: str) -> dict[str, str]:
        digest = hmac.new(self.secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
        return {"plainToken": plain, "encryptedToken": digest}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What came, validations left out."""
        found = [json.loads(body) for _, body in self.received]
        return [message for message in found if message["event"] != "endpoint.url_validation"]

    @property
    def events(self) -> list[str]:
        return [message["event"] for message in self.messages]

    def last(self, event: str) -> dict[str, Any]:
        return [message for message in self.messages if message["event"] == event][-1]

    def is_signed(self, index: int = -1) -> bool:
        headers, body = self.received[index]
        stamped = f"v0:{headers['x-zm-request-timestamp']}:".encode() + body
        right = "v0=" + hmac.new(self.secret.encode(), stamped, hashlib.sha256).hexdigest()
        return headers["x-zm-signature"] == right

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoint.received.append((headers, body))
                message = json.loads(body)
                time.sleep(endpoint.delay)
                if message["event"] == "endpoint.url_validation":
                    content = json.dumps(endpoint.validate(message["payload"]["plainToken"])).encode()
                    self._answer(200, content)
                else:
                    self._answer(endpoint.status, b"")

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if 300 <= status < 400:
                    self.send_header("Location", endpoint.url)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                return None

        return Handler
