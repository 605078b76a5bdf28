"""How an applicant is found: one normalised text over name, reading, romaji, mail and phone. No Django here.

What is stored for reading stays exactly as registered; only these keys are folded."""

import re
import unicodedata

import jaconv

MAX_TERMS = 5

# Characters that one family writes in several ways. The right-hand form is the one everybody types.
_VARIANTS = {
    "髙": "高", "﨑": "崎", "嵜": "崎", "邊": "辺", "邉": "辺", "濵": "浜", "濱": "浜", "澤": "沢", "齋": "斉",
    "齊": "斉", "斎": "斉", "廣": "広", "眞": "真", "國": "国", "𠮷": "吉", "嶋": "島", "嶌": "島", "櫻": "桜",
    "冨": "富", "瀧": "滝", "曾": "曽", "彌": "弥", "德": "徳", "惠": "恵", "榮": "栄", "龍": "竜", "條": "条",
    "萬": "万", "與": "与", "藏": "蔵", "瀨": "瀬", "栁": "柳", "桒": "桑", "槇": "槙",
}  # fmt: skip
# Spaces, everything that is typed for a hyphen (the IME makes ー of it), brackets of phone numbers, name dots.
_DROPPED = " \t\r\n\v\f-‐‑‒–—―−ー()・"


def _fold_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(old): new for old, new in _VARIANTS.items()}
    table.update({ord(character): None for character in _DROPPED})
    for code in range(0x30A1, 0x30F7):  # katakana to hiragana
        table[code] = chr(code - 0x60)
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):  # Nguyễn is found by nguyen
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base
    table[ord("đ")] = "d"
    for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)):  # variation selectors
        table[code] = None
    return table


_FOLDS = _fold_table()


def key(text: str) -> str:
    """The search key: width, case, kana kind, spaces, hyphens and common character variants do not count."""
    return unicodedata.normalize("NFKC", text).lower().translate(_FOLDS)


def terms(query: str) -> list[str]:
    """The keys that must all be found, from what a person typed into the box; phone numbers in national form."""
    words = unicodedata.normalize("NFKC", query).split()
    if words and all(re.fullmatch(r"[-+()\d‐−ー]+", word) for word in words):
        words = ["".join(words)]
    keys = [_national(key(word)) for word in words]
    return [found for found in keys if found][:MAX_TERMS]


def search_text(
    *, names: list[str], readings: list[str], romaji: str, email: str, phone: str, number: str
) -> str:
    """The stored text, one line per thing that can be searched, so that no match runs across two of them."""
    reading = key("".join(readings))
    lines = [
        key("".join(names)),
        reading,
        *_latin(reading),
        key(romaji),
        key(email),
        _national(key(phone)),
        key(number),
    ]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def sort_key(names: list[str], readings: list[str]) -> str:
    """五十音順: the reading where there is one, else the name itself."""
    return (key("".join(readings)) or key("".join(names)))[:200]


def _national(digits: str) -> str:
    return "0" + digits[3:] if digits.startswith("+81") else digits


def _latin(reading: str) -> list[str]:
    """さとう is typed as satou by some and as sato by others."""
    if not re.search(r"[ぁ-ゖ]", reading):
        return []
    long = jaconv.kana2alphabet(reading)
    return [long, re.sub(r"o[ou]|uu", lambda found: found[0][0], long)]
