"""The terminal shows text as data: no markup, no control codes."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from test_answer import POST, cite, quote

from askscwru.show.screen import answer_view, confidence_word, safe
from askscwru.types import Answer, Citation, Span


def shown(answer: Answer, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width, markup=False, emoji=False, highlight=False).print(
        answer_view(answer)
    )
    return out.getvalue()


def answered(citations: tuple[Citation, ...], text: str = "") -> Answer:
    return Answer(
        question="q",
        searched_for="q",
        answered=bool(citations),
        confidence=0.93,
        text=text,
        citations=citations,
        hits=(),
        titles={},
        conversation_id="c",
    )


@given(st.text())
def test_nothing_a_terminal_would_obey_is_printed(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", safe(text))


def test_what_is_hidden_is_shown_by_its_code() -> None:
    assert safe("a\x1b[31mb\u202e") == "a\\u001b[31mb\\u202e"
    assert safe("two\nlines") == "two lines"


def test_markup_and_emoji_codes_are_printed_as_they_are() -> None:
    post = replace(POST, title="[bold]:smile:[/bold]")
    view = shown(answered(cite("Who sleeps?", [quote(0, 0.9)], lambda _: post)))
    assert "[bold]:smile:[/bold]" in view


def test_an_answer_shows_quote_short_answer_and_citation() -> None:
    post = replace(POST, complete=False, word_count=455)
    view = shown(answered(cite("Who sleeps?", [quote(1, 0.9, Span(26, 31))], lambda _: post)))
    assert "“The cat is black.” [1]" in view
    assert "In short: black" in view
    assert "0.93, very sure" in view
    assert re.search(r"\[1\] A cat\s+Ann Lee\s+s\.txt, characters 15–32", view)
    assert "only the opening of this post is known (12 of 455 words)" in view


def test_an_abstention_shows_its_sentence() -> None:
    assert "The posts do not say." in shown(answered((), "The posts do not say."))


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "very sure"), (0.6, "fairly sure"), (0.0, "very unsure")]
)
def test_confidence_has_a_word(confidence: float, word: str) -> None:
    assert confidence_word(confidence) == word
