"""One person's browser: pages over HTTP, forms as they stand on the page, cookies kept. It knows nothing of the
product but its addresses and the names of the fields."""

import re
from collections.abc import Mapping, MutableSequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup, Tag

PATIENCE = (5, 40)
# The server in front lost the node in the middle of the request, or the node its database: what was asked may be done.
UNKNOWN = (502, 503, 504)


class NoAnswer(Exception):
    """The server went away; whether it did what was asked is not known."""


class Broken(Exception):
    """A page that must never be shown: the server failed (500) or lacks what every reader needs."""


@dataclass
class Page:
    status: int
    path: str
    text: str
    location: str = ""

    def form(self, field: str) -> Tag | None:
        """The form that has this field (or button)."""
        soup = BeautifulSoup(self.text, "html.parser")
        for form in soup.find_all("form", method=re.compile("post", re.IGNORECASE)):
            if form.find(["input", "select", "textarea", "button"], {"name": field}):
                return form
        return None

    def form_to(self, action: str) -> Tag | None:
        """The form that is sent to this address."""
        soup = BeautifulSoup(self.text, "html.parser")
        return next(
            (f for f in soup.find_all("form") if (f.get("action") or self.path).split("?")[0] == action), None
        )


class Browser:
    def __init__(self, base: str, seen: MutableSequence[str], trusted: str = "") -> None:
        """`trusted`: the file of the key that a front door made for itself."""
        self.base, self.seen = base, seen
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy: it is this machine that answers
        self.session.headers.update({"Accept-Language": "ja", "Referer": base + "/"})
        self.session.verify = trusted or True

    def get(self, path: str) -> Page:
        """The page, after at most five redirects of ours."""
        page = self._ask("GET", path)
        for _hop in range(5):
            if page.status not in (301, 302, 303) or not self._is_ours(page.location):
                break
            page = self._ask("GET", page.location)
        return page

    def submit(self, page: Page, form: Tag, values: Mapping[str, Any]) -> Page:
        """Press the form's button: what stands in its fields, and over it `values` (None: leave that field out)."""
        sent = {**standing(form), **values}
        return self.post(
            str(form.get("action") or page.path), {k: v for k, v in sent.items() if v is not None}
        )

    def post(self, path: str, values: Mapping[str, Any]) -> Page:
        """The answer itself, a redirect too."""
        token = self.session.cookies.get("csrftoken")
        return self._ask(
            "POST", path, data={"csrfmiddlewaretoken": token, **values} if token else dict(values)
        )

    def _ask(self, method: str, path: str, **more: Any) -> Page:
        address = urljoin(self.base, urlsplit(path)._replace(scheme="", netloc="").geturl())
        try:
            answer = self._send(method, address, **more)
        except requests.RequestException as problem:
            raise NoAnswer(f"{method} {path}: {type(problem).__name__}") from None
        if answer.status_code in UNKNOWN:
            raise NoAnswer(f"{method} {path}: {answer.status_code}")
        if answer.status_code == 500:
            raise Broken(f"{method} {path} answered 500")
        self.seen.append(answer.text)
        return Page(answer.status_code, path, answer.text, answer.headers.get("Location", ""))

    def _send(self, method: str, address: str, **more: Any) -> requests.Response:
        how: dict[str, Any] = {"timeout": PATIENCE, "allow_redirects": False, **more}
        try:
            return self.session.request(method, address, **how)
        except requests.ConnectionError:
            # As every browser does: a kept connection may end, idle, in the moment in which it is used again.
            if method != "GET":
                raise
            return self.session.request(method, address, **how)

    def _is_ours(self, location: str) -> bool:
        host = urlsplit(location).netloc
        return not host or host == urlsplit(self.base).netloc


def standing(form: Tag) -> dict[str, Any]:
    """What the form would send as it stands."""
    values: dict[str, Any] = {}
    for control in form.find_all(["input", "textarea", "select"]):
        name, kind = control.get("name"), control.get("type", "")
        if not name or control.has_attr("disabled"):
            continue
        if control.name == "select":
            options = control.find_all("option")
            chosen = [o for o in options if o.has_attr("selected")] or options[:1]
            values[name] = chosen[0].get("value", chosen[0].get_text()) if chosen else ""
        elif control.name == "textarea":
            # The line break right after the tag is not part of the text; those at its end are.
            values[name] = control.get_text().removeprefix("\n")
        elif kind in ("checkbox", "radio"):
            if control.has_attr("checked"):
                values.setdefault(name, []).append(control.get("value", "on"))
        elif kind != "submit":
            values[name] = control.get("value", "")
    return values
