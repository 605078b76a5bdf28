"""What each role may do. A view says it in one decorator; the tenancy sweep proves the rest."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def recruiter_required(view: View) -> View:
    """Recruiters and administrators; others get the 403 page that names whom to ask."""
    return _guard(view, lambda user: user.is_recruiter)


def admin_required(view: View) -> View:
    return _guard(view, lambda user: user.is_admin)


def _guard(view: View, may: Callable[[Any], bool]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
