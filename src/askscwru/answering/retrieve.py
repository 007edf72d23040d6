"""A question to its hits: dense and lexical search, fused.

The two scores are brought to one scale and added (a convex combination, which Bruch, Gai and
Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, find better and steadier
than reciprocal ranks): ``w · nearness / best nearness + (1 − w) · BM25 / best BM25``. The nearness
is that of the whole passage and that of its nearest sentence, mixed: a passage may be about several
things. The less of the question's words the best passage has, the more counts nearness: what is
asked in other words than the posts' has no passage that the words can tell, and its best one is
good for nothing (decision 0028).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from askscwru.answering.accounting import acronyms, as_written, falsely_named
from askscwru.answering.filters import NO_FILTERS, posts_within
from askscwru.answering.spelling import correct
from askscwru.index.encoder import Encoder
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse
from askscwru.index.records import PostSet
from askscwru.settings import Settings
from askscwru.types import BlockKind, Correction, Filters, Hit, Passage

_WANTS_CODE = re.compile(
    r"\b(?:(?:source |sample |example )?code|snippets?|command(?: line)?|commands|scripts?|syntax|"
    r"configuration|quer(?:y|ies))\b",
    re.IGNORECASE,
)
_WANTS_REFERENCES = re.compile(
    r"\b(?:references?|bibliograph\w*|cited|cites?|citations?|further reading|literature list|"
    r"publications? (?:is|are) (?:cited|listed)|"
    r"who (?:\w+ )?(?:wrote|authored|edited) (?:(?:the|an?) (?:\w+ )?(?:paper|article|chapter|book|"
    r"report|study)\b|[‘“\"'])|authors? of (?:the (?:paper|article|chapter|book|report|study)\b|"
    r"[‘“\"'])|(?:which|what) (?:journal|publisher|issue|volume)|"
    r"(?:paper|article|chapter)\b.*\b(?:come out|came out|appear(?:ed)?|published|printed))\b",
    re.IGNORECASE,
)
_BLOCK, _CROWD = 5, 4
"""Of the first five hits at most four come from one post, while other posts have any."""
_ALL_WORDS = 1.5
"""Of the summed weights of a question's words, what a passage scores that has them all and some of
them twice or in its title. A passage of usual length that has each once scores 1: its term
frequencies are then worth nothing in BM25."""
_BYLINES = 2
"""And so many are bylines: a question that names an author finds those of all the author's posts,
and they say nothing of what is asked."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A question with its misspelt words corrected."""

    question: str
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """What was searched for, and what was found."""

    searched_for: str
    corrections: tuple[Correction, ...]
    vector: NDArray[np.float32]
    """The unit vector of ``searched_for``, shape ``(dimension,)``."""
    hits: tuple[Hit, ...]
    """Best first."""


_Kept = list[tuple[Passage, tuple[int, float, float, float]]]
"""Passages with their row, and what they score: fused, by cosine, by BM25."""


class Retriever:
    """Finds the passages that are about a question."""

    def __init__(self, index: Index, encoder: Encoder, settings: Settings) -> None:
        self._index = index
        self._encoder = encoder
        self._settings = settings

    def spelled(self, question: str) -> Spelled:
        """The question in words of the posts, as it will be searched for."""
        return Spelled(*correct(question, self._knows, self._index.vocabulary.like))

    def allowed(self, filters: Filters) -> PostSet | None:
        """The ids of the posts that pass the filters; None where nothing is limited.

        Raises:
            FilterError: as ``posts_within``.
        """
        if not filters:
            return None
        return posts_within(self._index.records, filters)

    def retrieve(
        self,
        question: str | Spelled,
        k: int,
        filters: Filters = NO_FILTERS,
        among: Collection[str] | None = None,
    ) -> Retrieval:
        """The ``k`` best passages for a question; fewer where fewer pass the filters.

        Args:
            question: what is searched for.
            k: the most that are returned.
            filters: which posts they may be from; None for all.
            among: the ids of those posts, where they are known already.

        Raises:
            FilterError: as ``posts_within``.
        """
        if among is None:
            among = self.allowed(filters)
        rows = None if among is None else self._index.rows_for(among)
        spelled = question if isinstance(question, Spelled) else self.spelled(question)
        vector = self._encoder.encode([spelled.question])[0]
        scored = self._fuse(spelled.question, vector, rows, among)
        hits = self._hits(spelled.question, scored, k)
        return Retrieval(
            searched_for=spelled.question,
            corrections=spelled.corrections,
            vector=vector,
            hits=tuple(hits),
        )

    def _knows(self, word: str) -> bool:
        return self._index.vocabulary.knows(word) or self._encoder.count_tokens(word) == 1

    def _fuse(
        self,
        question: str,
        vector: NDArray[np.float32],
        rows: NDArray[np.int64] | None,
        among: Collection[str] | None,
    ) -> list[tuple[int, float, float, float]]:
        """``(row, fused, cosine, BM25)`` of every candidate, best first, ties by row."""
        many = self._settings.candidates
        lexical = dict(self._index.lexical.search(question, many, rows))
        dense = dict(self._index.dense_search(vector, many, rows, among))
        unknown = [row for row in lexical if row not in dense]
        if unknown:
            cosines = self._index.vectors(unknown) @ vector
            dense.update(zip(unknown, (float(c) for c in cosines), strict=True))
        near = self._nearness(dense, vector)
        top_near = max([1e-6, *near.values()])
        top_lexical = max([1e-6, *lexical.values()])
        weight = self._dense_weight(question, top_lexical)
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

    def _dense_weight(self, question: str, top_lexical: float) -> float:
        """The share of the dense side, at least that of the settings.

        Args:
            question: what is searched for.
            top_lexical: the best passage's BM25.
        """
        whole = sum(map(self._index.lexical.inverse_document_frequency, set(analyse(question))))
        had = min(1.0, top_lexical / max(1e-6, _ALL_WORDS * whole))
        dense = self._settings.dense_weight
        return dense / max(1e-6, dense + (1 - dense) * had**2)

    def _nearness(
        self, cosines: Mapping[int, float], vector: NDArray[np.float32]
    ) -> dict[int, float]:
        """How near passages and their nearest sentences are to the question, at least 0."""
        share = self._settings.sentence_weight
        if not share:
            return {row: max(0.0, cosine) for row, cosine in cosines.items()}
        near: dict[int, float] = {}
        for row, sentences in self._index.sentences_of(list(cosines)).items():
            nearest = cosines[row]
            if len(sentences):
                nearest = (1 - share) * nearest + share * float((sentences @ vector).max())
            near[row] = max(0.0, nearest)
        return near

    def _hits(
        self, question: str, scored: list[tuple[int, float, float, float]], k: int
    ) -> list[Hit]:
        passages = self._index.passages([row for row, *_ in scored])
        wanted = {BlockKind.BODY, BlockKind.BYLINE}
        if _WANTS_REFERENCES.search(question):
            wanted.add(BlockKind.REFERENCE)
        if _WANTS_CODE.search(question):
            wanted.add(BlockKind.CODE)
        kept = [
            (passage, candidate)
            for passage, candidate in zip(passages, scored, strict=True)
            if passage.kind in wanted
        ]
        written = acronyms(question, [passage.text for passage, _ in kept])
        if written:
            kept = _as_written(written, kept)
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


def _as_written(written: Collection[str], kept: _Kept) -> _Kept:
    """The passages of posts that have an acronym first, where others have its letters as a word.

    To a search the PEOPLE Study is a study of people.
    """
    texts = [f"{passage.text} {passage.context}" for passage, _ in kept]
    false = [falsely_named(written, text) for text in texts]
    common = frozenset[str]().union(*false)
    if not common:
        return kept
    own = {
        passage.post_id
        for (passage, _), text in zip(kept, texts, strict=True)
        if common.intersection(as_written(text))
    }
    order = sorted(range(len(kept)), key=lambda at: kept[at][0].post_id not in own)
    return [kept[at] for at in order]


def _spread(passages: Sequence[Passage], k: int) -> list[int]:
    """Positions of the best ``k`` passages; no post and no bylines take more than their share.

    They come in order of rank, but that those which would crowd the first ``_BLOCK`` come after.
    """
    posts: Counter[str] = Counter()
    bylines = 0
    first: list[int] = []
    for at, passage in enumerate(passages):
        byline = passage.kind is BlockKind.BYLINE
        if posts[passage.post_id] == _CROWD or (byline and bylines == _BYLINES):
            continue
        posts[passage.post_id] += 1
        bylines += byline
        first.append(at)
        if len(first) == _BLOCK:
            break
    ahead = set(first)
    return [*first, *(at for at in range(len(passages)) if at not in ahead)][:k]
