"""What a post's own form tells: its updates, its numbers, its headings, its years."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askscwru.answering.counted import counted
from askscwru.answering.fitness import rows_of_others
from askscwru.answering.headings import asks_the_same
from askscwru.assistant import Assistant
from askscwru.days import shortened_days, years_between
from askscwru.types import Answer
from own_posts import assistant_over

POSTS = {
    "2024-03-05-choir.md": "title: The Fen Choir in spring\n\n"
    "New market: the choir sings there too. We rehearse on Mondays at seven in the chapel. A "
    "term costs £40, and you may come twice "
    "before you pay. Whoever is under eighteen sings for nothing.\n\n"
    "The summer concert is on Saturday 8 June in the market hall. Tickets are sold by Ivy "
    "Marsh.\n\n"
    "**Edited 9 May:** the summer concert has been moved to Saturday 15 June, as the hall is "
    "being painted.\n\n"
    "P.S. (12 May) A term now costs £45.\n",
    "2023-09-01-report.md": "title: What carers told us\n\n"
    "We talked with forty carers over a year and wrote down what would help them. We "
    "recommend:\n\n"
    "1. Offer every carer an assessment within six weeks.\n"
    "2. Publish what is spent on breaks.\n"
    "3. Name one person on each ward.\n"
    "    - This person should work at weekends too.\n"
    "    - They should know the families.\n"
    "4. Give carers five days of leave a year.\n\n"
    "### Who did the interviews?\n\n"
    "Two students from Ely and a retired nurse. They were paid by the hour.\n\n"
    "### What was not asked\n\n"
    "Nothing was asked about money, because the funder forbade it.\n\n"
    "### How to take part next time\n\n"
    "1. Write to the office.\n2. Fill in the form that you get.\n3. Wait for a call in May.\n",
    "2024-06-01-long.md": "title: How the night study went\n\n"
    "### What did the nights cost?\n\n"
    + " ".join(f"Team {n} spent about {n + 3} pounds a night on taxis." for n in range(1, 31))
    + "\n\nAll of it was paid back in May.\n",
    "2024-05-01-beers.md": "title: Our beers this spring\n\n"
    "## Wreckers, a stout\n\n"
    "It has oats and milk sugar in it, so it is not for vegans. Half the price is duty.\n\n"
    "## Gannet, a pale ale\n\n"
    "Vegan and unfined. In cans and keg.\n\n"
    "## Changes to this page\n\n"
    "*9 May:* the stout is sold out until the autumn, and we are sorry for it.\n",
    "2022-01-10-offices.md": "title: Who holds which office\n\n"
    "| Years | Chair | Treasurer |\n|---|---|---|\n"
    "| 2014–2016 | Ruth Adler | Pete Sims |\n"
    "| 2016–2019 | Pete Sims | Moira Lund |\n"
    "| 2019–2022 | Ines Coelho | Liam Fox |\n",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with_posts = assistant_over(tmp_path_factory.mktemp("structure"), POSTS)
    yield with_posts
    with_posts.close()


def _quotes(assistant: Assistant, question: str) -> list[str]:
    answer: Answer = assistant.ask(question)
    for citation in answer.citations:
        quote = citation.quote
        text = assistant.source_text(quote.passage.source)
        assert text[quote.start : quote.end] == quote.text
    return [citation.quote.text for citation in answer.citations]


@pytest.mark.parametrize(
    ("question", "update"),
    [
        ("When is the summer concert?", "Edited 9 May: the summer concert has been moved"),
        ("How much does a term cost?", "P.S. (12 May) A term now costs £45."),
    ],
)
def test_an_answer_is_quoted_with_the_update_that_changes_it(
    told: Assistant, question: str, update: str
) -> None:
    answer = told.ask(question)
    assert any(quote.startswith(update) for quote in _quotes(told, question))
    assert answer.short is None or answer.short in update


def test_what_no_update_speaks_of_is_quoted_without_one(told: Assistant) -> None:
    assert _quotes(told, "Where does the choir rehearse?") == [
        "We rehearse on Mondays at seven in the chapel."
    ]


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("What is the second recommendation?", "2. Publish what is spent on breaks."),
        ("what does recommendation 4 say", "4. Give carers five days of leave a year."),
        ("What is the last recommendation?", "4. Give carers"),
        ("the third recommendation", "3. Name one person on each ward.\n  - This person should"),
    ],
)
def test_a_point_is_found_by_its_number(told: Assistant, question: str, begins: str) -> None:
    quotes = _quotes(told, question)
    assert len(quotes) == 1
    assert quotes[0].startswith(begins)


def test_a_point_that_a_list_does_not_have_is_refused(told: Assistant) -> None:
    assert not told.ask("What is the sixth recommendation?").answered


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("What are the recommendations?", ("assessment", "breaks", "weekends", "five days")),
        ("How do I take part?", ("Write to the office", "Fill in the form", "Wait for a call")),
    ],
    ids=["recommendations", "steps"],
)
def test_a_list_that_is_asked_for_is_quoted_to_its_end(
    told: Assistant, question: str, holds: tuple[str, ...]
) -> None:
    quotes = "\n".join(_quotes(told, question))
    assert [words for words in holds if words not in quotes] == []


def test_what_stands_below_a_heading_answers_the_question_that_repeats_it(told: Assistant) -> None:
    assert _quotes(told, "who did the interviews")[0].startswith("Two students from Ely")


@pytest.mark.parametrize(
    ("question", "heading", "same"),
    [
        ("who made the calls?", "Who made the calls?", True),
        ("what's included in the rent?", "What’s included", True),
        ("what's included in the rent?", "What isn’t included in the rent", False),
        ("when were the calls made?", "Who made the calls?", False),
        ("what are the fees?", "Fees", True),
        ("how high are the fees for guests?", "Fees", False),
        ("what are the fees for guests and dogs?", "Fees", False),
        ("who is Ann Low?", "Reasons", False),
        ("fees for guests?", "How much are the fees?", True),
        ("fee", "Fee", True),
        ("is there a fee?", "Fee", True),
        ("is there a fee for hens?", "Fee", False),
        ("what is a fee?", "Fee", False),
        ("can guests cook [your rent]?", "Can guests cook?", True),
        ("can guests cook [paying twice for guests]?", "Can guests cook?", True),
        ("can guests cook [the boat house]?", "Can guests cook?", False),
    ],
)
def test_a_heading_is_repeated_by_a_question_of_the_same_kind(
    question: str, heading: str, same: bool
) -> None:
    about, text = "What you get for your rent", "Guests pay twice."
    assert asks_the_same(question, heading, about, text) is same


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("what is the second recommendation", 2),
        ("what does step 3 say", 3),
        ("the last point", -1),
        ("what are the rules for guests", 0),
        ("what happened in the second year", None),
        ("when was the first world war", None),
        ("who is Ann", None),
        ("what did the council say about the second recommendation", None),
    ],
)
def test_a_point_is_asked_for_by_its_number(question: str, number: int | None) -> None:
    asked = counted(question)
    assert (asked.number if asked else None) == number


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who was the chair in 2018?", "Pete Sims"),
        ("Who is the chair?", "Ines Coelho"),
    ],
)
def test_a_row_of_years_answers_for_each_of_them(told: Assistant, question: str, name: str) -> None:
    quotes = _quotes(told, question)
    assert len(quotes) == 1
    assert name in quotes[0]


ROWS = [
    "Grade: 2; Jobs: Loaders; Offer: 7%.",
    "Grade: 4; Jobs: Drivers; Offer: 6%.",
    "Grade: 6; Jobs: Supervisors; Offer: 4.5%.",
]


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("What were drivers offered?", {0, 2}),
        ("What was the offer for grade 6?", {0, 1}),
        ("What was the offer?", set()),
    ],
)
def test_a_row_of_something_else_does_not_answer(question: str, others: set[int]) -> None:
    assert rows_of_others(question, ROWS) == others


def test_years_and_days_that_are_written_short_are_known() -> None:
    assert years_between("2018–2021, 1999-02 and from 2005 to 2007") == {
        *(2019, 2020, 2000, 2001, 2006)
    }
    assert shortened_days("Tue, Fri and Sun, but not Sunshine or Monty") == [
        "Tuesday",
        "Friday",
        "Sunday",
    ]


def test_a_few_words_of_another_section_are_not_added(told: Assistant) -> None:
    assert "Vegan and unfined." not in _quotes(told, "Is the stout vegan?")


@pytest.mark.parametrize(
    "question",
    ["Who is chair?", "who is treasurer"],
)
def test_who_holds_an_office_is_no_question_for_what_a_person_is(
    told: Assistant, question: str
) -> None:
    assert "2019–2022" in _quotes(told, question)[0]


def test_what_was_found_is_asked_of_the_text_and_not_of_the_posts(told: Assistant) -> None:
    assert "No post here" not in told.ask("what did you find about breaks").text


def test_a_section_longer_than_a_passage_is_quoted_verbatim_from_its_beginning(
    told: Assistant,
) -> None:
    for question in ("What did the nights cost?", "What did the nights cost team 28?"):
        _quotes(told, question)
    assert _quotes(told, "What did the nights cost?")[0].startswith("Team 1 spent")
