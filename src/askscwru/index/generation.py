"""The index in ``embeddings/``: generations, the manifest that names the live one, and search.

::

    manifest.json                  the live generation: a copy of its manifest
    generations/<id>/
        manifest.json              what it was made from and with; size and hash of every file
        passages.faiss             the vectors of all passages
        sentences.npy              the vectors of all their sentences, float16
        lexical/                   the BM25 index
        corpus.db                  sources, posts, passages, vocabulary
    models/<fingerprint>/          the encoder, exported
    cache/vectors.db               vectors by content, for the next build

A generation never changes. A new one is written beside it, flushed, and made live by replacing one
small file, so a reader sees the old one or the new one and nothing between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from askscwru.errors import AskscwruError, IndexDamaged, IndexMismatch, IndexMissing
from askscwru.files import sha256_of, storage_error, write_whole, writing
from askscwru.index.encoder import Encoder, FileFact, Vectors, check_folder
from askscwru.index.export import model_folder
from askscwru.index.lexical import LexicalIndex, Vocabulary
from askscwru.index.records import RECORDS, Records
from askscwru.settings import Settings
from askscwru.types import Passage, Post, Source

FORMAT = 2
"""Of the whole of ``embeddings/``."""
MANIFEST = "manifest.json"
PASSAGES = "passages.faiss"
SENTENCES = "sentences.npy"
LEXICAL = "lexical"
REMEDY = "Run `askscwru index`."

EXACT_UP_TO = 50_000
"""Up to this many passages every one is compared with the question; beyond, the nearest clusters.

Comparing them all takes a busy machine 0.7 ms a thousand. Beyond, an inverted file of 4·√n clusters
of which a sixteenth is looked through: repeatable (its clustering is seeded), and read from the
disk without loading it. Measured on 150,000 vectors of 384 numbers, two busy cores: 30 s to build,
1.3 ms to open, 8 ms a question, 98.6 % of the true first fifty found.
"""
DIRECT_UP_TO = 20_000
"""A search among at most this many rows compares each of them, whatever the index."""

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
    sources: dict[str, str]
    """SHA-256 of each source, by its name."""
    inputs: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file that was read, by its name: of an archive, not of what is in it."""
    places: tuple[str, ...] = ()
    """The names of the list of sources as it was; empty for the seeds folder."""
    roots: str = ""
    """The list of sources as it was, hashed: tells whether it has changed."""
    skipped: dict[str, str]
    """Why something in the seeds folder was left out, by its name."""
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


_MANIFESTS = TypeAdapter(Manifest)


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


def files_of(generation: Path) -> dict[str, FileFact]:
    """Size and hash of every file of a generation, by its path in it; no manifest, no locks."""
    return {
        path.relative_to(generation).as_posix(): FileFact.of(path)
        for path in sorted(generation.rglob("*"))
        if path.is_file() and path.name != MANIFEST and path.suffix != ".lock"
    }


def write_passages(path: Path, vectors: Vectors) -> None:
    """Writes the vector index.

    Args:
        path: the file to write.
        vectors: unit vectors of shape (passages, dimension).

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    count, dimension = vectors.shape
    index: Any = faiss.IndexFlatIP(dimension)
    if count > EXACT_UP_TO:
        clusters = int(4 * count**0.5)
        index = faiss.IndexIVFFlat(index, dimension, clusters, faiss.METRIC_INNER_PRODUCT)
        # Fewer rounds and points than FAISS's defaults (25 and 256): a tenth of the time.
        index.cp.niter, index.cp.max_points_per_centroid = 10, 64
        index.train(vectors)
        index.nprobe = max(8, clusters // 16)
    index.add(vectors)
    if count > EXACT_UP_TO:
        index.make_direct_map()  # so that the vector of a row can be read back
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        raise storage_error(path.parent, str(error).splitlines()[-1]) from error


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
        self._faiss = _open_faiss(self.folder / PASSAGES, manifest)
        self._sentences = _open_sentences(self.folder / SENTENCES, manifest)
        self.lexical = LexicalIndex.open(self.folder / LEXICAL)
        self._records = Records(self.folder / RECORDS)

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
        self, vector: Vectors, k: int, rows: Collection[int] | None = None
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
        if k < 1 or (rows is not None and not rows):
            return []
        if rows is not None and len(rows) <= DIRECT_UP_TO:
            chosen = np.array(sorted(set(rows)), dtype=np.int64)
            return _best(chosen, self.vectors(chosen) @ query[0], k)
        parameters = self._parameters(rows)
        scores, found = self._faiss.search(query, min(k, len(self)), params=parameters)
        return _best(found[0], scores[0], k)

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """The vectors of these passages: float32 of shape (len(rows), dimension)."""
        wanted = np.asarray(rows, dtype=np.int64)
        if wanted.size and (wanted.min() < 0 or wanted.max() >= len(self)):
            raise ValueError(f"rows outside 0..{len(self) - 1}")
        found: Vectors = np.empty((len(wanted), self.dimension), dtype=np.float32)
        if wanted.size:
            self._faiss.reconstruct_batch(wanted, found)
        return found

    def sentence_vectors(self, row: int) -> Vectors:
        """The vectors of a passage's sentences: float32 of shape (sentences, dimension).

        They are unit vectors to about 0.001: two bytes are kept of each number.
        """
        first, end = self._records.sentence_range(row)
        return np.asarray(self._sentences[first:end], dtype=np.float32)

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of these rows, in the order of ``rows``."""
        return self._records.passages(rows)

    def rows_for(self, post_ids: Collection[str]) -> list[int]:
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

    def _parameters(self, rows: Collection[int] | None) -> Any:
        """What limits a search to some rows, or None; FAISS keeps the selector alive with it."""
        if rows is None:
            return None
        selector = faiss.IDSelectorBatch(np.array(sorted(set(rows)), dtype=np.int64))
        library: Any = faiss  # its type stubs do not know that parameters are given by name
        if isinstance(self._faiss, faiss.IndexIVF):
            return library.SearchParametersIVF(sel=selector, nprobe=self._faiss.nprobe)
        return library.SearchParameters(sel=selector)


def _best(rows: NDArray[np.int64], scores: Vectors, k: int) -> list[tuple[int, float]]:
    """The k best pairs; a row of -1 is FAISS's word for none."""
    real = rows >= 0
    rows, scores = rows[real], scores[real]
    order = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(np.clip(scores[i], -1.0, 1.0))) for i in order]


def _check_model(embeddings: Path, manifest: Manifest, settings: Settings) -> None:
    if manifest.model.name != settings.model:
        raise IndexMismatch(
            f"The index in {embeddings} was built with the model {manifest.model.name}, "
            f"not {settings.model}.",
            remedy=f"{REMEDY[:-1]} to build it with {settings.model}.",
        )


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name in (PASSAGES, SENTENCES, RECORDS):
        if name not in manifest.files:
            raise IndexDamaged(f"{folder} has no {name}.", remedy=REMEDY)
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


def _open_faiss(path: Path, manifest: Manifest) -> Any:
    large = manifest.counts["passages"] > EXACT_UP_TO
    with _reading(path):
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP if large else 0)
    if (index.ntotal, index.d) != (manifest.counts["passages"], manifest.model.dimension):
        raise IndexDamaged(
            f"{path} holds {index.ntotal} vectors of {index.d} numbers, not "
            f"{manifest.counts['passages']} of {manifest.model.dimension}.",
            remedy=REMEDY,
        )
    return index


def _open_sentences(path: Path, manifest: Manifest) -> NDArray[np.float16]:
    shape = (manifest.counts["sentences"], manifest.model.dimension)
    with _reading(path):
        vectors: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
    if vectors.shape != shape or vectors.dtype != np.float16:
        raise IndexDamaged(f"{path} holds {vectors.shape} numbers, not {shape}.", remedy=REMEDY)
    return vectors
