"""Which passages a search is limited to: their row numbers."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64] | Collection[int]
"""Row numbers of passages: an array has them in ascending order."""


def ascending(rows: Rows) -> NDArray[np.int64]:
    """Row numbers as an array in ascending order, each once."""
    if isinstance(rows, np.ndarray):
        return rows
    return np.array(sorted(set(rows)), dtype=np.int64)
