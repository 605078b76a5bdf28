"""予定: what people say of their time on the pages, and who may say it for whom."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from mensetsu.accounts.models import CompanyHoliday, Role
from mensetsu.availability import arranging, asking
from mensetsu.availability.models import BusyBlock, TimeOff
from mensetsu.history.models import Entry
from tests import story

WEEK = {f"week-day_{number}": "" for number in range(7)}


def page_of(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 422
    return [item.get_text(strip=True) for item in page_of(answer).select("#errors li")]


def said(user: Any) -> list[tuple[int, time, time]]:
    return list(user.working_hours.values_list("weekday", "begins", "ends"))


def test_before_anything_is_said_the_usual_week_stands_there(people, client_of) -> None:
    page = page_of(client_of(people.doi).get("/availability/"))

    assert page.h1.get_text() == "予定"
    assert page.select_one("#id_week-day_0")["value"] == "9:00〜18:00"
    assert page.select_one("#id_week-day_5").get("value", "") == ""
    assert "まだ登録されていません。月〜金 9:00〜18:00として扱います。" in page.get_text()


def test_a_week_with_several_spans_a_day(people, client_of) -> None:
    typed = WEEK | {"week-day_0": "9:00〜12:00、13:00〜18:00", "week-day_3": "１３時〜１７時"}

    answer = client_of(people.doi).post(f"/availability/{people.doi.pk}/week/", typed)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/availability/")
    assert said(people.doi) == [
        (0, time(9), time(12)), (0, time(13), time(18)), (3, time(13), time(17)),
    ]  # fmt: skip
    monday = datetime(2027, 6, 7, 12, 30, tzinfo=story.JAPAN)
    why = asking.why_not(people.doi, monday, monday + timedelta(minutes=30), now=monday)
    assert [reason.kind for reason in why] == [asking.OUTSIDE_HOURS]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("終日", "月曜日の時間は9:00〜12:00のように入力してください。「終日」を読み取れませんでした。"),
        ("18-9", "月曜日は、終了を開始より後の時刻にしてください（「18-9」）。"),
        ("9-12、11-13", "月曜日の時間が重なっています。"),
    ],
)
def test_a_week_that_cannot_be_read_is_kept_and_explained(
    people, client_of, text: str, sentence: str
) -> None:
    answer = client_of(people.doi).post(f"/availability/{people.doi.pk}/week/", WEEK | {"week-day_0": text})

    assert errors(answer) == [sentence]
    assert page_of(answer).select_one("#id_week-day_0")["value"] == text
    assert said(people.doi) == []


def test_a_week_without_hours_is_refused(people, client_of) -> None:
    answer = client_of(people.doi).post(f"/availability/{people.doi.pk}/week/", WEEK)

    assert errors(answer) == [
        "少なくとも1つの曜日に時間を入力してください。休む期間は「休み」に追加してください。"
    ]


def test_back_to_the_usual_week(people, client_of) -> None:
    client = client_of(people.doi)
    client.post(f"/availability/{people.doi.pk}/week/", WEEK | {"week-day_0": "9-10"})

    client.post(f"/availability/{people.doi.pk}/week/usual/")

    assert said(people.doi) == []
    assert not asking.weeks_of([people.doi])[people.doi.pk].is_said


def test_days_off_are_added_and_removed(people, client_of) -> None:
    client, today = client_of(people.doi), timezone.localdate()
    last = today + timedelta(days=3)

    client.post(f"/availability/{people.doi.pk}/off/",
                {"off-first_on": str(today), "off-last_on": str(last), "off-note": "夏季休暇"})  # fmt: skip
    row = TimeOff.objects.get()

    assert (row.user, row.first_on, row.last_on, row.note) == (people.doi, today, last, "夏季休暇")
    assert "夏季休暇" in page_of(client.get("/availability/")).select_one("#off").get_text()
    assert client.post(f"/availability/off/{row.pk}/removal/").headers["Location"] == "/availability/"
    assert not TimeOff.objects.exists()


def test_a_single_day_needs_no_end(people, client_of) -> None:
    client_of(people.doi).post(f"/availability/{people.doi.pk}/off/", {"off-first_on": "2027/06/10"})

    assert TimeOff.objects.values_list("first_on", "last_on").get() == (date(2027, 6, 10), date(2027, 6, 10))


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ("2027-06-09", "休みの最終日は初日以降の日付を入力してください。"),
        ("2028-06-10", "休みは一度に1年分まで追加できます。日付を確認してください。"),
    ],
)
def test_days_off_that_cannot_be(people, client_of, last: str, sentence: str) -> None:
    typed = {"off-first_on": "2027-06-10", "off-last_on": last}

    assert errors(client_of(people.doi).post(f"/availability/{people.doi.pk}/off/", typed)) == [sentence]
    assert not TimeOff.objects.exists()


def test_a_weekly_busy_time_in_the_persons_own_zone(people, client_of) -> None:
    abroad = story.user(people.company, "kate@sample.example.jp", "Kent", "Kate", Role.INTERVIEWER,
                        time_zone="America/New_York")  # fmt: skip
    typed = {"busy-on": "2027-06-10", "busy-begins": "10:00", "busy-ends": "11:30", "busy-weekly": "on",
             "busy-note": "定例"}  # fmt: skip

    answer = client_of(people.baba).post(f"/availability/{abroad.pk}/busy/", typed)

    assert answer.headers["Location"] == f"/availability/{abroad.pk}/"
    row = BusyBlock.objects.get()
    assert row.starts_at == datetime(2027, 6, 10, 10, 0, tzinfo=abroad.zone)
    assert row.ends_at - row.starts_at == timedelta(minutes=90)
    shown = page_of(client_of(people.baba).get(f"/availability/{abroad.pk}/")).select_one("#busy").get_text()
    assert "毎週木曜日 10:00〜11:30 定例" in shown


def test_a_busy_time_must_end_after_it_begins(people, client_of) -> None:
    typed = {"busy-on": "2027-06-10", "busy-begins": "11:00", "busy-ends": "11:00"}

    answer = client_of(people.doi).post(f"/availability/{people.doi.pk}/busy/", typed)

    assert errors(answer) == ["終了は開始より後の時刻を選択してください。"]


def test_what_is_over_is_not_listed_any_more(people, client_of) -> None:
    now, yesterday = timezone.now(), timezone.localdate() - timedelta(days=2)
    TimeOff.objects.create(user=people.doi, first_on=yesterday, last_on=yesterday, note="過去の休み")
    BusyBlock.objects.create(
        user=people.doi,
        starts_at=now - timedelta(hours=2),
        ends_at=now - timedelta(hours=1),
        note="過去の予定",
    )

    assert "過去の" not in page_of(client_of(people.doi).get("/availability/")).get_text()


def test_holidays_are_listed_so_that_nobody_adds_them(people, client_of) -> None:
    on = timezone.localdate() + timedelta(days=10)
    CompanyHoliday.objects.create(organization=people.company, on=on, name="創立記念日")

    assert (
        "創立記念日"
        in page_of(client_of(people.doi).get("/availability/")).select_one("#off details").get_text()
    )


def test_recruiters_find_everybody_and_what_they_said(people, client_of) -> None:
    client_of(people.doi).post(f"/availability/{people.doi.pk}/week/", WEEK | {"week-day_0": "9-10"})

    rows = {
        row.th.get_text(strip=True): row.td.get_text(strip=True)
        for row in page_of(client_of(people.baba).get("/availability/people/")).select("tbody tr")
    }

    assert rows == {
        "青木 葵": "未登録（月〜金 9:00〜18:00）",
        "馬場 文": "未登録（月〜金 9:00〜18:00）",
        "土井 大": "登録済み",
        "遠藤 恵": "未登録（月〜金 9:00〜18:00）",
    }


@pytest.mark.parametrize("path", ["", "week/", "week/usual/", "off/", "busy/"])
def test_interviewers_keep_only_their_own(people, client_of, path: str) -> None:
    client = client_of(people.endo)
    ask = client.get if path == "" else client.post

    assert ask(f"/availability/{people.doi.pk}/{path}").status_code == 404


def test_an_interviewer_cannot_remove_a_colleagues_rows(people, client_of) -> None:
    off = TimeOff.objects.create(user=people.doi, first_on=date(2027, 6, 1), last_on=date(2027, 6, 1))

    assert client_of(people.endo).post(f"/availability/off/{off.pk}/removal/").status_code == 404
    assert TimeOff.objects.filter(pk=off.pk).exists()


def test_each_change_is_written_down_once(people) -> None:
    now = timezone.now()
    off = arranging.take_off(
        people.doi, first_on=date(2027, 6, 1), last_on=date(2027, 6, 2), by=people.baba, now=now
    )
    arranging.come_back(off, by=people.baba, now=now)
    arranging.come_back(off, by=people.baba, now=now)
    rows = [asking.hours.Weekly(0, time(9), time(10))]
    assert arranging.say_week(people.doi, rows=rows, by=people.doi, now=now)
    assert not arranging.say_week(people.doi, rows=rows, by=people.doi, now=now)
    for _press in range(2):
        arranging.forget_week(people.doi, by=people.doi, now=now)
    busy = arranging.block(
        people.doi, starts_at=now, ends_at=now + timedelta(hours=1), weekly=True, by=people.doi, now=now
    )
    for _press in range(2):
        arranging.unblock(busy, by=people.baba, now=now)

    assert list(Entry.objects.order_by("pk").values_list("action", "actor")) == [
        ("availability.off", people.baba.pk),
        ("availability.back", people.baba.pk),
        ("availability.week_said", people.doi.pk),
        ("availability.week_forgotten", people.doi.pk),
        ("availability.blocked", people.doi.pk),
        ("availability.unblocked", people.baba.pk),
    ]
    assert not asking.weeks_of([people.doi])[people.doi.pk].is_said
    assert not BusyBlock.objects.exists()


def test_in_english(people: SimpleNamespace, client_of) -> None:
    people.doi.language = "en"
    people.doi.save()

    page = page_of(client_of(people.doi).get("/availability/"))

    assert page.select_one("#id_week-day_0")["value"] == "9:00–18:00"
    assert "Monday" in page.select_one("#week").get_text()
