"""The three ways a page answers: shown, refused with the form kept (422), done and moved on (303)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url


class SeeOther(HttpResponse):
    """303: the POST is done, the browser GETs the next page. An htmx request is moved there as a whole."""

    def __init__(self, request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> None:
        address = self.url = resolve_url(to, *args, **kwargs)
        if getattr(request, "htmx", None):
            super().__init__(status=204)
            self.headers["HX-Redirect"] = address
        else:
            super().__init__(status=303)
            self.headers["Location"] = address


def refused(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The form again, with what was typed and what is wrong."""
    return render(request, template, context, status=422)
