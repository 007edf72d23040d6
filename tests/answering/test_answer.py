"""Quotes to an answer: the fewest, verified, or none."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from askscwru.answering.answer import abstention_text, answer_text, choose_quotes, cite, verify
from askscwru.errors import IndexStale, QuoteError, SourceError
from askscwru.sentences import split_sentences
from askscwru.types import (
    Block,
    BlockKind,
    Citation,
    Hit,
    Passage,
    Post,
    Quote,
    Sentence,
    Source,
    Span,
)

TEXT = "Ann has a cat. The cat is black. It sleeps all day."
SOURCE = Source(
    name="s.txt", sha256=hashlib.sha256(TEXT.encode()).hexdigest(), characters=len(TEXT)
)
POST = Post(
    id="p1",
    title="A cat",
    authors=("Ann Lee",),
    blog=None,
    word_count=None,
    known_words=12,
    complete=True,
    published=None,
    url=None,
    source="s.txt",
    start=0,
    end=len(TEXT),
    blocks=(Block(0, len(TEXT), BlockKind.BODY),),
)
PASSAGE = Passage(
    id="x",
    post_id="p1",
    source="s.txt",
    start=0,
    end=len(TEXT),
    text=TEXT,
    context="A cat",
    sentences=(
        Sentence(0, 14, BlockKind.BODY),
        Sentence(15, 32, BlockKind.BODY),
        Sentence(33, 51, BlockKind.BODY),
    ),
)


def quote(at: int, score: float, highlight: Span | None = None) -> Quote:
    sentence = PASSAGE.sentences[at]
    return Quote(
        passage=PASSAGE,
        start=sentence.start,
        end=sentence.end,
        text=TEXT[sentence.start : sentence.end],
        score=score,
        highlight=highlight,
        share=0.9,
    )


def read(name: str) -> str:
    assert name == "s.txt"
    return TEXT


def source_of(name: str) -> Source:
    return SOURCE


def test_one_sure_quote_is_the_whole_answer() -> None:
    assert [q.start for q in choose_quotes([quote(0, 0.9), quote(1, 0.5)], 0.4)] == [0]


def test_a_second_quote_is_added_only_when_nearly_as_sure() -> None:
    assert len(choose_quotes([quote(0, 0.9), quote(1, 0.85), quote(2, 0.75)], 0.4)) == 2


def test_never_more_than_three_quotes() -> None:
    quotes = [replace(quote(0, 0.9), start=n, end=n + 1, text=TEXT[n]) for n in range(8)]
    assert len(choose_quotes(quotes, 0.1)) == 3


def test_the_same_place_is_never_quoted_twice() -> None:
    assert len(choose_quotes([quote(0, 0.9), quote(0, 0.9)], 0.4)) == 1


def test_a_quote_that_holds_a_chosen_one_whole_takes_its_place() -> None:
    """Dropped for standing in the same place, "Only 61 had any" would be lost."""
    wide = replace(quote(1, 0.85), start=0, text=TEXT[: quote(1, 0.85).end])
    (chosen,) = choose_quotes([quote(0, 0.9), wide], 0.4)
    assert (chosen.start, chosen.end, chosen.text) == (0, wide.end, wide.text)
    assert chosen.score == 0.9
    both = replace(quote(2, 0.8), start=0, text=TEXT[: quote(2, 0.8).end])
    (chosen,) = choose_quotes([quote(0, 0.9), quote(1, 0.85), replace(both, score=0.84)], 0.4)
    assert chosen.text == both.text
    (kept,) = choose_quotes([wide, quote(1, 0.84)], 0.4)
    assert kept == wide


def test_nothing_sure_enough_is_an_abstention() -> None:
    assert choose_quotes([quote(0, 0.39)], 0.4) == []
    assert choose_quotes([], 0.0) == []


def test_quotes_are_numbered_in_the_text() -> None:
    citations = cite("Who sleeps?", [quote(0, 0.9), quote(1, 0.8)], lambda _: POST)
    assert answer_text(citations) == "Ann has a cat. [1] The cat is black. [2]"


def test_a_highlight_of_nearly_the_whole_quote_is_dropped() -> None:
    (whole,) = cite("Who sleeps?", [quote(1, 0.9, Span(15, 31))], lambda _: POST)
    (short,) = cite("Who sleeps?", [quote(1, 0.9, Span(26, 31))], lambda _: POST)
    assert whole.quote.highlight is None
    assert short.quote.highlight == Span(26, 31)


def test_an_abstention_names_the_nearest_posts_in_one_sentence() -> None:
    hit = Hit(passage=PASSAGE, row=0, rank=1, score=1.0, dense=0.5, lexical=1.0)
    assert abstention_text([hit], lambda _: "A cat") == (
        "The posts do not say; the nearest post is “A cat”."
    )
    assert abstention_text([], lambda _: None) == "The posts do not say."


def test_true_quotes_pass_verification() -> None:
    compared: list[str] = []

    def reading(name: str) -> str:
        compared.append(name)
        return read(name)

    verify(cite("Who sleeps?", [quote(0, 0.9, Span(10, 13))], lambda _: POST), reading, source_of)
    assert compared == [PASSAGE.source]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(quote(0, 0.9), text="Ann has a dog."),
        replace(quote(0, 0.9), start=1),
        replace(quote(0, 0.9), end=900),
        replace(quote(0, 0.9), start=14, end=14, text=""),
        replace(quote(0, 0.9), highlight=Span(13, 20)),
    ],
)
def test_a_quote_that_is_not_what_the_source_says_never_leaves(wrong: Quote) -> None:
    with pytest.raises(QuoteError, match=r"s\.txt"):
        verify([Citation(index=1, quote=wrong, post=POST)], read, source_of)


def test_a_source_changed_since_indexing_asks_for_a_new_index() -> None:
    citations = cite("Who sleeps?", [quote(0, 0.9)], lambda _: POST)
    with pytest.raises(IndexStale, match=r"s\.txt has changed.*askscwru index"):
        verify(citations, lambda _: TEXT + " More.", source_of)


def test_a_source_gone_since_indexing_asks_for_a_new_index() -> None:
    def gone(name: str) -> str:
        raise SourceError("no such file")

    with pytest.raises(IndexStale, match="askscwru index"):
        verify(cite("Who sleeps?", [quote(0, 0.9)], lambda _: POST), gone, source_of)


def test_the_length_of_a_post_is_no_part_of_a_quote_unless_it_is_asked_for() -> None:
    text = "Ann Lee keeps bees in Leeds. (1,240 words)"
    passage = replace(PASSAGE, end=len(text), text=text)
    said = Quote(passage=passage, start=0, end=len(text), text=text, score=0.9)
    marked = replace(said, highlight=Span(text.index("1,240"), len(text) - 1))

    def cited(question: str, one: Quote) -> Quote:
        [citation] = cite(question, [one], lambda _: POST)
        assert citation.quote.text == text[citation.quote.start : citation.quote.end]
        return citation.quote

    assert cited("Where does Ann keep bees?", said).text == "Ann Lee keeps bees in Leeds."
    assert cited("How long is the post on bees?", said).text == text
    assert cited("What is given in brackets?", marked).text == text
    alone = replace(said, start=29, text=text[29:])
    assert cited("Who is Ann?", alone).text == "(1,240 words)"


ROWS = "Full plot: £64 a year. Half plot: £36 a year. It is paid in May."
MEALS = "Meal: Soup; Price: £2. Meal: Roast; Price: £6."


@pytest.mark.parametrize(
    ("text", "question", "count"),
    [
        (ROWS, "How much is a full plot?", 1),
        (ROWS, "How much is a plot?", 2),
        (ROWS, "What is paid when?", 2),
        (MEALS, "How much is the soup?", 1),
        (MEALS, "How much are the meals?", 2),
    ],
)
def test_a_row_of_something_else_is_not_added(text: str, question: str, count: int) -> None:
    spans = split_sentences(text)[:2]
    passage = replace(
        PASSAGE,
        text=text,
        end=len(text),
        sentences=tuple(Sentence(s.start, s.end, BlockKind.BODY) for s in spans),
    )
    rows = [
        replace(
            quote(0, 0.9), passage=passage, start=s.start, end=s.end, text=text[s.start : s.end]
        )
        for s in spans
    ]
    assert len(choose_quotes(rows, 0.4, question)) == count
