"""Posts by words of their titles, authors or texts, with the sentence in which the words stand.

Titles and authors are matched whole, by beginnings and misspelt (``find``); texts by the stems of
the words (``lexical``), every one of which must stand in the post. Unlike a question, words that
are searched for are not taken to mean anything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from askscwru.index.lexical import analyse
from askscwru.show.find import find_posts
from askscwru.types import BlockKind, Passage, Post, Span

MOST = 1_000
"""The most passages that are looked at."""
_LOOKED_AT = 6
_WORD = re.compile(r"\w[\w’'-]*")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A sentence of a post that has words in it that were searched for."""

    text: str
    source: str
    start: int
    end: int
    words: tuple[Span, ...]
    """Where they stand, counted from the sentence's start."""

    def to_dict(self) -> dict[str, Any]:
        """The snippet as a JSON object."""
        return {
            "text": self.text,
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "words": [{"start": span.start, "end": span.end} for span in self.words],
        }


@dataclass(frozen=True, slots=True)
class FoundPost:
    """A post that has the words, and where; no snippet where its title or authors have them."""

    post: Post
    snippet: Snippet | None

    def to_dict(self) -> dict[str, Any]:
        """The post as a JSON object, with its snippet."""
        snippet = None if self.snippet is None else self.snippet.to_dict()
        return {**self.post.to_dict(), "snippet": snippet}


def search_posts(posts: Sequence[Post], words: str, passages: Sequence[Passage]) -> list[FoundPost]:
    """The posts that have all the words, those that are called so first.

    Args:
        posts: to choose among.
        words: what is searched for.
        passages: that share a word with it, best first, of any post.
    """
    stems = set(analyse(words))
    named = find_posts(posts, words)
    by_id = {post.id: post for post in posts}
    texts: dict[str, list[Passage]] = {}
    for passage in passages:
        if passage.post_id in by_id:
            texts.setdefault(passage.post_id, []).append(passage)
    found = [FoundPost(post, _snippet(texts.get(post.id, ()), stems)) for post in named]
    known = {post.id for post in named}
    for post_id, its in texts.items():
        held = {stem for passage in its for stem in analyse(passage.text)}
        if post_id not in known and stems and stems <= held:
            found.append(FoundPost(by_id[post_id], _snippet(its, stems)))
    return found


def word_spans(text: str, words: str) -> tuple[Span, ...]:
    """Where words of ``text`` have a stem of ``words``."""
    return _spans(text, set(analyse(words)))


def _spans(text: str, stems: set[str]) -> tuple[Span, ...]:
    return tuple(
        Span(match.start(), match.end())
        for match in _WORD.finditer(text)
        if stems.intersection(analyse(match[0]))
    )


def _snippet(passages: Sequence[Passage], stems: set[str]) -> Snippet | None:
    """The sentence that has the most of the words, the first of the best passage before others."""
    best: Snippet | None = None
    most = 0
    for passage in passages[:_LOOKED_AT]:
        if passage.kind is BlockKind.TITLE:
            continue  # it stands above the snippet
        for sentence in passage.sentences:
            text = passage.text[sentence.start - passage.start : sentence.end - passage.start]
            count = len(stems.intersection(analyse(text)))
            if count > most:
                most = count
                best = Snippet(
                    text, passage.source, sentence.start, sentence.end, _spans(text, stems)
                )
    return best
