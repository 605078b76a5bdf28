"""The gate every page passes: axe in light and dark, nothing wider than the screen at any width, one h1."""

import os
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# The script of axe-core, as the package brings it; a page needs it once.
_AXE = Axe().axe_script
# Only what is wrong travels back; what passes is a thousand times as much.
_RUN = "options => axe.run(document, options).then((found) => found.violations)"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is loaded in advance is for pages with sound and for rules that are not asked; it took half of the time.
_OPTIONS = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"], "preload": False}
# Nobody looks at 400 pictures of pages that are well: MENSETSU_TEST_PHOTOGRAPHS=1 takes them.
_PHOTOGRAPHS = bool(os.environ.get("MENSETSU_TEST_PHOTOGRAPHS"))
_HEAD = "() => [document.querySelectorAll('h1').length, document.documentElement.lang]"
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const hidden = (e) => e.closest('.tablewrap, .u-vh, .skip') || getComputedStyle(e).position === 'absolute';
  return [...document.body.querySelectorAll('*')]
    .filter((e) => { const box = e.getBoundingClientRect(); return box.width && box.right > width + 1 && !hidden(e); })
    .slice(0, 3).map((e) => `${e.tagName}.${e.className}`);
}"""
_TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary')]
  .filter((e) => {
    const box = e.getBoundingClientRect();
    const inline = getComputedStyle(e).display === 'inline';
    return box.width && !inline && !e.closest('.u-vh, .skip') && (box.height < 24 || box.width < 24);
  })
  .map((e) => `${e.tagName} ${(e.textContent || e.id).trim().slice(0, 20)}`)"""
_LARGER_TEXT = "html { font-size: 200% }"
_WIDER_TEXT = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
)


class Gate:
    """`gate(page)`: the page as it stands, without loading it again; raises with everything that was found.

    axe looks at each page in light and in dark, once on a desktop and once on a telephone: the Japanese page lies dark
    on the telephone, the English one on the desktop. A page with a problem is photographed."""

    def __init__(self, shots: Path, name: str) -> None:
        self.shots = shots
        self.name = name
        shots.mkdir(exist_ok=True)

    def __call__(self, page: Page) -> None:
        page.evaluate(_AXE)
        headings, language = page.evaluate(_HEAD)
        assert headings == 1, "a page has one h1"
        is_japanese = language == "ja"
        # From wide to narrow: every change of the width draws the whole page anew.
        problems = self._look(page, "light" if is_japanese else "dark", 1280)
        problems += _stress(page, "text 200 %", _LARGER_TEXT)
        problems += self._look(page, "dark" if is_japanese else "light", 390)
        problems += _stress(page, "text spacing", _WIDER_TEXT)
        page.set_viewport_size({"width": 320, "height": 900})
        problems += [f"320: {p}" for p in _misfits(page)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        assert not problems, "\n".join(problems)

    def _look(self, page: Page, scheme: Literal["light", "dark"], width: int) -> list[str]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(_RUN, _OPTIONS)
        problems = [f"{rule['id']}: {_where(rule)}" for rule in found] + _misfits(page)
        if problems or _PHOTOGRAPHS:
            page.screenshot(path=self.shots / f"{self.name}-{scheme}-{width}.png", full_page=True)
        return [f"{scheme} {width}: {p}" for p in problems]


def _stress(page: Page, what: str, style: str) -> list[str]:
    """At the present width: 200 % text on a wide screen, the text spacing of WCAG 1.4.12 on a telephone."""
    # Our policy forbids inline styles; a sheet made by a script's constructor is not one.
    wide = page.evaluate(
        "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s];"
        f" const found = ({_TOO_WIDE})(); document.adoptedStyleSheets = []; return found; }}",
        style,
    )
    return [f"{what}: wider than the screen: {e}" for e in wide]


def _misfits(page: Page) -> list[str]:
    wide, small = page.evaluate(f"() => [({_TOO_WIDE})(), ({_TOO_SMALL})()]")
    return [f"wider than the screen: {e}" for e in wide] + [f"too small to hit: {e}" for e in small]


def _where(rule: dict[str, Any]) -> str:
    nodes = [
        f"{' '.join(map(str, n['target']))} ({n['failureSummary'].splitlines()[-1].strip()})"
        for n in rule["nodes"]
    ]
    return " | ".join(nodes[:4])


# Notes each stop when it is reached, and when the focus leaves the page at its end.
_WATCH_STOPS = """() => {
  window.stops = { seen: [], isOver: false };
  document.addEventListener('focusin', ({ target: e }) => {
    const s = getComputedStyle(e);
    const name = `${e.tagName} ${(e.textContent || e.id || '').trim().slice(0, 20)}`;
    window.stops.seen.push([name, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]);
  });
  document.addEventListener('focusout', (event) => { if (!event.relatedTarget) window.stops.isOver = true; });
}"""


def stops_without_outline(page: Page, limit: int = 80) -> list[str]:
    """Tabs through the page; the stops whose focus cannot be seen. A page has at least one stop."""
    page.evaluate(_WATCH_STOPS)
    for _step in range(limit // 8):
        for _press in range(8):
            page.keyboard.press("Tab")
        if page.evaluate("() => window.stops.isOver"):
            break
    # A focus that stays would uncover the link that skips the menu.
    seen = page.evaluate("() => { document.activeElement.blur(); return window.stops.seen; }")
    assert seen, "the keyboard reaches nothing"
    return [name for name, is_outlined in seen if not is_outlined]
