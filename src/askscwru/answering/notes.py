"""What the notes of a post say of a quote: a limit that stands at the foot of the page.

"The bus runs from Monday to Saturday.¹" is not whole without "¹ Not on bank holidays.", and the
note says little without the sentence that it is to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from askscwru.types import BlockKind, Note, Passage, Post, Quote, Sentence, Span

_MOST_NOTES = 3
"""How many notes an answer takes in."""
_NOTE_WORDS = 60
"""Of a longer note the first sentences are quoted."""
_BRIEF_WORDS = 20
"""A note up to this length is quoted with the sentence that it is to."""
_QUOTABLE = frozenset({BlockKind.BODY, BlockKind.LIST})
_CITES = re.compile(
    r"https?://|\bwww\.|\bdoi\b|\bibid\b|\bop\.? ?cit\b|\bet al\b|\bpp?\. ?\d|\bvol\. ?\d|"
    r"\bno\. ?\d+\b.*\(|\(eds?\.?\)|\bISBN\b|\b(?:accessed|retrieved)\b|"
    r"\bavailable (?:at|from|online)\b",
    re.IGNORECASE,
)
"""What stands in a note that names a book or a page, and says nothing of what it is to."""
_NAMES_SOURCE = re.compile(
    r"\((?:[^()]*\b)?(?:1[89]|20)\d\d[a-z]?\)|\A\W*\w?\W*(?:see|cf|sources?)\b", re.IGNORECASE
)
_RESTRICTS = re.compile(
    r"\b(?:not|no|only|never|except|unless|exclud\w+|without|less|fewer|\w+n['’]t)\b", re.IGNORECASE
)


def with_notes(
    quotes: Sequence[Quote],
    post_of: Callable[[str], Post],
    passages_of: Callable[[str], Sequence[Passage]],
) -> list[Quote]:
    """The quotes, each followed by the notes whose marks stand in it.

    A short note that was found by itself is quoted behind the sentence that it is to. A note that
    only names where something was read is left where it is.

    Args:
        quotes: those of an answer, in their order.
        post_of: the id of a post to the post.
        passages_of: the id of a post to its passages.
    """
    told: list[Quote] = []
    left = _MOST_NOTES
    passages_of = cache(passages_of)
    for quote in quotes:
        post = post_of(quote.passage.post_id)
        if not post.notes or post.source != quote.passage.source:
            told.append(quote)
            continue
        around = _marked(quote, post, passages_of)
        told += [] if around is None or stands_in(around, [*told, *quotes]) else [around]
        told.append(quote)
        for note in _notes_of(quote, post, passages_of):
            if left and not stands_in(note, [*told, *quotes]):
                told.append(note)
                left -= 1
    return told


def _notes_of(
    quote: Quote, post: Post, passages_of: Callable[[str], Sequence[Passage]]
) -> Iterator[Quote]:
    """The notes of a quote that say something."""
    for note in post.notes:
        if quote.start < note.mark <= quote.end:
            found = _quoted(note, quote, passages_of(post.id))
            if found is not None and _says_something(found.text):
                yield found


def _quoted(note: Note, quote: Quote, passages: Sequence[Passage]) -> Quote | None:
    """A note, or its first sentences, as a quote that is as sure as the one that it is to."""
    for passage in passages:
        whole = [s for s in passage.sentences if s.start >= note.start and s.end <= note.end]
        if not whole or whole[0].kind not in _QUOTABLE:
            continue
        short = [s for s in whole if _words(passage, whole[0], s) <= _NOTE_WORDS]
        if short:
            return quote_beside(passage, Span(whole[0].start, short[-1].end), quote)
    return None


def _marked(
    quote: Quote, post: Post, passages_of: Callable[[str], Sequence[Passage]]
) -> Quote | None:
    """The sentence to which a quote is a note, where it is a short one."""
    if len(quote.text.split()) > _BRIEF_WORDS:
        return None
    for note in post.notes:
        if note.start <= quote.start and quote.end <= note.end:
            for passage in passages_of(post.id):
                for sentence in passage.sentences:
                    if sentence.start < note.mark <= sentence.end and sentence.kind in _QUOTABLE:
                        return quote_beside(passage, Span(sentence.start, sentence.end), quote)
    return None


def quote_beside(passage: Passage, span: Span, quote: Quote) -> Quote:
    """What stands with a quote, as a quote that is as sure and has nothing marked."""
    return replace(
        quote,
        passage=passage,
        start=span.start,
        end=span.end,
        text=passage.slice(span.start, span.end),
        highlight=None,
        share=None,
    )


def _words(passage: Passage, first: Sentence, last: Sentence) -> int:
    return len(passage.slice(first.start, last.end).split())


def _says_something(text: str) -> bool:
    """Whether a note says more than where something was read."""
    if _CITES.search(text):
        return False
    return _NAMES_SOURCE.search(text) is None or _RESTRICTS.search(text) is not None


def stands_in(quote: Quote, others: Sequence[Quote]) -> bool:
    """Whether a quote shares words with one of some others."""
    span = Span(quote.start, quote.end)
    return any(
        other.passage.source == quote.passage.source and span.overlaps(Span(other.start, other.end))
        for other in others
    )
