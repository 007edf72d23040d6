"""A question and its hits to scored quotes: which sentence answers, which words of it, how surely.

Four things are weighed for every sentence of the passages read: what the span model says of it
(``span``), how near it is to the question in meaning, how good the hit is in which it stands, and
whether it is a byline. The confidence rests on the span model alone: similarity tells what a
sentence is about, not whether it answers. ``training/fit_scoring.py`` fits the numbers on the
``tune`` half of the evaluation sets; they are kept in ``weights/scoring.json``. More features were
tried and were no better (docs/decisions/0004).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askscwru.answering.retrieve import Retrieval
from askscwru.answering.span import SCORING, WEIGHTS, Logits, SpanModel
from askscwru.errors import ModelError
from askscwru.index.generation import Index
from askscwru.types import BlockKind, Hit, Passage, Quote, Sentence, Span

_QUOTABLE = frozenset({BlockKind.BODY, BlockKind.LIST, BlockKind.BYLINE, BlockKind.REFERENCE})
_AT_FIRST = 2
"""How many hits are read before it is seen whether more are needed."""
_LONGEST_SPAN = 40
"""Word pieces: a longer highlight would mark the whole sentence."""
_LIST_WORDS = 130
"""A sentence that leads into a list is quoted with the list up to this length."""
_LEADS = 2
"""How many sentences before it a quote may begin with, so that it makes sense alone."""
_LEAD_WORDS = 90
"""The most words of a quote that begins so."""
_POINTS_BACK = re.compile(
    r"[\W_]*(?:this|these|those|they|he|she|his|her|their|its|both|neither|such|"
    r"(?:first|second|third|fourth|final|last)(?:ly)?,|"
    r"it(?! (?:is|was|will be|would be|may be|can be|seems|appears|remains) (?:[\w-]+ ){0,3}?"
    r"(?:that|to|how|why|whether|when)\b))(?!\w)",
    re.IGNORECASE,
)
"""How a sentence begins that says something of what was named before it. "It is clear that …" does
not: its "it" stands for what follows."""

FEATURES = ("span", "cosine", "hit", "byline")
"""What is weighed, in the order of the columns of ``Candidates.features``: the log-odds that the
answer stands in the sentence against its not standing in the passage; the cosine of question and
sentence; the score of the hit; whether the sentence is a byline."""
_SPAN = FEATURES.index("span")
_LEAST = -20.0
"""Log-odds are kept from here to its opposite: beyond, they say no more."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """The fitted weights."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    """One for each of ``FEATURES`` after ``(x - mean) / scale``."""
    slope: float
    offset: float
    """Platt scaling: confidence = 1 / (1 + exp(-(slope · span + offset)))."""

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
                slope=float(stored["slope"]),
                offset=float(stored["offset"]),
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
        """The probability that each row answers (Platt, "Probabilistic outputs for SVMs", 1999)."""
        odds = np.clip(self.slope * features[:, _SPAN] + self.offset, -30, 30)
        raised: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
        return raised


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted."""

    hit: Hit
    at: int
    """Its position among the sentences of the passage."""
    highlight: Span | None
    """The likeliest stretch, in the offsets of the source."""
    share: float
    """Its share of the probability of all stretches of the sentence."""

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
class _SpanEvidence:
    odds: float
    """Log-odds of all stretches within the sentence together against "not here"."""
    highlight: Span | None
    """The likeliest of them, in the offsets of the source."""
    share: float
    """Its share of the probability of all of them."""


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
        for hits in (retrieval.hits[:depth][:_AT_FIRST], retrieval.hits[:depth][_AT_FIRST:]):
            self._collect(best, retrieval, hits)
            quotes = self._quotes(_candidates(best))
            if quotes and quotes[0].score >= self._sure_enough:
                break
        return quotes

    def weigh(self, retrieval: Retrieval, depth: int) -> Candidates:
        """Every quotable sentence of the first ``depth`` hits with its features, unweighted.

        Overlapping passages give each sentence once, as the passage shows it that says most.
        """
        best: _Best = {}
        self._collect(best, retrieval, retrieval.hits[:depth])
        return _candidates(best)

    def _quotes(self, found: Candidates) -> list[Quote]:
        scores = self._scoring.score(found.features)
        sure = self._scoring.confidence(found.features)
        order = np.argsort(-scores, kind="stable")
        return [_quote(found.sentences[i], float(sure[i])) for i in order]

    def _collect(self, best: _Best, retrieval: Retrieval, hits: Sequence[Hit]) -> None:
        """Read some hits and keep of every sentence what says most."""
        windows: list[list[Logits]] = [[] for _ in hits]
        texts = [_with_context(hit.passage) for hit in hits]
        for window in self._model.read(retrieval.searched_for, texts):
            windows[window.passage].append(window)
        for hit, own in zip(hits, windows, strict=True):
            for candidate, row in self._weigh_hit(hit, own, retrieval.vector):
                sentence = candidate.sentence
                key = (hit.passage.source, sentence.start, sentence.end)
                if key not in best or best[key][1][_SPAN] < row[_SPAN]:
                    best[key] = (candidate, row)

    def _weigh_hit(
        self, hit: Hit, windows: Sequence[Logits], vector: NDArray[np.float32]
    ) -> list[tuple[Candidate, list[float]]]:
        passage = hit.passage
        origin = passage.start + len(passage.text) - len(_with_context(passage))
        cosines = self._index.sentence_vectors(hit.row) @ vector
        rows = []
        for at, sentence in enumerate(passage.sentences):
            if sentence.kind in _QUOTABLE:
                span = _span_evidence(sentence, origin, windows)
                byline = float(sentence.kind is BlockKind.BYLINE)
                row = [span.odds, float(cosines[at]), hit.score, byline]
                rows.append((Candidate(hit, at, span.highlight, span.share), row))
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


def _span_evidence(sentence: Sentence, origin: int, windows: Sequence[Logits]) -> _SpanEvidence:
    """What the model says of a sentence, in the window that says most.

    Args:
        sentence: in the offsets of the source.
        origin: the offset in the source at which what was read begins.
        windows: of the passage in which the sentence stands.
    """
    best = _SpanEvidence(_LEAST, None, 0.0)
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
        if odds > best.odds:
            begin, end = np.unravel_index(int(np.argmax(sums)), sums.shape)
            mark = Span(int(first[inside[begin]]), int(last[inside[end]]))
            best = _SpanEvidence(odds, mark, float(np.exp(-rest)))
    return best


def _quote(candidate: Candidate, score: float) -> Quote:
    passage = candidate.hit.passage
    start, end = _with_lead(candidate), _with_list(candidate)
    return Quote(
        passage=passage,
        start=start,
        end=end,
        text=passage.slice(start, end),
        score=score,
        highlight=candidate.highlight,
        share=candidate.share,
        rank=candidate.hit.rank,
    )


def _with_lead(candidate: Candidate) -> int:
    """Where the quote begins: before the sentence, where that one says "they" of somebody.

    Only sentences of the same paragraph are taken in, and only as far as they are needed.
    """
    passage, first = candidate.hit.passage, candidate.at
    for _ in range(_LEADS):
        now, before = passage.sentences[first], passage.sentences[first - 1] if first else None
        text = passage.slice(now.start, now.end)
        if before is None or before.kind is not now.kind or not _POINTS_BACK.match(text):
            break
        between = passage.slice(before.end, now.start)
        whole = passage.slice(before.start, candidate.sentence.end)
        if "\n" in between or len(whole.split()) > _LEAD_WORDS:
            break
        first -= 1
    return passage.sentences[first].start


def _with_list(candidate: Candidate) -> int:
    """Where the quote ends: after the list, where the sentence leads into one."""
    passage, end = candidate.hit.passage, candidate.sentence.end
    if not passage.slice(passage.start, end).endswith(":"):
        return end
    words = 0
    for item in passage.sentences[candidate.at + 1 :]:
        words += len(passage.slice(item.start, item.end).split())
        if item.kind is not BlockKind.LIST or words > _LIST_WORDS:
            break
        end = item.end
    return end
