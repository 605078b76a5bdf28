"""The token of forms: one an answer. Django masks it anew for each form, at the price of a hundred random letters; the
mask only has to differ between answers, for those who watch how well they compress."""

from typing import Any

from django.middleware.csrf import get_token
from django.utils.functional import lazy
from markupsafe import Markup


def token(request: Any) -> str:
    """As Django's get_token; the same until the secret behind it changes, as it does at a login."""
    kept = vars(request).get("_csrf_token_of_forms")
    if kept is None or kept[0] != request.META.get("CSRF_COOKIE"):
        made = get_token(request)
        kept = vars(request)["_csrf_token_of_forms"] = (request.META["CSRF_COOKIE"], made)
    return str(kept[1])


def field(request: Any) -> Markup:
    """The hidden field that carries it."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(token(request))


_LAZY_FIELD = lazy(field, Markup)


def context(request: Any) -> dict[str, Any]:
    """What stands for `csrf_input` in every template, instead of Django's."""
    return {"csrf_input": _LAZY_FIELD(request)}
