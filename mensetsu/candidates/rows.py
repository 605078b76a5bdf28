"""One row of a file, understood: what each cell means in our terms, or why it cannot be taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mensetsu.accounts import models as accounts
from mensetsu.accounts import names
from mensetsu.candidates import contact, graduation, searching
from mensetsu.candidates.models import Candidate, ContactRoute, Status
from mensetsu.web import typed

# Old files are brought along.
EARLIEST_APPLICATION = date(1950, 1, 1)
_STATUS_WORDS = {
    Status.ACTIVE: ("選考中", "In selection", "active"),
    Status.OFFERED: ("内定", "Offered"),
    Status.HIRED: ("採用", "入社", "Hired"),
    Status.REJECTED: ("不採用", "不合格", "見送り", "Rejected"),
    Status.WITHDRAWN: ("辞退", "選考辞退", "Withdrawn"),
}
_ROUTE_WORDS = {
    ContactRoute.DIRECT: ("本人", "Applicant", "direct"),
    ContactRoute.AGENCY: ("紹介会社経由", "紹介会社", "Through the agency", "agency"),
    ContactRoute.BOTH: ("両方", "Both"),
}
_LANGUAGE_WORDS = {"ja": ("日本語", "Japanese", "ja"), "en": ("英語", "English", "en")}


class Problem(Exception):
    """Why a row (or cell) is refused: a code and the facts its sentence needs."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.told = {"code": code, **facts}


@dataclass
class Row:
    """`values` are names of registering.FIELDS; `named` are things known by name only (job, stage, agency, owner).
    A cell that is empty says nothing: it is in neither."""

    number: int
    # The day on which the file is read.
    today: date
    values: dict[str, Any] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    full_name: str = ""
    has_split_name: bool = False
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name_key(self) -> str:
        return searching.key(self.full_name)


class Columns(dict[int, str]):
    """Column number → field name, with how many columns the headings have."""

    def __init__(self, known: Mapping[int, str], width: int) -> None:
        super().__init__(known)
        self.width = width


def understand(number: int, cells: list[str], columns: Columns, *, today: date) -> Row:
    """The row in our terms; everything wrong with it is in `problems`, so that a person repairs it in one go."""
    row = Row(number, today)
    given = {name: cells[place] for place, name in columns.items() if place < len(cells) and cells[place]}
    if any(cells[columns.width :]):
        # A comma too many has shifted the cells: nothing in such a row can be trusted.
        row.problems.append({"code": "too_many_cells"})
    _read_names(row, given)
    for name, text in given.items():
        try:
            _READERS[name](row, text)
        except Problem as problem:
            row.problems.append(problem.told)
    _check(row)
    return row


def _read_names(row: Row, given: dict[str, str]) -> None:
    full = names.spaced(given.pop("full_name", ""))
    family = names.spaced(given.pop("family_name", ""))
    alone = names.spaced(given.pop("given_name", ""))
    if family:
        row.values |= {"family_name": family, "given_name": alone}
        row.has_split_name = True
    elif full:
        family, _space, alone = full.partition(" ")
        row.values |= {"family_name": family, "given_name": alone}
        row.has_split_name = bool(alone)
    row.full_name = f"{family} {alone}".strip()
    if full_kana := given.pop("full_kana", ""):
        family_kana, _space, given_kana = names.spaced(full_kana).partition(" ")
        given.setdefault("family_kana", family_kana)
        if given_kana:
            given.setdefault("given_kana", given_kana)


def _read_kana(name: str) -> Callable[[Row, str], None]:
    def reader(row: Row, text: str) -> None:
        kana = names.kana(text)
        if kana is None:
            raise Problem("bad_kana", text=text)
        row.values[name] = kana

    return reader


def _read_email(row: Row, text: str) -> None:
    try:
        email = contact.read_email(text)
    except contact.BadEmail:
        raise Problem("bad_email", text=text) from None
    row.values["email"] = email.address
    if email.suggestion:
        row.notes.append({"code": "email_slip", "text": email.address, "meant": email.suggestion})
    if email.is_legacy:
        row.notes.append({"code": "email_legacy", "text": email.address})


def _read_phone(row: Row, text: str) -> None:
    try:
        phone = contact.read_phone(text)
    except contact.BadPhone:
        raise Problem("bad_phone", text=text) from None
    row.values |= {"phone": phone.text, "phone_e164": phone.e164}


def _read_graduation(row: Row, text: str) -> None:
    try:
        year, month = graduation.read(text)
    except ValueError:
        raise Problem("bad_year", text=text) from None
    row.values |= {"graduation_year": year, "graduation_month": month}


def _read_day(row: Row, text: str) -> None:
    try:
        found = typed.day(text.split(" ")[0])
    except typed.NoSuchDay as no:
        raise Problem("no_such_day", year=no.year, month=no.month, day=no.day) from None
    if found is None:
        raise Problem("bad_date", text=text)
    try:
        typed.refuse_out_of_reach(found, today=row.today, first=EARLIEST_APPLICATION)
    except typed.OutOfReach as no:
        facts = {"on": no.on.isoformat(), "limit": no.limit.isoformat(), "is_late": no.is_late}
        raise Problem("out_of_reach", **facts) from None
    row.values["applied_on"] = found


def _read_word(name: str, words: Mapping[Any, tuple[str, ...]]) -> Callable[[Row, str], None]:
    known = {searching.key(word): str(value) for value, many in words.items() for word in (*many, str(value))}

    def reader(row: Row, text: str) -> None:
        value = known.get(searching.key(text))
        if value is None:
            raise Problem("unknown_word", column=name, text=text, words=[many[0] for many in words.values()])
        row.values[name] = value

    return reader


def _keep(name: str) -> Callable[[Row, str], None]:
    def reader(row: Row, text: str) -> None:
        row.values[name] = text if name == "note" else names.spaced(text)

    return reader


def _name_only(name: str) -> Callable[[Row, str], None]:
    def reader(row: Row, text: str) -> None:
        row.named[name] = names.spaced(text)

    return reader


_READERS: dict[str, Callable[[Row, str], None]] = {
    "external_id": _keep("external_id"),
    "family_kana": _read_kana("family_kana"),
    "given_kana": _read_kana("given_kana"),
    "romaji": _keep("romaji"),
    "email": _read_email,
    "phone": _read_phone,
    "job": _name_only("job"),
    "stage": _name_only("stage"),
    "agency": _name_only("agency"),
    "owner": _name_only("owner"),
    "status": _read_word("status", _STATUS_WORDS),
    "contact_route": _read_word("contact_route", _ROUTE_WORDS),
    "language": _read_word("language", _LANGUAGE_WORDS),
    "source": _keep("source"),
    "graduation": _read_graduation,
    "applied_on": _read_day,
    "note": _keep("note"),
}
_LIMITS = {f.name: f.max_length for f in Candidate._meta.concrete_fields if getattr(f, "max_length", None)}
_NAMED_LIMITS = {"job": 100, "stage": 60, "agency": 120}


def _check(row: Row) -> None:
    if not row.full_name:
        row.problems.append({"code": "no_name"})
    has_identity = any(row.values.get(name) for name in ("external_id", "email", "phone_e164"))
    if not has_identity and not any(told["code"] in ("bad_email", "bad_phone") for told in row.problems):
        # Without one of them the same file taken in twice would make every person twice.
        row.problems.append({"code": "no_identity"})
    for name, value in (*row.values.items(), *row.named.items()):
        limit = _NAMED_LIMITS.get(name) or _LIMITS.get(name)
        if isinstance(value, str) and limit and len(value) > limit:
            row.problems.append({"code": "too_long", "column": name, "limit": limit, "length": len(value)})


def colleague_keys(user: accounts.User) -> tuple[str, str]:
    """By which a file may name a colleague: mail address or name."""
    return user.email.lower(), searching.key(user.full_name)
