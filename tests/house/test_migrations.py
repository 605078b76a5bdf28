"""The models and their migrations agree, and the database of every test is what the migrations make."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import databases
from tests.house.world import furnished


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_the_copy_that_a_worker_takes_has_seen_every_migration() -> None:
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db(transaction=True)
def test_after_a_test_that_commits_no_row_of_ours_is_left(people: SimpleNamespace) -> None:
    furnished(people)
    models = [model for model in apps.get_models() if model.__module__.startswith("mensetsu.")]
    assert len([model for model in models if model._base_manager.exists()]) > 20

    databases.emptied()

    assert [model.__name__ for model in models if model._base_manager.exists()] == []
    assert ContentType.objects.exists()
