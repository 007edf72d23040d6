"""The titles of the posts, so that one can be found by words that are nearly it.

Kept are the *forms* of a title (the whole of it and each side of its colon or dash, in plain
words), its content terms, and the runs of three letters that whole titles consist of. None of them
is ever read whole: a question reads those of about the length of what it names, or with letters in
common.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from askscwru.index.lexical import Selects, analyse
from askscwru.letters import fold_words

TITLE_TABLES = """
CREATE TABLE titles (
    size INTEGER NOT NULL, form TEXT NOT NULL, post INTEGER NOT NULL,
    PRIMARY KEY (size, form, post)
) WITHOUT ROWID;
CREATE TABLE title_terms (
    term TEXT NOT NULL, post INTEGER NOT NULL, PRIMARY KEY (term, post)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE title_grams USING fts5(
    whole, content='', columnsize=0, detail=none, tokenize='trigram'
);
CREATE VIRTUAL TABLE title_gram_counts USING fts5vocab(title_grams, row);
"""
_SHORTEST_PART = 12
_GRAM = 3
_SHARED = 8
"""How many runs a title must share, where the name has so many to spare: one may be by chance."""
_AT_ONCE = 500  # SQLite's limit on parts of a statement; its oldest one on parameters is 999


@dataclass(frozen=True, slots=True)
class Titled:
    """A post with its title."""

    number: int
    """Its place among the posts."""
    id: str
    title: str


def forms_of(title: str) -> tuple[str, ...]:
    """The whole title and each long side of its colon or dash, in plain words; the whole first."""
    parts = (fold_words(part) for part in re.split(r"\s*[:–—?]\s+", title))
    long = (part for part in parts if len(part) >= _SHORTEST_PART)
    return tuple(dict.fromkeys((fold_words(title), *long)))


def write_title(connection: sqlite3.Connection, number: int, title: str) -> None:
    """Writes the title of a post into the tables."""
    forms = forms_of(title)
    connection.executemany(
        "INSERT INTO titles VALUES (?, ?, ?)", ((len(form), form, number) for form in forms)
    )
    connection.executemany(
        "INSERT INTO title_terms VALUES (?, ?)",
        # In one order: what the pages of the file look like follows it.
        ((term, number) for term in sorted(set(analyse(title)))),
    )
    connection.execute("INSERT INTO title_grams (rowid, whole) VALUES (?, ?)", (number, forms[0]))


def remove_title(connection: sqlite3.Connection, number: int, title: str) -> None:
    """Takes the title of a post out of the tables."""
    forms = forms_of(title)
    connection.executemany(
        "DELETE FROM titles WHERE size = ? AND form = ? AND post = ?",
        ((len(form), form, number) for form in forms),
    )
    connection.executemany(
        "DELETE FROM title_terms WHERE term = ? AND post = ?",
        ((term, number) for term in set(analyse(title))),
    )
    # A table without its content is told what stood in it.
    connection.execute(
        "INSERT INTO title_grams (title_grams, rowid, whole) VALUES ('delete', ?, ?)",
        (number, forms[0]),
    )


class Titles:
    """Looks titles up; safe to use from many threads."""

    def __init__(self, rows: Selects) -> None:
        self._rows = rows

    def first(self, most: int) -> list[Titled]:
        """The first titles, in the order of the pages."""
        statement = "SELECT number, id, title FROM posts WHERE title IS NOT NULL ORDER BY number"
        return [Titled(*row) for row in self._rows(f"{statement} LIMIT ?", (most,))]

    def of(self, numbers: Iterable[int]) -> list[Titled]:
        """The titles of these posts, in the order of the pages."""
        wanted = sorted(set(numbers))
        found: list[Titled] = []
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            statement = f"SELECT number, id, title FROM posts WHERE number IN ({marks})"  # noqa: S608
            found += [Titled(*row) for row in self._rows(f"{statement} ORDER BY number", some)]
        return found

    def exactly(self, form: str) -> list[int]:
        """The posts one of whose forms is this one."""
        statement = "SELECT DISTINCT post FROM titles WHERE size = ? AND form = ? ORDER BY post"
        return [post for (post,) in self._rows(statement, (len(form), form))]

    def sized(self, least: int, most: int) -> list[tuple[str, int]]:
        """Every form of so many letters, with its post."""
        statement = "SELECT form, post FROM titles WHERE size BETWEEN ? AND ?"
        return self._rows(statement, (least, most))

    def sharing(self, plain: str, lost: int) -> Iterator[int]:
        """The posts whose whole title has enough of a name's rarer runs of three letters.

        Args:
            plain: the name, in plain words.
            lost: how many of its runs a title that is meant may lack: of some more, the rarest, it
                has at least as many as are more.
        """
        grams = list(dict.fromkeys(plain[at : at + _GRAM] for at in range(len(plain) - _GRAM + 1)))
        more = min(_SHARED, len(grams) - lost)
        if more < 1 or lost + more > _AT_ONCE:
            everyone = "SELECT number FROM posts WHERE title IS NOT NULL"
            yield from (post for (post,) in self._rows(everyone, ()))
            return
        marks = ",".join("?" * len(grams))
        statement = f"SELECT term, doc FROM title_gram_counts WHERE term IN ({marks})"  # noqa: S608
        held: dict[str, int] = dict(self._rows(statement, grams))
        rarest = sorted(grams, key=lambda gram: held.get(gram, 0))[: lost + more]
        wanted = [f'"{gram}"' for gram in rarest if gram in held]
        if len(wanted) >= more:
            one = "SELECT rowid FROM title_grams WHERE title_grams MATCH ?"
            some = " UNION ALL ".join([one] * len(wanted))
            statement = f"SELECT rowid FROM ({some}) GROUP BY rowid HAVING count(*) >= ?"  # noqa: S608
            yield from (post for (post,) in self._rows(statement, [*wanted, more]))

    def holding(self, terms: Sequence[str]) -> list[tuple[str, str, int]]:
        """Id and title of each post whose title has any of the terms, and how many of them it has.

        Those with most come first, and among equals those with the greatest id.
        """
        marks = ",".join("?" * len(terms))
        return self._rows(
            "SELECT id, title, count(*) AS many FROM title_terms JOIN posts ON number = post"  # noqa: S608
            f" WHERE term IN ({marks}) GROUP BY post ORDER BY many DESC, id DESC",
            list(terms),
        )


def most_lost(size: int, likeness: float) -> int:
    """How many runs of three letters a name may lack in what has a part so like it.

    The likeness of rapidfuzz is 1 - d / (a + b), d being the letters to be taken out or put in.
    Each letter taken out of the name takes three runs with it at most, each put in two. Where the
    part is no longer than the name, that is most if all of the letters are taken out; or if as many
    are put in.

    Args:
        size: of the name, in letters.
        likeness: from 0 to 1.
    """
    edits = (1 - likeness) * 2 * size
    return math.ceil(max(_GRAM * edits / (1 + (1 - likeness)), 2.5 * edits)) + 1
