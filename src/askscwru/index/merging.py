"""The lexical index that is searched: segments of several parts merged, beside those of each part.

A search begins anew in every segment, so there are to be few. Where a part is written anew, the
run of parts that it is merged with is merged again from what each of them has of its own; the
others are linked. Of which parts a run consists is told in the index that is searched.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from askscwru.errors import IndexDamaged
from askscwru.files import remove, writing
from askscwru.index.lexical import LexicalIndex, payload_of, segments_of

RUN = 12
"""Parts that are merged with each other: so many are read where one has changed."""

Part = tuple[int, tuple[str, ...]]
"""Key and own segments of a part."""
Run = tuple[Part, ...]


def merge_parts(folder: Path, own: Path, parts: Sequence[Part], before: Path | None) -> None:
    """Writes the lexical index that is searched.

    Args:
        folder: of it; must not be there.
        own: of the index that has the own segments of each part.
        parts: all of them, in their order.
        before: of the index that was searched before this one, if there is one.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    known = {} if before is None else _known(before)
    runs: list[tuple[Run, Path, tuple[str, ...]]] = []
    aside = own / "runs"
    for at, run in enumerate(runs_of(parts, list(known))):
        if before is not None and run in known:
            runs.append((run, before, known[run]))
            continue
        merged = aside / str(at)
        LexicalIndex.merge(merged, [(own, segments) for _, segments in run])
        runs.append((run, merged, segments_of(merged)))
    told = json.dumps([[run, segments] for run, _, segments in runs])
    LexicalIndex.join(folder, [(at, segments) for _, at, segments in runs], told)
    with writing(own):
        remove(aside)


def runs_of(parts: Sequence[Part], before: Sequence[Run]) -> Iterator[Run]:
    """Parts in runs: those that stood in one stay in it, as long as it is no longer than two.

    Args:
        parts: all of them, in their order.
        before: the runs that there were.
    """
    held = {key: at for at, run in enumerate(before) for key, _ in run}
    runs: list[list[Part]] = []
    last: int | None = None
    for part in parts:
        own = held.get(part[0], last)
        if not runs or own != last:
            runs.append([])
        runs[-1].append(part)
        last = own
    for some in runs:
        many = 1 if before and len(some) <= 2 * RUN else math.ceil(len(some) / RUN)
        ends = [at * len(some) // many for at in range(many + 1)]
        yield from (tuple(some[start:end]) for start, end in pairwise(ends))


def _known(folder: Path) -> Mapping[Run, tuple[str, ...]]:
    """The segments of each run of parts of an index; none where it does not tell."""
    try:
        told = json.loads(payload_of(folder) or "[]")
        return {
            tuple((key, tuple(own)) for key, own in run): tuple(segments)
            for run, segments in told
        }  # fmt: skip
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamaged(
            f"{folder} cannot be read: {error}", remedy="Run `askscwru index`."
        ) from error
