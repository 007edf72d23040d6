"""What a question names, and what of it a text accounts for."""

from __future__ import annotations

import pytest

from askscwru.answering.accounting import (
    QuestionTerms,
    another_date,
    dated,
    has_figure,
    named,
    terms,
    wants_figure,
)


@pytest.mark.parametrize(
    ("question", "when", "who"),
    [
        ("When does the Monday walk start?", {"monday"}, set()),
        ("What happened on 3 May 2016 in Hythe?", {"3", "2016"}, {"hyth"}),
        ("how many came on the 2nd of April", {"2", "april"}, set()),
        ("Did Mrs Hale sell twelve hens?", {"12"}, {"mrs", "hale"}),
        ("WHO PAID THE BILL?", set(), set()),
        ("Hythe has how many bells?", set(), set()),
    ],
)
def test_days_numbers_and_names_are_told_from_other_words(
    question: str, when: set[str], who: set[str]
) -> None:
    assert dated(question) - {"may"} == when
    assert named(question) - {"may"} == who


def test_number_words_and_ordinals_are_the_figures_that_they_stand_for() -> None:
    assert terms("the 2nd of twelve") == terms("2 of 12")


def test_a_text_that_has_all_of_a_question_lacks_nothing() -> None:
    wanted = QuestionTerms.of("Who sold the twelve hens?", lambda _: 2.0)
    assert wanted.missing(terms("Mrs Hale sold 12 hens.")) == 0.0
    assert wanted.missing(terms("It rained.")) == 1.0
    assert 0 < wanted.missing(terms("The hens were loud.")) < 1


def test_a_question_of_small_words_alone_lacks_nothing() -> None:
    assert QuestionTerms.of("Who was it?", lambda _: 2.0).missing([]) == 0.0


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How many hens are there?", True),
        ("What is the telephone number of the hall?", True),
        ("How old is Mrs Hale?", True),
        ("How do hens sleep?", False),
        ("Who has many hens?", False),
    ],
)
def test_it_is_known_where_only_a_figure_answers(question: str, wanted: bool) -> None:
    assert wants_figure(question) is wanted


@pytest.mark.parametrize("text", ["In 1999.", "A dozen hens.", "Several came.", "Nobody came."])
def test_words_for_numbers_are_figures_too(text: str) -> None:
    assert has_figure(text)
    assert not has_figure("The hall is by the mill.")


@pytest.mark.parametrize(
    ("question", "text", "context", "other"),
    [
        ("How many hens were there in 2017?", "In 2014 there were 9 hens.", "Hens", True),
        ("How many hens were there in 2017?", "There were 9 hens.", "Hens", False),
        ("How many hens were there in 2017?", "Up from 9 in 2014.", "Hens in 2017", False),
        ("When is the Monday walk?", "The walk on Sundays starts at ten.", "Walks", True),
        ("When is the Monday walk?", "On Mondays and Sundays at ten.", "Walks", False),
        ("When is the walk?", "On Sundays at ten.", "Walks", False),
    ],
)
def test_a_sentence_on_another_date_is_known(
    question: str, text: str, context: str, other: bool
) -> None:
    assert another_date(question, text, context) is other
