"""Telling Zoom: make the meeting, keep it in step, delete it."""

from mensetsu.jobs import port


@port.job(max_attempts=12)
def sync_meeting(*, meeting_id: int) -> None:
    """Bring Zoom's meeting to our time, length and topic."""


@port.job(max_attempts=12)
def remove_meeting(*, meeting_id: int) -> None:
    """Delete a canceled meeting at Zoom."""
