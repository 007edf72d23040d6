"""How often a client may ask: a token bucket for each, in memory.

Forty lines rather than a library: those that there are bring a store, a clock thread or a decorator
for each route, and none of them bounds how many clients it remembers.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_REMEMBERED = 10_000
"""The most clients that are kept count of; the one that asked longest ago makes room."""


class RateLimit:
    """Allows ``burst`` requests at once and ``rate`` a second over time; for one event loop."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

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
