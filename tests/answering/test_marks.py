"""What may be marked: words that read alone say what their sentence says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.answering.fitness import counted
from askscwru.answering.marks import fair_mark
from askscwru.types import Span


def marked(question: str, text: str, words: str, share: float = 0.9) -> str | None:
    at = text.index(words)
    mark = fair_mark(question, text, Span(at, at + len(words)), share)
    return None if mark is None else text[mark.start : mark.end]


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("Who may open the valve?", "Visitors must not open the valve.", "Visitors"),
        ("Who has a key?", "The porter hasn’t had a key since the spring.", "The porter"),
        ("Who came?", "Mr Hale came instead of the mayor on both days.", "the mayor"),
        ("Which bus goes there?", "The 14 no longer goes there on any day.", "The 14"),
        ("Who signed?", "The board refused to let the clerk sign.", "the clerk"),
        ("If it isn't gas, what is it about?", "The plan isn’t about gas or coal.", "about gas"),
    ],
)
def test_nothing_is_marked_beside_a_negation(question: str, text: str, words: str) -> None:
    assert marked(question, text, words) is None


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        (
            "Who paid the rest of the bill?",
            "The parish paid a third of the bill, and the school paid the rest.",
            "The parish",
        ),
        (
            "Where did the others go?",
            "Two of them went to Leeds, and the others stayed in Hull.",
            "Leeds",
        ),
        (
            "Who pays for the fuel?",
            "The trust pays for the fuel, and the parish pays for the crew.",
            "the parish",
        ),
        (
            "Who paid for the rest of the roof?",
            "The diocese paid 60 per cent of it and the village the rest.",
            "The diocese",
        ),
        (
            "What is the telephone number of the hall?",
            "The hall is in Hythe, by the mill.",
            "Hythe",
        ),
        (
            "Which mills did they see?",
            "They saw two mills: Hale’s, a windmill by the sea, and Ryle’s.",
            "two mills: Hale’s",
        ),
        (
            "How many wards were asked?",
            "We asked 60 workers and 50 nurses of both wards.",
            "60 workers and 50",
        ),
        ("What do people think?", "Some call it generous, others call it mean.", "generous"),
        ("When will it open?", "It was hoped that it would open in May 2031.", "May 2031"),
        ("How much did it cost?", "It might have cost 900 pounds, had it been built.", "900"),
    ],
)
def test_nothing_is_marked_of_another_party_or_of_what_was_merely_planned(
    question: str, text: str, words: str
) -> None:
    assert marked(question, text, words) is None


@pytest.mark.parametrize(
    "question",
    [
        "Is the hall heated?",
        "and do they meet on Mondays?",
        "Wasn't it sold?",
        "Why was the hall sold?",
        "How did they heat the hall?",
        "How come the hall was sold?",
        "Who bought the hall and when did they move in?",
        "Explain the sale of the hall",
    ],
)
def test_nothing_is_marked_where_the_answer_is_no_short_thing(question: str) -> None:
    text = "The hall was sold to the Ryles in 1999 and they heat it with peat."
    assert marked(question, text, "in 1999") is None


@pytest.mark.parametrize(
    ("question", "text", "words", "whole"),
    [
        (
            "How many came?",
            "At least 40 people came to the fair.",
            "40",
            "At least 40",
        ),
        ("What share left?", "Nearly 12 per cent of them left.", "12", "Nearly 12 per cent"),
        ("How long is it?", "The path is 3.5 miles long.", "3.5", "3.5 miles"),
        ("What does it cost?", "A bed costs £14 a night.", "14", "£14"),
        ("When did it run?", "The scheme ran from 2011 to 2013.", "2011", "from 2011 to 2013"),
        (
            "Which towns joined?",
            "The scheme reached Hythe, Lydd and New Romney at last.",
            "Lydd",
            "Hythe, Lydd and New Romney",
        ),
        (
            "How many did it carry in 2012?",
            "In 2013 it carried 6,200 people; in 2012 it had carried 5,100.",
            "5,100",
            "5,100",
        ),
        ("Who wrote the letter?", "Mrs Hale wrote the letter.", "Mrs Hale", "Mrs Hale"),
        (
            "What pays for it?",
            "It is partly paid by fees, partly by rent.",
            "by rent",
            "partly by rent",
        ),
        (
            "Who says so?",
            "The first to say so (Hale 2012) was right.",
            "Hale 2012) was",
            "Hale 2012",
        ),
        (
            "What was new?",
            "New was the oven (of brick, by Hale) in the hall.",
            "the oven (of",
            "the oven",
        ),
        (
            "What was new?",
            "New was the oven (brick) in the hall.",
            "the oven (brick",
            "the oven (brick)",
        ),
        (
            "How many nurses were asked?",
            "We asked over 60 workers and 50 nurses of the two wards.",
            "60 workers and 50",
            "50",
        ),
        (
            "How many games are there?",
            "It has two games and two walks.",
            "two games and two",
            "two",
        ),
        (
            "How many makers are there?",
            "Thirty cars are sold by more than a dozen makers.",
            "Thirty cars are sold by more than a dozen",
            "more than a dozen",
        ),
        (
            "How many routes were there?",
            "They walked 600, 24-mile routes.",
            "600, 24-mile",
            "600, 24-mile",
        ),
        ("How many came?", "Between 20 and 30 people came.", "20 and 30", "Between 20 and 30"),
        ("Who does not eat fish?", "Mr Hale does not eat fish.", "Mr Hale", "Mr Hale"),
    ],
)
def test_a_mark_takes_in_its_limit_its_unit_and_its_whole_list(
    question: str, text: str, words: str, whole: str
) -> None:
    assert marked(question, text, words) == whole


@pytest.mark.parametrize("words", ["It harms them", "This has grown"])
def test_words_that_say_it_of_something_else_are_not_marked(words: str) -> None:
    text = f"Spending was cut. {words} ever since then, as everybody in the town hall knows."
    start = text.index(words)
    assert fair_mark("What has been cut?", text, Span(start, start + len(words)), 0.9) is None


def test_a_mark_that_goes_on_into_another_clause_is_none() -> None:
    text = "The network is called Heron and the password is on the board in the lobby of the hall."
    assert marked("What is the password?", text, "Heron and the password is on the board") is None
    assert marked("What is the network called?", text, "Heron") == "Heron"


def test_one_of_many_likely_stretches_is_not_marked() -> None:
    assert marked("Who wrote it?", "Mrs Hale wrote it for Mr Ryle.", "Mrs Hale", 0.1) is None


@given(st.text(max_size=200), st.text(min_size=1, max_size=200), st.data())
def test_a_mark_stays_inside_its_quote_and_keeps_what_was_marked(
    question: str, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = fair_mark(question, text, Span(start, end), 0.9)
    assert found is None or 0 <= found.start < found.end <= len(text)
    assert found is None or (found.start < end and start < found.end)
    if found is not None and "(" not in text and ")" not in text and counted(question) is None:
        assert found.start <= start
        assert end <= found.end


AWARDS = "We received 212 applications and made 47 awards."
YEARS = "It was 412 people in 2023, 455 in 2024 and 498 in 2025."


@pytest.mark.parametrize(
    ("question", "text", "words", "kept"),
    [
        ("How many were accepted?", AWARDS, "212", False),
        ("How many applications were received?", AWARDS, "212", True),
        ("How many awards were made?", AWARDS, "47", True),
        (
            "What share of women cycle?",
            "More men than women cycle (23% against 13%).",
            "23%",
            False,
        ),
        ("How many got a place?", "486 people applied for 310 places.", "486", False),
        (
            "How much is Italian?",
            "It costs £120, or £80 for students of the college.",
            "£80",
            False,
        ),
        ("How many took a course in 2024?", YEARS, "412", False),
        ("How many came on 3 May 2014?", "On 3 May 2014 there came 90 people.", "90", True),
    ],
)
def test_of_several_figures_none_is_marked_that_may_not_be_the_one(
    question: str, text: str, words: str, kept: bool
) -> None:
    assert (marked(question, text, words) is not None) is kept
