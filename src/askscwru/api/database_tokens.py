"""Bearer tokens in the database that several machines share, and which tokens count.

The hashes are read each second by a thread of their own, so that no request waits for the database:
a token added or removed counts on every machine within a second or two. While the database is away
the tokens that were known go on counting; before it was ever read, nobody is let in.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from askscwru.addresses import DatabaseAddress
from askscwru.api import problems
from askscwru.api.config import Serving
from askscwru.api.tokens import (
    FILE,
    KeptTokens,
    Token,
    Tokens,
    hash_of,
    matching,
    new_token,
    taken,
    unknown_token,
)
from askscwru.errors import StorageError
from askscwru.postgres.server import Connection, Server
from askscwru.settings import Settings

log = logging.getLogger("askscwru.tokens")

INTERVAL = 1.0
"""Seconds between two looks at the tokens."""
_STOP_SECONDS = 5.0


class DatabaseTokens:
    """The tokens of one database; safe to use from many threads."""

    def __init__(self, address: DatabaseAddress, *, interval: float = INTERVAL) -> None:
        self._server = Server(address, holds="The tokens")
        self._interval = interval
        self._known: tuple[Token, ...] | None = None
        self._fault = ""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def all(self) -> tuple[Token, ...]:
        """Every token, by name.

        Raises:
            StorageError: the database cannot be read.
        """
        rows = self._server.read(
            lambda connection: connection.execute(
                "SELECT name, sha256, created_at FROM askscwru.tokens"
            ).fetchall()
        )
        kept = (
            Token(name, sha256, created.astimezone(UTC).isoformat(timespec="seconds"))
            for name, sha256, created in rows
        )
        return tuple(sorted(kept, key=lambda token: token.name))

    def add(self, name: str) -> str:
        """Makes a token and returns it: the only time that anybody sees it.

        Raises:
            UsageError: the name is taken or of the wrong form.
            StorageError: it cannot be kept.
        """
        token = new_token(name)

        def work(connection: Connection) -> bool:
            done = connection.execute(
                "INSERT INTO askscwru.tokens VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (name, hash_of(token), datetime.now(UTC)),
            )
            return bool(done.rowcount)

        if not self._server.write(work):
            raise taken(name)
        return token

    def remove(self, name: str) -> None:
        """Takes a token away; whoever uses it is refused within a second or two.

        Raises:
            NotFoundError: there is none of that name.
            StorageError: the database cannot be written.
        """

        def work(connection: Connection) -> bool:
            gone = "DELETE FROM askscwru.tokens WHERE name = %s"
            return bool(connection.execute(gone, (name.replace("\x00", ""),)).rowcount)

        if not self._server.write(work):
            raise unknown_token(name)

    def refresh(self) -> bool:
        """Begins to watch the tokens; whether there is any, which is held to be so until known."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._look()
                self._thread = threading.Thread(
                    target=self._watch, name="askscwru-tokens", daemon=True
                )
                self._thread.start()
        return self._known is None or bool(self._known)

    def name_of(self, presented: str) -> str | None:
        """The name of a token that a client sent, or None where nobody knows it.

        Raises:
            Problem: the database has never been there yet, so that nobody can be told apart.
        """
        self.refresh()
        if self._known is None:
            raise problems.of_error(StorageError(self._fault))
        return matching(self._known, presented)

    def close(self) -> None:
        """Ends the watching, and lets go of the connections."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
        self._server.close()

    # -- rungs -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            self._look()

    def _look(self) -> None:
        try:
            self._known = self.all()
        except StorageError as error:
            if not self._fault:  # said once, not each second
                log.error("tokens not read again", extra={"fault": str(error)})
            self._fault = str(error)
        else:
            if self._fault:
                log.info("tokens are read again")
            self._fault = ""


def tokens_of(settings: Settings, serving: Serving) -> KeptTokens:
    """The tokens that count for these settings.

    Raises:
        UsageError: they are in a database, and the extra ``postgres`` is not installed.
    """
    if serving.tokens is None and settings.database is not None:
        return DatabaseTokens(settings.database)
    return Tokens(serving.tokens or settings.embeddings / FILE)
