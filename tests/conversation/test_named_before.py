"""What a turn takes from the names, the doers and the deeds of the turns before it."""

from __future__ import annotations

import pytest
from test_follow_up import best, said

from askscwru.conversation.follow_up import Exchange

BOAT = said(
    "when is the wool boat",
    "The wool boat now sails on Wednesdays, because the Aldmoor market has moved.",
    "Wednesdays",
)
DRIVES = said(
    "who drives the wool cart", "Driver: Olaf Lund, with Nora Petts as guard", "Driver: Olaf Lund"
)
PART = said("who can take part in the trial", "Any weaver can take part in the trial.")
GRANT = said("who can get a loom grant", "Anyone registered with the mill.")
LUNCH = said("is there lunch at the fair", "There is bread for those who book.")
PRICE = said("how much is a loom lesson", "A loom lesson is £22 an hour.", "£22")
RAMS = said("can i keep rams", "Rams: up to four.")
OPEN = said("when is orlestone open", "Orlestone is open from 9 to 4.", "from 9 to 4")
GROUP = said("is there a weavers group in thornbeck", "Thornbeck: second Tuesday, at the mill.")
KEYS = said("who has the keys to the mill", "Alma Reed has the keys to the mill.", "Alma Reed")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (BOAT, "where does it leave from", "Where does the wool boat leave from?"),
        (DRIVES, "is he a volunteer", "Is Olaf Lund a volunteer?"),
        (PART, "how do i do it", "How do i take part in the trial?"),
        (PART, "what do i get for it", "What do i get for the trial?"),
        (GRANT, "what about kids", "Can kids get a loom grant?"),
        (LUNCH, "what about april", "Is there lunch at the fair in april?"),
        (LUNCH, "who's speaking", "Who is speaking [the lunch at the fair]?"),
        (PRICE, "what about the dye shop", "How much is the dye shop?"),
        (PRICE, "any discount?", "Is there any discount [a loom lesson]?"),
        (PRICE, "any tickets?", "Are there any tickets [a loom lesson]?"),
        (RAMS, "and goats?", "Can i keep goats?"),
        (OPEN, "who is in charge", "Who is in charge [Orlestone]?"),
        (GROUP, "and castle marsh?", "Is there a weavers group in castle marsh?"),
        (KEYS, "and her email?", "What is Alma Reed’s email?"),
        (
            said("how do i get to the mill", "Ride to Sall."),
            "and how much?",
            "How much is the mill?",
        ),
        (
            said("are there any looms going at sall lodge", "Sall Lodge, loom 2, £9."),
            "how much is it",
            "How much are the looms going at Sall Lodge?",
        ),
        (
            said("who runs the old loom night", "Nora Petts runs it."),
            "and the spinners?",
            "Who runs the spinners?",
        ),
        (
            said("what was wool pay in 2023", "Wool pay was £9."),
            "and in dye shops",
            "What was wool pay in 2023 in dye shops?",
        ),
    ],
)
def test_a_turn_is_of_what_was_named(before: Exchange, question: str, expected: str) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize("opens", ["Marketisation", "Carding", "Wool"])
def test_a_word_that_only_opens_a_sentence_is_no_name(opens: str) -> None:
    before = said(f"what is {opens.lower()} good for", f"{opens} is good for sheep.")
    assert opens not in best("who pays for it?", before).question


def test_any_others_is_no_question_whether_there_are_some() -> None:
    assert best("any others?", GROUP).question == "is there a weavers group in Thornbeck"
