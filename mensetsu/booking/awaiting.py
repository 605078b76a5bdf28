"""What of bookings needs a recruiter, for 要対応 on the home page. Reads only, in a constant number of queries."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.booking.agency_models import Proposal
from mensetsu.booking.models import Invitation
from mensetsu.interviews import arranging, attention, warning_words
from mensetsu.interviews.attention import EACH, ELSEWHERE, LOOK_BACK, WAITS, Item
from mensetsu.interviews.models import WhyNot


def read(user: accounts.User, *, now: datetime) -> list[Item]:
    """Wishes nobody has dealt with, dates that agencies propose, notices before the deadline that could not be sent,
    deadlines that passed without an answer, booked dates without a Zoom host."""
    mine = (
        Invitation.objects.visible_to(user)
        .filter(closed_at=None, canceled_at=None)
        .exclude(candidate__status__in=arranging.GONE)
        .select_related("candidate", "interview", "page")
        .order_by("pk")
    )
    wishes = mine.filter(chosen_at=None, declined_at__isnull=False, handled_at=None)
    silent = mine.filter(
        chosen_at=None,
        declined_at=None,
        answer_by__lte=now,
        answer_by__gt=now - LOOK_BACK,
        page__closed_at=None,
    )
    unreminded = mine.filter(chosen_at=None, declined_at=None, answer_by__gt=now, page__closed_at=None)
    hostless = mine.filter(
        Q(interview__meeting=None, interview__next_meeting=None), chosen_at__isnull=False,
        interview__service="zoom", interview__canceled_at=None, interview__withdrawn_at=None,
        interview__starts_at__gt=now,
    )  # fmt: skip
    proposed = Proposal.objects.visible_to(user).waiting().select_related("candidate").order_by("pk")
    return [
        *(_proposed(one) for one in proposed[:EACH]),
        *(_item(one, _("No offered date fits the applicant."), one.declined_at) for one in wishes[:EACH]),
        *(_item(one, _unreminded(one), one.answer_by) for one in unreminded.exclude(unreminded="")[:EACH]),
        *(
            _item(one, _("The deadline for choosing passed without an answer."), one.answer_by)
            for one in silent[:EACH]
        ),
        *(_hostless(one, now) for one in hostless[:EACH]),
    ]


def _item(invitation: Invitation, text: str, at: datetime | None) -> Item:
    name = "booking:offer" if invitation.page.is_offer else "booking:invitation"
    facts = {
        "text": text,
        "who": invitation.candidate,
        "verb": _("Open"),
        "href": reverse(name, args=[invitation.pk]),
    }
    return Item(ELSEWHERE, WAITS, at or invitation.created_at, facts=facts)


def _unreminded(invitation: Invitation) -> str:
    words = _("The notice before the deadline was not sent."), str(WhyNot(invitation.unreminded).label)
    return warning_words.together(*words)


def _proposed(proposal: Proposal) -> Item:
    facts = {
        "text": _("An agency proposes dates."),
        "who": proposal.candidate,
        "verb": _("Choose a date"),
        "href": reverse("booking:proposal", args=[proposal.pk]),
    }
    return Item(ELSEWHERE, WAITS, proposal.made_at, facts=facts)


def _hostless(invitation: Invitation, now: datetime) -> Item:
    interview = invitation.interview
    is_soon = interview.starts_at - now <= attention.SOON
    facts = {
        "text": _("A date was chosen; choose the Zoom host."),
        "who": invitation.candidate,
        "verb": _("Choose the host"),
        "href": reverse("interviews:edit", args=[interview.pk]),
    }
    group = attention.BREAKS_SOON if is_soon else attention.BREAKS_LATER
    return Item(ELSEWHERE, group, interview.starts_at, interview, facts)
