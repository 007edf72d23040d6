"""Connections to a PostgreSQL server that may go away, and its tables.

Work is a function of a connection, so that it can be done again on another one. A connection that
turns out to be dead although it was just idle (the server was started anew) is replaced unnoticed.
One that is lost while a transaction is being committed leaves it open whether it was: the server is
asked, by the transaction's number.

Nothing here prints or logs a password; what libpq says is scrubbed and goes to the log alone.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from askscwru.addresses import DatabaseAddress
from askscwru.errors import InDoubtError, StorageError
from askscwru.extras import require

log = logging.getLogger("askscwru.postgres")

Connection = Any
"""psycopg's; the extra is not there when types are checked."""
Done = TypeVar("Done")
Work = Callable[[Connection], Done]

BUSY_SECONDS = 5.0
"""How long a statement waits for another process to finish its own."""
TURN_SECONDS = 30.0
"""How long a turn waits for another machine to finish its turn of the same conversation."""
_MIGRATIONS = Path(__file__).with_name("migrations")
_NAMED = re.compile(r"(\d{4})_\w+\.sql")
_LOCK = 0x41534B53
"""Of the migrations: only one process makes tables at a time."""
_IDLE = 8
"""The most connections that are kept open for later."""
_SLOW, _PAUSE = 1.0, 1.0
"""After an attempt to connect that took so long, none is made for so long: who asks is told at
once instead of waiting in a queue of those that wait."""
_SETTLING, _SETTLING_PAUSE = 40, 0.05
"""How often, and how many seconds apart, an open transaction is asked after."""
_BROKEN = ("08", "57P")
"""Beginnings of the codes of lost connections."""
_ATTEMPTS = 3
_CONNECT = {
    "connect_timeout": 3,
    "application_name": "askscwru",
    # A peer that vanished without a word is noticed in seconds.
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "client_encoding": "utf8",
}


def migrations() -> list[tuple[int, str]]:
    """The statements that make the tables what this version needs, by number."""
    found = [(path, _NAMED.fullmatch(path.name)) for path in sorted(_MIGRATIONS.iterdir())]
    return [(int(named[1]), path.read_text("utf-8")) for path, named in found if named]


class Server:
    """A database and connections to it; safe to use from many threads."""

    def __init__(
        self,
        address: DatabaseAddress,
        *,
        busy_seconds: float = BUSY_SECONDS,
        holds: str = "The conversations",
    ) -> None:
        """Connects to nothing yet.

        Args:
            address: of the database.
            busy_seconds: how long a statement waits for other processes.
            holds: what an error says cannot be used.

        Raises:
            UsageError: the extra ``postgres`` is not installed.
        """
        require(
            "psycopg", "postgres", f"Conversations are to be kept in {address}", "conversations"
        )
        self.address = address
        self._busy = busy_seconds
        self._holds = holds
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._mine = threading.local()
        self._identity: str | None = None
        self._away: tuple[float, StorageError] | None = None
        self.databases = 0
        """How many databases have been found at the address so far: another one may take the
        place of the first."""

    # -- work ------------------------------------------------------------------------------------

    def read(self, work: Work[Done]) -> Done:
        """What ``work`` returns, done in a transaction that sees one moment and writes nothing.

        Raises:
            StorageError: the server is away, or refuses.
        """
        return self._attempted(work, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def write(self, work: Work[Done]) -> Done:
        """What ``work`` returns, done in a transaction of its own: wholly, or not at all.

        Raises:
            InDoubtError: whether it was done cannot be found out now.
            StorageError: the server is away, or refuses; nothing was done.
        """
        begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        return self._attempted(work, begin, writes=True)

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Keeps everybody else who names the same thing waiting, on every machine.

        It is held by a connection, which what is done meanwhile in this thread uses too: it is
        free at once when the process dies or the server is started anew.

        Raises:
            StorageError: the server is away, or it was not free within ``TURN_SECONDS``.
        """
        key = int.from_bytes(
            hashlib.sha256(what.encode("utf-8", "replace")).digest()[:8], signed=True
        )
        limit = int(TURN_SECONDS * 1000)

        def take(connection: Connection) -> Connection:
            connection.execute(
                f"SET LOCAL lock_timeout = {limit}; SET LOCAL statement_timeout = {limit + 1000};"
                f" SELECT pg_advisory_lock({key})"
            )
            return connection

        outer = self._held()
        connection = self._attempted(take, "BEGIN", keep=True)
        self._mine.connection = connection
        try:
            yield
        finally:
            self._mine.connection = outer
            with suppress(Exception):  # a connection that is gone holds nothing any more
                connection.execute("SELECT pg_advisory_unlock(%s)", (key,))
            if connection is not outer:
                self._give_back(connection)

    def why_not(self) -> str:
        """What the server, or the way to it, says against a connection; empty where there is one.

        For whoever runs it, not for strangers: it may name hosts and users, but no password.
        """
        try:
            self._connect().close()
        except self._failures() as error:
            return self.address.scrubbed(str(error).strip())
        return ""

    def unfit(self) -> tuple[str, str] | None:
        """What keeps a reachable database from being used, and what mends it; None for nothing."""
        try:
            (standby,) = self.read(lambda c: c.execute("SELECT pg_is_in_recovery()").fetchone())
        except StorageError as error:
            if "permission denied" not in error.message:
                return error.message, error.remedy
            return error.message, self._grant(first="for database" in error.message)
        if standby:
            return "it is a standby, which takes no writes", (
                "name both servers in the address, and add ?target_session_attrs=read-write"
            )
        return None

    def _grant(self, *, first: bool) -> str:
        """The command that gives the user what it lacks, before or after the tables were made."""
        user, name = (part.replace('"', '""') for part in (self.address.user, self.address.name))
        kinds = ("SCHEMA", "ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA")
        given = [f'GRANT ALL ON {kind} askscwru TO "{user}"' for kind in kinds]
        statement = f'GRANT CREATE ON DATABASE "{name}" TO "{user}"' if first else "; ".join(given)
        return f"psql -U postgres -d {shlex.quote(self.address.name)} -c {shlex.quote(statement)}"

    def committed(self, connection: Connection, transaction: int) -> bool | None:
        """Whether a transaction was committed; None while it is not known."""
        for _ in range(_SETTLING):
            (status,) = connection.execute("SELECT txid_status(%s)", (transaction,)).fetchone()
            if status != "in progress":
                return bool(status == "committed")
            time.sleep(_SETTLING_PAUSE)  # its own process has not noticed yet
        return None

    def close(self) -> None:
        """Closes what is idle; later work connects again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    # -- rungs -----------------------------------------------------------------------------------

    def _attempted(
        self, work: Work[Done], begin: str, *, writes: bool = False, keep: bool = False
    ) -> Done:
        """Does the work, and again on another connection where one is lost under it.

        Args:
            work: what is to be done.
            begin: the statement that begins the transaction.
            writes: whether the loss of a commit leaves anything open.
            keep: whether the connection stays with whoever asked.
        """
        with self._translated():
            for attempt in range(_ATTEMPTS):
                connection, used = self._lend()
                held = connection is self._held()
                try:
                    done = self._in_transaction(connection, work, begin, writes)
                except BaseException as error:
                    lost = self._is_lost(connection, error)
                    if not held or lost:
                        self._give_back(connection)
                    if not lost or not (used or not attempt):
                        raise
                    self.close()  # what is idle is of the same server, and as dead
                else:
                    if not held and not keep:
                        self._give_back(connection)
                    return done
        raise StorageError(self._said("the connection to its server is lost again and again"))

    def _in_transaction(
        self, connection: Connection, work: Work[Done], begin: str, writes: bool
    ) -> Done:
        connection.execute(begin)
        number = None
        try:
            done = work(connection)
            if writes:
                (number,) = connection.execute("SELECT txid_current_if_assigned()").fetchone()
        except BaseException:
            with suppress(Exception):
                connection.execute("ROLLBACK")
            raise
        try:
            connection.execute("COMMIT")
        except self._failures() as error:
            if number is None or not self._is_lost(connection, error):
                raise
            if not self._settled(int(number), error):
                raise
        return done

    def _settled(self, transaction: int, error: Exception) -> bool:
        """Whether the transaction whose commit was cut off took effect.

        Raises:
            InDoubtError: the server cannot be asked.
        """
        found: bool | None = None
        with suppress(StorageError, *self._failures()):
            connection = self._connected()
            try:
                found = self.committed(connection, transaction)
            finally:
                self._give_back(connection)
        if found is None:
            doubt = InDoubtError(
                self._said("the connection to its server was lost in a commit"),
                remedy="Try again: what was written is not written twice.",
            )
            doubt.transaction = transaction
            raise doubt from error
        return found

    def _held(self) -> Connection:
        """The connection by which this thread keeps others waiting; None where it does not."""
        return getattr(self._mine, "connection", None)

    def _lend(self) -> tuple[Connection, bool]:
        """A connection, and whether it has been used before."""
        mine = self._held()
        if mine is not None and not mine.closed:
            return mine, True
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._connected(), False
            if not connection.closed:
                return connection, True

    def _give_back(self, connection: Connection) -> None:
        from psycopg.pq import TransactionStatus

        if connection.info.transaction_status == TransactionStatus.IDLE:
            with self._lock:
                if len(self._idle) < _IDLE:
                    self._idle.append(connection)
                    return
        with suppress(Exception):
            connection.close()

    def _connected(self) -> Connection:
        """A new connection to a database whose tables are as this version needs them.

        Raises:
            StorageError: the server is away, or its tables are of a later version.
        """
        away = self._away
        if away is not None and time.monotonic() < away[0]:
            raise StorageError(away[1].message, remedy=away[1].remedy)
        began = time.monotonic()
        try:
            connection = self._connect()
        except self._failures() as error:
            told = self._unreachable(error)
            slow = time.monotonic() - began > _SLOW
            self._away = (time.monotonic() + _PAUSE, told) if slow else None
            raise told from None  # libpq's own words may hold more than may be shown
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self) -> Connection:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict, make_conninfo

        given = conninfo_to_dict(self.address.whole)
        busy = int(self._busy * 1000)
        limits = (
            f"-c lock_timeout={busy} -c statement_timeout={2 * busy + 5000}"
            f" -c idle_in_transaction_session_timeout={2 * busy + 5000}"
        )
        options = f"{limits} {given.get('options') or ''}".strip()
        told = make_conninfo("", **{**_CONNECT, **given, "options": options})
        return psycopg.connect(told, autocommit=True, prepare_threshold=None)

    def _prepare(self, connection: Connection) -> None:
        """Brings the tables up to date, and notes which database this is."""
        known = connection.execute("SELECT to_regclass('askscwru.migrations')").fetchone()
        applied = self._applied(connection) if known[0] else set()
        wanted = migrations()
        latest = wanted[-1][0]
        if applied and max(applied) > latest:
            raise StorageError(
                f"{self.address} was written by a later askscwru (format {max(applied)}; this one"
                f" knows {latest}).",
                remedy="Upgrade askscwru, or name another database in ASKSCWRU_CONVERSATIONS.",
            )
        if any(number not in applied for number, _ in wanted):
            self._migrate(connection)
        (identity,) = connection.execute("SELECT id FROM askscwru.identity").fetchone()
        with self._lock:
            if str(identity) != self._identity:
                self._identity = str(identity)
                self.databases += 1

    def _migrate(self, connection: Connection) -> None:
        """Applies what is missing, in order and in one transaction; others wait for it."""
        (encoding,) = connection.execute("SHOW server_encoding").fetchone()
        if encoding != "UTF8":
            raise StorageError(
                f"The database {self.address} is in {encoding}, which cannot hold every text.",
                remedy="Make one in UTF-8: createdb --encoding UTF8 --template template0 NAME",
            )
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = 60000")
            connection.execute("SET LOCAL statement_timeout = 0")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            (there,) = connection.execute("SELECT to_regnamespace('askscwru')").fetchone()
            if there is None:
                connection.execute("CREATE SCHEMA askscwru")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS askscwru.migrations"
                " (number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            applied = self._applied(connection)
            for number, statements in migrations():
                if number not in applied:
                    connection.execute(statements)
                    connection.execute("INSERT INTO askscwru.migrations VALUES (%s)", (number,))

    @staticmethod
    def _applied(connection: Connection) -> set[int]:
        rows = connection.execute("SELECT number FROM askscwru.migrations").fetchall()
        return {int(number) for (number,) in rows}

    # -- errors ----------------------------------------------------------------------------------

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._failures() as error:
            if isinstance(error, StorageError):
                raise
            raise self._told(error) from None

    @staticmethod
    def _failures() -> tuple[type[Exception], ...]:
        import psycopg

        return (psycopg.Error,)

    @staticmethod
    def _is_lost(connection: Connection, error: Any) -> bool:
        """Whether an error is the end of its connection, which is closed then."""
        if not isinstance(error, Server._failures()):
            return False
        if (getattr(error, "sqlstate", None) or "").startswith(_BROKEN):
            connection.close()
        return bool(connection.closed)

    def _said(self, reason: str) -> str:
        return f"{self._holds} in {self.address} cannot be used: {reason.rstrip('.')}."

    def _unreachable(self, error: Exception) -> StorageError:
        log.info("no connection", extra={"fault": self.address.scrubbed(str(error).strip())})
        return StorageError(
            self._said("there is no connection to its server"),
            remedy="Try again later; `askscwru doctor` says why.",
        )

    def _told(self, error: Any) -> StorageError:
        code = error.sqlstate or ""
        said = error.diag.message_primary or ""
        log.info(
            "refused", extra={"fault": self.address.scrubbed(str(error).strip()), "code": code}
        )
        if not code or code.startswith(_BROKEN):
            reason, remedy = "the connection to its server was lost", "Try again."
        elif code in ("55P03", "57014", "40P01"):
            reason, remedy = "another process is writing to it", "Try again."
        elif code == "25006":
            reason, remedy = "its server takes no writes", "Name the server that does."
        elif code.startswith("53"):
            reason, remedy = said, "Give the server more room: disk, memory or connections."
        else:
            reason, remedy = said, "`askscwru doctor` says what is amiss."
        return StorageError(self._said(self.address.scrubbed(reason)), remedy=remedy)
