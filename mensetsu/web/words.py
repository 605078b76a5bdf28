"""What templates say, in the reader's language: Jinja's newstyle gettext. Sentences without variables, which are most
of them, are part of the compiled template (web.compiling)."""

from typing import Any

from django.utils import translation
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from mensetsu.web.compiling import PerLanguage


def install(env: PerLanguage) -> None:
    """Let the templates of the environment speak."""
    env.install_gettext_callables(
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    # The same in fewer steps.
    mine = {"_": _gettext, "gettext": _gettext, "pgettext": _pgettext}
    env.globals.update(mine)
    env.constants.update(mine)


@pass_eval_context
def _gettext(evaluation: EvalContext, message: str, **variables: Any) -> str:
    return _told(evaluation, translation.gettext(message), variables)


@pass_eval_context
def _pgettext(evaluation: EvalContext, context: str, message: str, **variables: Any) -> str:
    variables.setdefault("context", context)
    return _told(evaluation, translation.pgettext(context, message), variables)


def _told(evaluation: EvalContext, text: str, variables: dict[str, Any]) -> str:
    return (Markup(text) if evaluation.autoescape else text) % variables  # noqa: S704 - our own words
