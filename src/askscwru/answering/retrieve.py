"""A question to its hits: dense and lexical search, fused.

The two scores are brought to one scale and added (a convex combination, which Bruch, Gai and
Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, find better and steadier
than reciprocal ranks): ``w · nearness / best nearness + (1 − w) · BM25 / best BM25``. The nearness
is that of the whole passage and that of its nearest sentence, mixed: a passage may be about several
things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from askscwru.answering.spelling import correct
from askscwru.errors import FilterError
from askscwru.index.encoder import Encoder
from askscwru.index.generation import Index
from askscwru.names import bare_name, fold
from askscwru.settings import Settings
from askscwru.types import BlockKind, Correction, Filters, Hit, Passage, Post

_WANTS_REFERENCES = re.compile(
    r"\b(?:references?|bibliograph\w*|cited|cites?|citations?|further reading|literature list|"
    r"publications? (?:is|are) (?:cited|listed))\b",
    re.IGNORECASE,
)
_CROWD = 0.6
"""At most this share of the hits asked for comes from one post, while other posts have any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """What was searched for, and what was found."""

    searched_for: str
    corrections: tuple[Correction, ...]
    vector: NDArray[np.float32]
    """The unit vector of ``searched_for``, shape ``(dimension,)``."""
    hits: tuple[Hit, ...]
    """Best first."""


class Retriever:
    """Finds the passages that are about a question."""

    def __init__(self, index: Index, encoder: Encoder, settings: Settings) -> None:
        self._index = index
        self._encoder = encoder
        self._settings = settings
        self._words: dict[str, int] | None = None

    def retrieve(self, question: str, k: int, filters: Filters | None = None) -> Retrieval:
        """The ``k`` best passages for ``question``; fewer where fewer pass the filters.

        Raises:
            FilterError: a filter names an author, a source, a post, a blog, a category or a tag
                that there is not, or no ISO date; or the period ends before it begins.
        """
        rows = None if filters is None else self._allowed(filters)
        searched_for, corrections = correct(question, self._knows, self._vocabulary)
        vector = self._encoder.encode([searched_for])[0]
        scored = self._fuse(searched_for, vector, rows)
        hits = self._hits(searched_for, scored, k)
        return Retrieval(
            searched_for=searched_for, corrections=corrections, vector=vector, hits=tuple(hits)
        )

    def _knows(self, word: str) -> bool:
        return self._index.vocabulary.knows(word) or self._encoder.count_tokens(word) == 1

    def _vocabulary(self) -> dict[str, int]:
        if self._words is None:
            self._words = dict(self._index.vocabulary.words())
        return self._words

    def _fuse(
        self, question: str, vector: NDArray[np.float32], rows: Sequence[int] | None
    ) -> list[tuple[int, float, float, float]]:
        """``(row, fused, cosine, BM25)`` of every candidate, best first, ties by row."""
        many = self._settings.candidates
        lexical = dict(self._index.lexical.search(question, many, rows))
        dense = dict(self._index.dense_search(vector, many, rows))
        unknown = [row for row in lexical if row not in dense]
        if unknown:
            cosines = self._index.vectors(unknown) @ vector
            dense.update(zip(unknown, (float(c) for c in cosines), strict=True))
        near = {row: self._nearness(row, cosine, vector) for row, cosine in dense.items()}
        weight = self._settings.dense_weight
        top_near = max([1e-6, *near.values()])
        top_lexical = max([1e-6, *lexical.values()])
        scored = [
            (
                row,
                weight * near[row] / top_near + (1 - weight) * lexical.get(row, 0.0) / top_lexical,
                cosine,
                lexical.get(row, 0.0),
            )
            for row, cosine in dense.items()
        ]
        return sorted(scored, key=lambda candidate: (-candidate[1], candidate[0]))

    def _nearness(self, row: int, cosine: float, vector: NDArray[np.float32]) -> float:
        """How near a passage and its nearest sentence are to the question, at least 0."""
        share = self._settings.sentence_weight
        sentences = self._index.sentence_vectors(row)
        if not share or not len(sentences):
            return max(0.0, cosine)
        return max(0.0, (1 - share) * cosine + share * float((sentences @ vector).max()))

    def _hits(
        self, question: str, scored: list[tuple[int, float, float, float]], k: int
    ) -> list[Hit]:
        passages = self._index.passages([row for row, *_ in scored])
        wanted = {BlockKind.BODY, BlockKind.BYLINE}
        if _WANTS_REFERENCES.search(question):
            wanted.add(BlockKind.REFERENCE)
        kept = [
            (passage, candidate)
            for passage, candidate in zip(passages, scored, strict=True)
            if passage.kind in wanted
        ]
        hits: list[Hit] = []
        for at in _spread([passage for passage, _ in kept], k):
            passage, (row, score, dense, lexical) = kept[at]
            hits.append(
                Hit(
                    passage=passage,
                    row=row,
                    rank=len(hits) + 1,
                    score=score,
                    dense=dense,
                    lexical=lexical,
                )
            )
        return hits

    def _allowed(self, filters: Filters) -> list[int] | None:
        """The rows of the passages that pass the filters; None where nothing is limited."""
        if filters == Filters():
            return None
        posts = list(self._index.posts())
        if filters.author is not None:
            posts = _by_author(posts, filters.author)
        if filters.source is not None:
            posts = _by_source(posts, filters.source)
        for what in ("blog", "category", "tag"):
            if (wanted := getattr(filters, what)) is not None:
                posts = _by_label(posts, what, wanted)
        posts = _by_date(posts, filters)
        if filters.post is not None:
            posts = _by_id(posts, self._index.posts(), filters.post)
        return sorted(self._index.rows_for([post.id for post in posts]))


def _spread(passages: Sequence[Passage], k: int) -> list[int]:
    """Positions of ``k`` passages in order of rank, no post taking more than its share."""
    share = max(1, round(k * _CROWD))
    taken: dict[str, int] = {}
    first: list[int] = []
    late: list[int] = []
    for at, passage in enumerate(passages):
        count = taken.get(passage.post_id, 0)
        (first if count < share else late).append(at)
        taken[passage.post_id] = count + 1
    return sorted([*first, *late][:k])


def _by_author(posts: Iterable[Post], author: str) -> list[Post]:
    posts = list(posts)
    wanted = fold(bare_name(author))
    if not wanted:
        raise FilterError("The author filter is blank.", param="filters.author")
    found = [post for post in posts if any(fold(name) == wanted for name in post.authors)]
    if not found:
        found = [
            post
            for post in posts
            if any(fold(name).split()[-1:] == [wanted] for name in post.authors)
        ]
    if not found:
        names = sorted({name for post in posts for name in post.authors})
        near = process.extractOne(author, names, scorer=fuzz.WRatio, score_cutoff=60)
        hint = f"Did you mean “{near[0]}”?" if near else "`askscwru posts` lists the authors."
        raise FilterError(f"No post is by “{author}”.", remedy=hint, param="filters.author")
    return found


def _by_source(posts: Iterable[Post], source: str) -> list[Post]:
    found = [
        post
        for post in posts
        if source == post.source or any(place.source == source for place in post.also_in)
    ]
    if not found:
        raise FilterError(
            f"No post is from the source “{source}”.",
            remedy="`askscwru posts` lists the sources.",
            param="filters.source",
        )
    return found


def _labels(post: Post, what: str) -> tuple[str, ...]:
    if what == "blog":
        return () if post.blog is None else (post.blog,)
    return post.categories if what == "category" else post.tags


def _by_label(posts: Sequence[Post], what: str, wanted: str) -> list[Post]:
    """The posts of a blog, in a category or with a tag, whatever the case and the accents."""
    if not fold(wanted):
        raise FilterError(f"The {what} filter is blank.", param=f"filters.{what}")
    found = [post for post in posts if fold(wanted) in map(fold, _labels(post, what))]
    if not found:
        names = sorted({name for post in posts for name in _labels(post, what)})
        near = process.extractOne(wanted, names, scorer=fuzz.WRatio, score_cutoff=60)
        hint = f"Did you mean “{near[0]}”?" if near else "`askscwru posts --json` lists them."
        raise FilterError(
            f"No post has the {what} “{wanted}”.", remedy=hint, param=f"filters.{what}"
        )
    return found


def _by_id(posts: Iterable[Post], known: Iterable[Post], post_id: str) -> list[Post]:
    if all(post.id != post_id for post in known):
        raise FilterError(
            f"There is no post “{post_id}”.",
            remedy="`askscwru posts --json` lists the ids.",
            param="filters.post",
        )
    return [post for post in posts if post.id == post_id]


def _by_date(posts: Iterable[Post], filters: Filters) -> list[Post]:
    after = _iso(filters.after, "filters.after")
    before = _iso(filters.before, "filters.before")
    if after is not None and before is not None and before <= after:
        raise FilterError(
            f"The period ends on {before}, before it begins on {after}.",
            remedy="Exchange the two dates.",
            param="filters.before",
        )
    return [
        post
        for post in posts
        if (after is None or (post.published is not None and post.published >= after))
        and (before is None or (post.published is not None and post.published < before))
    ]


def _iso(value: str | None, param: str) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise FilterError(
            f"“{value}” is not a date.", remedy="Write it as 2018-02-28.", param=param
        ) from error
