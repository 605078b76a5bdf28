"""The doctor about the world outside, and all its questions together."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography.fernet import Fernet
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from demo.ports import reserve_port
from mensetsu.jobs import working
from mensetsu.operating import checks_outside, checks_zoom, console
from mensetsu.operating.finding import Finding
from mensetsu.zoom.models import App
from simulator.zoom import fixtures
from tests.mail.servers import Behavior, DyingServer, smtp_server
from tests.operating.asking import certificate, only, saying, site, states
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db
SITE = "https://mensetsu.sample.example.jp"


# --- mail -------------------------------------------------------------------------------------------------------------


def test_a_mail_server_that_greets_is_well_and_gets_no_mail(smtp: Any) -> None:
    behavior = Behavior()
    with smtp_server(behavior) as smtp.EMAIL_PORT:
        assert states(checks_outside.mail()) == ["ok"]
        smtp.DEFAULT_FROM_EMAIL = "Mensetsu <mensetsu@localhost>"
        assert "most servers refuse" in only(checks_outside.mail()).sentence
    assert behavior.attempts == 0


def test_a_server_that_does_not_encrypt_is_not_trusted_with_encryption(smtp: Any) -> None:
    with smtp_server(Behavior()) as smtp.EMAIL_PORT:
        smtp.EMAIL_USE_TLS = True
        assert "does not offer" in only(checks_outside.mail()).sentence
        smtp.EMAIL_USE_TLS, smtp.EMAIL_USE_SSL = False, True
        assert "encryption" in only(checks_outside.mail()).sentence


def test_a_refused_password_is_told_from_a_missing_server(smtp: Any) -> None:
    smtp.EMAIL_HOST_USER, smtp.EMAIL_HOST_PASSWORD = "desk", "wrong"
    controller = Controller(
        Behavior(), hostname="127.0.0.1", port=reserve_port(), auth_require_tls=False,
        authenticator=lambda *words: AuthResult(success=False, handled=False),
    )  # fmt: skip
    controller.start()
    try:
        smtp.EMAIL_PORT = controller.port
        assert "refuses the user or the password" in only(checks_outside.mail()).sentence
    finally:
        controller.stop()
    assert "cannot be reached" in only(checks_outside.mail()).sentence


@pytest.mark.parametrize(("at", "said"), [("greeting", "does not greet"), ("silence", "does not greet")])
def test_a_server_that_says_nothing_is_named(smtp: Any, at: str, said: str) -> None:
    server = DyingServer(at)
    smtp.EMAIL_PORT, smtp.EMAIL_TIMEOUT = server.port, 1
    try:
        assert said in only(checks_outside.mail()).sentence
    finally:
        server.close()


def test_readable_mail_and_mail_to_nobody_are_warnings(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "nobody receives any" in only(checks_outside.mail()).sentence
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "mail.example.jp", False, False
    settings.DEFAULT_FROM_EMAIL = "noreply@sample.example.jp"
    assert "readable" in only(checks_outside._of_letters("mail.example.jp:25")).sentence


# --- clock and address ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "state"), [(0, "ok"), (0.5, "warning"), (-0.5, "warning"), (90, "error")]
)
def test_our_clock_is_compared_with_zooms(settings: Any, minutes: float, state: str) -> None:
    moment = format_datetime(timezone.now() + timedelta(minutes=minutes), usegmt=True)
    with site(saying(404, date=moment)) as settings.ZOOM_API_BASE:
        finding = only(checks_outside.clock())

    assert str(finding.state) == state
    if minutes:
        assert ("behind" in finding.sentence) == (minutes > 0)


@pytest.mark.parametrize("date", ["", "tomorrow"])
def test_a_clock_that_could_not_be_compared_is_said_to_be_so(settings: Any, date: str) -> None:
    with site(saying(200, date=date)) as settings.ZOOM_API_BASE:
        assert "could not be compared" in only(checks_outside.clock()).sentence
    assert "could not be compared" in only(checks_outside.clock()).sentence


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (saying(200, "ok\n"), "leads to us"),
        (saying(400), "under a name that it does not know"),
        (saying(502), "answers 502"),
        (saying(200, "welcome to nginx"), "not as we do"),
    ],
)
def test_what_stands_before_us_is_asked_as_a_browser_asks(settings: Any, answer: Any, said: str) -> None:
    with site(answer) as settings.BASE_URL:
        assert said in only(checks_outside.proxy(timezone.now())).sentence


def test_nobody_at_our_address_is_a_warning(settings: Any) -> None:
    settings.BASE_URL = f"http://127.0.0.1:{reserve_port()}"

    assert "Nothing answers" in only(checks_outside.proxy(timezone.now())).sentence


def test_a_proxy_must_speak_https_and_say_so(settings: Any) -> None:
    """Plain http behind an https address: the handshake fails as it does with a wrong certificate."""
    with site(saying(200, "ok")) as url:
        settings.BASE_URL = url.replace("http://", "https://")
        unaware, certificate = checks_outside.proxy(timezone.now())
    assert "MENSETSU_BEHIND_PROXY=1" in unaware.next
    assert "certificate" in certificate.sentence


def test_whether_the_scheme_comes_through_is_seen_by_what_we_then_answer(settings: Any) -> None:
    """Also where browsers are not told to insist on https (MENSETSU_HSTS_SECONDS), which is the default."""

    def found(scheme: str) -> list[Finding]:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        answered = Client().get("/healthz", headers={"X-Forwarded-Proto": scheme})
        answered.text = answered.content.decode()  # as the doctor's own client calls it
        return checks_outside._of_answer(answered, True)

    for settings.SECURE_HSTS_SECONDS in (3600, 0):
        assert "X-Forwarded-Proto" in only(found("http")).next
    assert states(found("https")) == ["note"]
    settings.SECURE_HSTS_SECONDS = 3600
    assert found("https") == []
    settings.SECURE_PROXY_SSL_HEADER = None
    assert checks_outside._of_answer(SimpleNamespace(status_code=200, text="ok", headers={}), True) == []


@pytest.mark.parametrize(("days", "said"), [(60, "leads to us"), (13, "in 12 days")])
def test_a_certificate_that_soon_ends_is_told_before_it_does(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, said: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 3600
    key = certificate(tmp_path, ends=timezone.now() + timedelta(days=days))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(key))
    with site(saying(200, "ok", X_Scheme_Seen="https"), key) as settings.BASE_URL:
        assert said in only(checks_outside.proxy(timezone.now())).sentence


def test_a_certificate_that_could_not_be_looked_at_again_is_no_finding(settings: Any) -> None:
    settings.BASE_URL = f"https://127.0.0.1:{reserve_port()}"

    assert checks_outside._of_certificate(timezone.now()) == []


# --- Zoom -------------------------------------------------------------------------------------------------------------


def of(people: SimpleNamespace) -> dict[str, list[str]]:
    found = checks_zoom.of(people.company, timezone.now())
    return {
        state: [f.sentence for f in found if f.state == state] for state in ("ok", "note", "warning", "error")
    }


def test_an_app_that_zoom_takes_is_well_and_its_addresses_are_told(zoom: ZoomWorld, desk: Any) -> None:
    zoom.connect(desk.baba, RECRUIT)

    found = of(desk)

    assert (len(found["ok"]), found["warning"], found["error"]) == (1, [], [])
    hook, redirect = found["note"]
    assert hook.endswith(f"{SITE}/webhooks/zoom/{App.objects.get().key}/")
    assert redirect.endswith(f"{SITE}/zoom/return/") or SITE in redirect


def test_what_zoom_says_to_the_app_is_told(zoom: ZoomWorld, desk: Any) -> None:
    zoom.fault("down")
    assert "Zoom does not answer" in of(desk)["error"][0]
    zoom.heal()
    zoom.fault("app_disabled")
    assert of(desk)["error"] == ["Zoom has switched this app off."]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"client_secret": "rotated"})
    assert of(desk)["error"] == ["Zoom refuses the client ID or the client secret."]
    assert of(desk)["ok"] == []


def test_missing_permissions_and_a_missing_secret_token_are_told(zoom: ZoomWorld, desk: Any) -> None:
    scopes = [scope for scope in fixtures.SCOPES if scope != "meeting:update:meeting"]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    zoom.connect(desk.baba, RECRUIT)
    App.objects.update(secret_token_sealed="")

    token, right = of(desk)["warning"]

    assert "secret token" in token
    assert "change date and time (meeting:update:meeting)" in right


def test_an_address_that_zoom_refuses_is_told(desk: Any, settings: Any) -> None:
    settings.BASE_URL = "http://localhost:8000"

    assert "Zoom refuses localhost." in of(desk)["error"][0]


def test_a_company_without_an_app_and_one_whose_keys_are_lost(desk: Any, settings: Any) -> None:
    (other,) = checks_zoom.of(desk.chiba.organization, timezone.now())
    assert "There is no Zoom app" in other.sentence
    assert not App.objects.filter(organization=desk.chiba.organization).exists()  # looking makes nothing
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert "lacks the key" in of(desk)["error"][0]
    settings.TOKEN_KEYS = ["cut"]
    assert "not a key" in of(desk)["error"][0]


def test_keys_that_were_lost_under_linked_accounts_are_an_error(zoom: ZoomWorld, desk: Any) -> None:
    zoom.connect(desk.baba, RECRUIT)
    App.objects.update(client_id="")  # the company's own app is gone, and the installation has none

    assert "1 linked accounts can do nothing" in of(desk)["error"][0]
    assert (of(desk)["warning"], of(desk)["ok"]) == ([], [])


def test_an_installation_without_companies_is_told_how_to_begin() -> None:
    assert "create_organization" in only(checks_zoom.companies(timezone.now())).sentence


# --- all together -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sound(desk: Any, smtp: Any, zoom: ZoomWorld, tmp_path: Path) -> Iterator[datetime]:
    """An installation where all is well."""
    (tmp_path / "staticfiles.json").touch()
    smtp.STATIC_ROOT, smtp.ZOOM_API_BASE = tmp_path, f"{zoom.url}/v2"
    now = timezone.now()
    working.beat("somebody", now)
    with site(saying(200, "ok")) as smtp.BASE_URL, smtp_server(Behavior()) as smtp.EMAIL_PORT:
        yield now


def test_a_sound_installation_has_no_errors(sound: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    code = console.main(["doctor", "--json"])

    findings = json.loads(capsys.readouterr().out)
    assert [f for f in findings if f["state"] == "error"] == []
    assert code == 0
    asked = {f["check"].split()[0] for f in findings}
    assert asked == {
        "settings", "keys", "address", "database", "migrations", "files", "disk", "mail", "clock", "proxy", "worker",
        "secrets", "zoom",
    }  # fmt: skip
    assert console.main(["doctor"]) == 0
    assert capsys.readouterr().out.endswith("Nothing is broken.\n")


def test_one_error_is_enough_and_comes_with_its_remedy(
    sound: datetime, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_PORT = reserve_port()

    assert console.main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "error  mail: 127.0.0.1:" in said
    assert "→ Check MENSETSU_SMTP_HOST" in said
    assert said.endswith("1 errors.\n")


def test_without_tables_the_rest_is_still_asked(sound: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    MigrationRecorder(connection).record_applied("zoom", "9999_future")

    assert console.main(["doctor", "--json"]) == 1

    findings = json.loads(capsys.readouterr().out)
    assert [f["check"] for f in findings if f["state"] == "error"] == ["migrations"]
    assert findings[-1]["sentence"] == "The rest was not asked: it needs the database."


def test_a_database_that_goes_away_meanwhile_does_not_silence_the_doctor(
    sound: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    """The jobs' table is gone: that is told, and the questions after it are asked."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if DBTaskResult._meta.db_table in sql:
            raise OperationalError("server closed the connection")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        assert console.main(["doctor", "--json"]) == 1

    findings = json.loads(capsys.readouterr().out)
    assert [f["sentence"] for f in findings if f["state"] == "error"] == [
        "It stopped answering: server closed the connection"
    ]
    assert findings[-1]["check"].startswith("zoom")


def test_a_full_database_is_told_before_anything_that_needs_it(
    sound: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "jobs_beat"'):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        assert console.main(["doctor", "--json"]) == 1

    findings = json.loads(capsys.readouterr().out)
    assert [f["check"] for f in findings if f["state"] == "error"] == ["database"]
    assert findings[-1]["sentence"] == "The rest was not asked: it needs the database."
