"""After a restore nothing leaves a second time: what was still to be sent is left to people."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mensetsu.accounts import inviting, resetting
from mensetsu.booking import settling
from mensetsu.interviews import automating
from mensetsu.interviews import withholding as of_interviews
from mensetsu.jobs import engine
from mensetsu.mail import withholding as of_letters
from mensetsu.notices import sending

# What a release before this one has queued for our own users: without a row there is nothing to look at afterwards.
NOTICES = (sending.send_notice, inviting.send_invitation, resetting.send_link)


@dataclass(frozen=True)
class Withheld:
    """How much was left to people: letters, reminders and letters that were about to write themselves; and how many
    notices to colleagues."""

    letters: int
    reminders: int
    unwritten: int
    notices: int


@transaction.atomic
def withhold(*, until: datetime, now: datetime) -> Withheld:
    """Whatever would leave by itself until then does not: the database that was replaced may have sent it. Recruiters
    find it on the home page and send it again or settle it. Only while no worker lives."""
    back = engine.chosen().take_back(
        [*(job.module_path for job in NOTICES), automating.announce.module_path], until
    )
    changed = [one for one in back if one.path == automating.announce.module_path]
    about = {int(one.arguments["interview_id"]) for one in changed}
    letters = of_letters.withhold_waiting(until=until, now=now)
    reminders = of_interviews.withhold_reminders(until=until, now=now)
    reminders += settling.withhold(until=until, now=now)
    unwritten = of_interviews.withhold_announcements(about=about, now=now)
    notices = sending.withhold(until=until, now=now) + len(back) - len(changed)
    return Withheld(letters, reminders, unwritten, notices)
