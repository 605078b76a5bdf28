"""What several files of this folder listen to."""

from collections.abc import Iterator

import pytest

from mensetsu.zoom import signals
from mensetsu.zoom.models import Meeting


@pytest.fixture
def news() -> Iterator[list[tuple[str, Meeting]]]:
    """(kind, meeting) of every piece of meeting_news."""
    heard: list[tuple[str, Meeting]] = []

    def hear(*, meeting: Meeting, kind: str, **facts: object) -> None:
        heard.append((kind, meeting))

    signals.meeting_news.connect(hear)
    yield heard
    signals.meeting_news.disconnect(hear)
