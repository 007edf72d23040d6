"""Sources, posts, passages and the vocabulary, in one SQLite file that is only ever read.

A passage's row number is its place in the vector index and in the lexical index too, and those of a
post stand side by side. What is looked through (dates, names, kinds) lies apart from the records in
JSON, so that looking through it reads a few bytes of each post.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from askscwru.errors import IndexDamaged, NotFoundError
from askscwru.files import writing
from askscwru.index.lexical import VOCABULARY_TABLE, Vocabulary, vocabulary_rows
from askscwru.index.titles import TITLE_TABLES, Titles, write_title
from askscwru.letters import fold
from askscwru.types import Passage, Post, Source

RECORDS = "corpus.db"

_TABLES = """
CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, record TEXT NOT NULL);
CREATE TABLE texts (name TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL);
CREATE TABLE posts (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, title TEXT, published TEXT, words INTEGER,
    complete INTEGER NOT NULL, stated INTEGER NOT NULL, first_row INTEGER, passages INTEGER
);
CREATE INDEX posts_published ON posts (published);
CREATE INDEX posts_words ON posts (words);
CREATE TABLE post_records (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE names (
    kind TEXT NOT NULL, folded TEXT NOT NULL, post INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (kind, folded, post, name)
) WITHOUT ROWID;
CREATE INDEX names_post ON names (post, kind);
CREATE TABLE known (
    kind TEXT NOT NULL, folded TEXT NOT NULL, name TEXT NOT NULL, posts INTEGER NOT NULL,
    PRIMARY KEY (kind, folded)
) WITHOUT ROWID;
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, post INTEGER NOT NULL, kind TEXT NOT NULL,
    first_sentence INTEGER NOT NULL, sentences INTEGER NOT NULL
);
CREATE TABLE passage_records (row INTEGER PRIMARY KEY, record TEXT NOT NULL);
"""
_KNOWN = """
INSERT INTO known
SELECT kind, folded, min(name), count(DISTINCT post) FROM names
WHERE kind IN ('author', 'blog', 'label') GROUP BY kind, folded
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
    said: tuple[str, ...] = ()
    """The same in words that another store filters by: ``("named", kind, name, …)`` or
    ``("published", after, before)``; empty where it cannot be said so."""

    @classmethod
    def named(cls, kind: str, names: Sequence[str]) -> Condition:
        """It has one of these names of a kind: author, surname, blog, category, tag, label."""
        folded = tuple(fold(name) for name in names)
        return cls(
            f"number IN (SELECT post FROM names WHERE kind = ? AND folded IN ({_marks(folded)}))",  # noqa: S608
            (kind, *folded),
            ("named", kind, *folded),
        )

    @classmethod
    def standing_in(cls, source: str) -> Condition:
        """It, or a copy of it, stands in a source of this name."""
        clause = "number IN (SELECT post FROM names WHERE kind = 'source' AND folded = ?)"
        return cls(clause, (source,), ("named", "source", source))

    @classmethod
    def among(cls, ids: Collection[str]) -> Condition:
        """It is one of these."""
        if isinstance(ids, PostSet):
            where, values = _where(ids.conditions)
            return cls(f"number IN (SELECT number FROM posts WHERE {where})", tuple(values))  # noqa: S608
        return cls("id IN (SELECT value FROM json_each(?))", (json.dumps(sorted(ids)),))

    @classmethod
    def published(cls, after: str | None, before: str | None) -> Condition:
        """It was published on ``after`` or later, and before ``before``; its date is known."""
        clause = "published IS NOT NULL"
        clause += "" if after is None else " AND published >= ?"
        clause += "" if before is None else " AND published < ?"
        values = tuple(day for day in (after, before) if day is not None)
        return cls(clause, values, ("published", after or "", before or ""))


DATED = Condition("published IS NOT NULL")
UNDATED = Condition("published IS NULL")
MEASURED = Condition("words IS NOT NULL")
UNTITLED = Condition("title IS NULL")
COMPLETE = Condition("complete")
INCOMPLETE = Condition("NOT complete")
STATED = Condition("stated")
NAMELESS = Condition("number NOT IN (SELECT post FROM names WHERE kind = 'author')")
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

    Everything is read once and written as it comes.

    Args:
        path: must not exist.
        sources: in the order in which they are listed.
        posts: likewise.
        passages: likewise, those of a post side by side.
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
            connection.executescript(_TABLES + TITLE_TABLES + VOCABULARY_TABLE)
            connection.executemany(
                "INSERT INTO sources VALUES (?, ?, ?)",
                ((n, s.name, _SOURCES.dump_json(s).decode()) for n, s in enumerate(sources)),
            )
            numbers = _write_posts(connection, posts)
            connection.execute(_KNOWN)
            _write_passages(connection, passages, numbers)
            connection.executemany(
                "INSERT INTO words VALUES (?, ?, ?, ?, ?)", vocabulary_rows(words)
            )
            connection.executemany("INSERT INTO texts VALUES (?, ?)", texts)
            connection.execute("ANALYZE")
            connection.commit()
        finally:
            connection.close()


def _write_posts(connection: sqlite3.Connection, posts: Iterable[Post]) -> dict[str, int]:
    """Writes the posts, their names and their titles; returns the number of each by its id."""
    numbers: dict[str, int] = {}
    for number, post in enumerate(posts):
        numbers[post.id] = number
        words = post.word_count if post.word_count or not post.complete else post.known_words
        stated = post.word_count is not None
        connection.execute(
            "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            (number, post.id, post.title, post.published, words, post.complete, stated),
        )
        connection.execute(
            "INSERT INTO post_records VALUES (?, ?)", (number, _POSTS.dump_json(post).decode())
        )
        connection.executemany(
            "INSERT OR IGNORE INTO names VALUES (?, ?, ?, ?)", _names(number, post)
        )
        if post.title is not None:
            write_title(connection, number, post.title)
    return numbers


def _names(number: int, post: Post) -> Iterable[tuple[str, str, int, str]]:
    """What a post is found by: authors, blog, categories, tags, sources."""
    blog = () if post.blog is None else (post.blog,)
    kinds = (
        ("author", post.authors),
        ("blog", blog),
        ("category", post.categories),
        ("tag", post.tags),
        ("label", (*post.categories, *post.tags)),
    )
    for kind, names in kinds:
        for name in names:
            yield kind, fold(name), number, name
    for name in post.authors:
        if last := fold(name).split()[-1:]:
            yield "surname", last[0], number, name
    for source in post.sources:
        yield "source", source, number, source


def _write_passages(
    connection: sqlite3.Connection, passages: Iterable[Passage], numbers: Mapping[str, int]
) -> None:
    first = row = 0
    for post_id, some in groupby(passages, key=lambda passage: passage.post_id):
        begun, number = row, numbers[post_id]
        for passage in some:
            count = len(passage.sentences)
            connection.execute(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
                (row, number, passage.kind, first, count),
            )
            connection.execute(
                "INSERT INTO passage_records VALUES (?, ?)",
                (row, _PASSAGES.dump_json(passage).decode()),
            )
            first, row = first + count, row + 1
        connection.execute(
            "UPDATE posts SET first_row = ?, passages = ? WHERE number = ?",
            (begun, row - begun, number),
        )


class PostSet(Collection[str]):
    """The ids of the posts that meet some conditions, looked up when they are asked for.

    Where only the rows of their passages or further conditions matter, no id is ever read.
    """

    def __init__(self, records: Records, conditions: Sequence[Condition]) -> None:
        self.conditions = tuple(conditions)
        self._records = records

    @property
    def said(self) -> tuple[tuple[str, ...], ...] | None:
        """All conditions in words; None where one of them cannot be said so."""
        said = tuple(condition.said for condition in self.conditions)
        return said if said and all(said) else None

    def __len__(self) -> int:
        return self._records.count(self.conditions)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records.select(self.conditions, PostOrder.PAGES))

    def __contains__(self, post_id: object) -> bool:
        return self._records.any([*self.conditions, Condition("id = ?", (post_id,))])


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
        self.titles = Titles(self._rows)
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
        found = self._rows("SELECT record FROM post_records ORDER BY number", ())
        return tuple(self._read(_POSTS, record) for (record,) in found)

    def post(self, post_id: str) -> Post:
        """One post; raises ``NotFoundError``."""
        found = self._rows(
            "SELECT record FROM post_records JOIN posts USING (number) WHERE id = ?", (post_id,)
        )
        if not found:
            raise NotFoundError(f"There is no post {post_id!r}.", param="post_id")
        return self._read(_POSTS, found[0][0])

    def by_post(self) -> Iterator[tuple[range, str | None, list[tuple[str, str]]]]:
        """What passages can be limited by, of each post that has any, in order of their rows.

        Yields:
            The rows of its passages, its date, and kind and folded form of each of its names.
        """
        last = -1
        while True:
            posts = self._rows(
                "SELECT number, first_row, passages, published FROM posts"
                " WHERE passages IS NOT NULL AND number > ? ORDER BY number LIMIT ?",
                (last, _AT_ONCE),
            )
            if not posts:
                return
            begun, last = posts[0][0], posts[-1][0]
            names: dict[int, list[tuple[str, str]]] = {}
            for post, kind, folded in self._rows(
                "SELECT DISTINCT post, kind, folded FROM names WHERE post BETWEEN ? AND ?",
                (begun, last),
            ):
                names.setdefault(post, []).append((kind, folded))
            for number, first, passages, published in posts:
                yield range(first, first + passages), published, names.get(number, [])

    def most_names(self) -> int:
        """The most names that one post has."""
        found = self._rows(
            "SELECT max(many) FROM (SELECT count(*) AS many FROM names GROUP BY post)", ()
        )
        return int(found[0][0] or 0)

    def sentence_counts(self) -> dict[int, int]:
        """How many passages have so many sentences."""
        return dict(self._rows("SELECT sentences, count(*) FROM passages GROUP BY sentences", ()))

    # -- posts by what is known of them ----------------------------------------------------------

    def select(self, conditions: Sequence[Condition], order: PostOrder) -> list[str]:
        """The ids of the posts that meet every condition, in an order."""
        where, values = _where(conditions)
        found = self._rows(f"SELECT id FROM posts WHERE {where} ORDER BY {order}", values)  # noqa: S608
        return [post_id for (post_id,) in found]

    def count(self, conditions: Sequence[Condition]) -> int:
        """How many posts meet every condition."""
        where, values = _where(conditions)
        return int(self._rows(f"SELECT count(*) FROM posts WHERE {where}", values)[0][0])  # noqa: S608

    def any(self, conditions: Sequence[Condition]) -> bool:
        """Whether a post meets every condition."""
        where, values = _where(conditions)
        return bool(self._rows(f"SELECT 1 FROM posts WHERE {where} LIMIT 1", values))  # noqa: S608

    def posts_of(self, ids: Sequence[str]) -> list[Post]:
        """The posts of these ids, in their order."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            found.update(
                self._rows(
                    "SELECT id, record FROM posts JOIN post_records USING (number)"  # noqa: S608
                    f" WHERE id IN ({_marks(some)})",
                    some,
                )
            )
        return [self._read(_POSTS, found[post_id]) for post_id in ids]

    def names(self, kind: str, ids: Collection[str] | None = None) -> list[tuple[str, str, int]]:
        """Each name of a kind (author, blog, label), folded, and its number of posts, most first.

        Args:
            kind: of what.
            ids: only of these posts; None for all.
        """
        if ids is None:
            return self._rows(
                "SELECT name, folded, posts FROM known WHERE kind = ? ORDER BY posts DESC, folded",
                (kind,),
            )
        among = Condition.among(ids)
        return self._rows(
            "SELECT min(name), folded, count(DISTINCT post) AS many FROM names"  # noqa: S608
            f" WHERE kind = ? AND post IN (SELECT number FROM posts WHERE {among.clause})"
            " GROUP BY folded ORDER BY many DESC, folded",
            [kind, *among.values],
        )

    def spellings(self, kind: str, conditions: Sequence[Condition] = ()) -> list[str]:
        """Each name of a kind as it is written, of the posts that meet every condition, sorted."""
        where, values = _where(conditions)
        statement = "SELECT DISTINCT name FROM names WHERE kind = ?"
        if conditions:
            statement += f" AND post IN (SELECT number FROM posts WHERE {where})"  # noqa: S608
        found = self._rows(statement, [kind, *values])
        return sorted(name for (name,) in found)

    def dates(self, ids: Collection[str] | None = None) -> tuple[str | None, str | None, int]:
        """First and last date of publication, and how many posts have one."""
        among = Condition("1") if ids is None else Condition.among(ids)
        found = self._rows(
            "SELECT min(published), max(published), count(published) FROM posts"  # noqa: S608
            f" WHERE {among.clause}",
            among.values,
        )
        first, last, count = found[0]
        return first, last, int(count)

    def passage_counts(self, ids: Collection[str]) -> dict[str, int]:
        """How many passages of running text each of these posts has."""
        among = Condition.among(ids)
        # The plus keeps SQLite from an index of all such passages, to look through for each post.
        return dict(
            self._rows(
                "SELECT id, count(*) FROM posts JOIN passages ON passages.row >= first_row"  # noqa: S608
                " AND passages.row < first_row + posts.passages"
                f" WHERE +kind = 'body' AND {among.clause} GROUP BY number",
                among.values,
            )
        )

    def kinds_of(self, rows: Sequence[int]) -> list[tuple[int, str, str]]:
        """Row, post and kind of passages."""
        found: list[tuple[int, str, str]] = []
        for start in range(0, len(rows), _AT_ONCE):
            some = [int(row) for row in rows[start : start + _AT_ONCE]]
            found += self._rows(
                "SELECT row, id, kind FROM passages JOIN posts ON number = post"  # noqa: S608
                f" WHERE row IN ({_marks(some)})",
                some,
            )
        return found

    def passages(self, rows: Sequence[int] | NDArray[np.int64]) -> list[Passage]:
        """The passages of these rows, in the order of ``rows``."""
        found: dict[int, str] = {}
        for start in range(0, len(rows), _AT_ONCE):
            some = [int(row) for row in rows[start : start + _AT_ONCE]]
            found.update(
                self._rows(
                    f"SELECT row, record FROM passage_records WHERE row IN ({_marks(some)})",  # noqa: S608
                    some,
                )
            )
        return [self._read(_PASSAGES, found[int(row)]) for row in rows]

    def rows_for(self, post_ids: Collection[str]) -> NDArray[np.int64]:
        """The rows of all passages of these posts, ascending."""
        among = Condition.among(post_ids)
        found = self._rows(
            "SELECT first_row, passages FROM posts"  # noqa: S608
            f" WHERE passages IS NOT NULL AND {among.clause} ORDER BY number",
            among.values,
        )
        if not found:
            return np.empty(0, dtype=np.int64)
        first, counts = np.array(found, dtype=np.int64).T
        before = np.cumsum(counts) - counts
        rows: NDArray[np.int64] = np.repeat(first - before, counts) + np.arange(counts.sum())
        return np.sort(rows)

    def sentence_ranges(self, rows: Sequence[int]) -> dict[int, tuple[int, int]]:
        """The rows of passages' sentences among all sentences: first, and one past the last."""
        found: dict[int, tuple[int, int]] = {}
        for start in range(0, len(rows), _AT_ONCE):
            some = [int(row) for row in rows[start : start + _AT_ONCE]]
            statement = "SELECT row, first_sentence, first_sentence + sentences FROM passages"
            for row, first, end in self._rows(f"{statement} WHERE row IN ({_marks(some)})", some):
                found[row] = first, end
        return found

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


def _where(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    clause = " AND ".join(condition.clause for condition in conditions) or "1"
    return clause, [value for condition in conditions for value in condition.values]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
