"""How the posts were made of their copies, kept so that a build looks at no more than has changed.

One SQLite file beside the caches: the files as they were read, each copy with the group that it
joined and the keys by which others find it, and which groups are akin. It is of one generation; a
build that cannot use it makes it anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from askscwru.files import writing
from askscwru.ingest.files import Look, Seen
from askscwru.ingest.merge import Copy, Merged, base_of, keys_of
from askscwru.throwaway import Throwaway


class TooMuchChangedError(Exception):
    """More must be looked at than what has changed; it never leaves a build."""


Order = tuple[int, str, int, int]
"""Where a copy stands in the order of the pages: place, file, document in it, post in that."""
Rank = tuple[int, int, str, int, int]
"""The order in which copies are taken: the longest first, equal ones in the order of the pages."""


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """A copy, without its words."""

    number: int
    rank: Rank
    founder: int
    """The number of the fullest copy of its group."""
    source: str
    keys: tuple[int, ...]
    """See ``numbers_of``."""

    @property
    def order(self) -> Order:
        """Where it stands in the order of the pages."""
        return self.rank[1:]


@dataclass(frozen=True, slots=True)
class Group:
    """A post, by the copies of which it is made."""

    founder: int
    post: str
    base: str
    """The id that it would have if there were no other post."""
    order: Order
    """Of its first copy."""
    source: str
    """In which the copy stands that is its text."""


def numbers_of(copy: Copy) -> tuple[int, ...]:
    """The keys of a copy as numbers: below 0 for its names, from 0 on for its words."""
    return tuple(key if isinstance(key, int) else -1 - (_hashed(key) >> 1) for key in keys_of(copy))


def _hashed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8], "big")


class CopyStore(Throwaway):
    """The file."""

    TABLES = (
        "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, place INTEGER NOT NULL,"
        " sha256 TEXT NOT NULL, marks TEXT NOT NULL, at INTEGER NOT NULL, key BLOB NOT NULL)",
        "CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, file TEXT NOT NULL,"
        " number INTEGER NOT NULL, format TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS documents_file ON documents (file)",
        "CREATE TABLE IF NOT EXISTS copies (number INTEGER PRIMARY KEY, words INTEGER NOT NULL,"
        " place INTEGER NOT NULL, file TEXT NOT NULL, document INTEGER NOT NULL,"
        " at INTEGER NOT NULL, founder INTEGER NOT NULL, source TEXT NOT NULL, keys BLOB NOT NULL)",
        "CREATE INDEX IF NOT EXISTS copies_file ON copies (file)",
        "CREATE INDEX IF NOT EXISTS copies_founder ON copies (founder)",
        "CREATE TABLE IF NOT EXISTS keys (key INTEGER NOT NULL, copy INTEGER NOT NULL,"
        " PRIMARY KEY (key, copy)) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS groups (founder INTEGER PRIMARY KEY, post TEXT NOT NULL,"
        " base TEXT NOT NULL, place INTEGER NOT NULL, file TEXT NOT NULL,"
        " document INTEGER NOT NULL, at INTEGER NOT NULL, source TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS groups_base ON groups (base)",
        "CREATE INDEX IF NOT EXISTS groups_order ON groups (place, file, document, at)",
        "CREATE INDEX IF NOT EXISTS groups_source ON groups (source)",
        "CREATE TABLE IF NOT EXISTS apart (younger INTEGER NOT NULL, older INTEGER NOT NULL,"
        " PRIMARY KEY (younger, older)) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS apart_older ON apart (older, younger)",
    )
    PROBE = "SELECT name, value FROM facts LIMIT 1"

    # -- of which generation ---------------------------------------------------------------------

    def lost(self) -> None:
        """What was begun with it is not gone on with."""
        raise TooMuchChangedError

    def fact(self, name: str) -> str:
        """Something that holds for all; empty where it is not known."""
        with suppress(TooMuchChangedError):
            found = self._all("SELECT value FROM facts WHERE name = ?", name)
            return str(found[0][0]) if found else ""
        return ""

    def set_facts(self, facts: Mapping[str, str]) -> None:
        """Keeps what holds for all, and with it all that was changed."""
        with self.changing():
            self._connection.executemany(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items()
            )
            self._connection.commit()

    # -- a whole build ---------------------------------------------------------------------------

    def forget(self) -> None:
        """Forgets everything."""
        with writing(self.path.parent):
            self._connection.close()
            self._connection = self._begin_anew()

    def keep(self, documents: Mapping[str, tuple[str, int]], formats: Mapping[str, str]) -> None:
        """Keeps where documents are.

        Args:
            documents: file and place in it of each, by its name.
            formats: of each, by its name.
        """
        with self.changing():
            self._connection.executemany(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
                ((name, *at, formats[name]) for name, at in documents.items()),
            )

    def keep_files(
        self, seen: Mapping[str, Seen], places: Mapping[str, int], keys: Mapping[str, bytes]
    ) -> None:
        """Keeps files as they were read, with the key of each in the cache of documents."""
        with self.changing():
            self._connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (name, places[name], one.sha256, json.dumps(one.marks), one.at, keys[name])
                    for name, one in seen.items()
                    if name in keys
                ),
            )

    def refresh(self, look: Look) -> None:
        """Keeps of files that had to be read again and are the same how they were found now."""
        with self.changing():
            self._connection.executemany(
                "UPDATE files SET marks = ?, at = ? WHERE name = ? AND sha256 = ?",
                (
                    (json.dumps(one.marks), one.at, name, one.sha256)
                    for name, one in look.seen.items()
                    if look.before.get(name) is not one
                ),
            )

    def keep_merged(self, merged: Merged, orders: Mapping[int, Order]) -> None:
        """Keeps all copies.

        Args:
            merged: in their groups.
            orders: where each copy stands, by its place among all.
        """
        founders = {at: some[0].order for at, some in enumerate(merged.members)}
        known: list[np.ndarray[Any, Any]] = []
        owners: list[np.ndarray[Any, Any]] = []
        with self.changing():
            for at, some in enumerate(merged.members):
                for copy in some:
                    own = numbers_of(copy)
                    known.append(np.array(own, dtype=np.int64))
                    owners.append(np.full(len(own), copy.order, dtype=np.int64))
                    self._add(_remembered(copy, copy.order, orders[copy.order], founders[at], own))
                pages = sorted(some, key=lambda copy: copy.order)
                self._add_group(
                    Group(
                        founders[at],
                        merged.posts[at].id,
                        base_of(pages),
                        orders[pages[0].order],
                        merged.posts[at].source,
                    )
                )
                self._connection.executemany(
                    "INSERT OR IGNORE INTO apart VALUES (?, ?)",
                    ((founders[at], founders[older]) for older in merged.apart.get(at, ())),
                )
            if known:
                keys, copies = np.concatenate(known), np.concatenate(owners)
                order = np.lexsort((copies, keys))
                self._connection.executemany(
                    "INSERT OR IGNORE INTO keys VALUES (?, ?)",
                    zip(keys[order].tolist(), copies[order].tolist(), strict=True),
                )

    # -- looking up ------------------------------------------------------------------------------

    def seen(self) -> dict[str, Seen]:
        """The files as they were read."""
        with suppress(TooMuchChangedError):
            found = self._all("SELECT name, sha256, marks, at FROM files")
            marks = json.loads(f"[{','.join(marks for _, _, marks, _ in found)}]")
            return {
                name: Seen(sha256, tuple(own), at)
                for (name, sha256, _, at), own in zip(found, marks, strict=True)
            }
        return {}

    def file_key(self, name: str) -> bytes | None:
        """The key of a file in the cache of documents."""
        found = self._all("SELECT key FROM files WHERE name = ?", name)
        return bytes(found[0][0]) if found else None

    def documents_of(self, file: str) -> list[tuple[str, int, str]]:
        """Name, place and format of each document of a file."""
        return self._all(
            "SELECT name, number, format FROM documents WHERE file = ? ORDER BY number", file
        )

    def document(self, name: str) -> tuple[str, int, str] | None:
        """File, place in it and format of a document."""
        found = self._all("SELECT file, number, format FROM documents WHERE name = ?", name)
        return found[0] if found else None

    def copies_of(self, file: str) -> list[KnownCopy]:
        """The copies that a file holds."""
        return self._copies("file = ?", file)

    def copy(self, number: int) -> KnownCopy:
        """One copy."""
        return self._copies("number = ?", number)[0]

    def members(self, founder: int) -> list[KnownCopy]:
        """The copies of a group, in the order in which they were taken."""
        return sorted(self._copies("founder = ?", founder), key=lambda copy: copy.rank)

    def holding(self, key: int) -> list[tuple[Rank, int, int]]:
        """Rank, number and founder of each copy that has a key."""
        found = self._all(
            "SELECT words, place, file, document, copies.at, number, founder FROM keys"
            " JOIN copies ON number = copy WHERE key = ?",
            key,
        )
        return sorted((rank_of(*told[:5]), *told[5:]) for told in found)

    def group(self, founder: int) -> Group | None:
        """A group, by its fullest copy."""
        found = self._groups("founder = ?", founder)
        return found[0] if found else None

    def groups_like(self, base: str) -> list[Group]:
        """The groups that would have this id."""
        return self._groups("base = ?", base)

    def akin(self, founder: int) -> set[int]:
        """The groups that share much with one."""
        found = self._all(
            "SELECT older FROM apart WHERE younger = ?1 UNION SELECT younger FROM apart"
            " WHERE older = ?1",
            founder,
        )
        return {other for (other,) in found}

    def akin_older(self, founder: int) -> set[int]:
        """Those of them that are older."""
        return {
            other for (other,) in self._all("SELECT older FROM apart WHERE younger = ?", founder)
        }

    def before(self, order: Order) -> Iterator[str]:
        """The ids of the posts that stand before a place, the nearest first."""
        found = self._each(
            "SELECT post FROM groups WHERE (place, file, document, at) < (?, ?, ?, ?)"
            " ORDER BY place DESC, file DESC, document DESC, at DESC",
            *order,
        )
        return (post for (post,) in found)

    def source_before(self, place: int, file: str, number: int) -> Iterator[str]:
        """The names of the documents that stand before a place, the nearest first."""
        found = self._each(
            "SELECT documents.name FROM documents JOIN files ON files.name = file"
            " WHERE (files.place, file, number) < (?, ?, ?)"
            " ORDER BY files.place DESC, file DESC, number DESC",
            place, file, number,
        )  # fmt: skip
        return (name for (name,) in found)

    def only_copies(self) -> tuple[tuple[str, str], ...]:
        """Sources that hold nothing but copies, each with the source of one of those posts."""
        found = self._all(
            "SELECT copies.source, groups.source FROM copies JOIN groups USING (founder)"
            " WHERE copies.source NOT IN (SELECT source FROM groups)"
            " ORDER BY groups.place, groups.file, groups.document, groups.at,"
            " copies.place, copies.file, copies.document, copies.at"
        )
        own: dict[str, str] = {}
        for source, other in found:
            own.setdefault(source, other)
        return tuple(own.items())

    def counts(self) -> tuple[int, int]:
        """How many copies and groups there are."""
        found = self._all("SELECT (SELECT count(*) FROM copies), (SELECT count(*) FROM groups)")
        return int(found[0][0]), int(found[0][1])

    def next_number(self) -> int:
        """A number that no copy has; nor any that is greater."""
        return int(self._all("SELECT coalesce(max(number), -1) + 1 FROM copies")[0][0])

    # -- changing: kept with the next ``set_facts`` ----------------------------------------------

    def undo(self) -> None:
        """Undoes what was changed and not kept."""
        self._connection.rollback()

    def take_out(self, file: str) -> None:
        """Takes out a file, with its documents."""
        self._connection.execute("DELETE FROM files WHERE name = ?", (file,))
        self._connection.execute("DELETE FROM documents WHERE file = ?", (file,))

    def take_out_copy(self, copy: KnownCopy) -> None:
        """Takes out a copy."""
        self._connection.execute("DELETE FROM copies WHERE number = ?", (copy.number,))
        self._connection.executemany(
            "DELETE FROM keys WHERE key = ? AND copy = ?",
            ((key, copy.number) for key in copy.keys),
        )
        # Its number may be given out again, and is no kin of whoever was akin to it.
        self._connection.execute("DELETE FROM apart WHERE ?1 IN (younger, older)", (copy.number,))

    def put_copy(self, copy: KnownCopy) -> None:
        """Puts a copy in, or its group where it is known."""
        self._add(copy)
        self._connection.executemany(
            "INSERT OR IGNORE INTO keys VALUES (?, ?)", ((key, copy.number) for key in copy.keys)
        )

    def put_group(self, group: Group) -> None:
        """Puts a group in, or in the place of what it was."""
        self._add_group(group)

    def take_out_group(self, founder: int) -> None:
        """Takes out a group, with what is akin to it."""
        self._connection.execute("DELETE FROM groups WHERE founder = ?", (founder,))

    def put_apart(self, younger: int, older: Iterable[int]) -> None:
        """Says which older groups are akin to a group."""
        self._connection.execute("DELETE FROM apart WHERE younger = ?", (younger,))
        self._connection.executemany(
            "INSERT OR IGNORE INTO apart VALUES (?, ?)", ((younger, other) for other in older)
        )

    def _add(self, copy: KnownCopy) -> None:
        words, place, file, document, at = copy.rank
        self._connection.execute(
            "INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                copy.number, -words, place, file, document, at, copy.founder, copy.source,
                np.array(copy.keys, dtype="<i8").tobytes(),
            ),
        )  # fmt: skip

    def _add_group(self, group: Group) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (group.founder, group.post, group.base, *group.order, group.source),
        )

    def _copies(self, where: str, *values: object) -> list[KnownCopy]:
        found = self._all(
            "SELECT number, words, place, file, document, at, founder, source, keys"  # noqa: S608
            f" FROM copies WHERE {where}",
            *values,
        )
        return [
            KnownCopy(
                number, rank_of(*told), founder, source, tuple(np.frombuffer(keys, "<i8").tolist())
            )
            for number, *told, founder, source, keys in found
        ]

    def _groups(self, where: str, *values: object) -> list[Group]:
        found = self._all(
            "SELECT founder, post, base, place, file, document, at, source"  # noqa: S608
            f" FROM groups WHERE {where} ORDER BY place, file, document, at",
            *values,
        )
        return [
            Group(founder, post, base, (place, file, document, at), source)
            for founder, post, base, place, file, document, at, source in found
        ]

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return list(self._each(statement, *values))

    def _each(self, statement: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with self.changing():
            yield from self._connection.execute(statement, values)


def rank_of(words: int, place: int, file: str, document: int, at: int) -> Rank:
    """The rank of a copy of so many words that stands there."""
    return -words, place, file, document, at


def _remembered(
    copy: Copy, number: int, order: Order, founder: int, keys: tuple[int, ...]
) -> KnownCopy:
    return KnownCopy(number, rank_of(len(copy.words), *order), founder, copy.source.name, keys)
