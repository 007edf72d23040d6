"""Of two posts that give the price of the same, the newer one is quoted first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from askscwru.answering.newer import with_newer_price
from askscwru.assistant import Assistant
from askscwru.types import Quote
from own_posts import assistant_over

POSTS = {
    "2023-03-01-fees.md": "title: What a day at the centre costs from April 2023\n\n"
    "These are the fees for people who pay for themselves or use a direct payment.\n\n"
    "| | Full day | Half day |\n|---|---|---|\n"
    "| Standard support | £58 | £34 |\n| One-to-one support | £112 | £64 |\n\n"
    "Lunch is £4.50 extra. Transport is not included.\n",
    "2025-02-17-fees.md": "title: New fees from 1 April 2025\n\n"
    "We have kept our fees down for two years, but the gas bill has gone up.\n\n"
    "| | Full day (9.30–3.30) | Half day |\n|---|---|---|\n"
    "| Standard support | £66 | £39 |\n| One-to-one support | £128 | £73 |\n"
    "| Friday evening club | £12 a session | |\n\n"
    "Lunch goes up to £5.25. You may bring a packed lunch instead.\n",
}


ASKED = "what does one-to-one cost for half a day"


@pytest.fixture(scope="module")
def fees(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    assistant = assistant_over(tmp_path_factory.mktemp("fees"), POSTS)
    yield assistant
    assistant.close()


def _price(fees: Assistant, question: str, score: float) -> Quote:
    return replace(fees.ask(question).citations[0].quote, score=score)


def test_the_newer_of_two_prices_comes_first_though_the_older_is_surer(fees: Assistant) -> None:
    old = _price(fees, f"{ASKED} in 2023?", 0.99)
    new = _price(fees, f"{ASKED} in 2025?", 0.89)
    assert "£64" in old.text
    assert "£73" in new.text
    assert with_newer_price([old], [old, new], fees.post, ASKED) == [new, old]


def test_a_newer_price_of_something_else_does_not_come_first(fees: Assistant) -> None:
    old = _price(fees, f"{ASKED} in 2023?", 0.99)
    other = _price(fees, "what does standard support cost for half a day in 2025?", 0.89)
    assert "£39" in other.text
    assert with_newer_price([old], [old, other], fees.post, ASKED) == [old]


def test_of_two_newer_rows_that_may_be_meant_the_one_of_the_same_name_comes_first(
    fees: Assistant,
) -> None:
    asked = "how much is support for half a day"
    old = _price(fees, f"{ASKED} in 2023?", 0.99)
    new = _price(fees, f"{ASKED} in 2025?", 0.89)
    other = _price(fees, "what does standard support cost for half a day in 2025?", 0.88)
    quotes = [old, other, new]
    assert with_newer_price([old], quotes, fees.post, asked) == [new, old]
    of_another = replace(old, text=old.text.replace("One-to-one", "Evening"))
    assert with_newer_price([of_another], quotes, fees.post, asked) == [of_another]


def test_a_price_says_how_it_is_now_though_the_older_rows_read_more_surely(
    fees: Assistant,
) -> None:
    answer = fees.ask("what does a full day cost")
    assert "£66" in answer.citations[0].quote.text
    assert "£128" in answer.citations[1].quote.text
    assert "£112" not in answer.text


def test_an_answer_on_a_price_begins_with_what_the_newer_post_says(fees: Assistant) -> None:
    answer = fees.ask("whats one to one cost for half a day")
    assert "£73" in answer.citations[0].quote.text
    assert all(
        fees.source_text(one.quote.passage.source)[one.quote.start : one.quote.end]
        == one.quote.text
        for one in answer.citations
    )


def test_a_price_of_a_year_that_is_named_is_the_one_of_that_year(fees: Assistant) -> None:
    answer = fees.ask("what did one-to-one cost for half a day in 2023?")
    assert "£64" in answer.citations[0].quote.text
