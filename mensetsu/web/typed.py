"""What people type, made plain: full width, half width, spaces around – accepted, never complained about.

Only for fields whose value is not somebody's own spelling: names of people and companies are never normalized,
because NFC and NFKC both replace registered characters (神 U+FA19 becomes 神)."""

import re
import unicodedata
from datetime import date

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:時]\s*(\d{1,2})?\s*分?")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－", "-"))


class NoSuchDay(ValueError):
    """Figures in the shape of a date that no calendar has: November 31st."""

    def __init__(self, year: int, month: int, day: int) -> None:
        super().__init__(f"{year}-{month}-{day}")
        self.year, self.month, self.day = year, month, day


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
