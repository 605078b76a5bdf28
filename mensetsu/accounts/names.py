"""What people type about themselves, made uniform without touching how they write their own names. (no Django)"""

import re
import unicodedata

import jaconv

# Between kana these are all typed for the long sound: - ‐ – — ― − －
_LONG = re.compile(r"(?<=[ァ-ヺー])[-‐‑‒–—―−]")
_KANA = re.compile(r"[ァ-ヺー・ 　]*")


def spaced(text: str) -> str:
    """A name as typed, without spaces around it and with one space inside. Never normalized: NFC and NFKC both
    replace registered characters (神 U+FA19 becomes 神)."""
    return " ".join(text.split())


def kana(text: str) -> str | None:
    """A reading in full-width katakana from hiragana, katakana or half-width kana; None when it is none of them."""
    plain = jaconv.hira2kata(unicodedata.normalize("NFKC", spaced(text)))
    plain = _LONG.sub("ー", plain)
    return plain if _KANA.fullmatch(plain) else None


def full(family: str, given: str, *, language: str) -> str:
    """Family name first, as Japan writes names; for who reads English a name in Latin letters as the West writes it."""
    is_western = language == "en" and _is_latin(family + given)
    return f"{given} {family}".strip() if is_western else f"{family} {given}".strip()


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(sign, "").startswith("LATIN") for sign in text if sign.isalpha())


def login(text: str) -> str:
    """A mail address as login name: any width, no spaces around, lower case. Two accounts never differ by case."""
    return unicodedata.normalize("NFKC", text).strip().lower()
