"""The compiled catalogs, made before Django starts because it reads them then."""

import runpy
from pathlib import Path


def compile_if_older(root: Path) -> None:
    catalogs = root.glob("mensetsu/*/locale/*/LC_MESSAGES/django.po")
    if any(is_newer(catalog, catalog.with_suffix(".mo")) for catalog in catalogs):
        runpy.run_path(str(root / "bin" / "messages.py"))["compile_all"]()


def is_newer(source: Path, made: Path) -> bool:
    return not made.exists() or source.stat().st_mtime > made.stat().st_mtime
