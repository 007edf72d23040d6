"""The index in ``embeddings/``: generations, the manifest that names the live one, and search.

::

    manifest.json                  the live generation: a copy of its manifest
    generations/<id>/
        manifest.json              what it was made with; size and hash of every file
        made_from.json             what it was made from
        corpus.db                  what is looked through: posts, names, titles, vocabulary
        lexical/                   the BM25 index that is searched
        lexical-parts/             what each part has of it, for the next build
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

With a Milvus server (``ASKSCWRU_INDEX``) the vectors are there as well, and its alias says which
generation is live; all else of that generation is read from its folder here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from askscwru.errors import AskscwruError, IndexAway, IndexDamaged, IndexMismatch, IndexMissing
from askscwru.files import sha256_of, write_whole, writing
from askscwru.index.encoder import Encoder, FileFact, Vectors, check_folder
from askscwru.index.export import model_folder
from askscwru.index.lexical import LexicalIndex, Vocabulary
from askscwru.index.records import PARTS, RECORDS, PostSet, Records
from askscwru.index.rows import Rows
from askscwru.index.served import ServedVectors, live_in
from askscwru.index.vectors import (
    PASSAGES,
    SENTENCES,
    VECTORS,
    KeptSentences,
    PassageVectors,
    SearchedPassages,
    SentenceVectors,
    is_large,
)
from askscwru.milvus.server import MilvusServer
from askscwru.settings import Settings
from askscwru.types import Passage, Post, Source

FORMAT = 5
"""Of the whole of ``embeddings/``."""
MANIFEST = "manifest.json"
MADE_FROM = "made_from.json"
LEXICAL = "lexical"
OWN_LEXICAL = "lexical-parts"
VECTOR_FILES = frozenset({PASSAGES, VECTORS, SENTENCES})
"""Of a part: what a machine that has its vectors from a server needs no copy of."""
REMEDY = "Run `askscwru index`."

_HASHED_UP_TO = 4_000_000  # bytes: hashing what is larger would slow the opening down
_NOT_SEARCHED = f"{OWN_LEXICAL}/"


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

    def __init__(
        self,
        embeddings: Path,
        manifest: Manifest,
        threads: int,
        served: ServedVectors | None = None,
    ) -> None:
        """Opens a generation whose files have been checked; see ``open``.

        Args:
            embeddings: the folder of the index.
            manifest: of the generation.
            threads: that a search may use.
            served: the vectors, where a server holds them; None for those in the files.
        """
        self.embeddings = embeddings
        self.folder = generations_folder(embeddings) / manifest.generation
        self.manifest = manifest
        faiss.omp_set_num_threads(threads)
        self._served = served
        self._records = Records(self.folder / RECORDS)
        self._vectors: SearchedPassages
        self._sentences: KeptSentences
        try:
            if len(self._records.layout) != len(self):
                raise _not_described(self.folder / RECORDS)
            if served is None:
                self._vectors, self._sentences = self._vectors_in_files(threads)
            else:
                self._vectors, self._sentences = served, served
            parts = self._records.parts
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
            IndexAway: a server is to hold its vectors, and is away.
            UsageError: likewise, and the extra that is needed is not installed.
        """
        if settings.index is not None:
            return cls._open_served(embeddings, settings, MilvusServer(settings.index))
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

    @classmethod
    def _open_served(cls, embeddings: Path, settings: Settings, server: MilvusServer) -> Index:
        """Opens the generation that a server says is live; all but its vectors is in files."""
        try:
            served = live_in(server)
            if served is None:
                raise IndexMissing(f"There is no index in {server.address}.", remedy=REMEDY)
            folder = generations_folder(embeddings) / served.generation
            if not (folder / MANIFEST).is_file():
                raise IndexMismatch(
                    f"{server.address} serves the generation {served.generation}, which is not in "
                    f"{embeddings}.",
                    remedy=f"Copy {folder} from the machine that built it, all but *.faiss and "
                    "*.npy; or run `askscwru index` to build it here.",
                )
            manifest = read_manifest(folder / MANIFEST)
            _check_model(embeddings, manifest, settings)
            _check_files(folder, manifest, vectors=False)
            vectors = ServedVectors(server, served, manifest.model.dimension)
            return cls(embeddings, manifest, settings.threads, vectors)
        except BaseException:
            server.close()
            raise

    def _vectors_in_files(self, threads: int) -> tuple[PassageVectors, SentenceVectors]:
        """Those of all parts; raises ``IndexDamaged``."""
        records, dimension, large = self._records, self.dimension, is_large(len(self))
        folders = [part.folder(self.folder) for part in records.parts]
        with _reading(self.folder / PARTS):
            vectors = PassageVectors(
                folders, records.layout, dimension, large=large, threads=threads
            )
            sentences = SentenceVectors(
                [folder / SENTENCES for folder in folders],
                records.sentences,
                dimension,
                large=large,
            )
        return vectors, sentences

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
        """Lets go of the records and of a server; the rest goes with the object."""
        self._records.close()
        if self._served is not None:
            self._served.close()

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
        self,
        vector: Vectors,
        k: int,
        rows: Rows | None = None,
        among: Collection[str] | None = None,
    ) -> list[tuple[int, float]]:
        """The passages whose vectors are nearest to one.

        Args:
            vector: a unit vector, of shape (dimension,) or (1, dimension).
            k: the most that are returned.
            rows: only these passages, by row number; None for all.
            among: the posts that these are all passages of, where that is known.

        Returns:
            Row number and cosine in [-1, 1], best first; equal ones by row.

        Raises:
            IndexMismatch: the vector is of another length.
            IndexAway: the server that holds the vectors is away.
        """
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        if query.shape[1] != self.dimension:
            raise IndexMismatch(
                f"A vector of {query.shape[1]} numbers cannot be compared with those of the index "
                f"in {self.embeddings}, which have {self.dimension}.",
                remedy=REMEDY,
            )
        return self._vectors.search(
            query, k, rows, among.said if isinstance(among, PostSet) else None
        )

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
        return self._sentences.of(self._records.sentence_ranges(rows))

    def kept_sentences(self, first: int, end: int) -> NDArray[Any]:
        """The vectors of the sentences of the passages from one row up to another, as kept.

        They are of one part, and in files: a server cannot tell.
        """
        assert isinstance(self._sentences, SentenceVectors)  # noqa: S101 - builds open files
        ranges = self._records.sentence_ranges([first, end - 1])
        return self._sentences.kept(slice(ranges[first][0], ranges[end - 1][1]))

    def packed_sentences(self, rows: Sequence[int]) -> dict[int, bytes]:
        """The vectors of the sentences of several passages, as kept, by the passage's row."""
        assert isinstance(self._sentences, SentenceVectors)  # noqa: S101 - as above
        ranges = self._records.sentence_ranges(rows)
        return {row: self._sentences.kept(slice(*ends)).tobytes() for row, ends in ranges.items()}

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
        if self._served is not None:
            faults += self._served.check()
        for name, fact in self.manifest.files.items():
            if self._served is not None and _holds_vectors(name):
                continue
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


class LiveMark:
    """What tells one live generation from the next, at little cost."""

    def __init__(self, settings: Settings) -> None:
        """Looks at nothing yet; raises ``UsageError`` where an extra is needed and missing."""
        self._embeddings = settings.embeddings
        self._server = None if settings.index is None else MilvusServer(settings.index)
        self._seen: Hashable = None

    def now(self) -> Hashable:
        """Another value whenever another generation can be opened; None where there is none.

        While a server is away, nothing is known to have changed.
        """
        if self._server is None:
            return _stamp(self._embeddings / MANIFEST)
        with suppress(IndexAway, IndexDamaged):
            served = live_in(self._server)
            name = None if served is None else served.generation
            path = generations_folder(self._embeddings) / str(name) / MANIFEST
            self._seen = None if name is None else (name, _stamp(path))
        return self._seen

    def close(self) -> None:
        """Lets go of a server."""
        if self._server is not None:
            self._server.close()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells one file of a name from the next; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _check_model(embeddings: Path, manifest: Manifest, settings: Settings) -> None:
    if manifest.model.name != settings.model:
        raise IndexMismatch(
            f"The index in {embeddings} was built with the model {manifest.model.name}, "
            f"not {settings.model}.",
            remedy=f"{REMEDY[:-1]} to build it with {settings.model}.",
        )


def _check_files(folder: Path, manifest: Manifest, *, vectors: bool = True) -> None:
    if RECORDS not in manifest.files:
        raise IndexDamaged(f"{folder} has no {RECORDS}.", remedy=REMEDY)
    for name, fact in manifest.files.items():
        if not vectors and _holds_vectors(name):
            continue
        path = folder / name
        try:
            sound = path.stat().st_size == fact.bytes
            if sound and fact.bytes <= _HASHED_UP_TO and not name.startswith(_NOT_SEARCHED):
                sound = sha256_of(path) == fact.sha256
        except FileNotFoundError as error:
            raise IndexDamaged(f"{path} is missing.", remedy=REMEDY) from error
        except OSError as error:
            reason = error.strerror
            raise IndexDamaged(f"{path} cannot be read: {reason}.", remedy=REMEDY) from error
        if not sound:
            raise _not_described(path)


def _holds_vectors(name: str) -> bool:
    """Whether a file of a generation, by its path in it, holds vectors and nothing else."""
    return name.rpartition("/")[2] in VECTOR_FILES


def _not_described(path: Path) -> IndexDamaged:
    return IndexDamaged(f"{path} is damaged or not the file that was built.", remedy=REMEDY)
