"""A part of a calendar file as text: the lines that the library makes of it, each 75 octets at most (RFC 5545, 3.1)."""

import icalendar

END = "\r\n"
# The library folds a line from this many octets on.
_FOLDED_FROM = 75


def text(part: icalendar.Component) -> str:
    """The same as `part.to_ical().decode()`. The library looks at every sign of every line to find where to fold it,
    which takes longer than all the rest; most lines are too short for that."""
    return "".join(_folded(line) + END for line in part.content_lines() if line)


def _folded(line: icalendar.parser.Contentline) -> str:
    return line if len(line.encode()) < _FOLDED_FROM else line.to_ical().decode()
