"""What a question names, and what of it a text accounts for."""

from __future__ import annotations

from pathlib import Path

import pytest

from askscwru.answering.accounting import (
    QuestionTerms,
    acronyms,
    acronyms_of,
    dated,
    falsely_named,
    named,
    terms,
)
from own_posts import assistant_over


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
    ("question", "found"),
    [
        ("Who paid for the CARE Study?", {"CARE"}),
        ("Who paid for the care study?", set()),
        ("WHO PAID FOR THE CARE STUDY?", set()),
        ("Who did NOT pay for care?", set()),
        ("Who paid for the STUDY?", set()),
    ],
)
def test_an_acronym_is_what_question_and_posts_write_in_capitals(
    question: str, found: set[str]
) -> None:
    texts = ["The CARE Study asked 40 people.", "Care is dear, and studies are dearer."]
    assert acronyms(question, texts) == found


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("The CARE Study", True),
        ("Two CAREs", True),
        ("The C.A.R.E. fund", True),
        ("the centre for ageing, rest and exercise", True),
        ("Care is dear.", False),
        ("It rained.", False),
    ],
)
def test_a_text_has_an_acronym_as_it_is_written_or_in_words(text: str, has: bool) -> None:
    assert acronyms_of(text, {"CARE"}) == ({"CARE"} if has else set())


def test_a_common_word_is_not_the_acronym_that_it_looks_like() -> None:
    assert falsely_named({"CARE"}, "Care is dear.") == {"CARE"}
    assert falsely_named({"CARE"}, "Care in the CARE Study") == set()
    assert falsely_named({"CARE"}, "It rained.") == set()


def test_a_study_whose_name_is_a_word_is_not_taken_for_another(tmp_path: Path) -> None:
    care = "Good care takes time, and the cost of care worries many people in the towns."
    own = assistant_over(
        tmp_path,
        {
            "2018-01-01-named.md": "title: Forty homes\n\nThe CARE Study began in 2016 in forty "
            "homes. It was paid for by the Harbour Trust.",
            "2018-02-01-other.md": f"title: Connecting care\n\n{care}\n\nThe Connecting Care "
            "study was paid for by the county of Wend. It asked people about care at home.",
        },
    )
    try:
        answer = own.ask("Who paid for the CARE Study?")
        assert answer.answered
        assert {one.post.title for one in answer.citations} == {"Forty homes"}
        small = own.ask("Who paid for the Connecting Care study?")
        assert "county of Wend" in small.text
    finally:
        own.close()
