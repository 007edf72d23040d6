"""Turns that say too little to turn to another post: "do I have to book?" is of what was shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askscwru.assistant import Assistant
from askscwru.conversation.follow_up import Exchange, Shown, resolve
from own_posts import assistant_over, with_author

POSTS = {
    "2021-03-01-ferry-club.md": (
        "The ferry club",
        "Nora Petts",
        "The ferry club crosses to Sall every Thursday. A crossing costs £4.\n\n"
        "You have to book by noon on the day before; ring Olga on 01632 960114.",
    ),
    "2022-05-11-tool-library.md": (
        "The tool library opens",
        "Tomas Brill",
        "The tool library lends drills and ladders for a week at a time. There is no need to book: "
        "just come in.\n\nYou must have been a member of the tool library for two months before "
        "you can borrow a ladder. We recommend gloves with every saw.",
    ),
    "2023-09-20-seed-fund.md": (
        "The seed fund",
        "Imre Vass",
        "The seed fund gives up to £80 for a garden once in two years.\n\n"
        "You must have been a member for six months before you ask the seed fund for money.",
    ),
}


@pytest.fixture(scope="module")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    posts = {name: with_author(*post) for name, post in POSTS.items()}
    assistant = assistant_over(tmp_path_factory.mktemp("bare"), posts)
    yield assistant
    assistant.close()


@pytest.mark.parametrize(
    ("first", "turn", "post", "quoted"),
    [
        (
            "What does a crossing with the ferry club cost?",
            "do i have to book",
            "The ferry club",
            "by noon on the day before",
        ),
        (
            "What does the tool library lend?",
            "do i have to book",
            "The tool library opens",
            "no need to book",
        ),
        (
            "How much does the seed fund give?",
            "how long do i have to be a member",
            "The seed fund",
            "six months",
        ),
        (
            "What does the tool library lend?",
            "how long do i have to be a member",
            "The tool library opens",
            "two months",
        ),
    ],
)
def test_a_bare_turn_is_answered_by_the_post_that_was_shown(
    talker: Assistant, first: str, turn: str, post: str, quoted: str
) -> None:
    shown = talker.ask(first)
    assert shown.citations[0].post.title == post
    answer = talker.ask(turn, conversation_id=shown.conversation_id)
    assert answer.citations[0].post.title == post
    assert quoted in answer.text


def test_what_the_post_shown_does_not_say_is_not_surely_said_by_another(talker: Assistant) -> None:
    shown = talker.ask("How much does the seed fund give?")
    answer = talker.ask("what do you recommend", conversation_id=shown.conversation_id)
    assert answer.confidence < 0.6


@pytest.mark.parametrize(
    ("turn", "post"),
    [
        ("how much does the ferry club cost", "The ferry club"),
        ("what does the tool library lend", "The tool library opens"),
        ("who lends ladders", "The tool library opens"),
    ],
)
def test_a_turn_that_names_another_thing_goes_to_its_post(
    talker: Assistant, turn: str, post: str
) -> None:
    shown = talker.ask("How much does the seed fund give?")
    answer = talker.ask(turn, conversation_id=shown.conversation_id)
    assert answer.citations[0].post.title == post


@pytest.mark.parametrize(
    ("turn", "nouns"),
    [
        ("do i have to book", ()),
        ("what do you recommend", ()),
        ("how big was the sample", ("sampl",)),
        ("what is a blue badge", None),
        ("Who runs Halden House?", None),
        ("why is it hard to recruit trained care staff in the countryside", None),
    ],
)
def test_how_little_a_turn_may_say(turn: str, nouns: tuple[str, ...] | None) -> None:
    before = Exchange("What does the mill grind?", "What does the mill grind?")
    assert nouns in [one.bare for one in resolve(turn, (before,)) if one.question == turn]
    assert resolve(turn, ())[0].bare is None


def _searched(turn: str, *before: str) -> str:
    return resolve(turn, [Exchange(one, one) for one in before])[0].question


@pytest.mark.parametrize(
    ("before", "turn", "searched"),
    [
        ("How much is the new barn?", "how much over budget was it", "the new barn"),
        ("tell me about the garden fund", "how much for young carers", "the garden fund"),
        ("how do i apply for a grant", "can i use it for tools", "a grant"),
    ],
)
def test_a_turn_with_words_of_its_own_does_not_take_those_of_the_last_one(
    before: str, turn: str, searched: str
) -> None:
    asked = _searched(turn, before)
    assert searched in asked
    assert asked.split()[0].lower() == turn.split()[0]


def test_how_much_of_another_place_is_still_the_last_question() -> None:
    before = "How much did they spend in Leeds?"
    assert _searched("how much in York?", before) == "How much did they spend in York?"


def test_till_is_no_noun_unless_it_has_an_article() -> None:
    before = [Exchange(one, one) for one in ("what is the seed fund", "how long till i hear")]
    assert (
        resolve("can i use it for tools", before)[0].question
        == "Can i use the seed fund for tools?"
    )
    assert _searched("who empties it", "Where is the till?") == "Who empties the till?"


def test_two_words_in_another_order_take_the_place_of_each_other() -> None:
    asked = _searched("and home care?", "what is the vacancy rate in care homes")
    assert asked == "What is the vacancy rate in home care?"


@pytest.mark.parametrize("turn", ["what if its icy", "what if it is snowing", "what if its wet"])
def test_the_weather_is_nothing_that_was_named(turn: str) -> None:
    readings = resolve(turn, [Exchange("can i bring my dog", "can i bring my dog")])
    assert all("dog’s" not in one.question and "my dog is" not in one.question for one in readings)


def test_what_is_owned_stays_owned() -> None:
    assert _searched("who paid for its repair", "Where is the mill?") == (
        "Who paid for the mill’s repair?"
    )


def test_what_somebody_is_to_be_is_not_what_it_stands_for() -> None:
    before = [
        Exchange(one, one) for one in ("what is the seed fund", "how long must i be a member")
    ]
    assert resolve("how quick is it", before)[0].question == "How quick is the seed fund?"


def test_the_head_of_a_column_is_not_what_it_stands_for() -> None:
    row = "Room: Committee room; Villagers (per hour): £7; Visitors (per hour): £10; Holds: 16."
    asked = "How much is the committee room?"
    before = Exchange(asked, asked, (Shown("Hiring the hall", (), row, "£7"),))
    assert resolve("how many does it hold", [before])[0].question == (
        "How many does the committee room hold?"
    )


def test_a_name_written_small_stands_alone() -> None:
    assert _searched("who is pauline", "is there a ramp") == "who is pauline"
    assert _searched("who is eligible", "what is the seed fund") == (
        "Who is eligible [the seed fund]?"
    )
