"""Of two posts that give the price of the same, the newer one is quoted first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from askscwru.answering.answer import newer_first
from own_posts import assistant_over

POSTS = {
    "2023-03-01-fees.md": "title: Fees from April 2023\n\n"
    "| | Full day | Half day |\n|---|---|---|\n"
    "| Standard support | £58 | £34 |\n| One-to-one support | £112 | £64 |\n",
    "2025-02-17-fees.md": "title: Fees from April 2025\n\n"
    "| | Full day (9.30–3.30) | Half day |\n|---|---|---|\n"
    "| Standard support | £66 | £39 |\n| One-to-one support | £128 | £73 |\n",
}


def test_the_newer_of_two_prices_comes_first_though_the_older_is_surer(tmp_path: Path) -> None:
    assistant = assistant_over(tmp_path, POSTS)
    asked = "what does one-to-one cost for half a day"
    old, new = (
        replace(assistant.ask(f"{asked} in {year}?").citations[0].quote, score=score)
        for year, score in ((2023, 0.99), (2025, 0.89))
    )
    first = newer_first([old, new], assistant.post, asked)[0]
    assistant.close()
    assert "£64" in old.text
    assert "£73" in new.text
    assert first == new


def test_a_price_of_a_year_that_is_named_is_the_one_of_that_year(tmp_path: Path) -> None:
    assistant = assistant_over(tmp_path, POSTS)
    answer = assistant.ask("what did one-to-one cost for half a day in 2023?")
    assistant.close()
    assert "£64" in answer.citations[0].quote.text
