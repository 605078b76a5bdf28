"""The filtered list as a file: UTF-8 with BOM (spreadsheet programs in Japan need it), readable by the import again."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from mensetsu.candidates import columns, contact, csv_files, graduation
from mensetsu.candidates.models import Candidate
from mensetsu.history import recording
from mensetsu.web import dates

BOM = "\ufeff"
COLUMNS = (
    "external_id", "family_name", "given_name", "family_kana", "given_kana", "romaji", "email", "phone", "job",
    "stage", "status", "agency", "contact_route", "owner", "source", "graduation", "applied_on", "language", "note",
)  # fmt: skip
_CHUNK = 1000


def export(candidates: QuerySet[Candidate], *, by: Any, now: datetime) -> Iterator[str]:
    """The file line by line, by name. That the data left the house is noted in the history of who took it."""
    recording.record(
        "user.exported_candidates", subject=by, organization_id=by.organization_id, by=by, at=now,
        count=candidates.count(),
    )  # fmt: skip
    return _lines(
        candidates, language=translation.get_language() or "ja", zone=timezone.get_current_timezone()
    )


def _lines(candidates: QuerySet[Candidate], *, language: str, zone: tzinfo) -> Iterator[str]:
    # A streamed answer is written after the middleware has let go of the reader's language and clock.
    with translation.override(language), timezone.override(zone):
        yield from _written(candidates)


def _written(candidates: QuerySet[Candidate]) -> Iterator[str]:
    yield BOM + csv_files.write_row([*(columns.label(name) for name in COLUMNS), _("Next interview")])
    found = candidates.select_related("job", "stage", "agency", "owner").order_by("sort_key", "id")
    for candidate in found.iterator(chunk_size=_CHUNK):
        yield csv_files.write_row(_cells(candidate))


def _cells(candidate: Candidate) -> list[str]:
    special = {
        "phone": contact.show_phone(candidate.phone, candidate.phone_e164),
        "status": candidate.get_status_display(),
        "contact_route": candidate.get_contact_route_display(),
        "language": candidate.get_language_display(),
        "owner": candidate.owner.email if candidate.owner else "",
        "graduation": graduation.write(candidate.graduation_year, candidate.graduation_month),
        "applied_on": f"{candidate.applied_on:%Y/%m/%d}" if candidate.applied_on else "",
    }
    cells = [str(special.get(name, getattr(candidate, name, "")) or "") for name in COLUMNS]
    upcoming = candidate.next_interview_at
    return [*cells, f"{dates.here(upcoming):%Y/%m/%d %H:%M}" if upcoming else ""]
