"""Every identifier of GLOSSARY.md exists, so that the glossary cannot lie."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

GLOSSARY = (Path(__file__).resolve().parent.parent.parent / "GLOSSARY.md").read_text(encoding="utf-8")
IDENTIFIERS = re.findall(r"`(mensetsu\.[\w.]+)`", GLOSSARY)


def test_the_glossary_names_the_heart_of_the_product() -> None:
    assert len(IDENTIFIERS) > 40
    assert len(IDENTIFIERS) == len(set(IDENTIFIERS))


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_identifier_exists(name: str) -> None:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            fields = {f.name for f in found._meta.get_fields()} if hasattr(found, "_meta") else set()
            assert hasattr(found, attribute) or attribute in fields, f"{name}: no {attribute}"
            found = getattr(found, attribute, None)
        return
    pytest.fail(f"{name}: no such module")
