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
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.gate import Gate
from tests.browser.walking import CROSSINGS, Walk
from tests.browser.world import furnish
from tests.demo import running

SHOTS = Path(__file__).resolve().parents[2] / "screenshots"
# Patience costs nothing where all is well, and a busy machine is not a fault of the page.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # The headless shell is the same engine without windows, at half the price; not every system has it.
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    executable = os.environ.get("MENSETSU_TEST_CHROMIUM") or found
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
def _no_trouble_in_the_console(request: pytest.FixtureRequest) -> Iterator[None]:
    """A page may not log errors (a refused script, a file that is not there) nor throw."""
    if "page" not in request.fixturenames:
        # A walk has pages of its own; one more for each step would only cost time.
        yield
        return
    page: Page = request.getfixturevalue("page")
    seen: list[str] = []
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("console", lambda message: seen.append(message.text) if message.type == "error" else None)
    page.expected_trouble = []  # type: ignore[attr-defined] - a test may name what it provokes
    yield
    unexpected = [t for t in seen if not any(part in t for part in page.expected_trouble)]  # type: ignore[attr-defined]
    assert not unexpected


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A step of a walk is walked in both languages on both screens, unless it says `once_in_each_language`."""
    if "walk" in metafunc.fixturenames:
        crossings = getattr(metafunc.function, "crossings", tuple(CROSSINGS))
        metafunc.parametrize("walk", crossings, indirect=True, scope="module")


@pytest.fixture(scope="module")
def walk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Walk]:
    """A demo of its own, in which the story has just been told."""
    data = tmp_path_factory.mktemp("demo")
    running.story_into(data)
    with running.start(data) as demo:
        made = Walk(request.param, demo, browser)
        yield made
        for page in made.pages.values():
            page.context.close()


@pytest.fixture(autouse=True)
def _steps_stand_on_each_other(request: pytest.FixtureRequest) -> None:
    """After a step that failed the next ones would only wait for what does not come."""
    if "walk" in request.fixturenames:
        broken_by = request.getfixturevalue("walk").broken_by
        if broken_by:
            pytest.fail(f"an earlier step of this walk failed: {broken_by}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A walk that fails leaves a picture of every browser it had open, in screenshots/failed/."""
    report = yield
    walk = getattr(item, "funcargs", {}).get("walk")
    if report.when == "call" and report.failed and walk is not None:
        walk.broken_by = walk.broken_by or item.name
        folder = SHOTS / "failed"
        folder.mkdir(parents=True, exist_ok=True)
        test = re.sub(r"[^\w.-]+", "_", item.name)
        for name, page in walk.pages.items():
            if not page.is_closed():
                page.screenshot(path=folder / f"{test}-{name}.png", full_page=True)
    return report
