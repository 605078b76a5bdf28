"""What must hold of the mail that arrived: each letter at most once, none with a link that leads nowhere, none that
promises an interview after it was canceled."""

import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from chaos.invariants import Truth
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail, Purpose, Receiver

ADDRESS = re.compile(r"https?://[^\s<>「」（）]+")
ENDINGS = {Purpose.CANCELLATION, "receipt"}
# A letter that a worker had in hand when somebody pressed 「中止」 cannot be called back any more.
IN_HAND = timedelta(seconds=15)


def check(truth: Truth) -> list[str]:
    by_id = {mail.message_id: mail for mail in Mail.objects.select_related("notice__interview__meeting")}
    arrived = [(letter, by_id.get(letter["message_id"])) for letter in truth.letters]
    ours = [(letter, mail) for letter, mail in arrived if mail is not None]
    return [
        *none_twice(truth.letters),
        *none_said_twice([mail for _letter, mail in ours]),
        *none_after_cancellation([mail for _letter, mail in ours]),
        *links_live(ours, truth),
        *nobody_waits(truth),
    ]


def none_twice(letters: list[dict[str, Any]]) -> list[str]:
    """The same letter (Message-ID) reached the mail server once per recipient."""
    times = Counter((one["message_id"], tuple(one["recipients"])) for one in letters if one["message_id"])
    return [
        f"letter {number} to {to} arrived {count} times" for (number, to), count in times.items() if count > 1
    ]


def none_said_twice(mails: list[Mail]) -> list[str]:
    """Nobody is told the very same twice running: same interview, same purpose, same facts. Reminders have a rule
    each, and may be equal."""
    told: dict[tuple[int, str], list[Mail]] = defaultdict(list)
    for mail in mails:
        if (
            hasattr(mail, "notice")
            and mail.purpose != Purpose.REMINDER
            and mail.receiver != Receiver.INTERVIEWER
        ):
            told[(mail.notice.interview_id, mail.to_email)].append(mail)
    problems = []
    for (interview, to), row in told.items():
        row.sort(key=lambda one: one.pk)
        for first, second in pairwise(row):
            # What a person wrote by hand, they meant.
            if _content(first) == _content(second) and second.author_id is None:
                problems.append(
                    f"{to} was told the same of interview {interview} twice: mails {first.pk}, {second.pk}"
                )
    return problems


def _content(mail: Mail) -> tuple[Any, ...]:
    notice = mail.notice
    return (mail.purpose, notice.told_starts_at, notice.told_minutes, notice.told_join_url, notice.told_place)


def none_after_cancellation(mails: list[Mail]) -> list[str]:
    problems = []
    for mail in mails:
        interview: Interview | None = mail.notice.interview if hasattr(mail, "notice") else None
        ended = interview.canceled_at if interview is not None else None
        promises = mail.purpose not in ENDINGS and mail.receiver != Receiver.INTERVIEWER
        if ended is not None and promises and mail.handed_at is not None and mail.handed_at > ended + IN_HAND:
            problems.append(
                f"mail {mail.pk} ({mail.purpose}) left after interview {interview.pk} was canceled"
            )
    return problems


def links_live(ours: list[tuple[dict[str, Any], Mail]], truth: Truth) -> list[str]:
    """A letter about an online interview has a link; and a Zoom address in it existed at Zoom when it left. What the
    links lead to today: chaos/held.py."""
    problems = []
    made = {str(row["id"]): row for row in truth.zoom["meetings"]}
    for letter, mail in ours:
        addresses = ADDRESS.findall(letter["text"])
        problems += _dead_at_zoom(mail, addresses, made, truth)
        # What a person wrote in own words, the page warned them of.
        is_ours = mail.purpose == Purpose.CONFIRMATION and mail.receiver == Receiver.CANDIDATE
        if is_ours and mail.author_id is None and not addresses:
            problems.append(f"mail {mail.pk} confirms an online interview without any link")
    return problems


def truth_zoom(truth: Truth) -> str:
    return str(truth.zoom.get("address", "http://zoom.invalid"))


def _dead_at_zoom(mail: Mail, addresses: list[str], made: dict[str, Any], truth: Truth) -> list[str]:
    left = f"{mail.handed_at:%Y-%m-%dT%H:%M:%SZ}" if mail.handed_at else ""
    problems = []
    for address in addresses:
        if not address.startswith(truth_zoom(truth)):
            continue
        number = urlsplit(address).path.rsplit("/", 1)[-1]
        row = made.get(number)
        if row is None:
            problems.append(f"mail {mail.pk} carries a Zoom address that never was: {number}")
        elif row["deleted_at"] and row["deleted_at"] < left and number not in truth.meddled:
            problems.append(
                f"mail {mail.pk} left at {left} with meeting {number}, deleted at {row['deleted_at']}"
            )
    return problems


def nobody_waits(truth: Truth) -> list[str]:
    """No letter is stuck: when all is calm whatever was due has left, failed in words, or was called back."""
    stuck = Mail.objects.waiting().filter(due_at__lt=truth.now - timedelta(minutes=12))
    return [f"mail {one.pk} ({one.purpose}) is stuck since {one.due_at}" for one in stuck]
