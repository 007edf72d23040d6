"""Marks around a quote: balanced, whatever part of a longer quotation it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.show.quoting import CLOSE, OPEN, marks_around, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The ferry leaves at nine.", "“The ferry leaves at nine.”"),
        ("“The ferry was built in the 1930s.", "“The ferry was built in the 1930s.”"),
        ("It still floats.”", "“It still floats.”"),
        ("“It still floats.”", "“It still floats.”"),
        ("“Ahoy!” said Ann.", "““Ahoy!” said Ann.”"),
        ("Ann said: “Ahoy!”", "“Ann said: “Ahoy!””"),
        ("“One,” she said, “two.”", "““One,” she said, “two.””"),
        ("Ann said: “The ferry floats.", "“Ann said: “The ferry floats.””"),
        ("It floats.” Ann nodded.", "““It floats.” Ann nodded.”"),
        ('"The ferry floats.', '"The ferry floats."'),
        ('It floats."', '"It floats."'),
        ('A 5" pipe burst.', '“A 5" pipe burst."”'),
        ('"Ahoy!" said Ann.', '“"Ahoy!" said Ann.”'),
        ("", "“”"),
    ],
)
def test_a_quote_is_shown_between_marks_that_close_each_other(text: str, shown: str) -> None:
    assert quoted(text) == shown


@given(st.text(alphabet="ab .“”", max_size=30))
def test_whatever_is_quoted_comes_out_balanced_and_verbatim(text: str) -> None:
    before, after = marks_around(text)
    assert set(before) <= {OPEN}
    assert set(after) <= {CLOSE}
    depth = 0
    for character in before + text + after:
        depth += (character == OPEN) - (character == CLOSE)
        assert depth >= 0
    assert depth == 0
