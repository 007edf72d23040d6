"""Every kind of short turn after every kind of question: of the thing, and of nothing twice."""

from __future__ import annotations

import pytest
from test_follow_up import best, said

OPENINGS = {
    "what is the wool bank": "the wool bank",
    "whats the wool bank": "the wool bank",
    "tell me about the wool bank": "the wool bank",
    "is there a wool bank": "the wool bank",
    "do you have a wool bank": "a wool bank",
    "when is the wool bank open": "the wool bank",
    "is the wool bank open on mondays": "the wool bank",
    "where is the wool bank": "the wool bank",
    "when does the wool bank open": "the wool bank",
    "who runs the wool bank": "the wool bank",
    "how do i get to the wool bank": "the wool bank",
    "who can use the wool bank": "the wool bank",
    "does the wool bank cost anything": "the wool bank",
    "what happens at the wool bank": "the wool bank",
}
TURNS = {
    "where is it?": ("Where is {}?", "Where do i get to {}?"),
    "when is it?": ("When is {}?", "When is {} open?", "When does {} open?"),
    "how much is it?": ("How much is {}?",),
    "and how much?": (
        "How much is {}?",
        "How much does {} cost?",
        "How much does it cost to use {}?",
    ),
    "who runs it?": ("Who runs {}?",),
    "is it free?": ("Is {} free?",),
    "do i need to book?": ("Do i need to book [{}]?",),
    "how long does it last?": ("How long does {} last?",),
    "is there parking?": ("Is there parking [{}]?",),
    "how do i join?": ("How do i join [{}]?",),
    "what should i bring?": ("What should i bring [{}]?",),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("opening", OPENINGS)
def test_a_short_turn_is_of_the_thing(opening: str, turn: str) -> None:
    thing = OPENINGS[opening]
    reading = best(turn, said(opening, "Weavers come from nine to four."))
    things = {thing, thing.replace("a ", "the ", 1) if thing.startswith("a ") else thing}
    assert reading.question in {form.format(one) for form in TURNS[turn] for one in things}
