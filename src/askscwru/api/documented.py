"""The problems that a route may answer with, as its OpenAPI document lists them."""

from __future__ import annotations

from typing import Any

from askscwru.api.models import ProblemOut

_EVERYWHERE = (400, 401, 413, 414, 429, 431)
_SAID = {
    400: "The body is not JSON, or the host name is not this service's.",
    401: "A token is needed, and this one is not known.",
    404: "There is no such thing.",
    409: "A source has changed since it was indexed.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is not said to be JSON.",
    422: "The request is not of the form described here.",
    429: "Too many requests; `Retry-After` says when to come again.",
    431: "The headers are too large.",
    500: "A fault of the service.",
    503: "Not ready, or too busy; `Retry-After` says when to come again.",
}


def problems_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: these statuses, and those that any request may meet."""
    return {
        status: {"model": ProblemOut, "description": _SAID[status]}
        for status in sorted({*statuses, *_EVERYWHERE})
    }
