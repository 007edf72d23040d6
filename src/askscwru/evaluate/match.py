"""Whether a stretch of a source is one that a set accepts.

One post may stand on several pages, so that the words count and not only the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from askscwru.evaluate.sets import Accepted
from askscwru.sentences import split_sentences

ENOUGH = 0.6
"""This share of an accepted stretch of several sentences is enough of it."""
_WORDS = re.compile(r"\w+")


def padded_words(text: str) -> str:
    """The words of a text in lower case, each between single spaces."""
    return f" {' '.join(_WORDS.findall(text.casefold()))} "


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quote or a passage, as the program gave it."""

    source: str
    start: int
    end: int
    text: str


def is_right(stretch: Stretch, accepted: Iterable[Accepted]) -> bool:
    """Whether the stretch covers an accepted one: all of it, or enough of several sentences."""
    folded = padded_words(stretch.text)
    return any(_covers(stretch, folded, one) for one in accepted)


def _covers(stretch: Stretch, folded: str, accepted: Accepted) -> bool:
    several = False if accepted.only_here else len(split_sentences(accepted.text)) > 1
    if stretch.source == accepted.source:
        shared = min(stretch.end, accepted.end) - max(stretch.start, accepted.start)
        wanted = ENOUGH if several else 1.0
        if shared >= wanted * (accepted.end - accepted.start):
            return True
    if accepted.only_here:
        return False
    return _says(folded, accepted.text, several=several)


def _says(folded: str, text: str, *, several: bool) -> bool:
    whole = padded_words(text)
    if not whole.strip():
        return False
    if whole in folded:
        return True
    if not several:
        return False
    parts = [padded_words(span.of(text)) for span in split_sentences(text)]
    said = sum(len(part) for part in parts if part.strip() and part in folded)
    return said >= ENOUGH * sum(len(part) for part in parts)
