"""Moments in words: always with the weekday, on a 24-hour clock, in the reader's language and time zone.

Every function takes aware datetimes; `language` is "ja" or "en", `zone` an IANA zone. Without them the current
request's (or the current override's) are used."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

import jpholiday
from django.utils import timezone, translation

from mensetsu.web import moments

JAPAN = ZoneInfo("Asia/Tokyo")
_JA_WEEKDAYS = "月火水木金土日"
_EN_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# As the Cabinet Office of Japan calls them in English.
_EN_HOLIDAYS = {
    "元日": "New Year's Day",
    "成人の日": "Coming of Age Day",
    "建国記念の日": "National Foundation Day",
    "天皇誕生日": "The Emperor's Birthday",
    "春分の日": "Vernal Equinox Day",
    "昭和の日": "Showa Day",
    "憲法記念日": "Constitution Memorial Day",
    "みどりの日": "Greenery Day",
    "こどもの日": "Children's Day",
    "海の日": "Marine Day",
    "山の日": "Mountain Day",
    "敬老の日": "Respect for the Aged Day",
    "秋分の日": "Autumnal Equinox Day",
    "スポーツの日": "Sports Day",
    "体育の日": "Health and Sports Day",
    "文化の日": "Culture Day",
    "勤労感謝の日": "Labor Thanksgiving Day",
    "国民の休日": "Citizens' Holiday",
    "天皇の即位の日": "Day of the Emperor's Accession",
    "即位礼正殿の儀": "Day of the Emperor's Enthronement",
}


def _reader(language: str | None, zone: tzinfo | None) -> tuple[str, tzinfo]:
    language = (language or translation.get_language() or "ja").split("-")[0]
    return language, zone or timezone.get_current_timezone()


def here(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment on the reader's clock."""
    return moments.local(moment, zone or timezone.get_current_timezone())


def typed(on: date, at: time, *, among: Iterable[datetime] = ()) -> datetime:
    """The moment (in UTC) of that day and time, to the minute, on the reader's clock.

    Of an hour that the clock repeats it is the moment of `among` that reads so, so that what is set already stays, else
    the first; an hour that the clock skips moves forward."""
    read = next((one for one in among if _as_read(one) == (on, at)), None)
    # In UTC, because a moment of a repeated or skipped hour equals no moment of another zone, not even its own.
    return read or moments.utc(datetime.combine(on, at, timezone.get_current_timezone()))


def _as_read(moment: datetime) -> tuple[date, time]:
    local = here(moment)
    return local.date(), time(local.hour, local.minute)


def apart(home: tzinfo, there: tzinfo, first: date) -> frozenset[int]:
    """By how many minutes the clock there is ahead of the one at home, in every season of three years from that day."""
    # Weekly: where clocks change on other days than elsewhere, two weeks have a difference of their own.
    noons = (
        datetime(first.year, first.month, first.day, 12, tzinfo=UTC) + timedelta(weeks=n) for n in range(157)
    )
    return frozenset(_ahead(there, noon) - _ahead(home, noon) for noon in noons)


def _ahead(zone: tzinfo, moment: datetime) -> int:
    """Of UTC, in minutes."""
    return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // 60


def is_other_clock(zone: tzinfo, moment: datetime) -> bool:
    """At that moment, does that zone's clock read otherwise than the reader's?"""
    return moments.local(moment, zone).utcoffset() != here(moment).utcoffset()


def zone_name(moment: datetime, zone: tzinfo, language: str) -> str:
    """日本時間 / JST for Japan, else the zone's abbreviation or its offset as GMT+1."""
    if str(zone) == "Asia/Tokyo":
        return "日本時間" if language == "ja" else "JST"
    name = moments.local(moment, zone).tzname() or ""
    if name and name[0].isalpha():
        return name
    offset = moments.local(moment, zone).utcoffset() or timedelta()
    hours, rest = divmod(int(offset.total_seconds()) // 60, 60)
    return f"GMT{hours:+d}" + (f":{rest:02d}" if rest else "")


def day(on: date, *, language: str | None = None) -> str:
    """2026年11月24日(火) / Tue, Nov 24, 2026; on a public holiday of Japan, in Japanese: 2026年11月23日(月・祝)"""
    language, _zone = _reader(language, None)
    if language == "ja":
        return f"{on.year}年{on.month}月{on.day}日({_ja_weekday(on)})"
    return f"{_EN_WEEKDAYS[on.weekday()]}, {_EN_MONTHS[on.month - 1]} {on.day}, {on.year}"


def short_day(on: date, *, language: str | None = None) -> str:
    """11/24(火), 11/23(月・祝) / Nov 24 (Tue)"""
    language, _zone = _reader(language, None)
    if language == "ja":
        return f"{on.month}/{on.day}({_ja_weekday(on)})"
    return f"{_EN_MONTHS[on.month - 1]} {on.day} ({_EN_WEEKDAYS[on.weekday()]})"


def month_day(on: date, *, language: str | None = None) -> str:
    """11月24日(火), 11月23日(月・祝) / Tue, Nov 24"""
    language, _zone = _reader(language, None)
    if language == "ja":
        return f"{on.month}月{on.day}日({_ja_weekday(on)})"
    return f"{_EN_WEEKDAYS[on.weekday()]}, {_EN_MONTHS[on.month - 1]} {on.day}"


def days(first: date, last: date) -> str:
    """2026年11月22日(日)〜11月28日(土) / Sun, Nov 22 – Sat, Nov 28, 2026; each with its year where the years differ."""
    language, _zone = _reader(None, None)
    one_year = first.year == last.year
    if language == "ja":
        return f"{day(first)}〜{month_day(last) if one_year else day(last)}"
    return f"{month_day(first) if one_year else day(first)} – {day(last)}"


def _ja_weekday(on: date) -> str:
    """火, and 月・祝 on a public holiday."""
    return _JA_WEEKDAYS[on.weekday()] + ("・祝" if holiday_name(on) else "")


def span(starts_at: datetime, minutes: int, *, zone: tzinfo | None = None) -> str:
    """14:00〜15:00 (the sign is U+301C in Japanese, an en dash in English)."""
    language, zone = _reader(None, zone)
    return _span(starts_at, minutes, language, zone)


def _span(starts_at: datetime, minutes: int, language: str, zone: tzinfo) -> str:
    start = moments.local(starts_at, zone)
    end = moments.local(moments.plus(starts_at, timedelta(minutes=minutes)), zone)
    mark = "〜" if language == "ja" else "–"
    return f"{start:%H:%M}{mark}{end:%H:%M}"


def full(
    starts_at: datetime,
    minutes: int | None = None,
    *,
    language: str | None = None,
    zone: tzinfo | None = None,
) -> str:
    """2026年11月24日(火) 14:00〜15:00 / Tue, Nov 24, 2026, 14:00–15:00 JST.

    Outside Japan's zone the zone is named in Japanese too, because the reader then is not at home."""
    language, zone = _reader(language, zone)
    start = moments.local(starts_at, zone)
    clock = _span(starts_at, minutes, language, zone) if minutes else f"{start:%H:%M}"
    if language == "ja":
        suffix = "" if str(zone) == "Asia/Tokyo" else f"（{zone_name(starts_at, zone, language)}）"
        return f"{day(start.date(), language=language)} {clock}{suffix}"
    return f"{day(start.date(), language=language)}, {clock} {zone_name(starts_at, zone, language)}"


def short(
    moment: datetime,
    *,
    language: str | None = None,
    zone: tzinfo | None = None,
    now: datetime | None = None,
) -> str:
    """11/24(火) 14:00 / Nov 24 (Tue) 14:00

    With `now`, for lists and histories: 2027/11/24(水) 14:00 / Nov 24, 2027 (Wed) 14:00 in another fiscal year."""
    language, zone = _reader(language, zone)
    local = moments.local(moment, zone)
    on = short_day(local.date(), language=language)
    if now is not None and _fiscal_year(local.date()) != _fiscal_year(moments.local(now, zone).date()):
        on = f"{local.year}/{on}" if language == "ja" else on.replace(" (", f", {local.year} (")
    return f"{on} {local:%H:%M}"


def _fiscal_year(on: date) -> int:
    """April to March, by the year in which it begins."""
    return on.year if on.month >= 4 else on.year - 1


def log(moment: datetime, *, language: str | None = None, zone: tzinfo | None = None) -> str:
    """2026/11/24 14:03 / 2026-11-24 14:03"""
    language, zone = _reader(language, zone)
    local = moments.local(moment, zone)
    return f"{local:%Y/%m/%d %H:%M}" if language == "ja" else f"{local:%Y-%m-%d %H:%M}"


def machine(moment: datetime, *, zone: tzinfo | None = None) -> str:
    """For <time datetime>: 2026-11-24T14:00+09:00"""
    return here(moment, zone).isoformat(timespec="minutes")


def duration(minutes: int, *, language: str | None = None) -> str:
    """45分, 1時間, 1時間20分 / 45 min, 1 h, 1 h 20 min"""
    language, _zone = _reader(language, None)
    hours, rest = divmod(minutes, 60)
    if language == "ja":
        parts = [f"{hours}時間" if hours else "", f"{rest}分" if rest or not hours else ""]
        return "".join(parts)
    parts = [f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def day_word(
    now: datetime, moment: datetime, *, language: str | None = None, zone: tzinfo | None = None
) -> str:
    """本日, 明日, else 11月24日(火) / today, tomorrow, else Tue, Nov 24; counted in the reader's days."""
    language, zone = _reader(language, zone)
    on = moments.local(moment, zone).date()
    days = (on - now.astimezone(zone).date()).days
    if days == 0:
        return "本日" if language == "ja" else "today"
    if days == 1:
        return "明日" if language == "ja" else "tomorrow"
    return month_day(on, language=language)


def remaining(
    now: datetime, starts_at: datetime, *, language: str | None = None, zone: tzinfo | None = None
) -> str:
    """How long until then, to stand beside the full date: あと25分 (within the hour), 本日, 明日, 11月24日(火).

    Empty once the moment has passed. Minutes are rounded up: two and a half minutes are あと3分."""
    language, zone = _reader(language, zone)
    if starts_at <= now:
        return ""
    minutes = -(-int((starts_at - now).total_seconds()) // 60)
    if minutes <= 60:
        return f"あと{minutes}分" if language == "ja" else f"in {minutes} min"
    return day_word(now, starts_at, language=language, zone=zone)


def holiday_name(on: date) -> str:
    """The Japanese public holiday of that day (of a moment: of the day on its own clock), or an empty string."""
    return _holiday(date(on.year, on.month, on.day))


@cache  # asked for every date that a page or a letter shows
def _holiday(on: date) -> str:
    # The library looks at the days around it.
    return jpholiday.is_holiday_name(on) or "" if on < date.max else ""


def holiday_in(on: date, *, language: str | None = None) -> str:
    """The same in the reader's language: 文化の日 / Culture Day, 海の日 振替休日 / Marine Day (substitute holiday)."""
    language, _zone = _reader(language, None)
    name = holiday_name(on)
    if language == "ja" or not name:
        return name
    day_itself, _space, is_substitute = name.partition(" ")
    english = _EN_HOLIDAYS.get(day_itself, "National holiday")
    return f"{english} (substitute holiday)" if is_substitute else english


def is_business_day(on: date, company_holidays: frozenset[date] = frozenset()) -> bool:
    """Monday to Friday, no public holiday, not closed by the company."""
    return on.weekday() < 5 and not holiday_name(on) and on not in company_holidays


def day_off_words(
    on: date, company_holidays: Mapping[date, str] | None = None, *, language: str | None = None
) -> str:
    """Why people may be away that day, as a sentence, or an empty string on an ordinary day.

    11月23日(月)は祝日（勤労感謝の日）です。 / Nov 23 (Mon) is a public holiday in Japan (Labor Thanksgiving Day)."""
    language, _zone = _reader(language, None)
    is_ja = language == "ja"
    # The sentence says 祝日 itself.
    when = (
        f"{on.month}月{on.day}日({_JA_WEEKDAYS[on.weekday()]})" if is_ja else short_day(on, language=language)
    )
    if name := holiday_in(on, language=language):
        return f"{when}は祝日（{name}）です。" if is_ja else f"{when} is a public holiday in Japan ({name})."
    if name := (company_holidays or {}).get(on, ""):
        return f"{when}は会社の休業日（{name}）です。" if is_ja else f"{when} is a company holiday ({name})."
    if on.weekday() >= 5:
        weekday = ("土曜日", "日曜日")[on.weekday() - 5]
        return f"{when}は{weekday}です。" if is_ja else f"{when} is on a weekend."
    return ""
