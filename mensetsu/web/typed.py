"""What people type, made plain: full width, half width, spaces around – accepted, never complained about.

Only for fields whose value is not somebody's own spelling: names of people and companies are never normalized,
because NFC and NFKC both replace registered characters (神 U+FA19 becomes 神)."""

import re
import unicodedata
from datetime import date

# Nobody plans anything earlier or later than this: such a year is a slip of the finger, and arithmetic falls over it.
FIRST_DAY = date(2000, 1, 1)
YEARS_AHEAD = 2
# Addresses of pages may ask for days a good deal further on; what lies outside is as if it were not there.
LAST_SHOWN = date(2100, 12, 31)

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:時]\s*(\d{1,2})?\s*分?")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－", "-"))


class NoSuchDay(ValueError):
    """Figures in the shape of a date that no calendar has: November 31st."""

    def __init__(self, year: int, month: int, day: int) -> None:
        super().__init__(f"{year}-{month}-{day}")
        self.year, self.month, self.day = year, month, day


class OutOfReach(ValueError):
    """A day before `limit`, or with `is_late` after it."""

    def __init__(self, on: date, limit: date, *, is_late: bool) -> None:
        super().__init__(f"{on} beyond {limit}")
        self.on, self.limit, self.is_late = on, limit, is_late


def refuse_out_of_reach(on: date, *, today: date, first: date = FIRST_DAY) -> None:
    """The one rule about which days can be given for anything: refuses OutOfReach before `first`, and more than two
    years ahead."""
    # Of a leap day the 28th, two years later.
    last = date(today.year + YEARS_AHEAD, today.month, min(today.day, 28 if today.month == 2 else 31))
    if not first <= on <= last:
        raise OutOfReach(on, first if on < first else last, is_late=on > last)


def shown_day(text: str) -> date | None:
    """2026-11-24 in the address of a page; None for anything that is no day or far from today."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if FIRST_DAY <= on <= LAST_SHOWN else None


def narrow(text: str) -> str:
    """Full-width letters, figures and signs in half width, without spaces around: １４：００ → 14:00."""
    return unicodedata.normalize("NFKC", text).replace("〜", "~").strip()


def email(text: str) -> str:
    """Ｔａｒｏ＠Example.COM → Taro@example.com. Only the domain is lower-cased: the part before @ belongs to others."""
    local, at, domain = narrow(text).rpartition("@")
    return f"{local}{at}{domain.lower()}" if at else domain


def url(text: str) -> str:
    """ｚｏｏｍ．ｕｓ／ｊ／１ → https://zoom.us/j/1"""
    plain = narrow(text)
    return plain if not plain or "://" in plain else f"https://{plain}"


def lines(text: str) -> str:
    """Free text as typed, with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def day(text: str) -> date | None:
    """2026/11/24, ２０２６年１１月２４日, 20261124. None when it is not a date at all; NoSuchDay for November 31st."""
    plain = narrow(text).translate(_HYPHENS)
    if re.fullmatch(r"\d{8}", plain):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    found = _DAY.fullmatch(plain)
    if not found:
        return None
    year, month, of_month = (int(figure) for figure in found.groups())
    try:
        return date(year, month, of_month)
    except ValueError:
        raise NoSuchDay(year, month, of_month) from None


def clock(text: str) -> str | None:
    """9:05, ０９：０５, 9時5分, 9時 → 09:05. None when it is no time of day."""
    found = _TIME.fullmatch(narrow(text))
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None
