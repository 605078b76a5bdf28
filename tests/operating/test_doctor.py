"""The doctor: each fault is named in words, with what to do next; and nothing is said of what is well."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography.fernet import Fernet
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import working
from mensetsu.operating import checks_here, checks_outside, checks_zoom, console, keyring, looking
from mensetsu.operating.finding import Finding
from mensetsu.zoom.models import App
from simulator.zoom import fixtures
from tests.mail.servers import Behavior, DyingServer, _free_port, smtp_server
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db
SITE = "https://mensetsu.sample.example.jp"


def states(findings: list[Finding]) -> list[str]:
    return [str(finding.state) for finding in findings]


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    assert finding.next or finding.state in ("ok", "note")
    return finding


@contextmanager
def site(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A web server of one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def do_HEAD(self) -> None:
            answer(self)

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def saying(
    status: int, text: str = "", date: str = "", **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(status)
        for name, value in (headers | ({"Date": date} if date else {})).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(text.encode())

    return answer


# --- settings -------------------------------------------------------------------------------------------------------


def test_keys_of_the_right_form_are_well(settings: Any) -> None:
    assert states(checks_here.secret_keys()) == ["ok"]


@pytest.mark.parametrize("secret", ["short", "a" * 60])
def test_a_secret_key_that_can_be_guessed_is_an_error(settings: Any, secret: str) -> None:
    settings.SECRET_KEY = secret

    assert "too easy to guess" in only(checks_here.secret_keys()).sentence


def test_a_token_key_with_a_cut_character_is_named_by_its_place(settings: Any) -> None:
    settings.TOKEN_KEYS = [settings.TOKEN_KEYS[0], settings.TOKEN_KEYS[0][:-3]]

    assert "Key 2 of MENSETSU_TOKEN_KEYS" in only(checks_here.secret_keys()).sentence


def test_a_key_file_that_everybody_can_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    monkeypatch.setenv(f"{keyring.SECRET_KEY}_FILE", str(file))

    file.chmod(0o640)
    assert states(checks_here.secret_keys()) == ["ok"]
    file.chmod(0o644)
    finding = only(checks_here.secret_keys())
    assert (str(finding.state), finding.next) == ("warning", f"chmod o-rwx {file}")


@pytest.mark.parametrize(
    ("url", "hosts", "said"),
    [
        ("mensetsu.example.jp", ["*.example.jp"], "not the address of a site"),
        (f"{SITE}/desk", [".example.jp"], "not the address of a site"),
        ("http://mensetsu.sample.example.jp", [".example.jp"], "is not https"),
        (SITE, ["other.example.jp"], "not in MENSETSU_ALLOWED_HOSTS"),
        (SITE, ["*"], "allows every name"),
    ],
)
def test_an_address_that_does_not_work_is_named(settings: Any, url: str, hosts: list[str], said: str) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = url, hosts

    assert said in only(checks_here.address()).sentence


def test_debugging_before_the_world_is_an_error(settings: Any) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS, settings.DEBUG = SITE, [".example.jp"], True

    assert "MENSETSU_DEBUG" in only(checks_here.address()).sentence


@pytest.mark.parametrize("url", [SITE, "http://127.0.0.1:8000"])
def test_an_address_that_works_is_well(settings: Any, url: str) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = url, [".example.jp", "127.0.0.1"]

    assert states(checks_here.address()) == ["ok"]


def test_settings_that_do_not_fit_together_are_errors(settings: Any) -> None:
    assert states(checks_here.program()) == ["ok"]

    settings.STATICFILES_DIRS = [settings.STATIC_ROOT]

    assert "error" in states(checks_here.program())


# --- database and files ---------------------------------------------------------------------------------------------


def test_a_database_that_answers_is_well_and_nothing_is_left_in_it(people: Any) -> None:
    assert states(checks_here.database(timezone.now())) == ["ok"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM jobs_beat WHERE name LIKE 'doctor:%'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_nothing_is_an_error() -> None:
    read_only = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = on"}
    with connection.cursor() as cursor:
        cursor.execute(read_only[connection.vendor])
    try:
        finding = only(checks_here.database(timezone.now()))
    finally:
        connection.close()

    assert "takes nothing" in finding.sentence
    assert "DATABASE_URL" in finding.next


def test_what_is_odd_about_a_database_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSETSU_WEB_PROCESSES", "2")

    assert states(checks_here._of_sqlite("delete")) == ["warning", "warning"]
    assert "too old" in only(checks_here._of_postgresql(13)).sentence
    assert checks_here._of_postgresql(14) == []


def test_missing_migrations_are_counted_and_named(settings: Any) -> None:
    assert states(checks_here.migrations()) == ["ok"]
    applied = [name for app, name in MigrationRecorder(connection).applied_migrations() if app == "booking"]
    for name in applied:
        MigrationRecorder(connection).record_unapplied("booking", name)

    finding = only(checks_here.migrations())

    assert finding.sentence.startswith(f"{len(applied)} migrations are not applied (booking.")
    assert "bin/mensetsu web" in finding.next


def test_a_database_of_a_newer_version_is_an_error() -> None:
    MigrationRecorder(connection).record_applied("zoom", "9999_future")

    assert "zoom.9999_future is unknown here" in only(checks_here.migrations()).sentence


def test_a_missing_cache_is_an_error(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": settings.CACHES["default"]["BACKEND"], "LOCATION": "no_table"}}

    assert "cache" in only(checks_here.migrations()).sentence


def test_static_files_and_translations_must_be_made(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT, settings.LOCALE_PATHS = tmp_path, [tmp_path / "locale"]
    assert "Static files are missing" in only(checks_here.files()).sentence
    (tmp_path / "staticfiles.json").touch()
    assert states(checks_here.files()) == ["ok"]
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "django.po").touch()
    assert "1 of 1 translations" in only(checks_here.files()).sentence


def test_a_disk_is_full_or_tight_or_well(settings: Any, tmp_path: Path) -> None:
    assert str(checks_here.room(tmp_path, 100 * 1024**2, 0).state) == "error"
    assert str(checks_here.room(tmp_path, 1024**3, 0).state) == "warning"
    assert str(checks_here.room(tmp_path, 10 * 1024**3, 0).state) == "ok"
    assert str(checks_here.room(tmp_path, 10 * 1024**3, 8 * 1024**3).state) == "warning"
    assert only(checks_here.disk()).check == "disk"
    settings.DATA_DIR = tmp_path / "gone"
    assert "MENSETSU_DATA" in only(checks_here.disk()).sentence


# --- worker and keys ------------------------------------------------------------------------------------------------


def job(**values: Any) -> DBTaskResult:
    values = {
        "args_kwargs": {"args": [], "kwargs": {}},
        "task_path": "x.y",
        "backend_name": "default",
    } | values
    row = DBTaskResult.objects.create(**values)
    if "enqueued_at" in values:
        DBTaskResult.objects.filter(pk=row.pk).update(enqueued_at=values["enqueued_at"])
    return row


def test_without_a_worker_nothing_happens_and_that_is_an_error() -> None:
    now = timezone.now()
    job()

    finding = only(checks_here.worker(now))
    assert (str(finding.state), "1 jobs wait" in finding.sentence) == ("error", True)

    working.beat("somebody", now - timedelta(minutes=1))
    assert states(checks_here.worker(now)) == ["error"]
    working.beat("somebody", now)
    assert states(checks_here.worker(now)) == ["ok"]


def test_jobs_that_wait_long_or_have_failed_are_told() -> None:
    now = timezone.now()
    working.beat("somebody", now)
    job(enqueued_at=now - timedelta(minutes=9))
    job(enqueued_at=now - timedelta(days=1), run_after=now - timedelta(minutes=1))
    job(enqueued_at=now - timedelta(days=1), run_after=now + timedelta(days=1))
    assert states(checks_here.worker(now)) == ["ok"]
    job(enqueued_at=now - timedelta(minutes=20))
    job(status="FAILED", finished_at=now)

    late, failed = checks_here.worker(now)

    assert late.sentence.startswith("Jobs have been waiting for 20 minutes though 1 workers")
    assert failed.sentence.startswith("1 jobs have failed")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="the other engine needs PostgreSQL")
def test_workers_of_the_other_engine_count_too() -> None:
    """Its table as far as it is asked for: the library makes it only where it is chosen."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE procrastinate_workers (last_heartbeat timestamptz)")
        cursor.execute(
            "INSERT INTO procrastinate_workers VALUES (%s), (%s)", [now, now - timedelta(minutes=5)]
        )

    assert looking.workers_alive(now) == 1


def test_keys_that_do_not_open_what_is_stored_are_an_error(
    zoom: ZoomWorld, people: Any, settings: Any
) -> None:
    zoom.app(people.company)
    old = settings.TOKEN_KEYS[0]
    assert states(checks_here.sealed_secrets()) == ["ok"]
    settings.TOKEN_KEYS = [old, Fernet.generate_key().decode()]
    assert states(checks_here.sealed_secrets()) == ["note"]
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), old]
    assert "2 stored Zoom secrets still need an older key" in only(checks_here.sealed_secrets()).sentence
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert states(checks_here.sealed_secrets()) == ["error"]


# --- mail -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def smtp(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 1
    settings.DEFAULT_FROM_EMAIL = "Mensetsu <noreply@sample.example.jp>"
    return settings


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
        Behavior(), hostname="127.0.0.1", port=_free_port(), auth_require_tls=False,
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
    smtp.EMAIL_PORT = server.port
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


# --- clock and address ----------------------------------------------------------------------------------------------


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
        assert said in only(checks_outside.proxy()).sentence


def test_nobody_at_our_address_is_a_warning(settings: Any) -> None:
    settings.BASE_URL = f"http://127.0.0.1:{_free_port()}"

    assert "Nothing answers" in only(checks_outside.proxy()).sentence


def test_a_proxy_must_speak_https_and_say_so(settings: Any) -> None:
    """Plain http behind an https address: the handshake fails as it does with a wrong certificate."""
    with site(saying(200, "ok")) as url:
        settings.BASE_URL = url.replace("http://", "https://")
        unaware, certificate = checks_outside.proxy()
    assert "MENSETSU_BEHIND_PROXY=1" in unaware.next
    assert "certificate" in certificate.sentence


def test_whether_the_scheme_comes_through_is_seen_by_what_we_then_answer(settings: Any) -> None:
    def answered(**headers: str) -> Any:
        return SimpleNamespace(status_code=200, text="ok\n", headers=headers)

    settings.SECURE_HSTS_SECONDS = 3600
    assert "X-Forwarded-Proto" in only(checks_outside._of_answer(answered(), True)).next
    assert checks_outside._of_answer(answered(**{"Strict-Transport-Security": "max-age=3600"}), True) == []
    settings.SECURE_HSTS_SECONDS = 0
    assert states(checks_outside._of_answer(answered(), True)) == ["note"]


# --- Zoom -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(zoom: ZoomWorld, people: SimpleNamespace, settings: Any) -> SimpleNamespace:
    zoom.app(people.company)
    settings.BASE_URL = SITE
    return people


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


def test_an_installation_without_companies_is_told_how_to_begin() -> None:
    assert "create_organization" in only(checks_zoom.companies(timezone.now())).sentence


# --- all together ---------------------------------------------------------------------------------------------------


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
    settings.EMAIL_PORT = _free_port()

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
