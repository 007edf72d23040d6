"""How far a quote reaches: the sentence that answers, and what it cannot be understood without.

A sentence that says "they" is quoted with the one that says who; one that leads into a list, or
announces "three reasons", with the list or the reasons: whoever reads it trusts that it is whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from askscwru.types import BlockKind, Passage, Span

_LIST_WORDS = 130
"""A sentence that leads into a list is quoted with the list up to this length."""
_POINTS_WORDS = 170
"""The most words of a quote that goes through all points that are counted off."""
_LEADS = 2
"""How many sentences before it a quote may begin with, so that it makes sense alone."""
_LEAD_WORDS = 90
"""The most words of a quote that begins so."""
_ASIDES = 2
"""How many sentences may stand between two points."""
_POINTS_BACK = re.compile(
    r"[\W_]*(?:this|these|those|they|he|she|his|her|their|its|both|neither|such|"
    r"(?:first|second|third|fourth|final|last)(?:ly)?,|"
    r"it(?! (?:is|was|will be|would be|may be|can be|seems|appears|remains) (?:[\w-]+ ){0,3}?"
    r"(?:that|to|how|why|whether|when)\b))(?!\w)",
    re.IGNORECASE,
)
"""How a sentence begins that says something of what was named before it. "It is clear that …" does
not: its "it" stands for what follows."""
_FIRST_POINT = re.compile(
    r"[\W_]*(?:first(?:ly)?|the first|to begin with|on the one hand|one (?:is|was))\b",
    re.IGNORECASE,
)
_NEXT_POINT = re.compile(
    r"[\W_]*(?:(?:and |the )?(?:second|third|fourth|fifth|sixth|seventh|final|last)(?:ly)?|"
    r"the other|another (?:is|was|\w+ (?:is|was))|on the other hand)\b",
    re.IGNORECASE,
)
_ONE_POINT = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|final|last)(?:ly)?\b", re.IGNORECASE
)


def extent(question: str, passage: Passage, at: int) -> Span:
    """Where the quote of a sentence begins and ends, in the offsets of the source.

    Args:
        question: what was searched for; one that asks for "the second reason" needs no other.
        passage: in which the sentence stands.
        at: its position among the passage's sentences.
    """
    first, last = _lead(passage, at), _listed(passage, at)
    if last == at and not _ONE_POINT.search(question):
        last = _points(passage, first, at)
    return Span(passage.sentences[first].start, passage.sentences[last].end)


def reaches_edge(passage: Passage, at: int, quote: Span) -> bool:
    """Whether more of the post might belong to a quote, before or after the passage."""
    lacks = _POINTS_BACK.match(passage.slice(quote.start, quote.end)) is not None
    before = lacks and quote.start == passage.sentences[0].start
    left = len(passage.sentences) - at
    return before or left <= 1 + _ASIDES or quote.end == passage.sentences[-1].end


def widened(passage: Passage, others: Sequence[Passage]) -> Passage:
    """A passage with what the passages before and after it, which overlap it, say beyond it."""
    for other in others:
        apart = other.start > passage.end or other.end < passage.start
        if not apart and other.source == passage.source and other.kind is passage.kind:
            passage = _joined(*sorted((passage, other), key=lambda one: (one.start, -one.end)))
    return passage


def _joined(one: Passage, two: Passage) -> Passage:
    """Two passages, of which the second begins no earlier and overlaps the first, as one."""
    if two.end <= one.end:
        return one
    beyond = tuple(s for s in two.sentences if s.start >= one.end)
    text = one.text + two.text[one.end - two.start :]
    return replace(one, end=two.end, text=text, sentences=(*one.sentences, *beyond))


def _text(passage: Passage, at: int) -> str:
    sentence = passage.sentences[at]
    return passage.slice(sentence.start, sentence.end)


def _words(passage: Passage, first: int, last: int) -> int:
    whole = passage.slice(passage.sentences[first].start, passage.sentences[last].end)
    return len(whole.split())


def _lead(passage: Passage, at: int) -> int:
    """The first sentence of the quote: before that one, where that one says "they" of somebody.

    Only sentences of the same paragraph are taken in, and only as far as they are needed.
    """
    first = at
    for _ in range(_LEADS):
        now, before = passage.sentences[first], passage.sentences[first - 1] if first else None
        if (
            before is None
            or before.kind is not now.kind
            or not _POINTS_BACK.match(_text(passage, first))
        ):
            break
        between = passage.slice(before.end, now.start)
        if "\n" in between or _words(passage, first - 1, at) > _LEAD_WORDS:
            break
        first -= 1
    return first


def _listed(passage: Passage, at: int) -> int:
    """The last sentence of the quote: the end of the list, where the sentence leads into one."""
    last = at
    if not _text(passage, at).endswith(":"):
        return last
    words = 0
    for number in range(at + 1, len(passage.sentences)):
        words += len(_text(passage, number).split())
        if passage.sentences[number].kind is not BlockKind.LIST or words > _LIST_WORDS:
            break
        last = number
    return last


def _points(passage: Passage, first: int, at: int) -> int:
    """The last sentence of the quote: the last point, where it counts off points or says how many.

    Args:
        passage: the passage.
        first: the sentence with which the quote begins.
        at: the sentence that answers.
    """
    for opening in range(first, min(at + 2, len(passage.sentences))):
        if _FIRST_POINT.match(_text(passage, opening)):
            last = _last_point(passage, opening)
            if last > max(at, opening) and _words(passage, first, last) <= _POINTS_WORDS:
                return last
    return at


def _last_point(passage: Passage, opening: int) -> int:
    """The last of the points of which ``opening`` is the first; ``opening`` where it is alone."""
    last = opening
    for number in range(opening + 1, len(passage.sentences)):
        if number - last > 1 + _ASIDES or passage.sentences[number].kind is not BlockKind.BODY:
            break
        if _NEXT_POINT.match(_text(passage, number)):
            last = number
    return last
