"""Everything that happens by itself, and when (times are UTC; 20:30 UTC is 05:30 in Japan)."""

from datetime import timedelta

from django.utils import timezone

from mensetsu.booking import settling
from mensetsu.candidates import importing
from mensetsu.interviews import preflighting, reminding, scheduling
from mensetsu.jobs import engine, port
from mensetsu.jobs.clock import Rhythm
from mensetsu.mail import delivery, samples
from mensetsu.notices import sending
from mensetsu.zoom import checking, ending, limiting, sweeping, webhooks


@port.job(max_attempts=1)
def forget_finished_jobs() -> None:
    engine.chosen().forget_finished(timezone.now())


RHYTHMS = [
    Rhythm("send the reminders that are due", timedelta(minutes=1), reminding.send_due),
    Rhythm("check interviews before they begin", timedelta(minutes=1), preflighting.look_ahead),
    Rhythm("read messages that nobody took up", timedelta(minutes=1), webhooks.read),
    Rhythm("compare coming meetings with Zoom", timedelta(minutes=5), checking.reconcile),
    Rhythm("note interviews that have passed", timedelta(minutes=5), scheduling.note_passed),
    Rhythm("watch the deadlines for choosing a date", timedelta(minutes=5), settling.watch),
    Rhythm("bring home letters left behind", timedelta(minutes=5), delivery.bring_home),
    Rhythm("bring home notices left behind", timedelta(minutes=5), sending.bring_home),
    Rhythm("give back imports broken off", timedelta(minutes=5), importing.give_lost_files_back),
    Rhythm("install new sample texts", timedelta(hours=1), samples.install_new_samples),
    Rhythm(
        "check every Zoom link",
        timedelta(days=1),
        checking.check_connections,
        at=timedelta(hours=20, minutes=30),
    ),
    Rhythm(
        "compare what each host has at Zoom",
        timedelta(days=1),
        sweeping.sweep_all,
        at=timedelta(hours=20, minutes=40),
    ),
    Rhythm("renew idle Zoom links", timedelta(days=1), checking.refresh_idle, at=timedelta(hours=21)),
    Rhythm("forget old webhooks", timedelta(days=1), webhooks.purge_events, at=timedelta(hours=20)),
    Rhythm(
        "forget old counts of Zoom's limits", timedelta(days=1), limiting.forget_old, at=timedelta(hours=20)
    ),
    Rhythm(
        "forget whose ended Zoom links were",
        timedelta(days=1),
        ending.forget_identities,
        at=timedelta(hours=20),
    ),
    Rhythm("forget imported files", timedelta(days=1), importing.forget_files, at=timedelta(hours=20)),
    Rhythm("forget old notices", timedelta(days=1), sending.forget_old, at=timedelta(hours=20)),
    Rhythm("forget finished jobs", timedelta(days=1), forget_finished_jobs, at=timedelta(hours=20)),
]
