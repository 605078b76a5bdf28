"""An entry reads in the reader's language and on their clock, whatever version of the product wrote it."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from mensetsu.accounts.models import Role
from mensetsu.history import recording, wording
from mensetsu.history.models import Entry
from mensetsu.web import dates

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_SENTENCES", {})
    monkeypatch.setattr(wording, "_WORDS", {})
    wording.register(
        {
            "test.set": "Set for %(starts_at)s by %(names)s",
            "test.closed": "Closed on %(day_on)s",
            "test.role": "Now %(role)s",
            "other.thing": "100 %% %(what)s",
        },
        words={"role": {"admin": gettext_lazy("Administrator")}},
    )


def entry(action: str, **facts: object) -> Entry:
    return Entry(action=action, facts={key: recording._plain(value) for key, value in facts.items()})


@pytest.mark.parametrize(
    ("language", "zone", "expected"),
    [
        ("ja", "Asia/Tokyo", "Set for 2026年11月24日(火) 14:00 by 土井、遠藤"),
        ("en", "Asia/Tokyo", "Set for Tue, Nov 24, 2026, 14:00 JST by 土井, 遠藤"),
        ("en", "Europe/London", "Set for Tue, Nov 24, 2026, 05:00 GMT by 土井, 遠藤"),
    ],
)
def test_moments_and_lists_are_told_for_the_reader(language: str, zone: str, expected: str) -> None:
    with translation.override(language), timezone.override(zone):
        told = wording.sentence(entry("test.set", starts_at=NOON, names=["土井", "遠藤"]), dates.full)

    assert told == expected


def test_a_date_is_told_with_its_weekday() -> None:
    told = wording.sentence(entry("test.closed", day_on=date(2026, 12, 29)), dates.full, dates.day)

    assert told == "Closed on 2026年12月29日(火)"


def test_a_stored_code_is_told_as_a_word() -> None:
    told = wording.sentence(entry("test.role", role=Role.ADMIN), dates.full)

    assert told == "Now 管理者"


def test_a_fact_that_was_not_written_leaves_its_place_empty() -> None:
    assert wording.sentence(entry("test.set"), dates.full) == "Set for  by "


def test_a_fact_that_is_nothing_is_told_as_nothing() -> None:
    assert wording.sentence(entry("other.thing", what=None), dates.full) == "100 % "


def test_percent_signs_in_facts_are_only_text() -> None:
    assert wording.sentence(entry("other.thing", what="50%(x)s"), dates.full) == "100 % 50%(x)s"


def test_an_action_without_words_is_shown_by_its_name() -> None:
    assert wording.sentence(entry("gone.action", what=1), dates.full) == "gone.action"


def test_a_group_is_the_first_part_of_an_action() -> None:
    assert wording.actions_of("test") == ["test.closed", "test.role", "test.set"]


def test_actor_name_stands_for_a_person_without_login(people: SimpleNamespace) -> None:
    written = recording.record(
        "test.set",
        subject=people.doi,
        organization_id=people.company.pk,
        by=None,
        at=NOON,
        actor_name="佐藤 美咲",
    )

    assert (written.actor, written.actor_name) == (None, "佐藤 美咲")
