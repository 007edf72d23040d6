"""What a question names, and what of it a text accounts for."""

from __future__ import annotations

import pytest

from askscwru.answering.accounting import (
    QuestionTerms,
    dated,
    named,
    terms,
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
