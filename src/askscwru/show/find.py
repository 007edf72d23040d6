"""Posts by what somebody remembers of them: a word or two of title, author or blog, misspelt."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from askscwru.types import Post

_LEAST = 60.0


def find_posts(posts: Sequence[Post], wanted: str) -> list[Post]:
    """The posts whose title, authors or blog hold something like ``wanted``, the nearest first.

    Each word of ``wanted`` must be found, whole or as part of a word, or misspelt by a letter or
    two. Without a word, all posts are given as they come.
    """
    words = _searchable(wanted).split()
    if not words:
        return list(posts)
    scored = []
    for position, post in enumerate(posts):
        score = _score(words, _searchable(described(post)))
        if score:
            scored.append((-score, position, post))
    return [post for _, _, post in sorted(scored, key=lambda found: found[:2])]


def described(post: Post) -> str:
    """All that a post can be found by."""
    return " ".join(filter(None, (post.title, *post.authors, post.blog, post.source)))


def _searchable(text: str) -> str:
    """``text`` without case and accents, and with spaces for all that is no letter or digit."""
    bare = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in "".join(bare).casefold())


def _score(words: Sequence[str], text: str) -> float:
    """The least sure of the words decides; 0 where one of them is not there at all."""
    known = text.split()
    scores = [_word_score(word, text, known) for word in words]
    return sum(scores) / len(scores) if min(scores) >= _LEAST else 0.0


def _word_score(word: str, text: str, known: Sequence[str]) -> float:
    if word in known:
        return 100.0
    if any(other.startswith(word) for other in known):
        return 95.0
    if word in text:
        return 85.0
    if len(word) < 4:
        return 0.0
    near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=80.0)
    return float(near[1]) * 0.8 if near else 0.0
