"""The language of a page and the switch that changes it.

Staff pages: a POST to `accounts:language`, because it is remembered. Public pages: plain links `?lang=en`, so that
nothing has to be stored and the address can be passed on; forms on them post to the same address and keep it."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from markupsafe import Markup

from mensetsu.web import csrf
from mensetsu.web.menu import address

_NAMES = {"ja": "日本語", "en": "English"}


def chosen(request: HttpRequest, default: str = "ja") -> str:
    """The language of a public page: the one in the address, else `default` (that of the applicant)."""
    wish = request.GET.get("lang", "")
    return wish if wish in dict(settings.LANGUAGES) else default


def organization_name(organization: Any) -> str:
    """The company's name for the page's reader."""
    english = translation.get_language() != "ja" and organization.name_en
    return str(english or organization.name)


def language_switch(request: Any) -> Markup:
    """日本語 / English on staff pages."""
    if request is None:
        return Markup()
    action = address("accounts:language")
    if not action:
        return Markup()
    return Markup(
        '<form method="post" action="{}" class="lang" data-no-guard>{}'
        '<input type="hidden" name="next" value="{}">{}</form>'
    ).format(action, csrf.field(request), request.get_full_path(), _buttons(_current()))


@cache
def _buttons(current: str) -> Markup:
    return Markup("").join(
        Markup(
            '<button type="submit" class="linkish" name="language" value="{}" lang="{}"{}>{}</button>'
        ).format(code, code, Markup(' aria-current="true"') if code == current else "", name)
        for code, name in _NAMES.items()
    )


def public_language_switch(request: HttpRequest) -> Markup:
    """日本語 / English on public pages: links to the same page."""
    current = _current()
    links = []
    for code, name in _NAMES.items():
        query = request.GET.copy()
        query["lang"] = code
        links.append(
            Markup('<a class="linkish" href="?{}" lang="{}" hreflang="{}"{}>{}</a>').format(
                query.urlencode(), code, code, Markup(' aria-current="true"') if code == current else "", name
            )
        )
    return Markup('<div class="lang">{}</div>').format(Markup("").join(links))


def _current() -> str:
    return (translation.get_language() or "ja").split("-")[0]
