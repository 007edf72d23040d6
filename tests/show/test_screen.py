"""The terminal shows text as data: no markup, no control codes."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from test_answer import POST, cite, quote

from askscwru.answering.answer import short_of
from askscwru.show.screen import answer_view, confidence_word, local_time, safe
from askscwru.types import Answer, Citation, Kind, Near, Span


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
        kind=Kind.ANSWER if citations else Kind.ABSTENTION,
        short=short_of(citations),
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


def test_a_list_names_every_post_and_cites_it() -> None:
    one, other = replace(POST, published="2011-03-04"), replace(POST, id="p2", title="A dog")
    listed = replace(
        answered(cite("q", [quote(0, 0.9)], lambda _: one)),
        kind=Kind.LIST,
        text="2 posts here are by Ann Lee.\n1. A cat [1]\n2. A dog",
        total=2,
        posts=(one, other),
    )
    view = shown(listed)
    assert "2 posts here are by Ann Lee." in view
    assert re.search(r"1\. A cat \[1\]\s+Ann Lee, 2011-03-04\s+s\.txt, characters 0–51", view)
    assert re.search(r"2\. A dog\s+Ann Lee", view)
    assert "“Ann has a cat.”" not in view


def test_views_stand_in_groups() -> None:
    cited = cite("q", [quote(0, 0.9), quote(1, 0.8)], lambda _: POST, ["cats", "colours"])
    view = shown(replace(answered(cited, "Side by side:\n\n…"), kind=Kind.VIEWS))
    assert view.index("Side by side:") < view.index("cats") < view.index("“Ann has a cat.” [1]")
    assert view.index("colours") < view.index("“The cat is black.” [2]")


def test_what_came_nearest_is_marked_as_no_answer_and_has_no_bar() -> None:
    near = Near(post=POST, quote=quote(1, 0.2))
    helped = replace(answered((), "The posts do not say."), nearest=(near,), advice=("Try a dog.",))
    view = shown(helped)
    assert "Nearest, but no answer:\n– A cat: “The cat is black.”" in view
    assert "Try a dog." in view
    assert "Confidence" not in view


def test_a_reply_is_the_program_s_own_words_and_has_no_bar() -> None:
    reply = replace(answered((), "Hello."), kind=Kind.REPLY, advice=("Who wrote A cat?",))
    assert shown(reply).split("\n")[:3] == [
        "Hello.",
        "Ask, for example:",
        "Who wrote A cat?",
    ]


def test_times_are_those_of_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        monkeypatch.setenv("TZ", "XXX-5:30")
        time.tzset()
        assert local_time("2026-01-31T20:00:00+00:00") == "2026-02-01 01:30"
        assert local_time("not a moment") == "not a moment"
    finally:
        monkeypatch.undo()
        time.tzset()
