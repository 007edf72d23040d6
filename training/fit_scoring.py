"""Fit the reader's weights (``weights/scoring.json``) on the ``tune`` half of an evaluation set.

``python -m training.fit_scoring --set eval/seeds.jsonl eval/conversations.jsonl --out FILE`` needs
a built index and scikit-learn. The ranking weights are a logistic regression over the sentences of
answerable questions. The slope and offset that turn the span model's log-odds of the best sentence
into a probability are fitted by scaling on sentences chosen for posts that the ranking weights
did not see (five folds by post), so that the confidence is not that of a model on its own training
data. Questions about the posts themselves are answered elsewhere and take no part.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from askscwru.answering.reader import FEATURES, Candidates
from askscwru.assistant import Assistant
from askscwru.settings import Settings
from askscwru.types import Query

FOLDS = 5
RIDGE = 1.0
"""Weight of the squared coefficients against one observation, in the ranking regression."""


@dataclass(frozen=True)
class Case:
    """One question with its candidate sentences."""

    item: dict[str, Any]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    """For each candidate, whether it answers."""

    @property
    def post(self) -> str:
        """What the folds are made by."""
        return str(self.item["group"])


def squeezed(text: str) -> str:
    """Words alone, in lower case, for comparing quotes from different copies of a post."""
    return " ".join(re.findall(r"\w+", text.lower()))


def answers(item: dict[str, Any], source: str, start: int, end: int, text: str) -> bool:
    """Whether a sentence is, or shares most of itself with, an accepted quote."""
    mine = squeezed(text)
    for quote in item["quotes"]:
        shared = min(end, quote["end"]) - max(start, quote["start"])
        least = min(end - start, quote["end"] - quote["start"])
        if quote["source"] == source and shared >= 0.6 * least:
            return True
        theirs = squeezed(quote["text"])
        if theirs in mine or (len(mine) > 40 and mine in theirs):
            return True
    return False


def read_case(assistant: Assistant, item: dict[str, Any], depth: int) -> Case:
    """Retrieve and weigh the sentences for one item."""
    retrieval = assistant._retriever.retrieve(item["question"], depth, None)
    found: Candidates = assistant._reader.weigh(retrieval, depth)
    right = [
        answers(
            item,
            candidate.hit.passage.source,
            candidate.sentence.start,
            candidate.sentence.end,
            candidate.hit.passage.text[
                candidate.sentence.start - candidate.hit.passage.start : candidate.sentence.end
                - candidate.hit.passage.start
            ],
        )
        for candidate in found.sentences
    ]
    return Case(item, found.features, np.array(right, dtype=bool))


def fit_ranking(cases: list[Case]) -> tuple[NDArray[np.float64], ...]:
    """Mean, scale and weights of the ranking regression."""
    used = [case for case in cases if case.right.any()]
    features = np.vstack([case.features for case in used])
    right = np.concatenate([case.right for case in used])
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale < 1e-9] = 1.0
    model = LogisticRegression(C=1 / RIDGE, max_iter=2000)
    model.fit((features - mean) / scale, right)
    return mean, scale, model.coef_[0]


def best_rows(cases: list[Case], ranking: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
    """For each case, the span log-odds of its best sentence, and whether that answers."""
    mean, scale, weights = ranking
    rows = []
    for case in cases:
        if len(case.features):
            best = int(np.argmax(((case.features - mean) / scale) @ weights))
            span = case.features[best, FEATURES.index("span")]
            rows.append((span, float(case.right[best])))
    return np.array(rows)


def fit_confidence(cases: list[Case]) -> tuple[float, float, float]:
    """Slope and offset of Platt scaling, and the share of right answers in the held-out folds."""
    posts = sorted({case.post for case in cases})
    order = np.random.default_rng(13).permutation(len(posts))
    fold = {posts[post]: at % FOLDS for at, post in enumerate(order)}
    held: list[NDArray[np.float64]] = []
    for out in range(FOLDS):
        kept = [case for case in cases if fold[case.post] != out]
        left = [case for case in cases if fold[case.post] == out]
        held.append(best_rows(left, fit_ranking(kept)))
    rows = np.vstack(held)
    model = LogisticRegression(C=100.0).fit(rows[:, :1], rows[:, 1])
    answerable = sum(case.item["answerable"] for case in cases)
    return float(model.coef_[0, 0]), float(model.intercept_[0]), rows[:, 1].sum() / answerable


def read_items(path: Path) -> list[dict[str, Any]]:
    """The ``tune`` questions of a set; of a conversation, each turn as it stands by itself."""
    items: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        turns = entry.get("turns", [entry])
        for turn in turns:
            if entry["split"] == "tune" and turn.get("kind") != "about_post":
                asked = turn.get("gold", turn["question"])
                items.append({**turn, "question": asked, "group": turn.get("post") or entry["id"]})
    return items


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, required=True, dest="sets", nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    settings = Settings()
    assistant = Assistant.load(settings)
    unique = {item["question"]: item for path in args.sets for item in read_items(path)}
    about = assistant._about
    asked = [item for item in unique.values() if about.answer(Query(item["question"])) is None]
    cases = [read_case(assistant, item, settings.read_depth) for item in asked]
    ranking = fit_ranking([case for case in cases if case.item["answerable"]])
    slope, offset, right = fit_confidence(cases)
    names = ("mean", "scale", "weights")
    stored: dict[str, Any] = {"features": list(FEATURES)}
    stored |= {n: [round(float(x), 6) for x in v] for n, v in zip(names, ranking, strict=True)}
    stored |= {"slope": round(slope, 6), "offset": round(offset, 6)}
    args.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"{len(cases)} questions; right first in held-out folds: {right:.3f} of the answerable")
    for name, weight in zip(FEATURES, ranking[2], strict=True):
        print(f"{name:>18} {weight:+.2f}")


if __name__ == "__main__":
    main()
