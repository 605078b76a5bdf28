"""A visitor who types the same hostile text into every field of every form, as a browser would send it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.utils import timezone

HOSTILE = "\"'><script>alert(7)</script>{{settings.SECRET_KEY}}"
# For fields that take few characters.
SHORT = "\"'><b>{{9**9}}"
_TYPED = {"text", "search", "tel", "email", "url", "number", "date", "time", "password", ""}
_FREE = {"text", "search", "tel", "url", ""}


@dataclass
class Typed:
    """One way to send a form: the field that got the hostile text (all of them when empty), and what is sent."""

    action: str
    field: str
    values: dict[str, list[str]]
    was_accepted: bool = False


def attempts(client: Client, path: str) -> Iterator[Typed]:
    """For each form of the page and each of its text fields: that field hostile, the others as they should be.

    Then all of them hostile, once for each button. The page is fetched anew after a form was accepted; one that was
    refused can be sent again as it is."""
    for form in _forms(client, path):
        names = list(dict.fromkeys(c["name"] for c in _controls(form) if is_free_text(c)))
        everything = [("", button) for button in _buttons(form)] if names else []
        fresh: Tag | None = form
        is_stale = False
        for name, button in [*((name, _buttons(form)[0]) for name in names), *everything]:
            if is_stale:
                fresh = next((f for f in _forms(client, path) if _is_same(f, form)), None)
            if fresh is not None:
                typed = _attempt(fresh, path, name, button)
                yield typed
                is_stale = typed.was_accepted


def _forms(client: Client, path: str) -> list[Tag]:
    answer = client.get(path)
    if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
        return []
    return _posted(answer.content)


def _posted(content: bytes) -> list[Tag]:
    page = BeautifulSoup(content, "html.parser")
    return [form for form in page.find_all("form") if form.get("method", "").lower() == "post"]


def _is_same(one: Tag, other: Tag) -> bool:
    return one.get("action") == other.get("action") and one.get("id") == other.get("id")


def _buttons(form: Tag) -> list[tuple[str, str]]:
    """Name and value of each way to send the form, the main one first."""
    found = [b for b in form.find_all("button") if b.get("type", "submit") == "submit"]
    found.sort(key=lambda button: button.get("data-v") != "primary")
    return list(dict.fromkeys((b.get("name", ""), b.get("value", "")) for b in found)) or [("", "")]


def _controls(form: Tag) -> list[Tag]:
    page = form.find_parent("html")
    own = form.find_all(["input", "textarea", "select"])
    if form.get("id") and page is not None:
        own += page.find_all(["input", "textarea", "select"], form=form["id"])
    return [control for control in own if control.get("name") and not control.has_attr("disabled")]


def is_free_text(control: Tag) -> bool:
    return control.name == "textarea" or (control.name == "input" and control.get("type", "") in _FREE)


def _attempt(form: Tag, path: str, field: str, button: tuple[str, str]) -> Typed:
    values: dict[str, list[str]] = {}
    for control in _controls(form):
        name = control["name"]
        if is_free_text(control) and field in ("", name):
            values[name] = [hostile_for(control)]
        else:
            values.setdefault(name, []).extend(_usual(control, name in values and bool(values[name])))
    if button[0]:
        values[button[0]] = [button[1]]
    return Typed(form.get("action") or path, field, values)


def hostile_for(control: Tag) -> str:
    return SHORT if int(control.get("maxlength") or 999) < len(HOSTILE) else HOSTILE


def _usual(control: Tag, is_answered: bool) -> list[str]:
    """What is there already, or the first thing that can be chosen, or something that will do."""
    if control.name == "select":
        options = [o.get("value", o.get_text()) for o in control.find_all("option")]
        chosen = [o.get("value", o.get_text()) for o in control.find_all("option", selected=True)]
        possible = [v for v in options if v]
        # Whatever ends has to end later than it begins.
        return [v for v in chosen if v] or (possible[-1:] if "end" in control["name"] else possible[:1])
    if control.name == "textarea":
        return [control.get_text().strip("\n") or "本文"]
    kind = control.get("type", "")
    if kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if control.has_attr("checked") or not is_answered else []
    if kind in _TYPED:
        return [control.get("value") or _filler(kind, control["name"])]
    return [control["value"]] if control.get("value") else []


def _filler(kind: str, name: str) -> str:
    if kind == "date":
        return f"{timezone.localdate() + timedelta(days=9):%Y-%m-%d}"
    if kind == "email":
        return f"{name.replace('_', '')}@example.com"
    if "url" in name or "base" in name:
        return "https://example.jp/meeting"
    return {"time": "14:00", "number": "1", "tel": "03-1234-5678"}.get(kind, "")


def send(client: Client, typed: Typed) -> list[Any]:
    """The answers: of the form, of the page it leads to, and of the one that asks once more about what was typed."""
    answers = [client.post(typed.action, typed.values)]
    if answers[0].status_code == 200 and answers[0].headers.get("Content-Type", "").startswith("text/html"):
        for form in _posted(answers[0].content):
            if any(_holds_text(control) for control in form.find_all("input", type="hidden")):
                again = _attempt(form, typed.action, "nothing more", _buttons(form)[0])
                answers.append(client.post(again.action, again.values))
                break
    typed.was_accepted = answers[-1].status_code == 303
    if typed.was_accepted and answers[-1].headers["Location"].startswith("/"):
        answers.append(client.get(answers[-1].headers["Location"]))
    return answers


def _holds_text(control: Tag) -> bool:
    return HOSTILE in control.get("value", "") or SHORT in control.get("value", "")
