"""The templates as a whole: none unused, none missing, nothing inline, words as agreed."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import allauth.account
import pytest
from django.template import engines
from django.template.loader import get_template
from jinja2 import meta

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "mensetsu" / "templates"
NAMES = sorted(str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*") if p.is_file())
PAGES = [name for name in NAMES if name.endswith(".html")]
CSS = sorted((ROOT / "mensetsu" / "static" / "css").glob("*.css"))
# The login library asks for its pages under these names.
LIBRARY = Path(allauth.account.__file__).parents[1] / "templates"
HALF_WIDTH_KATAKANA = re.compile("[\uff61-\uff9f]")


def _code() -> Iterator[tuple[Path, ast.AST]]:
    for path in (ROOT / "mensetsu").rglob("*.py"):
        yield path, ast.parse(path.read_text())


@cache
def _strings_in_code() -> set[str]:
    return {
        node.value
        for _path, tree in _code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@cache
def _referenced_by_templates() -> set[str]:
    environment = engines["jinja2"].env
    found: set[str] = set()
    for name in NAMES:
        tree = environment.parse((TEMPLATES / name).read_text())
        found |= {other for other in meta.find_referenced_templates(tree) if other}
    return found


def test_every_template_is_used() -> None:
    strings = _strings_in_code()
    used = strings | _referenced_by_templates()
    used |= {name for name in NAMES if (LIBRARY / name).exists()}
    # A notice is named by its folder: notices/<name>/subject.txt and body.txt.
    used |= {
        n for n in NAMES if n.startswith("notices/") and n.count("/") == 2 and n.split("/")[1] in strings
    }

    assert sorted(set(NAMES) - used) == []


def test_every_named_template_exists() -> None:
    named = {s for s in _strings_in_code() if re.fullmatch(r"[a-z_]+(/[a-z_]+)+\.(html|txt)", s)}
    named |= _referenced_by_templates()
    missing = sorted(n for n in named if not (TEMPLATES / n).exists() and not (LIBRARY / n).exists())
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_template_can_be_read(name: str) -> None:
    assert get_template(name, using="jinja2")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_inline(name: str) -> None:
    source = re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text(), flags=re.S)
    inline = re.findall(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", source
    )
    assert inline == []


@pytest.mark.parametrize("name", PAGES)
def test_htmx_needs_no_eval(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    triggers = re.findall(r'hx-trigger="([^"]*)"', source)
    assert [t for t in triggers if re.search(r"\w\[", t)] == [], (
        "event filters need eval, which our policy forbids"
    )
    assert not re.search(r"hx-on|hx-vals=['\"]js:|hx-vars", source)


@pytest.mark.parametrize("name", PAGES)
def test_every_button_says_its_type_and_no_page_comes_from_elsewhere(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    assert [b for b in re.findall(r"<button\b[^>]*>", source) if "type=" not in b] == []
    assert re.findall(r"(?:src|srcset)=\"(?:https?:)?//", source) == []
    assert re.findall(r"<link[^>]*href=\"(?:https?:)?//", source) == []


@pytest.mark.parametrize("name", PAGES)
def test_ticks_of_a_list_are_not_restored_by_the_browser(name: str) -> None:
    """Going back, a browser ticks equally named boxes by their position: of a list drawn anew, somebody else."""
    boxes = re.findall(r'<input\b[^>]*type="checkbox"(?:[^>"]|"[^"]*")*>', (TEMPLATES / name).read_text())
    of_a_list = [box for box in boxes if 'value="{{' in box or "data-select-all" in box]
    assert [box for box in of_a_list if 'autocomplete="off"' not in box] == []


PUBLIC_FRAMES = ('"public.html"', '"booking/_public.html"')


@pytest.mark.parametrize("name", PAGES)
def test_posted_forms_are_protected_and_speak_our_words(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    for form in re.findall(r"<form\b.*?</form>", source, flags=re.S):
        head = form[: form.index(">")]
        if 'method="post"' not in head:
            continue
        # On public pages the address itself is the secret that a foreign page would have to know.
        assert "csrf_input" in form or any(frame in source for frame in PUBLIC_FRAMES), head
        # What a browser would refuse by itself, in its own words and language.
        picky = re.search(r"kit\.field|\srequired\b|\spattern=|type=\"(?:email|url|number|date|time)\"", form)
        assert not picky or "novalidate" in head, head


@pytest.mark.parametrize("name", [n for n in PAGES if n != "web/kit.html"])
def test_fields_are_drawn_with_their_label(name: str) -> None:
    """A control written by hand has a label or a name for screen readers (bound fields get theirs from kit.field)."""
    source = re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text(), flags=re.S)
    for tag in re.findall(r"<(?:input|select|textarea)\b(?:[^>\"]|\"[^\"]*\")*>", source):
        if re.search(r'type="(?:hidden|submit)"|\shidden\b', tag):
            continue
        own_id = re.search(r'\sid="([^"]+)"', tag)
        has_label = own_id and f'for="{own_id[1]}"' in source
        inside_label = re.search(r"<label\b[^>]*>[^<]*(?:<(?!/label)[^>]*>[^<]*)*?" + re.escape(tag), source)
        assert has_label or inside_label or "aria-label" in tag, tag


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_h1(name: str) -> None:
    """The frames write it; a page that extends one fills in the block and writes none of its own."""
    source = (TEMPLATES / name).read_text()
    expected = 1 if "<!DOCTYPE" in source else 0
    assert len(re.findall(r"<h1\b", source)) == expected


def _japanese() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "mensetsu").rglob("locale/ja/LC_MESSAGES/django.po"):
        for text in re.findall(r'^msgstr(?:\[\d\])? ((?:"[^\n]*"\n?)+)', path.read_text(), flags=re.M):
            yield path.parts[-5], "".join(re.findall(r'"(.*)"', text))


def test_japanese_words_as_agreed() -> None:
    refused = {
        "half-width katakana": HALF_WIDTH_KATAKANA,
        "a link must say where it goes": re.compile("こちら(?!から)"),
        "long-winded": re.compile("することができます|させていただ"),
        "the library's sentence": re.compile("このフィールドは"),
        "figures are half-width": re.compile("[０-９]"),
        "a button says the verb": re.compile("^(OK|はい|いいえ)$"),
        "no excitement": re.compile("[!！]"),
    }
    found = [
        f"{module}: {text} ({why})"
        for module, text in _japanese()
        for why, pattern in refused.items()
        if pattern.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("sheet", CSS, ids=[p.name for p in CSS])
def test_colors_are_only_named_in_one_sheet(sheet: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    assert source.count("\n") < 400
    if sheet.name == "tokens.css":
        return
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|var\(--color-", source) == []
    tokens = (sheet.parent / "tokens.css").read_text()
    unknown = {v for v in re.findall(r"var\((--ui-[\w-]+)", source) if f"{v}:" not in tokens}
    assert unknown == set()


def test_every_sheet_is_linked() -> None:
    listed = " ".join((TEMPLATES / name).read_text() for name in ("base.html", "public.html"))
    assert [sheet.stem for sheet in CSS if f'"css/{sheet.name}"' not in listed] == []


ADDRESS_CELL = r"<t[dh]\b(?:{{.*?}}|[^>{])*>\{\{ *[\w.]*(?:email|url|address) *\}\}"


def test_words_in_tables_stay_whole_and_addresses_may_break() -> None:
    """English headings and words were cut ("Gradua/tes") wherever a column could get narrower by it."""
    rules = (ROOT / "mensetsu" / "static" / "css" / "table.css").read_text()
    assert "th, td { overflow-wrap: break-word; }" in rules
    cells = [
        f"{name}: {cell}"
        for name in PAGES
        for cell in re.findall(ADDRESS_CELL, (TEMPLATES / name).read_text())
        if "u-any" not in cell
    ]
    assert cells == []
