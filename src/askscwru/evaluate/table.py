"""A run and a comparison as the terminal shows them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from askscwru.evaluate.compare import FigureChange, SetChange, Verdict
from askscwru.evaluate.figures import (
    KIND_FIGURES,
    Better,
    Measured,
    by_kind,
    figures_of,
    latencies,
    measure,
)
from askscwru.evaluate.floors import Broken, Floors, applies
from askscwru.evaluate.runs import Run, SetRun
from askscwru.evaluate.subject import CONTROLS, TALK_CONTROLS
from askscwru.show.screen import safe

_STYLES = {
    Verdict.BETTER: "green",
    Verdict.WORSE: "red",
    Verdict.SAME: "dim",
    Verdict.DIFFERENT: "",
}
_SHOWN_ITEMS = 40


def number(value: float, *, whole: bool = False) -> str:
    """A figure in few digits; a dash where there is none."""
    if math.isnan(value):
        return "–"
    if abs(value) >= 10 or (whole and value == round(value)):
        return f"{value:.1f}"
    return f"{value:.3f}"


def run_view(
    run: Run, floors: Mapping[str, Floors], changes: Mapping[str, SetChange]
) -> RenderableType:
    """Every set of a run: its figures, its kinds of item, its latency.

    Args:
        run: what was measured.
        floors: for each set's name, the floors of all sets beside it.
        changes: against the last saved run, by the key of the set run.
    """
    parts: list[RenderableType] = []
    for one in run.sets:
        if any(one in _beside(other, run).values() for other in run.sets):
            continue  # told in a column of the program's own table
        kept = floors.get(one.name, {}).get(one.name, {}) if applies(one) else {}
        parts += [Text(""), heading(one), _figures(one, kept, changes.get(one.key))]
        kinds = _kinds(one, run)
        if kinds is not None:
            parts += [Text(""), kinds]
        parts += _latency(one)
    return Group(*parts)


def heading(run: SetRun) -> Text:
    """What was run, and how much of it."""
    said = Text.assemble((safe(run.name), "bold"))
    if run.control is not None:
        said.append(f", control: {CONTROLS[run.control]}")
    said.append(f" – {len(run.records)} items")
    if run.of != len(run.records):
        said.append(f" of {run.of}")
    if run.split != "all":
        said.append(f", split {run.split}")
    if run.partial:
        said.append(" – PARTIAL: stopped before it was through", style="bold red")
    return said


def _figures(run: SetRun, floors: Mapping[str, float], change: SetChange | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Figure", no_wrap=True)
    for name in ("Value", "95 % interval", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    if floors:
        table.add_column("Floor", justify="right", no_wrap=True)
    if change is not None:
        table.add_column("Change", no_wrap=True)
        table.caption = "Change: against the last saved run; ≈ not distinguishable from it."
        table.caption_justify = "left"
    for measured in measure(run.records, figures_of(run)):
        row = [Text(_label(measured)), *_numbers(measured)]
        if floors:
            row.append(_floor(measured, floors.get(measured.figure.name)))
        if change is not None:
            row.append(_change(change.of().get(measured.figure.name)))
        table.add_row(*row)
    return table


def _label(measured: Measured) -> str:
    less = " ↓" if measured.figure.better is Better.LESS else ""
    return f"{measured.figure.label}{less}"


def _numbers(measured: Measured) -> Iterator[Text]:
    yield Text(number(measured.value), style="bold")
    has_interval = not math.isnan(measured.low)
    yield Text(f"{number(measured.low)} – {number(measured.high)}" if has_interval else "–")
    yield Text(f"{measured.count:,}")


def _floor(measured: Measured, floor: float | None) -> Text:
    if floor is None:
        return Text("")
    less = measured.figure.better is Better.LESS
    sound = measured.value <= floor + 1e-9 if less else measured.value >= floor - 1e-9
    sign = "≤" if less else "≥"
    return Text(f"{sign} {number(floor)}", style="dim" if sound else "bold red")


def _change(change: FigureChange | None) -> Text:
    if change is None:
        return Text("")
    gap = change.after - change.before
    if math.isnan(gap):
        return Text("–", style="dim")
    said = "≈" if change.verdict is Verdict.SAME else change.verdict.value
    return Text(f"{gap:+.3f} {said}", style=_STYLES[change.verdict])


def _kinds(run: SetRun, whole: Run) -> Table | None:
    names = KIND_FIGURES[run.type]
    kinds = by_kind(run)
    if not names or len(kinds) < 2:
        return None
    figures = {figure.name: figure for figure in figures_of(run)}
    beside = _beside(run, whole)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Turn" if run.type == "conversations" else "Kind", no_wrap=True)
    table.add_column("n", justify="right")
    for name in names:
        table.add_column(_SHORT.get(name, figures[name].label), justify="right", overflow="fold")
    for control in beside:
        table.add_column(_SHORT[control], justify="right", overflow="fold")
    for kind, records in kinds.items():
        found = measure(records, [figures[name] for name in names], intervals=False)
        row = [number(m.value) for m in found]
        for other in beside.values():
            same = by_kind(other).get(kind, [])
            row += [number(m.value) for m in measure(same, [figures["right"]], intervals=False)]
        table.add_row(Text(safe(kind)), f"{len(records)}", *row)
    if beside:
        table.caption = (
            "Alone: each question by itself. Gold: a person's rewriting of it, by itself."
        )
        table.caption_justify = "left"
    return table


_SHORT = {
    "right": "Right in all",
    "recall@5": "Recall@5",
    "right_first": "Right first",
    "right_any": "Right any",
    "abstained": "Abstains",
    "alone": "Alone, right",
    "gold": "Gold, right",
    "char_recall": "Recall",
    "char_precision": "Precision",
    "char_iou": "IoU",
}


def _beside(run: SetRun, whole: Run) -> dict[str, SetRun]:
    """The controls of the same conversations, to be told beside the program."""
    if run.type != "conversations" or run.control is not None:
        return {}
    found = {one.control: one for one in whole.sets if one.name == run.name}
    return {name: found[name] for name in TALK_CONTROLS if name in found}


def _latency(run: SetRun) -> list[RenderableType]:
    found = latencies(run.records)
    if not found:
        return []
    said = ", ".join(f"{one.stage} {one.median:.1f} / {one.p95:.1f}" for one in found)
    return [Text(""), Text(f"Milliseconds, median / 95th percentile: {said}", style="dim")]


def floors_view(broken: Sequence[Broken], unchecked: Sequence[str]) -> Iterator[Text]:
    """Which floors were not reached, and for which sets none was looked at."""
    for one in broken:
        yield Text(f"BELOW ITS FLOOR  {safe(str(one))}", style="bold red")
    for why in unchecked:
        yield Text(safe(why), style="dim")


def compare_view(changes: Sequence[SetChange]) -> RenderableType:
    """Two runs side by side, and the items that became right or wrong."""
    parts: list[RenderableType] = []
    for one in changes:
        parts += [Text(""), _compared(one), _compare_table(one)]
        parts += _items(one)
    return Group(*parts)


def _compared(change: SetChange) -> Text:
    said = Text.assemble((safe(change.key), "bold"), f" – {change.shared} items in both")
    if change.only_before or change.only_after:
        said.append(f"; {change.only_before} only before, {change.only_after} only after, left out")
    return said


def _compare_table(change: SetChange) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Figure", overflow="fold")
    for name in ("Before", "After", "Change", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    for one in change.changes:
        gap = one.after - one.before
        table.add_row(
            one.figure.label,
            number(one.before),
            number(one.after),
            "–" if math.isnan(gap) else f"{gap:+.3f}",
            "–" if math.isnan(one.low) else f"{one.low:+.3f} – {one.high:+.3f}",
            Text(one.verdict.value, style=_STYLES[one.verdict]),
        )
    return table


def _items(change: SetChange) -> Iterator[Text]:
    if not change.items:
        yield Text("No item became right or wrong.", style="dim")
        return
    for before, after in change.items[:_SHOWN_ITEMS]:
        gained = after.values.get("right", 0.0) > before.values.get("right", 0.0)
        mark = ("now right ", "green") if gained else ("now wrong ", "red")
        yield Text.assemble(mark, f"{safe(after.id)}  {safe(after.question)}")
        yield Text(f"    before: {_said(before.detail)}", style="dim")
        yield Text(f"    after:  {_said(after.detail)}", style="dim")
    if len(change.items) > _SHOWN_ITEMS:
        yield Text(f"… and {len(change.items) - _SHOWN_ITEMS} more; --html shows all of them.")


def _said(detail: Mapping[str, object]) -> str:
    return safe(str(detail.get("answer") or "(nothing)"))[:160]
