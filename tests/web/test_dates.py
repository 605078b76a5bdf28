"""Moments in words, as tables."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from mensetsu.web import dates

JAPAN = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
FIVE_AM = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 14:00 in Japan
NEW_YEAR = datetime(2026, 12, 31, 14, 30, tzinfo=UTC)  # 23:30 in Japan


@pytest.mark.parametrize(
    ("moment", "minutes", "language", "zone", "words"),
    [
        (FIVE_AM, 60, "ja", JAPAN, "2026年11月24日(火) 14:00〜15:00"),
        (FIVE_AM, None, "ja", JAPAN, "2026年11月24日(火) 14:00"),
        (FIVE_AM, 60, "en", JAPAN, "Tue, Nov 24, 2026, 14:00–15:00 JST"),
        (FIVE_AM, 60, "en", BERLIN, "Tue, Nov 24, 2026, 06:00–07:00 CET"),
        (FIVE_AM, 60, "ja", BERLIN, "2026年11月24日(火) 06:00〜07:00（CET）"),
        (FIVE_AM, 60, "en", SAO_PAULO, "Tue, Nov 24, 2026, 02:00–03:00 GMT-3"),
        (FIVE_AM, 60, "en", KATHMANDU, "Tue, Nov 24, 2026, 10:45–11:45 GMT+5:45"),
        (NEW_YEAR, 60, "ja", JAPAN, "2026年12月31日(木) 23:30〜00:30"),
        (NEW_YEAR + timedelta(minutes=30), 30, "ja", JAPAN, "2027年1月1日(金・祝) 00:00〜00:30"),
        (NEW_YEAR, 60, "en", SAO_PAULO, "Thu, Dec 31, 2026, 11:30–12:30 GMT-3"),
    ],
)
def test_full(moment: datetime, minutes: int | None, language: str, zone: ZoneInfo, words: str) -> None:
    assert dates.full(moment, minutes, language=language, zone=zone) == words


@pytest.mark.parametrize(
    ("function", "ja", "en"),
    [
        (dates.short, "11/24(火) 14:00", "Nov 24 (Tue) 14:00"),
        (dates.log, "2026/11/24 14:00", "2026-11-24 14:00"),
    ],
)
def test_short_forms(function: object, ja: str, en: str) -> None:
    assert function(FIVE_AM, language="ja", zone=JAPAN) == ja
    assert function(FIVE_AM, language="en", zone=JAPAN) == en


@pytest.mark.parametrize(
    ("now", "ja", "en"),
    [
        (datetime(2026, 4, 1, tzinfo=JAPAN), "11/24(火) 14:00", "Nov 24 (Tue) 14:00"),
        (datetime(2027, 3, 31, 23, tzinfo=JAPAN), "11/24(火) 14:00", "Nov 24 (Tue) 14:00"),
        (datetime(2027, 4, 1, tzinfo=JAPAN), "2026/11/24(火) 14:00", "Nov 24, 2026 (Tue) 14:00"),
        (datetime(2026, 3, 31, 23, tzinfo=JAPAN), "2026/11/24(火) 14:00", "Nov 24, 2026 (Tue) 14:00"),
    ],
)
def test_a_list_tells_the_year_in_another_fiscal_year(now: datetime, ja: str, en: str) -> None:
    assert dates.short(FIVE_AM, language="ja", zone=JAPAN, now=now) == ja
    assert dates.short(FIVE_AM, language="en", zone=JAPAN, now=now) == en


def test_days_have_no_leading_zero_and_always_a_weekday() -> None:
    on = date(2027, 1, 4)
    assert dates.day(on, language="ja") == "2027年1月4日(月)"
    assert dates.day(on, language="en") == "Mon, Jan 4, 2027"
    assert dates.short_day(on, language="ja") == "1/4(月)"
    assert dates.short_day(on, language="en") == "Jan 4 (Mon)"
    assert dates.month_day(on, language="ja") == "1月4日(月)"
    assert dates.month_day(on, language="en") == "Mon, Jan 4"


@pytest.mark.parametrize(
    ("first", "last", "language", "words"),
    [
        (date(2026, 11, 22), date(2026, 11, 28), "ja", "2026年11月22日(日)〜11月28日(土)"),
        (date(2026, 11, 22), date(2026, 11, 28), "en", "Sun, Nov 22 – Sat, Nov 28, 2026"),
        (date(2026, 12, 27), date(2027, 1, 2), "ja", "2026年12月27日(日)〜2027年1月2日(土)"),
        (date(2026, 12, 27), date(2027, 1, 2), "en", "Sun, Dec 27, 2026 – Sat, Jan 2, 2027"),
    ],
)
def test_a_range_of_days_names_the_year_where_it_is_needed(
    first: date, last: date, language: str, words: str
) -> None:
    with translation.override(language):
        assert dates.days(first, last) == words


@pytest.mark.parametrize(
    ("on", "ja"),
    [
        (date(2026, 11, 23), "11月23日(月・祝)"),
        (date(2026, 9, 22), "9月22日(火・祝)"),  # between two holidays
        (date(2027, 3, 22), "3月22日(月・祝)"),  # the day after a holiday on a Sunday
        (date(2026, 11, 3), "11月3日(火・祝)"),
        (date(2026, 11, 22), "11月22日(日)"),
    ],
)
def test_public_holidays_are_named_beside_the_weekday_in_japanese_only(on: date, ja: str) -> None:
    assert dates.month_day(on, language="ja") == ja
    assert dates.day(on, language="ja") == f"{on.year}年{ja}"
    assert dates.short_day(on, language="ja") == ja.replace("月", "/", 1).replace("日(", "(", 1)
    assert "祝" not in dates.day(on, language="en") + dates.short_day(on, language="en")
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=JAPAN)
    assert dates.full(noon, 60, language="ja", zone=JAPAN) == f"{on.year}年{ja} 12:00〜13:00"


def test_every_weekday_is_right() -> None:
    week = [date(2026, 11, 29) + timedelta(days=n) for n in range(7)]
    assert [dates.month_day(d, language="ja")[-2] for d in week] == list("日月火水木金土")
    assert [dates.month_day(d, language="en")[:3] for d in week] == [
        "Sun",
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
    ]


def test_the_wave_is_the_one_of_japanese_keyboards() -> None:
    with translation.override("ja"):
        assert dates.span(FIVE_AM, 60, zone=JAPAN) == "14:00\u301c15:00"


def test_machine_form_has_the_offset() -> None:
    assert dates.machine(FIVE_AM, zone=JAPAN) == "2026-11-24T14:00+09:00"


def test_without_arguments_the_readers_own_language_and_zone_count() -> None:
    with translation.override("en"), timezone.override(BERLIN):
        assert dates.short(FIVE_AM) == "Nov 24 (Tue) 06:00"


@pytest.mark.parametrize(
    ("minutes", "ja", "en"),
    [
        (0, "0分", "0 min"),
        (45, "45分", "45 min"),
        (60, "1時間", "1 h"),
        (80, "1時間20分", "1 h 20 min"),
        (120, "2時間", "2 h"),
    ],
)
def test_duration(minutes: int, ja: str, en: str) -> None:
    assert dates.duration(minutes, language="ja") == ja
    assert dates.duration(minutes, language="en") == en


@pytest.mark.parametrize(
    ("before", "ja", "en"),
    [
        (timedelta(seconds=-1), "", ""),
        (timedelta(0), "", ""),
        (timedelta(seconds=30), "あと1分", "in 1 min"),
        (timedelta(minutes=25), "あと25分", "in 25 min"),
        (timedelta(minutes=25, seconds=1), "あと26分", "in 26 min"),
        (timedelta(minutes=60), "あと60分", "in 60 min"),
        (timedelta(minutes=61), "本日", "today"),
        (timedelta(hours=14), "本日", "today"),
        (timedelta(hours=14, seconds=1), "明日", "tomorrow"),
        (timedelta(hours=38), "明日", "tomorrow"),
        (timedelta(hours=38, seconds=1), "11月24日(火)", "Tue, Nov 24"),
    ],
)
def test_remaining(before: timedelta, ja: str, en: str) -> None:
    now = FIVE_AM - before
    assert dates.remaining(now, FIVE_AM, language="ja", zone=JAPAN) == ja
    assert dates.remaining(now, FIVE_AM, language="en", zone=JAPAN) == en


def test_tomorrow_is_the_readers_tomorrow() -> None:
    now = datetime(2026, 11, 23, 14, 59, tzinfo=UTC)  # Monday 23:59 in Japan, 15:59 in Berlin
    tuesday_early = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # Tuesday 01:00 in Japan, Monday in Berlin
    assert dates.day_word(now, tuesday_early, language="ja", zone=JAPAN) == "明日"
    assert dates.day_word(now, tuesday_early, language="ja", zone=BERLIN) == "本日"


@pytest.mark.parametrize(
    ("on", "ja", "en"),
    [
        (
            date(2026, 11, 23),
            "11月23日(月)は祝日（勤労感謝の日）です。",
            "Nov 23 (Mon) is a public holiday in Japan (Labor Thanksgiving Day).",
        ),
        (
            date(2026, 9, 22),
            "9月22日(火)は祝日（国民の休日）です。",
            "Sep 22 (Tue) is a public holiday in Japan (Citizens' Holiday).",
        ),
        (date(2026, 11, 28), "11月28日(土)は土曜日です。", "Nov 28 (Sat) is on a weekend."),
        (date(2026, 11, 29), "11月29日(日)は日曜日です。", "Nov 29 (Sun) is on a weekend."),
        (
            date(2026, 12, 30),
            "12月30日(水)は会社の休業日（年末年始）です。",
            "Dec 30 (Wed) is a company holiday (年末年始).",
        ),
        (date(2026, 11, 24), "", ""),
    ],
)
def test_days_off(on: date, ja: str, en: str) -> None:
    closed = {date(2026, 12, 30): "年末年始"}
    assert dates.day_off_words(on, closed, language="ja") == ja
    assert dates.day_off_words(on, closed, language="en") == en


def test_business_days() -> None:
    closed = frozenset({date(2026, 12, 30)})
    days = [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 28), date(2026, 12, 30)]
    assert [dates.is_business_day(d, closed) for d in days] == [False, True, False, False]


@pytest.mark.parametrize(
    ("on", "ja", "en"),
    [
        (date(2026, 11, 3), "文化の日", "Culture Day"),
        (date(2027, 3, 22), "春分の日 振替休日", "Vernal Equinox Day (substitute holiday)"),
        (date(2026, 9, 22), "国民の休日", "Citizens' Holiday"),
        (date(1990, 11, 12), "即位の礼正殿の儀", "National holiday"),
        (date(2026, 11, 24), "", ""),
    ],
)
def test_holidays_have_names_in_both_languages(on: date, ja: str, en: str) -> None:
    assert (dates.holiday_in(on, language="ja"), dates.holiday_in(on, language="en")) == (ja, en)


def test_every_holiday_of_the_years_that_people_plan_in_has_an_english_name() -> None:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(366 * 8)]

    assert "National holiday" not in {dates.holiday_in(on, language="en") for on in days}
    assert not any(re.search("[^ -~]", dates.holiday_in(on, language="en")) for on in days)


def test_the_last_and_the_first_day_there_are_can_be_written() -> None:
    assert [dates.holiday_name(on) for on in (date.min, date.max)] == ["元日", ""]
    last = datetime(9999, 12, 31, 14, 30, tzinfo=UTC)
    assert dates.full(last, 60, language="ja", zone=JAPAN) == "9999年12月31日(金) 23:30〜23:59"
    assert dates.short(last, language="en", zone=ZoneInfo("Pacific/Kiritimati")) == "Dec 31 (Fri) 23:59"
    assert dates.short(datetime(1, 1, 1, tzinfo=UTC), language="en", zone=ZoneInfo("America/New_York")) == (
        "Jan 1 (Mon) 00:00"
    )


@pytest.mark.parametrize(
    ("on", "at", "among", "utc"),
    [
        (date(2027, 6, 1), time(9), [], "2027-06-01T07:00"),
        (date(2027, 3, 28), time(2, 30), [], "2027-03-28T01:30"),  # skipped: 3:30
        (date(2027, 10, 31), time(2), [], "2027-10-31T00:00"),  # repeated: the first
        (date(2027, 10, 31), time(2), ["2027-10-31T01:00:07"], "2027-10-31T01:00:07"),
        (date(2027, 10, 31), time(2, 15), ["2027-10-31T01:00"], "2027-10-31T00:15"),
    ],
)
def test_a_typed_time_is_the_one_that_is_set_already_or_the_first(
    on: date, at: time, among: list[str], utc: str
) -> None:
    present = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in among]

    with timezone.override(BERLIN):
        assert dates.typed(on, at, among=present) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
