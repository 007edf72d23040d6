"""A post as it is read, and posts as they are found."""

from __future__ import annotations

import json

import pytest

from askscwru.assistant import Assistant
from askscwru.show.find import find_posts
from askscwru.show.post_text import first_with, inside, paragraphs
from askscwru.types import Span
from conftest import ROOT
from tui_canned import POSTS, SOURCE, TEXT, USED


def test_the_paragraphs_of_a_post_are_slices_of_its_source() -> None:
    shown = paragraphs(POSTS["gardens"], SOURCE, TEXT)
    assert len(shown) == 32
    assert all(part.text == TEXT[part.start : part.end] for part in shown)


def test_a_quote_is_found_in_its_paragraph_and_counted_from_its_start() -> None:
    start = TEXT.index(USED)
    at = Span(start, start + len(USED))
    shown = paragraphs(POSTS["gardens"], SOURCE, TEXT, at)
    position = first_with(shown, at)
    assert position == 2
    assert inside(shown[position], at) == Span(0, len(USED))
    assert inside(shown[0], at) is None
    assert inside(shown[0], None) is None


def test_a_quote_outside_its_post_is_shown_with_the_lines_around_it() -> None:
    text = "head\n\nThe title stands here\n\n" + "filler line\n" * 500
    at = Span(6, 27)
    shown = paragraphs(POSTS["gardens"], "copy.txt", text, at)
    assert [part.text for part in shown][:2] == ["head", "The title stands here"]
    assert len(shown) < 200
    assert first_with(shown, at) == 1


def test_every_quote_of_real_answers_is_seen_in_what_is_shown(assistant: Assistant) -> None:
    lines = (ROOT / "eval" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()[::12]
    questions = [json.loads(line)["question"] for line in lines]
    questions.append("Who wrote Shared Lives: a new health and care system?")
    seen = 0
    for citation in (c for q in questions for c in assistant.ask(q).citations):
        quote = citation.quote
        source = quote.passage.source
        at = Span(quote.start, quote.end)
        shown = paragraphs(citation.post, source, assistant.source_text(source), at)
        parts = [part.text[i.start : i.end] for part in shown if (i := inside(part, at))]
        assert "".join("".join(parts).split()) == "".join(quote.text.split())
        seen += 1
    assert seen > 5


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gardens", ["gardens", "hostile"]),
        ("gardner", ["gardens"]),
        ("GÁRDENS budg", ["gardens"]),
        ("mallory", ["hostile"]),
        ("tea", []),
        ("page txt", ["gardens", "untitled", "hostile"]),
        ("", ["gardens", "untitled", "hostile"]),
        ("[]*", ["gardens", "untitled", "hostile"]),
        ("garden nowhere", []),
    ],
)
def test_posts_are_found_by_title_author_blog_and_source(words: str, found: list[str]) -> None:
    names = {post.id: name for name, post in POSTS.items()}
    assert [names[post.id] for post in find_posts(list(POSTS.values()), words)] == found
