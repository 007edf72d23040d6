"""uvicorn's HTTP/1.1 protocol with the deadlines and refusals that it lacks.

uvicorn limits the size of incomplete headers and how long an idle connection is kept, but a client
that sends one byte of its headers a minute, or reads one byte of its response, keeps a connection
for ever. Here headers, then the body, and then the reading of what was sent must be done within a
time; one address has at most half of all connections, and there are never as many of them as the
process may have files open; and what is refused before the application sees it is refused in
the application's shape. An address that goes on asking for more than its half is kept waiting for
the refusal, so that it cannot ask again at once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import time
import uuid
from collections import Counter
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
    held: ClassVar[float] = 2.0
    """Seconds that a connection beyond an address's share waits to be refused."""
    most_held: ClassVar[int] = 2_000
    """How many wait so; a further one is cut off without a word."""
    trusted: ClassVar[frozenset[str]] = frozenset()
    """Addresses of proxies, which bring the connections of many clients."""
    _of: ClassVar[Counter[str]] = Counter()
    """How many connections each address has."""
    _waiting: ClassVar[int] = 0
    """How many connections wait to be refused."""
    _refused: ClassVar[int] = 0
    _refused_said: ClassVar[float] = -1.0
    _address: str = ""
    """Where it is from, while it is counted; empty else."""
    _held: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _deadline: asyncio.TimerHandle | None = None
    _awaited: Any = None
    """What the deadline is for: the state of the client's side in which it was set."""

    def __init_subclass__(cls) -> None:
        """Counts the connections of each kind of server apart."""
        super().__init_subclass__()
        cls._of, cls._waiting = Counter(), 0

    @classmethod
    def configure(cls, serving: Serving) -> None:
        """Sets the limits of this process."""
        cls.slow = serving.slow
        most = _files(3 * serving.max_connections + FILES_APART) - FILES_APART
        cls.max_connections = max(1, min(serving.max_connections, most))
        cls.most_held = max(0, min(2 * serving.max_connections, most - cls.max_connections))
        cls.trusted = frozenset(serving.proxies)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first headers, or refuses one connection too many."""
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            # Sockets that uvicorn binds beforehand escape asyncio's own setting of this; without it
            # the second part of each response waits 40 ms for the client to acknowledge the first.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._has_its_share():
            self._say_refused()
            self._hold()
        elif len(self.connections) - self._waiting > self.max_connections:
            self._say_refused()
            self._refuse(overloaded())
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._let_go()
        if self._address:
            self._of[self._address] -= 1
            if not self._of[self._address]:
                del self._of[self._address]
            self._address = ""
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
        """Whether the client's address has as many connections as any one may have.

        It is counted for the address where it has not.
        """
        address = self.client[0] if self.client else ""
        if not address or address in self.trusted:
            return False
        if self._of[address] >= max(1, self.max_connections // 2):
            return True
        self._of[address] += 1
        self._address = address
        return False

    def _hold(self) -> None:
        """Lets the client wait for its refusal, or cuts it off where too many wait."""
        own = type(self)
        if own._waiting >= self.most_held:
            self.transport.abort()
            return
        own._waiting += 1
        self.transport.pause_reading()
        self._held = self.loop.call_later(self.held, self._refuse_held)

    def _refuse_held(self) -> None:
        self._let_go()
        self._refuse(overloaded())

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.cancel()
            self._held = None
            type(self)._waiting -= 1

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
