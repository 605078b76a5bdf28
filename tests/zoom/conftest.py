"""What several files of this folder start from and listen to."""

from collections.abc import Iterator

import pytest

from mensetsu.zoom import signals
from mensetsu.zoom.models import Connection, Meeting
from tests.zoom_world import RECRUIT, ZoomWorld, issued


@pytest.fixture
def host(zoom: ZoomWorld, people) -> Connection:
    """A shared account, linked by the real authorization."""
    return zoom.connect(people.baba, RECRUIT, is_shared=True)


@pytest.fixture
def meeting(people, host: Connection) -> Meeting:
    """Made at Zoom by that account, for the day after tomorrow."""
    return issued(people.company, host)


@pytest.fixture
def news() -> Iterator[list[tuple[str, Meeting]]]:
    """(kind, meeting) of every piece of meeting_news."""
    heard: list[tuple[str, Meeting]] = []

    def hear(*, meeting: Meeting, kind: str, **facts: object) -> None:
        heard.append((kind, meeting))

    signals.meeting_news.connect(hear)
    yield heard
    signals.meeting_news.disconnect(hear)
