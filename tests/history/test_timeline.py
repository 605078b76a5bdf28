"""A story on a page: newest first, by day, fifty lines at a time, one group of them, in the reader's words."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from mensetsu.history import recording, timeline, wording
from mensetsu.history.models import Entry
from mensetsu.web import dates

START = datetime(2026, 11, 20, 14, 50, tzinfo=UTC)  # 23:50 in Japan


@pytest.fixture(autouse=True)
def _sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_SENTENCES", {"mail.sent": "Sent", "interview.set": "Set <b>"})
    monkeypatch.setattr(wording, "_WORDS", {})


def write(people: SimpleNamespace, action: str, minutes: int, by: Any = None) -> Entry:
    return recording.record(
        action,
        subject=people.doi,
        organization_id=people.company.pk,
        by=by,
        at=START + timedelta(minutes=minutes),
    )


def read(people: SimpleNamespace, **options: Any) -> timeline.Timeline:
    entries = Entry.objects.visible_to(people.aoki).of_thread("accounts.user", people.doi.pk)
    return timeline.read(entries, when=dates.full, **options)


def test_lines_are_grouped_by_the_readers_day_newest_first(people: SimpleNamespace) -> None:
    for minutes in (0, 5, 20):  # 23:50, 23:55, next day 0:10
        write(people, "mail.sent", minutes)

    told = read(people)

    assert [(on.day, [line.clock for line in lines]) for on, lines in told.days] == [
        (21, ["0:10"]),
        (20, ["23:55", "23:50"]),
    ]


def test_another_zone_makes_other_days(people: SimpleNamespace) -> None:
    write(people, "mail.sent", 20)

    with timezone.override("Europe/London"):
        told = read(people)

    assert [(on.day, [line.clock for line in lines]) for on, lines in told.days] == [(20, ["15:10"])]


def test_a_group_shows_only_its_own(people: SimpleNamespace) -> None:
    write(people, "mail.sent", 0)
    write(people, "interview.set", 1)

    told = read(people, groups=[("mail", "Mails")], group="mail")

    assert [line.text for _on, lines in told.days for line in lines] == ["Sent"]
    assert [(one.key, one.is_current) for one in told.filters] == [("", False), ("mail", True)]


@pytest.mark.parametrize(("group", "lines"), [("nonsense", "x"), ("'; DROP", "-4"), ("", "")])
def test_nonsense_in_the_address_is_not_an_error(people: SimpleNamespace, group: str, lines: str) -> None:
    write(people, "mail.sent", 0)

    told = read(people, groups=[("mail", "Mails")], group=group, lines=lines)

    assert (told.group, len(told.days)) == ("", 1)


@pytest.mark.parametrize(("written", "shown", "older"), [(49, 49, None), (50, 50, None), (51, 50, 100)])
def test_after_fifty_lines_older_ones_are_offered(
    people: SimpleNamespace, written: int, shown: int, older: int | None
) -> None:
    for minutes in range(written):
        write(people, "mail.sent", minutes)

    told = read(people)

    assert sum(len(lines) for _on, lines in told.days) == shown
    assert told.older == older


@pytest.mark.parametrize("count", [1, 3])
def test_one_query_for_any_number_of_lines(
    people: SimpleNamespace, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for minutes in range(count):
        write(people, "mail.sent", minutes, by=people.aoki)

    with django_assert_num_queries(1):
        told = read(people)

    assert sum(len(lines) for _on, lines in told.days) == count


def test_an_english_reader_sees_latin_letters(people: SimpleNamespace) -> None:
    people.aoki.romaji = "Aoi Aoki"
    people.aoki.save()
    write(people, "mail.sent", 0, by=people.aoki)
    write(people, "mail.sent", 1, by=people.baba)

    with translation.override("en"):
        told = read(people)

    assert [line.actor for _on, lines in told.days for line in lines] == ["馬場 文", "Aoi Aoki"]


def test_another_company_reads_nothing(people: SimpleNamespace) -> None:
    write(people, "mail.sent", 0)

    assert list(Entry.objects.visible_to(people.chiba)) == []


def test_the_page_escapes_and_names_the_automatic(people: SimpleNamespace) -> None:
    write(people, "interview.set", 0)
    write(people, "mail.sent", 1, by=people.aoki)

    page = render_to_string("history/_timeline.html", {"timeline": read(people, groups=[("mail", "Mails")])})

    assert "Set &lt;b&gt;" in page
    assert "自動" in page
    assert "青木 葵" in page
    assert "<h3>2026年11月20日(金)</h3>" in page
    assert 'href="?history=mail#timeline"' in page


def test_the_page_says_when_there_is_nothing(people: SimpleNamespace) -> None:
    page = render_to_string("history/_timeline.html", {"timeline": read(people)})

    assert "履歴はまだありません。" in page


@pytest.mark.parametrize("group", ["", "mail"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_thread_reads_as_its_entries_do(
    people: SimpleNamespace, group: str, language: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people.aoki.romaji = "Aoi Aoki"
    people.aoki.save()
    for minutes in range(4):
        write(
            people,
            ("mail.sent", "interview.set")[minutes % 2],
            minutes * 9,
            by=(people.aoki, None)[minutes // 2],
        )
    thread = timeline.Thread(people.company.pk, "accounts.user", people.doi.pk)
    stranger = timeline.Thread(people.company.pk + 1, "accounts.user", people.doi.pk)
    entries = Entry.objects.filter(organization_id=people.company.pk).of_thread(
        "accounts.user", people.doi.pk
    )
    asked: Any = {"when": dates.full, "groups": [("mail", "Mails")], "group": group, "lines": 3}

    with translation.override(language):
        for _time in range(2):
            with django_assert_num_queries(1):
                told = timeline.read(thread, **asked)
        assert told == timeline.read(entries, **asked)
        assert timeline.read(stranger, **asked).days == []
    assert sum(len(lines) for _on, lines in told.days) == (2 if group else 3)
