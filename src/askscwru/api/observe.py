"""What is seen of every request: its id, its log line, its count; and the last safety net."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askscwru.api import problems
from askscwru.api.logs import REQUEST
from askscwru.api.metrics import Metrics
from askscwru.api.replies import SAFE_HEADERS, problem_response

log = logging.getLogger("askscwru.request")

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
NOWHERE = "(none)"
"""The route of a request that no route took."""
_CLIENT_GONE = 499
"""In log and metrics alone: the client had gone before the response began."""


class Observe:
    """Gives each request an id, answers what nobody caught, logs and counts.

    The log holds the route as it is declared, never the path, the query, a header or the body.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and takes note of what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen(scope, send)
        REQUEST.set(seen.id)  # each request is a task with a context of its own
        began = time.perf_counter()
        try:
            await self.app(scope, receive, seen.send)
        except asyncio.CancelledError:  # the server ends, and its time to finish has passed
            if not seen.status:
                await problem_response(problems.stopping())(scope, receive, seen.send)
        except Exception:
            log.exception("failed", extra={"route": _route(scope)})
            if not seen.status:
                await problem_response(problems.internal())(scope, receive, seen.send)
        finally:
            self._note(scope, seen, time.perf_counter() - began)

    def _note(self, scope: Scope, seen: _Seen, seconds: float) -> None:
        route, method = _route(scope), _method(scope)
        status = seen.status or _CLIENT_GONE
        self._metrics.requests.labels(route, method, str(status)).inc()
        self._metrics.duration.labels(route).observe(seconds)
        state: dict[str, Any] = scope.get("state", {})
        log.info(
            "request",
            extra={
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "client": (scope.get("client") or ("unknown",))[0],
                "token": state.get("token_name"),
                **state.get("noted", {}),
            },
        )


class _Seen:
    """One request's id, and the status of its response."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        self.status = 0
        self._send = send

    async def send(self, message: Message) -> None:
        """Adds what every response has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.id
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _route(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else NOWHERE


def _method(scope: Scope) -> str:
    method = scope["method"]
    known = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH")
    return method if method in known else "(other)"
