"""What pages show of the mails that leave by themselves: what is about to, what is planned, what could not."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from mensetsu.interviews import addressing, automating, facts, recalling
from mensetsu.interviews.addressing import Recipient
from mensetsu.interviews.models import Interview, JoinLink, Notice, Reminder, Withheld
from mensetsu.mail.models import Mail, Purpose, Receiver, TemplateGroup


@dataclass(frozen=True)
class Planned:
    """One reminder and whom it would reach today, named for the reader of the page."""

    reminder: Reminder
    name: str


@dataclass(frozen=True)
class Automatic:
    """Everything about one interview that happens without a person."""

    group: TemplateGroup | None = None
    # Letters that are written and can still be called back.
    leaving: list[Mail] = field(default_factory=list)
    # Letters that a job is about to write, with whom they are for; they wait while the address is being made.
    due: list[tuple[Recipient, str]] = field(default_factory=list)
    waits_for_url: bool = False
    reminders: list[Planned] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)

    @property
    def can_call_back(self) -> bool:
        return bool(self.leaving or self.due)


def read(interview: Interview, *, now: datetime) -> Automatic:
    group = automating.writing_group(interview)
    withheld = list(interview.withheld.filter(settled_at=None))
    if group is None:
        return Automatic(withheld=withheld)
    stopped = {(one.recipient, one.purpose) for one in withheld}
    due = [] if interview.is_over(now) else list(automating.due(interview))
    return Automatic(
        group=group,
        leaving=recalling.waiting(interview),
        due=[(one, purpose) for one, purpose in due if (one.key, purpose) not in stopped],
        waits_for_url=interview.is_online and facts.coming_url_state(interview) != "issued",
        reminders=planned(interview),
        withheld=withheld,
    )


def planned(interview: Interview) -> list[Planned]:
    """The reminders that wait, for those whom they would reach as things stand."""
    language = get_language() or "ja"
    names: dict[tuple[str, int | None], str] = {
        (one.receiver, None): one.name_in(language) for one in addressing.by_route(interview)
    }
    for row in interview.interviewers.all():
        names[Receiver.INTERVIEWER, row.user_id] = row.user.name_in(language)
    waiting = Reminder.objects.waiting().filter(interview=interview).order_by("due_at", "id")
    return [
        Planned(one, names[one.receiver, one.interviewer_id])
        for one in waiting
        if (one.receiver, one.interviewer_id) in names
    ]


@dataclass(frozen=True)
class Line:
    """One letter in the ledger: what became of it, and whether the reader came to the join page afterwards."""

    mail: Mail
    notice: Notice
    # A later letter to the same person says something newer.
    is_superseded: bool
    opened_at: datetime | None
    joined_at: datetime | None

    @property
    def state(self) -> str:
        """As Mail.state, and `stopped` when the product called it back because the interview had changed."""
        return "stopped" if self.notice.stopped_at else self.mail.state

    @property
    def can_stop(self) -> bool:
        return self.mail.state == "queued" and self.mail.sending_at is None


def ledger_lines(interview: Interview) -> list[Line]:
    """Who was told what, when: every letter, the newest first. Uses prefetched notices and join links."""
    links = {(link.receiver, link.contact_id): link for link in interview.join_links.all()}
    lines: list[Line] = []
    newer: set[str] = set()
    for notice in reversed(interview.notices.all()):
        mail = notice.mail
        key = addressing.key_of(mail)
        link: JoinLink | None = links.get((mail.receiver, mail.contact_id))
        lines.append(
            Line(mail, notice, key in newer, *(_visits(link, mail) if link is not None else (None, None)))
        )
        if mail.state in ("sent", "queued") and mail.purpose not in (Purpose.REMINDER, Purpose.OTHER):
            newer.add(key)
    return lines


def _visits(link: JoinLink, mail: Mail) -> tuple[datetime | None, datetime | None]:
    """The link is the recipient's, not the letter's: a visit counts for the letters that had left before it."""
    left_at = mail.sent_at
    moments: list[Any] = [link.opened_at, link.joined_at]
    return tuple(at if at and left_at and at >= left_at else None for at in moments)  # type: ignore[return-value]
