"""What a follow-up stands for by grammar: number, kind, the place in the sentence, what is left out."""

from __future__ import annotations

import pytest
from test_follow_up import best, said

from askscwru.conversation.follow_up import Exchange
from askscwru.conversation.follow_up.phrases import noun_phrases, parse


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("What is dried fruit?", "dried fruit"),
        ("Why did Hollow Farm switch to regenerative grazing?", "regenerative grazing"),
        ("Which phones does the Hedge Map app run on?", "the Hedge Map app"),
        ("Who can help me with pruning the pear tree?", "the pear tree"),
    ],
)
def test_a_noun_phrase_has_all_its_words(question: str, phrase: str) -> None:
    assert phrase in [found.text for found in noun_phrases(parse(question))]


def test_what_is_done_to_something_is_no_thing_that_is_meant_by_it() -> None:
    before = said("Who can help me with pruning the pear tree?")
    assert best("is it dead?", before).question == "Is the pear tree dead?"


GRANTS = said("How many grants does the Land Trust give?", "It gives five grants.", "five grants")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (GRANTS, "are these ever refused?", "Are the grants ever refused [the Land Trust]?"),
        (GRANTS, "who gets them?", "Who gets the grants [the Land Trust]?"),
        (
            said("What problems did pickers have with Hedge Map?"),
            "how were these solved?",
            "How were the problems solved?",
        ),
        (
            said("How many growers were asked about the price of Bramleys?", "Six.", "Six"),
            "how many trees do they have?",
            "How many trees do the growers have [the price of Bramleys]?",
        ),
        (
            said("What are cordons?", "Cordons are trees on a single stem.", "trees on a stem"),
            "who plants them?",
            "Who plants cordons?",
        ),
        (
            said("Where do hedgehogs sleep in Elmwood?", "In leaves.", "In leaves"),
            "can one camp there?",
            "Can one camp in Elmwood?",
        ),
    ],
)
def test_an_antecedent_agrees_in_number_and_kind(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


def test_it_stands_for_something_where_to_opens_no_clause() -> None:
    before = said("What is a cordon?")
    assert best("why is it compared to a vine?", before).question == (
        "Why is a cordon compared to a vine?"
    )
    assert best("is it known to fail?", before).question != "Is a cordon known to fail?"


def test_a_month_is_no_part_of_a_name() -> None:
    before = said("How many visitors came to Hollow.farm in June 2010?", "Forty.", "Forty")
    assert best("and in June 2012?", before).question == (
        "How many visitors came to Hollow.farm in June 2012?"
    )
