"""Calls go down: the import contracts of pyproject.toml hold."""

from importlinter.cli import lint_imports


def test_import_contracts_are_kept() -> None:
    assert lint_imports(no_cache=True) == 0
