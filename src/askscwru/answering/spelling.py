"""Misspelt words of a question to the words of the posts.

A fallback, not an opinion: a word is touched only when neither the posts nor the encoder's own
vocabulary of common English words knows it, and only when one of the posts' words is very near.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import ascii_lowercase

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from askscwru.types import Correction

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
_SHORTEST = 5
_TWO_EDITS_FROM = 8
_POSSESSIVE = re.compile(r"[’']s?$")


def correct(
    question: str, knows: Callable[[str], bool], like: Callable[[str, int], Mapping[str, int]]
) -> tuple[str, tuple[Correction, ...]]:
    """The question with misspelt words replaced, and what was replaced by what.

    A question without a misspelt word comes back as the same object.

    Args:
        question: as the user wrote it.
        knows: whether a lower-cased word is spelt right.
        like: the words of the posts, in lower case, that begin with a letter as a word does and are
            at most so much shorter or longer, each with how often it occurs; asked for only of a
            word that is not known.
    """
    corrections: dict[str, Correction] = {}
    pieces: list[str] = []
    last = 0
    for match in _WORD.finditer(question):
        stem = _POSSESSIVE.sub("", match.group())
        right = _nearest(stem.lower(), like, knows) if _suspect(stem, knows) else None
        if not knows(stem.lower()):
            right = _SHORTENED.get(stem.lower(), right)
        if right is None:
            continue
        shown = _like(stem, right)
        corrections.setdefault(stem, Correction(stem, shown))
        pieces += [question[last : match.start()], shown]
        last = match.start() + len(stem)
    if not corrections:
        return question, ()
    return "".join([*pieces, question[last:]]), tuple(corrections.values())


_SHORTENED = {
    word.replace("'", ""): word
    for word in (
        "what's where's when's there's that's here's who's how's don't doesn't didn't isn't aren't"
        " wasn't weren't haven't hasn't hadn't couldn't shouldn't wouldn't mustn't you're they're"
        " we've you've they've"
    ).split()
}
"""Words that people write without their apostrophe, and that are no others then."""


def _suspect(word: str, knows: Callable[[str], bool]) -> bool:
    if len(word) < _SHORTEST or any(letter.isupper() for letter in word[1:]):
        return False
    return not knows(word.lower())


def _nearest(
    word: str, like: Callable[[str, int], Mapping[str, int]], knows: Callable[[str], bool]
) -> str | None:
    """The most likely word within one edit (two for long words), or None.

    A word of the posts is preferred, unless a common one is nearer: "commitee" is not "committed".
    """
    furthest = 2 if len(word) >= _TWO_EDITS_FROM else 1
    known = like(word, furthest)
    found = process.extract(
        word,
        list(known),
        scorer=DamerauLevenshtein.distance,
        score_cutoff=furthest,
        limit=None,
    )
    if not found:
        return None
    best, edits, _ = min(found, key=lambda hit: (hit[1], -known[hit[0]], hit[0]))
    if edits > 1:
        common = [other for other in _one_edit_from(word) if knows(other)]
        if len(common) == 1:
            return common[0]
    return str(best)


def _one_edit_from(word: str) -> list[str]:
    """All that is one letter more, less or other than a word, or has two letters swapped."""
    splits = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    less = [left + right[1:] for left, right in splits if right]
    swapped = [left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1]
    other = [left + c + right[1:] for left, right in splits if right for c in ascii_lowercase]
    more = [left + c + right for left, right in splits for c in ascii_lowercase]
    return sorted({*less, *swapped, *other, *more} - {word})


def _like(wrong: str, right: str) -> str:
    return right.capitalize() if wrong[0].isupper() else right
