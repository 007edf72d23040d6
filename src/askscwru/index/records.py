"""Sources, posts, passages and the vocabulary, in SQLite files that are only ever read.

A passage's row number is its place in the vector index and in the lexical index too, and those of a
post stand side by side. What is looked through (dates, names, titles) lies in one file, apart from
the records in JSON, so that looking through it reads a few bytes of each post. Those records lie in
the parts (see ``layout``): a build writes anew those parts in which something has changed.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from askscwru.errors import IndexDamaged, NotFoundError
from askscwru.files import writing
from askscwru.index.layout import Layout
from askscwru.index.lexical import VOCABULARY_TABLE, Vocabulary, change_words, vocabulary_rows
from askscwru.index.titles import TITLE_TABLES, Titles, remove_title, write_title
from askscwru.letters import fold
from askscwru.types import BlockKind, ListedPosts, Passage, Post, Source

RECORDS = "corpus.db"

PARTS = "parts"
PART_RECORDS = "records.db"

_TABLES = """
CREATE TABLE parts (
    number INTEGER PRIMARY KEY, key INTEGER UNIQUE NOT NULL, passages INTEGER NOT NULL,
    sentences INTEGER NOT NULL, segments TEXT NOT NULL
);
CREATE TABLE sources (
    number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, record TEXT NOT NULL,
    part INTEGER NOT NULL
);
CREATE TABLE posts (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, title TEXT, published TEXT, words INTEGER,
    complete INTEGER NOT NULL, stated INTEGER NOT NULL, part INTEGER NOT NULL,
    first INTEGER NOT NULL, passages INTEGER NOT NULL, bodies INTEGER NOT NULL
);
CREATE INDEX posts_published ON posts (published);
CREATE INDEX posts_words ON posts (words);
CREATE TABLE names (
    kind TEXT NOT NULL, folded TEXT NOT NULL, post INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (kind, folded, post, name)
) WITHOUT ROWID;
CREATE INDEX names_post ON names (post, kind);
CREATE TABLE known (
    kind TEXT NOT NULL, folded TEXT NOT NULL, name TEXT NOT NULL, posts INTEGER NOT NULL,
    PRIMARY KEY (kind, folded)
) WITHOUT ROWID;
"""
_PART_TABLES = """
CREATE TABLE posts (
    place INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, record TEXT NOT NULL, row TEXT NOT NULL
);
CREATE TABLE passages (
    place INTEGER PRIMARY KEY, post TEXT NOT NULL, kind TEXT NOT NULL,
    first_sentence INTEGER NOT NULL, sentences INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE TABLE texts (name TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL);
"""
_GAP = 1 << 32
"""Between the numbers of two posts, so that others find room between them later."""
_LEAST = -(1 << 62)
"""Less than any number of a post or source: what is put before the first has one below 0."""
_KNOWN = """
INSERT INTO known
SELECT kind, folded, min(name), count(DISTINCT post) FROM names
WHERE kind IN ('author', 'blog', 'label') {among} GROUP BY kind, folded
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
OF_NO_BLOG = Condition("number NOT IN (SELECT post FROM names WHERE kind = 'blog')")
_AT_ONCE = 500  # SQLite's oldest limit on parameters is 999

_SOURCES = TypeAdapter(Source)
_POSTS = TypeAdapter(Post)
_PASSAGES = TypeAdapter(Passage)


@dataclass(frozen=True, slots=True)
class IndexPart:
    """A part of a generation."""

    key: int
    """By which it is known, whatever stands before it."""
    passages: int
    sentences: int
    segments: tuple[str, ...] = ()
    """Its own of the lexical index."""

    def folder(self, generation: Path) -> Path:
        """Where its files are."""
        return part_folder(generation, self.key)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a post's passages stand."""

    part: int
    """The key of the part."""
    first: int
    """The place of the first of them in it."""
    passages: int
    bodies: int
    """How many of them are of running text."""


def part_folder(generation: Path, key: int) -> Path:
    """Where the files of a part are."""
    return generation / PARTS / f"{key:06}"


def spread(before: int | None, after: int | None, count: int) -> list[int] | None:
    """Numbers between two others, in ascending order; None where there is no room for them.

    Args:
        before: the one that they follow; None for the first of all.
        after: the one that follows them; None for the last of all.
        count: how many.
    """
    if after is None:
        start = -_GAP if before is None else before
        return [start + (at + 1) * _GAP for at in range(count)]
    start = after - (count + 1) * _GAP if before is None else before
    step = (after - start) // (count + 1)
    return [start + (at + 1) * step for at in range(count)] if step else None


def write_part(
    folder: Path,
    key: int,
    posts: Iterable[Post],
    passages: Iterable[Passage],
    texts: Iterable[tuple[str, str]] = (),
) -> tuple[IndexPart, dict[str, Placed]]:
    """Writes the records of a part; a passage's place in it is its place in ``passages``.

    Args:
        folder: of the part; made if it is not there.
        key: of the part.
        posts: in their order.
        passages: likewise, those of a post side by side.
        texts: name and text of each source whose text was extracted.

    Returns:
        The part, and where the passages of each post stand.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    placed: dict[str, Placed] = {}
    first = place = 0
    with _new(folder / PART_RECORDS, _PART_TABLES) as connection:
        for at, post in enumerate(posts):
            record = _POSTS.dump_json(post).decode()
            row = json.dumps(post.to_row(), ensure_ascii=False)
            connection.execute("INSERT INTO posts VALUES (?, ?, ?, ?)", (at, post.id, record, row))
            placed[post.id] = Placed(key, place, 0, 0)
        for post_id, some in groupby(passages, key=lambda passage: passage.post_id):
            begun, bodies = place, 0
            for passage in some:
                count = len(passage.sentences)
                record = _PASSAGES.dump_json(passage).decode()
                connection.execute(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                    (place, post_id, passage.kind, first, count, record),
                )
                bodies += passage.kind is BlockKind.BODY
                first, place = first + count, place + 1
            placed[post_id] = Placed(key, begun, place - begun, bodies)
        connection.executemany("INSERT INTO texts VALUES (?, ?)", texts)
    return IndexPart(key, place, first), placed


def write_records(
    path: Path,
    sources: Iterable[tuple[Source, int]],
    posts: Iterable[Post],
    placed: Mapping[str, Placed],
    parts: Iterable[IndexPart],
    words: Iterable[str],
) -> None:
    """Writes what is looked through.

    Everything is read once and written as it comes.

    Args:
        path: must not exist.
        sources: in the order in which they are listed, each with the key of the part in which its
            text is, if it was extracted.
        posts: likewise.
        placed: where the passages of each post stand, by its id.
        parts: in the order of the posts.
        words: all that the vocabulary is counted from.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    with _new(path, _TABLES + TITLE_TABLES + VOCABULARY_TABLE) as connection:
        for number, (source, part) in enumerate(sources):
            _write_source(connection, number * _GAP, source, part)
        for number, post in enumerate(posts):
            _write_post(connection, number * _GAP, post, placed[post.id])
        connection.execute(_KNOWN.format(among=""))
        _write_parts(connection, parts)
        connection.executemany("INSERT INTO words VALUES (?, ?, ?, ?, ?)", vocabulary_rows(words))
        connection.execute("ANALYZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is other than in the generation before."""

    gone: Sequence[Post]
    """Posts that are no more, or have changed: as they were."""
    new: Sequence[tuple[int, Post]]
    """Those that are new or have changed, as they are, each with its number."""
    placed: Mapping[str, Placed]
    """Where the passages stand of every post of the parts that are written anew."""
    parts: Sequence[IndexPart]
    """All of them, in the order of the posts."""
    gone_sources: Sequence[str]
    """Names of sources that are no more, or have changed."""
    new_sources: Sequence[tuple[int, Source, int]]
    """Number, source and the key of the part in which its text is."""
    words: Mapping[str, int]
    """By how much the count of a word is another."""


def amend_records(before: Path, path: Path, amendment: Amendment) -> None:
    """Writes what ``write_records`` would, from what it wrote for the generation before.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    with writing(path.parent):
        shutil.copyfile(before, path)
    with _new(path, "") as connection:
        for name in amendment.gone_sources:
            connection.execute("DELETE FROM sources WHERE name = ?", (name,))
        for number, source, part in amendment.new_sources:
            _write_source(connection, number, source, part)
        touched: set[tuple[str, str]] = set()
        for post in amendment.gone:
            touched |= _remove_post(connection, post)
        for number, post in amendment.new:
            _write_post(connection, number, post, amendment.placed[post.id])
            touched |= {(kind, folded) for kind, folded, *_ in _names(number, post)}
        connection.executemany(
            "UPDATE posts SET part = ?, first = ?, passages = ?, bodies = ? WHERE id = ?",
            (
                (at.part, at.first, at.passages, at.bodies, post_id)
                for post_id, at in amendment.placed.items()
            ),
        )
        for pair in sorted(touched):
            connection.execute("DELETE FROM known WHERE kind = ? AND folded = ?", pair)
            connection.execute(_KNOWN.format(among="AND kind = ? AND folded = ?"), pair)
        connection.execute("DELETE FROM parts")
        _write_parts(connection, amendment.parts)
        change_words(connection, amendment.words)


@contextmanager
def _new(path: Path, tables: str) -> Iterator[sqlite3.Connection]:
    """A file that nobody reads before it is whole; it is flushed with its folder."""
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(tables)
            yield connection
            connection.commit()
        finally:
            connection.close()


def _write_source(connection: sqlite3.Connection, number: int, source: Source, part: int) -> None:
    record = _SOURCES.dump_json(source).decode()
    connection.execute(
        "INSERT INTO sources VALUES (?, ?, ?, ?)", (number, source.name, record, part)
    )


def _write_post(connection: sqlite3.Connection, number: int, post: Post, at: Placed) -> None:
    """Writes a post, its names and its title."""
    words = post.word_count if post.word_count or not post.complete else post.known_words
    stated = post.word_count is not None
    facts = (number, post.id, post.title, post.published, words, post.complete, stated)
    connection.execute(
        "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*facts, at.part, at.first, at.passages, at.bodies),
    )
    connection.executemany("INSERT OR IGNORE INTO names VALUES (?, ?, ?, ?)", _names(number, post))
    if post.title is not None:
        write_title(connection, number, post.title)


def _remove_post(connection: sqlite3.Connection, post: Post) -> set[tuple[str, str]]:
    """Takes a post out; returns the kind and the folded form of each of its names."""
    found = connection.execute("SELECT number FROM posts WHERE id = ?", (post.id,)).fetchone()
    number = int(found[0])
    connection.execute("DELETE FROM posts WHERE number = ?", (number,))
    connection.execute("DELETE FROM names WHERE post = ?", (number,))
    if post.title is not None:
        remove_title(connection, number, post.title)
    return {(kind, folded) for kind, folded, *_ in _names(number, post)}


def _write_parts(connection: sqlite3.Connection, parts: Iterable[IndexPart]) -> None:
    connection.executemany(
        "INSERT INTO parts VALUES (?, ?, ?, ?, ?)",
        (
            (number, part.key, part.passages, part.sentences, json.dumps(part.segments))
            for number, part in enumerate(parts)
        ),
    )


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


class PostList(Sequence[Post]):
    """Posts of which the ids are known; each is read when it is looked at, and none is held."""

    def __init__(self, records: Records, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        self._records = records

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Post: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Post]: ...
    def __getitem__(self, at: int | slice) -> Post | Sequence[Post]:
        if isinstance(at, slice):
            return PostList(self._records, self.ids[at])
        return self._records.posts_of([self.ids[at]])[0]

    def __iter__(self) -> Iterator[Post]:
        for start in range(0, len(self.ids), _AT_ONCE):
            yield from self._records.posts_of(self.ids[start : start + _AT_ONCE])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self.ids)

    def held(self) -> HeldPosts:
        """The same with all that is written of them: nothing more is read from the index."""
        return self._records.held(self.ids)


class HeldPosts(ListedPosts):
    """Posts that are held as they are written, a fourth of what they take when they are read."""

    def __init__(self, records: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Reads nothing.

        Args:
            records: of each post.
            rows: likewise.
        """
        self._records = tuple(records)
        self._rows = tuple(rows)

    @property
    def rows(self) -> tuple[Mapping[str, Any], ...]:
        """As ``ListedPosts`` says."""
        return self._rows

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, at: int) -> Post: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Post]: ...
    def __getitem__(self, at: int | slice) -> Post | Sequence[Post]:
        if isinstance(at, slice):
            return HeldPosts(self._records[at], self._rows[at])
        return _POSTS.validate_json(self._records[at])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, HeldPosts):
            return self._records == other._records
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self._records)


class Records:
    """The file, open; safe to use from many threads.

    One connection serves them all: it stays usable when a later build has removed the file.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file; raises ``IndexDamaged`` when it is not one of ours."""
        self.path = path
        self._lock = threading.Lock()
        self._open_files: list[sqlite3.Connection] = []
        self._connection = self._opened(path, "SELECT 1 FROM posts, words LIMIT 1")
        self.vocabulary = Vocabulary(self._rows)
        self.titles = Titles(self._rows)
        found = self._rows(
            "SELECT key, passages, sentences, segments FROM parts ORDER BY number", ()
        )
        self.parts = tuple(
            IndexPart(key, passages, sentences, tuple(json.loads(segments)))
            for key, passages, sentences, segments in found
        )
        """The parts of which the generation consists, in the order of the pages."""
        self.layout = Layout([part.passages for part in self.parts])
        self._by_key = {part.key: at for at, part in enumerate(self.parts)}
        self._sentences = Layout([part.sentences for part in self.parts])
        self._files = [
            self._opened(part.folder(path.parent) / PART_RECORDS, "SELECT 1 FROM passages LIMIT 1")
            for part in self.parts
        ]

    def close(self) -> None:
        """Closes the files."""
        with self._lock:
            for connection in self._open_files:
                connection.close()

    def _opened(self, path: Path, probe: str) -> sqlite3.Connection:
        """A connection that has read something, and so keeps the file when it is removed."""
        try:
            connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._open_files.append(connection)
            connection.execute(probe).fetchall()
        except sqlite3.Error as error:
            for opened in self._open_files:
                opened.close()
            raise self._damaged(error, path) from error
        return connection

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
        for (part,) in self._rows("SELECT part FROM sources WHERE name = ?", (name,)):
            statement = "SELECT text FROM texts WHERE name = ?"
            for (text,) in self._of_part(self._by_key[part], statement, (name,)):
                return str(text)
        raise NotFoundError(f"There is no text of {name!r}.", param="source")

    def posts(self) -> tuple[Post, ...]:
        """Every post, in the order of the pages."""
        return tuple(post for at in range(len(self.parts)) for post in self.posts_of_part(at))

    def post(self, post_id: str) -> Post:
        """One post; raises ``NotFoundError``."""
        if not (found := self._records_of([post_id])):
            raise NotFoundError(f"There is no post {post_id!r}.", param="post_id")
        return self._post(*found[post_id])

    # -- parts -----------------------------------------------------------------------------------

    def posts_of_part(self, part: int) -> list[Post]:
        """The posts of a part, by its place among the parts, in their order."""
        found = self._of_part(part, "SELECT record FROM posts ORDER BY place", ())
        return [self._read(_POSTS, record, part) for (record,) in found]

    def texts_of_part(self, part: int) -> list[tuple[str, str]]:
        """Name and text of each source whose text stands in a part."""
        return self._of_part(part, "SELECT name, text FROM texts ORDER BY name", ())

    def place_of_part(self, key: int) -> int:
        """The place of a part among the parts."""
        return self._by_key[key]

    def place_of(self, post_id: str) -> tuple[int, int] | None:
        """Number and key of the part of a post; None where there is none."""
        found = self._rows("SELECT number, part FROM posts WHERE id = ?", (post_id,))
        return found[0] if found else None

    def after(self, number: int | None, without: Collection[str]) -> tuple[int, int] | None:
        """Number and key of the part of the post that follows a number, but for some; if any."""
        statement = "SELECT number, part, id FROM posts WHERE number > ? ORDER BY number LIMIT ?"
        start = _LEAST if number is None else number
        found = self._rows(statement, (start, len(without) + 1))
        return next(((at, part) for at, part, post_id in found if post_id not in without), None)

    def numbers_of_part(self, key: int) -> dict[str, int]:
        """The number of each post of a part, by its id."""
        return dict(self._rows("SELECT id, number FROM posts WHERE part = ?", (key,)))

    def parts_with(self, posts: Collection[str], texts: Collection[str]) -> set[int]:
        """The keys of the parts in which any of these posts or texts stands."""
        found = self._rows(
            "SELECT part FROM posts WHERE id IN (SELECT value FROM json_each(?1))"
            " UNION SELECT part FROM sources WHERE name IN (SELECT value FROM json_each(?2))",
            (json.dumps(sorted(posts)), json.dumps(sorted(texts))),
        )
        return {key for (key,) in found}

    def number_of_source(self, name: str) -> int | None:
        """The number of a source; None where there is none."""
        found = self._rows("SELECT number FROM sources WHERE name = ?", (name,))
        return int(found[0][0]) if found else None

    def source_after(self, number: int | None, without: Collection[str]) -> int | None:
        """The number of the source that follows a number, but for some; if any."""
        statement = "SELECT number, name FROM sources WHERE number > ? ORDER BY number LIMIT ?"
        start = _LEAST if number is None else number
        found = self._rows(statement, (start, len(without) + 1))
        return next((at for at, name in found if name not in without), None)

    def by_post(self) -> Iterator[tuple[range, str | None, list[tuple[str, str]]]]:
        """What passages can be limited by, of each post that has any, in order of their rows.

        Yields:
            The rows of its passages, its date, and kind and folded form of each of its names.
        """
        last = _LEAST
        while True:
            posts = self._rows(
                "SELECT number, part, first, passages, published FROM posts"
                " WHERE passages > 0 AND number > ? ORDER BY number LIMIT ?",
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
            for number, part, place, passages, published in posts:
                first = int(self.layout.starts[self._by_key[part]]) + place
                yield range(first, first + passages), published, names.get(number, [])

    def most_names(self) -> int:
        """The most names that one post has."""
        found = self._rows(
            "SELECT max(many) FROM (SELECT count(*) AS many FROM names GROUP BY post)", ()
        )
        return int(found[0][0] or 0)

    def sentence_counts(self) -> dict[int, int]:
        """How many passages have so many sentences."""
        counts: Counter[int] = Counter()
        for part in range(len(self.parts)):
            statement = "SELECT sentences, count(*) FROM passages GROUP BY sentences"
            counts.update(dict(self._of_part(part, statement, ())))
        return dict(counts)

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
        found = self._records_of(ids)
        return [self._post(*found[post_id]) for post_id in ids]

    def held(self, ids: Sequence[str]) -> HeldPosts:
        """The posts of these ids, in their order, and their rows."""
        found = self._records_of(ids)
        records = [found[post_id][0] for post_id in ids]
        rows: list[dict[str, Any]] = []
        for start in range(0, len(ids), _AT_ONCE):
            some = [found[post_id] for post_id in ids[start : start + _AT_ONCE]]
            try:
                rows += json.loads(f"[{','.join(row for _, row, _ in some)}]")
            except ValueError as error:
                raise self._damaged(error, self._path(some[0][2])) from error
        return HeldPosts(records, rows)

    def _post(self, record: str, row: str, part: int) -> Post:
        return self._read(_POSTS, record, part)

    def _records_of(self, ids: Sequence[str]) -> dict[str, tuple[str, str, int]]:
        """Record and row of each of these posts, with the place of its part; of those that are."""
        by_part: dict[int, list[str]] = defaultdict(list)
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            statement = f"SELECT id, part FROM posts WHERE id IN ({_marks(some)})"  # noqa: S608
            for post_id, part in self._rows(statement, some):
                by_part[part].append(post_id)
        found: dict[str, tuple[str, str, int]] = {}
        for key, own in by_part.items():
            part = self._by_key[key]
            for start in range(0, len(own), _AT_ONCE):
                some = own[start : start + _AT_ONCE]
                statement = f"SELECT id, record, row FROM posts WHERE id IN ({_marks(some)})"  # noqa: S608
                for post_id, record, row in self._of_part(part, statement, some):
                    found[post_id] = record, row, part
        return found

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
        """How many passages of running text each of these posts has, if any."""
        among = Condition.among(ids)
        statement = "SELECT id, bodies FROM posts WHERE bodies > 0"
        return dict(self._rows(f"{statement} AND {among.clause}", among.values))

    def kinds_of(self, rows: Sequence[int]) -> list[tuple[int, str, str]]:
        """Row, post and kind of passages."""
        return [
            (row, post, kind)
            for row, _, (post, kind) in self._by_rows("post, kind", rows)
        ]  # fmt: skip

    def passages(self, rows: Sequence[int] | NDArray[np.int64]) -> list[Passage]:
        """The passages of these rows, in the order of ``rows``."""
        found = {row: (record, part) for row, part, (record,) in self._by_rows("record", rows)}
        return [self._read(_PASSAGES, *found[int(row)]) for row in rows]

    def rows_for(self, post_ids: Collection[str]) -> NDArray[np.int64]:
        """The rows of all passages of these posts, ascending."""
        among = Condition.among(post_ids)
        found = self._rows(
            "SELECT part, first, passages FROM posts"  # noqa: S608
            f" WHERE passages > 0 AND {among.clause} ORDER BY number",
            among.values,
        )
        if not found:
            return np.empty(0, dtype=np.int64)
        keys, first, counts = np.array(found, dtype=np.int64).T
        own = np.array([part.key for part in self.parts], dtype=np.int64)
        order = np.argsort(own)
        first = first + self.layout.starts[order[np.searchsorted(own, keys, sorter=order)]]
        before = np.cumsum(counts) - counts
        rows: NDArray[np.int64] = np.repeat(first - before, counts) + np.arange(counts.sum())
        return np.sort(rows)

    def sentence_ranges(self, rows: Sequence[int]) -> dict[int, tuple[int, int]]:
        """The rows of passages' sentences among all sentences: first, and one past the last."""
        found: dict[int, tuple[int, int]] = {}
        for row, part, (first, count) in self._by_rows("first_sentence, sentences", rows):
            begun = int(self._sentences.starts[part]) + first
            found[row] = begun, begun + count
        return found

    @property
    def sentences(self) -> Layout:
        """How many sentences each part has."""
        return self._sentences

    def _by_rows(
        self, columns: str, rows: Sequence[int] | NDArray[np.int64]
    ) -> Iterator[tuple[int, int, tuple[Any, ...]]]:
        """Row, place of its part, and some columns of each passage of these rows."""
        for part, _, places in self.layout.split(rows):
            begun = int(self.layout.starts[part])
            for start in range(0, len(places), _AT_ONCE):
                some = places[start : start + _AT_ONCE].tolist()
                statement = f"SELECT place, {columns} FROM passages WHERE place IN ({_marks(some)})"  # noqa: S608
                for place, *told in self._of_part(part, statement, some):
                    yield begun + place, part, tuple(told)

    def check(self) -> None:
        """Reads the whole of the files; raises ``IndexDamaged`` when SQLite finds it unsound."""
        if self._rows("PRAGMA quick_check", ()) != [("ok",)]:
            raise IndexDamaged(f"{self.path} is damaged.", remedy="Run `askscwru index`.")
        for at in range(len(self.parts)):
            if self._of_part(at, "PRAGMA quick_check", ()) != [("ok",)]:
                raise IndexDamaged(f"{self._path(at)} is damaged.", remedy="Run `askscwru index`.")

    def _rows(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _of_part(
        self, part: int, statement: str, parameters: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._files[part].execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error, self._path(part)) from error

    def _read(self, adapter: TypeAdapter[Record], text: str, part: int | None = None) -> Record:
        try:
            return adapter.validate_json(text)
        except ValidationError as error:
            raise self._damaged(error, self._path(part)) from error

    def _path(self, part: int | None) -> Path:
        """Of the file of a part, by its place; of the one that is looked through without one."""
        if part is None:
            return self.path
        return self.parts[part].folder(self.path.parent) / PART_RECORDS

    def _damaged(self, error: Exception, path: Path | None = None) -> IndexDamaged:
        reason = str(error).splitlines()[0]
        return IndexDamaged(
            f"{path or self.path} cannot be read: {reason}.", remedy="Run `askscwru index`."
        )


def _where(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    clause = " AND ".join(condition.clause for condition in conditions) or "1"
    return clause, [value for condition in conditions for value in condition.values]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
