"""A note stands in the answer with what it is to, and what only names a book does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askscwru.answering.notes import with_notes
from askscwru.assistant import Assistant
from askscwru.types import Answer
from own_posts import assistant_over

POSTS = {
    "2024-03-05-bus.md": "title: The dial-a-ride bus\n\n"
    "The bus runs from Monday to Saturday.[^1] It takes twelve people, and it has a lift for "
    "wheelchairs.\n\n"
    "The drivers are volunteers, and they are all trained in first aid.[^2]\n\n"
    "Lunch is served on Tuesdays in the hall.\\*\n\n"
    "\\* Only in term time.\n\n"
    "[^1]: Not on bank holidays.\n"
    "[^2]: See Ann Leigh, *First aid for all* (2019), pp. 4-7.\n",
}


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with_posts = assistant_over(tmp_path_factory.mktemp("notes"), POSTS)
    yield with_posts
    with_posts.close()


def _quotes(answer: Answer) -> list[str]:
    return [citation.quote.text for citation in answer.citations]


RUNS = ["The bus runs from Monday to Saturday.", "Not on bank holidays."]
LUNCH = ["Lunch is served on Tuesdays in the hall.*", "* Only in term time."]


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("When does the bus run?", RUNS),
        ("Does the bus run on bank holidays?", RUNS),
        ("When is lunch served?", LUNCH),
        (
            "Who are the drivers?",
            ["The drivers are volunteers, and they are all trained in first aid."],
        ),
    ],
    ids=["note", "found by itself", "sign", "source"],
)
def test_a_note_is_quoted_with_what_it_is_to(
    bus: Assistant, question: str, quotes: list[str]
) -> None:
    answer = bus.ask(question)
    assert _quotes(answer) == quotes
    for citation in answer.citations:
        text = bus.source_text(citation.quote.passage.source)
        assert text[citation.quote.start : citation.quote.end] == citation.quote.text


def test_what_is_quoted_already_is_not_quoted_twice(bus: Assistant) -> None:
    quotes = [citation.quote for citation in bus.ask("When does the bus run?").citations]
    again = with_notes(quotes, bus.post, lambda _: [quote.passage for quote in quotes])
    assert again == quotes
