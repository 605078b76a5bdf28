"""The gate every page passes: axe in light and dark, nothing wider than the screen at any width, one h1."""

from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# The script of axe-core, as the package brings it; a page needs it once.
_AXE = Axe().axe_script
# Only what is wrong travels back; what passes is a thousand times as much.
_RUN = "options => axe.run(document, options).then((found) => found.violations)"
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
    """`gate(page)`: the page as it stands, without loading it again; raises with everything that was found.

    axe looks at each page in light and in dark, once on a desktop and once on a telephone: the Japanese page lies dark
    on the telephone, the English one on the desktop. Both are photographed."""

    def __init__(self, shots: Path, name: str) -> None:
        self.shots = shots
        self.name = name
        shots.mkdir(exist_ok=True)

    def __call__(self, page: Page) -> None:
        assert page.locator("h1").count() == 1, "a page has one h1"
        page.evaluate(_AXE)
        light, dark = (1280, 390) if page.locator("html").get_attribute("lang") == "ja" else (390, 1280)
        problems = self._look(page, "light", light) + self._look(page, "dark", dark)
        page.set_viewport_size({"width": 320, "height": 900})
        problems += [f"320: {p}" for p in _misfits(page)]
        problems += self._stress(page)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        assert not problems, "\n".join(problems)

    def _look(self, page: Page, scheme: Literal["light", "dark"], width: int) -> list[str]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(_RUN, _OPTIONS)
        problems = [f"{rule['id']}: {_where(rule)}" for rule in found]
        page.screenshot(path=self.shots / f"{self.name}-{scheme}-{width}.png", full_page=True)
        return [f"{scheme} {width}: {p}" for p in problems + _misfits(page)]

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


def _misfits(page: Page) -> list[str]:
    wide = [f"wider than the screen: {e}" for e in page.evaluate(_TOO_WIDE)]
    return wide + [f"too small to hit: {e}" for e in page.evaluate(_TOO_SMALL)]


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
