"""A question and its hits to scored quotes: which sentence answers, which words of it, how surely.

Three kinds of evidence are weighed for every sentence of the passages read: what the span model
says of it (``span``), how near it is to the question in meaning and in words, and how good the hit
is in which it stands. The weights are fitted on the ``tune`` half of the evaluation set by
``training/fit_scoring.py`` and kept in ``weights/scoring.json``.
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

from askscwru.errors import ModelError
from askscwru.index import Index
from askscwru.lexical import analyse
from askscwru.retrieve import Retrieval
from askscwru.span import WEIGHTS, Logits, SpanModel
from askscwru.types import BlockKind, Hit, Quote, Sentence, Span

SCORING = "scoring.json"
_QUOTABLE = frozenset({BlockKind.BODY, BlockKind.LIST, BlockKind.BYLINE, BlockKind.REFERENCE})
_LONGEST_SPAN = 40
"""Word pieces: a longer highlight would mark the whole sentence."""
_LIST_WORDS = 130
"""A sentence that leads into a list is quoted with the list up to this length."""

FEATURES = (
    "span_sentence",
    "span_passage",
    "span_behind_best",
    "span_mass",
    "cosine",
    "cosine_neighbour",
    "overlap",
    "overlap_around",
    "hit_score",
    "hit_cosine",
    "hit_first",
    "kind_missing",
    "byline",
    "length",
)
"""What is weighed, in the order of the columns of ``Candidates.features``."""

_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|thirds?|"
    r"quarters?|"
    r"dozens?|hundreds?|thousands?|millions?|billions?|once|twice)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:january|february|march|april|may|june|"
    r"july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|"
    r"saturday|sunday|"
    r"centur(?:y|ies)|years?|months?|weeks?|days?|decades?|today|yesterday|ago|evening|spring|"
    r"summer|"
    r"autumn|winter)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-z,;:(‘“’]\s+[‘“(]?[A-Z]|^[A-Z][\w’-]+ [A-Z]|\b[A-Z]{2,}\b")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|often|big|large)\b|\bwhat (?:number|proportion|percentage|share)\b|"
    r"\bper ?cent\b|\bnumber of\b",
    re.IGNORECASE,
)
_ASKS_TIME = re.compile(
    r"\bwhen\b(?! (?:it|people|they|you|we|he|she|there)\b)|\b(?:what|which) (?:year|date|day|"
    r"month|time)\b",
    re.IGNORECASE,
)
_ASKS_NAME = re.compile(r"\bwho(?:se|m)?\b|^where\b", re.IGNORECASE)
_KINDS = ((_ASKS_NUMBER, _NUMBER), (_ASKS_TIME, _TIME), (_ASKS_NAME, _NAME))


@dataclass(frozen=True, slots=True)
class Scoring:
    """The fitted weights."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    """One for each of ``FEATURES`` after ``(x - mean) / scale``."""
    slope: float
    offset: float
    """Platt scaling: confidence = 1 / (1 + exp(-(slope · score + offset)))."""

    @classmethod
    def load(cls, folder: Path = WEIGHTS) -> Scoring:
        """Reads ``scoring.json``; raises ``ModelError`` where it does not fit ``FEATURES``."""
        path = folder / SCORING
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

    def confidence(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores as probabilities (Platt, "Probabilistic outputs for SVMs", 1999)."""
        raised: NDArray[np.float64] = 1 / (
            1 + np.exp(-np.clip(self.slope * scores + self.offset, -30, 30))
        )
        return raised


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted."""

    hit: Hit
    at: int
    """Its position among the sentences of the passage."""
    highlight: Span | None
    """The likeliest stretch, in the offsets of the source."""

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
    margin: float
    mass: float
    highlight: Span | None


class Reader:
    """Finds the sentences that answer."""

    def __init__(self, model: SpanModel, index: Index, scoring: Scoring) -> None:
        self._model = model
        self._index = index
        self._scoring = scoring

    def read(self, retrieval: Retrieval, depth: int) -> list[Quote]:
        """Scored quotes from the first ``depth`` hits, the likeliest first.

        Overlapping passages give each sentence once. The scores are probabilities, each by itself;
        they need not sum to one.
        """
        found = self.weigh(retrieval, depth)
        if not found.sentences:
            return []
        scores = self._scoring.score(found.features)
        sure = self._scoring.confidence(scores)
        order = np.argsort(-scores, kind="stable")
        return [_quote(found.sentences[i], float(sure[i])) for i in order]

    def weigh(self, retrieval: Retrieval, depth: int) -> Candidates:
        """Every quotable sentence of the first ``depth`` hits with its features, unweighted."""
        hits = retrieval.hits[:depth]
        question = retrieval.searched_for
        logits: dict[int, list[Logits]] = {}
        for window in self._model.read(question, [hit.passage.text for hit in hits]):
            logits.setdefault(window.passage, []).append(window)
        asked = self._asked(question)
        best: dict[tuple[str, int, int], tuple[Candidate, list[float]]] = {}
        for at, hit in enumerate(hits):
            rows = self._weigh_hit(hit, logits[at], retrieval.vector, asked, question)
            for candidate, row in rows:
                sentence = candidate.sentence
                key = (hit.passage.source, sentence.start, sentence.end)
                if key not in best or best[key][1][0] < row[0]:
                    best[key] = (candidate, row)
        features = np.array([row for _, row in best.values()], dtype=float).reshape(
            -1, len(FEATURES)
        )
        if len(features):
            features[:, 2] = features[:, 0] - features[:, 0].max()
        return Candidates(tuple(candidate for candidate, _ in best.values()), features)

    def _asked(self, question: str) -> dict[str, float]:
        """The terms of the question with how rare each is."""
        lexical = self._index.lexical
        return {term: lexical.inverse_document_frequency(term) for term in set(analyse(question))}

    def _weigh_hit(
        self,
        hit: Hit,
        windows: Sequence[Logits],
        vector: NDArray[np.float32],
        asked: dict[str, float],
        question: str,
    ) -> list[tuple[Candidate, list[float]]]:
        passage = hit.passage
        texts = [
            passage.text[s.start - passage.start : s.end - passage.start] for s in passage.sentences
        ]
        spans = [_span_evidence(s, passage.start, windows) for s in passage.sentences]
        cosines = self._index.sentence_vectors(hit.row) @ vector
        terms = [set(analyse(text)) for text in texts]
        about = set(analyse(passage.context))
        top = max((evidence.margin for evidence in spans), default=0.0)
        rows = []
        for at, sentence in enumerate(passage.sentences):
            if sentence.kind not in _QUOTABLE:
                continue
            near = [i for i in (at - 1, at + 1) if 0 <= i < len(texts)]
            around = set().union(about, terms[at], *(terms[i] for i in near))
            row = [
                spans[at].margin,
                top,
                0.0,
                spans[at].mass,
                float(cosines[at]),
                max((float(cosines[i]) for i in near), default=0.0),
                _share(asked, terms[at]),
                _share(asked, around),
                hit.score,
                hit.dense,
                1.0 / hit.rank,
                float(_kind_missing(question, texts[at])),
                float(sentence.kind is BlockKind.BYLINE),
                float(np.log1p(len(texts[at].split()))),
            ]
            rows.append((Candidate(hit, at, spans[at].highlight), row))
        return rows


def _share(asked: dict[str, float], terms: set[str]) -> float:
    """How much of the question, weighed by rarity, stands among ``terms``; in [0, 1]."""
    whole = sum(asked.values())
    return sum(weight for term, weight in asked.items() if term in terms) / whole if whole else 0.0


def _kind_missing(question: str, sentence: str) -> bool:
    """Whether a number, a time or a name is asked for and the sentence has none."""
    for asks, has in _KINDS:
        if asks.search(question):
            return has.search(sentence) is None
    return False


def _span_evidence(sentence: Sentence, start: int, windows: Sequence[Logits]) -> _SpanEvidence:
    """The best stretch within a sentence over all windows that hold a part of it."""
    best = _SpanEvidence(-20.0, -20.0, None)
    for window in windows:
        inside = np.flatnonzero(
            (window.offsets[:, 0] >= sentence.start - start)
            & (window.offsets[:, 1] <= sentence.end - start)
            & (window.offsets[:, 1] > window.offsets[:, 0])
        )
        if not len(inside):
            continue
        sums = window.start[inside][:, None] + window.end[inside][None, :] - window.nothing
        shape = np.triu(np.ones(sums.shape, dtype=bool)) & ~np.triu(
            np.ones(sums.shape, dtype=bool), _LONGEST_SPAN
        )
        sums = np.where(shape, sums, -1e4)
        first, last = np.unravel_index(int(np.argmax(sums)), sums.shape)
        margin = float(np.clip(sums[first, last], -20.0, 20.0))
        if margin > best.margin:
            peak = sums.max()
            mass = float(np.clip(peak + np.log(np.exp(sums - peak).sum()), -20.0, 20.0))
            mark = Span(
                start + int(window.offsets[inside[first], 0]),
                start + int(window.offsets[inside[last], 1]),
            )
            best = _SpanEvidence(margin, mass, mark)
    return best


def _quote(candidate: Candidate, score: float) -> Quote:
    passage, sentence = candidate.hit.passage, candidate.sentence
    end = _with_list(candidate)
    return Quote(
        passage=passage,
        start=sentence.start,
        end=end,
        text=passage.text[sentence.start - passage.start : end - passage.start],
        score=score,
        highlight=candidate.highlight,
        rank=candidate.hit.rank,
    )


def _with_list(candidate: Candidate) -> int:
    """Where the quote ends: after the list, where the sentence leads into one."""
    passage, end = candidate.hit.passage, candidate.sentence.end
    if not passage.text[: end - passage.start].endswith(":"):
        return end
    words = 0
    for item in passage.sentences[candidate.at + 1 :]:
        words += len(passage.text[item.start - passage.start : item.end - passage.start].split())
        if item.kind is not BlockKind.LIST or words > _LIST_WORDS:
            break
        end = item.end
    return end
