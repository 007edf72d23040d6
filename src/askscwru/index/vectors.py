"""The vectors of passages and sentences on the disk: exact where few, quantised where many.

They lie in parts (see ``layout``), each part's in files of its own. Up to ``EXACT_UP_TO`` passages
every one is compared with the question, in full precision. Beyond, every one is compared by half a
byte a number (FAISS's scan of four-bit codes, held in memory), and the best of those again by
vectors of two bytes a number, which are mapped. The codes depend on nothing but the vector: it is
turned by a fixed rotation, after which each of its numbers is nearly normally distributed, and each
is rounded to the sixteen levels that lose least of such numbers (Max, "Quantizing for minimum
distortion", IRE Transactions on Information Theory 1960). So no index is trained, and a part gives
the same whatever else there is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from askscwru.files import storage_error, writing
from askscwru.index.encoder import Vectors
from askscwru.index.layout import Layout
from askscwru.index.rows import Rows, ascending

PASSAGES = "passages.faiss"
VECTORS = "passages.npy"
SENTENCES = "sentences.npy"

EXACT_UP_TO = 50_000
"""Up to this many passages every one is compared; that takes a busy machine 0.7 ms a thousand."""
DIRECT_UP_TO = 20_000
"""A search among at most this many rows compares each of them, whatever the index."""

_MORE = 500  # proposals beyond what is asked for: of copies that differ little, all
_WIDER = 2  # times as many proposals as would hold enough of some rows, if all were alike
_READ_UP_TO = 1_000  # rows
_SEED = 1
_LEVELS = (0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6181, 2.0691, 2.7326)
"""Half of the sixteen levels of Max's table for numbers of mean 0 and variance 1."""


def is_large(passages: int) -> bool:
    """Whether the vectors of so many passages are quantised."""
    return passages > EXACT_UP_TO


# -- writing ---------------------------------------------------------------------------------------


def write_passages(folder: Path, vectors: Vectors, *, large: bool) -> None:
    """Writes the vectors of the passages of a part.

    Args:
        folder: of the part.
        vectors: unit vectors of shape (passages, dimension).
        large: whether they are quantised.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    if large:
        kept = vectors.astype("<f2")
        with writing(folder):
            np.save(folder / VECTORS, kept, allow_pickle=False)
        # From what is kept, so that vectors taken over from there give the same codes.
        index = _coded(kept.astype(np.float32))
    else:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    try:
        faiss.write_index(index, str(folder / PASSAGES))
    except RuntimeError as error:
        raise storage_error(folder, str(error).splitlines()[-1]) from error


def _coded(vectors: Vectors) -> Any:
    """All vectors in codes of half a byte a number."""
    dimension = vectors.shape[1]
    library: Any = faiss
    index = library.IndexPQFastScan(dimension, dimension, 4, faiss.METRIC_INNER_PRODUCT)
    levels = np.array([*(-level for level in reversed(_LEVELS)), *_LEVELS]) / dimension**0.5
    centroids = np.tile(levels.astype(np.float32), dimension)
    library.copy_array_to_vector(centroids, index.pq.centroids)
    index.is_trained = True
    index.add(np.asarray(vectors, dtype=np.float32) @ _rotation(dimension))
    return index


@cache
def _rotation(dimension: int) -> Vectors:
    """A rotation that spreads what any one number tells over all of them; always the same."""
    # Of NumPy's generators this alone is promised to give the same numbers for ever.
    some = np.random.RandomState(_SEED).standard_normal((dimension, dimension))
    turned, triangle = np.linalg.qr(some)
    found: Vectors = (turned * np.sign(np.diag(triangle))).astype(np.float32)
    return found


class SentenceWriter:
    """Writes the vectors of sentences as they come: two bytes a number, or one where they are many.

    Where they are many each vector has a scale of its own, so that a cosine is off by 0.001.
    """

    def __init__(self, path: Path, sentences: int, dimension: int, *, large: bool) -> None:
        """Begins the file; raises ``OSError``."""
        self._type = kept_type(dimension, large=large)
        shape = (sentences,) if large else (sentences, dimension)
        self._file = path.open("wb")
        header = {
            "descr": np.lib.format.dtype_to_descr(self._type),
            "fortran_order": False,
            "shape": shape,
        }
        np.lib.format.write_array_header_1_0(self._file, header)

    def add(self, vectors: Vectors) -> None:
        """Writes the next vectors."""
        if self._type.names is None:
            self._file.write(vectors.astype("<f2").tobytes())
            return
        packed = np.empty(len(vectors), dtype=self._type)
        packed["scale"] = np.maximum(np.abs(vectors).max(axis=1, initial=0.0), 1e-6) / 127
        packed["values"] = np.rint(vectors / packed["scale"][:, None])
        self._file.write(packed.tobytes())

    def copy(self, kept: NDArray[Any]) -> None:
        """Writes the next vectors as ``SentenceVectors.kept`` has them.

        Raises:
            ValueError: they are kept in another way than here.
        """
        if kept.dtype != self._type:
            raise ValueError(f"they are of {kept.dtype}, not {self._type}")
        self._file.write(kept.tobytes())

    def close(self) -> None:
        """Ends the file."""
        self._file.close()


def kept_type(dimension: int, *, large: bool) -> np.dtype[Any]:
    """How a vector of a sentence is kept; where they are few, each number of it."""
    if not large:
        return np.dtype("<f2")
    return np.dtype([("scale", "<f4"), ("values", "i1", (dimension,))])


def unpacked(kept: NDArray[Any]) -> Vectors:
    """Vectors of sentences, as they are kept, as numbers: float32 of shape (rows, dimension)."""
    if kept.dtype.names is None:
        return np.asarray(kept, dtype=np.float32)
    found: Vectors = kept["values"].astype(np.float32) * kept["scale"][:, None]
    return found


# -- reading ---------------------------------------------------------------------------------------


class SearchedPassages(Protocol):
    """Where the vectors of passages are searched: in files, or in a server."""

    def search(
        self,
        question: Vectors,
        k: int,
        rows: Rows | None,
        said: tuple[tuple[str, ...], ...] | None = None,
    ) -> list[tuple[int, float]]:
        """Row number and cosine of the nearest, best first; equal ones by row.

        Args:
            question: a unit vector of shape (1, dimension).
            k: the most that are returned.
            rows: only these passages; None for all.
            said: the conditions that say the same as ``rows``, where they can be said in words.
        """

    def __getitem__(self, rows: NDArray[np.int64]) -> Vectors:
        """The vectors of these passages: float32 of shape (len(rows), dimension)."""


class KeptSentences(Protocol):
    """Where the vectors of sentences are read: in a file, or in a server."""

    def of(self, ranges: Mapping[int, tuple[int, int]]) -> dict[int, Vectors]:
        """Unit vectors, to about 0.001, of the sentences of passages, by row.

        Args:
            ranges: first and end of each passage's sentences among all.
        """


def _read(path: Path) -> Any:
    """An index of FAISS; raises ``ValueError`` that names the file."""
    try:
        return faiss.read_index(str(path))
    except RuntimeError as error:
        raise ValueError(f"{path}: {str(error).splitlines()[-1]}") from error


class _OnDisk:
    """An array that stays on the disk.

    A few rows are read, for a system maps what stands around a row with it, and in the end all of
    a file; many rows are mapped.
    """

    def __init__(self, path: Path) -> None:
        """Opens it; raises ``ValueError`` or ``OSError`` that names the file."""
        try:
            mapped: Any = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise ValueError(f"{path}: {error}") from error
        self._mapped = mapped
        self.dtype: np.dtype[Any] = mapped.dtype
        self.shape: tuple[int, ...] = mapped.shape
        self.row = self.dtype.itemsize * int(np.prod(self.shape[1:], dtype=np.int64))
        """The bytes of a row."""
        self.begins = int(getattr(mapped, "offset", 0))
        self.file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def __del__(self) -> None:
        if (file := getattr(self, "file", None)) is not None:
            os.close(file)

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> NDArray[Any]:
        if isinstance(rows, slice):
            first, end, _ = rows.indices(self.shape[0])
            return self._read(first, end - first)
        if len(rows) > _READ_UP_TO or not len(rows):
            found: NDArray[Any] = self._mapped[rows]
            return found
        return _read_apart([self], np.zeros(len(rows), dtype=np.int64), rows)

    def _read(self, first: int, count: int) -> NDArray[Any]:
        if os.name == "nt":  # which reads at a place only by moving to it
            kept: NDArray[Any] = self._mapped[first : first + count]
            return kept
        data = os.pread(self.file, self.row * count, self.begins + first * self.row)
        return np.frombuffer(data, self.dtype).reshape(count, *self.shape[1:])


def _read_apart(
    files: Sequence[_OnDisk], of: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[Any]:
    """Rows of arrays that are alike, each read by itself.

    Args:
        files: the arrays.
        of: for each row, the place of its array among them.
        rows: their places in it.
    """
    first = files[0]
    if os.name == "nt":
        some = [files[at][row : row + 1] for at, row in zip(of, rows, strict=True)]
        return np.concatenate(some)
    begins = np.array([file.begins for file in files])[of] + rows * first.row
    handles = np.array([file.file for file in files])[of]
    read, size = os.pread, first.row
    data = b"".join(
        [read(file, size, at) for file, at in zip(handles.tolist(), begins.tolist(), strict=True)]
    )
    return np.frombuffer(data, first.dtype).reshape(len(rows), *first.shape[1:])


class SentenceVectors:
    """The vectors of all sentences, read in place."""

    def __init__(
        self, paths: Sequence[Path], sentences: Layout, dimension: int, *, large: bool
    ) -> None:
        """Opens the files.

        Args:
            paths: of the parts, in their order.
            sentences: how many each has.
            dimension: the length of a vector.
            large: whether there are many passages.

        Raises:
            ValueError: one holds something else.
            OSError: one cannot be read.
        """
        self._layout = sentences
        kind = kept_type(dimension, large=large)
        self._kept: list[_OnDisk] = []
        for path, size in zip(paths, sentences.sizes, strict=True):
            kept = _OnDisk(path)
            shape = (size,) if large else (size, dimension)
            if kept.dtype != kind or kept.shape != shape:
                raise ValueError(f"{path} holds {kept.shape} of {kept.dtype}, not {shape}")
            self._kept.append(kept)

    def __getitem__(self, rows: slice) -> Vectors:
        """Unit vectors, to about 0.001: float32 of shape (rows, dimension).

        They stand in one part, as the sentences of a passage do.
        """
        return unpacked(self.kept(rows))

    def of(self, ranges: Mapping[int, tuple[int, int]]) -> dict[int, Vectors]:
        """As ``KeptSentences`` says."""
        return {row: self[first:end] for row, (first, end) in ranges.items()}

    def kept(self, rows: slice) -> NDArray[Any]:
        """These vectors, of one part, as they stand in the file."""
        if rows.start == rows.stop:
            return self._kept[0][:0]
        part, first = self._layout.part_of(rows.start)
        return self._kept[part][first : first + rows.stop - rows.start]

    def __len__(self) -> int:
        return len(self._layout)


class PassageVectors:
    """The vectors of all passages, and the nearest to a question."""

    def __init__(
        self,
        folders: Sequence[Path],
        passages: Layout,
        dimension: int,
        *,
        large: bool,
        threads: int = 1,
    ) -> None:
        """Opens the files.

        Args:
            folders: of the parts, in their order.
            passages: how many each has.
            dimension: the length of a vector.
            large: whether they are quantised.
            threads: that scan codes at the same time; what they find depends on no number of them.

        Raises:
            ValueError: one holds something else.
            OSError, RuntimeError: one cannot be read.
        """
        self._layout, self._dimension, self._large = passages, dimension, large
        self._parts: list[Any] = []
        self._exact: list[_OnDisk] = []
        for folder, size in zip(folders, passages.sizes, strict=True):
            index = _read(folder / PASSAGES)
            if (index.ntotal, index.d) != (size, dimension):
                raise ValueError(
                    f"{folder / PASSAGES} holds {index.ntotal} vectors of {index.d} numbers, not "
                    f"{size} of {dimension}"
                )
            self._parts.append(index)
            if large:
                exact = _OnDisk(folder / VECTORS)
                if exact.shape != (size, dimension) or exact.dtype != np.float16:
                    raise ValueError(f"{folder / VECTORS} holds {exact.shape} numbers")
                self._exact.append(exact)
        self._codes: list[_Codes] = []
        if large:
            self._codes = _joined(self._parts, passages, threads)
            self._parts.clear()
            self._workers = ThreadPoolExecutor(len(self._codes), "askscwru-scan")

    def __len__(self) -> int:
        return len(self._layout)

    def search(
        self,
        question: Vectors,
        k: int,
        rows: Rows | None,
        said: tuple[tuple[str, ...], ...] | None = None,
    ) -> list[tuple[int, float]]:
        """As ``SearchedPassages`` says."""
        among = None if rows is None else ascending(rows)
        if k < 1 or (among is not None and not len(among)):
            return []
        if among is not None and (not self._large or len(among) <= DIRECT_UP_TO):
            return best_of(among, self[among] @ question[0], k)
        if not self._large:
            return best_of(*self._scan(question, k), k)
        turned = question @ _rotation(self._dimension)
        proposed = self._proposed(turned, k + _MORE, among)
        return best_of(proposed, self[proposed] @ question[0], k)

    def _proposed(
        self, turned: Vectors, wanted: int, among: NDArray[np.int64] | None
    ) -> NDArray[np.int64]:
        """The rows that are nearest by their codes; of some rows, deeper until there are enough."""
        many = len(self)
        if among is None:
            return _first(*self._scan(turned, min(wanted, many)), wanted)
        wanted = min(wanted, len(among))
        deep = _WIDER * wanted * many // len(among) + 1
        allowed = np.zeros(many, dtype=bool)
        allowed[among] = True
        while True:
            rows = _first(*self._scan(turned, min(deep, many)), deep)
            rows = rows[allowed[rows]]
            if len(rows) >= wanted or deep >= many:
                return rows[:wanted]
            deep *= 4

    def _scan(self, question: Vectors, deep: int) -> tuple[NDArray[np.int64], Vectors]:
        """The best rows, with their scores; of each part where vectors are not quantised."""
        if self._large:
            first, *others = self._codes
            begun = [self._workers.submit(codes.scan, question, deep) for codes in others]
            scanned = [first.scan(question, deep), *(other.result() for other in begun)]
            rows, scores = zip(*scanned, strict=True)
            return np.concatenate(rows), np.concatenate(scores)
        found = [index.search(question, min(deep, index.ntotal)) for index in self._parts]
        every = zip(found, self._layout.starts, strict=True)
        rows = tuple(row[0] + start for (_, row), start in every)
        return np.concatenate(rows), np.concatenate([score[0] for score, _ in found])

    def __getitem__(self, rows: NDArray[np.int64]) -> Vectors:
        """The vectors of these passages: float32 of shape (len(rows), dimension)."""
        if self._large and len(rows) <= _READ_UP_TO:
            return _read_apart(self._exact, *self._layout.parts_of(rows)).astype(np.float32)
        found: Vectors = np.empty((len(rows), self._dimension), dtype=np.float32)
        for part, at, local in self._layout.split(rows):
            if self._large:
                found[at] = self._exact[part][local]
            else:
                some: Vectors = np.empty((len(local), self._dimension), dtype=np.float32)
                self._parts[part].reconstruct_batch(local, some)
                found[at] = some
        return found


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes of some parts that follow each other, as one index."""

    index: Any
    blocks: Layout
    """How many places of it each part takes: codes lie in blocks of 32 vectors, so in some places
    there is no vector."""
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    """Of each part, its first row among all and the one behind its last."""

    def scan(self, question: Vectors, deep: int) -> tuple[NDArray[np.int64], Vectors]:
        """The best rows, at least so many where there are as many, with their scores."""
        # Places without a vector may be found, too, and are no less likely to be.
        deep += len(self.blocks) - int((self.ends - self.starts).sum())
        scores, places = self.index.search(question, min(deep, len(self.blocks)))
        real = places[0] >= 0
        place, score = places[0][real], scores[0][real]
        part = np.searchsorted(self.blocks.ends, place, side="right")
        row = place - self.blocks.starts[part] + self.starts[part]
        held = row < self.ends[part]
        return row[held], score[held]


def _joined(parts: Sequence[Any], rows: Layout, most: int) -> list[_Codes]:
    """The codes of all parts in at most so many indexes of about one size, at least one.

    Args:
        parts: the index of each.
        rows: how many rows each has.
        most: indexes at the most.
    """
    ends = np.cumsum([part.codes.size() for part in parts])
    of = (ends - 1) * most // ends[-1]
    cuts = [0, *(np.flatnonzero(np.diff(of)) + 1).tolist(), len(parts)]
    return [_one(parts[at:to], rows.starts[at:to], rows.ends[at:to]) for at, to in pairwise(cuts)]


def _one(parts: Sequence[Any], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> _Codes:
    library: Any = faiss
    first = parts[0]
    whole = library.IndexPQFastScan(first.d, first.M, first.nbits, first.metric_type)
    library.copy_array_to_vector(library.vector_to_array(first.pq.centroids), whole.pq.centroids)
    whole.codes.resize(sum(part.codes.size() for part in parts))
    codes, at = library.rev_swig_ptr(whole.codes.get(), whole.codes.size()), 0
    for part in parts:
        size = part.codes.size()
        codes[at : at + size] = library.rev_swig_ptr(part.codes.get(), size)
        at += size
    blocks = Layout([part.ntotal2 for part in parts])
    whole.is_trained, whole.ntotal, whole.ntotal2 = True, len(blocks), len(blocks)
    return _Codes(whole, blocks, starts, ends)


def _first(rows: NDArray[np.int64], scores: Vectors, deep: int) -> NDArray[np.int64]:
    """The best rows by their scores, best first; equal ones by row."""
    if len(rows) > deep:
        # All that are as good as the last: which of them are taken depends on their rows alone.
        least = np.partition(scores, len(scores) - deep)[len(scores) - deep]
        rows, scores = rows[scores >= least], scores[scores >= least]
    return rows[np.lexsort((rows, -scores))][:deep]


def best_of(rows: NDArray[np.int64], scores: Vectors, k: int) -> list[tuple[int, float]]:
    """The k best pairs."""
    order = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(np.clip(scores[i], -1.0, 1.0))) for i in order]
