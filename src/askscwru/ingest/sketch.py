"""A few numbers that two texts share if most of their words are the same.

The bottom-k sketch of Broder, "On the resemblance and containment of documents", SEQUENCES 1997: of
the hashes of all runs of five words the k smallest. Two texts whose runs have the resemblance r
share about r·k of them, so that one shared number is enough to compare the two in earnest.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

_RUN = 5
_KEPT = 16
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MARK = 1 << 40
"""Keeps these numbers apart from those of 32 bits that stand for the words of an opening."""


def sketch_of(words: Sequence[str]) -> Iterator[int]:
    """The sketch of a text.

    Args:
        words: of the whole text, folded; at least five.

    Yields:
        At most sixteen whole numbers, the same for the same words on every machine.
    """
    hashed = np.fromiter((zlib.crc32(word.encode()) for word in words), np.uint64, len(words))
    runs = np.zeros(max(0, len(words) - _RUN + 1), dtype=np.uint64)
    for step in range(_RUN):
        runs = runs * _FACTOR + hashed[step : step + len(runs)]
        runs ^= runs >> np.uint64(29)
    for number in np.unique(runs)[:_KEPT] if len(runs) <= _KEPT else _smallest(runs):
        yield _MARK + int(number)


def _smallest(runs: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Iterator[int]:
    some = np.unique(np.partition(runs, min(len(runs) - 1, 4 * _KEPT))[: 4 * _KEPT])
    yield from (int(number) for number in some[:_KEPT])
