"""Conversations, kept in one SQLite file or in memory.

The file may be used by many threads and processes at once: every change is one transaction that
takes the write lock first, so that turns are numbered from 1 without a gap or a repeat, and a
process killed half-way leaves the conversation as it was. Each turn is kept as the JSON that shows
it again; nothing in it needs the index.

A store opens its file when it is first used, and says what is wrong with it as a ``StorageError``.
A file that was deleted or replaced meanwhile is noticed, and the one that is there now is used.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

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
from askscwru.errors import StorageError
from askscwru.types import Conversation, Turn

SCHEMA = 1
"""The version of the tables, kept in the file; a file of a later version is left alone."""
APPLICATION = 0x41534B53
"""Marks the file as one of askscwru's (SQLite's ``application_id``)."""
BUSY_SECONDS = 5.0
"""How long a write waits for another process to finish its own."""
IN_MEMORY = 1_000
"""The most conversations that are kept in memory: the oldest make room."""
_OWN = 0o600
"""The permissions of the file and its journals: what was asked is nobody else's to read."""

_TABLES = """
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, title TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT
);
CREATE TABLE turns (
    conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, words TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE INDEX conversations_updated ON conversations (updated_at);
"""
_HEADINGS = """
SELECT c.id, COALESCE(c.title, (SELECT question FROM turns WHERE conversation = c.number
       AND number = 1), ''), c.created_at, c.updated_at,
       (SELECT COUNT(*) FROM turns WHERE conversation = c.number)
FROM conversations AS c
"""
_OWNERS = """
CREATE TABLE IF NOT EXISTS owners (conversation TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL)
"""
"""Made when a first conversation has one; files without it, and programs that do not know it, are
as they were."""
# Turns are in the table in the order in which they were written, whatever the clock said.
_LAST_TURN = "(SELECT rowid FROM turns WHERE conversation = c.number ORDER BY number DESC LIMIT 1)"
_FileId = tuple[int, int]
"""Device and number of a file: another one at the same path has another."""


class Store:
    """Conversations by id; safe to use from many threads, and from many processes at once."""

    def __init__(
        self, path: Path | None, *, clock: Clock = utc_now, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """A store in a file that is made when it is first needed; None for one in memory.

        Args:
            path: the file.
            clock: tells the time, in UTC.
            busy_seconds: how long a write waits for other processes.
        """
        self.path = path
        self._clock = clock
        self._busy = busy_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: _FileId | None = None
        self._files = 0
        self._journals: dict[Path, _FileId | None] = {}

    @classmethod
    def in_memory(cls) -> Self:
        """A store that is gone with the process; it holds the newest ``IN_MEMORY``."""
        return cls(None)

    # -- writing ---------------------------------------------------------------------------------

    def create(self) -> str:
        """Begins an empty conversation and returns its id.

        Raises:
            StorageError: it cannot be kept.
        """
        conversation_id = uuid.uuid4().hex
        with self._writing() as connection:
            self._begin(connection, conversation_id)
        return conversation_id

    def append(self, conversation_id: str, turn: Turn) -> Turn:
        """Adds a turn as the last one, and returns it with its number and time.

        The conversation is begun when there is none of that id.

        Args:
            conversation_id: as ``create`` gives it, or another text that no other one has.
            turn: its own number does not matter.

        Raises:
            NotFoundError: the conversation was deleted.
            StorageError: it cannot be kept; nothing has changed then.
        """
        return self.extend(conversation_id, (turn,))[-1]

    def extend(self, conversation_id: str, turns: Sequence[Turn]) -> tuple[Turn, ...]:
        """Adds turns as the last ones, all or none of them; otherwise as ``append``.

        Raises:
            NotFoundError: the conversation was deleted.
            StorageError: they cannot be kept; nothing has changed then.
        """
        with self._writing() as connection:
            found = connection.execute(
                "SELECT number, deleted_at FROM conversations WHERE id = ?", (conversation_id,)
            ).fetchone()
            if found and found[1] is not None:
                raise unknown(conversation_id)
            key = int(found[0]) if found else self._begin(connection, conversation_id)
            (last,) = connection.execute(
                "SELECT COALESCE(MAX(number), 0) FROM turns WHERE conversation = ?", (key,)
            ).fetchone()
            kept = tuple(
                replace(turn, number=number, asked_at=turn.asked_at or self.now())
                for number, turn in enumerate(turns, int(last) + 1)
            )
            connection.executemany(
                "INSERT INTO turns VALUES (?, ?, ?, ?, ?)",
                [(key, t.number, sound(t.question), words_of(t), turn_to_json(t)) for t in kept],
            )
            connection.execute(
                "UPDATE conversations SET updated_at = ? WHERE number = ?", (self.now(), key)
            )
        return kept

    def own(self, conversation_id: str, owner: str) -> None:
        """Says in whose list a conversation is; the first who is named stays it.

        Raises:
            StorageError: it cannot be kept.
        """
        with self._writing() as connection:
            connection.execute(_OWNERS)
            connection.execute(
                "INSERT OR IGNORE INTO owners VALUES (?, ?)", (conversation_id, owner)
            )

    def rename(self, conversation_id: str, title: str) -> None:
        """Gives a conversation a title of its own.

        Raises:
            NotFoundError: there is no such conversation.
            UsageError: the title is blank or longer than ``LONGEST_TITLE``.
            StorageError: it cannot be kept.
        """
        self._change(conversation_id, "title = ?", plain_title(title))

    def delete(self, conversation_id: str) -> None:
        """Takes a conversation away; ``undelete`` brings it back until ``prune`` is run.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be written.
        """
        self._change(conversation_id, "deleted_at = ?", self.now())

    def undelete(self, conversation_id: str) -> None:
        """Brings a deleted conversation back.

        Raises:
            NotFoundError: none of that id was deleted, or it was pruned.
            StorageError: it cannot be written.
        """
        with self._writing() as connection:
            done = connection.execute(
                "UPDATE conversations SET deleted_at = NULL "
                "WHERE id = ? AND deleted_at IS NOT NULL",
                (conversation_id,),
            )
            if not done.rowcount:
                raise unknown(conversation_id)

    def prune(self, *, deleted_before: datetime, unused_since: datetime | None = None) -> int:
        """Removes conversations for good, and returns how many.

        Args:
            deleted_before: those that were deleted before then.
            unused_since: those, too, that have had no turn since then; None for none of them.

        Raises:
            StorageError: it cannot be written.
        """
        with self._writing() as connection:
            done = connection.execute(
                "DELETE FROM conversations WHERE deleted_at < ? OR updated_at < ?",
                (stamped(deleted_before), stamped(unused_since) if unused_since else ""),
            )
            return done.rowcount

    # -- reading ---------------------------------------------------------------------------------

    def recent(self, conversation_id: str, most: int) -> tuple[Turn, ...]:
        """The last ``most`` turns, in order; the cost does not grow with the conversation.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be read.
        """
        with self._reading() as connection:
            key = self._key(connection, conversation_id)
            rows = connection.execute(
                "SELECT record FROM turns WHERE conversation = ? ORDER BY number DESC LIMIT ?",
                (key, most),
            ).fetchall()
        return tuple(self._turn(record) for (record,) in reversed(rows))

    def conversation(self, conversation_id: str) -> Conversation:
        """A whole conversation.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be read.
        """
        with self._reading() as connection:
            key = self._key(connection, conversation_id)
            heading = connection.execute(f"{_HEADINGS} WHERE c.number = ?", (key,)).fetchone()
            rows = connection.execute(
                "SELECT record FROM turns WHERE conversation = ? ORDER BY number", (key,)
            ).fetchall()
        return replace(heading_of(heading), turns=tuple(self._turn(record) for (record,) in rows))

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
        told, values = [f"c.deleted_at IS {'NOT NULL' if deleted else 'NULL'}"], []
        patterns = [f"%{escaped(word)}%" for word in containing.casefold().split()]
        if patterns:
            held = " AND ".join(["words LIKE ? ESCAPE '!'"] * len(patterns))
            named = " AND ".join(["folded(c.title) LIKE ? ESCAPE '!'"] * len(patterns))
            told.append(
                f"(c.number IN (SELECT conversation FROM turns WHERE {held}) OR ({named}))"  # noqa: S608
            )
            values = [*patterns, *patterns]
        if owner is not None:
            told.append("c.id IN (SELECT conversation FROM owners WHERE owner = ?)")
            values = [*values, owner]
        statement = (
            f"{_HEADINGS} WHERE {' AND '.join(told)} "
            f"ORDER BY {_LAST_TURN} DESC, c.number DESC LIMIT ? OFFSET ?"
        )
        with self._reading() as connection:
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'owners'")
            if owner is not None and known.fetchone() is None:
                return ()
            rows = connection.execute(statement, (*values, most, skip)).fetchall()
        return tuple(heading_of(row) for row in rows)

    def find(self, typed: str, *, deleted: bool = False) -> str:
        """The id that was meant, as every ``ConversationStore`` finds it."""
        wanted = "IS NOT NULL" if deleted else "IS NULL"
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT id FROM conversations WHERE id LIKE ? ESCAPE '!' AND deleted_at {wanted}"  # noqa: S608
                " ORDER BY number DESC LIMIT 100",
                (f"{escaped(sound(typed))}%",),
            ).fetchall()
        return the_one_of([str(known) for (known,) in rows], typed, deleted=deleted)

    def faults(self) -> tuple[int, int, list[tuple[str, int]]]:
        """Reads every byte: how many conversations and turns, and which turns are damaged.

        Returns:
            The number of conversations, that of their turns, and for every turn that cannot be
            read the conversation's id and the turn's number; deleted ones are counted too.

        Raises:
            StorageError: the file as a whole cannot be read, or SQLite finds it damaged.
        """
        with self._reading() as connection:
            told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            if told != ["ok"]:
                raise self._error(told[0], sqlite3.SQLITE_CORRUPT)
            (many,) = connection.execute("SELECT COUNT(*) FROM conversations").fetchone()
            turns, bad = 0, []
            for known, number, record in connection.execute(
                "SELECT c.id, t.number, t.record FROM turns AS t"
                " JOIN conversations AS c ON c.number = t.conversation"
            ):
                turns += 1
                try:
                    turn_from_json(record)
                except (ValueError, KeyError, TypeError):
                    bad.append((str(known), int(number)))
        return int(many), turns, bad

    def last(self) -> str:
        """The id of the conversation whose turn was written last; raises ``NotFoundError``."""
        return newest_of(self.conversations(most=1))

    def now(self) -> str:
        """The moment as turns are stamped with it: ISO date and time, in UTC."""
        return stamped(self._clock())

    @property
    def file(self) -> int | None:
        """Which file it has open: 1 for the first, 2 for the one in its place, and so on.

        None with no file open. It is no number of the system's, which gives those out again.
        """
        return None if self._connection is None else self._files

    @property
    def shared(self) -> bool:
        """A file is one machine's."""
        return False

    def alone(self, conversation_id: str) -> AbstractContextManager[None]:
        """Keeps nobody waiting: whoever serves from one file keeps turns in order by itself."""
        return nullcontext()

    def close(self) -> None:
        """Lets go of the file; a later call opens it again. What was in memory is gone."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # -- rungs -----------------------------------------------------------------------------------

    def _begin(self, connection: sqlite3.Connection, conversation_id: str) -> int:
        now = self.now()
        done = connection.execute(
            "INSERT INTO conversations (id, created_at, updated_at) VALUES (?, ?, ?)",
            (conversation_id, now, now),
        )
        if self.path is None:
            connection.execute(
                "DELETE FROM conversations WHERE number <= ?", ((done.lastrowid or 0) - IN_MEMORY,)
            )
        return int(done.lastrowid or 0)

    def _change(self, conversation_id: str, assignment: str, value: str) -> None:
        with self._writing() as connection:
            key = self._key(connection, conversation_id)
            connection.execute(
                f"UPDATE conversations SET {assignment} WHERE number = ?",  # noqa: S608
                (value, key),
            )

    def _key(self, connection: sqlite3.Connection, conversation_id: str) -> int:
        found = connection.execute(
            "SELECT number FROM conversations WHERE id = ? AND deleted_at IS NULL",
            (sound(conversation_id),),
        ).fetchone()
        if not found:
            raise unknown(conversation_id)
        return int(found[0])

    def _turn(self, record: str) -> Turn:
        try:
            return turn_from_json(record)
        except (ValueError, KeyError, TypeError) as error:
            raise self._error(f"a turn of it is not as it was written ({error})") from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            connection = self._open()
            connection.execute("BEGIN")  # what is read together is of one moment
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            if self._moved():  # it was written into a file that nobody will find again
                raise self._error("it was deleted or replaced meanwhile", sqlite3.SQLITE_BUSY)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._error(str(error), getattr(error, "sqlite_errorcode", 0) & 0xFF) from error
        except OSError as error:
            raise self._error(error.strerror or str(error)) from error

    def _open(self) -> sqlite3.Connection:
        moved = self._connection is not None and self._moved()
        if moved:
            self.close()  # what is written into it would be gone with the process
            self._leave_journals()
        if self._connection is None:
            self._make_file()
            connection = self._connect()
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            connection.execute("SELECT 1 FROM turns LIMIT 1").fetchone()  # opens the journals
            opened = None if self.path is None else _file_id(self.path)
            if moved or not self._files or opened != self._opened:
                self._files += 1
            self._connection, self._opened = connection, opened
            self._journals = {path: _file_id(path) for path in self._journal_paths()}
        return self._connection

    def _moved(self) -> bool:
        """Whether the open file is not the one that is at its path any more."""
        return self.path is not None and self._opened != _file_id(self.path)

    def _leave_journals(self) -> None:
        """Removes the journals of a file that was replaced: they would spoil the one in its place.

        Those that another process has made for the new file meanwhile are left alone.
        """
        for path, known in self._journals.items():
            if known is not None and _file_id(path) == known:
                path.unlink(missing_ok=True)

    def _journal_paths(self) -> tuple[Path, ...]:
        return () if self.path is None else (Path(f"{self.path}-wal"), Path(f"{self.path}-shm"))

    def _make_file(self) -> None:
        """Makes an empty file for its owner alone; one that everybody may read is closed to them.

        SQLite gives its journals the permissions of the file. One that was opened to a group on
        purpose stays as it is.
        """
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWN))
        except FileExistsError:
            for path in (self.path, *self._journal_paths()):
                with suppress(OSError):  # it may be somebody else's, who shares it with us
                    if path.stat().st_mode & stat.S_IRWXO:
                        path.chmod(_OWN)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            ":memory:" if self.path is None else self.path,
            timeout=self._busy,
            isolation_level=None,
            check_same_thread=False,
        )

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Makes the tables in a new file, and refuses one that is not ours."""
        connection.create_function("folded", 1, _folded, deterministic=True)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN")  # its number and its tables are of one moment
        ours = self._is_ours(connection)
        connection.execute("COMMIT")
        if not ours:
            connection.execute("BEGIN IMMEDIATE")
            if not self._is_ours(connection):  # another process may have been quicker
                for statement in _TABLES.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
            connection.execute("COMMIT")
            self._write_ahead(connection)

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Lets others read while one writes, once for the life of the file.

        SQLite does not wait for other processes when it changes the mode, so that is done here.
        """
        patience = time.monotonic() + self._busy
        while self.path is not None:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > patience:
                    raise
                time.sleep(0.01)

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether the tables are there; False in an empty file.

        Raises:
            StorageError: it is another program's, or a later version's.
        """
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if not tables:
            return False
        if application != APPLICATION:
            raise self._error("it is not a file of conversations", sqlite3.SQLITE_NOTADB)
        if version > SCHEMA:
            raise StorageError(
                f"{self.path} was written by a later askscwru (format {version}; this one knows"
                f" {SCHEMA}).",
                remedy="Upgrade askscwru, or choose another file with ASKSCWRU_CONVERSATIONS.",
            )
        return True

    def _error(self, reason: str, code: int = 0) -> StorageError:
        remedies = {
            sqlite3.SQLITE_FULL: "Free some space on that disk.",
            sqlite3.SQLITE_BUSY: "Another process is writing to it: try again.",
            sqlite3.SQLITE_LOCKED: "Another process is writing to it: try again.",
            sqlite3.SQLITE_CORRUPT: "Move the file away; a new one will be begun.",
            sqlite3.SQLITE_NOTADB: "Move the file away; a new one will be begun.",
        }
        other = "Make it writable, or choose another file with ASKSCWRU_CONVERSATIONS."
        return StorageError(
            f"The conversations in {self.path or 'memory'} cannot be used: {reason.rstrip('.')}.",
            remedy=remedies.get(code, other),
        )


def _file_id(path: Path) -> _FileId | None:
    """Of what is at the path now; None where nothing is."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _folded(text: str | None) -> str:
    return "" if text is None else text.casefold()
