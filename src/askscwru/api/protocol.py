"""uvicorn's HTTP/1.1 protocol with the deadlines and refusals that it lacks.

uvicorn limits the size of incomplete headers and how long an idle connection is kept, but a client
that sends one byte of its headers a minute, or reads one byte of its response, keeps a connection
for ever. Here headers, then the body, and then the reading of what was sent must be done within a
time; one address has at most half of all connections, and there are never as many of them as the
process may have files open; and what is refused before the application sees it is refused in
the application's shape.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import time
import uuid
from http import HTTPStatus
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from askscwru.api.config import Serving
from askscwru.api.problems import Problem, overloaded

log = logging.getLogger("askscwru.connections")

FILES_APART = 128
"""Files that a process may need besides its connections: index, conversations, logs, sockets."""
TOO_SLOW = Problem(408, "too_slow", "The request did not come in time.")
NOT_HTTP = Problem(400, "bad_request", "The request is not HTTP/1.1, or its headers are too large.")


class Deadlines(H11Protocol):
    """One connection; the limits are those of the process."""

    slow: ClassVar[float] = 10.0
    """Seconds within which headers, and again the body, must have come, and a part of a response
    must have been read."""
    max_connections: ClassVar[int] = 1_000
    """How many connections one process holds open."""
    trusted: ClassVar[frozenset[str]] = frozenset()
    """Addresses of proxies, which bring the connections of many clients."""
    _refused: ClassVar[int] = 0
    _refused_said: ClassVar[float] = -1.0
    _unread: asyncio.TimerHandle | None = None
    _deadline: asyncio.TimerHandle | None = None
    _awaited: Any = None
    """What the deadline is for: the state of the client's side in which it was set."""

    @classmethod
    def configure(cls, serving: Serving) -> None:
        """Sets the limits of this process."""
        cls.slow = serving.slow
        most = _files(serving.max_connections + FILES_APART) - FILES_APART
        cls.max_connections = max(1, min(serving.max_connections, most))
        cls.trusted = frozenset(serving.proxies)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first headers, or refuses one connection too many."""
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            # Sockets that uvicorn binds beforehand escape asyncio's own setting of this; without it
            # the second part of each response waits 40 ms for the client to acknowledge the first.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > self.max_connections or self._has_its_share():
            self._refuse(overloaded())
            self._say_refused()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._unset()
        self._read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what came, and waits for the rest."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """After a response the connection may be idle: the keep-alive timer watches over that."""
        self._unset()
        super().on_response_complete()
        if self.transport.is_closing():
            self._await_reader()

    def pause_writing(self) -> None:
        """Waits for the client to read, but not for ever."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        """It has read enough to be sent more."""
        self._read()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Closes an idle connection, whether or not what was sent is read."""
        super().timeout_keep_alive_handler()
        self._await_reader()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused in our shape."""
        self._refuse(NOT_HTTP)

    def _has_its_share(self) -> bool:
        """Whether the client's address has as many connections as any one may have."""
        address = self.client and self.client[0]
        if not address or address in self.trusted:
            return False
        most = max(1, self.max_connections // 2)
        if len(self.connections) <= most:
            return False
        others: Any = self.connections
        mine = sum(1 for other in others if other.client and other.client[0] == address)
        return mine > most

    def _say_refused(self) -> None:
        """A line of the log, but not more than one a second."""
        own, now = Deadlines, time.monotonic()
        own._refused += 1
        if now - own._refused_said >= 1 or own._refused_said < 0:
            told = {"refused": own._refused, "open": len(self.connections)}
            log.warning("connections refused", extra=told)
            own._refused, own._refused_said = 0, now

    def _await_reader(self) -> None:
        self._read()
        self._unread = self.loop.call_later(self.slow, self.transport.abort)

    def _read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
        self._unread = None

    def _watch(self) -> None:
        """Sets the deadline when something new is waited for; more bytes of it do not move it."""
        state = self.conn.their_state
        if state not in (h11.IDLE, h11.SEND_BODY) or self.transport.is_closing():
            self._unset()
        elif self._deadline is None or state is not self._awaited:
            self._unset()
            self._awaited = state
            self._deadline = self.loop.call_later(self.slow, self._too_slow)

    def _unset(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        self._awaited = None

    def _too_slow(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.our_state is h11.IDLE and self.conn.their_state is h11.IDLE:
            self._refuse(TOO_SLOW)
        else:
            self.transport.close()  # the application sees that the client has gone

    def _refuse(self, problem: Problem) -> None:
        body = json.dumps(problem.to_dict()).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
            ("x-request-id", uuid.uuid4().hex),
            *((name.lower(), value) for name, value in problem.headers.items()),
        ]
        reason = HTTPStatus(problem.status).phrase.encode()
        try:
            answer = h11.Response(status_code=problem.status, headers=headers, reason=reason)
            self.transport.write(self.conn.send(answer) or b"")
            self.transport.write(self.conn.send(h11.Data(data=body)) or b"")
            self.transport.write(self.conn.send(h11.EndOfMessage()) or b"")
        except h11.LocalProtocolError:  # a response was under way already
            pass
        self.transport.close()
        self._await_reader()


def _files(wanted: int) -> int:
    """How many files the process may have open, after it has asked for as many as it wants."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < wanted:
        soft = wanted if hard == unlimited else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == unlimited else soft
