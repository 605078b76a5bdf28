"""What Zoom has otherwise than we do: one row a meeting and kind, as long as both sides disagree.

Which passcode and link a meeting has flows from Zoom to us; everything else is ours, also that there is a passcode, so
a difference waits for a person (`reconciling`).
A change of ours that Zoom has not been told yet is no difference: Zoom then has what it had when it was last asked."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mensetsu.statements import compiled
from mensetsu.zoom import client, signals
from mensetsu.zoom.models import Connection, Difference, DifferenceKind, HowSettled, Meeting, Problem

Kind = DifferenceKind
ON, OFF = "on", "off"
# Our mark at the head of the agenda (issuing.agenda writes it).
MARK = re.compile(r"\[mensetsu:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\]")
# Which column holds what we want of a setting, and which what Zoom has.
SETTINGS = {
    Kind.WAITING_ROOM: ("wants_waiting_room", "has_waiting_room"),
    Kind.SIGN_IN: ("wants_login", "requires_login"),
    Kind.EARLY_ENTRY: ("wants_early_entry", "admits_early"),
}
OWN = {
    Kind.TIME: ("starts_at", "synced_starts_at"),
    Kind.LENGTH: ("minutes", "synced_minutes"),
    Kind.TOPIC: ("topic", "synced_topic"),
}


@dataclass(frozen=True)
class Found:
    """One thing that Zoom has otherwise."""

    kind: str
    ours: str
    theirs: str
    their_host: Connection | None = None


def note(
    row: Meeting,
    known: client.ZoomMeeting,
    columns: dict[str, Any],
    *,
    now: datetime,
    sent: Collection[str] = (),
) -> bool:
    """Bring the rows of this meeting in line with what Zoom has just said. In the transaction that writes `columns` on
    the meeting; `row` is the meeting as it was before. `sent`: Zoom answers a write of ours about these kinds, and what
    it did not take of them is told as such; whatever else differs somebody changed there. Answers whether something is
    new; a new link is announced (meeting_news "link")."""
    standing = {one.kind: one for one in _STANDING.objects(meeting=row.pk)}
    found = {one.kind: one for one in _found(row, known, columns)}
    if _lacks_passcode(row, columns, standing):
        found[Kind.PASSCODE] = Found(Kind.PASSCODE, ON, OFF)
    pending = {kind for kind in OWN if kind in found and kind not in standing}
    pending = {kind for kind in pending if kind in sent or _is_as_told(row, columns, kind)}
    is_news = False
    for kind in _looked_at(known):
        if kind in found and kind not in pending:
            is_news |= _write(row, found[kind], standing.get(kind), now, is_told=kind in sent)
        elif kind in standing:
            _settle(standing[kind], now)
    is_other_link = (row.join_url, row.passcode) != (columns["join_url"], columns["passcode"])
    # Where the passcode was taken away, the link that people hold still opens; putting one back brings another.
    is_taken_away = row.passcode and not columns["passcode"]
    if row.join_url and is_other_link and not is_taken_away:
        _take_link(row, now)
    return is_news


_STANDING = compiled.Read(
    lambda meeting: Difference.objects.standing().filter(meeting=meeting), meeting=compiled.NUMBER
)


def note_one(row: Meeting, kind: str, *, now: datetime, their_host: Connection | None = None) -> bool:
    """Write down one difference that no answer about the meeting itself can tell: another host, a webinar, gone.
    Answers whether it is new."""
    standing = Difference.objects.standing().filter(meeting=row, kind=kind).first()
    mark = _host_mark(their_host, "") if kind == Kind.HOST else ""
    with transaction.atomic():
        return _write(row, Found(kind, "", mark, their_host), standing, now)


def announce(row: Meeting, *, now: datetime) -> None:
    """Tell whoever is above that something is new (meeting_news "changed")."""
    row.refresh_from_db()
    signals.meeting_news.send(sender=Meeting, meeting=row, kind="changed", at=now, now=now)


def differing(row: Meeting, columns: dict[str, Any]) -> frozenset[str]:
    """Which of time, length and topic Zoom has otherwise."""
    return frozenset(kind for kind, (mine, synced) in OWN.items() if columns[synced] != getattr(row, mine))


def drifted(row: Meeting, columns: dict[str, Any], kinds: Collection[str], now: datetime) -> datetime | None:
    """Since when Zoom has any of these otherwise because somebody changed it there; None when nobody did."""
    is_new = any(not _is_as_told(row, columns, kind) for kind in kinds)
    return (row.drifted_at or (now if is_new else None)) if kinds else None


def waiting(row: Meeting) -> set[str]:
    """Of which of time, length and topic a person is to decide between Zoom's value and the present one of ours, or
    chose to leave both as they are."""
    ours = {kind: _plain(getattr(row, mine)) for kind, (mine, _synced) in OWN.items()}
    standing = _STANDING.objects(meeting=row.pk)
    return {one.kind for one in standing if one.restoring_at is None and one.ours == ours.get(Kind(one.kind))}


def want_back(row: Meeting, kinds: Collection[str], *, now: datetime) -> None:
    """Somebody wants ours at Zoom, whatever was decided before; whoever calls tells Zoom."""
    Difference.objects.standing().filter(meeting=row, kind__in=kinds, restoring_at=None).update(
        restoring_at=now, restoring_by=None, ignored_at=None, ignored_by=None, problem=""
    )


def note_not_taken(differences: QuerySet[Difference]) -> None:
    """Zoom has been told and did not go back, as where an account's policy holds a setting: that is said, and it is not
    sent again by itself."""
    differences.update(restoring_at=None, restoring_by=None, problem=Problem.NOT_TAKEN)


def wanted_back(row: Meeting, kinds: Collection[str]) -> QuerySet[Difference]:
    """What somebody wants put back and Zoom has not confirmed."""
    return Difference.objects.standing().filter(meeting=row, kind__in=kinds).exclude(restoring_at=None)


def settle_replaced(row: Meeting, *, now: datetime) -> None:
    """Another meeting takes this one's place: nothing of it waits for anybody."""
    Difference.objects.standing().filter(meeting=row).update(
        settled_at=now, settled=HowSettled.REPLACED, restoring_at=None
    )


def host_of(row: Meeting, zoom_user_id: str) -> Connection | None:
    """The live link of that Zoom user in the meeting's company."""
    links = Connection.objects.live().filter(organization_id=row.organization_id)
    return links.filter(zoom_user_id=zoom_user_id).first()


def mark_of(item: client.ZoomMeeting) -> UUID | None:
    """Our reference at the head of the agenda, where it stands at all."""
    mark = MARK.match(item.agenda)
    return UUID(mark.group(1)) if mark else None


def moment_of(text: str) -> datetime | None:
    """An instant as it stands in a difference."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _found(row: Meeting, known: client.ZoomMeeting, columns: dict[str, Any]) -> Iterator[Found]:
    for kind in differing(row, columns):
        mine, synced = OWN[Kind(kind)]
        yield Found(kind, _plain(getattr(row, mine)), _plain(columns[synced]))
    for kind, (wanted, has) in SETTINGS.items():
        if has in columns and columns[has] != getattr(row, wanted):
            yield Found(kind, _switch(getattr(row, wanted)), _switch(columns[has]))
    if known.host_id and known.host_id != row.connection.zoom_user_id:
        host = host_of(row, known.host_id)
        yield Found(Kind.HOST, "", _host_mark(host, known.host_id), host)


def _lacks_passcode(row: Meeting, columns: dict[str, Any], standing: Collection[str]) -> bool:
    """Every meeting that we make has a passcode. One taken over may do without, as a person chose, behind a waiting
    room, until somebody takes away the one that it had."""
    if columns["passcode"]:
        return False
    is_chosen = row.adopted_at is not None and not row.passcode and Kind.PASSCODE not in standing
    return not (is_chosen and columns.get("has_waiting_room", row.has_waiting_room))


def _looked_at(known: client.ZoomMeeting) -> list[str]:
    """The kinds about which this answer says something."""
    said = {
        Kind.WAITING_ROOM: known.has_waiting_room,
        Kind.SIGN_IN: known.requires_login,
        Kind.EARLY_ENTRY: known.admits_early,
    }
    return [
        *OWN,
        Kind.HOST,
        Kind.WEBINAR,
        Kind.PASSCODE,
        *(kind for kind, value in said.items() if value is not None),
    ]


def _is_as_told(row: Meeting, columns: dict[str, Any], kind: str) -> bool:
    synced = OWN[Kind(kind)][1]
    return bool(columns[synced] == getattr(row, synced))


def _write(
    row: Meeting, found: Found, standing: Difference | None, now: datetime, *, is_told: bool = False
) -> bool:
    facts = {"ours": found.ours, "theirs": found.theirs, "their_host": found.their_host}
    if standing is None:
        try:
            with transaction.atomic():
                Difference.objects.create(
                    organization_id=row.organization_id, meeting=row, kind=found.kind, found_at=now, **facts
                )
        except IntegrityError:  # somebody else looked at the same moment
            return False
        return True
    mine = Difference.objects.standing().filter(pk=standing.pk)
    if standing.theirs == found.theirs:
        # Another value of ours that Zoom has not been told: nobody has decided between that one and Zoom's.
        ours = found.ours if is_told else standing.ours
        mine.update(ours=ours, their_host=found.their_host)
        return False
    # Changed once more at Zoom: what was decided about the earlier value says nothing about this one.
    mine.update(
        **facts, found_at=now, ignored_at=None, ignored_by=None, restoring_at=None, restoring_by=None, problem=""
    )  # fmt: skip
    return True


def _settle(standing: Difference, now: datetime) -> None:
    how = HowSettled.RESTORED if standing.restoring_at else HowSettled.AGREED
    Difference.objects.standing().filter(pk=standing.pk).update(
        settled_at=now, settled=how, settled_by=standing.restoring_by, restoring_at=None, problem=""
    )


def _take_link(row: Meeting, now: datetime) -> None:
    """The join page leads to the new link by itself; whoever holds the old one is told by those above."""
    Difference.objects.create(
        organization_id=row.organization_id, meeting=row, kind=Kind.LINK, found_at=now, settled_at=now,
        settled=HowSettled.ADOPTED,
    )  # fmt: skip
    signals.meeting_news.send(sender=Meeting, meeting=row, kind="link", at=now, now=now)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else str(value)[:200]


def _switch(value: bool) -> str:
    return ON if value else OFF


def _host_mark(host: Connection | None, zoom_user_id: str) -> str:
    """Tells two hosts apart; of somebody who is not linked here not even the id is kept."""
    if host is not None:
        return f"link {host.pk}"
    return sha256(zoom_user_id.encode()).hexdigest()[:16] if zoom_user_id else "unknown"
