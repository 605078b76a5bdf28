"""What interviews do when zoom announces that a host or a meeting is gone, and mail that a letter waits once more:
write it down, tell who must act, stop what is no longer true.

All run in the announcer's transaction. Whether an interview needs a host is not copied here: pages derive it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from mensetsu.accounts import models as accounts
from mensetsu.history import recording
from mensetsu.interviews import automating, dispatching, informing, issuing, reconciling
from mensetsu.interviews.models import Interview, Notice
from mensetsu.mail import models as mails
from mensetsu.mail import signals as mail_signals
from mensetsu.web import dates
from mensetsu.zoom import models as zoom
from mensetsu.zoom import signals

# A notice lists this many interviews and says how many more there are.
LISTED = 20


def listen() -> None:
    signals.connection_ended.connect(host_lost, dispatch_uid="interviews.host_lost")
    signals.meeting_lost.connect(meeting_lost, dispatch_uid="interviews.meeting_lost")
    signals.meeting_news.connect(meeting_due, dispatch_uid="interviews.meeting_due")
    signals.meeting_news.connect(meeting_differs, dispatch_uid="interviews.meeting_differs")
    mail_signals.letter_put_back.connect(look_again, dispatch_uid="interviews.look_again")


def host_lost(*, connection: zoom.Connection, account: str, now: datetime, **kwargs: Any) -> set[int]:
    """One entry an interview, one notice a person, with all of that person's interviews that lost their host. Answers
    the ids of who is told.

    The notice names the account as its readers knew it. The entry stays for good, so it does not."""
    lost = [
        interview
        for interview in _upcoming(now).filter(meeting__connection=connection)
        if interview.needs_host
    ]
    if not lost:
        return set()
    for interview in lost:
        if connection.is_nameless:
            _record("interview.host_erased", interview, now=now, owner=str(connection.owner))
        else:
            _record("interview.host_lost", interview, now=now, host=str(connection))
    admins = accounts.User.objects.filter(
        organization=connection.organization, role=accounts.Role.ADMIN
    ).working()
    concerned: dict[int, tuple[accounts.User, list[Interview]]] = {user.pk: (user, lost) for user in admins}
    for interview in lost:
        for user in informing.recruiters_of(interview):
            mine = concerned.setdefault(user.pk, (user, []))[1]
            if interview not in mine:
                mine.append(interview)
    for user, interviews in concerned.values():
        informing.notify("host_lost", user, _list(interviews, user), host=account,
                         rehost=informing.absolute(reverse("interviews:rehost", args=[connection.pk])))  # fmt: skip
    return set(concerned)


def meeting_lost(*, meeting: zoom.Meeting, now: datetime, **kwargs: Any) -> None:
    """A person decides: issue anew, change the host or cancel. Nothing is canceled by itself."""
    for interview in _upcoming(now).filter(meeting=meeting):
        _record("interview.meeting_lost", interview, now=now)
        informing.tell_recruiters("meeting_lost", interview)


def meeting_due(*, meeting: zoom.Meeting, kind: str, now: datetime, **kwargs: Any) -> None:
    """What failed because its host was gone can be made now: the Zoom account was connected again."""
    if kind == "due":
        for interview in _upcoming(now).filter(Q(meeting=meeting) | Q(next_meeting=meeting)):
            issuing.issue_meeting.enqueue(interview_id=interview.pk)


def meeting_differs(*, meeting: zoom.Meeting, kind: str, now: datetime, **kwargs: Any) -> None:
    """Somebody changed it at Zoom: the story says so, and whoever holds an old link hears of the new one by a job."""
    about = _upcoming(now).filter(Q(meeting=meeting) | Q(next_meeting=meeting))
    if kind == "changed":
        kinds = [one.kind for one in meeting.differences.open()]
        # Settled again before this was heard: nothing to tell.
        for interview in about if kinds else ():
            _record("interview.differs", interview, now=now, kinds=kinds)
    elif kind == "link":
        for interview in about:
            reconciling.follow_link.enqueue(interview_id=interview.pk)


def look_again(*, mail: mails.Mail, now: datetime, **kwargs: Any) -> None:
    """The interview may have changed while a worker had the letter in hand, when nobody could stop it."""
    notice = Notice.objects.filter(mail=mail).first()
    if notice is None:
        return
    dispatching.take_turn(notice.interview_id)
    interview = Interview.objects.with_facts().get(pk=notice.interview_id)
    if automating.stop_stale(interview, now=now, also_leaving=True):
        automating.announce.enqueue(interview_id=interview.pk)


def _upcoming(now: datetime):
    return Interview.objects.upcoming(now).with_facts().select_related("created_by", "organization")


def _record(action: str, interview: Interview, *, now: datetime, **facts: Any) -> None:
    recording.record(
        action, subject=interview, thread=interview.candidate, organization_id=interview.organization_id,
        by=None, at=now, **facts,
    )  # fmt: skip


def _list(interviews: Iterable[Interview], user: accounts.User) -> dict[str, Any]:
    """The lines on that person's clock and in their language: a notice carries no rows."""
    interviews = list(interviews)
    lines = [
        f"{dates.short(one.starts_at, language=user.language, zone=user.zone)} {one.candidate.name_in(user.language)}"
        for one in interviews[:LISTED]
    ]
    return {"count": len(interviews), "interviews": lines, "more": len(interviews) - len(lines)}
