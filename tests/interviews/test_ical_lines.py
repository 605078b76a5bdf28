"""Lines of a calendar file are those that the library writes, whatever stands in them."""

import icalendar
import pytest

from mensetsu.interviews import ical_lines

SIGNS = ("a", "面", "髙", "é", "𠮷", "\\", "^", ",", ";", "\n", " ", "a面")


@pytest.mark.parametrize("sign", SIGNS)
def test_a_part_is_written_as_the_library_writes_it(sign: str) -> None:
    for length in (*range(90), 200, 1000):
        event = icalendar.Event()
        event.add("summary", sign * length)
        address = icalendar.vCalAddress("mailto:doi@sample.example.jp")
        address.params["CN"] = "土井 大" * (length % 9)
        event.add("organizer", address)

        assert ical_lines.text(event) == event.to_ical().decode()


def test_parts_within_a_part_are_written_too() -> None:
    calendar, event = icalendar.Calendar(), icalendar.Event()
    event.add("summary", "一次面接（WEB）" * 20)
    calendar.add("version", "2.0")
    calendar.add_component(event)

    assert ical_lines.text(calendar) == calendar.to_ical().decode()
