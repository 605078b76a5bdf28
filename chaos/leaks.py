"""No secret in logs, pages or mails: every secret that this world has ever had is looked for by its text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from demo import machine
from mensetsu.interviews import join_links
from mensetsu.interviews.models import JoinLink
from mensetsu.zoom import tokens
from mensetsu.zoom.models import Connection, Meeting


@dataclass
class Secrets:
    """What may stand nowhere, and what may stand in letters and pages but in no log."""

    nowhere: dict[str, str] = field(default_factory=dict)
    no_log: dict[str, str] = field(default_factory=dict)

    def note_all(self, start_links: Iterable[str]) -> None:
        """Called before and after every settling: tokens are renewed, and the old ones are secrets too."""
        self.nowhere |= {
            machine.ZOOM_CLIENT_SECRET: "client secret",
            machine.ZOOM_SECRET_TOKEN: "secret token",
        }
        for link in Connection.objects.exclude(access_token_sealed=""):
            self.nowhere[tokens.unseal(link.access_token_sealed)] = f"access token of link {link.pk}"
            self.nowhere[tokens.unseal(link.refresh_token_sealed)] = f"refresh token of link {link.pk}"
        for address in start_links:
            for zak in parse_qs(urlsplit(address).query).get("zak", []):
                self.nowhere[zak] = "a host's key (zak)"
        for meeting in Meeting.objects.exclude(passcode=""):
            self.no_log[meeting.passcode] = f"passcode of meeting {meeting.pk}"
            for key in parse_qs(urlsplit(meeting.join_url).query).get("pwd", []):
                self.no_log[key] = f"join address of meeting {meeting.pk}"
        for link in JoinLink.objects.all():
            self.no_log[join_links.token(link)] = f"join token {link.pk}"
        self.nowhere.pop("", None)


def check(secrets: Secrets, logs: Iterable[Path], pages: Iterable[str], letters: Iterable[str]) -> list[str]:
    problems = []
    for log in logs:
        text = log.read_text(errors="replace")
        problems += [f"{name} stands in {log.name}" for secret, name in _all(secrets) if secret in text]
    for where, texts in (("a page", pages), ("a letter", letters)):
        text = "\n".join(texts)
        problems += [
            f"{name} stands in {where}" for secret, name in secrets.nowhere.items() if secret in text
        ]
    return problems


def _all(secrets: Secrets) -> list[tuple[str, str]]:
    # Short ones also turn up by chance; the simulated Zoom is told to make longer passcodes (preparing).
    return [(text, name) for text, name in (secrets.nowhere | secrets.no_log).items() if len(text) >= 8]
