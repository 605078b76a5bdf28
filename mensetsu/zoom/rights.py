"""What our app asks of Zoom, and what stops working without it.

https://developers.zoom.us/docs/integrations/oauth-scopes-granular/"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

CREATE = "meeting:write:meeting"


@dataclass(frozen=True)
class Right:
    """One granular scope; `classic` is the older one that includes it; `use` is what we need it for."""

    scope: str
    classic: str
    use: Any
    is_required: bool = True


# Without it nothing can be linked.
WHO = Right("user:read:user", "user:read", _("show whose Zoom account is connected"))
RIGHTS = (
    WHO,
    Right(CREATE, "meeting:write", _("create meetings")),
    Right("meeting:read:meeting", "meeting:read", _("start meetings and check that they exist")),
    Right("meeting:update:meeting", "meeting:write", _("change date and time")),
    Right("meeting:delete:meeting", "meeting:write", _("delete cancelled meetings")),
    Right(
        "meeting:read:list_meetings",
        "meeting:read",
        _("compare the coming meetings with Zoom every day, and find one again when Zoom's answer was lost"),
    ),
    Right(
        "meeting:read:participant",
        "meeting:read",
        _("tell the interviewers that an applicant is waiting"),
        is_required=False,
    ),
)


@lru_cache(maxsize=1024)
def may_create(scopes: str) -> bool:
    """This grant lets the app make meetings, or Zoom has not told what it grants."""
    return not scopes.strip() or all(right.scope != CREATE for right in missing(scopes))


def missing(scopes: str) -> list[Right]:
    """The rights that this grant lacks. A scope for a whole account (…:admin) includes the user's own."""
    granted = {scope.removesuffix(":admin").removesuffix(":master") for scope in scopes.split()}
    return [right for right in RIGHTS if not granted & {right.scope, right.classic}]
