"""What is typed after an answer and is no question, and what is done with the answer instead."""

from __future__ import annotations

import pytest
from test_follow_up import said

from askscwru.conversation.follow_up import Change, Exchange, Shown, resolve

RENT = said("How much is the rent of Quarry House?", "The rent is £90 a week.", "£90 a week")
TWO = Exchange(
    "Who mended the organ?",
    "Who mended the organ?",
    (
        Shown("The organ sings again", ("Ada Holm",), "Ulf Dahl mended the organ.", "Ulf Dahl"),
        Shown("Bells and pipes", ("Nils Ek",), "Pia Lund tuned the pipes.", "Pia Lund"),
    ),
    alternatives=("Who mended the bellows?",),
)


def first(question: str, *before: Exchange) -> tuple[str, Change]:
    reading = resolve(question, before)[0]
    return reading.question, reading.change


@pytest.mark.parametrize(
    "remark",
    ["Thanks!", "thank you so much", "yes", "No.", "ok", "Great, thanks.", "I see", "got it",
     "that helps a lot", "Alright then", "never mind", "that's all for now", "Cheers", "very good"],
)  # fmt: skip
def test_a_remark_asks_nothing(remark: str) -> None:
    assert first(remark, RENT) == (remark, Change.REMARK)


@pytest.mark.parametrize(
    "question",
    ["Thanks, and who owns it?", "yes but why?", "ok, what about the deposit?", "No, the deposit",
     "is that all right with the council?"],
)  # fmt: skip
def test_a_question_behind_a_remark_is_asked(question: str) -> None:
    assert first(question, RENT)[1] is not Change.REMARK


def test_a_remark_before_is_not_what_a_question_refers_to() -> None:
    thanks = said("Thanks!")
    assert first("who owns it?", RENT, thanks) == first("who owns it?", RENT)


@pytest.mark.parametrize(
    "correction",
    ["No, I mean the mill.", "sorry, I meant the mill", "I was asking about the mill",
     "not Quarry House, the mill"],
)  # fmt: skip
def test_a_correction_replaces_what_was_asked_about(correction: str) -> None:
    assert first(correction, RENT) == ("How much is the rent of the mill?", Change.CORRECTION)


def test_a_question_of_its_own_behind_a_correction_is_that_question() -> None:
    owner = said("Who owns Quarry House?", "The council owns it.", "The council")
    expected = "When was Quarry House built?"
    assert first("No, I mean when was Quarry House built?", owner)[0] == expected


@pytest.mark.parametrize(
    ("wish", "change"),
    [
        ("shorter", Change.SHORTER),
        ("in short please", Change.SHORTER),
        ("in full", Change.FULL),
        ("show me the whole passage", Change.FULL),
        ("show me where", Change.WHERE),
        ("where does it say that?", Change.WHERE),
    ],
)
def test_a_wish_is_for_the_answer_that_is_shown(wish: str, change: Change) -> None:
    assert first(wish, RENT) == (RENT.searched_for, change)


@pytest.mark.parametrize(
    "wish", ["the others", "another example?", "are there any others", "what about the rest?"]
)
def test_others_are_asked_for_without_those_that_were_shown(wish: str) -> None:
    reading = resolve(wish, [TWO])[0]
    assert reading.question == TWO.searched_for
    assert set(reading.leave_out) == {shown.quote for shown in TWO.shown}


def test_anyone_else_asks_who_else() -> None:
    assert first("anyone else?", TWO)[0] == "Who else mended the organ?"


def test_the_second_one_is_the_second_post_that_was_shown() -> None:
    assert "“Bells and pipes”" in first("the second one", TWO)[0]


def test_a_name_alone_picks_the_alternative_that_was_offered() -> None:
    assert first("the bellows", TWO) == ("Who mended the bellows?", Change.REFERENCE)


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            said("Who tuned it?", "Dr. Pia Lund of Ek College did.", "Dr. Pia Lund of Ek College"),
            "where does she teach?",
            "Where does Dr. Pia Lund teach?",
        ),
        (
            said("Who sang?", "Mr. Dahl and Mrs. Ek sang.", "Mr. Dahl and Mrs. Ek"),
            "where does she live?",
            "Where does Mrs. Ek live?",
        ),
        (
            said("Who keeps the keys?", "The caretaker keeps the keys.", "The caretaker"),
            "when does he leave?",
            "When does the caretaker leave?",
        ),
        (
            said("Did the frost harm the vines?", "Three growers left because of it."),
            "where did they go?",
            "Where did the growers go?",
        ),
    ],
)  # fmt: skip
def test_who_is_meant_agrees_with_the_pronoun(
    before: Exchange, question: str, expected: str
) -> None:
    assert first(question, before)[0] == expected


def test_an_author_of_whom_nothing_was_said_is_not_whom_a_pronoun_means() -> None:
    before = said("Who tuned the pipes?", "Nils Ek tuned the pipes.", "Nils Ek")
    assert first("how old is he?", before)[0] == "How old is Nils Ek?"


def test_two_men_are_both_read() -> None:
    before = said("What did Ulf Dahl and Nils Ek build?", "They built a boat.")
    found = [(r.question, r.prior) for r in resolve("where does he live?", [before])]
    assert ("Where does Ulf Dahl live?", 1.0) in found
    assert ("Where does Nils Ek live?", 1.0) in found


def test_who_was_not_named_is_looked_for_in_the_post_that_was_shown() -> None:
    shown = Shown("Nights", ("Ada Holm",), "Dr. Pia Lund checked it.", "Dr. Pia Lund", "p1")
    before = Exchange("Who checked the diary?", "Who checked the diary?", (shown,))
    within = [r for r in resolve("why did they move away?", [before]) if r.within]
    assert [(r.question, r.searched, r.within) for r in within] == [
        ("Why did they move away [Nights]?", "Why did they move away?", "p1")
    ]
