"""Catalogs per module, by Babel: see bin/messages."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mensetsu"
TEMPLATES = PACKAGE / "templates"
# Template folders whose words stand in a module's catalog under another name than the module's own.
FOLDERS = {"accounts": ["accounts", "account"], "web": ["web"]}
MODULES = sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists())
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
JINJA = {
    "extensions": "jinja2.ext.i18n,jinja2.ext.do",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "newstyle_gettext": "true",
    "silent": "false",
}


def sources(module: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((PACKAGE / module).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, "python"
    folders = [TEMPLATES / name for name in FOLDERS.get(module, [module])]
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".html", ".txt")):
            yield path, "jinja2"
    if module == "web":
        for path in sorted(TEMPLATES.glob("*.html")):
            yield path, "jinja2"


def extracted(module: str) -> Catalog:
    catalog = Catalog(locale="ja", domain="django", charset="utf-8", fuzzy=False)
    for path, method in sources(module):
        options = JINJA if method == "jinja2" else {}
        for line, message, comments, context in extract_from_file(method, path, KEYWORDS, ["i18n:"], options):
            del line
            catalog.add(
                message,
                locations=[(str(path.relative_to(ROOT)), None)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def catalog_path(module: str) -> Path:
    return PACKAGE / module / "locale" / "ja" / "LC_MESSAGES" / "django.po"


def known(module: str) -> Catalog:
    path = catalog_path(module)
    if not path.exists():
        return Catalog(locale="ja", domain="django", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return pofile.read_po(file, locale="ja", domain="django")


def update(module: str) -> None:
    fresh, old = extracted(module), known(module)
    for message in fresh:
        before = old.get(message.id, context=message.context) if message.id else None
        if before is not None:
            message.string = before.string
    if not any(m.id for m in fresh):
        return
    path = catalog_path(module)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # No header dates and no line numbers: a catalog changes only when its words do.
        file.write(b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
                   b'"Content-Transfer-Encoding: 8bit\\n"\n"Language: ja\\n"\n'
                   b'"Plural-Forms: nplurals=1; plural=0;\\n"\n\n')  # fmt: skip
        pofile.write_po(file, fresh, omit_header=True, sort_output=True, width=110, include_lineno=False)
    empty = sum(1 for m in fresh if m.id and not is_translated(m.string))
    print(f"{module}: {len([m for m in fresh if m.id])} messages, {empty} without Japanese")


def is_translated(string: object) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def compile_all() -> None:
    for module in MODULES:
        path = catalog_path(module)
        if path.exists():
            compiled = BytesIO()
            write_mo(compiled, known(module))
            # Whole or not at all: another process may be reading it.
            unfinished = path.with_suffix(f".mo.{os.getpid()}")
            unfinished.write_bytes(compiled.getvalue())
            unfinished.replace(path.with_suffix(".mo"))


def check() -> list[str]:
    problems: list[str] = []
    told: dict[tuple[object, str | None], dict[object, str]] = defaultdict(dict)
    for module in MODULES:
        fresh = {(m.id, m.context) for m in extracted(module) if m.id}
        old = {(m.id, m.context): m for m in known(module) if m.id}
        problems += [
            f"{module}: not in the catalog: {key[0]!r}" for key in sorted(fresh - old.keys(), key=repr)
        ]
        problems += [f"{module}: no longer used: {key[0]!r}" for key in sorted(old.keys() - fresh, key=repr)]
        for key, message in old.items():
            if message.fuzzy or not is_translated(message.string):
                problems.append(f"{module}: without Japanese: {key[0]!r}")
            problems += [f"{module}: {key[0]!r}: {error}" for error in message.check()]
            told[key].setdefault(str(message.string), module)
    for (msgid, _context), words in told.items():
        if len(words) > 1:
            problems.append(f"told in {len(words)} ways: {msgid!r}: {words}")
    return problems


def main(arguments: list[str]) -> int:
    if arguments == ["--compile"]:
        compile_all()
        return 0
    if arguments == ["--check"]:
        problems = check()
        print("\n".join(problems) or "Every message has its Japanese.")
        return bool(problems)
    unknown = [name for name in arguments if name not in MODULES]
    if unknown:
        print(f"No such module: {', '.join(unknown)}. Modules: {', '.join(MODULES)}")
        return 2
    for module in arguments or MODULES:
        update(module)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
