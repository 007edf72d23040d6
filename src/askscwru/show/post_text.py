"""A post as one reads it: its paragraphs in order, and where a quote stands in them.

Nothing is shown but what the source holds; furniture of the page is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from askscwru.types import BlockKind, Post, Span

_LONGEST_NUMBER = 24
_AROUND = 1_000  # code points shown before and after a quote that stands outside its post


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of a source of one kind."""

    kind: BlockKind
    start: int
    end: int
    text: str
    """``source_text[start:end]``, verbatim."""
    number: str = ""
    """What stands before a list point that is counted: ``3.``; empty for a bullet."""


def paragraphs(post: Post, source: str, text: str, at: Span | None = None) -> list[Paragraph]:
    """The paragraphs of a post as they stand in a source.

    A quote of a title or byline may stand in another copy than the fullest one, or outside all of
    them; then the paragraphs around it are given.

    Args:
        post: the post.
        source: the source in which the quote stands.
        text: the text of that source.
        at: where the quote stands; None for the post by itself.
    """
    if source == post.source and (at is None or _within(at, post)):
        blocks = _with_gaps(post, at)
        return [_paragraph(kind, start, end, text) for start, end, kind in blocks]
    copies = [copy for copy in post.also_in if copy.source == source]
    for copy in copies:
        if at is None or (copy.start <= at.start and at.end <= copy.end):
            return _lines(text, copy.start, copy.end)
    if at is None:
        return []
    return _lines(text, *_around(text, at))


def first_with(shown: Sequence[Paragraph], at: Span) -> int | None:
    """The position of the first paragraph that a span touches."""
    return next(
        (n for n, part in enumerate(shown) if part.start < at.end and at.start < part.end), None
    )


def inside(paragraph: Paragraph, at: Span | None) -> Span | None:
    """The part of a span that lies in a paragraph, counted from its start; None for no part."""
    if at is None:
        return None
    start, end = max(at.start, paragraph.start), min(at.end, paragraph.end)
    return Span(start - paragraph.start, end - paragraph.start) if start < end else None


def _within(at: Span, post: Post) -> bool:
    return post.start <= at.start and at.end <= post.end


def _with_gaps(post: Post, at: Span | None) -> list[tuple[int, int, BlockKind]]:
    """The blocks, and the quote itself where it stands in none of them."""
    blocks = [(block.start, block.end, block.kind) for block in post.blocks]
    if at is not None and not any(start < at.end and at.start < end for start, end, _ in blocks):
        blocks.append((at.start, at.end, BlockKind.BYLINE))
    return sorted(blocks)


def _paragraph(kind: BlockKind, start: int, end: int, text: str) -> Paragraph:
    number = ""
    if kind is BlockKind.LIST:
        before = text[max(0, start - _LONGEST_NUMBER) : start].rsplit("\n", 1)[-1].strip()
        number = before if any(c.isalnum() for c in before) else ""
    return Paragraph(kind, start, end, text[start:end], number)


def _lines(text: str, start: int, end: int) -> list[Paragraph]:
    """The lines of a stretch that hold anything."""
    found = []
    at = start
    for line in text[start:end].splitlines(keepends=True):
        lead = len(line) - len(line.lstrip())
        body = line.strip()
        if body:
            first = at + lead
            found.append(_paragraph(BlockKind.BODY, first, first + len(body), text))
        at += len(line)
    return found


def _around(text: str, at: Span) -> tuple[int, int]:
    """A stretch around a span that begins and ends with whole lines, where lines are short."""
    low, high = max(0, at.start - _AROUND), min(len(text), at.end + _AROUND)
    start = text.find("\n", low, at.start) + 1 if low else 0
    end = text.rfind("\n", at.end, high) if high < len(text) else len(text)
    return (start or low), (end if end != -1 else high)
