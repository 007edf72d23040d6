"""Two questions in one: taken apart only where there are two, each with its own confidence."""

from __future__ import annotations

import pytest

from askscwru.conversation.follow_up import Exchange, Shown, resolve
from askscwru.conversation.several import questions_in, resolve_with, together
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


# -- what one of several stands for ----------------------------------------------------------------

NOTE = Shown(
    title="Choice or quality?",
    authors=("Ada Holm",),
    quote="Ada Holm, Research Fellow at the mill, discusses ferry policy and its risks.",
    highlight="Research Fellow",
    post_id="0" * 12,
)


def _answered(question: str) -> Exchange:
    return Exchange(question=question, searched_for=question, shown=(NOTE,))


@pytest.mark.parametrize(
    ("first", "second", "meant"),
    [
        (
            "What does Holm think ferry policy has come to serve?",
            "What does it leave out?",
            "What does ferry policy leave out?",
        ),
        ("When was the mill opened?", "Who runs it?", "Who runs the mill?"),
    ],
)
def test_who_asks_two_things_at_once_has_not_seen_what_the_first_is_answered_with(
    first: str, second: str, meant: str
) -> None:
    assert resolve_with((first,), second, (_answered(first),))[0].question == meant


def test_a_second_question_may_ask_on_of_the_person_that_the_first_asks_for() -> None:
    first, second = "Who discusses ferry policy?", "Where does she work?"
    assert resolve_with((first,), second, (_answered(first),)) == resolve(
        second, (_answered(first),)
    )
