"""The formulas, each with its source: plain numbers in, plain numbers out."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
SEED = 20260
"""Of every resampling, so that a run gives the same intervals each time."""
RESAMPLES = 1000
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation) | frozenset("‘’“”–—…")


# -- one answer against the expected ones ----------------------------------------------------------


def normalise(text: str) -> str:
    """Lower case without punctuation, articles and extra white space.

    The normalisation of the official SQuAD 2.0 script (Rajpurkar et al., "Know What You Don't
    Know", ACL 2018); typographic quotes and dashes count as punctuation too.
    """
    bare = "".join(" " if c in "–—" else c for c in text.lower())
    bare = "".join(c for c in bare if c not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(answer: str, expected: Sequence[str]) -> float:
    """1.0 when the answer is one of the expected ones after ``normalise`` (SQuAD 2.0)."""
    return float(any(normalise(answer) == normalise(one) for one in expected or ("",)))


def token_f1(answer: str, expected: Sequence[str]) -> float:
    """The best F1 of shared words over the expected answers, in [0, 1] (SQuAD 2.0).

    No expected answer means that the right one is the empty text.
    """
    return max(_f1(normalise(answer).split(), normalise(one).split()) for one in expected or ("",))


def _f1(answer: list[str], expected: list[str]) -> float:
    if not answer or not expected:
        return float(answer == expected)
    shared = sum((Counter(answer) & Counter(expected)).values())
    return 2 * shared / (len(answer) + len(expected))


# -- a ranking in which one place is right ---------------------------------------------------------


def recall_at(rank: int | None, k: int) -> float:
    """1.0 when the first right passage is among the first ``k``; ``rank`` counts from 1."""
    return float(rank is not None and rank <= k)


def reciprocal_rank(rank: int | None) -> float:
    """1 / rank, 0.0 where nothing right was found (Voorhees, TREC-8, 1999)."""
    return 0.0 if rank is None else 1.0 / rank


def ndcg_at(rank: int | None, k: int) -> float:
    """nDCG@k where any one right passage is all that is asked for: 1 / log2(1 + rank).

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002, with an
    ideal gain of 1.
    """
    return 0.0 if rank is None or rank > k else float(1.0 / np.log2(1 + rank))


# -- stretches of characters -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overlap:
    """How well stretches that were retrieved cover stretches that were wanted; all in [0, 1]."""

    recall: float
    """Wanted characters that were retrieved, of all wanted."""
    precision: float
    """Wanted characters that were retrieved, of all retrieved, repeats counted each time."""
    iou: float
    """Of all wanted and all retrieved characters together, repeats counted each time."""


def overlap(wanted: Sequence[tuple[int, int]], retrieved: Sequence[tuple[int, int]]) -> Overlap:
    """Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval", Chroma 2024."""
    asked = {at for start, end in wanted for at in range(start, end)}
    got = {at for start, end in retrieved for at in range(start, end)}
    both = len(asked & got)
    read = sum(end - start for start, end in retrieved)
    return Overlap(
        recall=both / len(asked) if asked else 1.0,
        precision=both / read if read else 0.0,
        iou=both / (read + len(asked) - both) if read or asked else 1.0,
    )


# -- confidence ------------------------------------------------------------------------------------


def auroc(confidence: Numbers, positive: Numbers) -> float:
    """The chance that a positive item has the higher confidence, ties counting half.

    By ranks (Hanley and McNeil, Radiology 1982); not a number where there is only one class.
    """
    wanted = positive > 0.5
    count, rest = int(wanted.sum()), int((~wanted).sum())
    if not count or not rest:
        return float("nan")
    _, place, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    return float((ranks[wanted].sum() - count * (count + 1) / 2) / (count * rest))


def risk_coverage(confidence: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    """``(coverage, precision)`` as the threshold falls from the surest item to the least sure.

    El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification", JMLR 2010;
    risk is 1 − precision. Items of one confidence are answered together.
    """
    if not len(right):
        return np.zeros(0), np.zeros(0)
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    precision = np.cumsum(right[order]) / answered
    last_of_a_tie = np.append(np.diff(confidence[order]) != 0, True)
    return (answered / len(order))[last_of_a_tie], precision[last_of_a_tie]


def area_under_risk(confidence: Numbers, right: Numbers) -> float:
    """The mean risk over all coverages, in [0, 1], less is better.

    Geifman, Uziel and El-Yaniv, "Bias-Reduced Uncertainty Estimation", ICLR 2019. Items of one
    confidence share their mean.
    """
    if not len(right):
        return float("nan")
    _, place, sizes = np.unique(-confidence, return_inverse=True, return_counts=True)
    shared = (np.bincount(place, weights=right) / sizes)[np.sort(place)]
    return float(1 - (np.cumsum(shared) / np.arange(1, len(right) + 1)).mean())


@dataclass(frozen=True, slots=True)
class Bin:
    """Items of about the same confidence."""

    count: int
    confidence: float
    """Their mean confidence."""
    right: float
    """The share of them that is right."""


def reliability(confidence: Numbers, right: Numbers, bins: int = 10) -> list[Bin]:
    """Items in order of confidence in bins of equal size (Nguyen and O'Connor, EMNLP 2015)."""
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [
        Bin(len(part), float(confidence[part].mean()), float(right[part].mean())) for part in parts
    ]


def calibration_error(confidence: Numbers, right: Numbers, bins: int = 10) -> float:
    """The mean gap between confidence and the share that is right, over ``reliability``'s bins.

    Expected calibration error: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    if not len(right):
        return float("nan")
    found = reliability(confidence, right, bins)
    return sum(b.count * abs(b.confidence - b.right) for b in found) / len(right)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold at which abstaining pays most, and the mean score there."""

    at: float
    score: float


def best_threshold(scores: Numbers, margin: Numbers, answerable: Numbers) -> Threshold:
    """The best mean score over all thresholds: an item below the threshold is left unanswered.

    ``find_best_thresh`` of the official SQuAD 2.0 script: chosen on the very items it is measured
    on, and so an upper bound.

    Args:
        scores: what each item would score if answered (EM or F1).
        margin: how much the best stretch is preferred to no answer.
        answerable: 1.0 for items that have an answer; the others score 1.0 unanswered.
    """
    order = np.argsort(-margin, kind="stable")
    gains = np.where(answerable > 0.5, scores, -1.0)[order]
    totals = np.concatenate([[0.0], np.cumsum(gains)])
    best = int(np.argmax(totals))
    unanswered = float((answerable <= 0.5).sum())
    at = float(margin[order[best - 1]]) if best else float("inf")
    return Threshold(at, (unanswered + float(totals[best])) / max(len(scores), 1))


# -- chance ----------------------------------------------------------------------------------------

Resample = NDArray[np.intp]


def resamples(groups: Sequence[str], count: int = RESAMPLES, seed: int = SEED) -> list[Resample]:
    """Positions of the items of each bootstrap sample; groups are drawn whole.

    Turns of one conversation stand or fall together, so that they are drawn together (the cluster
    bootstrap: Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8).
    """
    members: dict[str, list[int]] = {}
    for at, group in enumerate(groups):
        members.setdefault(group, []).append(at)
    parts = [np.array(part) for part in members.values()]
    random = np.random.default_rng(seed)
    draws = random.integers(0, max(len(parts), 1), (count, len(parts)))
    if len(parts) == len(groups):
        return list(draws)
    return [np.concatenate([parts[at] for at in draw]) for draw in draws]


def interval(
    statistic: Callable[[Resample], float], samples: Sequence[Resample], level: float = 0.95
) -> tuple[float, float]:
    """The percentile interval of a statistic (Efron and Tibshirani, 1993, chapter 13)."""
    values = np.array([statistic(sample) for sample in samples], dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired_permutation(
    differences: Numbers, groups: Sequence[str], count: int = 5000, seed: int = SEED
) -> float:
    """The two-sided p-value that a mean difference at least as large comes from chance.

    The signs of whole groups are flipped at random (Fisher's randomisation test; Smucker, Allan
    and Carterette, CIKM 2007); one is added above and below the line (Phipson and Smyth, 2010).
    """
    sums: dict[str, float] = {}
    for group, difference in zip(groups, differences, strict=True):
        sums[group] = sums.get(group, 0.0) + float(difference)
    changed = np.array([total for total in sums.values() if total])
    if not len(changed):
        return 1.0
    random = np.random.default_rng(seed)
    signs = random.choice((-1.0, 1.0), (count, len(changed)))
    reached = np.abs(signs @ changed) >= abs(changed.sum()) - 1e-12
    return float((1 + reached.sum()) / (1 + count))
