"""People who never pause, and news that never stop: what goes on while nodes die."""

import hashlib
import json
import random
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import requests
from django.db import Error, connections

from chaos import history
from chaos.browser import PATIENCE, Broken, NoAnswer
from chaos.journal import Journal
from chaos.people import Crowd
from chaos.world import World
from demo import machine
from mensetsu.zoom import signature

PRESSES = {"set": 14, "move": 12, "rehost": 3, "cancel": 9, "invite": 6, "book": 12, "change_booking": 6,
           "cancel_booking": 4, "start": 3, "offer": 6, "fix_offer": 4, "agency_choose": 3, "agency_propose": 2,
           "answer_proposal": 2, "write": 5}  # fmt: skip
KEPT_PAGES = 4_000  # of the pages that people saw; secrets are looked for in the last ones
PAUSE, NEWS_PAUSE = 0.05, 0.2


@dataclass
class Load:
    world: World
    facts: dict[str, Any]
    journal: Journal
    seed: int
    seen: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_PAGES))
    crowds: list[Crowd] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    thanked: set[str] = field(
        default_factory=set
    )  # news that were answered with success, by the hash of their text
    ended: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, people: int) -> None:
        for person in range(people):
            self.crowds.append(Crowd(self.world, self.facts, self.journal, self.seen))
            self.threads.append(threading.Thread(target=self._walk, args=(person,)))
        self.threads.append(threading.Thread(target=self._send_news))
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(90)

    def _walk(self, person: int) -> None:
        dice = random.Random(f"{self.seed} {person}")
        crowd = self.crowds[person]
        while not self.ended.wait(PAUSE):
            try:
                crowd.do(history.press(dice, PRESSES))
            except NoAnswer:
                self.counts["unanswered"] += 1
            except Broken as problem:
                self.problems.append(str(problem))
            except Error:
                # Our own look at the tables, to know what there is to press: the database is away for us too.
                self.counts["looks at the tables that failed"] += 1
                connections.close_all()
            except Exception as problem:
                self.problems.append(f"a person of the load could not go on: {problem!r}")
                raise
        connections.close_all()

    def _send_news(self) -> None:
        number = 0
        with requests.Session() as session:
            session.trust_env = False
            while not self.ended.wait(NEWS_PAUSE):
                number += 1
                self._send(session, number)

    def _send(self, session: requests.Session, number: int) -> None:
        body = json.dumps(
            {"event": "user.of_the_campaign", "event_ts": number, "payload": {"object": {}}}
        ).encode()
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json", "x-zm-request-timestamp": stamp,
            "x-zm-signature": signature.sign(body, stamp, machine.ZOOM_SECRET_TOKEN),
        }  # fmt: skip
        try:
            answer = session.post(
                self.world.ear + self.facts["webhook"], data=body, headers=headers, timeout=PATIENCE
            )
        except requests.RequestException:
            self.counts["news unanswered"] += 1
            return
        self.counts[f"news {answer.status_code}"] += 1
        if answer.ok:
            self.thanked.add(hashlib.sha256(body).hexdigest())
