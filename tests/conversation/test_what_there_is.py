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


USE = said("who can use the wool bank", "Any weaver may.", "Any weaver")
APPLY = said("how do i apply for a loom card", "Fill in the form.")
OPEN = said("is the spinning room open on sundays", "It is open from Monday to Friday.")
COSTS = said("does the loom club cost anything", "It costs £4.", "£4")
MEETS = said("when does the dye cafe meet", "The Dye Café meets on Fridays.", "Fridays")
HAPPENS = said("what happens at the wool shed", "At the Wool Shed there is tea.", "tea")
PAY = said("what do weavers pay for wool", "They pay £3.", "£3")
WEAVER = said("who is the new warden", "Ada Holm is the new warden.", "Ada Holm")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (USE, "where is it?", "Where is the wool bank?"),
        (USE, "and how much?", "How much does it cost to use the wool bank?"),
        (USE, "why?", "Why can any weaver use the wool bank?"),
        (APPLY, "and how much?", "How much is a loom card?"),
        (APPLY, "how long does it last?", "How long does a loom card last?"),
        (OPEN, "where is it?", "Where is the spinning room?"),
        (OPEN, "and how much?", "How much is the spinning room?"),
        (OPEN, "why?", "Why is the spinning room open on sundays?"),
        (COSTS, "and how much?", "How much does the loom club cost?"),
        (COSTS, "where is it?", "Where is the loom club?"),
        (MEETS, "and how much?", "How much is the Dye Café?"),
        (MEETS, "where is it?", "Where is the Dye Café?"),
        (MEETS, "where?", "Where does the Dye Café meet?"),
        (HAPPENS, "when is it?", "When is the Wool Shed?"),
        (HAPPENS, "is it free?", "Is the Wool Shed free?"),
        (PAY, "and how much?", "How much do weavers pay for wool?"),
    ],
)
def test_it_is_the_thing_and_how_much_its_price(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


def test_nobody_has_a_price_or_is_it() -> None:
    before = said("i want to weave, what do i do", "Come to the mill.")
    assert all("Ada Holm" not in text for text in texts("where is it?", before))
    assert all("Ada Holm" not in text for text in texts("how much?", before))
    assert texts("why?", WEAVER) == ["Why [the new warden]?"]


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


def test_a_name_of_several_is_one_where_it_stands_amid_a_sentence() -> None:
    asked = said("how many people use warm hands", "There is one: Warm Hands, used by 14 people.")
    assert best("where is it?", asked).question == "Where is Warm Hands?"
    again = said("Where are warm hands?", "Warm Hands, used in nearly every vale.", "every vale")
    assert all("vale warm" not in text for text in texts("and how much?", again))


def test_a_name_that_the_answer_does_not_have_stays_as_it_was_written() -> None:
    before = said("what is the seed hub", "Seed is lent at the hub of the village.")
    assert best("how much is it?", before).question == "How much is the seed hub?"


def test_several_of_a_kind_are_no_name() -> None:
    before = said("who wants glass hives", "Glass Hives are wanted by schools.", "schools")
    assert "How much are glass hives?" in texts("how much are they?", before)
