"""The points of a text that counts them, and which one is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.answering.order import POINTS, order_asked, order_of
from askscwru.assistant import Assistant
from own_posts import assistant_over


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("What is the second concern?", 2),
        ("what was the 3rd of those again", 3),
        ("Which reasons are given [the tenth]?", 10),
        ("What makes the third sector hard to sustain?", None),
        ("What happened in the first week?", None),
        ("Who won the second-place prize?", None),
        ("What did they raise a second time?", None),
        ("When did they meet on the first of May?", None),
    ],
)
def test_a_question_for_one_of_several_points_tells_which(question: str, order: int | None) -> None:
    assert order_asked(question) == order


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("First, the ferry is late.", 1),
        ("Secondly the fare went up.", 2),
        ("The third is that nobody came.", 3),
        ("And finally, fourth, it rained.", None),
        ("(2) Bring a coat.", 2),
        ("3. Sign the form.", 3),
        ("Paper Two: on ferries", 2),
        ("Step 4: pay.", 4),
        ("Third sector agencies are small.", None),
        ("First things first.", None),
        ("2 people came.", None),
        ("Two people came.", None),
        ("The second boat was late.", None),
    ],
)
def test_a_sentence_that_opens_as_a_point_tells_which(text: str, order: int | None) -> None:
    assert order_of(text) == order


@given(st.sampled_from(POINTS), st.text(max_size=20))
def test_whatever_follows_a_counting_word_and_a_comma_is_that_point(word: str, rest: str) -> None:
    assert order_of(f"{word.title()}, {rest}") == POINTS.index(word) + 1


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Posts that count their points, one of them twice."""
    own = assistant_over(
        tmp_path_factory.mktemp("ferries"),
        {
            "2019-02-01-ferry.md": "title: The ferry\nauthor: Odile Brandt\n\n"
            "Anna Holm and the other passengers raised three concerns about the ferry. First, they "
            "said that the ramp is too steep for wheelchairs. Second, they complained that the "
            "last boat leaves before the clinic closes. Third, they feared that the fare would "
            "rise again.\n\nThe company sees two ways forward. First, it could buy a larger boat. "
            "Second, it could build a bridge over the narrow arm of the bay.",
            "2019-03-01-hens.md": "title: Hens\nauthor: Odile Brandt\n\nForty hens live behind "
            "the almshouse, and the residents feed them in turns.",
        },
    )
    yield own
    own.close()


@pytest.mark.parametrize(
    ("point", "quote"),
    [
        ("first", "First, they said that the ramp is too steep for wheelchairs."),
        (
            "second",
            "Second, they complained that the last boat leaves before the clinic closes.",
        ),
        ("third", "Third, they feared that the fare would rise again."),
    ],
)
def test_the_point_that_is_asked_for_is_quoted_and_not_what_announces_it(
    ferries: Assistant, point: str, quote: str
) -> None:
    answer = ferries.ask(f"What is the {point} concern that Anna Holm raised about the ferry?")
    assert answer.citations[0].quote.text == quote


def test_the_points_of_an_answer_are_asked_for_in_turn(ferries: Assistant) -> None:
    first = ferries.ask("What concerns did Anna Holm raise about the ferry?")
    again = {"conversation_id": first.conversation_id}
    third = ferries.ask("and the third?", **again)
    assert third.citations[0].quote.text == "Third, they feared that the fare would rise again."
    second = ferries.ask("what's the second one?", **again)
    assert second.citations[0].quote.text.startswith("Second, they complained")
    last = ferries.ask("and the last one", **again)
    assert last.citations[0].quote.text == third.citations[0].quote.text
