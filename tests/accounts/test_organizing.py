"""A company is founded by the operator and described by its administrators."""

from datetime import UTC, date, datetime
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from mensetsu.accounts import organizing
from mensetsu.accounts.models import CompanyHoliday, Organization, User
from mensetsu.history import wording
from mensetsu.history.models import Entry
from mensetsu.web import dates

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def create(**options: str) -> str:
    said = StringIO()
    call_command(
        "create_organization",
        stdout=said,
        **{"name": "株式会社ミライ", "admin_email": "m@mirai.example", **options},
    )
    return said.getvalue()


def test_the_command_prints_a_link_that_opens_the_house(db: None) -> None:
    link = create(family_name="未来").strip().splitlines()[-1]

    answer = Client().post(link, {"password1": "とても長い合言葉です", "password2": "とても長い合言葉です"})

    admin = User.objects.get(email="m@mirai.example")
    assert link.startswith("http://testserver/invitations/")
    assert (answer.status_code, admin.role, admin.organization.name) == (303, "admin", "株式会社ミライ")
    assert admin.joined_at is not None


def test_the_command_sends_no_mail(db: None, mailoutbox: list, run_jobs: Any) -> None:
    create()
    run_jobs()

    assert mailoutbox == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"admin_email": "nonsense"}, "This is not a mail address"),
        ({"time_zone": "Mars/Olympus"}, "This is not a time zone"),
        ({"name": "  "}, "needs a name"),
        ({"admin_email": "AOKI@sample.example.jp"}, "nothing was created"),
    ],
)
def test_the_command_refuses_in_words_and_creates_nothing(
    people: SimpleNamespace, options: dict, said: str
) -> None:
    before = Organization.objects.count()

    with pytest.raises(CommandError, match=said):
        create(**options)

    assert Organization.objects.count() == before


def test_only_what_changed_is_written_down(people: SimpleNamespace) -> None:
    changed = organizing.describe(
        people.company,
        by=people.aoki,
        now=NOW,
        name="株式会社サンプル",
        name_en="Sample",
        phone="03-9999-0000",
    )

    people.company.refresh_from_db()
    assert changed == ["name_en", "phone"]
    assert people.company.name_en == "Sample"
    told = wording.sentence(Entry.objects.get(), dates.full)
    assert told == "会社情報を変更しました：会社名（英語）、電話番号"


def test_no_change_is_no_fact(people: SimpleNamespace) -> None:
    assert organizing.describe(people.company, by=people.aoki, now=NOW, name="株式会社サンプル") == []
    assert not Entry.objects.exists()


def test_a_holiday_is_on_the_list_once(people: SimpleNamespace) -> None:
    first = organizing.add_holiday(
        people.company, on=date(2026, 12, 30), name="年末年始", by=people.aoki, now=NOW
    )

    with pytest.raises(organizing.HolidayKnown) as known:
        organizing.add_holiday(people.company, on=date(2026, 12, 30), name="別名", by=people.aoki, now=NOW)

    assert known.value.holiday == first
    told = wording.sentence(Entry.objects.get(), dates.full, dates.day)
    assert told == "会社の休日を追加しました：2026年12月30日(水)（年末年始）"


def test_another_company_may_have_the_same_day(people: SimpleNamespace) -> None:
    for company, who in ((people.company, people.aoki), (people.other, people.chiba)):
        organizing.add_holiday(company, on=date(2026, 12, 30), name="年末年始", by=who, now=NOW)

    assert CompanyHoliday.objects.visible_to(people.chiba).count() == 1


def test_removing_twice_is_the_same_as_once(people: SimpleNamespace) -> None:
    day = organizing.add_holiday(
        people.company, on=date(2026, 12, 30), name="年末年始", by=people.aoki, now=NOW
    )
    same = CompanyHoliday.objects.get(pk=day.pk)

    organizing.remove_holiday(day, by=people.aoki, now=NOW)
    organizing.remove_holiday(same, by=people.aoki, now=NOW)

    actions = Entry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["organization.holiday_added", "organization.holiday_removed"]
