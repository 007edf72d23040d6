"""Where the service is seen from outside: behind a proxy, under another name, scheme and path.

What a proxy says of it is believed of the proxies that are named, and of nobody else. The address
that ``ASKSCWRU_PUBLIC_URL`` names is believed always, and goes before what a proxy says.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from askscwru.api.config import Serving

_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_LONGEST = 500


class Forwarded:
    """Gives a request the address, scheme, host and path that its client used."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self.app = app
        self._outer = ProxyHeadersMiddleware(app, trusted_hosts=list(serving.proxies))  # type: ignore[arg-type]
        self._path = urlsplit(serving.public_url or "").path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on as its client sent it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = dict(scope)
        if (scope.get("client") or ("",))[0] in self._outer.trusted_hosts:
            _take(scope)
            self._under_public(scope)
            await self._outer(scope, receive, send)  # type: ignore[arg-type]
        else:
            self._under_public(scope)
            await self.app(scope, receive, send)

    def _under_public(self, scope: Scope) -> None:
        """Puts it under the public path; a proxy may have taken that away already, or not."""
        if not self._path:
            return
        scope["root_path"] = self._path
        if scope["path"].startswith(f"{self._path}/"):
            scope["path"] = scope["path"].removeprefix(self._path)
            raw = scope.get("raw_path") or b""
            scope["raw_path"] = raw.removeprefix(self._path.encode())


def _take(scope: Scope) -> None:
    """Takes over the host and the path that a proxy names."""
    headers = Headers(scope=scope)
    host = headers.get("x-forwarded-host", "").partition(",")[0].strip()
    if host:
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
    prefix = headers.get("x-forwarded-prefix", "").partition(",")[0].strip().rstrip("/")
    if len(prefix) <= _LONGEST and _PREFIX.fullmatch(prefix):
        scope["root_path"] = prefix


def routed(scope: Scope) -> Scope:
    """The scope as the router expects it: its path begins with the path that it is served under."""
    root = scope.get("root_path") or ""
    if not root:
        return scope
    raw = scope.get("raw_path") or scope["path"].encode()
    return {**scope, "path": f"{root}{scope['path']}", "raw_path": root.encode() + raw}


def path_of(request: Request) -> str:
    """The path under which the client reaches the service; empty where it is the root."""
    return urlsplit(base_of(request)).path


def base_of(request: Request) -> str:
    """The service's address as the client reaches it, without a slash at its end; for links."""
    serving: Serving = request.app.state.service.serving
    return serving.public_url or str(request.base_url).rstrip("/")
