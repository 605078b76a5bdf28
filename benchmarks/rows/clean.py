"""What the rows themselves have written goes again, so that the next run finds the same company."""

from django.db import connection, transaction
from django_tasks_db.models import DBTaskResult

from benchmarks.scene import Scene
from mensetsu.candidates.models import Candidate
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview, Notice
from mensetsu.mail.models import Mail
from mensetsu.zoom.models import Meeting, WebhookEvent


def forget(scene: Scene) -> None:
    """Interviews that the benchmark has set, with all that followed; webhooks, jobs, and rows of the bare insert."""
    made = Interview.objects.filter(memo="benchmark")
    with transaction.atomic():
        DBTaskResult.objects.exclude(status="RUNNING").delete()
        meetings = set(made.values_list("meeting_id", flat=True)) - {None}
        people = list(made.values_list("candidate_id", flat=True))
        numbers = list(made.values_list("pk", flat=True))
        Entry.objects.filter(subject="interviews.interview", subject_id__in=numbers).delete()
        mails = list(Notice.objects.filter(interview__in=numbers).values_list("mail_id", flat=True))
        made.delete()
        Mail.objects.filter(pk__in=mails).delete()
        Meeting.objects.filter(pk__in=meetings).delete()
        Candidate.objects.filter(pk__in=people).update(next_interview_at=None, awaiting_since=None)
        WebhookEvent.objects.all().delete()
        Entry.objects.filter(thread="benchmark").delete()
    connection.close()
