"""Responses: JSON as the command line prints it, and problems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from askscwru.api.problems import Problem

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every response that does not say otherwise: what is answered is for whoever asked, and no
browser may run, frame or guess at it."""


class Json(Response):
    """Content that is JSON already in all but form; nothing is validated on the way out."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """UTF-8, as short as it goes; half a surrogate pair, which has no UTF-8, stays escaped."""
        try:
            return _text(content, ascii_only=False).encode()
        except UnicodeEncodeError:
            return _text(content, ascii_only=True).encode()


def _text(content: Any, *, ascii_only: bool) -> str:
    return json.dumps(content, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":"))


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Json:
    """A problem as a response."""
    return Json(
        problem.to_dict(),
        status_code=problem.status,
        headers={**problem.headers, **(headers or {})},
    )
