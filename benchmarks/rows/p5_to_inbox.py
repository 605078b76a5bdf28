"""P5: from the press of 〔面接を設定する〕 to the letter at the mail server: the meeting is made at Zoom (simulated,
with answers after 50 ms), the letter that carries its address is queued and delivered. Nothing else goes on.

The twenty seconds in which a person can call a letter back are not waited for: the letter is queued for now."""

import time
import uuid
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone, translation

from benchmarks.rows import clean
from benchmarks.scene import Result, Scene
from benchmarks.traffic import Times
from mensetsu.interviews import announcing
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Purpose, Receiver

ZOOM_MS = 50
GOAL_MS = {"SQLite": 1000.0, "PostgreSQL": 700.0}
PATIENCE = 30.0


class Inbox:
    """A mail server that accepts everything and notes when the wanted address got something.

    Interviewers are told too, and often earlier."""

    def __init__(self) -> None:
        self.came, self.at, self.wanted = Event(), 0.0, ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.wanted in envelope.rcpt_tos:
            self.at = time.perf_counter()
            self.came.set()
        return "250 OK"


def measure(scene: Scene) -> list[Result]:
    clean.forget(scene)
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=scene.smtp_port)
    server.start()
    fault = scene.zoom.control("faults", {"kind": "latency", "ms": ZOOM_MS, "match": {"path": "*"}})["id"]
    issued, delivered = Times(), Times()
    try:
        for _n in range(scene.repeats(40)):
            _one(scene, inbox, issued, delivered)
            # The press of the next one must not meet a worker that has just looked: people are not in step with it.
            time.sleep(0.037 * (len(issued.values) % 7))
    finally:
        scene.zoom.forget_fault(fault)
        server.stop()
        clean.forget(scene)
    goal = GOAL_MS[scene.world.database]
    figures = {
        "p50_ms": delivered.p50,
        "p95_ms": delivered.p95,
        "meeting_p50_ms": issued.p50,
        "meeting_p95_ms": issued.p95,
    }
    return [Result("P5", "pressed → meeting at Zoom → mail accepted", scene.world.amount, figures,
                   f"p95 ≤ {goal:.0f} ms", delivered.p95 <= goal)]  # fmt: skip


def _one(scene: Scene, inbox: Inbox, issued: Times, delivered: Times) -> None:
    address, form = scene.next_form()
    browser = scene.reader()
    inbox.came.clear()
    began = time.perf_counter()
    browser.post(address, form)
    interview = Interview.objects.get(form_key=form["form_key"])
    _wait_until_issued(interview)
    issued.values.append((time.perf_counter() - began) * 1000)
    _queue_letter(interview, inbox)
    if not inbox.came.wait(PATIENCE):
        raise RuntimeError("the letter did not reach the mail server")
    delivered.values.append((inbox.at - began) * 1000)


def _wait_until_issued(interview: Interview) -> None:
    deadline = time.monotonic() + PATIENCE
    while not interview.meeting.issued_at:
        if time.monotonic() > deadline:
            raise RuntimeError(f"Zoom did not get the meeting: {interview.meeting.problem or 'no answer'}")
        time.sleep(0.005)
        interview.meeting.refresh_from_db()
    connection.close()


def _queue_letter(interview: Interview, inbox: Inbox) -> None:
    """The confirmation to the applicant (or the agency), as the page with the letter would send it."""
    interview = Interview.objects.with_facts().select_related("organization").get(pk=interview.pk)
    author = interview.created_by
    with translation.override("ja"):
        now = timezone.now()
        audiences = announcing.audiences(interview, purpose=Purpose.CONFIRMATION)
        audience = next(one for one in audiences if one.receiver in (Receiver.CANDIDATE, Receiver.AGENCY))
        text = announcing.draft(
            interview, purpose=Purpose.CONFIRMATION, audience=audience, sender=author, now=now
        )
        inbox.wanted = audience.recipients[0].email
        announcing.send(
            interview, purpose=Purpose.CONFIRMATION, people=audience.recipients[:1], text=text,
            form_key=uuid.uuid4(), by=author, now=now,
        )  # fmt: skip
    connection.close()
