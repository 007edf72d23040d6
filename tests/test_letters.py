"""Letters as they are compared."""

from __future__ import annotations

import pytest

from askscwru.letters import fold, fold_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Crème   Brûlée’s\tﬁn ", "creme brulee's fin"),
        ("ÅNGSTRÖM – “Größe”", "angstrom – “große”"),
        ("e\u0301\u0302 e", "e e"),
        ("\u0301", ""),
        ("Plain words, 14", "plain words, 14"),
    ],
)
def test_case_accents_and_spaces_are_taken_away_and_nothing_else(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_words_alone_are_left_of_a_line() -> None:
    assert fold_words("“Café – 14,000!”") == "cafe 14 000"
