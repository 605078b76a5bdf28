"""What our app asks of Zoom, and what stops working without it.

https://developers.zoom.us/docs/integrations/oauth-scopes-granular/"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Right:
    """One granular scope; `classic` is the older one that includes it; `use` is what we need it for."""

    scope: str
    classic: str
    use: Any
    is_required: bool = True


RIGHTS = (
    Right("user:read:user", "user:read", _("show whose Zoom account is connected")),
    Right("meeting:write:meeting", "meeting:write", _("create meetings")),
    Right("meeting:read:meeting", "meeting:read", _("start meetings and check that they exist")),
    Right("meeting:update:meeting", "meeting:write", _("change date and time")),
    Right("meeting:delete:meeting", "meeting:write", _("delete canceled meetings")),
    Right(
        "meeting:read:list_meetings", "meeting:read", _("find a meeting again when Zoom's answer was lost")
    ),
    Right(
        "meeting:read:participant",
        "meeting:read",
        _("tell the interviewers that an applicant is waiting"),
        is_required=False,
    ),
)


def missing(scopes: str) -> list[Right]:
    """The rights that this grant lacks. A scope for a whole account (…:admin) includes the user's own."""
    granted = {scope.removesuffix(":admin").removesuffix(":master") for scope in scopes.split()}
    return [right for right in RIGHTS if not granted & {right.scope, right.classic}]
