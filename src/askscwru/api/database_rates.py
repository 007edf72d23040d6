"""How often a client may ask of all machines together, counted in the database that they share.

One statement takes a request of a client's token bucket, by the database's clock. While the
database is away each process counts for itself, so that there is a limit all the same.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from askscwru.addresses import DatabaseAddress
from askscwru.api.config import Serving
from askscwru.api.limits import Rate, RateLimit
from askscwru.errors import StorageError
from askscwru.postgres.server import Connection, Server
from askscwru.settings import Settings

log = logging.getLogger("askscwru.rates")

_FILLED = (
    "LEAST(%(burst)s, r.allowance + %(rate)s"
    " * GREATEST(0, EXTRACT(EPOCH FROM clock_timestamp() - r.since)))"
)
_TAKE = f"""
INSERT INTO askscwru.rates AS r VALUES (%(client)s, %(burst)s - 1, clock_timestamp(), true)
ON CONFLICT (client) DO UPDATE SET since = clock_timestamp(), let_in = {_FILLED} >= 1,
    allowance = {_FILLED} - CASE WHEN {_FILLED} >= 1 THEN 1 ELSE 0 END
RETURNING let_in, allowance
"""  # noqa: S608
_FORGET = """
DELETE FROM askscwru.rates WHERE since < clock_timestamp() - make_interval(secs => %s)
"""
_FORGET_EVERY = 1_000
"""Requests after which the clients are forgotten whose buckets are full again."""
_THREADS = 4
_PAUSE = 1.0
"""Seconds that each process counts for itself after the database was found away."""
_BUSY_SECONDS = 1.0


class DatabaseRate:
    """Allows ``burst`` requests at once and ``rate`` a second over time, of all processes."""

    def __init__(self, address: DatabaseAddress, rate: float, burst: int) -> None:
        self._server = Server(address, busy_seconds=_BUSY_SECONDS, holds="The rates")
        self._rate = rate
        self._burst = float(burst)
        self._own = RateLimit(rate, burst)
        self._away_until = 0.0
        self._taken = count(1)
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="askscwru-rates")

    async def asked(self, client: str) -> float:
        """Takes one request of a client: 0 if it may ask now, else the seconds until it may."""
        if not self._rate:
            return 0.0
        if time.monotonic() >= self._away_until:
            try:
                return await asyncio.get_running_loop().run_in_executor(
                    self._pool, self._take, client
                )
            except StorageError as error:
                self._away_until = time.monotonic() + _PAUSE
                log.warning("rates counted by this process", extra={"fault": str(error)})
        return self._own.wait(client)

    def close(self) -> None:
        """Lets go of the threads and the connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._server.close()

    def _take(self, client: str) -> float:
        given = {"client": client.replace("\x00", ""), "burst": self._burst, "rate": self._rate}
        forget = next(self._taken) % _FORGET_EVERY == 0

        def work(connection: Connection) -> tuple[bool, float]:
            # A count that a crash of the server loses costs nothing: the disk is not waited for.
            connection.execute("SET LOCAL synchronous_commit = off")
            if forget:
                connection.execute(_FORGET, (self._burst / self._rate,))
            let_in, allowance = connection.execute(_TAKE, given).fetchone()
            return bool(let_in), float(allowance)

        let_in, allowance = self._server.write(work)
        return 0.0 if let_in else (1 - allowance) / self._rate


def rate_of(settings: Settings, serving: Serving) -> Rate:
    """Where requests are counted for these settings.

    Raises:
        UsageError: in a database, and the extra ``postgres`` is not installed.
    """
    if settings.database is not None and serving.rate:
        return DatabaseRate(settings.database, serving.rate, serving.burst)
    return RateLimit(serving.rate, serving.burst)
