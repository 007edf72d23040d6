"""The rows of a table as text: each with its column heads, so that it says something by itself.

``Year: 2017; People: 160; Average weekly payment: £171.`` Every reader of a format that has tables
writes them so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

_STOPS = ".!?…"
_CLOSERS = "\"'”’»)]"
_ASKING = "?!:："


def table_rows(rows: Sequence[Sequence[str]], heads: Sequence[str] = ()) -> list[str]:
    """One line for each row that says anything.

    Args:
        rows: the cells of each row, each on one line, in the order of the columns. A cell that
            spans several columns stands once and is followed by empty ones; a row of one cell
            spans the whole table.
        heads: the head of each column, empty where it has none; none at all where the table has no
            row of heads. The row of heads is not among ``rows``.

    Returns:
        ``Head: cell; Head: cell.`` with heads, and ``cell | cell`` without. Cells that are empty
        are left out together with their heads, and so are rows without a letter or a figure.
    """
    told = [row for row in rows if any(c.isalnum() for cell in row for c in cell)]
    if not any(head.strip() for head in heads):
        return [" | ".join(cell.strip() for cell in row if cell.strip()) for row in told]
    return [_headed([cell.strip() for cell in row], heads) for row in told]


def _headed(row: Sequence[str], heads: Sequence[str]) -> str:
    if len(row) == 1 < len(heads):
        return row[0]
    cells = [
        f"{_head(head)} {cell}".strip()
        for head, cell in zip_longest(heads[: len(row)], row, fillvalue="")
        if cell
    ]
    line = "; ".join(cells)
    return line if line.rstrip(_CLOSERS)[-1:] in _STOPS else f"{line}."


def _head(head: str) -> str:
    head = head.strip()
    return head if not head or head[-1] in _ASKING else f"{head}:"
