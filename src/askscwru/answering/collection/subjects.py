"""Which posts are about something, and which mention it: two questions with two answers.

A post *mentions* words where they stand in its title or text, in that order and whatever their
endings: that is exact. It is *about* something where its title or its labels say so, where much of
it speaks of it, or where it is near in meaning: that is an estimate, with a cut that was fitted
(``docs/decisions/0013``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from askscwru.answering.collection.catalogue import Catalogue
from askscwru.index.encoder import Encoder
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse
from askscwru.index.records import Condition
from askscwru.types import BlockKind

_QUOTED_KINDS = (BlockKind.BODY, BlockKind.TITLE)
_MENTIONED_IN = frozenset({BlockKind.BODY, BlockKind.TITLE, BlockKind.REFERENCE})
_IN_TITLE, _IN_LABEL = 1.0, 1.0
_ABOUT = 0.95
"""Of the share of a post's passages that hold the topic's words and the cosine of the nearest one,
added up: from here on the post is about the topic. Chosen by hand on a few topics."""
_BY_MEANING = 0.7
"""The cosine from which on no passage need hold the words."""
_CANDIDATES = 2_000


class Subjects:
    """Finds posts by what they say; safe to use from many threads."""

    def __init__(self, index: Index, encoder: Encoder, catalogue: Catalogue) -> None:
        self._index = index
        self._encoder = encoder
        self._catalogue = catalogue

    def mentioning(self, words: str) -> set[str]:
        """The ids of the posts whose title or text holds the words, one after the other."""
        terms = analyse(words)
        rows = self._index.lexical.holding(terms)
        kinds = self._index.records.kinds_of(rows)
        wanted = [(row, post_id) for row, post_id, kind in kinds if kind in _MENTIONED_IN]
        if len(terms) < 2:
            return {post_id for _, post_id in wanted}
        found: set[str] = set()
        for row, post_id in wanted:
            if post_id not in found and in_order(
                terms, analyse(self._index.passages([row])[0].text)
            ):
                found.add(post_id)
        return found

    def about(self, topic: str, allowed: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The posts that are about a topic, most first, each with how much, in (0, 1].

        Args:
            topic: a few words.
            allowed: only these posts; None for all.
        """
        terms = set(analyse(topic))
        scores: dict[str, float] = defaultdict(float)
        if label := self._catalogue.label(topic):
            for post_id in self._catalogue.select(Condition.named("label", [label])):
                scores[post_id] = _IN_LABEL
        for post_id in self._catalogue.with_title_words(terms):
            scores[post_id] = _IN_TITLE
        shares = self._shares(terms)
        near = self._nearness(topic)
        for post_id in {*shares, *near}:
            share, cosine = shares.get(post_id, 0.0), near.get(post_id, 0.0)
            scores[post_id] = max(scores[post_id], _aboutness(share, cosine))
        kept = [
            (post_id, score)
            for post_id, score in scores.items()
            if score > 0 and (allowed is None or post_id in allowed)
        ]
        weight = {post_id: shares.get(post_id, 0.0) + near.get(post_id, 0.0) for post_id, _ in kept}
        return sorted(kept, key=lambda found: (-found[1], -weight[found[0]], found[0]))

    def _shares(self, terms: Collection[str]) -> dict[str, float]:
        """For each post that holds all the terms in one passage, the share of such passages.

        One is added to the number of its passages: of an opening that is all in one passage, that
        says little.
        """
        rows = self._index.lexical.holding(sorted(terms))
        held: Counter[str] = Counter()
        for _, post_id, kind in self._index.records.kinds_of(rows):
            if kind == BlockKind.BODY:
                held[post_id] += 1
        sizes = self._index.records.passage_counts(list(held))
        return {post_id: count / (sizes[post_id] + 1) for post_id, count in held.items()}

    def _nearness(self, topic: str) -> dict[str, float]:
        """The cosine of the topic and the nearest passage of each post that is near at all."""
        vector = self._encoder.encode([topic])[0]
        found = self._index.dense_search(np.asarray(vector), _CANDIDATES)
        cosines = dict(found)
        near: dict[str, float] = {}
        for row, post_id, kind in self._index.records.kinds_of(list(cosines)):
            if kind in _QUOTED_KINDS:
                near[post_id] = max(near.get(post_id, 0.0), cosines[row])
        return near


def _aboutness(share: float, cosine: float) -> float:
    both = share + cosine
    if both >= _ABOUT:
        return min(0.95, both / 2)
    return cosine if cosine >= _BY_MEANING else 0.0


def in_order(terms: Sequence[str], text: Sequence[str]) -> bool:
    """Whether a text has the terms one after the other."""
    size = len(terms)
    return any(list(text[at : at + size]) == list(terms) for at in range(len(text) - size + 1))
