"""May people be sent to this process? What would make every page fail is asked here, before the first of them comes."""

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

# As collectstatic leaves them out.
NOT_COLLECTED = ["CVS", ".*", "*~"]

# Nothing of this gets worse while a process runs, so what was once found good is not asked again.
_is_fit = False


def obstacle() -> str:
    """What is missing and the command that makes it; empty when pages can be shown. Raises DatabaseError."""
    global _is_fit
    if _is_fit:
        return ""
    found = _of_static_files() or _of_tables()
    _is_fit = not found
    return found


def _of_static_files() -> str:
    """By the very question that a page asks: a process that was started too early goes on without them."""
    try:
        for path, _storage in FileSystemFinder().list(NOT_COLLECTED):
            staticfiles_storage.url(path)
    except ValueError:
        return "static files missing: manage.py collectstatic, then restart this process"
    return ""


def _of_tables() -> str:
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return f"{len(missing)} migrations not applied: manage.py migrate"
    # Whoever logs in is counted there.
    if settings.CACHES["default"]["LOCATION"] not in connection.introspection.table_names():
        return "cache table missing: manage.py createcachetable"
    return ""
