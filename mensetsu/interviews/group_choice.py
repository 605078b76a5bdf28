"""Which template group the interview form preselects, and why. Reads only.

As long as nobody has chosen by hand the choice follows the stage: the form carries what it was shown with (`usual`),
and what comes back unchanged is replaced by what is usual for the stage that is chosen now, with JavaScript and
without."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from mensetsu.candidates import models as candidates
from mensetsu.interviews import dispatching
from mensetsu.interviews.models import Interview
from mensetsu.mail import groups
from mensetsu.mail.models import TemplateGroup

AUTO, SELF = "auto", "self"
# Chosen by a person: follows nothing any more.
BY_HAND = ""


@dataclass(frozen=True)
class Usual:
    """What applies there without anybody choosing it; `place` is stage, job or company, "" when nothing does."""

    group: TemplateGroup | None
    place: str

    @property
    def said(self) -> str:
        """As the form says it: auto:12, or self."""
        return said(self.group)


def usual(person: candidates.Candidate, stage: candidates.Stage | None) -> Usual:
    return Usual(*groups.chosen_where(person.organization, job=person.job, stage=stage))


def said(group: TemplateGroup | None) -> str:
    return f"{AUTO}:{group.pk}" if group is not None else SELF


def first_shown(
    person: candidates.Candidate, stage: candidates.Stage | None, interview: Interview | None
) -> tuple[TemplateGroup | None, str]:
    """The group that a form shows when it is opened, and what it carries along. An interview whose mails a person
    writes, or whose group is not the usual one, was set so by somebody and stays so."""
    now_usual = usual(person, stage)
    if interview is None:
        return now_usual.group, now_usual.said
    own = dispatching.effective_group(interview)
    return own, now_usual.said if own is not None and own == now_usual.group else BY_HAND


def follow(
    typed: MutableMapping[str, Any], person: candidates.Candidate, stage: candidates.Stage | None
) -> None:
    """Bring what was sent in line with the stage; a choice by hand is marked as such and stays for good."""
    tells = typed.get("tells", "")
    if typed["usual"] != (SELF if tells == SELF else f"{tells}:{typed.get('group', '')}"):
        typed["usual"] = BY_HAND
        return
    present = usual(person, stage)
    typed["usual"], typed["tells"] = present.said, SELF if present.group is None else AUTO
    if present.group is not None:
        typed["group"] = str(present.group.pk)
