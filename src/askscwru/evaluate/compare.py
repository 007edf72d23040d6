"""Two runs side by side: better, worse or not distinguishable, and the items that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from askscwru.evaluate import metrics
from askscwru.evaluate.figures import Better, Columns, Figure, columns_of, figures_of
from askscwru.evaluate.metrics import Resample
from askscwru.evaluate.runs import Record, Run, SetRun

SURE = 0.05
"""A difference that chance brings about less often than this is called one."""


class Verdict(StrEnum):
    """What can be said of a change."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "not distinguishable"
    DIFFERENT = "different"
    """Of a figure that is neither better nor worse by being more."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """How a figure changed over the items that both runs have."""

    figure: Figure
    before: float
    after: float
    low: float
    high: float
    """Ends of the paired 95 % bootstrap interval of ``after - before``."""
    p: float | None
    """Two-sided, of the paired permutation test; None where the figure is not a mean."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class SetChange:
    """How a set's figures and items changed."""

    key: str
    shared: int
    only_before: int
    only_after: int
    changes: tuple[FigureChange, ...]
    items: tuple[tuple[Record, Record], ...]
    """Before and after, of each item that became right or wrong."""

    def of(self) -> Mapping[str, FigureChange]:
        """The changes by the figure's name."""
        return {change.figure.name: change for change in self.changes}


def compare(before: Run, after: Run) -> list[SetChange]:
    """Every set that both runs have; the pairs are items of the same id and question.

    A control that the earlier run does not have is held against the program itself.
    """
    earlier = {run.name: run for run in before.sets if run.control is None}
    earlier |= {run.key: run for run in before.sets}
    found = [(earlier.get(run.key) or earlier.get(run.name), run) for run in after.sets]
    return [compare_sets(one, run) for one, run in found if one and one.type == run.type]


def compare_sets(before: SetRun, after: SetRun) -> SetChange:
    """One set."""
    earlier = {(record.id, record.question): record for record in before.records}
    pairs = [
        (earlier[record.id, record.question], record)
        for record in after.records
        if (record.id, record.question) in earlier
    ]
    changed = [(a, b) for a, b in pairs if a.values.get("right") != b.values.get("right")]
    return SetChange(
        key=after.key,
        shared=len(pairs),
        only_before=len(before.records) - len(pairs),
        only_after=len(after.records) - len(pairs),
        changes=tuple(_changes(pairs, figures_of(after))) if pairs else (),
        items=tuple(changed),
    )


def _changes(pairs: list[tuple[Record, Record]], figures: tuple[Figure, ...]) -> list[FigureChange]:
    before, after = columns_of([a for a, _ in pairs]), columns_of([b for _, b in pairs])
    groups = [b.group for _, b in pairs]
    samples = metrics.resamples(groups)
    return [_change(figure, before, after, groups, samples) for figure in figures]


def _change(
    figure: Figure,
    before: Columns,
    after: Columns,
    groups: list[str],
    samples: list[Resample],
) -> FigureChange:
    def difference(items: Resample) -> float:
        return figure.compute(after, items) - figure.compute(before, items)

    everything = np.arange(len(groups))
    one, other = figure.compute(before, everything), figure.compute(after, everything)
    low, high = metrics.interval(difference, samples)
    p = None
    if figure.mean:
        gaps = np.nan_to_num(after[figure.name] - before[figure.name])
        p = metrics.paired_permutation(gaps, groups)
    sure = (p < SURE) if p is not None else (low > 0 or high < 0)
    return FigureChange(figure, one, other, low, high, p, _verdict(figure, other - one, sure=sure))


def _verdict(figure: Figure, gap: float, *, sure: bool) -> Verdict:
    if not sure or not gap:
        return Verdict.SAME
    if figure.better is Better.NEITHER:
        return Verdict.DIFFERENT
    return Verdict.BETTER if (gap > 0) == (figure.better is Better.MORE) else Verdict.WORSE
