"""Which part of a generation a row is in.

A generation consists of parts of some thousand passages of whole posts, so that a build rewrites
those that hold what has changed and links the others. Rows are counted through all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray


class Layout:
    """How many rows each part has, in the order of the parts."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self.ends: NDArray[np.int64] = np.cumsum(np.array(self.sizes, dtype=np.int64))
        self.starts: NDArray[np.int64] = self.ends - np.array(self.sizes, dtype=np.int64)
        """The row of the first of each part."""

    def __len__(self) -> int:
        return int(self.ends[-1]) if self.sizes else 0

    def part_of(self, row: int) -> tuple[int, int]:
        """The place of a row's part among the parts, and the row's own place in it."""
        part = int(np.searchsorted(self.ends, row, side="right"))
        return part, int(row - self.starts[part])

    def split(
        self, rows: Sequence[int] | NDArray[np.int64]
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """The rows part by part.

        Yields:
            The part's place, the places of its rows in ``rows``, and their places in the part.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        if not len(wanted):
            return
        parts, places = self.parts_of(wanted)
        order = np.argsort(parts, kind="stable")
        cuts = np.flatnonzero(np.diff(parts[order])) + 1
        for at in np.split(order, cuts):
            yield int(parts[at[0]]), at, places[at]

    def parts_of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The place of each row's part among the parts, and the row's own place in it."""
        parts = np.searchsorted(self.ends, rows, side="right")
        return parts, rows - self.starts[parts]
