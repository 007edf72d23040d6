"""Which passages a search is limited to, in the words in which Milvus filters.

No text of a user is ever part of an expression: a name is looked for by its number, a day is digits
and dashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Said = tuple[str, ...]
"""What a condition demands, in words: ``("named", kind, name, …)`` or ``("published", after,
before)``, either of the two empty where it is open."""

ROW, PUBLISHED, NAMES = "row", "published", "names"
FEW_RUNS = 256
"""Up to so many stretches of rows are named one by one; more take a server long to read."""


def name_number(kind: str, name: str) -> int:
    """What stands for a name of a kind: 62 bits of its SHA-256, so that two never meet."""
    digest = hashlib.sha256(f"{kind}\0{name}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8]) >> 2


def of_rows(rows: NDArray[np.int64]) -> str:
    """Exactly these rows, which are ascending.

    Passages of a post stand side by side, so that they come as stretches.
    """
    runs = stretches(rows)
    if len(runs) > FEW_RUNS:
        return f"{ROW} in {rows.tolist()}"
    single = [first for first, last in runs if first == last]
    each = [_between(first, last) for first, last in runs if first < last]
    return _either([*each, *([f"{ROW} in {single}"] if single else [])])


def stretches(rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last of each run of rows that follow upon each other."""
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) != 1)
    firsts = rows[np.concatenate([[0], breaks + 1])]
    lasts = rows[np.concatenate([breaks, [len(rows) - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def of_conditions(said: Sequence[Said]) -> str:
    """The passages of the posts that meet every one of the conditions."""
    return " and ".join(f"({_of_condition(*one)})" for one in said)


def _either(parts: list[str]) -> str:
    """One of the parts; halved again and again, since a server reads no deep expression."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_either(parts[:middle])} or {_either(parts[middle:])})"


def _between(first: int, last: int) -> str:
    return f"({ROW} >= {first} and {ROW} <= {last})"


def _of_condition(what: str, *values: str) -> str:
    if what == "named":
        kind, *names = values
        numbers = [name_number(kind, name) for name in names]
        return f"array_contains_any({NAMES}, {numbers})"
    after, before = values
    parts = [f'{PUBLISHED} != ""']
    parts += [f'{PUBLISHED} >= "{_day(after)}"'] if after else []
    parts += [f'{PUBLISHED} < "{_day(before)}"'] if before else []
    return " and ".join(parts)


def _day(text: str) -> str:
    """A day as it is written, if nothing but a day is."""
    if not set(text) <= set("0123456789-"):
        raise ValueError(f"{text!r} is no day")
    return text
