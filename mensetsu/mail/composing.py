"""From a text with tags to an unsaved Mail. The preview is the letter: both come from the same `Letter`, byte for
byte. Nothing is saved or sent here (`delivery`)."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cached_property
from typing import Any

from django.conf import settings

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.mail import tags
from mensetsu.mail.models import Mail, Template

SUBJECT_LIMIT = 250  # characters; the column's width

# What would end a header line, and other signs that have no place in a text.
_LINE_ENDS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SPACES_AT_LINE_ENDS = re.compile(r"[ \t]+\n")


@dataclass(frozen=True)
class Letter:
    """A filled text, still knowing which of its words came from tags."""

    subject_parts: tuple[tags.Segment, ...]
    body_parts: tuple[tags.Segment, ...]

    @cached_property
    def subject(self) -> str:
        return "".join(part.text for part in self.subject_parts).strip()[:SUBJECT_LIMIT]

    @cached_property
    def body(self) -> str:
        return "".join(part.text for part in self.body_parts)

    @property
    def parts(self) -> tuple[tags.Segment, ...]:
        return self.subject_parts + self.body_parts

    @property
    def missing(self) -> list[str]:
        """Keys of the tags without a value, each once."""
        return list(dict.fromkeys(part.key for part in self.parts if part.kind == "missing"))

    @property
    def is_whole(self) -> bool:
        """Every tag exists and has a value: nothing of our grammar can reach the reader."""
        return all(part.kind in ("text", "value") for part in self.parts)

    @property
    def written(self) -> str:
        """What a person wrote themselves, without the values of tags."""
        return "\n".join(part.text for part in self.parts if part.kind == "text")


def preview(*, subject: str, body: str, values: Mapping[str, str | None], names: tags.Names) -> Letter:
    """The letter as it would leave: subject on one line, spaces at line ends gone, line ends made one kind."""
    subject_parts = [
        _saying(part, one_line(part.text)) for part in tags.segments(one_line(subject), values, names)
    ]
    body_parts = tags.segments(plain(body), values, names)
    return Letter(tuple(subject_parts), tuple(_trimmed(body_parts)))


def one_line(text: str) -> str:
    """Safe in a header: whatever would begin a new line is a space."""
    return _CONTROLS.sub("", _LINE_ENDS.sub(" ", text))


def plain(text: str) -> str:
    """Free text with one kind of line end and no control signs."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _trimmed(parts: Iterable[tags.Segment]) -> list[tags.Segment]:
    trimmed: list[tags.Segment] = []
    for part in parts:
        text = _SPACES_AT_LINE_ENDS.sub("\n", plain(part.text))
        if text.startswith("\n"):
            _trim_end(trimmed)
        trimmed.append(_saying(part, text))
    _trim_end(trimmed)
    return trimmed


def _trim_end(parts: list[tags.Segment]) -> None:
    for index in range(len(parts) - 1, -1, -1):
        text = parts[index].text.rstrip(" \t")
        parts[index] = _saying(parts[index], text)
        if text:
            return


def _saying(part: tags.Segment, text: str) -> tags.Segment:
    return part if text == part.text else tags.Segment(part.kind, text, part.key)


def compose(
    letter: Letter,
    *,
    organization: accounts.Organization,
    candidate: candidates.Candidate | None,
    purpose: str,
    receiver: str,
    language: str,
    to_name: str,
    to_email: str,
    sender: accounts.User | None,
    now: datetime,
    contact: candidates.AgencyContact | None = None,
    interviewer: accounts.User | None = None,
    template: Template | None = None,
    attachments: Sequence[Mapping[str, Any]] = (),
) -> Mail:
    """The final text as an unsaved Mail, from the company's address, answered to a person who reads it."""
    from_email = organization.mail_from or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    company = organization.name if language == "ja" else organization.name_en or organization.name
    return Mail(
        organization=organization, candidate=candidate, purpose=purpose, receiver=receiver, contact=contact,
        interviewer=interviewer, template=template, language=language,
        to_name=one_line(to_name), to_email=to_email,
        from_name=one_line(company), from_email=from_email,
        reply_to=organization.mail_reply_to or (sender.email if sender else ""),
        subject=letter.subject, body=letter.body, attachments=[dict(one) for one in attachments],
        message_id=new_message_id(from_email), author=sender, created_at=now,
    )  # fmt: skip


def new_message_id(from_email: str) -> str:
    """Fixed for the life of a letter, so that a copy which left twice can be recognised by every mail program."""
    domain = from_email.rpartition("@")[2] or "localhost"
    return f"<{uuid.uuid4().hex}@{domain}>"
