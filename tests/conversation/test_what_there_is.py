"""After "is there a choir?" the choir is asked of; and it is called what its answer calls it."""

from __future__ import annotations

import pytest
from test_follow_up import best, said, texts

from askscwru.conversation.follow_up import Exchange

CHOIR = said("is there a choir at the mill", "On Mondays the mill has an hour of song.")
LOOMS = said("are there any looms for children in the summer", "Children weave in July.")
ANYTHING = said(
    "is there anything for weavers who are deaf", "The signing loom meets on Sundays at noon."
)
STALL = said("do you have a stall for seed", "Seed is sold at the gate.")
BORROW = said("can i hire a barrow", "Barrows are lent for a week.")
WIFE = said("my wife has a loom, where is spinning taught", "Spinning is taught at the mill.")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (CHOIR, "where is it?", "Where is the choir at the mill?"),
        (CHOIR, "and how much?", "How much is the choir at the mill?"),
        (CHOIR, "when?", "When is the choir at the mill?"),
        (CHOIR, "what time is it?", "What time is the choir at the mill?"),
        (CHOIR, "who for?", "For whom is the choir at the mill?"),
        (CHOIR, "why?", "Why is there a choir at the mill?"),
        (CHOIR, "who leads it?", "Who leads the choir at the mill?"),
        (LOOMS, "where?", "Where are the looms for children in the summer?"),
        (LOOMS, "how much are they?", "How much are the looms for children in the summer?"),
        (ANYTHING, "where is it?", "Where is the signing loom?"),
        (ANYTHING, "and when?", "When is the signing loom?"),
        (ANYTHING, "how much does it cost?", "How much does the signing loom cost?"),
        (STALL, "how much?", "How much is the stall for seed?"),
        (STALL, "what day?", "What day is the stall for seed?"),
        (STALL, "where?", "Where do you have a stall for seed?"),
        (BORROW, "how much?", "How much does it cost to hire a barrow?"),
        (BORROW, "where?", "Where can i hire a barrow?"),
        (WIFE, "can she come on sundays?", "Can my wife come on sundays?"),
    ],
)
def test_what_it_was_asked_whether_there_is_is_asked_of(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("asked", "quote", "mark", "called"),
    [
        ("what is lend-a-loom", "Lend-a-Loom is a van full of looms.", "a van", "Lend-a-Loom"),
        ("whats weaving corner", "Weaving Corner is a room.", "a room", "Weaving Corner"),
        ("what's the seed hub?", "The Seed Hub is a shelf.", "a shelf", "the Seed Hub"),
        ("so whats the seed hub", "The Seed Hub is a shelf.", "a shelf", "the Seed Hub"),
        ("do you have a millers shed", "The Miller’s Shed is open.", "", "a Miller’s Shed"),
    ],
)
def test_a_thing_written_small_is_called_as_its_answer_calls_it(
    asked: str, quote: str, mark: str, called: str
) -> None:
    before = said(asked, quote, mark)
    assert best("how much is it?", before).question == f"How much is {called}?"
    assert best("do i have to book?", before).question == f"Do i have to book [{called}]?"


def test_a_name_that_the_answer_does_not_have_stays_as_it_was_written() -> None:
    before = said("what is the seed hub", "Seed is lent at the hub of the village.")
    assert best("how much is it?", before).question == "How much is the seed hub?"


def test_several_of_a_kind_are_no_name() -> None:
    before = said("who wants glass hives", "Glass Hives are wanted by schools.", "schools")
    assert "How much are glass hives?" in texts("how much are they?", before)
