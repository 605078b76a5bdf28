"""People are recognised by an index each, however many a company has."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensetsu.candidates import importing, registering
from tests import plans
from tests.candidates.taking import NOW, register, upload

pytestmark = [pytest.mark.django_db, plans.on_sqlite]
# Found by their company alone, whatever index that is, or looked through.
EVERYBODY = ("SCAN candidates_candidate", "(organization_id=?)")


def everybody(queries: CaptureQueriesContext) -> list[str]:
    asked = [step for step in plans.steps(queries) if " candidates_candidate" in step]
    assert asked
    return [step for step in asked if step.startswith(EVERYBODY[0]) or step.endswith(EVERYBODY[1])]


def test_whom_a_file_speaks_of_is_found_without_reading_everybody(people: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as queries:
        upload(people, "A-1,佐藤 美咲,misaki@example.com,090-1234-5678\nA-2,鈴木 一郎,,03-1234-5678\n")

    assert everybody(queries) == []


def test_who_has_that_number_already_too(people: SimpleNamespace) -> None:
    register(people, external_id="A-1")
    with CaptureQueriesContext(connection) as queries, pytest.raises(registering.NumberTaken):
        register(people, external_id="A-1", given_name="美紀", email="miki@example.com")

    assert everybody(queries) == []


def test_imports_at_work_are_found_among_the_files_without_reading_these(people: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as queries:
        importing.give_back_lost(now=NOW)

    asked = [step for step in plans.steps(queries) if " candidates_import" in step]
    assert [step for step in asked if "import_at_work" not in step] == []
    assert asked
