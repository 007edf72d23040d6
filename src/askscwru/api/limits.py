"""Who asks, how often a client may, and whose turn it is.

A token bucket for each client, in memory, and slots that clients take in turn. Our own rather than
a library: those that there are bring a store, a clock thread or a decorator for each route, and
none of them bounds how many clients it remembers.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

_REMEMBERED = 10_000
"""The most clients that are kept count of; the one that asked longest ago makes room."""
_FORGOTTEN = 10.0
"""Seconds after which half of the time that a client has had counts no more."""
_CLEARLY = 0.5
"""Seconds by which one client has had clearly more than another."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever waits for the answer to a request."""

    name: str
    """Its token's name, or its address."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it does not wait any more."""


CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)
"""Whoever the request that is being answered came from; None for a program's own."""


def wanted_still() -> bool:
    """Whether anybody still waits for what is being worked on; for a job, in its thread."""
    caller = CALLER.get()
    return caller is None or not caller.gone.is_set()


class Slots:
    """So many may work at once, and clients that wait take turns; for one event loop.

    They come one after the other, but whoever has had clearly more of the time lately comes after
    the others, so that a client that asks a hundred things at once, or what takes a second each,
    has no more of it than any other that waits. Where nobody else waits, it may have every slot.
    """

    def __init__(self, many: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = many
        self._clock = clock
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._had: OrderedDict[str, tuple[float, float]] = OrderedDict()

    @asynccontextmanager
    async def taken(self, client: str) -> AsyncIterator[None]:
        """Has a slot for as long as it is entered; waits for one first."""
        await self._take(client)
        began = self._clock()
        try:
            yield
        finally:
            self._count(client, began)
            self._free += 1
            self._next()

    async def _take(self, client: str) -> None:
        if self._free and not self._lines:
            self._free -= 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(client, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given the slot in this very moment
                self._free += 1
                self._next()
            raise

    def _next(self) -> None:
        """Gives what is free to those who wait, to each client by what it has had."""
        while self._free and self._lines:
            now = self._clock()
            client = min(self._lines, key=lambda name: self._had_by(name, now) // _CLEARLY)
            line = self._lines.pop(client)
            mine = line.popleft()
            if line:
                self._lines[client] = line  # behind everybody else who waits
            if not mine.done():  # who was cancelled waits for nothing
                self._free -= 1
                mine.set_result(None)

    def _had_by(self, client: str, now: float) -> float:
        """Seconds of a slot that a client has had, of which half is forgotten in a while."""
        seconds, since = self._had.get(client, (0.0, now))
        return float(seconds * 0.5 ** ((now - since) / _FORGOTTEN))

    def _count(self, client: str, began: float) -> None:
        now = self._clock()
        had = self._had_by(client, now) + now - began
        self._had.pop(client, None)
        self._had[client] = (had, now)
        if len(self._had) > _REMEMBERED:
            self._had.popitem(last=False)


class Rate(Protocol):
    """How often each client may ask, wherever it is counted."""

    async def asked(self, client: str) -> float:
        """Takes one request of a client: 0 if it may ask now, else the seconds until it may."""
        ...

    def close(self) -> None:
        """Lets go of connections."""
        ...


class RateLimit:
    """Allows ``burst`` requests at once and ``rate`` a second over time; for one event loop."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def asked(self, client: str) -> float:
        """As ``wait``, which keeps nobody waiting."""
        return self.wait(client)

    def close(self) -> None:
        """Nothing is held open."""

    def wait(self, client: str) -> float:
        """Takes one request of a client: 0 if it may ask now, else the seconds until it may."""
        if not self._rate:
            return 0.0
        now = self._clock()
        left, since = self._left.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        allowed = left >= 1
        self._left[client] = (left - 1 if allowed else left, now)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate
