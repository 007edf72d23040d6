"""A question and its hits to scored quotes: which sentence answers, which words of it, how surely.

For every sentence of the passages read it is weighed what the model says of it and of its
stretches (``span``), how near it is to the question in meaning, how good the hit is in which it
stands, whether it is a byline, and how much of what the question names is accounted for
(``accounting``). One set of weights ranks the sentences, another turns the same things into a
probability.
``training/fit_scoring.py`` fits both; they are kept in ``weights/scoring.json``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askscwru.answering.accounting import MOST_FOREIGN, QuestionTerms, terms
from askscwru.answering.extent import extent, reaches_edge, widened
from askscwru.answering.fitness import Demands
from askscwru.answering.retrieve import Retrieval
from askscwru.answering.span import SCORING, WEIGHTS, Logits, SpanModel
from askscwru.errors import ModelError
from askscwru.index.generation import Index
from askscwru.types import BlockKind, Hit, Passage, Quote, Sentence, Span

_QUOTABLE = frozenset(
    {BlockKind.BODY, BlockKind.LIST, BlockKind.BYLINE, BlockKind.REFERENCE, BlockKind.CODE}
)
_WIDENED = 6
"""For so many of the best sentences it is looked up what stands beyond their passage."""
_AT_FIRST = 2
"""How many hits are read before it is seen whether more are needed."""
_LONGEST_SPAN = 40
"""Word pieces: a longer highlight would mark the whole sentence."""
FEATURES = (
    "span",
    "evidence",
    "cosine",
    "hit",
    "byline",
    "missing",
    "missing_here",
    "unfit",
    "unnamed",
)
"""What is weighed, in the order of the columns of ``Candidates.features``: the log-odds that the
answer stands in the sentence against its not standing in the passage; those that the sentence
answers, against none of the passage doing so; the cosine of question and sentence; the score of
the hit; whether the sentence is a byline; the share of the question's terms that neither the
passage nor what it is about has, and the share that the sentence itself lacks too; how many reasons
there are that it cannot answer (those of ``fitness``, and each number, day and month of the
question that stands nowhere in the post); how many names of the question stand nowhere in the
post."""
_EVIDENCE = FEATURES.index("evidence")
_UNFIT = FEATURES.index("unfit")
_SURE_UNFIT = 0.3
"""The most that an unfit sentence is sure to answer, however well it reads: one on Sunday, asked
about Monday, or one without a figure, asked how many there are. It is too little to be shown."""
_POST_PASSAGES = 80
"""How many passages of a post are searched for what a question names."""
_LEAST = -20.0
"""Log-odds are kept from here to its opposite: beyond, they say no more."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """The fitted weights."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    """One for each of ``FEATURES`` after ``(x - mean) / scale``: the higher the sum, the sooner the
    sentence is quoted."""
    confidence_weights: NDArray[np.float64]
    """One for each of ``FEATURES`` after the same."""
    confidence_offset: float
    """confidence = 1 / (1 + exp(-(confidence_weights · x + confidence_offset)))."""

    @classmethod
    def load(cls, folder: Path = WEIGHTS) -> Scoring:
        """Reads ``scoring.json``; the packaged one, where the folder has none of its own.

        Raises:
            ModelError: it is damaged, or weighs other things than ``FEATURES``.
        """
        own = folder / SCORING
        path = own if own.exists() else WEIGHTS / SCORING
        try:
            stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if tuple(stored["features"]) != FEATURES:
                raise ValueError("it weighs other features")
            return cls(
                mean=np.array(stored["mean"], dtype=float),
                scale=np.array(stored["scale"], dtype=float),
                weights=np.array(stored["weights"], dtype=float),
                confidence_weights=np.array(stored["confidence_weights"], dtype=float),
                confidence_offset=float(stored["confidence_offset"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} cannot be used: {error}.",
                remedy="Install askscwru anew: pip install --force-reinstall askscwru",
            ) from error

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """One number for each row: the higher, the likelier it answers."""
        scores: NDArray[np.float64] = ((features - self.mean) / self.scale) @ self.weights
        return scores

    def confidence(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that each row answers: a logistic regression on all features."""
        weighed = ((features - self.mean) / self.scale) @ self.confidence_weights
        odds = np.clip(weighed + self.confidence_offset, -30, 30)
        sure: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
        return np.where(features[:, _UNFIT] > 0, np.minimum(sure, _SURE_UNFIT), sure)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted."""

    hit: Hit
    at: int
    """Its position among the sentences of the passage."""
    highlight: Span | None
    """The likeliest stretch, in the offsets of the source."""
    share: float
    """The highlight's share of the probability of all stretches of the sentence."""

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.hit.passage.sentences[self.at]


@dataclass(frozen=True, slots=True)
class Candidates:
    """All sentences read for one question, with what is known of each."""

    sentences: tuple[Candidate, ...]
    features: NDArray[np.float64]
    """Shape ``(sentences, len(FEATURES))``."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the model says of a sentence."""

    odds: float
    """Log-odds of all stretches within the sentence together against "not here"."""
    highlight: Span | None
    """The likeliest of them, in the offsets of the source."""
    share: float
    """Its share of the probability of all of them."""
    evidence: float
    """Log-odds of the sentence against no sentence of the passage; ``odds`` once more for a model
    that has learnt spans alone."""


class Reader:
    """Finds the sentences that answer."""

    def __init__(
        self, model: SpanModel, index: Index, scoring: Scoring, sure_enough: float
    ) -> None:
        self._model = model
        self._index = index
        self._scoring = scoring
        self._sure_enough = sure_enough

    def over(self, index: Index) -> Reader:
        """The same model and weights, reading from another index."""
        return Reader(self._model, index, self._scoring, self._sure_enough)

    def read(self, retrieval: Retrieval, depth: int) -> list[Quote]:
        """Scored quotes from the first ``depth`` hits, the likeliest first.

        Where the first two hits hold a sentence that is sure enough, the rest is not read. The
        scores are probabilities, each by itself; they need not sum to one.
        """
        best: _Best = {}
        quotes: list[Quote] = []
        account = _Account(retrieval, self._index)
        for hits in (retrieval.hits[:depth][:_AT_FIRST], retrieval.hits[:depth][_AT_FIRST:]):
            self._collect(best, retrieval, hits, account)
            quotes = self._quotes(retrieval.searched_for, _candidates(best))
            if quotes and quotes[0].score >= self._sure_enough:
                break
        return quotes

    def weigh(self, retrieval: Retrieval, depth: int) -> Candidates:
        """Every quotable sentence of the first ``depth`` hits with its features, unweighted.

        Overlapping passages give each sentence once, as the passage shows it that says most.
        """
        best: _Best = {}
        account = _Account(retrieval, self._index)
        self._collect(best, retrieval, retrieval.hits[:depth], account)
        return _candidates(best)

    def _quotes(self, question: str, found: Candidates) -> list[Quote]:
        scores = self._scoring.score(found.features)
        sure = self._scoring.confidence(found.features)
        unfit = found.features[:, _UNFIT] > 0
        order = np.lexsort((-scores, unfit))  # what cannot answer comes after all that may
        ranked = [(found.sentences[i], float(sure[i])) for i in order]
        return [
            self._quote(question, candidate, score, whole=place < _WIDENED)
            for place, (candidate, score) in enumerate(ranked)
        ]

    def _quote(self, question: str, candidate: Candidate, score: float, *, whole: bool) -> Quote:
        """A sentence as a quote, with what it cannot be understood without.

        Args:
            question: what was searched for.
            candidate: the sentence.
            score: how sure it is to answer.
            whole: whether what stands beyond its passage is looked up as well.
        """
        passage, at = candidate.hit.passage, candidate.at
        span = extent(question, passage, at)
        if whole and reaches_edge(passage, at, span):
            wide = widened(passage, self._beside(candidate.hit))
            if wide is not passage and candidate.sentence in wide.sentences:
                passage, at = wide, wide.sentences.index(candidate.sentence)
                span = extent(question, passage, at)
        return Quote(
            passage=candidate.hit.passage,
            start=span.start,
            end=span.end,
            text=passage.slice(span.start, span.end),
            score=score,
            # Of a list the marked words would be one point, or what leads into it.
            highlight=None if span.end > candidate.sentence.end else candidate.highlight,
            share=candidate.share,
            rank=candidate.hit.rank,
        )

    def _beside(self, hit: Hit) -> list[Passage]:
        """The passages of the same post before and after a hit's."""
        rows = self._index.rows_for([hit.passage.post_id])
        near = [row for row in rows if abs(row - hit.row) == 1]
        return self._index.passages(near)

    def _collect(
        self, best: _Best, retrieval: Retrieval, hits: Sequence[Hit], account: _Account
    ) -> None:
        """Read some hits and keep of every sentence what says most."""
        windows: list[list[Logits]] = [[] for _ in hits]
        texts = [_with_context(hit.passage) for hit in hits]
        for window in self._model.read(retrieval.searched_for, texts):
            windows[window.passage].append(window)
        for hit, own in zip(hits, windows, strict=True):
            for candidate, row in self._weigh_hit(hit, own, retrieval.vector, account):
                sentence = candidate.sentence
                key = (hit.passage.source, sentence.start, sentence.end)
                if key not in best or best[key][1][_EVIDENCE] < row[_EVIDENCE]:
                    best[key] = (candidate, row)

    def _weigh_hit(
        self,
        hit: Hit,
        windows: Sequence[Logits],
        vector: NDArray[np.float32],
        account: _Account,
    ) -> list[tuple[Candidate, list[float]]]:
        passage = hit.passage
        origin = passage.start + len(passage.text) - len(_with_context(passage))
        cosines = self._index.sentence_vectors(hit.row) @ vector
        lacks = account.of(passage)
        rows = []
        for at, sentence in enumerate(passage.sentences):
            if sentence.kind in _QUOTABLE:
                read = _read_sentence(sentence, origin, windows)
                byline = float(sentence.kind is BlockKind.BYLINE)
                row = [read.odds, read.evidence, float(cosines[at]), hit.score, byline]
                unfit = lacks.undated + lacks.unfit[at]
                row += [lacks.missing, lacks.here[at], unfit, lacks.unnamed]
                rows.append((Candidate(hit, at, read.highlight, read.share), row))
        return rows


_Best = dict[tuple[str, int, int], tuple[Candidate, list[float]]]
"""By source, start and end of a sentence: the sentence with its features."""


def _candidates(best: _Best) -> Candidates:
    rows = [row for _, row in best.values()]
    return Candidates(
        sentences=tuple(candidate for candidate, _ in best.values()),
        features=np.array(rows, dtype=float).reshape(-1, len(FEATURES)),
    )


def _with_context(passage: Passage) -> str:
    """What the span model reads: the passage behind what it is about.

    A question names its subject; the passage often says only "this conference".
    """
    return f"{passage.context}. {passage.text}" if passage.context else passage.text


def _read_sentence(sentence: Sentence, origin: int, windows: Sequence[Logits]) -> _Reading:
    """What the model says of a sentence, in the window that says most.

    Args:
        sentence: in the offsets of the source.
        origin: the offset in the source at which what was read begins.
        windows: of the passage in which the sentence stands.
    """
    best = _Reading(_LEAST, None, 0.0, _LEAST)
    for window in windows:
        first, last = window.offsets[:, 0] + origin, window.offsets[:, 1] + origin
        inside = np.flatnonzero((first >= sentence.start) & (last <= sentence.end) & (last > first))
        if not len(inside):
            continue
        sums = window.start[inside][:, None] + window.end[inside][None, :] - window.nothing
        forward = np.triu(np.ones(sums.shape, dtype=bool))
        too_long = np.triu(np.ones(sums.shape, dtype=bool), _LONGEST_SPAN)
        sums = np.where(forward & ~too_long, sums, -1e4)
        peak = float(sums.max())
        rest = float(np.log(np.exp(sums - peak).sum()))
        odds = float(np.clip(peak + rest, _LEAST, -_LEAST))
        evidence = odds
        if window.evidence is not None:
            margin = float(window.evidence[inside].mean()) - window.no_evidence
            evidence = float(np.clip(margin, _LEAST, -_LEAST))
        if best.highlight is None or evidence > best.evidence:
            begin, end = np.unravel_index(int(np.argmax(sums)), sums.shape)
            mark = Span(int(first[inside[begin]]), int(last[inside[end]]))
            best = _Reading(odds, mark, float(np.exp(-rest)), evidence)
    return best


@dataclass(frozen=True, slots=True)
class _Lacks:
    """What of a question a passage does not account for."""

    missing: float
    here: tuple[float, ...]
    """For each sentence of the passage: the share that neither it nor the context has."""
    unfit: tuple[int, ...]
    """For each sentence of the passage: how many reasons there are that it cannot answer."""
    undated: float
    unnamed: float


class _Account:
    """Looks up in passages and their posts what a question names."""

    def __init__(self, retrieval: Retrieval, index: Index) -> None:
        self._index = index
        self._wanted = QuestionTerms.of(
            retrieval.searched_for, index.lexical.inverse_document_frequency
        )
        self._demands = Demands.of(retrieval.searched_for)
        self._posts: dict[str, frozenset[str]] = {}

    def of(self, passage: Passage) -> _Lacks:
        context = terms(passage.context)
        texts = [passage.slice(s.start, s.end) for s in passage.sentences]
        sentences = [terms(text) for text in texts]
        unfit = tuple(
            self._demands.unmet_by(
                text,
                sentence.kind,
                passage.context,
                {*context, *own},
                lambda term: term in self._post(passage.post_id),
            )
            for sentence, text, own in zip(passage.sentences, texts, sentences, strict=True)
        )
        here = tuple(self._wanted.missing([*context, *own]) for own in sentences)
        present = [*context, *(term for own in sentences for term in own)]
        undated, unnamed = self._wanted.dated - {*present}, self._wanted.named - {*present}
        if undated or unnamed:
            whole = self._post(passage.post_id)
            undated, unnamed = undated - whole, unnamed - whole
        return _Lacks(
            self._wanted.missing(present),
            here,
            unfit,
            float(min(len(undated), MOST_FOREIGN)),
            float(min(len(unnamed), MOST_FOREIGN)),
        )

    def _post(self, post_id: str) -> frozenset[str]:
        """The terms of a whole post, its date among them."""
        if post_id not in self._posts:
            post = self._index.post(post_id)
            rows = self._index.rows_for([post_id])[:_POST_PASSAGES]
            texts = [passage.text for passage in self._index.passages(rows)]
            texts += [post.title or "", *post.authors, _date_in_words(post.published)]
            self._posts[post_id] = frozenset(terms("\n".join(texts)))
        return self._posts[post_id]


def _date_in_words(published: str | None) -> str:
    if published is None:
        return ""
    day = date.fromisoformat(published[:10])
    return f"{day.day} {day:%B} {day.year}"
