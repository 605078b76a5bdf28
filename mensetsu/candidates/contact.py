"""Addresses and numbers as people type them: read generously, stored in one form, doubts named instead of guessed."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))
# Until about 2009 these carriers gave out addresses that no mail standard allows unquoted.
_LEGACY_DOMAINS = ("docomo.ne.jp", "ezweb.ne.jp")
_LEGACY_LOCAL = re.compile(r"[a-z0-9_.\-+?/]+", re.IGNORECASE)
# What is typed instead of what is meant.
_SLIPS = {
    "gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmai.com": "gmail.com",
    "gmal.com": "gmail.com", "gmial.com": "gmail.com", "gamil.com": "gmail.com", "gmail.co.jp": "gmail.com",
    "gmail.ne.jp": "gmail.com", "docomo.co.jp": "docomo.ne.jp", "docomo.ne.jo": "docomo.ne.jp",
    "docomo.jp": "docomo.ne.jp", "ezweb.co.jp": "ezweb.ne.jp", "ezweb.jp": "ezweb.ne.jp",
    "yahoo.co.jo": "yahoo.co.jp", "yahoo.co.jn": "yahoo.co.jp", "yaho.co.jp": "yahoo.co.jp",
    "softbank.jp": "softbank.ne.jp", "icloud.con": "icloud.com", "icloud.co.jp": "icloud.com",
    "outlook.con": "outlook.com",
    "hotmail.con": "hotmail.com", "hotmai.com": "hotmail.com", "hotmail.co": "hotmail.com",
}  # fmt: skip


class BadEmail(ValueError):
    """Not an address that mail can be sent to."""


class BadPhone(ValueError):
    """Not a number that can be called."""


@dataclass(frozen=True)
class Email:
    """An address as it is stored. `is_legacy`: other companies' mail may not arrive there; `suggestion`: the whole
    address that was probably meant, or an empty string."""

    address: str
    is_legacy: bool = False
    suggestion: str = ""


@dataclass(frozen=True)
class Phone:
    """`text` as typed in half width; `e164` for machines."""

    text: str
    e164: str


def read_email(text: str) -> Email:
    """Full width and stray spaces are accepted, the domain becomes lower case. BadEmail when the shape is wrong."""
    address = "".join(unicodedata.normalize("NFKC", text).split())
    local, at, domain = address.rpartition("@")
    domain = domain.lower()
    if not at or not local or len(address) > 254:
        raise BadEmail(text)
    bare = local[1:-1] if local.startswith('"') and local.endswith('"') else local
    is_legacy = domain in _LEGACY_DOMAINS and _breaks_the_standard(bare)
    address = f'"{bare}"@{domain}' if is_legacy else f"{local}@{domain}"
    try:
        EmailValidator()(address)
    except ValidationError as problem:
        raise BadEmail(text) from problem
    meant = _SLIPS.get(domain)
    return Email(address, is_legacy, f"{local}@{meant}" if meant else "")


def _breaks_the_standard(local: str) -> bool:
    dotted = ".." in local or local.startswith(".") or local.endswith(".")
    return dotted and _LEGACY_LOCAL.fullmatch(local) is not None


def read_phone(text: str) -> Phone:
    """Numbers without a country code are Japanese. BadPhone when nobody could be reached under it."""
    typed = " ".join(unicodedata.normalize("NFKC", text).translate(_HYPHENS).split())
    try:
        number = phonenumbers.parse(typed, "JP")
    except phonenumbers.NumberParseException as problem:
        raise BadPhone(text) from problem
    if not phonenumbers.is_possible_number(number):
        raise BadPhone(text)
    return Phone(typed, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def show_phone(text: str, e164: str) -> str:
    """As people here write it: 090-1234-5678; with the country code when it is not a Japanese number."""
    if not e164:
        return text
    number = phonenumbers.parse(e164, None)
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, style.NATIONAL if number.country_code == 81 else style.INTERNATIONAL
    )
