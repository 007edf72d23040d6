"""Text cut where marks begin and end, so that a template can mark it without making any HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from askscwru.types import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with one look."""

    text: str
    look: str = ""
    """``quote``, ``words`` for what answers inside a quote, ``hit`` for a word that was searched
    for; empty for plain text."""


def cut(text: str, spans: Sequence[tuple[Span | None, str]]) -> list[Piece]:
    """``text`` in pieces; where marks overlap, the last one wins.

    Args:
        text: any.
        spans: stretches of it, counted from its start, and how each looks; None marks nothing.
    """
    whole = Span(0, len(text))
    marks = [(span, look) for span, look in spans if span is not None and span.overlaps(whole)]
    edges = {0, len(text)}
    for span, _ in marks:
        edges |= {max(0, span.start), min(span.end, len(text))}
    pieces = []
    for start, end in pairwise(sorted(edges)):
        look = ""
        for span, name in marks:
            if span.start <= start and end <= span.end:
                look = name
        pieces.append(Piece(text[start:end], look))
    return pieces


def words_at(citation_start: int, highlight: object) -> Span | None:
    """A citation's ``highlight``, counted from the start of its quote; None without one."""
    if not isinstance(highlight, dict):
        return None
    return Span(highlight["start"] - citation_start, highlight["end"] - citation_start)
