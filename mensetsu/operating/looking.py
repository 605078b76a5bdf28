"""Questions about a database that more than one command asks. Reads only."""

from datetime import datetime

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from mensetsu.accounts.models import Organization, User
from mensetsu.jobs import working
from mensetsu.jobs.models import Beat

Migration = tuple[str, str]


def unapplied_migrations(using: str = DEFAULT_DB_ALIAS) -> list[Migration]:
    """What the program knows and the database has not got yet."""
    executor = MigrationExecutor(connections[using])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _backwards in plan]


def foreign_migrations(applied: set[Migration]) -> list[Migration]:
    """Which of these the program does not know: the database was made by a newer one."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("mensetsu.")}
    return sorted(key for key in applied if key[0] in ours and key not in known)


def table_names(using: str = DEFAULT_DB_ALIAS) -> set[str]:
    with connections[using].cursor() as cursor:
        return set(connections[using].introspection.table_names(cursor))


def is_empty(using: str = DEFAULT_DB_ALIAS) -> bool:
    """No company and no person in it; its tables may be there already."""
    there = table_names(using)
    return not any(
        model._base_manager.using(using).exists()
        for model in (Organization, User)
        if model._meta.db_table in there
    )


def workers_alive(now: datetime, using: str = DEFAULT_DB_ALIAS) -> int:
    """Processes whose job threads have shown a sign of life lately, whichever engine runs them (mensetsu.jobs)."""
    there = table_names(using)
    alive = 0
    if Beat._meta.db_table in there:
        beats = Beat.objects.using(using).filter(name__startswith="worker:", began_at__gt=now - working.STALE)
        alive += beats.count()
    if "procrastinate_workers" in there:
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", [now - working.STALE]
            )
            alive += cursor.fetchone()[0]
    return alive
