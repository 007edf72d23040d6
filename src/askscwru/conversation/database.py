"""Conversations, kept in a PostgreSQL database that several machines share.

The promises are those of a file: turns are numbered without a gap or a repeat, in the transaction
that writes them, which holds the conversation's row so that no other machine numbers one meanwhile.
A turn whose commit was cut off is kept once: when it comes again, the server is asked first.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from askscwru.addresses import DatabaseAddress
from askscwru.conversation.keeping import (
    Clock,
    escaped,
    heading_of,
    newest_of,
    plain_title,
    sound,
    stamped,
    the_one_of,
    unknown,
    utc_now,
    words_of,
)
from askscwru.conversation.kept import turn_from_json, turn_to_json
from askscwru.errors import InDoubtError, StorageError
from askscwru.postgres.server import BUSY_SECONDS, Connection, Server
from askscwru.types import Conversation, Turn

_HEADINGS = """
SELECT c.id, COALESCE(c.title, (SELECT question FROM askscwru.turns WHERE conversation = c.number
       AND number = 1), ''), c.created_at, c.updated_at, c.turns
FROM askscwru.conversations AS c
"""
_AT_ONCE = 500
"""How many turns are fetched at once where all are read."""


class _Open:
    """Turns of which it is not known whether they were kept."""

    def __init__(self, transaction: int, turns: tuple[Turn, ...]) -> None:
        self.transaction = transaction
        self.turns = turns
        """As they are kept, if they are."""


class DatabaseStore:
    """Conversations by id in one database; safe to use from many threads, on many machines."""

    def __init__(
        self,
        address: DatabaseAddress,
        *,
        clock: Clock = utc_now,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        """Connects to nothing until it is first used, and makes its tables then.

        Args:
            address: of the database.
            clock: tells the time, in UTC.
            busy_seconds: how long a write waits for other processes.

        Raises:
            UsageError: the extra ``postgres`` is not installed.
        """
        self.server = Server(address, busy_seconds=busy_seconds)
        self._clock = clock
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    @property
    def path(self) -> Path | None:
        """None: it is in no file."""
        return None

    @property
    def shared(self) -> bool:
        """Other machines write to it."""
        return True

    @property
    def file(self) -> int | None:
        """Which database has been found at the address: 1 for the first."""
        return self.server.databases or None

    # -- writing ---------------------------------------------------------------------------------

    def create(self) -> str:
        """Begins an empty conversation and returns its id.

        Raises:
            StorageError: it cannot be kept.
        """
        conversation_id = uuid.uuid4().hex
        self.server.write(lambda connection: self._begin(connection, conversation_id))
        return conversation_id

    def append(self, conversation_id: str, turn: Turn) -> Turn:
        """Adds a turn as the last one, and returns it with its number and time.

        Raises:
            NotFoundError: the conversation was deleted.
            StorageError: it cannot be kept.
        """
        return self.extend(conversation_id, (turn,))[-1]

    def extend(self, conversation_id: str, turns: Sequence[Turn]) -> tuple[Turn, ...]:
        """Adds turns as the last ones, all or none of them.

        Where it failed for a lost connection, the same turns at the beginning of a later call are
        not written twice.

        Raises:
            NotFoundError: the conversation was deleted.
            StorageError: they cannot be kept. Nothing has changed then; or, of an
                ``InDoubtError``, it is not known whether.
        """
        tried: tuple[Turn, ...] = ()

        def work(connection: Connection) -> tuple[Turn, ...]:
            nonlocal tried
            before = self._kept_before(connection, conversation_id, turns)
            tried = self._extended(connection, conversation_id, turns[len(before) :])
            return (*before, *tried)

        try:
            kept = self.server.write(work)
        except InDoubtError as error:
            with self._lock:
                self._open[conversation_id] = _Open(error.transaction, tried)
            raise
        with self._lock:
            self._open.pop(conversation_id, None)
        return kept

    def own(self, conversation_id: str, owner: str) -> None:
        """Says in whose list a conversation is; the first who is named stays it.

        Raises:
            StorageError: it cannot be kept.
        """
        self.server.write(
            lambda connection: connection.execute(
                "INSERT INTO askscwru.owners VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (_held(conversation_id), _held(owner)),
            )
        )

    def rename(self, conversation_id: str, title: str) -> None:
        """Gives a conversation a title of its own.

        Raises:
            NotFoundError: there is no such conversation.
            UsageError: the title is blank or too long.
            StorageError: it cannot be kept.
        """
        plain = _held(plain_title(title))
        self._change(conversation_id, "title = %s, title_words = %s", plain, plain.casefold())

    def delete(self, conversation_id: str) -> None:
        """Takes a conversation away; ``undelete`` brings it back until ``prune`` is run.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be written.
        """
        self._change(conversation_id, "deleted_at = %s", self._clock())

    def undelete(self, conversation_id: str) -> None:
        """Brings a deleted conversation back.

        Raises:
            NotFoundError: none of that id was deleted, or it was pruned.
            StorageError: it cannot be written.
        """

        def work(connection: Connection) -> None:
            done = connection.execute(
                "UPDATE askscwru.conversations SET deleted_at = NULL"
                " WHERE id = %s AND deleted_at IS NOT NULL",
                (_held(conversation_id),),
            )
            if not done.rowcount:
                raise unknown(conversation_id)

        self.server.write(work)

    def prune(self, *, deleted_before: datetime, unused_since: datetime | None = None) -> int:
        """Removes conversations for good, and returns how many.

        Args:
            deleted_before: those that were deleted before then.
            unused_since: those, too, that have had no turn since then; None for none of them.

        Raises:
            StorageError: it cannot be written.
        """

        def work(connection: Connection) -> int:
            done = connection.execute(
                "WITH gone AS (DELETE FROM askscwru.conversations"
                " WHERE deleted_at < %s OR updated_at < %s RETURNING id), disowned AS ("
                "DELETE FROM askscwru.owners USING gone WHERE conversation = gone.id)"
                " SELECT COUNT(*) FROM gone",
                (deleted_before, unused_since),
            )
            return int(done.fetchone()[0])

        return self.server.write(work)

    def alone(self, conversation_id: str) -> AbstractContextManager[None]:
        """Keeps the turns of other machines in this conversation waiting while it is entered.

        Raises:
            StorageError: the server is away, or another machine takes too long.
        """
        return self.server.alone(f"askscwru turn {conversation_id}")

    # -- reading ---------------------------------------------------------------------------------

    def recent(self, conversation_id: str, most: int) -> tuple[Turn, ...]:
        """The last ``most`` turns, in order; the cost does not grow with the conversation.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be read.
        """

        def work(connection: Connection) -> list[str]:
            key = self._key(connection, conversation_id)
            rows = connection.execute(
                "SELECT record FROM askscwru.turns WHERE conversation = %s"
                " ORDER BY number DESC LIMIT %s",
                (key, most),
            ).fetchall()
            return [record for (record,) in reversed(rows)]

        return tuple(self._turn(record) for record in self.server.read(work))

    def conversation(self, conversation_id: str) -> Conversation:
        """A whole conversation.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be read.
        """

        def work(connection: Connection) -> tuple[Any, list[str]]:
            key = self._key(connection, conversation_id)
            heading = connection.execute(f"{_HEADINGS} WHERE c.number = %s", (key,)).fetchone()
            rows = connection.execute(
                "SELECT record FROM askscwru.turns WHERE conversation = %s ORDER BY number", (key,)
            ).fetchall()
            return heading, [record for (record,) in rows]

        heading, records = self.server.read(work)
        return replace(_listed(heading), turns=tuple(self._turn(record) for record in records))

    def conversations(
        self,
        *,
        containing: str = "",
        most: int = 100,
        skip: int = 0,
        deleted: bool = False,
        owner: str | None = None,
    ) -> tuple[Conversation, ...]:
        """Conversations without their turns, as every ``ConversationStore`` lists them."""
        told: list[str] = [f"c.deleted_at IS {'NOT NULL' if deleted else 'NULL'}"]
        values: list[object] = []
        patterns = [f"%{escaped(_held(word))}%" for word in containing.casefold().split()]
        if patterns:
            held = " AND ".join(["words LIKE %s ESCAPE '!'"] * len(patterns))
            named = " AND ".join(["c.title_words LIKE %s ESCAPE '!'"] * len(patterns))
            told.append(
                f"(c.number IN (SELECT conversation FROM askscwru.turns WHERE {held})"  # noqa: S608
                f" OR ({named}))"
            )
            values = [*patterns, *patterns]
        if owner is not None:
            told.append("c.id IN (SELECT conversation FROM askscwru.owners WHERE owner = %s)")
            values.append(_held(owner))
        statement = (
            f"{_HEADINGS} WHERE {' AND '.join(told)} "
            "ORDER BY c.written DESC NULLS LAST, c.number DESC LIMIT %s OFFSET %s"
        )
        rows = self.server.read(
            lambda connection: connection.execute(statement, (*values, most, skip)).fetchall()
        )
        return tuple(_listed(row) for row in rows)

    def find(self, typed: str, *, deleted: bool = False) -> str:
        """The id that was meant, as every ``ConversationStore`` finds it."""
        wanted = "IS NOT NULL" if deleted else "IS NULL"
        statement = (
            "SELECT id FROM askscwru.conversations WHERE lower(id) LIKE lower(%s) ESCAPE '!'"  # noqa: S608
            f" AND deleted_at {wanted} ORDER BY number DESC LIMIT 100"
        )
        rows = self.server.read(
            lambda connection: connection.execute(
                statement, (f"{escaped(_held(typed))}%",)
            ).fetchall()
        )
        return the_one_of([str(known) for (known,) in rows], typed, deleted=deleted)

    def faults(self) -> tuple[int, int, list[tuple[str, int]]]:
        """Reads every turn: how many conversations and turns, and which turns are damaged.

        Raises:
            StorageError: they cannot be read.
        """

        def work(connection: Connection) -> tuple[int, int, list[tuple[str, int]]]:
            (many,) = connection.execute("SELECT COUNT(*) FROM askscwru.conversations").fetchone()
            turns, bad = 0, []
            with connection.cursor(name="every_turn") as cursor:
                cursor.itersize = _AT_ONCE
                cursor.execute(
                    "SELECT c.id, t.number, t.record FROM askscwru.turns AS t"
                    " JOIN askscwru.conversations AS c ON c.number = t.conversation"
                )
                for known, number, record in cursor:
                    turns += 1
                    try:
                        turn_from_json(record)
                    except (ValueError, KeyError, TypeError):
                        bad.append((str(known), int(number)))
            return int(many), turns, bad

        return self.server.read(work)

    def last(self) -> str:
        """The id of the conversation whose turn was written last; raises ``NotFoundError``."""
        return newest_of(self.conversations(most=1))

    def now(self) -> str:
        """The moment as turns are stamped with it: ISO date and time, in UTC."""
        return stamped(self._clock())

    def close(self) -> None:
        """Lets go of the connections; a later call opens new ones."""
        self.server.close()

    # -- rungs -----------------------------------------------------------------------------------

    def _begin(self, connection: Connection, conversation_id: str) -> None:
        now = self._clock()
        connection.execute(
            "INSERT INTO askscwru.conversations (id, created_at, updated_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (id) DO NOTHING",
            (_held(conversation_id), now, now),
        )

    def _extended(
        self, connection: Connection, conversation_id: str, turns: Sequence[Turn]
    ) -> tuple[Turn, ...]:
        if not turns:
            return ()
        found = self._locked(connection, conversation_id)
        if found is None:
            self._begin(connection, conversation_id)
            found = self._locked(connection, conversation_id)
        key, many, deleted_at = found
        if deleted_at is not None:
            raise unknown(conversation_id)
        kept = tuple(
            replace(turn, number=number, asked_at=turn.asked_at or self.now())
            for number, turn in enumerate(turns, int(many) + 1)
        )
        for t in kept:  # one, but for those that could not be kept before it
            connection.execute(
                "INSERT INTO askscwru.turns VALUES (%s, %s, %s, %s, %s)",
                (key, t.number, _held(t.question), _held(words_of(t)), turn_to_json(t)),
            )
        connection.execute(
            "UPDATE askscwru.conversations SET updated_at = %s, turns = %s,"
            " written = nextval('askscwru.writing') WHERE number = %s",
            (self._clock(), kept[-1].number, key),
        )
        return kept

    def _kept_before(
        self, connection: Connection, conversation_id: str, turns: Sequence[Turn]
    ) -> tuple[Turn, ...]:
        """Those turns at the beginning that an earlier call has kept without being told so."""
        with self._lock:
            known = self._open.get(conversation_id)
        if known is None or not _same(known.turns, turns[: len(known.turns)]):
            return ()
        told = self.server.committed(connection, known.transaction)
        if told is None:
            raise StorageError(
                f"The conversations in {self.server.address} cannot be used: what became of the"
                " turn before is not known yet.",
                remedy="Try again.",
            )
        # A standby that took over without the last commits may have used its number again.
        there = told and self._are_there(connection, conversation_id, known.turns)
        return known.turns if there else ()

    def _are_there(
        self, connection: Connection, conversation_id: str, turns: Sequence[Turn]
    ) -> bool:
        rows = connection.execute(
            "SELECT record FROM askscwru.turns AS t JOIN askscwru.conversations AS c"
            " ON c.number = t.conversation WHERE c.id = %s AND t.number = ANY(%s)",
            (_held(conversation_id), [turn.number for turn in turns]),
        ).fetchall()
        return {turn_to_json(turn) for turn in turns} == {record for (record,) in rows}

    def _locked(self, connection: Connection, conversation_id: str) -> Any:
        """Number, turns and deletion of a conversation, which nobody else changes meanwhile."""
        return connection.execute(
            "SELECT number, turns, deleted_at FROM askscwru.conversations WHERE id = %s FOR UPDATE",
            (_held(conversation_id),),
        ).fetchone()

    def _change(self, conversation_id: str, assignment: str, *values: object) -> None:
        def work(connection: Connection) -> None:
            key = self._key(connection, conversation_id)
            connection.execute(
                f"UPDATE askscwru.conversations SET {assignment} WHERE number = %s",  # noqa: S608
                (*values, key),
            )

        self.server.write(work)

    def _key(self, connection: Connection, conversation_id: str) -> int:
        found = connection.execute(
            "SELECT number FROM askscwru.conversations WHERE id = %s AND deleted_at IS NULL",
            (_held(conversation_id),),
        ).fetchone()
        if not found:
            raise unknown(conversation_id)
        return int(found[0])

    def _turn(self, record: str) -> Turn:
        try:
            return turn_from_json(record)
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"The conversations in {self.server.address} cannot be used: a turn is not as it"
                f" was written ({error}).",
                remedy="`askscwru doctor` names it.",
            ) from error


def _held(text: str) -> str:
    """``text`` without what PostgreSQL cannot hold."""
    return sound(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _same(kept: Sequence[Turn], given: Sequence[Turn]) -> bool:
    """Whether turns are the same but for what keeping them sets."""
    return [replace(t, number=0, asked_at="") for t in kept] == [
        replace(t, number=0, asked_at="") for t in given
    ]


def _listed(row: Sequence[Any]) -> Conversation:
    known, title, created_at, updated_at, many = row
    return heading_of((known, title, stamped(created_at), stamped(updated_at), many))
