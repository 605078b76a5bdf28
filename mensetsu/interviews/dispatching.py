"""One letter that leaves by itself: which text the group has for it, and what is written down when it cannot leave.

Nothing is silent. No text chosen, a tag without a value, no address: each leaves a `Withheld` row, which stands on the
home page until somebody has written by hand. Only "no mail", chosen on purpose, is settled from the beginning."""

import inspect
import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from mensetsu.accounts import models as accounts
from mensetsu.interviews import announcing, informing, ledger, noting
from mensetsu.interviews.addressing import Recipient
from mensetsu.interviews.models import Interview, WhyNot, Withheld
from mensetsu.mail import checks, delivery, groups
from mensetsu.mail.models import Mail, TemplateGroup

_NAMESPACE = uuid.UUID("0f6c1c58-6a4e-4b7e-8f0a-6d656e736575")
# What somebody's press has set off can be called back as long as what they send by hand.
UNDO = timedelta(seconds=delivery.UNDO_SECONDS)
# What will be there by itself: the address of a meeting that is being made, or made again by a person.
COMING = frozenset({"url_pending", "url_failed"})


take_turn = announcing.take_turn


class NotYet(Exception):
    """The text needs an address that does not exist yet."""


class NotSent(Exception):
    """Nothing was sent, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def effective_group(interview: Interview) -> TemplateGroup | None:
    """The group whose mails leave by themselves; the company's default one after it was retired; None: by hand."""
    group = interview.template_group
    if group is None or group.retired_at is None:
        return group
    return groups.default_of(interview.organization_id)


@transaction.atomic
def dispatch(
    interview: Interview,
    one: Recipient,
    *,
    purpose: str,
    texts: groups.Texts,
    occasion: str,
    now: datetime,
    due_at: datetime | None = None,
    is_current: bool = False,
) -> Mail:
    """The group's letter to one person, queued, leaving at `due_at` (now if not given). The same `occasion` twice is
    one letter. `is_current`: the caller took the interview's turn and has read it, with everything, since.

    Refuses NotSent (the reason is one of WhyNot; or "" when this very letter exists already) and NotYet."""
    if not (interview.is_unheard or is_current):
        take_turn(interview.pk)
    letter = compose(
        interview, one, purpose=purpose, texts=texts, occasion=occasion, now=now, due_at=due_at,
        is_current=is_current,
    )  # fmt: skip
    try:
        (mail,) = noting.write_down([letter], by=None, now=now, due_at=due_at)
    except noting.AlreadySent:
        raise NotSent("") from None
    return mail


def compose(
    interview: Interview,
    one: Recipient,
    *,
    purpose: str,
    texts: groups.Texts,
    occasion: str,
    now: datetime,
    due_at: datetime | None = None,
    is_current: bool = False,
) -> noting.Composed:
    """The same letter, not written down yet (noting.write_down), for callers with many. Refuses as `dispatch`."""
    choice = texts.choose(
        purpose=purpose, receiver=one.receiver, language=one.language, way=interview.letter_way
    )
    if choice.is_no_mail:
        raise NotSent(WhyNot.NO_MAIL)
    if choice.is_gap:
        raise NotSent(WhyNot.GAP)
    if not one.email or one.note == "left":
        raise NotSent(WhyNot.NO_ADDRESS)
    try:
        (letter,) = announcing.compose(
            interview, purpose=purpose, people=[one], text=announcing.text_of(interview, choice.template),
            form_key=uuid.uuid5(_NAMESPACE, f"{interview.pk} {purpose} {one.key} {occasion}"), by=None,
            speaker=speaker(interview), now=now, due_at=due_at, is_current=is_current,
        )  # fmt: skip
    except announcing.NotSendable as holes:
        blocks = {finding.code for finding in holes.findings if finding.level == checks.BLOCK}
        if blocks <= COMING:
            raise NotYet from None
        raise NotSent(WhyNot.HOLES) from None
    return letter


# The same for letters to interviewers inside a verb: a refusal comes before anything is written.
dispatch_within = inspect.unwrap(dispatch)


def speaker(interview: Interview) -> accounts.User | None:
    """Who signs what nobody wrote: the applicant's owner, whoever set the interview, else an administrator."""
    return next(iter(informing.recruiters_of(interview)), None)


def withhold(interview: Interview, one: Recipient, *, purpose: str, reason: str, now: datetime) -> None:
    """Write down that this letter did not leave; a second time changes nothing."""
    is_settled = reason == WhyNot.NO_MAIL
    about = {"interview": interview, "purpose": purpose, "recipient": one.key}
    told = ledger.digest(interview, purpose)
    if is_settled and Withheld.objects.filter(**about, reason=reason).exists():
        return
    if not is_settled and Withheld.objects.filter(**about, settled_at=None).update(reason=reason, told=told):
        return
    try:
        with transaction.atomic():
            Withheld.objects.create(
                **about, receiver=one.receiver, name=one.name, language=one.language, reason=reason, at=now,
                told=told, settled_at=now if is_settled else None,
            )  # fmt: skip
    except IntegrityError:  # another worker wrote it down
        return


def settle(withheld: Withheld, *, now: datetime) -> None:
    """Somebody has told this person in another way."""
    Withheld.objects.filter(pk=withheld.pk, settled_at=None).update(settled_at=now)


def settle_gone(interview: Interview, *, now: datetime) -> None:
    """What would promise an interview that does not take place needs nobody's attention any more."""
    if not interview.is_standing:
        gone = Withheld.objects.filter(interview=interview, settled_at=None)
        gone.exclude(purpose__in=ledger.ENDINGS).update(settled_at=now)
