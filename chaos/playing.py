"""Plays the steps of a history, and looks at both sides whenever the storm has ended."""

import threading
from collections import Counter
from functools import partial
from typing import Any

from django.db import connections
from django.utils import timezone

from chaos import held, history, invariants, leaks, letters, settling, weather
from chaos.browser import Broken, NoAnswer
from chaos.history import Step
from chaos.invariants import Truth
from chaos.journal import Journal
from chaos.people import ACCOUNTS, Crowd
from chaos.world import World, ask
from demo import machine
from mensetsu.accounts.models import User
from mensetsu.mail.models import Mail
from mensetsu.zoom.models import Connection, Meeting


class Play:
    def __init__(self, world: World, facts: dict[str, Any]) -> None:
        self.world, self.facts = world, facts
        self.journal = Journal()
        self.crowd = Crowd(world, facts, self.journal)
        self.secrets = leaks.Secrets()
        self.happened: Counter[str] = Counter()
        self.meddled: set[str] = set()
        self.changed: set[str] = set()
        self.problems: list[str] = []
        self.settlings = 0
        self.listen()

    def listen(self) -> None:
        """Tell Zoom where its news goes, as the developer of an app does."""
        address = self.world.ear + self.facts["webhook"]
        self.world.zoom("app", {"client_id": machine.ZOOM_CLIENT_ID, "event_url": address,
                                "deauthorization_url": address})  # fmt: skip

    def all(self, steps: list[Step], settle_every: int) -> list[str]:
        """Play; answers what was broken at the first settling at which something was."""
        for number, step in enumerate(steps, 1):
            self.play(step)
            if number % settle_every == 0 or number == len(steps):
                self.settle(is_last=number == len(steps))
            if self.problems:
                break
        return self.problems

    def play(self, step: Step) -> None:
        if step.what == "together":
            threads = [threading.Thread(target=self._press, args=(one,)) for one in step.together]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        elif step.what in history.PEOPLE:
            self._press(step)
        else:
            getattr(self, f"_{step.what}")(step)

    def _press(self, step: Step) -> None:
        self.happened[step.what] += 1
        try:
            self.crowd.do(step)
        except NoAnswer:
            self.happened["unanswered"] += 1
        except Broken as problem:
            self.problems.append(str(problem))
        except Exception as problem:
            # In a thread it would go unheard.
            self.problems.append(f"the campaign itself: {step} could not be played: {problem!r}")
            raise
        finally:
            if threading.current_thread() is not threading.main_thread():
                connections.close_all()

    # --- the outside -----------------------------------------------------------------------------------------------

    def _weather(self, step: Step) -> None:
        self.happened[step.name] += 1
        weather.turn(self.world, step.name)

    def _calm(self, _step: Step) -> None:
        weather.calm(self.world)

    def _kill(self, step: Step) -> None:
        names = [*self.world.webs, *self.world.workers]
        name = names[step.numbers[0] % len(names)]
        self.happened["kill"] += self.world.is_up(name)
        self.world.kill(name)
        if step.numbers[1] % 3:
            self._restart(step)

    def _restart(self, _step: Step) -> None:
        self.world.start_all()

    def _leap(self, step: Step) -> None:
        self.happened["leap"] += 1
        settling.leap(self.world, history.LEAPS[step.numbers[0] % len(history.LEAPS)])

    def _meddle(self, step: Step) -> None:
        known = list(
            Meeting.objects.live().exclude(zoom_id="").order_by("pk").values_list("zoom_id", flat=True)
        )
        if known:
            number = known[step.numbers[0] % len(known)]
            if weather.meddle(self.world, number, step.name):
                self.happened[f"meddle_{step.name}"] += 1
                self.meddled.add(number)
                if step.name == "change":
                    self.changed.add(number)

    def _uninstall(self, step: Step) -> None:
        self.happened["uninstall"] += weather.uninstall(self.world, ACCOUNTS[step.numbers[0] % len(ACCOUNTS)])

    # --- looking ---------------------------------------------------------------------------------------------------

    def settle(self, *, is_last: bool = False) -> None:
        self.settlings += 1
        self.secrets.note_all(self.crowd.start_links)
        try:
            settling.settle(self.world)
            self._check_links()
            if is_last:
                settling.compare(self.world)
        except settling.NeverQuiet as problem:
            self.problems.append(str(problem))
            return
        self.secrets.note_all(self.crowd.start_links)
        truth = self.look(is_swept=is_last)
        reader = self.crowd.anybody(0)
        self.problems += invariants.check(truth, self.journal)
        self.problems += letters.check(truth)
        admin = User.objects.get(email="aoki@sample.example.jp")
        wait = partial(settling.leap, self.world, 61)
        self.problems += held.check(truth, admin, held.as_reader(self.crowd.browser("aoki", 0), reader, wait))
        logs = [self.world.folder / f"{name}.log" for name in (*self.world.webs, *self.world.workers)]
        texts = [letter["subject"] + letter["text"] for letter in truth.letters]
        self.problems += leaks.check(self.secrets, logs, self.crowd.seen, texts)
        self.crowd.seen.clear()

    def _check_links(self) -> None:
        """「接続を確認」 on each: a link that is called live must work."""
        browser = self.crowd.browser("aoki", 0)
        for link in Connection.objects.live():
            browser.post(f"/settings/zoom/connections/{link.pk}/check/", {})
        settling.quiet(self.world)

    def look(self, *, is_swept: bool = False) -> Truth:
        state = self.world.zoom("state") | {"address": self.world.url("zoom")}
        people = set(Mail.objects.values_list("to_email", flat=True))
        people |= set(Connection.objects.values_list("owner__email", flat=True))
        boxes = [ask(f"{self.world.url('mailbox')}/api/letters?to={one}") for one in sorted(people)]
        found = {letter["id"]: letter for box in boxes for letter in box}
        letters_there = list(found.values())
        happened = set(self.happened)
        return Truth(timezone.now(), state, happened, self.meddled, is_swept, letters_there, self.changed)

    def figures(self) -> dict[str, Any]:
        return {
            "presses": dict(self.journal.counts), "happened": dict(self.happened), "settlings": self.settlings,
            "letters": Mail.objects.exclude(sent_at=None).count(), "meetings": Meeting.objects.count(),
            "ended": dict(Counter(Connection.objects.exclude(ended_at=None).values_list("end_reason", flat=True))),
        }  # fmt: skip
