"""Why a letter about a choice of dates cannot be written, in the reader's words."""

from django.utils.translation import gettext as _

from mensetsu.accounts.models import Language
from mensetsu.booking import inviting
from mensetsu.mail.models import Purpose, Receiver

UNSENDABLE = (inviting.NoAddress, inviting.NoTemplate, inviting.NotSendable)


def sentence(problem: Exception) -> str:
    """One of UNSENDABLE, and what to do about it."""
    if isinstance(problem, inviting.NoAddress):
        return _("There is no email address to write to.")
    if isinstance(problem, inviting.NoTemplate):
        return _without_text(problem)
    names = [str(finding.facts.get("name", finding.code)) for finding in problem.findings]
    return _("The letter has no value for: %(tags)s") % {"tags": ", ".join(dict.fromkeys(names))}


def no_mail() -> str:
    """The template group says so."""
    return _("By the template group no email is sent. Pass the address of the page on yourself.")


def _without_text(problem: inviting.NoTemplate) -> str:
    facts = {
        "name": problem.name,
        "purpose": Purpose(problem.purpose).label,
        "receiver": Receiver(problem.receiver).label,
        "language": Language(problem.language).label,
    }
    if problem.why == inviting.GAP:
        return (
            _(
                "The template group %(name)s has no text for this: %(purpose)s, %(receiver)s, %(language)s. "
                "Choose one in the settings."
            )
            % facts
        )
    if problem.why == inviting.NO_LINK:
        return (
            _("The text %(name)s has no link to the page. Add the tag {{Page to choose a date}} to it.")
            % facts
        )
    return (
        _(
            "No text lists the offered dates and links to the page: %(purpose)s, %(receiver)s, %(language)s. "
            "Add one in the settings."
        )
        % facts
    )
