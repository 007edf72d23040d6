"""Tables of HTML to the lines that tell their rows.

A table that lays out a page, with other tables or several blocks in a cell, is none of figures:
what stands in it is read as if it were not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from askscwru.ingest.compose import without_placeholders
from askscwru.ingest.table_rows import table_rows

Element = Any

_HOLDERS = frozenset("p div ul ol pre table blockquote h1 h2 h3 h4 h5 h6 section article".split())
_MOST_SPAN, _MOST_CELLS = 50, 20_000
_BOLD = frozenset({"strong", "b"})
_FIGURE = re.compile(
    r"[-–−+<>≤≥~±]?\s*[£$€¥#]?\s*\d[\d.,:/ ]*\s*(?:%|[a-zA-Z]{1,3}|million|billion)?"
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[-–/]\d{2,4})?")
_HEAD_WORDS = 8

Cells = list[tuple[str, bool]]
"""The words of each cell of a row, and whether it is marked as a head."""


def is_data(table: Element) -> bool:
    """Whether a table holds figures and words, and not the layout of a page."""
    rows = 0
    for inner in table.iter():
        tag = _tag(inner)
        if tag == "table" and inner is not table:
            return False
        if tag == "tr":
            rows += 1
            if not _is_row(inner):
                return False
    return rows > 0


def rows_told(table: Element, text_of: Callable[[Element], str]) -> list[str]:
    """The rows of a table, each as one line.

    Args:
        table: a table of which ``is_data`` is true.
        text_of: gives the words of a cell.
    """
    rows, marked = _grid(table, text_of)
    while rows and not any(rows[0]):
        rows, marked = rows[1:], marked[1:]
    heads: list[str] = []
    if len(rows) > 1 and (marked[0] or first_row_heads(rows)):
        count = 1
        while count < len(rows) - 1 and marked[0] and marked[count]:
            count += 1
        heads, rows = _joined(rows[:count]), rows[count:]
    return table_rows([_trimmed(row) for row in rows], heads)


def first_row_heads(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row, which nothing marks, names the columns of the others.

    It does where a column of figures stands below a cell that is none, or is a year, and where
    only its first cell is empty, so that the others stand above columns and the rows have names.
    """
    first, *rest = [[without_placeholders(cell) for cell in row] for row in rows]
    named = [cell for cell in first if cell]
    if len(rest) < 2 or len(first) < 2 or len(named) < len(first) - 1:
        return False
    if len(set(named)) < len(named) or any(len(cell.split()) > _HEAD_WORDS for cell in named):
        return False
    if not first[0] and len(named) > 1 and all(row and row[0] for row in rest):
        return True
    return any(
        _heads_figures(head, [row[at] for row in rest if at < len(row) and row[at]])
        for at, head in enumerate(first)
        if at
    )


def _heads_figures(head: str, below: Sequence[str]) -> bool:
    if len(below) < 2 or not head or not all(_FIGURE.fullmatch(cell) for cell in below):
        return False
    if _YEAR.fullmatch(head):
        return not all(_YEAR.fullmatch(cell) for cell in below)
    return _FIGURE.fullmatch(head) is None


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """A row whose one cell spans all columns as that cell alone."""
    return row[:1] if row and row[0] and not any(row[1:]) and len(row[0].split()) > 1 else row


def _joined(heads: Sequence[Sequence[str]]) -> list[str]:
    """Several rows of heads as one: ``People`` over ``2014`` is ``People 2014``."""
    width = max(map(len, heads))
    columns = [[row[at] for row in heads if at < len(row) and row[at]] for at in range(width)]
    return [" ".join(dict.fromkeys(column)) for column in columns]


def _grid(table: Element, text_of: Callable[[Element], str]) -> tuple[list[list[str]], list[bool]]:
    """The cells by row and column, spans told out, and which rows are marked as heads.

    A cell of several rows stands in each of them. One of several columns stands in the first, but
    a head in all of them.
    """
    rows: list[list[str]] = []
    marked: list[bool] = []
    open_: dict[int, tuple[int, str]] = {}
    """Column to how many more rows a cell above reaches, and its words."""
    budget = _MOST_CELLS
    for line in table.iter("tr"):
        head = _is_head(line)
        row: list[str] = []
        for cell in line:
            if _tag(cell) not in ("td", "th"):
                continue
            _reach(row, open_)
            text = text_of(cell)
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for step in range(across):
                if down > 1:
                    open_[len(row)] = (down - 1, text if head or not step else "")
                row.append(text if head or not step else "")
        _reach(row, open_)
        budget -= len(row)
        if budget < 0:
            break
        rows.append(row)
        marked.append(head)
    return rows, marked


def _reach(row: list[str], open_: dict[int, tuple[int, str]]) -> None:
    """Append the cells of rows above that reach down to the next columns of this row."""
    while len(row) in open_:
        left, text = open_.pop(len(row))
        if left > 1:
            open_[len(row)] = (left - 1, text)
        row.append(text)


def _is_head(row: Element) -> bool:
    cells = [cell for cell in row if _tag(cell) in ("td", "th")]
    full = [cell for cell in cells if "".join(cell.itertext()).strip()]
    if not full:
        return False
    parent = row.getparent()
    if parent is not None and _tag(parent) == "thead":
        return True
    if all(_tag(cell) == "th" for cell in full):
        return len(full) > 1
    first = row.getprevious() is None
    return first and len(full) > 1 and all(_is_bold(cell) for cell in full)


def _is_bold(cell: Element) -> bool:
    whole = len("".join(cell.itertext()).strip())
    bold = (len("".join(inner.itertext()).strip()) for inner in cell.iter(*_BOLD))
    return _tag(cell) == "th" or max(bold, default=0) == whole


def _span(cell: Element, name: str) -> int:
    stated = (cell.get(name) or "").strip()
    return max(1, min(int(stated), _MOST_SPAN)) if stated.isascii() and stated.isdigit() else 1


def _is_row(row: Element) -> bool:
    """Whether a row holds figures and words, and not the layout of a page."""
    for cell in row:
        if _tag(cell) in ("td", "th"):
            holders = (inner for inner in cell.iter() if _tag(inner) in _HOLDERS)
            if len(list(islice(holders, 2))) > 1:
                return False
    return True


def _tag(element: Element) -> str:
    return element.tag.lower() if isinstance(element.tag, str) else ""
