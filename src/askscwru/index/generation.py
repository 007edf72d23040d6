"""The index in ``embeddings/``: generations, the manifest that names the live one, and search.

::

    manifest.json                  the live generation: a copy of its manifest
    generations/<id>/
        manifest.json              what it was made with; size and hash of every file
        made_from.json             what it was made from
        corpus.db                  what is looked through: posts, names, titles, vocabulary
        lexical/                   the BM25 index
        parts/<key>/               of some thousand passages of whole posts
            records.db             posts and passages, and the texts of sources
            passages.faiss         the vectors of the passages, to be searched
            passages.npy           those vectors to be compared again, where they are many
            sentences.npy          the vectors of all their sentences
    models/<fingerprint>/          the encoder, exported
    cache/vectors.db               vectors by content, for the next build

A generation never changes. A new one is written beside it, flushed, and made live by replacing one
small file, so a reader sees the old one or the new one and nothing between. Files of a part in
which nothing has changed are links to those of the generation before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from askscwru.errors import AskscwruError, IndexDamaged, IndexMismatch, IndexMissing
from askscwru.files import sha256_of, write_whole, writing
from askscwru.index.encoder import Encoder, FileFact, Vectors, check_folder
from askscwru.index.export import model_folder
from askscwru.index.lexical import LexicalIndex, Vocabulary
from askscwru.index.records import PARTS, RECORDS, Records
from askscwru.index.rows import Rows
from askscwru.index.vectors import (
    SENTENCES,
    PassageVectors,
    SentenceVectors,
    is_large,
)
from askscwru.settings import Settings
from askscwru.types import Passage, Post, Source

FORMAT = 4
"""Of the whole of ``embeddings/``."""
MANIFEST = "manifest.json"
MADE_FROM = "made_from.json"
LEXICAL = "lexical"
REMEDY = "Run `askscwru index`."

_HASHED_UP_TO = 4_000_000  # bytes: hashing what is larger would slow the opening down


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFact:
    """The encoder that the vectors are from."""

    name: str
    """The setting ``model`` that it was built with."""
    fingerprint: str
    dimension: int
    max_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation is, was made from and was made with."""

    format: int
    generation: str
    """The time at which it was begun (UTC), and six digits that keep two apart."""
    previous: str | None
    """The generation before it, kept for readers that still have it open."""
    model: ModelFact
    settings: dict[str, int]
    """Those that shape an index."""
    code: str
    """Hash of the program files that shape an index: another version builds it anew."""
    seeds_manifest: str
    """SHA-256 of the seeds manifest; empty when there is none."""
    places: tuple[str, ...] = ()
    """The names of the list of sources as it was; empty for the seeds folder."""
    roots: str = ""
    """The list of sources as it was, hashed: tells whether it has changed."""
    vectors: str = ""
    """The name under which the vectors are kept for later builds: the model, in which products."""
    counts: dict[str, int]
    """sources, posts, passages, sentences."""
    built_at: str
    """ISO time, UTC."""
    seconds: float
    """How long the build took."""
    versions: dict[str, str]
    """Of askscwru and of the libraries whose files these are."""
    files: dict[str, FileFact] = field(default_factory=dict)
    """Every file of the generation, by its path in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrom:
    """What a generation was made from; apart from the manifest, for it grows with the sources."""

    sources: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each source, by its name."""
    inputs: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file that was read, by its name: of an archive, not of what is in it."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Why something in the seeds folder was left out, by its name."""
    cut: dict[str, int] = field(default_factory=dict)
    """How many sentences of a source were cut, because they are longer than a passage."""


_MANIFESTS = TypeAdapter(Manifest)
_MADE_FROM = TypeAdapter(MadeFrom)


def generations_folder(embeddings: Path) -> Path:
    """Where the generations lie, each under its id."""
    return embeddings / "generations"


def read_manifest(path: Path) -> Manifest:
    """A manifest, checked for form and format.

    Raises:
        IndexMissing: there is no such file.
        IndexDamaged: it cannot be read, or is not one of ours.
        IndexMismatch: it is of another format.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(f"There is no index in {path.parent}.", remedy=REMEDY) from error
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read: {error.strerror}.", remedy=REMEDY) from error
    try:
        stated = TypeAdapter(dict[str, Any]).validate_json(data).get("format")
        if isinstance(stated, int) and stated != FORMAT:
            raise IndexMismatch(
                f"{path} is of format {stated}; this askscwru reads format {FORMAT}.",
                remedy=REMEDY,
            )
        return _MANIFESTS.validate_json(data)
    except ValidationError as error:
        raise IndexDamaged(f"{path} is damaged or not askscwru's.", remedy=REMEDY) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replaces ``manifest.json`` of a folder in one step; raises ``StorageError``."""
    with writing(folder):
        write_whole(folder / MANIFEST, _MANIFESTS.dump_json(manifest, indent=2) + b"\n")


def write_made_from(folder: Path, made: MadeFrom) -> None:
    """Writes the file of a generation; raises ``OSError``."""
    (folder / MADE_FROM).write_bytes(_MADE_FROM.dump_json(made) + b"\n")


def read_made_from(embeddings: Path, manifest: Manifest) -> MadeFrom:
    """What a generation was made from; raises ``IndexDamaged``."""
    path = generations_folder(embeddings) / manifest.generation / MADE_FROM
    with _reading(path):
        return _MADE_FROM.validate_json(path.read_bytes())


def files_of(generation: Path, known: Mapping[str, FileFact] | None = None) -> dict[str, FileFact]:
    """Size and hash of every file of a generation, by its path in it; no manifest, no locks.

    Args:
        generation: its folder.
        known: of files that are links to those of another generation.
    """
    found: dict[str, FileFact] = {}
    for path in sorted(generation.rglob("*")):
        if path.is_file() and path.name != MANIFEST and path.suffix != ".lock":
            name = path.relative_to(generation).as_posix()
            found[name] = (known or {}).get(name) or FileFact.of(path)
    return found


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turns what any library says of a file that it cannot read into ``IndexDamaged``."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, MemoryError, EOFError, sqlite3.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise IndexDamaged(f"{path} cannot be read: {reason}", remedy=REMEDY) from error


class Index:
    """One generation, open for reading; safe to use from many threads.

    It stays whole when a later build makes another generation live.
    """

    def __init__(self, embeddings: Path, manifest: Manifest, threads: int) -> None:
        """Opens a generation whose files have been checked; see ``open``."""
        self.embeddings = embeddings
        self.folder = generations_folder(embeddings) / manifest.generation
        self.manifest = manifest
        faiss.omp_set_num_threads(threads)
        passages, dimension = manifest.counts["passages"], manifest.model.dimension
        self._records = Records(self.folder / RECORDS)
        parts, large = self._records.parts, is_large(passages)
        if len(self._records.layout) != passages:
            raise _not_described(self.folder / RECORDS)
        folders = [part.folder(self.folder) for part in parts]
        try:
            with _reading(self.folder / PARTS):
                self._vectors = PassageVectors(
                    folders, self._records.layout, dimension, large=large
                )
                self._sentences = SentenceVectors(
                    [folder / SENTENCES for folder in folders],
                    self._records.sentences,
                    dimension,
                    large=large,
                )
            self.lexical = LexicalIndex.open(
                self.folder / LEXICAL, [(part.key, part.passages) for part in parts]
            )
        except IndexDamaged:
            self._records.close()
            raise

    @classmethod
    def open(cls, embeddings: Path, settings: Settings) -> Index:
        """Opens the live generation; takes about 5 ms.

        The size of every file is checked, and the hash of those up to 4 MB; ``verify`` reads all.

        Raises:
            IndexMissing: there is none.
            IndexDamaged: naming the file that is missing, cut short, altered or not ours.
            IndexMismatch: it was built with another format or model.
        """
        manifest = read_manifest(embeddings / MANIFEST)
        while True:
            try:
                _check_model(embeddings, manifest, settings)
                _check_files(generations_folder(embeddings) / manifest.generation, manifest)
                return cls(embeddings, manifest, settings.threads)
            except IndexDamaged:
                # Builds may have made another generation live, and removed this one, meanwhile.
                again = read_manifest(embeddings / MANIFEST)
                if again.generation == manifest.generation:
                    raise
                manifest = again

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.manifest.model.dimension

    @property
    def model_folder(self) -> Path:
        """Where the encoder lies that made the vectors."""
        return model_folder(self.embeddings, self.manifest.model.fingerprint)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that the corpus knows."""
        return self._records.vocabulary

    @property
    def records(self) -> Records:
        """Sources, posts and passages, to be looked up by what is known of them."""
        return self._records

    def __len__(self) -> int:
        """The number of passages."""
        return self.manifest.counts["passages"]

    def made_from(self) -> MadeFrom:
        """What it was made from; raises ``IndexDamaged``."""
        return read_made_from(self.embeddings, self.manifest)

    def close(self) -> None:
        """Lets go of the records; the rest goes with the object."""
        self._records.close()

    def check_encoder(self, encoder: Encoder) -> None:
        """Raises ``IndexMismatch`` unless the encoder is the one that made the vectors."""
        ours = self.manifest.model
        if (encoder.fingerprint, encoder.dimension) != (ours.fingerprint, ours.dimension):
            raise IndexMismatch(
                f"The index in {self.embeddings} holds vectors of {ours.dimension} numbers from "
                f"model {ours.fingerprint}; the encoder {encoder.fingerprint} gives "
                f"{encoder.dimension}.",
                remedy=REMEDY,
            )

    def dense_search(
        self, vector: Vectors, k: int, rows: Rows | None = None
    ) -> list[tuple[int, float]]:
        """The passages whose vectors are nearest to one.

        Args:
            vector: a unit vector, of shape (dimension,) or (1, dimension).
            k: the most that are returned.
            rows: only these passages, by row number; None for all.

        Returns:
            Row number and cosine in [-1, 1], best first; equal ones by row.

        Raises:
            IndexMismatch: the vector is of another length.
        """
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        if query.shape[1] != self.dimension:
            raise IndexMismatch(
                f"A vector of {query.shape[1]} numbers cannot be compared with those of the index "
                f"in {self.embeddings}, which have {self.dimension}.",
                remedy=REMEDY,
            )
        return self._vectors.search(query, k, rows)

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """The vectors of these passages: float32 of shape (len(rows), dimension)."""
        wanted = np.asarray(rows, dtype=np.int64)
        if wanted.size and (wanted.min() < 0 or wanted.max() >= len(self)):
            raise ValueError(f"rows outside 0..{len(self) - 1}")
        return self._vectors[wanted]

    def sentence_vectors(self, row: int) -> Vectors:
        """The vectors of a passage's sentences: float32 of shape (sentences, dimension).

        They are unit vectors to about 0.001.
        """
        return self.sentences_of([row])[row]

    def sentences_of(self, rows: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of the sentences of several passages, by the passage's row."""
        ranges = self._records.sentence_ranges(rows)
        return {row: self._sentences[first:end] for row, (first, end) in ranges.items()}

    def kept_sentences(self, first: int, end: int) -> NDArray[Any]:
        """The vectors of the sentences of the passages from one row up to another, as kept.

        They are of one part.
        """
        ranges = self._records.sentence_ranges([first, end - 1])
        return self._sentences.kept(slice(ranges[first][0], ranges[end - 1][1]))

    def passages(self, rows: Sequence[int] | NDArray[np.int64]) -> list[Passage]:
        """The passages of these rows, in the order of ``rows``."""
        return self._records.passages(rows)

    def rows_for(self, post_ids: Collection[str]) -> NDArray[np.int64]:
        """The rows of all passages of these posts, ascending."""
        return self._records.rows_for(post_ids)

    def posts(self) -> tuple[Post, ...]:
        """Every post, in the order of the pages."""
        return self._records.posts()

    def post(self, post_id: str) -> Post:
        """One post; raises ``NotFoundError``."""
        return self._records.post(post_id)

    def sources(self) -> tuple[Source, ...]:
        """Every source, by name."""
        return self._records.sources()

    def source(self, name: str) -> Source:
        """One source; raises ``NotFoundError``."""
        return self._records.source(name)

    def text(self, name: str) -> str:
        """The text that was extracted for a source; raises ``NotFoundError``."""
        return self._records.text(name)

    def verify(self) -> list[AskscwruError]:
        """Reads every byte of the generation and of its model.

        Returns:
            What is wrong, as errors with a remedy each; empty when all is sound.
        """
        faults: list[AskscwruError] = []
        for name, fact in self.manifest.files.items():
            path = self.folder / name
            try:
                sound = sha256_of(path) == fact.sha256
            except OSError:
                sound = False
            if not sound:
                faults.append(_not_described(path))
        try:
            self._records.check()
        except IndexDamaged as error:
            faults.append(error)
        try:
            check_folder(self.model_folder, whole=True)
        except AskscwruError as error:
            faults.append(error)
        return faults


def _check_model(embeddings: Path, manifest: Manifest, settings: Settings) -> None:
    if manifest.model.name != settings.model:
        raise IndexMismatch(
            f"The index in {embeddings} was built with the model {manifest.model.name}, "
            f"not {settings.model}.",
            remedy=f"{REMEDY[:-1]} to build it with {settings.model}.",
        )


def _check_files(folder: Path, manifest: Manifest) -> None:
    if RECORDS not in manifest.files:
        raise IndexDamaged(f"{folder} has no {RECORDS}.", remedy=REMEDY)
    for name, fact in manifest.files.items():
        path = folder / name
        try:
            sound = path.stat().st_size == fact.bytes
            if sound and fact.bytes <= _HASHED_UP_TO:
                sound = sha256_of(path) == fact.sha256
        except FileNotFoundError as error:
            raise IndexDamaged(f"{path} is missing.", remedy=REMEDY) from error
        except OSError as error:
            reason = error.strerror
            raise IndexDamaged(f"{path} cannot be read: {reason}.", remedy=REMEDY) from error
        if not sound:
            raise _not_described(path)


def _not_described(path: Path) -> IndexDamaged:
    return IndexDamaged(f"{path} is damaged or not the file that was built.", remedy=REMEDY)
