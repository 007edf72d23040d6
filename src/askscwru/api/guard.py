"""Who may come in: limits, host names, tokens and rates, before any route sees a request.

Each check is a rung that either lets a request pass or raises a ``Problem``.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import ipaddress
import logging
import re
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askscwru.api import problems
from askscwru.api.config import Serving, is_loopback
from askscwru.api.forwarded import routed
from askscwru.api.html import COOKIE, links_of, sign_in_page
from askscwru.api.limits import CALLER, Caller, Rate, RateLimit
from askscwru.api.origin import check_origin
from askscwru.api.problems import Problem
from askscwru.api.replies import problem_response
from askscwru.api.tokens import KeptTokens

log = logging.getLogger("askscwru.guard")

OPEN = frozenset({"/health", "/health/live", "/health/ready"})
"""What needs no token and is not counted: whether it is up."""
SIGN_IN = "/sign-in"
STATIC = "/static/"
"""What needs no token, since it is how a browser gets one; counted by address."""
_HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[0-9a-z_.-]+))(?::[0-9]{1,5})?")
_DRAIN_SECONDS = 2.0
"""How long the rest of a refused body is read and thrown away: a client that is still sending would
see a broken connection instead of the reason."""


class Pace:
    """Holds back refusals, and what is not counted, of an address that brings on very many of them.

    They cost little, but not nothing: hundreds of connections that each ask again at once would
    leave the loop no time for anybody else. What is answered is bounded by its rate.
    """

    at_once: ClassVar[int] = 60
    """So many come at once however the service is set up, as a page with its parts may need."""
    held: ClassVar[float] = 2.0
    """Seconds that each further one takes."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self.app = app
        self._cheap = RateLimit(serving.rate, max(self.at_once, serving.burst))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def paced(message: Message) -> None:
            if _is_cheap(scope, message) and self._cheap.wait(_address(scope)):
                await asyncio.sleep(self.held)
            await send(message)

        await self.app(scope, receive, paced)


def _is_cheap(scope: Scope, message: Message) -> bool:
    if message["type"] != "http.response.start":
        return False
    return message["status"] >= HTTPStatus.BAD_REQUEST or scope["path"] in OPEN


class HostCheck:
    """Refuses requests for a host name that is not ours, as DNS rebinding sends them."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self.app = app
        self._serving = serving
        public = urlsplit(serving.public_url or "").hostname
        own = (*serving.hosts, serving.host, *([public] if public else []))
        self._names = frozenset(name.lower() for name in own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 400."""
        if scope["type"] != "http" or self._known(Headers(scope=scope).get("host", "")):
            await self.app(scope, receive, send)
            return
        await problem_response(problems.unknown_host())(scope, receive, send)

    def _known(self, host: str) -> bool:
        match = _HOST.fullmatch(host.lower())
        if match is None:
            return False
        name = match["address"] or match["name"]
        if name in self._names or is_loopback(name):
            return True
        if any(n.startswith("*.") and name.endswith(n[1:]) for n in self._names):
            return True
        return not self._serving.local and _is_address(name)


def _is_address(name: str) -> bool:
    """Whether a name is an address in numbers, which no name server can point elsewhere."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Size, token and rate of every request but those that ask whether the service is up."""

    def __init__(self, app: ASGIApp, serving: Serving, tokens: KeptTokens, rate: Rate) -> None:
        self.app = app
        self._serving = serving
        self._tokens = tokens
        self._rate = rate
        behind = bool(serving.proxies or serving.public_url)
        self._closed = not serving.local or behind or tokens.refresh()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        client = _address(scope)
        try:
            self._check_size(scope, headers)
            path = scope["path"]
            if path == SIGN_IN or path.startswith(STATIC):
                await self._check_rate(client)
            elif path not in OPEN:
                client = await self._check_token(scope, headers)
                await self._check_rate(client)
        except Problem as problem:
            if "expect" not in headers:  # who asks beforehand has sent nothing yet
                await _drain(receive)
            await _refusal(problem, scope, headers)(scope, receive, send)
            return
        inner = routed(scope)
        if scope["method"] == "HEAD":
            inner = {**inner, "method": "GET"}
        caller = Caller(client)
        CALLER.set(caller)  # each request is a task with a context of its own
        body = _Body(receive, self._serving.max_body, caller)
        try:  # the server sends no body to HEAD, so that it can be answered like GET
            await self.app(inner, body.receive, send)
        finally:
            body.close()
            if "route" in inner:
                scope["route"] = inner["route"]

    # -- rungs -----------------------------------------------------------------------------------

    def _check_size(self, scope: Scope, headers: Headers) -> None:
        serving = self._serving
        url = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
        if url > serving.max_url:
            raise problems.too_large("URL", serving.max_url, 414)
        if (
            sum(len(name) + len(value) + 4 for name, value in scope["headers"])
            > serving.max_headers
        ):
            raise problems.too_large("headers", serving.max_headers, 431)
        stated = headers.get("content-length", "")
        if stated.isdigit() and int(stated[:20]) > serving.max_body:
            raise problems.too_large("body", serving.max_body, 413)

    async def _check_token(self, scope: Scope, headers: Headers) -> str:
        """The name under which the client is counted: its token's, or its address."""
        address = _address(scope)
        self._closed = self._tokens.refresh() or self._closed  # once closed, it stays closed
        if not self._closed:
            return address
        name = self._tokens.name_of(_presented(scope, headers))
        if name is None:
            await self._check_rate(address)
            log.warning("refused", extra={"reason": "bad_token", "client": address})
            raise problems.unauthorised()
        scope.setdefault("state", {})["token_name"] = name
        return f"token {name}"

    async def _check_rate(self, client: str) -> None:
        wait = await self._rate.asked(client)
        if wait:
            raise problems.too_many(wait)


def _presented(scope: Scope, headers: Headers) -> str:
    """The token that a request carries; empty where it carries none.

    A browser cannot send a bearer token with a link: it keeps one in a cookie once it is signed
    in. For reading alone (GET, which changes nothing) the password of Basic authentication will do.

    Raises:
        Problem: a page of another site sent something in the name of who is signed in.
    """
    scheme, _, value = headers.get("authorization", "").partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer":
        return value
    if scheme.lower() == "basic" and scope["method"] in ("GET", "HEAD"):
        with contextlib.suppress(binascii.Error, ValueError):
            pair = base64.b64decode(value, validate=True).decode("utf-8")
            return pair.partition(":")[2]
    token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    if token and scope["method"] not in ("GET", "HEAD"):
        check_origin(headers, scope["app"].state.service.origin)
    return token


def _address(scope: Scope) -> str:
    return f"address {(scope.get('client') or ('unknown',))[0]}"


def _refusal(problem: Problem, scope: Scope, headers: Headers) -> Response:
    """A refusal as a client reads it: where a browser lacks a token, the form that asks for one."""
    browser = "text/html" in headers.get("accept", "")
    if problem.status != HTTPStatus.UNAUTHORIZED or not browser:
        return problem_response(problem)
    query = scope["query_string"].decode("latin-1")
    here = links_of(scope).prefix + quote(scope["path"]) + (f"?{query}" if query else "")
    then = here if scope["method"] == "GET" else ""
    return sign_in_page(scope, headers, problem.status, "", then)


class _Body:
    """Counts what comes of a body whose length was not stated, and then waits for the client to go.

    Nobody else reads on once the body is there, and so nobody would notice that it has gone.
    """

    def __init__(self, receive: Receive, limit: int, caller: Caller) -> None:
        self._receive = receive
        self._left = limit
        self._caller = caller
        self._watching: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        """The next part.

        Raises:
            HTTPException: 413; the framework takes any other exception here for bad JSON.
        """
        if self._watching is not None:
            await self._caller.gone.wait()
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._caller.gone.set()
        elif not message.get("more_body"):
            self._watching = asyncio.create_task(self._watch())
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            await _drain(self._receive)
            raise HTTPException(413)
        return message

    def close(self) -> None:
        """Ends the watching."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._caller.gone.set()


async def _drain(receive: Receive) -> None:
    """Reads what is left of a body and throws it away, for a short while."""

    async def rest() -> None:
        message: dict[str, Any] = {"more_body": True}
        while message.get("more_body"):
            message = dict(await receive())

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(rest(), _DRAIN_SECONDS)
