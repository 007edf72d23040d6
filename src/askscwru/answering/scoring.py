"""What is known of a sentence to a number that ranks it and one that says how surely it answers.

``training/fit_scoring.py`` fits both; the packaged numbers are in ``weights/scoring.json``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askscwru.answering.span import SCORING, WEIGHTS
from askscwru.errors import ModelError

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
AGAIN = (*FEATURES, "second_span", "second_evidence")
"""What is weighed where a larger reader has read too (``second_look``): its log-odds as well."""
UNFIT = FEATURES.index("unfit")
ANSWERED = 0.45
"""A sentence that is less sure than this is as a rule not shown (the usual ``abstain_below``)."""
_SURE_UNFIT = 0.3
"""The most that an unfit sentence is sure to answer, however well it reads: one on Sunday, asked
about Monday, or one without a figure, asked how many there are. It is too little to be shown."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """The fitted weights."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    """One for each feature after ``(x - mean) / scale``: the higher the sum, the sooner the
    sentence is quoted."""
    confidence_weights: NDArray[np.float64]
    """One for each feature after the same."""
    confidence_offset: float
    """confidence = 1 / (1 + exp(-(confidence_weights · x + confidence_offset)))."""
    yes_no_slope: float = 1.0
    """Of a question that asks for a yes or a no: what the log-odds above ``ANSWERED`` are taken
    times. A sentence on the subject reads as an answer to it, and is none as often as not."""

    @classmethod
    def load(cls, folder: Path = WEIGHTS, features: Sequence[str] = FEATURES) -> Scoring:
        """Reads ``scoring.json``; the packaged one, where the folder has none of its own.

        Args:
            folder: where it lies.
            features: what it must weigh, in this order.

        Raises:
            ModelError: it is damaged, or weighs other things.
        """
        own = folder / SCORING
        path = own if own.exists() else WEIGHTS / SCORING
        try:
            stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if tuple(stored["features"]) != tuple(features):
                raise ValueError("it weighs other features")
            return cls(
                mean=np.array(stored["mean"], dtype=float),
                scale=np.array(stored["scale"], dtype=float),
                weights=np.array(stored["weights"], dtype=float),
                confidence_weights=np.array(stored["confidence_weights"], dtype=float),
                confidence_offset=float(stored["confidence_offset"]),
                yes_no_slope=float(stored.get("yes_no_slope", 1.0)),
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

    def confidence(
        self, features: NDArray[np.float64], *, yes_no: bool = False
    ) -> NDArray[np.float64]:
        """The probability that each row answers: a logistic regression on all features.

        Args:
            features: one row for each sentence.
            yes_no: whether a yes or a no is asked for. What would be answered still is, less
                surely.
        """
        weighed = ((features - self.mean) / self.scale) @ self.confidence_weights
        odds = np.clip(weighed + self.confidence_offset, -30, 30)
        if yes_no:
            even = np.log(ANSWERED / (1 - ANSWERED))
            odds = np.where(odds > even, even + self.yes_no_slope * (odds - even), odds)
        sure: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
        return np.where(features[:, UNFIT] > 0, np.minimum(sure, _SURE_UNFIT), sure)
