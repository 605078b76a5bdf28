"""What our software tells colleagues about an interview by itself. Mail to applicants and agencies is a person's act
(`announcing`); this is not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from mensetsu.accounts import models as accounts
from mensetsu.interviews.models import Interview, Way
from mensetsu.notices import sending

# Names of notices, which are folders of templates/notices.
ASSIGNED = "interview_assigned"
MOVED = "interview_moved"
WAY_CHANGED = "interview_way_changed"
CANCELED = "interview_canceled"
RELEASED = "interview_released"


def panel(interview: Interview) -> list[accounts.User]:
    """The interviewers as they are now."""
    if interview.is_unheard:
        return [row.user for row in interview.interviewers.all()]
    return [row.user for row in interview.interviewers.select_related("user")]


def tell(
    name: str,
    interview: Interview,
    people: Iterable[accounts.User],
    *,
    by: accounts.User | None,
    from_at: datetime | None = None,
) -> list[accounts.User]:
    """A notice to each of these interviewers except whoever did it themselves; answers who is told. Inside the fact's
    transaction."""
    told = [user for user in people if user.is_active and (by is None or user.pk != by.pk)]
    for user in told:
        notify(name, user, facts(interview, user.language), about=interview, from_at=from_at)
    return told


def recruiters_of(interview: Interview) -> list[accounts.User]:
    """Who must act when something is wrong: the applicant's owner and whoever set it; else the administrators."""
    near = (interview.candidate.owner, interview.created_by)
    return acting([user for user in near if user is not None], interview.organization_id)


def acting(near: Iterable[accounts.User], organization_id: int) -> list[accounts.User]:
    """Those of them who can act, each once; when there is none, the company's administrators."""
    able = {user.pk: user for user in near if user.is_active and user.is_recruiter}
    if able:
        return list(able.values())
    admins = accounts.User.objects.filter(organization_id=organization_id, role=accounts.Role.ADMIN)
    return list(admins.working())


def tell_recruiters(name: str, interview: Interview, **extra: Any) -> None:
    """A notice to those who must act. Inside the fact's transaction."""
    for user in recruiters_of(interview):
        notify(name, user, facts(interview, user.language), about=interview, **extra)


def facts(interview: Interview, language: str) -> dict[str, Any]:
    """What every notice may say, for a reader of that language."""
    candidate = interview.candidate
    return {
        "candidate": candidate.name_in(language),
        "job": candidate.job.name_in(language) if candidate.job else "",
        "stage": interview.stage.name_in(language) if interview.stage else "",
        "starts_at": interview.starts_at,
        "minutes": interview.minutes,
        "is_online": interview.way == Way.WEB,
        "is_phone": interview.way == Way.PHONE,
        "place": interview.place,
        "page": absolute(reverse("interviews:detail", args=[interview.pk])),
        "mine": absolute(reverse("interviews:mine")),
    }


def absolute(path: str) -> str:
    return settings.BASE_URL + path


def notify(
    name: str, user: accounts.User, context: dict[str, Any], *, about: Interview | None = None, **extra: Any
) -> None:
    """One notice to one person; words not yet translated are said in their language. `about`: the interview whose page
    tells what becomes of it."""
    with translation.override(user.language):
        values = {k: str(v) if isinstance(v, Promise) else v for k, v in {**context, **extra}.items()}
    sending.deliver(name, to=user, context=values, about=about)
