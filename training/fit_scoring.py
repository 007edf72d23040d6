"""Fit the reader's weights (``weights/scoring.json``).

``python -m training.fit_scoring --set eval/seeds.jsonl eval/conversations.jsonl --reading fit.json
--out FILE`` needs a built index and scipy. Of the sets the ``tune`` half is used; the reading
sets (``training.held_out --part fit``) are used whole, searched as posts of an index of their own.

The ranking weights are a conditional logit over the sentences of answerable questions. The
confidence is a logistic regression over the best sentence of every question, chosen by ranking
weights that did not see its post (five folds by post), so that it is not that of a model on its own
training data; it is calibrated on the questions of ``--set`` as they stand.
Questions about the posts themselves are answered elsewhere and take no part.

With ``--second DIR`` it fits the numbers of the second reader that lies in DIR, on the questions of
which the first one is unsure (``--between``), with the passages that it would read
(``--passages``).
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from askscwru.answering.collection.stage import Within
from askscwru.answering.reader import Candidate
from askscwru.answering.scoring import AGAIN, FEATURES, Scoring
from askscwru.answering.second_look import SecondLook
from askscwru.assistant import Assistant, no_progress
from askscwru.evaluate.outside import open_files, project
from askscwru.evaluate.sets import ReadingSet, read_set
from askscwru.settings import Settings
from training import scoring

FOLDS = 5
BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "span": (0.0, None),
    "evidence": (0.0, None),
    "cosine": (0.0, None),
    "hit": (0.0, None),
    "byline": (None, None),
    "missing": (None, 0.0),
    "missing_here": (None, 0.0),
    "unfit": (None, 0.0),
    "unnamed": (None, 0.0),
    "second_span": (0.0, None),
    "second_evidence": (0.0, None),
}
"""Which way each feature may count in the confidence."""
SWAPPED_SHARE = 0.5
"""Share of the answerable questions with a name or number that are asked with another one too."""
RIDGE = 1.0
"""Weight of the squared coefficients against one observation, in both regressions."""


@dataclass(frozen=True)
class Case:
    """One question with its candidate sentences."""

    item: dict[str, Any]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    """For each candidate, whether it answers."""
    weight: float = 1.0
    """What the case counts in the fit."""
    calibrates: bool = False
    """Whether it is a question as people ask the program's own posts: what the confidence must be
    true of."""

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


def read_case(assistant: Assistant, item: dict[str, Any], depth: int) -> Case | None:
    """Retrieve and weigh the sentences for one item.

    None where the assistant has a second reader and would not ask it.
    """
    retrieval = assistant._retriever.retrieve(item["question"], depth)
    reader = assistant._reader
    weigh = reader.weigh if reader._second is None else reader.weigh_again
    found = weigh(retrieval, depth)
    if found is None:
        return None
    right = [_is_right(item, candidate) for candidate in found.sentences]
    return Case(item, found.features, np.array(right, dtype=bool))


def _is_right(item: dict[str, Any], candidate: Candidate) -> bool:
    sentence, passage = candidate.sentence, candidate.hit.passage
    text = passage.slice(sentence.start, sentence.end)
    return answers(item, passage.source, sentence.start, sentence.end, text)


def read_cases(
    assistant: Assistant, items: list[dict[str, Any]], depth: int, second: SecondLook | None
) -> list[Case]:
    """The cases of all items of which the reader that is fitted is asked."""
    assistant._reader._second = second
    cases = (read_case(assistant, item, depth) for item in items)
    return [case for case in cases if case is not None]


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = (
    "January February March April June July August September October November December".split()
)
_SWAPPED = re.compile(r"(?<=[a-z,’'] )(?:[A-Z][\w’-]+(?: [A-Z][\w’-]+)*)|\b\d[\d,]*\b")


def one_word_off(items: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """Answerable questions with one name, day or number exchanged for another.

    Nobody answers them, and the sentence that answers the question before reads as well as ever:
    only what the question names tells the two apart.
    """
    found = {number: _SWAPPED.findall(item["question"]) for number, item in enumerate(items)}
    names = sorted({word for words in found.values() for word in words if word[0].isalpha()})
    made = []
    for number, item in enumerate(items):
        if item["answerable"] and found[number] and rng.random() < SWAPPED_SHARE:
            old = rng.choice(found[number])
            question = item["question"].replace(old, _another(old, names, rng), 1)
            changed = {"question": question, "answerable": False, "quotes": [], "swapped": True}
            made.append({**item, **changed})
    return made


def _another(old: str, names: list[str], rng: random.Random) -> str:
    """A name, day, month or number of the same make."""
    for series in (_DAYS, _MONTHS):
        if old in series:
            return rng.choice([word for word in series if word != old])
    if old.isdigit() and len(old) == len("2018"):
        return str(rng.choice([year for year in range(1950, 2030) if str(year) != old]))
    if old[0].isdigit():
        return "".join(str(rng.randint(1, 9)) if c.isdigit() else c for c in old)
    return rng.choice([name for name in names if name != old] or [old[::-1].title()])


def fit_ranking(cases: list[Case]) -> tuple[NDArray[np.float64], ...]:
    """Mean, scale and weights of the ranking: of the right sentence among all of a question.

    A conditional logit (McFadden, "Conditional logit analysis of qualitative choice behavior",
    1974).
    """
    used = [case for case in cases if case.right.any()]
    features = np.vstack([case.features for case in used])
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale < 1e-9] = 1.0
    scaled = [((case.features - mean) / scale, case.right, case.weight) for case in used]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        nats, slope = RIDGE * float(weights @ weights) / 2, RIDGE * weights
        for rows, right, weight in scaled:
            score = rows @ weights
            likely = np.exp(score - score.max())
            likely /= likely.sum()
            wanted = np.where(right, likely, 0.0)
            nats -= weight * float(np.log(wanted.sum() + 1e-12))
            slope = slope - weight * (rows.T @ (wanted / wanted.sum() - likely))
        return nats, slope

    found = minimize(loss, np.zeros(features.shape[1]), jac=True)
    return mean, scale, found.x


def best_rows(cases: list[Case], ranking: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
    """For each case what its best sentence is.

    The features, whether it answers, the weight of the case, and whether that calibrates.
    """
    mean, scale, weights = ranking
    rows = []
    for case in cases:
        if len(case.features):
            best = int(np.argmax(((case.features - mean) / scale) @ weights))
            own = float(case.calibrates)
            rows.append((*case.features[best], float(case.right[best]), case.weight, own))
    return np.array(rows)


@dataclass(frozen=True)
class Confidence:
    """The fitted regression, and what it did where it was not fitted."""

    weights: NDArray[np.float64]
    offset: float
    rows: NDArray[np.float64]
    """Of every case in its held-out fold: the confidence, whether it was right, the weight."""


def fit_confidence(
    cases: list[Case], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> Confidence:
    """A logistic regression on the best sentences of cases that the ranking did not see."""
    posts = sorted({case.post for case in cases})
    order = np.random.default_rng(13).permutation(len(posts))
    fold = {posts[post]: at % FOLDS for at, post in enumerate(order)}
    held: list[NDArray[np.float64]] = []
    for out in range(FOLDS):
        kept = [case for case in cases if fold[case.post] != out]
        left = [case for case in cases if fold[case.post] == out]
        held.append(best_rows(left, fit_ranking(kept)))
    rows = np.vstack(held)
    scaled = (rows[:, :-3] - mean) / scale
    right, weight, own = rows[:, -3:].T
    bounds = list(BOUNDS.values())[: scaled.shape[1]]
    weights, offset = bounded_regression(scaled, right, weight, bounds)
    # What a mixture of sets makes of the share of right answers is nobody's collection. Two numbers
    # more bring the odds to the questions that people ask of posts (Platt, "Probabilistic outputs
    # for SVMs", 1999).
    some = own > 0
    odds = (scaled @ weights + offset)[some, None]
    slope, shift = bounded_regression(odds, right[some], weight[some], [(0.0, None)])
    weights, offset = weights * slope[0], offset * slope[0] + shift
    sure = 1 / (1 + np.exp(-(scaled @ weights + offset)))
    return Confidence(weights, offset, np.column_stack([sure, right, weight]))


def bounded_regression(
    features: NDArray[np.float64],
    right: NDArray[np.float64],
    weight: NDArray[np.float64],
    bounds: list[tuple[float | None, float | None]],
) -> tuple[NDArray[np.float64], float]:
    """A logistic regression in which no feature may count the wrong way round.

    What a question names and the post does not have can never make an answer surer, whatever a
    sample of some hundred questions says.
    """

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = features @ point[:-1] + point[-1]
        sure = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        nats = np.logaddexp(0, odds) - right * odds
        penalty = RIDGE * float(point[:-1] @ point[:-1]) / 2
        slope = np.append(features.T @ (weight * (sure - right)) + RIDGE * point[:-1], 0.0)
        slope[-1] = float((weight * (sure - right)).sum())
        return float((weight * nats).sum()) + penalty, slope

    start = np.zeros(features.shape[1] + 1)
    found = minimize(loss, start, jac=True, bounds=[*bounds, (None, None)])
    return found.x[:-1], float(found.x[-1])


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


def read_posts(path: Path, settings: Settings, work: Path, second: SecondLook | None) -> list[Case]:
    """The questions of a reading set, asked of an index of its passages alone."""
    reading = read_set(path)
    if not isinstance(reading, ReadingSet):
        raise SystemExit(f"{path} is no reading set")
    files, questions = open_files(reading)
    with project(settings, files, work / path.stem, no_progress) as own:
        assistant = Assistant.load(own)
        items = []
        for question in questions:
            quotes = [
                {"source": q.source, "start": q.start, "end": q.end, "text": q.text}
                for q in question.quotes
            ]
            item: dict[str, Any] = {
                "question": question.question,
                "answerable": question.answerable,
                "kind": question.kind,
                "quotes": quotes,
                "group": quotes[0]["source"] if quotes else question.id.rsplit("-", 1)[0],
            }
            items.append(item)
        items += one_word_off(items, random.Random(13))
        cases = read_cases(assistant, items, settings.read_depth, second)
        assistant.close()
    return cases


def tuned(paths: list[Path], settings: Settings, second: SecondLook | None) -> list[Case]:
    """The ``tune`` questions of the program's own sets."""
    assistant = Assistant.load(settings)
    unique = {item["question"]: item for path in paths for item in read_items(path)}
    everywhere = Within(allowed=None, shown=settings.top_k, newest_first=False)
    asked = [
        i for i in unique.values() if assistant._stage.answer(i["question"], everywhere) is None
    ]
    asked += one_word_off(asked, random.Random(13))
    return read_cases(assistant, asked, settings.read_depth, second)


def auroc(rows: NDArray[np.float64]) -> float:
    """How well the confidence tells right from wrong."""
    return scoring.auroc(rows[:, 0].tolist(), [bool(r) for r in rows[:, 1]])


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, required=True, dest="sets", nargs="+")
    parser.add_argument("--reading", type=Path, nargs="*", default=[])
    parser.add_argument("--work", type=Path, default=Path("build/fit"), help="keeps the indexes")
    parser.add_argument("--own-weight", type=float, default=2.0, help="of a question of --set")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--second", type=Path, help="folder of a second reader, to fit its numbers")
    parser.add_argument("--between", type=float, nargs=2, default=(0.05, 0.9), metavar="P")
    parser.add_argument("--passages", type=int, default=3)
    args = parser.parse_args()
    settings = Settings(second_look=False)
    second = _second(args, settings)
    cases = [
        replace(case, weight=args.own_weight, calibrates="swapped" not in case.item)
        for case in tuned(args.sets, settings, second)
    ]
    own = len(cases)
    for path in args.reading:
        cases += read_posts(path, settings, args.work, second)
    stored = report(cases, own, FEATURES if second is None else AGAIN)
    if second is not None:
        stored |= {"between": list(args.between), "passages": args.passages}
    args.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _second(args: argparse.Namespace, settings: Settings) -> SecondLook | None:
    """The reader whose numbers are to be found, with none yet."""
    if args.second is None:
        return None
    none = np.zeros(len(AGAIN))
    numbers = Scoring(none, none + 1, none, none, 0.0)
    low, high = args.between
    return SecondLook(args.second, numbers, (low, high), args.passages, settings.threads)


def report(cases: list[Case], own: int, features: Sequence[str]) -> dict[str, Any]:
    """Fit, print what the fit did where it was not fitted, and give what is to be stored."""
    ranking = fit_ranking([case for case in cases if case.item["answerable"]])
    confidence = fit_confidence(cases, *ranking[:2])
    names = ("mean", "scale", "weights")
    stored: dict[str, Any] = {"features": list(features)}
    stored |= {n: [round(float(x), 6) for x in v] for n, v in zip(names, ranking, strict=True)}
    stored["confidence_weights"] = [round(float(x), 6) for x in confidence.weights]
    stored["confidence_offset"] = round(confidence.offset, 6)
    answerable = sum(case.item["answerable"] for case in cases)
    right = confidence.rows[:, 1].sum() / answerable
    print(f"{own} + {len(cases) - own} questions; in held-out folds right first {right:.3f} of the")
    print(f"answerable, AUROC of right {auroc(confidence.rows):.3f}")
    print(f"{'':>18} ranking confidence")
    for at, name in enumerate(features):
        print(f"{name:>18} {ranking[2][at]:+.2f}   {confidence.weights[at]:+.2f}")
    return stored


if __name__ == "__main__":
    main()
