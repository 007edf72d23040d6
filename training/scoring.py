"""The official SQuAD 2.0 measures, and the area under the ROC curve of answerability."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Lower case, without punctuation, articles and surplus white space."""
    lowered = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", lowered).split())


def exact(prediction: str, golds: Sequence[str]) -> float:
    """1 where the prediction equals an accepted answer; no accepted answer means ``""``."""
    return float(any(normalise(prediction) == normalise(g) for g in _accepted(golds)))


def f1(prediction: str, golds: Sequence[str]) -> float:
    """Best word overlap (0 to 1) with an accepted answer."""
    return max(_f1_one(prediction, gold) for gold in _accepted(golds))


def _accepted(golds: Sequence[str]) -> Sequence[str]:
    # As in the official script: answers that are empty once normalised do not count.
    return [gold for gold in golds if normalise(gold)] or [""]


def _f1_one(prediction: str, gold: str) -> float:
    said, wanted = normalise(prediction).split(), normalise(gold).split()
    if not said or not wanted:
        return float(said == wanted)
    shared = sum((Counter(said) & Counter(wanted)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(said), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Probability that a positive scores above a negative; ties count half.

    NaN where there are only positives or only negatives.
    """
    positives = sum(labels)
    negatives = len(labels) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    rank_sum, at = 0.0, 0
    while at < len(order):
        upto = at
        while upto < len(order) and scores[order[upto]] == scores[order[at]]:
            upto += 1
        middle = (at + 1 + upto) / 2
        rank_sum += middle * sum(labels[i] for i in order[at:upto])
        at = upto
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def best_threshold(margins: Sequence[float], gains: Sequence[float]) -> float:
    """The margin from which answering pays most.

    ``gains`` says per question what answering adds to the score against saying "no answer".
    """
    order = sorted(range(len(margins)), key=lambda i: -margins[i])
    best, total, threshold = 0.0, 0.0, max(margins, default=0.0) + 1.0
    for place, index in enumerate(order):
        total += gains[index]
        follower = margins[order[place + 1]] if place + 1 < len(order) else margins[index] - 1.0
        if total > best and follower < margins[index]:
            best, threshold = total, (margins[index] + follower) / 2
    return threshold
