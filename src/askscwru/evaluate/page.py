"""A run or a comparison as one self-contained HTML page: no script, nothing loaded from anywhere.

Everything that comes from posts, questions or answers goes through ``_e``.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from askscwru.evaluate.compare import SetChange
from askscwru.evaluate.curves import Curve, bars, chart
from askscwru.evaluate.figures import (
    KIND_FIGURES,
    Better,
    by_kind,
    columns_of,
    figures_of,
    latencies,
    measure,
    missed,
)
from askscwru.evaluate.floors import Broken, Floors, applies
from askscwru.evaluate.metrics import reliability, risk_coverage
from askscwru.evaluate.outside import RANKING_KS
from askscwru.evaluate.runs import Record, Run, SetRun
from askscwru.evaluate.subject import CONTROLS, DEPTH
from askscwru.evaluate.table import number
from askscwru.show.screen import safe

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #5b6570; --paper: #ffffff;
  --panel: #f4f6f8; --line: #d5dbe1; --accent: #0b63b5; --second: #b3541e;
  --good: #1a7a3c; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --dim: #9aa5b0; --paper: #14171a;
  --panel: #1d2226; --line: #353c43; --accent: #6cb2f5; --second: #f0a35e; --good: #66c98a;
  --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; } p { margin: .25rem 0; }
.dim { color: var(--dim); } .bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; } th:first-child, td:first-child, td.left, th.left { text-align: left; }
td small { color: var(--dim); display: block; max-width: 24rem; }
.curves { display: grid; margin-top: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--panel); border-radius: .5rem; padding: .75rem; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
figure p { font-size: .85rem; color: var(--dim); }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--dim); font-size: 11px; }
details { border-top: 1px solid var(--line); padding: .5rem 0; }
summary { cursor: pointer; } dl { display: grid; grid-template-columns: 8rem 1fr; gap: .35rem 1rem;
  margin: .5rem 0 .5rem 1rem; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } }
ol, ul { margin: 0; padding-left: 1.25rem; } nav a { color: var(--accent); margin-right: 1rem; }
.tag { font-size: .8rem; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem;
  color: var(--dim); white-space: nowrap; }
"""


def run_page(
    run: Run,
    floors: Mapping[str, Floors],
    changes: Mapping[str, SetChange],
    broken: Sequence[Broken],
) -> str:
    """A whole run: figures, curves, and every missed item."""
    parts = [_head(run), _settings(run), _broken(broken)]
    for at, one in enumerate(run.sets):
        kept = floors.get(one.name, {}).get(one.name, {}) if applies(one) else {}
        parts.append(f'<section id="set-{at}">{_set(one, kept, changes.get(one.key))}</section>')
    return _document("askscwru eval", parts)


def compare_page(changes: Sequence[SetChange]) -> str:
    """Two runs side by side, with every item that became right or wrong."""
    parts = ["<h1>askscwru eval: before and after</h1>"]
    for one in changes:
        parts.append(f"<h2>{_e(one.key)}</h2><p class='dim'>{one.shared} items in both</p>")
        parts.append(_change_table(one))
        parts.append(f"<h3>Items that became right or wrong: {len(one.items)}</h3>")
        for before, after in one.items:
            gained = after.values.get("right", 0.0) > before.values.get("right", 0.0)
            mark = (
                '<span class="good">now right</span>'
                if gained
                else '<span class="bad">now wrong</span>'
            )
            inner = f"<h4>Before</h4>{_item(before)}<h4>After</h4>{_item(after)}"
            parts.append(
                f"<details><summary>{mark} {_tag(after.id)} {_e(after.question)}</summary>"
                f"{inner}</details>"
            )
    return _document("askscwru eval: before and after", parts)


def _document(title: str, parts: Iterable[str]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{_e(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _e(text: object) -> str:
    """Text as HTML shows it: nothing in it is markup, and nothing hidden in it stays hidden."""
    return html.escape(safe(str(text)), quote=True)


def _tag(text: object) -> str:
    return f'<span class="tag">{_e(text)}</span>'


# -- the head of the page --------------------------------------------------------------------------


def _head(run: Run) -> str:
    partial = (
        ' <span class="bad">PARTIAL: stopped before it was through</span>' if run.partial else ""
    )
    links = "".join(f'<a href="#set-{at}">{_e(one.key)}</a>' for at, one in enumerate(run.sets))
    return (
        f"<h1>askscwru eval{partial}</h1>"
        f"<p class='dim'>askscwru {_e(run.version)}. Intervals are 95 % bootstrap intervals.</p>"
        f"<nav>{links}</nav>"
    )


def _settings(run: Run) -> str:
    said = [f"{name} = {value}" for name, value in {**run.settings, **run.models}.items()]
    items = "".join(f"<li>{_e(one)}</li>" for one in said)
    return f"<details><summary>What was measured</summary><ul>{items}</ul></details>"


def _broken(broken: Sequence[Broken]) -> str:
    return "".join(f'<p class="bad">Below its floor: {_e(one)}</p>' for one in broken)


# -- one set ---------------------------------------------------------------------------------------


def _set(run: SetRun, floors: Mapping[str, float], change: SetChange | None) -> str:
    control = "" if run.control is None else f", control: {CONTROLS[run.control]}"
    split = "" if run.split == "all" else f", split {run.split}"
    partial = ' <span class="bad">partial</span>' if run.partial else ""
    wrong = missed(run)
    return "".join(
        [
            f"<h2>{_e(run.name)}{_e(control)}{partial}</h2>",
            f"<p class='dim'>{len(run.records)} items of {run.of}{_e(split)}</p>",
            _figures(run, floors, change),
            f'<div class="curves">{"".join(_curves(run))}</div>',
            _kinds(run),
            _latency(run),
            f"<h3>Missed: {len(wrong)} of {len(run.records)}</h3>",
            *(_missed(record) for record in wrong),
        ]
    )


def _figures(run: SetRun, floors: Mapping[str, float], change: SetChange | None) -> str:
    head = ["Figure", "Value", "95 % interval", "n"]
    head += ["Floor"] if floors else []
    head += ["Against the last saved run"] if change else []
    rows = []
    for measured in measure(run.records, figures_of(run)):
        figure = measured.figure
        less = " (less is better)" if figure.better is Better.LESS else ""
        span = (
            "–" if math.isnan(measured.low) else f"{number(measured.low)} – {number(measured.high)}"
        )
        row = [
            f"{_e(figure.label)}<small>{_e(figure.meaning)}{less}</small>",
            f"<b>{number(measured.value)}</b>",
            span,
            f"{measured.count:,}",
        ]
        if floors:
            floor = floors.get(figure.name)
            row.append("" if floor is None else number(floor))
        if change:
            one = change.of().get(figure.name)
            known = one is not None and not math.isnan(one.after - one.before)
            row.append(
                f"{one.after - one.before:+.3f} {one.verdict.value}" if one and known else "–"
            )
        rows.append(row)
    return _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are HTML already."""
    top = "".join(f"<th>{_e(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    inner = f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="scroll"><table>{inner}</table></div>'


def _kinds(run: SetRun) -> str:
    names, kinds = KIND_FIGURES[run.type], by_kind(run)
    if not names or len(kinds) < 2:
        return ""
    figures = {figure.name: figure for figure in figures_of(run)}
    rows = []
    for kind, records in kinds.items():
        found = measure(records, [figures[name] for name in names], intervals=False)
        rows.append([_e(kind), str(len(records)), *(number(m.value) for m in found)])
    title = "By turn" if run.type == "conversations" else "By kind"
    return f"<h3>{title}</h3>" + _table(
        [title[3:].capitalize(), "n", *(figures[n].label for n in names)], rows
    )


def _latency(run: SetRun) -> str:
    found = latencies(run.records)
    if not found:
        return ""
    rows = [[_e(one.stage), f"{one.median:.1f}", f"{one.p95:.1f}"] for one in found]
    return "<h3>Milliseconds</h3>" + _table(["Stage", "Median", "95th percentile"], rows)


# -- curves ----------------------------------------------------------------------------------------


def _curves(run: SetRun) -> Iterator[str]:
    if not run.records:
        return
    columns = columns_of(run.records)
    if "confidence" in run.records[0].values:
        sure, right = columns["confidence"], columns["best_right"]
        coverage, precision = risk_coverage(sure, right)
        now = (float(columns["answered"].mean()), _precision(columns["answered"], right))
        line = Curve("precision", tuple(zip(coverage, precision, strict=True)))
        yield _curve(
            "Coverage against precision",
            "Of the surest items, how many have the right sentence first. The dot is where the"
            " program stands; risk is what is missing to 1.",
            chart([line], "coverage: share of all items answered", "precision", dot=now),
        )
        found = reliability(sure, right)
        yield _curve(
            "Reliability",
            "Ten bins of equal size. On the diagonal, confidence is the share that is right.",
            bars([(b.confidence, b.right, b.count) for b in found], "confidence", "share right"),
        )
    lines = list(_recall_lines(run))
    if lines:
        said = "Share of items with a right passage (of relevant documents) among the first k."
        most = max(x for x, _ in lines[0].points)
        yield _curve("Recall by k", said, chart(lines, "k", "recall", x_max=most))


def _precision(answered: Any, right: Any) -> float:
    count = float(answered.sum())
    return float((answered * right).sum()) / count if count else 0.0


def _recall_lines(run: SetRun) -> Iterator[Curve]:
    if run.type == "ranking":
        kept = [(float(k), [r.values[f"recall@{k}"] for r in run.records]) for k in RANKING_KS]
    else:
        ranks = [r.values["rank"] for r in run.records if "rank" in r.values]
        kept = [(float(k), [float(0 < rank <= k) for rank in ranks]) for k in range(1, DEPTH + 1)]
    points = tuple((k, float(np.mean(values))) for k, values in kept if values)
    if points:
        yield Curve("recall", points)


def _curve(title: str, said: str, svg: str) -> str:
    return f"<figure><figcaption>{_e(title)}</figcaption>{svg}<p>{_e(said)}</p></figure>"


# -- items -----------------------------------------------------------------------------------------


def _missed(record: Record) -> str:
    return (
        f"<details><summary>{_tag(record.id)} {_tag(record.kind)} {_e(record.question)}"
        f" <span class='dim'>{_e(_why(record))}</span></summary>{_item(record)}</details>"
    )


def _why(record: Record) -> str:
    """In a few words, which stage an item was lost at."""
    values = record.values
    if "answered" not in values:
        return ""
    if not values["answerable"]:
        return "answered, though the posts do not say"
    if values.get("right_any"):
        return "right, but not first"
    if not values["answered"] and values["best_right"]:
        return "abstained from the right sentence"
    if not values["answered"] and values.get("recall@10"):
        return "abstained; the sentence held back is wrong too"
    if values.get("recall@10") == 0.0:
        return "no right passage found"
    return "another sentence was chosen"


def _item(record: Record) -> str:
    detail = record.detail
    rows = [("Asked", _e(record.question))]
    if detail.get("searched_for", record.question) != record.question:
        rows.append(("Searched for", _e(detail["searched_for"])))
    if detail.get("gold"):
        rows.append(("Stands for", _e(detail["gold"])))
    rows.append(("Expected", _expected(detail)))
    rows.append(("Answered", _answered(record)))
    if detail.get("held_back"):
        rows.append(("Held back", _stretches(detail["held_back"])))
    if detail.get("paragraph"):
        rows.append(("Paragraph", _e(detail["paragraph"])))
    if detail.get("retrieved"):
        rank = detail.get("rank")
        said = "" if "rank" not in detail else f"first right passage: {rank or 'not found'}"
        rows.append(
            (
                "Retrieved",
                f"<p class='dim'>{_e(said)}</p>{_stretches(detail['retrieved'], wrong='')}",
            )
        )
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows) + "</dl>"


def _expected(detail: Mapping[str, Any]) -> str:
    short = detail.get("expected_short") or []
    quotes = detail.get("expected") or []
    if not short and not quotes:
        return "an abstention"
    said = f"<p><b>{_e(' / '.join(short))}</b></p>" if short else ""
    return said + (_stretches(quotes) if quotes else "")


def _answered(record: Record) -> str:
    sure = record.values.get("confidence")
    said = "" if sure is None else f"<p class='dim'>confidence {sure:.3f}</p>"
    citations = record.detail.get("citations")
    if citations:
        return said + _stretches(citations)
    return said + _e(record.detail.get("answer") or "(nothing)")


def _stretches(stretches: Sequence[Mapping[str, Any]], wrong: str = "wrong") -> str:
    return "<ol>" + "".join(f"<li>{_stretch(one, wrong)}</li>" for one in stretches) + "</ol>"


def _stretch(one: Mapping[str, Any], wrong: str) -> str:
    """A quote or passage; ``wrong`` is what stands before one that is not right."""
    mark = ""
    if one.get("right"):
        mark = '<span class="good">right</span> '
    elif "right" in one and wrong:
        mark = f'<span class="bad">{wrong}</span> '
    place = one.get("source", "")
    if "start" in one:
        place = f"{place}, {one['start']}–{one['end']}"
    facts = [one.get("title"), place, f"score {one['score']}" if "score" in one else None]
    said = " · ".join(str(fact) for fact in facts if fact)
    short = one.get("short")
    marked = f" <b>→ {_e(short)}</b>" if short and short != one.get("text") else ""
    return f"{mark}{_e(one.get('text', ''))}{marked} <span class='dim'>{_e(said)}</span>"


# -- comparison ------------------------------------------------------------------------------------


def _change_table(change: SetChange) -> str:
    rows = []
    for one in change.changes:
        gap = one.after - one.before
        rows.append(
            [
                _e(one.figure.label),
                number(one.before),
                number(one.after),
                "–" if math.isnan(gap) else f"{gap:+.3f}",
                "–" if math.isnan(one.low) else f"{one.low:+.3f} – {one.high:+.3f}",
                "" if one.p is None else f"{one.p:.3f}",
                _e(one.verdict.value),
            ]
        )
    return _table(
        ["Figure", "Before", "After", "Difference", "95 % interval", "p", "Verdict"], rows
    )
