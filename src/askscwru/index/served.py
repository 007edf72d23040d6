"""The vectors of a generation that a Milvus server holds, read as those in the files are.

A generation never changes, so what was read of it is kept in memory, up to a bound: the reader asks
for the sentences that the search has just compared.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from askscwru.errors import IndexDamaged
from askscwru.index.encoder import Vectors
from askscwru.index.rows import Rows, ascending
from askscwru.index.vectors import is_large, kept_type, unpacked
from askscwru.milvus import expressions
from askscwru.milvus.generations import Served, ServedGeneration, live
from askscwru.milvus.server import MilvusServer

_REMEMBERED = 2_000
"""Passages of which the vector and those of the sentences are kept in memory: about 12 MB."""
Kept = TypeVar("Kept")


class ServedVectors:
    """Vectors of passages and sentences; safe to use from many threads."""

    def __init__(self, server: MilvusServer, served: Served, dimension: int) -> None:
        """Has the server load them, unless it has.

        Raises:
            IndexAway: the server is away, or refuses.
        """
        self._server = server
        self._generation = ServedGeneration(server, served)
        self._dimension = dimension
        self._type = kept_type(dimension, large=is_large(served.passages))
        self._passages: _Remembered[NDArray[np.float32]] = _Remembered()
        self._sentences: _Remembered[bytes] = _Remembered()

    def __len__(self) -> int:
        return self._generation.served.passages

    def search(
        self,
        question: Vectors,
        k: int,
        rows: Rows | None,
        said: tuple[tuple[str, ...], ...] | None = None,
    ) -> list[tuple[int, float]]:
        """As ``SearchedPassages`` says.

        Raises:
            IndexAway: the server is away, or refuses.
        """
        among = None if rows is None else ascending(rows)
        if k < 1 or (among is not None and not len(among)):
            return []
        within = "" if among is None else self._limit(among, said)
        found = self._generation.search(question.reshape(-1), k, within)
        return [(row, float(np.clip(score, -1.0, 1.0))) for row, score in found]

    def __getitem__(self, rows: NDArray[np.int64]) -> Vectors:
        """As ``SearchedPassages`` says; raises ``IndexAway``."""
        wanted = [int(row) for row in rows]
        found = self._passages.of(wanted, self._generation.vectors)
        empty = np.empty((0, self._dimension), dtype=np.float32)
        return np.stack([found[row] for row in wanted]) if wanted else empty

    def of(self, ranges: Mapping[int, tuple[int, int]]) -> dict[int, Vectors]:
        """As ``KeptSentences`` says; raises ``IndexAway``."""
        size = vector_bytes(self._dimension, self._type)
        sizes = {row: (end - first) * size for row, (first, end) in ranges.items()}

        def read(missing: Iterable[int]) -> dict[int, bytes]:
            return self._generation.sentences({row: sizes[row] for row in missing})

        packed = self._sentences.of(list(ranges), read)
        return {row: self._unpacked(packed[row]) for row in ranges}

    def check(self) -> list[IndexDamaged]:
        """What is wrong; empty when the server has as many rows as were written."""
        return self._generation.check()

    def close(self) -> None:
        """Lets go of the connection."""
        self._server.close()

    def _limit(self, rows: NDArray[np.int64], said: tuple[tuple[str, ...], ...] | None) -> str:
        """Few stretches of rows by their numbers; of many, what they have in common."""
        if len(rows) == len(self):
            return ""
        whole = said is not None and self._generation.served.names
        if whole and said and len(expressions.stretches(rows)) > expressions.FEW_RUNS:
            return expressions.of_conditions(said)
        return expressions.of_rows(rows)

    def _unpacked(self, packed: bytes) -> Vectors:
        kept = np.frombuffer(packed, dtype=self._type)
        return unpacked(kept if self._type.names else kept.reshape(-1, self._dimension))


def vector_bytes(dimension: int, kept: np.dtype[np.void]) -> int:
    """How many bytes a vector of a sentence takes up as it is kept."""
    return kept.itemsize * (1 if kept.names else dimension)


def live_in(server: MilvusServer) -> Served | None:
    """The generation that is live in a server; None where there is none."""
    return live(server)


class _Remembered(Generic[Kept]):
    """What was read last, by row; safe to use from many threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def of(
        self, rows: list[int], read: Callable[[list[int]], Mapping[int, Kept]]
    ) -> Mapping[int, Kept]:
        """What belongs to these rows; what is not remembered is read, all at once."""
        with self._lock:
            found = {row: self._kept[row] for row in rows if row in self._kept}
            for row in found:
                self._kept.move_to_end(row)
        missing = [row for row in dict.fromkeys(rows) if row not in found]
        if missing:
            new = read(missing)
            found.update(new)
            with self._lock:
                self._kept.update(new)
                while len(self._kept) > _REMEMBERED:
                    self._kept.popitem(last=False)
        return found
