"""What is counted in the database whenever Prometheus asks. Each is one or two small queries over an index."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Q

from mensetsu.jobs import engine
from mensetsu.mail.models import Mail
from mensetsu.notices.models import OutgoingNotice
from mensetsu.web.metrics import Gauge
from mensetsu.zoom.models import Connection, WebhookEvent


def _jobs(now: datetime) -> Mapping[str, float]:
    load = engine.chosen().load(now)
    return {
        "waiting": load.waiting,
        "scheduled": load.scheduled,
        "running": load.running,
        "failed": load.failed,
    }


def _oldest_job(now: datetime) -> Mapping[str, float]:
    return {"": engine.chosen().load(now).oldest}


def _mails(now: datetime) -> Mapping[str, float]:
    on_the_way = Mail.objects.filter(queued_at__isnull=False, sent_at=None, failed_at=None, canceled_at=None)
    return {
        "waiting": on_the_way.filter(Q(due_at=None) | Q(due_at__lte=now)).count(),
        "scheduled": on_the_way.filter(due_at__gt=now).count(),
        "failed": Mail.objects.filter(failed_at__isnull=False, resent_as=None, settled_at=None).count(),
    }


def _notices(now: datetime) -> Mapping[str, float]:
    waiting = OutgoingNotice.objects.waiting()
    return {
        "waiting": waiting.filter(due_at__lte=now).count(),
        "scheduled": waiting.filter(due_at__gt=now).count(),
        "failed": OutgoingNotice.objects.troubled().count(),
    }


def _connections(now: datetime) -> Mapping[str, float]:
    del now
    counts = Connection.objects.aggregate(
        connected=Count("pk", filter=Q(ended_at=None)), ended=Count("pk", filter=Q(ended_at__isnull=False))
    )
    return {"connected": counts["connected"], "ended": counts["ended"]}


def _unread(now: datetime) -> Mapping[str, float]:
    del now
    return {"": WebhookEvent.objects.filter(unread_since__isnull=False).count()}


GAUGES = [
    Gauge("mensetsu_jobs", "Jobs by state; failed ones of the last week.", _jobs, "state"),
    Gauge("mensetsu_jobs_oldest_seconds", "For how long the oldest waiting job could have run.", _oldest_job),
    Gauge("mensetsu_mails", "Mails that have not arrived, by state.", _mails, "state"),
    Gauge("mensetsu_notices", "Notices to our own users that have not arrived, by state.", _notices, "state"),
    Gauge("mensetsu_zoom_messages_unread", "Messages of Zoom that wait for a reading.", _unread),
    Gauge("mensetsu_connections", "Zoom connections by state.", _connections, "state"),
]
