"""uvicorn's HTTP/1.1 protocol with the deadlines and refusals that it lacks.

uvicorn limits the size of incomplete headers and how long an idle connection is kept, but a client
that sends one byte of its headers a minute keeps a connection for ever. Here headers, and then the
body, must have come within a time; and what is refused before the application sees it is refused in
the application's shape.
"""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from http import HTTPStatus
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from askscwru.api.config import Serving
from askscwru.api.problems import Problem, overloaded

TOO_SLOW = Problem(408, "too_slow", "The request did not come in time.")
NOT_HTTP = Problem(400, "bad_request", "The request is not HTTP/1.1, or its headers are too large.")


class Deadlines(H11Protocol):
    """One connection; the limits are those of the process."""

    slow: ClassVar[float] = 10.0
    """Seconds within which headers, and again the body, must have come."""
    max_connections: ClassVar[int] = 1_000
    """How many connections one process holds open."""
    _deadline: asyncio.TimerHandle | None = None
    _awaited: Any = None
    """What the deadline is for: the state of the client's side in which it was set."""

    @classmethod
    def configure(cls, serving: Serving) -> None:
        """Sets the limits of this process."""
        cls.slow = serving.slow
        cls.max_connections = serving.max_connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first headers, or refuses one connection too many."""
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            # Sockets that uvicorn binds beforehand escape asyncio's own setting of this; without it
            # the second part of each response waits 40 ms for the client to acknowledge the first.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > self.max_connections:
            self._refuse(overloaded())
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._unset()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what came, and waits for the rest."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """After a response the connection may be idle: the keep-alive timer watches over that."""
        self._unset()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused in our shape."""
        self._refuse(NOT_HTTP)

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
