"""Which addresses an authorization may return to.

https://developers.zoom.us/docs/build-flow/basic-info/oauth-info/
https://developers.zoom.us/changelog/platform/pkce-loopback.md
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

LOOPBACK = "127.0.0.1"


def allowed(uri: str, listed: list[str], *, pkce: bool) -> bool:
    """Whether `uri` matches an entry of the app's redirect and allow list, case and all.

    An entry is a full address or a base (no path), which allows every path. Plain http is only for 127.0.0.1;
    there, with PKCE, the port does not matter. The name localhost is refused although registered.
    """
    parts = _split(uri)
    if parts is None or parts.fragment or not parts.hostname:
        return False
    if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname != LOOPBACK):
        return False
    return any(_fits(parts, entry, pkce=pkce) for entry in map(_split, listed) if entry)


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 – reading it is what refuses a port that is no number
    except ValueError:
        return None
    return parts


def _fits(uri: SplitResult, entry: SplitResult, *, pkce: bool) -> bool:
    if uri.scheme != entry.scheme:
        return False
    any_port = pkce and uri.scheme == "http" and uri.hostname == LOOPBACK
    same_place = uri.hostname == entry.hostname if any_port else uri.netloc == entry.netloc
    if not same_place:
        return False
    is_base = entry.path in ("", "/") and not entry.query
    return is_base or (uri.path, uri.query) == (entry.path, entry.query)
