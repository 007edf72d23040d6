"""A paragraph of a post as it is quoted, with the list that it leads into."""

from __future__ import annotations

from askscwru.answering.extent import marker
from askscwru.types import BlockKind, Passage, Span

MOST_WORDS = 90
"""The most words of a paragraph that is quoted whole; of a longer one the first sentences are."""
_LIST_WORDS = 170


def paragraph_from(passage: Passage, first: int) -> Span:
    """From a sentence to the end of its paragraph, or of the list that it begins or leads into."""
    sentences = passage.sentences
    last = first
    listed = begun = sentences[first].kind is BlockKind.LIST
    while last + 1 < len(sentences):
        following = sentences[last + 1]
        ended = "\n" in passage.slice(sentences[last].end, following.start)
        leads = passage.slice(sentences[last].start, sentences[last].end).endswith(":")
        in_list = following.kind is BlockKind.LIST and (listed or leads)
        if ended and not in_list:
            break
        most = _LIST_WORDS if listed or in_list else MOST_WORDS
        if count_words(passage, sentences[first].start, following.end) > most:
            break
        listed = listed or in_list
        last += 1
    mark = marker(passage, first) if begun and last > first else ""
    return Span(sentences[first].start - len(mark), sentences[last].end)


def count_words(passage: Passage, start: int, end: int) -> int:
    """How many words stand between two offsets of the source."""
    return len(passage.slice(start, end).split())
