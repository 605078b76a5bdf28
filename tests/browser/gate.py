"""The gate every page passes: axe at three widths in light and dark, nothing wider than the screen, one h1."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 390, 320)
SCHEMES = ("light", "dark")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OPTIONS = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
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
    def __init__(self, shots: Path, name: str) -> None:
        self.shots = shots
        self.name = name
        shots.mkdir(exist_ok=True)

    def __call__(self, page: Page) -> None:
        problems: list[str] = []
        assert page.locator("h1").count() == 1, "a page has one h1"
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(
                "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
            )
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                problems += [f"{scheme} {width}: {p}" for p in self._look(page)]
                if width != 320:
                    page.screenshot(path=self.shots / f"{self.name}-{scheme}-{width}.png", full_page=True)
        problems += self._stress(page)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert not problems, "\n".join(problems)

    def _look(self, page: Page) -> list[str]:
        found = Axe().run(page, options=_OPTIONS).response["violations"]
        problems = [f"{rule['id']}: {_where(rule)}" for rule in found]
        problems += [f"wider than the screen: {e}" for e in page.evaluate(_TOO_WIDE)]
        return problems + [f"too small to hit: {e}" for e in page.evaluate(_TOO_SMALL)]

    def _stress(self, page: Page) -> list[str]:
        """200 % text on a wide screen, and the text spacing of WCAG 1.4.12 on a telephone."""
        problems = []
        for what, width, style in (("text 200 %", 1280, _LARGER_TEXT), ("text spacing", 390, _WIDER_TEXT)):
            page.set_viewport_size({"width": width, "height": 900})
            # Our policy forbids inline styles; a sheet made by a script's constructor is not one.
            page.evaluate(
                "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }",
                style,
            )
            problems += [f"{what}: wider than the screen: {e}" for e in page.evaluate(_TOO_WIDE)]
            page.evaluate("() => { document.adoptedStyleSheets = []; }")
        return problems


def _where(rule: dict[str, Any]) -> str:
    nodes = [
        f"{' '.join(map(str, n['target']))} ({n['failureSummary'].splitlines()[-1].strip()})"
        for n in rule["nodes"]
    ]
    return " | ".join(nodes[:4])


def stops_without_outline(page: Page, limit: int = 80) -> list[str]:
    """Tabs through the page; the stops whose focus cannot be seen."""
    unseen = []
    for _step in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            "() => { const e = document.activeElement; if (e === document.body) return null;"
            " const s = getComputedStyle(e);"
            " return [e.tagName, (e.textContent || e.id || '').trim().slice(0, 20),"
            " s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; }"
        )
        if stop is None:
            return unseen
        if not stop[2]:
            unseen.append(f"{stop[0]} {stop[1]}")
    return unseen
