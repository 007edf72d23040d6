"""The tagger that the package ships, and what it makes of questions."""

from __future__ import annotations

from importlib.resources import files

import pytest

from askscwru.conversation.follow_up.phrases import is_person, parse
from askscwru.conversation.follow_up.tagger import VERBS, WEIGHTS, tagger
from askscwru.conversation.follow_up.words import Role, tokens, words_of
from fakes import run_python


@pytest.mark.parametrize(
    ("question", "verb"),
    [
        ("How do coopers hoop barrels?", "hoop"),
        ("Does the parish gate dusty lanes?", "gate"),
        ("should shepherds shear lambs in June", "shear"),
        ("Which mills grind oats?", "grind"),
        ("Who moored the ferry?", "moored"),
        ("What are glaziers puttying?", "puttying"),
        ("When was the bell tolled?", "tolled"),
        ("Does the plan to dredge canals stall?", "stall"),
    ],
)
def test_the_verb_of_a_question_is_found(question: str, verb: str) -> None:
    parsed = parse(question)
    assert parsed.verb is not None
    assert parsed.words[parsed.verb].text == verb


def test_a_participle_before_its_noun_is_no_verb() -> None:
    words = words_of("Why do glaziers keep broken panes?")
    assert [word.text for word in words if word.role is Role.VERB] == ["keep"]


def test_a_question_with_an_auxiliary_is_never_left_without_its_verb() -> None:
    tags = tagger().tag(tokens("Does the small halo wand sooty panes?"))
    assert len([tag for tag in tags[1:] if tag in VERBS]) == 1


def test_every_word_gets_a_tag_whatever_it_is() -> None:
    for text in ("", "?", "Ὀδυσσεύς 42 £3.50 — ok", "do", "who"):
        assert len(tagger().tag(tokens(text))) == len(tokens(text))


def test_a_title_belongs_to_its_name() -> None:
    assert tokens("Where does Dr. Imre Moor of St. Anne's work?")[2:5] == ["Dr.", "Imre", "Moor"]


@pytest.mark.parametrize(
    "name", ["Jack London", "Bo Lind", "Ann Rivers", "Dr Stone", "Frank Field"]
)
def test_a_name_with_a_common_word_in_it_is_a_person(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "name", ["Shared Lives", "Personal Budgets", "Mental Health", "Night Buses", "Bus Council"]
)
def test_a_name_of_common_words_alone_is_no_person(name: str) -> None:
    assert not is_person(name)


def test_the_weights_are_small_and_not_read_without_earlier_turns() -> None:
    size = len(files("askscwru").joinpath("weights", WEIGHTS).read_bytes())
    assert size < 500_000
    code = (
        "import sys; from askscwru.conversation.follow_up import resolve;"
        "from askscwru.conversation.history import questions_in;"
        "resolve('Who moored it?', []); questions_in('Who moored the ferry?');"
        "print('askscwru.conversation.follow_up.tagger' in sys.modules)"
    )
    assert run_python(code).stdout.strip() == "False"
