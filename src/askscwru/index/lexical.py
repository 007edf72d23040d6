"""The BM25 side: passages found by their words, and the words that the corpus knows.

The engine is tantivy, behind ``LexicalIndex``: nothing else in askscwru knows of it. A text is made
plain here, then cut, folded, freed of stop words and stemmed by tantivy, the same way when it is
indexed and when it is asked for. A question never reaches a query parser: the query is built from
its terms.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sqlite3
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from askscwru.errors import IndexDamaged
from askscwru.files import link, storage_error, writing
from askscwru.index.layout import Layout
from askscwru.index.rows import Rows, ascending

CONTEXT_BOOST = 1.2
"""How much more a word counts in a passage's title, authors or blog than in its text."""
Parts = Sequence[tuple[int, int]]
"""Key and number of passages of each part, in their order."""
MEMORY = 128_000_000
"""Bytes that building may use before a segment is written."""
MERGED_FROM = 8
"""So many segments of about a size the engine merges into one, and no fewer."""

_STOP_WORDS = """
    a about above after again against all also am an and any are arent as at be because been before
    being below between both but by can cannot cant could couldnt did didnt do does doesnt doing
    dont down during each either few for from further had hadnt has hasnt have havent having he her
    here hers herself him himself his how i if im in into is isnt it its itself ive just let me
    might more most must my myself neither no nor not of off on once only or other our ours
    ourselves out over own please same shall she should shouldnt so some such tell than that the
    their theirs them themselves then there these they theyre this those through to too under until
    up upon us very was wasnt we were werent weve what when where whether which while who whom whose
    why will with within without wont would wouldnt you your youre yours yourself yourselves
"""

_APOSTROPHES = str.maketrans(
    {**dict.fromkeys("’‘ʼ＇‛`´", "'"), **dict.fromkeys("\u00ad\u200b\u200c\u200d\ufeff", "")}
)
_POSSESSIVE = re.compile(r"'s\b", re.IGNORECASE)
_INNER_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_RAISED = re.compile(r"(?<=\d)[⁰¹²³⁴-⁹]+")
"""A note's mark behind a figure: ``14¹ metres`` are 14, and not 141."""
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_META, _MANAGED, _LOCK = "meta.json", ".managed.json", ".tantivy-meta.lock"
_PLACE_BITS = 32
_LONGEST_TERM = 64
_LEAST_MEMORY = 15_000_000  # bytes; a writer that writes no document asks for no less
_LEVEL = 462
"""Beyond what is asked for: looking once for more takes less than beginning again."""
_NAMED_UP_TO = 2_000
"""Up to so many rows are named to the engine; of more, what it finds among all is sifted."""

_ANALYZER = (
    TextAnalyzerBuilder(Tokenizer.simple())
    .filter(Filter.remove_long(_LONGEST_TERM))
    .filter(Filter.lowercase())
    .filter(Filter.ascii_fold())
    .filter(Filter.custom_stopword(_STOP_WORDS.split()))
    .filter(Filter.stemmer("english"))
    .build()
)


def analyse(text: str) -> list[str]:
    """The content terms of a text, stemmed, in their order and with repeats, exactly as indexed.

    ``The café’s 14,000 U.K. carers`` gives ``cafe 14000 uk carer``.
    """
    return list(_ANALYZER.analyze(_spelled_one_way(text)))


def _spelled_one_way(text: str) -> str:
    """The text with its apostrophes, thousands and initials written the one way."""
    text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text
    text = unicodedata.normalize("NFKC", _RAISED.sub(" ", text)).translate(_APOSTROPHES)
    text = _INNER_APOSTROPHE.sub("", _POSSESSIVE.sub("", text))
    text = _THOUSANDS.sub("", text)
    return _INITIALS.sub(lambda match: match[0].replace(".", "") + " ", text)


def numbered(key: int, place: int) -> int:
    """By what a passage is known whatever stands before its part.

    Args:
        key: of the part.
        place: of the passage in it.
    """
    return (key << _PLACE_BITS) + place


def segments_of(folder: Path) -> tuple[str, ...]:
    """The segments of which an index consists."""
    told = json.loads((folder / _META).read_text())
    return tuple(segment["segment_id"] for segment in told["segments"])


def payload_of(folder: Path) -> str | None:
    """What was told when the segments of an index were joined; raises ``OSError``."""
    told: str | None = json.loads((folder / _META).read_text()).get("payload")
    return told


@contextmanager
def _writer(index: tantivy.Index, memory: int) -> Iterator[tantivy.IndexWriter]:
    """Commits what was written; however it ends, nothing is written any more afterwards.

    The engine writes on a thread of its own, which would go on with a folder that is being removed.
    """
    # One thread, so that the same passages in the same order give the same index.
    writer = index.writer(memory, num_threads=1)
    try:
        yield writer
        writer.commit()
    except BaseException:
        with suppress(ValueError):
            writer.wait_merging_threads()
        raise
    writer.wait_merging_threads()


class LexicalIndex:
    """BM25 over the passages; safe to use from many threads."""

    def __init__(self, folder: Path, index: tantivy.Index, parts: Parts | None) -> None:
        self.folder = folder
        self._schema = index.schema
        self._searcher = index.searcher()
        self._layout = None if parts is None else Layout([size for _, size in parts])
        self._keys = np.array([key for key, _ in parts or ()], dtype=np.int64)
        self._by_key = np.argsort(self._keys)

    @classmethod
    def build(cls, folder: Path, documents: Iterable[tuple[int, str, str]]) -> None:
        """Writes the index of passages into an empty folder.

        Args:
            folder: made if it is not there.
            documents: number (of ``numbered``, or a row), context (title, authors, blog) and text
                of each passage.

        Raises:
            StorageError: the folder cannot be written, or the disk is full.
        """
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                index = tantivy.Index(_schema(), str(folder), reuse=False)
                index.register_tokenizer("askscwru", _ANALYZER)
                known = "", ""
                with _writer(index, MEMORY) as writer:
                    for row, context, text in documents:
                        if context != known[0]:  # that of the passages of a post is the same
                            known = context, _spelled_one_way(context)
                        document = tantivy.Document()
                        document.add_unsigned("row", row)
                        document.add_text("context", known[1])
                        document.add_text("text", _spelled_one_way(text))
                        writer.add_document(document)
            except ValueError as error:  # whatever tantivy meets on the disk comes as this
                raise storage_error(folder, str(error), _error_number(str(error))) from error
            _share(folder)

    @classmethod
    def join(
        cls, folder: Path, parts: Sequence[tuple[Path, Sequence[str]]], told: str | None = None
    ) -> None:
        """Makes one index of those of several parts; a score is what it is in one made at once.

        The engine sums what it knows of a word over all segments, and in none of these is anything
        marked as gone.

        Args:
            folder: of the whole; made if it is not there.
            parts: for each the folder of an index on the same disk, and those of its segments that
                are the part's: their files are linked.
            told: what is kept with it, for ``payload_of``.

        Raises:
            StorageError: the folder cannot be written, or the disk is full.
        """
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            metas = {at: json.loads((at / _META).read_text()) for at in {at for at, _ in parts}}
            held: dict[Path, dict[str, list[Path]]] = {at: defaultdict(list) for at in metas}
            for at, files in held.items():
                for path in sorted(at.iterdir()):
                    files[path.name.partition(".")[0]].append(path)
            names, segments = [_META], []
            for at, ids in parts:
                segments += [one for one in metas[at]["segments"] if one["segment_id"] in ids]
                for path in (path for one in ids for path in held[at][one.replace("-", "")]):
                    link(path, folder / path.name)
                    names.append(path.name)
            meta = {**next(iter(metas.values())), "segments": segments, "opstamp": 0}
            meta |= {"payload": told}
            (folder / _META).write_text(json.dumps(meta))
            (folder / _MANAGED).write_text(json.dumps(sorted(names)))
            (folder / _LOCK).touch()  # so that no reader makes it
            _share(folder)

    @classmethod
    def merge(cls, folder: Path, parts: Sequence[tuple[Path, Sequence[str]]]) -> None:
        """As ``join``, in fewer segments: each search begins anew in every one.

        Which are merged is for the engine to say: it puts ``MERGED_FROM`` or more of about a size
        together. Nothing of what is found depends on it.

        Raises:
            StorageError: the folder cannot be written, or the disk is full.
        """
        cls.join(folder, parts)
        if sum(len(ids) for _, ids in parts) < MERGED_FROM:
            return
        with writing(folder):
            try:
                with _writer(_open(folder), _LEAST_MEMORY):
                    pass
            except ValueError as error:
                raise storage_error(folder, str(error), _error_number(str(error))) from error
            _share(folder)

    @classmethod
    def open(cls, folder: Path, parts: Parts | None = None) -> LexicalIndex:
        """Opens an index; takes about a millisecond.

        Args:
            folder: of it.
            parts: key and number of passages of each part, in their order; None where the numbers
                are rows.

        Raises:
            IndexDamaged: naming the folder.
        """
        try:
            if os.access(folder, os.W_OK):
                return cls(folder, _open(folder), parts)
            with _unlocked(folder) as view:
                return cls(folder, _open(view), parts)
        except (ValueError, OSError) as error:
            raise IndexDamaged(
                f"{folder} cannot be read: {str(error).splitlines()[0]}",
                remedy="Run `askscwru index`.",
            ) from error

    @property
    def documents(self) -> int:
        """The number of passages."""
        return int(self._searcher.num_docs)

    def search(self, question: str, k: int, rows: Rows | None = None) -> list[tuple[int, float]]:
        """The passages that share a word with the question, best first.

        Args:
            question: any text; only its content terms matter.
            k: the most that are returned.
            rows: only these passages, by row number; None for all.

        Returns:
            Row number and BM25 score (above 0, rounded to four places); equal scores by row.
        """
        terms = list(dict.fromkeys(analyse(question)))
        if not terms or k < 1 or self.documents == 0 or (rows is not None and not len(rows)):
            return []
        named = None if rows is None or len(rows) > _NAMED_UP_TO else rows
        sifted = ascending(rows) if rows is not None and named is None else None
        query = self._query(terms, named)
        limit = k + _LEVEL
        if sifted is not None:  # as many of all as hold so many of these, by and large
            limit = (k + 32) * self.documents // len(sifted) + 1
        while True:
            # Equal scores may straddle the limit: look further until the last is lower than the
            # k-th, so that which of them are returned depends on the rows alone.
            top = self._top(query, min(limit, self.documents))
            found = top if sifted is None else _sifted(top, sifted)
            if len(top) < limit or (len(found) > k - 1 and top[-1][1] < found[k - 1][1]):
                return found[:k]
            limit *= 4

    def holding(self, terms: Sequence[str]) -> list[int]:
        """The rows of all passages whose text holds every one of these terms, ascending.

        Args:
            terms: as ``analyse`` gives them.
        """
        if not terms or not self.documents:
            return []
        parts = [
            (Occur.Must, Query.term_query(self._schema, "text", term, index_option="freq"))
            for term in dict.fromkeys(terms)
        ]
        return sorted(row for row, _ in self._top(Query.boolean_query(parts), self.documents))

    def document_frequency(self, term: str) -> int:
        """In how many passages the text (not the context) holds a term as ``analyse`` gives it."""
        return int(self._searcher.doc_freq("text", term))

    def inverse_document_frequency(self, term: str) -> float:
        """BM25's weight of a term: ln(1 + (N - n + 0.5) / (n + 0.5)), above 0.

        N is the number of passages and n of those with the term. See Robertson and Zaragoza, The
        Probabilistic Relevance Framework (2009).
        """
        holds = self.document_frequency(term)
        return math.log(1 + (self.documents - holds + 0.5) / (holds + 0.5))

    def _query(self, terms: Sequence[str], rows: Rows | None) -> Query:
        parts = []
        for term in terms:
            text = Query.term_query(self._schema, "text", term, index_option="freq")
            context = Query.term_query(self._schema, "context", term, index_option="freq")
            parts += [(Occur.Should, text)]
            parts += [(Occur.Should, Query.boost_query(context, CONTEXT_BOOST))]
        query = Query.boolean_query(parts)
        if rows is None:
            return query
        among = Query.term_set_query(self._schema, "row", self._named(rows))
        unscored = Query.const_score_query(among, 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, unscored)])

    def _top(self, query: Query, limit: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(query, limit, count=False).hits
        names = self._searcher.fast_field_values("row", [address for _, address in hits])
        rows = self._rows(np.array([name or 0 for name in names], dtype=np.int64))
        # The order in which tantivy adds up a score varies, so its last digits mean nothing.
        scores = [round(float(score), 4) for score, _ in hits]
        scored = list(zip(rows.tolist(), scores, strict=True))
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _rows(self, names: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of passages by what they are called in the engine."""
        if self._layout is None:
            return names
        keys, places = names >> _PLACE_BITS, names & ((1 << _PLACE_BITS) - 1)
        parts = self._by_key[np.searchsorted(self._keys, keys, sorter=self._by_key)]
        rows: NDArray[np.int64] = self._layout.starts[parts] + places
        return rows

    def _named(self, rows: Rows) -> list[int]:
        """What the passages of these rows are called in the engine."""
        if self._layout is None:
            return [int(row) for row in rows]
        found: list[int] = []
        for part, _, places in self._layout.split(ascending(rows)):
            found += ((self._keys[part] << _PLACE_BITS) + places).tolist()
        return found


def _sifted(found: Sequence[tuple[int, float]], rows: NDArray[np.int64]) -> list[tuple[int, float]]:
    """Those of the pairs whose row is among some rows."""
    named = np.array([row for row, _ in found], dtype=np.int64)
    at = np.searchsorted(rows, named)
    here = rows[np.minimum(at, len(rows) - 1)] == named
    return [pair for pair, kept in zip(found, here, strict=True) if kept]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", indexed=True, fast=True)
    builder.add_text_field("context", tokenizer_name="askscwru", index_option="freq")
    builder.add_text_field("text", tokenizer_name="askscwru", index_option="freq")
    return builder.build()


def _open(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    index.register_tokenizer("askscwru", _ANALYZER)
    for field in ("context", "text"):  # as the schema in the folder has them, or it is damaged
        Query.term_query(index.schema, field, "", index_option="freq")
    return index


@contextmanager
def _unlocked(folder: Path) -> Iterator[Path]:
    """A view of a folder that cannot be written to, in which tantivy can make its lock files.

    The segments are links (copies where links are not allowed); once opened they stay mapped, so
    the view may go.
    """
    with tempfile.TemporaryDirectory(prefix="askscwru-", ignore_cleanup_errors=True) as name:
        view = Path(name)
        for path in folder.resolve().iterdir():
            if path.suffix == ".lock":
                continue
            try:
                (view / path.name).symlink_to(path)
            except OSError:
                shutil.copyfile(path, view / path.name)
        yield view


def _share(folder: Path) -> None:
    """Gives every file the mode that new files have; tantivy makes two for its owner alone."""
    probe = folder / ".mode"
    probe.touch()
    for path in folder.iterdir():
        shutil.copymode(probe, path)
    probe.unlink()


def _error_number(message: str) -> int | None:
    found = re.search(r"(?:os error|code:) (\d+)", message)
    return int(found[1]) if found else None


# ---- the words that the corpus knows -------------------------------------------------------------

Selects = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs one SQL statement with its parameters and returns what it selects."""

VOCABULARY_TABLE = """
CREATE TABLE words (
    initial TEXT NOT NULL, size INTEGER NOT NULL, word TEXT NOT NULL, folded TEXT NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (initial, size, word)
) WITHOUT ROWID;
CREATE INDEX words_folded ON words (folded, count);
"""


def words_of(text: str) -> Iterator[str]:
    """The words of a text as they are written, in lower case; no numbers, no ``’s``."""
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    for match in _WORD.finditer(_POSSESSIVE.sub("", plain).lower()):
        yield match[0]


def bare_letters(word: str) -> str:
    """The word in lower case, with one kind of apostrophe and without accents."""
    plain = unicodedata.normalize("NFKD", word.translate(_APOSTROPHES).lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def vocabulary_rows(texts: Iterable[str]) -> Iterator[tuple[str, int, str, str, int]]:
    """The rows of the table of the vocabulary, in alphabetical order of the words."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words_of(text))
    for word in sorted(counts):
        yield _vocabulary_row(word, counts[word])


def _vocabulary_row(word: str, count: int) -> tuple[str, int, str, str, int]:
    return word[0], len(word), word, bare_letters(word), count


def change_words(connection: sqlite3.Connection, changes: Mapping[str, int]) -> None:
    """Adds to the counts of words in the table; one that nothing is left of is taken out."""
    key = "initial = ? AND size = ? AND word = ?"
    for word, change in changes.items():
        own = _vocabulary_row(word, change)
        connection.execute("INSERT OR IGNORE INTO words VALUES (?, ?, ?, ?, 0)", own[:4])
        connection.execute(f"UPDATE words SET count = count + ? WHERE {key}", (change, *own[:3]))  # noqa: S608
        connection.execute(f"DELETE FROM words WHERE {key} AND count <= 0", own[:3])  # noqa: S608


class Vocabulary:
    """The words of titles, authors, blogs and bodies; read from the disk one at a time."""

    def __init__(self, rows: Selects) -> None:
        self._rows = rows

    def count(self, word: str) -> int:
        """How often the corpus has the word; case and accents do not matter."""
        found = self._rows("SELECT sum(count) FROM words WHERE folded = ?", (bare_letters(word),))
        return int(found[0][0] or 0)

    def knows(self, word: str) -> bool:
        """Whether the corpus has the word; case and accents do not matter."""
        return self.count(word) > 0

    def words(self) -> dict[str, int]:
        """Every word with its count, read anew at each call."""
        return dict(self._rows("SELECT word, count FROM words ORDER BY word", ()))

    def like(self, word: str, within: int) -> dict[str, int]:
        """The words that begin with the same letter and are about as long, with their counts.

        Args:
            word: in lower case.
            within: how many letters longer or shorter they may be.
        """
        size = len(word)
        statement = "SELECT word, count FROM words WHERE initial = ? AND size BETWEEN ? AND ?"
        return dict(self._rows(statement, (word[0], size - within, size + within)))
