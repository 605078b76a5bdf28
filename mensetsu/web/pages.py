"""The Jinja2 environment of all our pages: one set of filters and globals, and a failure for unknown names."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from mensetsu.web import controls, dates, language, menu


def environment(**options: Any) -> Environment:
    options.update(
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env = Environment(**options)  # noqa: S701 - autoescape is set above
    env.install_gettext_callables(
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.globals.update(
        url=url,
        static=static,
        messages=get_messages,
        csrf=csrf,
        language=translation.get_language,
        # Looked up at each call: the environment may outlive a clock that a test has set.
        now=lambda: timezone.now(),
        with_query=with_query,
        remaining=dates.remaining,
        day_word=dates.day_word,
        day_off_words=dates.day_off_words,
        control=controls.control,
        control_target=controls.target,
        viewer=menu.viewer,
        address=menu.address,
        main_menu=menu.main_menu,
        user_menu=menu.user_menu,
        language_switch=language.language_switch,
        public_language_switch=language.public_language_switch,
        organization_name=language.organization_name,
    )
    env.filters.update(
        full=dates.full,
        short=dates.short,
        day=dates.day,
        short_day=dates.short_day,
        month_day=dates.month_day,
        days=dates.days,
        duration=dates.duration,
        span=dates.span,
        log=dates.log,
        machine=dates.machine,
        local=timezone.localtime,
    )
    return env


def url(name: str, *args: Any, **query: Any) -> str:
    """`url("interviews:detail", 34, tab="mail")` → /interviews/34/?tab=mail"""
    address = reverse(name, args=args)
    if query:
        address += "?" + urlencode({k: v for k, v in query.items() if v not in (None, "")})
    return address


def with_query(request: Any, name: str, value: Any) -> str:
    """The request's query with one value changed: for links to other pages and orders of a list."""
    query = request.GET.copy()
    query[name] = str(value)
    return str(query.urlencode())


def csrf(request: Any) -> Markup:
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request))
