"""Whether a request that changes something comes from a page of ours.

A browser says where a request comes from: ``Sec-Fetch-Site``, and ``Origin`` where a page sends
something. What another site's page sends is refused; a program, which says neither, cannot be led
by a page. (The same rule as Go's ``net/http.CrossOriginProtection``, and for the same reasons: it
needs neither a secret in each form nor a cookie.)
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from askscwru.api import problems


def check_origin(headers: Headers, ours: str | None = None) -> None:
    """Raises ``Problem`` (400) where a page of another site sent the request.

    Args:
        headers: of the request.
        ours: the origin that the service is called by where a proxy stands before it.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise problems.foreign()
        return
    origin = headers.get("origin")
    if origin is None or (ours is not None and origin == ours):
        return
    if urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise problems.foreign()
