"""P8: ten thousand reminders that are due at nine o'clock: how long until the mail server has accepted all of them; and
once more, fewer of them, while a worker is killed (-9) in the middle.

SQLite: the default product. PostgreSQL: two worker processes of the distributed engine."""

import os
import signal
import time
from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from benchmarks import reminding
from benchmarks.inbox import Inbox
from benchmarks.scene import Result, Scene
from benchmarks.world import Server
from mensetsu.accounts.models import Organization, User
from mensetsu.interviews.models import Reminder
from mensetsu.jobs.models import Beat
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail, Problem

AMOUNT, KILLED_AMOUNT = 10_000, 1_000
GOAL_S = 60.0
# After that a run ends; what has not left yet stands in the figures.
PATIENCE = 110.0
WORKERS = 2
# SQLite has no other worker.
GRACE = {"SQLite": 0.0, "PostgreSQL": 20.0}


def measure(scene: Scene) -> list[Result]:
    if scene.world.postgresql:
        scene.world.manage("migrate", "--no-input", "-v0", MENSETSU_JOBS="distributed")
    return [_undisturbed(scene), _killed(scene)]


def _undisturbed(scene: Scene) -> Result:
    amount = 20 if scene.is_quick else AMOUNT
    mine = _plan(scene, amount)
    with ExitStack() as exits:
        inbox = exits.enter_context(Inbox(scene.smtp_port))
        _start(scene, exits)
        due_at = _due(scene, mine)
        is_done = inbox.wait(amount, _end(due_at))
    seconds = round(inbox.last_at - due_at.timestamp(), 1)
    tally = _tally(mine, inbox)
    figures = {"reminders": amount, **tally, "s": seconds, "per_s": round(tally["accepted"] / seconds, 1)}
    _call_off(mine)
    return Result("P8", "reminders due at once", scene.world.amount, figures, f"all within {GOAL_S:.0f} s",
                  is_done and seconds <= GOAL_S and not tally["twice"])  # fmt: skip


def _killed(scene: Scene) -> Result:
    amount = 20 if scene.is_quick else KILLED_AMOUNT
    mine = _plan(scene, amount)
    with ExitStack() as exits:
        inbox = exits.enter_context(Inbox(scene.smtp_port, pause_after=amount // 3))
        servers = _start(scene, exits)
        due_at = _due(scene, mine)
        inbox.wait(amount // 3, _end(due_at))
        at = len(inbox.came)
        victim = servers[0].workers[0] if servers[0].port else servers[0].process.pid
        os.kill(victim, signal.SIGKILL)
        inbox.go_on()
        if not servers[0].port:
            # gunicorn starts another process by itself; who watches over workers is the operator's system.
            exits.enter_context(_worker(scene, WORKERS))
        _settle(scene, mine, inbox, killed_at=timezone.now(), until=_end(due_at))
    figures = {"reminders": amount, "killed_at": at, **_tally(mine, inbox)}
    return Result("P8", "a worker killed in the middle", scene.world.amount, figures, "none twice, none lost",
                  0 < at < amount and figures["twice"] == figures["lost"] == figures["waiting"] == 0)  # fmt: skip


def _plan(scene: Scene, amount: int) -> set[int]:
    """The reminders, due in an hour: however long it takes to write them and to start the servers."""
    there = set(Reminder.objects.values_list("pk", flat=True))
    reminding.plan(
        company=Organization.objects.get(pk=scene.facts["organization"]),
        by=User.objects.get(pk=scene.facts["reader"]),
        interviewers=list(User.objects.filter(pk__in=scene.facts["interviewers"])),
        amount=amount,
        due_at=timezone.now() + timedelta(hours=1),
    )
    mine = set(Reminder.objects.values_list("pk", flat=True)) - there
    connection.close()
    return mine


def _due(scene: Scene, mine: set[int]) -> datetime:
    """They become due at the next full minute, which is when the clock looks for them."""
    now = timezone.now()
    due_at = (now + timedelta(seconds=70)).replace(second=0, microsecond=0)
    if scene.is_quick:
        # Nobody has looked in this minute yet.
        due_at = now
        Beat.objects.exclude(name__startswith="worker:").delete()
    Reminder.objects.filter(pk__gte=min(mine), pk__lte=max(mine)).update(due_at=due_at)
    connection.close()
    return due_at


def _call_off(mine: set[int]) -> None:
    """What has not left in time does not leave in the next part either."""
    now = timezone.now()
    left = Reminder.objects.waiting().filter(pk__in=mine)
    left.update(decided_at=now, outcome=Reminder.Outcome.VOID)
    Mail.objects.waiting().update(canceled_at=now)
    connection.close()


def _start(scene: Scene, exits: ExitStack) -> list[Server]:
    if scene.world.postgresql:
        return [exits.enter_context(_worker(scene, number)) for number in range(WORKERS)]
    return [exits.enter_context(Server.ours(scene.world, smtp=scene.smtp_port))]


def _worker(scene: Scene, number: int) -> Server:
    return Server.worker(scene.world, number, smtp=scene.smtp_port, MENSETSU_JOBS="distributed")


def _end(due_at: datetime) -> float:
    return due_at.timestamp() + PATIENCE


def _settle(scene: Scene, mine: set[int], inbox: Inbox, *, killed_at: datetime, until: float) -> None:
    """Until the rows wait for nothing any more. Letters that the dead worker had in its hand are brought home ten
    minutes later; that is made to be now, once those that were in a living hand at that moment have left it."""
    grace = timedelta(seconds=GRACE[scene.world.database])
    long_ago = killed_at - delivery.STUCK_AFTER - timedelta(seconds=1)
    while _tally(mine, inbox)["waiting"] and time.time() < until:
        if timezone.now() > killed_at + grace:
            Mail.objects.waiting().filter(sending_at__lt=killed_at).update(sending_at=long_ago)
            delivery.bring_home.call()
            connection.close()
        time.sleep(1)


def _tally(mine: set[int], inbox: Inbox) -> dict[str, int]:
    """What became of each reminder: accepted by the mail server; still waiting in its row; handed over to a server that
    was never heard again, which a person is asked about; or lost, which is everything else."""
    found: Counter[str] = Counter()
    for reminder in Reminder.objects.filter(pk__in=mine).select_related("mail"):
        found[_fate(reminder, inbox)] += 1
    connection.close()
    twice = sum(count > 1 for count in inbox.came.values())
    return {"accepted": found["accepted"], "waiting": found["waiting"], "asked_about": found["asked about"],
            "twice": twice, "lost": found["lost"]}  # fmt: skip


def _fate(reminder: Reminder, inbox: Inbox) -> str:
    mail = reminder.mail
    if mail is not None and inbox.came[mail.message_id]:
        return "accepted"
    if reminder.decided_at is None or (mail is not None and mail.state == "queued"):
        return "waiting"
    return "asked about" if mail is not None and mail.problem == Problem.UNCERTAIN else "lost"
