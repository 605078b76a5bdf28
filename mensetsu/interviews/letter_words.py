"""What is found in a letter, in words: what it is, and what to do about it."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mensetsu.mail.checks import Finding
from mensetsu.web import dates

SENTENCES = {
    # Tags
    "unknown_tag": _("There is no tag “%(tag)s”. Did you mean “{{%(suggestion)s}}”?"),
    "unknown_tag_alone": _("There is no tag “%(tag)s”. Choose one from the list of tags."),
    "tag_not_here": _("The tag “%(tag)s” cannot be used in this email."),
    "stray": _("“%(text)s” looks like a tag that lost a bracket. Correct it or remove it."),
    "missing_organization": _(
        "“%(name)s” has no value. Enter it in the company information or remove it from the text."
    ),
    "missing_applicant": _("“%(name)s” has no value. Enter it for the applicant or remove it from the text."),
    "missing_interview": _("“%(name)s” has no value. Enter it for the interview or remove it from the text."),
    "missing_agency": _("“%(name)s” has no value. Register the agency contact or remove it from the text."),
    "missing_sender": _("“%(name)s” has no value. Enter it in your profile or remove it from the text."),
    "missing_booking": _("“%(name)s” has no value. Send a page to choose a date or remove it from the text."),
    "url_failed": _("The join link has not been issued."),
    "url_pending": _("The join link is being issued. You can send the email when it is there."),
    # The text
    "empty_subject": _("Enter the subject."),
    "empty_body": _("Enter the text."),
    "long_subject": _("The subject has %(length)s characters. Telephones show about %(limit)s."),
    "start_url": _("The text holds the host's URL. Lead the applicant to the join page instead."),
    "doubled_honorific": _("“様” stands twice."),
    "everybody_honorific": _("“各位” already honors everybody: leave out “様”."),
    "onchu_and_sama": _("“御中” and “様” stand in one address. Use “様” when there is a name."),
    "bare_name": _("“%(name)s” stands without an honorific."),
    # The text against the interview
    "no_way_in": _("The text does not say how to join. We recommend to add “Applicant page URL”."),
    "other_date": _("“%(written)s” in the text differs from the interview (%(actual)s)."),
    "wrong_weekday": _("The weekday of “%(written)s” is wrong. It is %(right)s."),
    "around_agency": _(
        "This applicant is contacted through the agency. Check that it is right to write directly."
    ),
    "around_applicant": _(
        "This applicant is contacted directly. Check that it is right to write to the agency."
    ),
    "login_needed": _("This meeting asks participants to sign in at Zoom. Remove that no account is needed."),
    "not_standing": _("This interview is cancelled. Use a cancellation email."),
    "still_standing": _("This interview is not cancelled. Cancel it before you write that it is."),
    "over": _("This interview is over."),
    "told_already": _(
        "%(name)s has already been written to about this (%(at)s). Send it again only on purpose."
    ),
    "call_as_well": _("Less than 24 hours remain. Call as well: %(phone)s"),
}


def sentence(finding: Finding) -> str:
    """The finding for the present reader, moments on their clock."""
    facts = {
        name: _short(value) if isinstance(value, datetime) else value for name, value in finding.facts.items()
    }
    return str(SENTENCES[finding.code]) % facts


def _short(moment: datetime) -> str:
    return dates.short(moment, language=get_language() or "ja", zone=timezone.get_current_timezone())
