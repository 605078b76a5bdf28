"""卒業年: the year (and, where it is not March, the month) in which somebody graduates. Never computed from today."""

import re
import unicodedata

_SHAPE = re.compile(
    r"(?P<year>\d{4}|\d{2})(?:年|[-/.])?(?:(?P<month>\d{1,2})月?)?卒?(?:業|予定|業予定|見込)?"
)
USUAL_MONTH = 3


def read(text: str) -> tuple[int, int | None]:
    """2028, 28卒, 2028年9月卒, 2028/09 → (2028, None) or (2028, 9). ValueError for anything else."""
    found = _SHAPE.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    if found is None:
        raise ValueError(text)
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    month = int(found["month"]) if found["month"] else None
    if not 1950 <= year <= 2100 or (month is not None and not 1 <= month <= 12):
        raise ValueError(text)
    return year, None if month == USUAL_MONTH else month


def write(year: int | None, month: int | None) -> str:
    """What `read` understands again: 2028 or 2028/09."""
    if year is None:
        return ""
    return f"{year}/{month:02d}" if month else str(year)
