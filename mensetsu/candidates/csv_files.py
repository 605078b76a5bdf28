"""CSV as people's programs really write it: UTF-8 with or without BOM, CP932, commas or tabs. No Django here."""

import codecs
import csv
import io
import re
from dataclasses import dataclass

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_CELL = 10_000
# A cell that begins so is run as a formula by spreadsheet programs.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
# What Python's codec makes of single bytes that CP932 leaves undefined.
_STRAY = re.compile("[\x80\xa0\uf8f0-\uf8f3]")


class Unreadable(Exception):
    """The file cannot be taken in. `code` says why: too_big, too_many_rows, empty, no_rows, encoding, utf16, nul, csv;
    `line` where, when it is one place."""

    def __init__(self, code: str, line: int | None = None) -> None:
        super().__init__(code, line)
        self.code, self.line = code, line


@dataclass(frozen=True)
class Table:
    """`rows` are (number as a spreadsheet shows it, cells); empty ones are left out."""

    encoding: str
    headings: list[str]
    rows: list[tuple[int, list[str]]]


def read(data: bytes) -> Table:
    """The table in `data`. Unreadable with the reason and, where it can be told, the line."""
    if len(data) > MAX_BYTES:
        raise Unreadable("too_big")
    text, encoding = decode(data)
    headings, rows = _cells(text)
    if not headings:
        raise Unreadable("empty")
    if not rows:
        raise Unreadable("no_rows")
    return Table(encoding, headings, rows)


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding, as users of spreadsheet programs know it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("utf16")
    if b"\x00" in data:
        raise Unreadable("nul", _line_of(data, data.index(b"\x00")))
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as broken:
        if data.startswith(codecs.BOM_UTF8) or _JAPANESE.search(data[: broken.start].decode("utf-8")):
            # Japanese was read before the bad byte: reading the whole as CP932 would make it gibberish.
            raise Unreadable("encoding", _line_of(data, broken.start)) from broken
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError as broken:
        raise Unreadable("encoding", _line_of(data, broken.start)) from broken
    if stray := _STRAY.search(text):
        raise Unreadable("encoding", text.count("\n", 0, stray.start()) + 1)
    return text, "Shift_JIS (CP932)"


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _cells(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    first = text.split("\n", 1)[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    headings: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    read = 0
    try:
        for number, cells in enumerate(reader, start=1):
            cells = [_bare(cell) for cell in cells]
            if any(len(cell) > MAX_CELL for cell in cells):
                raise Unreadable("csv", read + 1)
            read = reader.line_num
            if not headings:
                headings = cells if any(cells) else []
            elif any(cells):
                rows.append((number, cells))
            if len(rows) > MAX_ROWS:
                raise Unreadable("too_many_rows")
    except csv.Error as problem:
        raise Unreadable("csv", _opened(lines[: reader.line_num], read, delimiter)) from problem
    return headings, rows


def _opened(lines: list[str], read: int, delimiter: str) -> int:
    """The line on which the broken cell begins: a quotation mark that nobody closed swallows what follows, and the
    reader stumbles only further down. `lines` are those that it has seen, `read` of them belong to whole rows."""
    whole = re.compile(
        rf'(?:"(?:[^"]|"")*+"|[^"{delimiter}\r\n][^{delimiter}\r\n]*+)?(?:{delimiter}|\r\n?|\n)'
    )
    row, position = "".join(lines[read:]), 0
    while cell := whole.match(row, position):
        position = cell.end()
    return read + 1 + len(re.findall(r"\r\n?|\n", row[:position]))


def safe(cell: str) -> str:
    """The cell as text, whatever it begins with."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def _bare(cell: str) -> str:
    """Ends trimmed; the mark that `safe` puts before a formula sign is taken off again."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def write_row(cells: list[str]) -> str:
    """One line with CRLF, as RFC 4180 and Excel want it."""
    line = io.StringIO()
    csv.writer(line).writerow([safe(cell) for cell in cells])
    return line.getvalue()
