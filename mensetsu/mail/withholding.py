"""Letters that leave by themselves no more: a backup was restored, and the database before may have sent them."""

from datetime import datetime

from django.db import transaction

from mensetsu.history import recording
from mensetsu.mail.models import Mail, Problem


@transaction.atomic
def withhold_waiting(*, until: datetime, now: datetime) -> int:
    """Every letter that was to leave by then fails as "restored": it stands where failed letters stand, and a person
    sends it again or settles it. Also those that somebody had in hand. Only while nobody works. Answers how many."""
    waiting = Mail.objects.waiting().filter(due_at__lte=until)
    letters = list(waiting.select_related("candidate").defer("body", "attachments"))
    waiting.update(failed_at=now, sending_at=None, problem=Problem.RESTORED, problem_detail="")
    for mail in letters:
        recording.record(
            "mail.failed", subject=mail, thread=mail.candidate, organization_id=mail.organization_id, by=None, at=now,
            subject_line=mail.subject, to=mail.to_name or mail.to_email, purpose=mail.purpose,
            problem=Problem.RESTORED.value,
        )  # fmt: skip
    return len(letters)
