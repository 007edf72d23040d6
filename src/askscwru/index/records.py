"""Sources, posts, passages and the vocabulary, in one SQLite file that is only ever read.

A passage's row number is its place in the vector index and in the lexical index too.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from askscwru.errors import IndexDamaged, NotFoundError
from askscwru.files import writing
from askscwru.index.lexical import VOCABULARY_TABLE, Vocabulary, vocabulary_rows
from askscwru.types import Passage, Post, Source

RECORDS = "corpus.db"

_TABLES = """
CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, record TEXT NOT NULL);
CREATE TABLE texts (name TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL);
CREATE TABLE posts (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, record TEXT NOT NULL);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, post_id TEXT NOT NULL,
    first_sentence INTEGER NOT NULL, sentences INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE INDEX passages_id ON passages (id);
CREATE INDEX passages_post ON passages (post_id);
"""
Record = TypeVar("Record")
_AT_ONCE = 500  # SQLite's oldest limit on parameters is 999

_SOURCES = TypeAdapter(Source)
_POSTS = TypeAdapter(Post)
_PASSAGES = TypeAdapter(Passage)


def write_records(
    path: Path,
    sources: Iterable[Source],
    posts: Iterable[Post],
    passages: Iterable[Passage],
    words: Iterable[str],
    texts: Iterable[tuple[str, str]] = (),
) -> None:
    """Writes a new file; a passage's row number is its place in ``passages``.

    Args:
        path: must not exist.
        sources: in the order in which they are listed.
        posts: likewise.
        passages: likewise.
        words: all that the vocabulary is counted from.
        texts: name and text of each source whose text was extracted.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    with writing(path.parent):
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA journal_mode = OFF")  # nobody reads it before it is whole
            connection.execute("PRAGMA synchronous = OFF")  # it is flushed with its folder
            connection.executescript(_TABLES + VOCABULARY_TABLE)
            connection.executemany(
                "INSERT INTO sources VALUES (?, ?, ?)",
                ((n, s.name, _SOURCES.dump_json(s).decode()) for n, s in enumerate(sources)),
            )
            connection.executemany(
                "INSERT INTO posts VALUES (?, ?, ?)",
                ((n, p.id, _POSTS.dump_json(p).decode()) for n, p in enumerate(posts)),
            )
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)", _passage_rows(passages)
            )
            connection.executemany("INSERT INTO words VALUES (?, ?, ?)", vocabulary_rows(words))
            connection.executemany("INSERT INTO texts VALUES (?, ?)", texts)
            connection.commit()
        finally:
            connection.close()


def _passage_rows(passages: Iterable[Passage]) -> Iterable[tuple[Any, ...]]:
    first = 0
    for row, passage in enumerate(passages):
        count = len(passage.sentences)
        record = _PASSAGES.dump_json(passage).decode()
        yield row, passage.id, passage.post_id, first, count, record
        first += count


class Records:
    """The file, open; safe to use from many threads.

    One connection serves them all: it stays usable when a later build has removed the file.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file; raises ``IndexDamaged`` when it is not one of ours."""
        self.path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        self.vocabulary = Vocabulary(self._rows)
        self._rows("SELECT 1 FROM passages, words LIMIT 1", ())

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def sources(self) -> tuple[Source, ...]:
        """Every source, by name."""
        found = self._rows("SELECT record FROM sources ORDER BY number", ())
        return tuple(self._read(_SOURCES, record) for (record,) in found)

    def source(self, name: str) -> Source:
        """One source; raises ``NotFoundError``."""
        found = self._rows("SELECT record FROM sources WHERE name = ?", (name,))
        if not found:
            raise NotFoundError(f"There is no source {name!r}.", param="source")
        return self._read(_SOURCES, found[0][0])

    def text(self, name: str) -> str:
        """The text that was extracted for a source; raises ``NotFoundError``."""
        found = self._rows("SELECT text FROM texts WHERE name = ?", (name,))
        if not found:
            raise NotFoundError(f"There is no text of {name!r}.", param="source")
        return str(found[0][0])

    def posts(self) -> tuple[Post, ...]:
        """Every post, in the order of the pages."""
        found = self._rows("SELECT record FROM posts ORDER BY number", ())
        return tuple(self._read(_POSTS, record) for (record,) in found)

    def post(self, post_id: str) -> Post:
        """One post; raises ``NotFoundError``."""
        found = self._rows("SELECT record FROM posts WHERE id = ?", (post_id,))
        if not found:
            raise NotFoundError(f"There is no post {post_id!r}.", param="post_id")
        return self._read(_POSTS, found[0][0])

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of these rows, in the order of ``rows``."""
        found: dict[int, str] = {}
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            found.update(
                self._rows(
                    f"SELECT row, record FROM passages WHERE row IN ({_marks(some)})",  # noqa: S608
                    [int(row) for row in some],
                )
            )
        return [self._read(_PASSAGES, found[int(row)]) for row in rows]

    def rows_for(self, post_ids: Collection[str]) -> list[int]:
        """The rows of all passages of these posts, ascending."""
        ids = list(post_ids)
        rows: list[int] = []
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            found = self._rows(
                f"SELECT row FROM passages WHERE post_id IN ({_marks(some)})",  # noqa: S608
                some,
            )
            rows += [row for (row,) in found]
        return sorted(rows)

    def sentence_range(self, row: int) -> tuple[int, int]:
        """The rows of a passage's sentences among all sentences: first, and one past the last."""
        found = self._rows(
            "SELECT first_sentence, sentences FROM passages WHERE row = ?", (int(row),)
        )
        first, count = found[0]
        return first, first + count

    def check(self) -> None:
        """Reads the whole file; raises ``IndexDamaged`` when SQLite finds it unsound."""
        said = self._rows("PRAGMA quick_check", ())
        if said != [("ok",)]:
            raise IndexDamaged(f"{self.path} is damaged.", remedy="Run `askscwru index`.")

    def _rows(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _read(self, adapter: TypeAdapter[Record], text: str) -> Record:
        try:
            return adapter.validate_json(text)
        except ValidationError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> IndexDamaged:
        reason = str(error).splitlines()[0]
        return IndexDamaged(
            f"{self.path} cannot be read: {reason}.", remedy="Run `askscwru index`."
        )


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
