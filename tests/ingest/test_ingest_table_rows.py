"""Rows of tables as lines that can be quoted."""

from __future__ import annotations

import pytest

from askscwru.ingest.table_rows import table_rows

HEADS = ("Year", "Eels", "Trout")


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (("2014", "30", "25"), "Year: 2014; Eels: 30; Trout: 25."),
        (("2015", "", " 41 "), "Year: 2015; Trout: 41."),
        (("2016", "none was caught."), "Year: 2016; Eels: none was caught."),
        (("2016", "“None.”"), "Year: 2016; Eels: “None.”"),
        (("2017", "1", "2", "a flood"), "Year: 2017; Eels: 1; Trout: 2; a flood."),
        (("The upper weir",), "The upper weir"),
    ],
)
def test_a_row_is_told_with_its_heads(row: tuple[str, ...], line: str) -> None:
    assert table_rows([row], HEADS) == [line]


def test_a_column_without_a_head_is_told_alone() -> None:
    assert table_rows([("Eels", "30", "Yes")], ("", "2014", "Paid?")) == [
        "Eels; 2014: 30; Paid? Yes."
    ]


def test_without_heads_the_cells_stand_side_by_side() -> None:
    assert table_rows([("Monday", "", "9.30"), ("", " | ")], ("", " ")) == ["Monday | 9.30"]
    assert table_rows([("Monday", "9.30")]) == ["Monday | 9.30"]
