"""The vectors of passages and sentences on the disk: exact where few, quantised where many.

Up to ``EXACT_UP_TO`` passages every one is compared with the question, in full precision. Beyond,
an inverted file of FAISS (a byte a number) proposes, and what it proposes is compared again by
vectors of two bytes a number; how many of its lists are looked through is measured when it is
built, so that nearly all of the exact first fifty are found. Both files are
mapped, so that opening reads none of them and a question only what it touches.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from askscwru.files import storage_error, writing
from askscwru.index.encoder import Vectors
from askscwru.index.rows import Rows, ascending

PASSAGES = "passages.faiss"
VECTORS = "passages.npy"
SENTENCES = "sentences.npy"

EXACT_UP_TO = 50_000
"""Up to this many passages every one is compared; that takes a busy machine 0.7 ms a thousand."""
DIRECT_UP_TO = 20_000
"""A search among at most this many rows compares each of them, whatever the index."""
RECALL = 0.99
"""The share of the exact first fifty that an inverted file is set to find."""
_QUESTIONS = 256
"""How many of the passages stand for questions when that is measured."""
_MARGIN = 2
"""So many times as many lists are looked through, since a question is no passage."""

_DEEP = 50
_LISTS = 2.0  # times the root of the number of passages
_POINTS = 40  # a list, for its centre: FAISS's least
_ROUNDS = 8
_AT_ONCE = 32_768
_MORE = 100  # proposals beyond what is asked for
_WIDER = 4  # times as many lists, where only some rows count
_SEED = 1


def is_large(passages: int) -> bool:
    """Whether the vectors of so many passages are quantised."""
    return passages > EXACT_UP_TO


# -- writing ---------------------------------------------------------------------------------------


def passage_array(folder: Path, passages: int, dimension: int) -> Vectors:
    """An array for the vectors of all passages: in memory where there are few, else on the disk.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    if not is_large(passages):
        return np.empty((passages, dimension), dtype=np.float32)
    with writing(folder):
        kept: Any = np.lib.format.open_memmap(
            folder / VECTORS, mode="w+", dtype="<f2", shape=(passages, dimension)
        )
    mapped: Vectors = kept
    return mapped


def write_passages(folder: Path, vectors: Vectors) -> None:
    """Writes the vector index.

    Args:
        folder: of the generation.
        vectors: unit vectors of shape (passages, dimension); where they are many, those of
            ``passage_array``.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    if is_large(len(vectors)):
        with writing(folder):
            kept: Any = vectors
            if not isinstance(vectors, np.memmap):
                kept = passage_array(folder, *vectors.shape)
                kept[:] = vectors
            kept.flush()
        index = _clustered(kept)
        index.nprobe = _probes(index, kept)
    else:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
    try:
        faiss.write_index(index, str(folder / PASSAGES))
    except RuntimeError as error:
        raise storage_error(folder, str(error).splitlines()[-1]) from error


def _clustered(vectors: Vectors) -> Any:
    """An inverted file of all vectors, a byte a number; the same for the same vectors."""
    count, dimension = vectors.shape
    lists = max(1, int(_LISTS * count**0.5))
    library: Any = faiss
    index = library.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter, index.cp.max_points_per_centroid = _ROUNDS, _POINTS
    some = np.random.default_rng(_SEED).choice(count, min(count, _POINTS * lists), replace=False)
    index.train(np.asarray(vectors[np.sort(some)], dtype=np.float32))
    for start in range(0, count, _AT_ONCE):
        index.add(np.asarray(vectors[start : start + _AT_ONCE], dtype=np.float32))
    return index


def _probes(index: Any, vectors: Vectors) -> int:
    """Twice the least number of lists (a power of two) with which the recall is high enough."""
    step = max(1, len(vectors) // _QUESTIONS)
    questions = np.asarray(vectors[::step][:_QUESTIONS], dtype=np.float32)
    exact = _nearest(vectors, questions)
    probes = 8
    while probes < index.nlist:
        index.nprobe = probes
        shares = []
        for question, rows in zip(questions, exact, strict=True):
            _, proposed = index.search(question[None], _DEEP + _MORE)
            shares.append(len(np.intersect1d(rows, proposed[0])) / len(rows))
        if np.mean(shares) >= RECALL:
            return int(min(index.nlist, _MARGIN * probes))
        probes *= 2
    return int(index.nlist)


def _nearest(vectors: Vectors, questions: Vectors) -> list[NDArray[np.int64]]:
    """The rows of the exact first fifty for each question."""
    scores = np.full((len(questions), 0), 0, dtype=np.float32)
    rows = np.empty((len(questions), 0), dtype=np.int64)
    for start in range(0, len(vectors), _AT_ONCE):
        some = np.asarray(vectors[start : start + _AT_ONCE], dtype=np.float32)
        here = np.broadcast_to(np.arange(start, start + len(some)), (len(questions), len(some)))
        scores = np.concatenate([scores, questions @ some.T], axis=1)
        rows = np.concatenate([rows, here], axis=1)
        best = np.argpartition(-scores, min(_DEEP, scores.shape[1]) - 1, axis=1)[:, :_DEEP]
        scores = np.take_along_axis(scores, best, axis=1)
        rows = np.take_along_axis(rows, best, axis=1)
    return list(rows)


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


class SentenceVectors:
    """The vectors of all sentences, read in place."""

    def __init__(self, path: Path, sentences: int, dimension: int, *, large: bool) -> None:
        """Opens the file.

        Raises:
            ValueError: it holds something else.
            OSError: it cannot be read.
        """
        self._kept = np.load(path, mmap_mode="r", allow_pickle=False)
        kind = kept_type(dimension, large=large)
        shape = (sentences,) if large else (sentences, dimension)
        if self._kept.dtype != kind or self._kept.shape != shape:
            raise ValueError(f"it holds {self._kept.shape} of {self._kept.dtype}, not {shape}")

    def __getitem__(self, rows: slice) -> Vectors:
        """Unit vectors, to about 0.001: float32 of shape (rows, dimension)."""
        return unpacked(self._kept[rows])

    def of(self, ranges: Mapping[int, tuple[int, int]]) -> dict[int, Vectors]:
        """As ``KeptSentences`` says."""
        return {row: self[first:end] for row, (first, end) in ranges.items()}

    def kept(self, rows: slice) -> NDArray[Any]:
        """These vectors as they stand in the file."""
        some: NDArray[Any] = self._kept[rows]
        return some

    def __len__(self) -> int:
        return len(self._kept)


class PassageVectors:
    """The vectors of all passages, and the nearest to a question."""

    def __init__(self, folder: Path, passages: int, dimension: int) -> None:
        """Opens the files.

        Raises:
            ValueError: they hold something else.
            OSError, RuntimeError: they cannot be read.
        """
        large = is_large(passages)
        self._index: Any = faiss.read_index(
            str(folder / PASSAGES), faiss.IO_FLAG_MMAP if large else 0
        )
        if (self._index.ntotal, self._index.d) != (passages, dimension):
            raise ValueError(
                f"it holds {self._index.ntotal} vectors of {self._index.d} numbers, not "
                f"{passages} of {dimension}"
            )
        self._exact: NDArray[np.float16] | None = None
        if large:
            self._exact = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
            if self._exact.shape != (passages, dimension) or self._exact.dtype != np.float16:
                raise ValueError(f"{VECTORS} holds {self._exact.shape} numbers")

    def __len__(self) -> int:
        return int(self._index.ntotal)

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
        if among is not None and len(among) <= DIRECT_UP_TO:
            return best_of(among, self[among] @ question[0], k)
        wanted = k if self._exact is None else k + min(k, _MORE)
        scores, found = self._index.search(
            question, min(wanted, len(self)), params=self._parameters(among)
        )
        if self._exact is None:
            return best_of(found[0], scores[0], k)
        proposed = found[0][found[0] >= 0]
        return best_of(proposed, self[proposed] @ question[0], k)

    def __getitem__(self, rows: NDArray[np.int64]) -> Vectors:
        """The vectors of these passages: float32 of shape (len(rows), dimension)."""
        if self._exact is not None:
            return np.asarray(self._exact[rows], dtype=np.float32)
        found: Vectors = np.empty((len(rows), self._index.d), dtype=np.float32)
        if len(rows):
            self._index.reconstruct_batch(rows, found)
        return found

    @property
    def clusters(self) -> tuple[int, int]:
        """Lists of the inverted file, and how many are looked through; 0 where there is none."""
        return (0, 0) if self._exact is None else (self._index.nlist, self._index.nprobe)

    def _parameters(self, rows: NDArray[np.int64] | None) -> Any:
        """What limits a search to some rows, or None; FAISS keeps the selector alive with it."""
        if rows is None:
            return None
        library: Any = faiss  # its type stubs do not know that parameters are given by name
        allowed = np.zeros(len(self), dtype=bool)
        allowed[rows] = True
        selector = library.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        if self._exact is None:
            return library.SearchParameters(sel=selector)
        probes = min(self._index.nlist, _WIDER * self._index.nprobe)
        return library.SearchParametersIVF(sel=selector, nprobe=probes)


def best_of(rows: NDArray[np.int64], scores: Vectors, k: int) -> list[tuple[int, float]]:
    """The k best pairs; a row of -1 is FAISS's word for none."""
    real = rows >= 0
    rows, scores = rows[real], scores[real]
    order = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(np.clip(scores[i], -1.0, 1.0))) for i in order]
