"""Sources, posts, passages and the vocabulary, in one SQLite file that is only ever read.

A passage's row number is its place in the vector index and in the lexical index too.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from askscwru.errors import IndexDamaged, NotFoundError
from askscwru.files import writing
from askscwru.index.lexical import VOCABULARY_TABLE, Vocabulary, vocabulary_rows
from askscwru.letters import fold
from askscwru.types import Passage, Post, Source

RECORDS = "corpus.db"

_TABLES = """
CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, record TEXT NOT NULL);
CREATE TABLE texts (name TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL);
CREATE TABLE posts (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, title TEXT, published TEXT,
    words INTEGER, record TEXT NOT NULL
);
CREATE TABLE names (
    post_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL
);
CREATE INDEX names_folded ON names (kind, folded);
CREATE INDEX names_post ON names (post_id);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, post_id TEXT NOT NULL, kind TEXT NOT NULL,
    first_sentence INTEGER NOT NULL, sentences INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE INDEX passages_id ON passages (id);
CREATE INDEX passages_post ON passages (post_id);
"""
Record = TypeVar("Record")


class PostOrder(StrEnum):
    """In which order posts are listed; equal ones in the order of the pages."""

    PAGES = "number"
    NEWEST = "published IS NULL, published DESC, number"
    OLDEST = "published IS NULL, published, number"
    LONGEST = "words IS NULL, words DESC, number"
    SHORTEST = "words IS NULL, words, number"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a post must meet, as a clause over the table of the posts."""

    clause: str
    """Fixed text: what a user wrote is only ever in ``values``."""
    values: tuple[Any, ...] = ()

    @classmethod
    def named(cls, kind: str, names: Sequence[str]) -> Condition:
        """It has one of these names of a kind (author, blog, label)."""
        folded = tuple(fold(name) for name in names)
        return cls(
            f"id IN (SELECT post_id FROM names WHERE kind = ? AND folded IN ({_marks(folded)}))",  # noqa: S608
            (kind, *folded),
        )

    @classmethod
    def among(cls, ids: Collection[str]) -> Condition:
        """It is one of these."""
        return cls("id IN (SELECT value FROM json_each(?))", (json.dumps(sorted(ids)),))

    @classmethod
    def published(cls, after: str | None, before: str | None) -> Condition:
        """It was published on ``after`` or later, and before ``before``; its date is known."""
        clause = "published IS NOT NULL"
        clause += "" if after is None else " AND published >= ?"
        clause += "" if before is None else " AND published < ?"
        return cls(clause, tuple(day for day in (after, before) if day is not None))


DATED = Condition("published IS NOT NULL")
UNDATED = Condition("published IS NULL")
MEASURED = Condition("words IS NOT NULL")
UNTITLED = Condition("title IS NULL")
COMPLETE = Condition("json_extract(record, '$.complete')")
INCOMPLETE = Condition("NOT json_extract(record, '$.complete')")
STATED = Condition("json_extract(record, '$.word_count') IS NOT NULL")
_AT_ONCE = 500  # SQLite's oldest limit on parameters is 999

_SOURCES = TypeAdapter(Source)
_POSTS = TypeAdapter(Post)
_PASSAGES = TypeAdapter(Passage)


def write_records(
    path: Path,
    sources: Iterable[Source],
    posts: Sequence[Post],
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
            connection.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?)", _post_rows(posts))
            connection.executemany("INSERT INTO names VALUES (?, ?, ?, ?)", _name_rows(posts))
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)", _passage_rows(passages)
            )
            connection.executemany("INSERT INTO words VALUES (?, ?, ?)", vocabulary_rows(words))
            connection.executemany("INSERT INTO texts VALUES (?, ?)", texts)
            connection.commit()
        finally:
            connection.close()


def _post_rows(posts: Iterable[Post]) -> Iterable[tuple[Any, ...]]:
    for number, post in enumerate(posts):
        words = post.word_count if post.word_count or not post.complete else post.known_words
        record = _POSTS.dump_json(post).decode()
        yield number, post.id, post.title, post.published, words, record


def _name_rows(posts: Iterable[Post]) -> Iterable[tuple[str, str, str, str]]:
    """Authors, blog, categories and tags of each post, by the names that they are asked by."""
    for post in posts:
        kinds = (
            ("author", post.authors),
            ("blog", () if post.blog is None else (post.blog,)),
            ("label", tuple(dict.fromkeys((*post.categories, *post.tags)))),
        )
        for kind, names in kinds:
            for name in names:
                yield post.id, kind, name, fold(name)


def _passage_rows(passages: Iterable[Passage]) -> Iterable[tuple[Any, ...]]:
    first = 0
    for row, passage in enumerate(passages):
        count = len(passage.sentences)
        record = _PASSAGES.dump_json(passage).decode()
        yield row, passage.id, passage.post_id, passage.kind, first, count, record
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

    # -- posts by what is known of them ----------------------------------------------------------

    def select(self, conditions: Sequence[Condition], order: PostOrder) -> list[str]:
        """The ids of the posts that meet every condition, in an order."""
        where = " AND ".join(condition.clause for condition in conditions) or "1"
        values = [value for condition in conditions for value in condition.values]
        found = self._rows(f"SELECT id FROM posts WHERE {where} ORDER BY {order}", values)  # noqa: S608
        return [post_id for (post_id,) in found]

    def posts_of(self, ids: Sequence[str]) -> list[Post]:
        """The posts of these ids, in their order."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            found.update(
                self._rows(f"SELECT id, record FROM posts WHERE id IN ({_marks(some)})", some)  # noqa: S608
            )
        return [self._read(_POSTS, found[post_id]) for post_id in ids]

    def names(self, kind: str, ids: Sequence[str] | None = None) -> list[tuple[str, str, int]]:
        """Each name of a kind (author, blog, label), folded, and its number of posts, most first.

        Args:
            kind: of what.
            ids: only of these posts; None for all.
        """
        among, values = ("", []) if ids is None else _among(ids)
        return self._rows(
            "SELECT min(name), folded, count(DISTINCT post_id) AS many FROM names"  # noqa: S608
            f" WHERE kind = ?{among} GROUP BY folded ORDER BY many DESC, folded",
            [kind, *values],
        )

    def titles(self) -> list[tuple[str, str]]:
        """Id and title of every post that has a title."""
        return self._rows("SELECT id, title FROM posts WHERE title IS NOT NULL ORDER BY number", ())

    def dates(self, ids: Sequence[str] | None = None) -> tuple[str | None, str | None, int]:
        """First and last date of publication, and how many posts have one."""
        among, values = ("", []) if ids is None else _among(ids, "id")
        found = self._rows(
            "SELECT min(published), max(published), count(published) FROM posts"  # noqa: S608
            f" WHERE 1{among}",
            values,
        )
        first, last, count = found[0]
        return first, last, int(count)

    def passage_counts(self, ids: Sequence[str]) -> dict[str, int]:
        """How many passages of running text each of these posts has."""
        among, values = _among(ids)
        return dict(
            self._rows(
                "SELECT post_id, count(*) FROM passages WHERE kind = 'body'"  # noqa: S608
                f"{among} GROUP BY post_id",
                values,
            )
        )

    def kinds_of(self, rows: Sequence[int]) -> list[tuple[int, str, str]]:
        """Row, post and kind of passages."""
        found: list[tuple[int, str, str]] = []
        for start in range(0, len(rows), _AT_ONCE):
            some = [int(row) for row in rows[start : start + _AT_ONCE]]
            found += self._rows(
                f"SELECT row, post_id, kind FROM passages WHERE row IN ({_marks(some)})",  # noqa: S608
                some,
            )
        return found

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


def _among(ids: Sequence[str], column: str = "post_id") -> tuple[str, list[str]]:
    return f" AND {column} IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))]  # noqa: S608


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
