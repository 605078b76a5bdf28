"""The confirmation as it would leave, for an interview that is still being planned: same text, same tags, same path.

What exists only after saving (the page for joining, the Zoom meeting) is announced in its place. Reads only."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import announcing, tags
from mensetsu.interviews import facts as telling
from mensetsu.interviews.models import Service
from mensetsu.interviews.planning import Plan
from mensetsu.mail import composing
from mensetsu.mail.models import Purpose, Receiver, Template

PAGE = "page.url"


def preview(plan: Plan, *, sender: accounts.User, now: datetime) -> announcing.Written | None:
    """The letter to whoever is contacted first; None while there is no time or no text for it."""
    if plan.starts_at is None:
        return None
    recipient = _recipient(plan)
    template = _template(plan, recipient)
    if template is None:
        return None
    facts = _facts(plan, recipient, sender, now)
    values = {key: value.text for key, value in tags.of_facts(facts).items()}
    with translation.override(recipient.language):
        later = _("(issued after saving)")
    for tag in tags.CATALOGUE:
        if (tag.is_issued or tag.key == PAGE) and tag.key in values and not values[tag.key]:
            values[tag.key] = later
    names = tags.names_for(
        receiver=recipient.receiver, purpose=Purpose.CONFIRMATION, language=recipient.language
    )
    letter = composing.preview(subject=template.subject, body=template.body, values=values, names=names)
    return announcing.Written(recipient, letter, facts)


def _recipient(plan: Plan) -> announcing.Recipient:
    candidate, contact = plan.candidate, plan.candidate.agency_contact
    if candidate.contact_route == ContactRoute.AGENCY and contact is not None:
        return announcing.Recipient(
            Receiver.AGENCY, contact.full_name, contact.email, contact.language, contact.zone, contact=contact
        )
    return announcing.Recipient(
        Receiver.CANDIDATE,
        candidate.name_in(candidate.language),
        candidate.email,
        candidate.language,
        candidate.zone,
    )


def _template(plan: Plan, recipient: announcing.Recipient) -> Template | None:
    """As announcing chooses: the recipient's language first, then the very way before any way."""
    way = "url" if plan.service == Service.URL else plan.way
    found = Template.objects.for_letter(
        organization=plan.organization, purpose=Purpose.CONFIRMATION, receiver=recipient.receiver
    )
    fitting = [one for one in found if one.way in (way, "") and one.language == recipient.language]
    return min(fitting, key=lambda one: (one.way != way, one.pk), default=None)


def _facts(
    plan: Plan, recipient: announcing.Recipient, sender: accounts.User, now: datetime
) -> telling.Facts:
    return telling.Facts(
        organization=plan.organization,
        candidate=plan.candidate,
        stage=plan.stage,
        starts_at=plan.starts_at,
        minutes=plan.minutes,
        way=plan.way,
        service=plan.service,
        place=plan.place,
        panel=tuple(plan.interviewers),
        receiver=recipient.receiver,
        language=recipient.language,
        zone=recipient.zone,
        now=now,
        sender=sender,
        contact=recipient.contact,
        url_state="pending" if plan.uses_zoom else "none",
        join_url=plan.custom_url,
    )
