"""Two questions in one: taken apart only where there are two, each with its own confidence."""

from __future__ import annotations

import pytest

from askscwru.conversation.several import questions_in, together
from askscwru.types import Answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who keeps it and when does it sail?", ("Who keeps it?", "When does it sail?")),
        ("Who tuned it? When was that?", ("Who tuned it?", "When was that?")),
        ("When did the mill close, and why?", ("When did the mill close?", "Why?")),
        ("Which do they sign and who stores it?", ("Which do they sign?", "Who stores it?")),
        ("Is it free and does it take bicycles?", ("Is it free?", "Does it take bicycles?")),
    ],
)  # fmt: skip
def test_two_questions_are_taken_apart(text: str, expected: tuple[str, ...]) -> None:
    assert questions_in(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Who keeps the ferry?",
        "How and why did the mill close?",
        "Do the posts say who keeps the ferry and when it sails?",
        "Where do Ada and Nils live?",
        "What did the mill grind and sell?",
        "tell me about mills and ferries",
    ],
)  # fmt: skip
def test_one_question_stays_one(text: str) -> None:
    assert questions_in(text) == (text,)


def answer(question: str, confidence: float, *, answered: bool) -> Answer:
    return Answer(
        question=question,
        searched_for=question,
        answered=answered,
        confidence=confidence,
        text="The posts do not say.",
        citations=(),
        hits=(),
        titles={},
        conversation_id="",
    )


def test_each_part_keeps_its_confidence_and_the_whole_has_the_lowest() -> None:
    sure, unsure = answer("Who?", 0.9, answered=True), answer("When?", 0.7, answered=True)
    none = answer("Why?", 0.2, answered=False)
    whole = together("Who, when and why?", [sure, unsure, none])
    assert whole.answered
    assert whole.confidence == 0.7
    assert [part.confidence for part in whole.parts] == [0.9, 0.7, 0.2]
    assert whole.parts[2].answered is False
    assert "Why?\nThe posts do not say." in whole.text
    assert whole.searched_for == "Who? When? Why?"
