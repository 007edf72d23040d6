"""Records to figures: each with its interval, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from askscwru.evaluate import metrics
from askscwru.evaluate.metrics import Numbers, Resample
from askscwru.evaluate.runs import Record, SetRun


class Better(StrEnum):
    """Which way a figure is better."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"
    """It is told, but moves for good and for bad reasons."""


Columns = Mapping[str, Numbers]
"""One number an item for each of its values; not a number where it says nothing."""
Compute = Callable[[Columns, Resample], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    label: str
    better: Better
    compute: Compute
    needs: tuple[str, ...]
    """The columns that it is made from; the first one says which items count."""
    meaning: str
    mean: bool = True
    """Whether it is the mean of one value an item."""
    floor: bool = False
    """Whether a floor is kept for it."""


def _mean(
    name: str, label: str, meaning: str, *, better: Better = Better.MORE, floor: bool = False
) -> Figure:
    def compute(columns: Columns, items: Resample) -> float:
        values = columns[name][items]
        values = values[~np.isnan(values)]
        return float(values.mean()) if len(values) else float("nan")

    return Figure(name, label, better, compute, (name,), meaning, floor=floor)


def _share(
    name: str,
    label: str,
    of: str,
    counted: Compute,
    meaning: str,
    *,
    better: Better = Better.MORE,
    floor: bool = False,
) -> Figure:
    """A ratio of two sums: ``counted`` over the sum of the column ``of``."""

    def compute(columns: Columns, items: Resample) -> float:
        whole = float(np.nansum(columns[of][items]))
        return counted(columns, items) / whole if whole else float("nan")

    return Figure(name, label, better, compute, (of,), meaning, mean=False, floor=floor)


def _product(one: str, other: str) -> Compute:
    return lambda columns, items: float(np.nansum(columns[one][items] * columns[other][items]))


def _pair(
    name: str,
    label: str,
    formula: Callable[[Numbers, Numbers], float],
    columns_used: tuple[str, str],
    meaning: str,
    *,
    better: Better,
    floor: bool = False,
) -> Figure:
    """A formula over two columns that every item has."""
    one, other = columns_used

    def compute(columns: Columns, items: Resample) -> float:
        return formula(columns[one][items], columns[other][items])

    return Figure(name, label, better, compute, columns_used, meaning, mean=False, floor=floor)


def _best(name: str, label: str, scores: str) -> Figure:
    def compute(columns: Columns, items: Resample) -> float:
        found = metrics.best_threshold(
            columns[scores][items], columns["margin"][items], columns["answerable"][items]
        )
        return found.score

    meaning = "at the threshold that is best for these very items: an upper bound"
    return Figure(name, label, Better.MORE, compute, (scores,), meaning, mean=False)


_CONFIDENCE = (
    _pair(
        "auroc",
        "AUROC, answerable or not",
        metrics.auroc,
        ("confidence", "answerable"),
        "chance that an answerable item has the higher confidence",
        better=Better.MORE,
        floor=True,
    ),
    _pair(
        "aurc",
        "Area under risk–coverage",
        metrics.area_under_risk,
        ("confidence", "best_right"),
        "mean share of wrong answers over all thresholds",
        better=Better.LESS,
        floor=True,
    ),
    _pair(
        "ece",
        "Calibration error",
        metrics.calibration_error,
        ("confidence", "best_right"),
        "mean gap between confidence and share right, ten bins of equal size",
        better=Better.LESS,
        floor=True,
    ),
)
_ABSTENTION = (
    _mean(
        "abstained",
        "Abstained where no answer is",
        "of the items that the posts do not answer",
        floor=True,
    ),
    _mean("answered", "Coverage", "answered, of all items", better=Better.NEITHER),
    _share(
        "precision",
        "Precision",
        "answered",
        _product("answered", "best_right"),
        "right sentence first, of all that was answered",
        floor=True,
    ),
)
_QUESTIONS = (
    _mean("right", "Right in all", "right sentence first, or rightly abstained", floor=True),
    _mean("recall@1", "Recall@1", "a right passage is the first one", floor=True),
    _mean("recall@5", "Recall@5", "a right passage is among the first five", floor=True),
    _mean("recall@10", "Recall@10", "a right passage is among the first ten", floor=True),
    _mean("ndcg@10", "nDCG@10", "1 / log2(1 + rank) of the first right passage", floor=True),
    _mean("mrr", "MRR", "1 / rank of the first right passage", floor=True),
    _mean("right_first", "Right sentence first", "the first quote is right", floor=True),
    _mean("right_any", "Right sentence anywhere", "some quote is right", floor=True),
    _mean("span_f1", "Span F1", "words marked against the short answer (SQuAD)", floor=True),
    _mean("span_em", "Span EM", "the words marked are the short answer (SQuAD)", floor=True),
    _share(
        "words_per_right",
        "Quoted words per right answer",
        "right_any",
        _product("words", "right_any"),
        "in the quotes of answers that have a right one",
        better=Better.LESS,
    ),
    _share(
        "verified",
        "Citations that verify",
        "citations",
        lambda columns, items: float(columns["verified"][items].sum()),
        "the source says at the offsets what is quoted; must be all",
        floor=True,
    ),
    *_ABSTENTION,
    *_CONFIDENCE,
)
_COLLECTION = (
    _mean("right", "Right in all", "kind, posts, number and words as expected", floor=True),
    _mean("recognised", "Kinds recognised", "of the questions on the collection", floor=True),
    _mean(
        "list_exact", "Lists complete and exact", "every post of the list, and no other", floor=True
    ),
    _mean("list_f1", "F1 of the posts of a list", "mean over the lists", floor=True),
    _mean("count_exact", "Counts exact", "the number that the records give", floor=True),
    _mean("says", "Facts right", "the answer has the name, the date or the words", floor=True),
    _mean(
        "taken",
        "Plain questions taken for such",
        "of the plain questions",
        better=Better.LESS,
        floor=True,
    ),
)
FIGURES: dict[str, tuple[Figure, ...]] = {
    "posts": _QUESTIONS,
    "collection": _COLLECTION,
    "conversations": (
        *_QUESTIONS,
        _mean("ndcg@5", "nDCG@5", "likewise, of a right passage among the first five"),
    ),
    "given": (
        _mean("em", "EM", "official, unanswered where “no answer” is the likelier"),
        _mean("f1", "F1", "likewise"),
        _mean("has_em", "EM, answerable", "of the items that have an answer"),
        _mean("has_f1", "F1, answerable", "likewise"),
        _best("best_em", "EM, best threshold", "forced_em"),
        _best("best_f1", "F1, best threshold", "forced_f1"),
        *_ABSTENTION,
        *_CONFIDENCE,
    ),
    "ranking": (
        _mean("ndcg@10", "nDCG@10", "of documents, by their best passage"),
        *(
            _mean(f"recall@{k}", f"Recall@{k}", f"relevant documents among the first {k}")
            for k in (1, 5, 10, 100)
        ),
        _mean("mrr", "MRR@10", "1 / rank of the first relevant document"),
        _mean("map", "MAP@100", "mean average precision"),
    ),
    "chunking": (
        _mean(
            "char_recall", "Recall of characters", "of the exact stretches, in the passages shown"
        ),
        _mean("char_precision", "Precision of characters", "of what the passages shown hold"),
        _mean("char_iou", "Intersection over union", "of the two"),
    ),
}
KIND_FIGURES: dict[str, tuple[str, ...]] = {
    "collection": ("right", "recognised", "list_exact", "list_f1", "count_exact", "says", "taken"),
    "posts": ("right", "recall@5", "right_first", "right_any", "span_f1", "abstained"),
    "conversations": ("right", "recall@5", "right_first", "right_any", "span_f1", "abstained"),
    "given": ("em", "f1"),
    "ranking": (),
    "chunking": ("char_recall", "char_precision", "char_iou"),
}
"""The figures that are told for every kind of item by itself."""


_COLUMNS = sorted(
    {name for figures in FIGURES.values() for figure in figures for name in figure.needs}
    | {"words", "verified", "margin", "answerable", "best_right"}
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure as measured."""

    figure: Figure
    value: float
    """Not a number where no item says anything of it."""
    low: float
    high: float
    """Ends of the 95 % bootstrap interval."""
    count: int
    """How many items (or, for a ratio, units of what is counted) it is made from."""


def columns_of(records: Sequence[Record]) -> dict[str, Numbers]:
    """The values of all records, column by column."""
    return {
        name: np.array([record.values.get(name, np.nan) for record in records], dtype=float)
        for name in _COLUMNS
    }


def figures_of(run: SetRun) -> tuple[Figure, ...]:
    """The figures that a set of this type has."""
    return FIGURES[run.type]


def measure(
    records: Sequence[Record], figures: Sequence[Figure], *, intervals: bool = True
) -> list[Measured]:
    """The figures over these records; without intervals, only the values."""
    columns = columns_of(records)
    everything = np.arange(len(records))
    samples = metrics.resamples([record.group for record in records]) if intervals else []
    found = []
    for figure in figures:
        value = figure.compute(columns, everything) if len(records) else float("nan")
        low = high = float("nan")
        if samples and len(records) and not np.isnan(value):
            low, high = metrics.interval(lambda items, f=figure: f.compute(columns, items), samples)  # type: ignore[misc]
        found.append(Measured(figure, value, low, high, _count(columns, figure)))
    return found


def _count(columns: Columns, figure: Figure) -> int:
    of = columns[figure.needs[0]]
    if not figure.mean and len(figure.needs) == 1 and figure.needs[0] in _COUNTED:
        return int(np.nansum(of))
    return int((~np.isnan(of)).sum())


_COUNTED = ("citations", "answered", "right_any")


def by_kind(run: SetRun) -> dict[str, list[Record]]:
    """The records of each kind, in the order in which they come up; what has no answer is last."""
    kinds: dict[str, list[Record]] = {}
    for record in run.records:
        kinds.setdefault(record.kind, []).append(record)
    return dict(sorted(kinds.items(), key=lambda kind: "abstained" in kind[1][0].values))


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one stage took, in milliseconds."""

    stage: str
    median: float
    p95: float


def latencies(records: Sequence[Record]) -> list[Latency]:
    """Median and 95th percentile of each stage."""
    stages = dict.fromkeys(stage for record in records for stage in record.timings_ms)
    found = []
    for stage in stages:
        took = [r.timings_ms[stage] for r in records if stage in r.timings_ms]
        found.append(Latency(stage, float(np.median(took)), float(np.quantile(took, 0.95))))
    return found


def missed(run: SetRun) -> list[Record]:
    """The items that were answered wrongly, or answered or abstained from where they should not."""
    return [record for record in run.records if record.values.get("right", 1.0) < 1.0]
