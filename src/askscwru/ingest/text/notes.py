"""Notes that the signs of a text lead to: "Tuesdays.*" and below it "* In term time.", say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from askscwru.types import Block, BlockKind, Note

_SIGN = re.compile(
    r"(?P<sign>\*{1,4}|[†‡§¶]{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|[ᵃᵇᶜᵈᵉᶠ]|\[\d{1,3}\]|\[[a-z*†‡]\])"
    r"[ \t]*(?=[\w\"'“‘(£$€])"
)
_NOTED = frozenset({BlockKind.BODY, BlockKind.LIST})
_MOST, _MOST_SIGNS = 500, 200
"""Notes of a post, and signs that are looked for in it."""
_LEAST_WORDS = 2


def signed_notes(text: str, blocks: Sequence[Block]) -> tuple[Note, ...]:
    """The notes that begin with a sign which stands behind words before them, in their order.

    Args:
        text: the source.
        blocks: of one post, in order.
    """
    notes: list[Note] = []
    since: dict[str, int] = {}
    """For each sign, where the last note with it ends: the next one is to what follows that."""
    for block in blocks:
        if block.kind not in _NOTED or len(notes) >= _MOST:
            continue
        found = _SIGN.match(text, block.start, block.end)
        if found is None or len(text[found.end() : block.end].split()) < _LEAST_WORDS:
            continue
        sign = found["sign"]
        if sign not in since and len(since) >= _MOST_SIGNS:
            continue
        begins = since.get(sign, blocks[0].start)
        notes += [Note(at, block.start, block.end) for at in _marks(text, sign, begins, block)]
        since[sign] = block.end
    return tuple(sorted(notes, key=lambda note: note.mark)[:_MOST])


def _marks(text: str, sign: str, begins: int, note: Block) -> list[int]:
    """Where a sign stands directly behind a word, and not in one."""
    edge = re.escape(sign[0])
    behind = re.compile(rf"(?<=[^\s{edge}]){re.escape(sign)}(?![\w{edge}])")
    return [found.start() for found in behind.finditer(text, begins, note.start)]
