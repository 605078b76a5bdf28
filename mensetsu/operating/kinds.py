"""The two kinds of database. Each has the same verbs over files: save, check, rows, put."""

from types import ModuleType

from mensetsu.operating import postgresql_programs, sqlite_files

KINDS: dict[str, ModuleType] = {"sqlite": sqlite_files, "postgresql": postgresql_programs}
