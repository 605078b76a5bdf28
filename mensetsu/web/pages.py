"""The Jinja2 environment of all our pages: one set of filters and globals, and a failure for unknown names."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.utils import timezone, translation
from jinja2 import StrictUndefined, select_autoescape

from mensetsu.web import addresses, compiling, controls, dates, drawn, language, menu, words

# Questions that templates of a lower room may ask a room above it: links are free, calls go down.
_OFFERED: dict[str, Callable[..., Any]] = {}


def offer(**functions: Callable[..., Any]) -> None:
    """At start-up: functions that every template may call."""
    _OFFERED.update(functions)


def environment(**options: Any) -> compiling.PerLanguage:
    options.update(
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env = compiling.PerLanguage(**options)
    words.install(env)
    env.constants.update(
        url=lambda _evaluation, *args: url(*args), static=lambda _evaluation, path: addresses.file(path)
    )
    env.globals.update(
        url=url,
        static=addresses.file,
        messages=get_messages,
        language=translation.get_language,
        # Looked up at each call: the environment may outlive a clock that a test has set.
        now=lambda: timezone.now(),
        with_query=with_query,
        remaining=dates.remaining,
        day_word=dates.day_word,
        day_off_words=dates.day_off_words,
        control=controls.control,
        control_target=controls.target,
        options=controls.options,
        drawn_once=drawn.drawn_once,
        viewer=menu.viewer,
        address=menu.address,
        main_menu=menu.main_menu,
        user_menu=menu.user_menu,
        language_switch=language.language_switch,
        public_language_switch=language.public_language_switch,
        organization_name=language.organization_name,
        **_OFFERED,
    )
    env.filters.update(
        full=dates.full,
        short=lambda moment: dates.short(moment, now=timezone.now()),
        day=dates.day,
        short_day=dates.short_day,
        month_day=dates.month_day,
        days=dates.days,
        duration=dates.duration,
        span=dates.span,
        log=dates.log,
        machine=dates.machine,
        local=dates.here,
    )
    return env


def url(name: str, *args: Any, **query: Any) -> str:
    """`url("interviews:detail", 34, tab="mail")` → /interviews/34/?tab=mail"""
    address = addresses.page(name, *args)
    if query:
        address += "?" + urlencode({k: v for k, v in query.items() if v not in (None, "")})
    return address


def with_query(request: Any, name: str, value: Any) -> str:
    """The request's query with one value changed: for links to other pages and orders of a list."""
    query = request.GET.copy()
    query[name] = str(value)
    return str(query.urlencode())
