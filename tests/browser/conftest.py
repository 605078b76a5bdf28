"""The product in a real Chromium: a live server on a free port, one browser, people who are logged in.

Nothing leaves the machine: the browser resolves no other host than this one."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import BrowserContext, Page

from tests.browser.gate import Gate
from tests.browser.world import furnish

SHOTS = Path(__file__).resolve().parents[2] / "screenshots"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    executable = os.environ.get("MENSETSU_TEST_CHROMIUM") or shutil.which("chromium")
    return {
        **browser_type_launch_args,
        **({"executable_path": executable} if executable else {}),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "ja-JP",
        "timezone_id": "Asia/Tokyo",
        "reduced_motion": "reduce",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture
def site(transactional_db: None, live_server: Any, settings: Any) -> str:
    """The address of the running product, without a slash at the end."""
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def world(site: str, people: SimpleNamespace) -> SimpleNamespace:
    """The story's people with something to see on every page."""
    return furnish(people)


@pytest.fixture
def enter(context: BrowserContext, client_of: Callable[[Any], Any], site: str) -> Callable[[Any], None]:
    """`enter(people.baba)`: the browser belongs to that person from now on; `enter(None)`: to nobody."""

    def log_in(user: Any) -> None:
        context.clear_cookies()
        if user is None:
            return
        session = client_of(user).cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": site}])

    return log_in


@pytest.fixture
def gate(request: pytest.FixtureRequest) -> Gate:
    """`gate(page)`: the page as it stands passes axe, fits every width, and is photographed."""
    return Gate(SHOTS, re.sub(r"[^\w.-]+", "_", request.node.name.removeprefix("test_")).strip("_"))


@pytest.fixture(autouse=True)
def _no_trouble_in_the_console(page: Page) -> Iterator[None]:
    """A page may not log errors (a refused script, a file that is not there) nor throw."""
    seen: list[str] = []
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("console", lambda message: seen.append(message.text) if message.type == "error" else None)
    page.expected_trouble = []  # type: ignore[attr-defined] - a test may name what it provokes
    yield
    unexpected = [t for t in seen if not any(part in t for part in page.expected_trouble)]  # type: ignore[attr-defined]
    assert not unexpected


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A walk that fails leaves a picture of every browser it had open, in screenshots/failed/."""
    report = yield
    walk = getattr(item, "funcargs", {}).get("walk")
    if report.when == "call" and report.failed and walk is not None:
        folder = SHOTS / "failed"
        folder.mkdir(parents=True, exist_ok=True)
        test = re.sub(r"[^\w.-]+", "_", item.name)
        for name, page in walk.pages.items():
            if not page.is_closed():
                page.screenshot(path=folder / f"{test}-{name}.png", full_page=True)
    return report
