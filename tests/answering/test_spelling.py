"""Spelling: only what nobody knows is touched, and the answer can say what."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from askscwru.answering.spelling import correct
from askscwru.types import Correction

WORDS = {"personalisation": 9, "shared": 5, "lives": 5, "budget": 7, "budgets": 3, "seminar": 2}


def corrected(question: str) -> tuple[str, tuple[Correction, ...]]:
    return correct(
        question, lambda word: word in WORDS or word == "weather", lambda word, within: WORDS
    )


def test_a_misspelt_word_is_replaced_and_named() -> None:
    assert corrected("what is personalistion?") == (
        "what is personalisation?",
        (Correction("personalistion", "personalisation"),),
    )


def test_two_swapped_letters_count_as_one_edit() -> None:
    assert corrected("the semianr")[0] == "the seminar"


def test_the_case_of_the_first_letter_is_kept() -> None:
    assert corrected("Budgte rules")[0] == "Budget rules"


def test_a_known_word_is_never_touched_however_near_another_is() -> None:
    question = "What will the weather be?"
    assert corrected(question) == (question, ())
    assert corrected(question)[0] is question


def test_short_words_names_and_acronyms_are_left_alone() -> None:
    for question in ("who is Lves", "SHRAED", "McSeminer", "budg"):
        assert corrected(question) == (question, ())


def test_a_word_that_is_near_nothing_is_left_alone() -> None:
    assert corrected("antidisestablishment")[1] == ()


def test_a_possessive_keeps_its_ending() -> None:
    assert corrected("the seminer’s date")[0] == "the seminar’s date"


def test_a_common_word_that_is_nearer_than_any_of_the_posts_is_taken() -> None:
    posts = {"committed": 4, "meeting": 3}
    knows = {*posts, "committee", "committees"}.__contains__
    assert correct("the commitee", knows, lambda word, within: posts)[0] == "the committee"
    assert correct("the comitted", knows, lambda word, within: posts)[0] == "the committed"


def test_a_name_near_a_common_word_alone_is_left_as_it_is() -> None:
    posts = {"meeting": 3}
    knows = {*posts, "brand", "brandy"}.__contains__
    assert correct("Who is Brandt?", knows, lambda word, within: posts)[1] == ()


@given(st.lists(st.sampled_from([*WORDS, "the", "of", "?", "’"]), max_size=12))
def test_a_question_spelt_right_is_the_same_to_the_letter(pieces: list[str]) -> None:
    question = " ".join(pieces)
    assert corrected(question)[0] is question


def test_a_word_without_its_apostrophe_gets_it() -> None:
    known = {"what": 9, "when": 5, "theme": 3}
    for typed, right in (("whats new?", "what's new?"), ("If it doesnt?", "If it doesn't?")):
        assert correct(typed, lambda word: word in known, lambda _, __: known)[0] == right
