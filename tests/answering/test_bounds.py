"""What a text covers without naming it: ages by their bounds, days and months by their spans."""

from __future__ import annotations

import pytest

from askscwru.answering.bounds import bounds, covered, numbers_asked
from askscwru.answering.fitness import another_date, rows_of_others


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("Age: 21 to 79.", (21, 50, 79), (20, 80)),
        ("For ages 8–13", (8, 13), (7, 14)),
        ("Anyone under 18 joins free.", (17,), (18,)),
        ("Under-fives are five, under-18s are not.", (17,), (18,)),
        ("18 or over", (18, 90), (17,)),
        ("Members aged 60 and above", (60,), (59,)),
        ("65+ only", (65, 80), (64,)),
        ("between 5 and 11", (5, 11), (12,)),
        ("The hall holds up to 60 people.", (60,), (61,)),
        ("at least 16", (16,), (15,)),
    ],
)
def test_bounds_hold_what_they_say(
    text: str, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    found = bounds(text)
    assert all(any(bound.covers(n) for bound in found) for n in inside)
    assert not any(bound.covers(n) for bound in found for n in outside)


@pytest.mark.parametrize(
    "text",
    [
        "9.30 to 4.30",
        "6 to 8pm",
        "10 to 12 minutes",
        "£5 to £10",
        "5 to 7 May",
        "from 2019 to 2021",
        "over 1,200 people",
        "more than 40%",
        "sections 3 and 4",
        "up to 3 hours",
    ],
)
def test_times_sums_and_shares_bound_no_age(text: str) -> None:
    assert bounds(text) == ()


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("can i drive for you at 77", {77}),
        ("can my 15 year old come", {15}),
        ("any 11-year-olds?", {11}),
        ("do 18th birthday parties need a deposit", {18}),
        ("is £20 enough", set()),
        ("how many came in 2023", set()),
        ("does it start at 9.30", set()),
        ("is 3 hours enough", set()),
        ("i have 9 points can i drive", set()),
        ("can we bring 50 people", {50}),
        ("he was 58 when he was told, is he too young", {58}),
    ],
)
def test_ages_and_counts_are_asked_for(question: str, numbers: set[int]) -> None:
    assert numbers_asked(question) == numbers


def test_a_bound_answers_yes_or_no_for_any_age_and_else_for_those_within() -> None:
    text = "For ages 8 to 13."
    assert "15" in covered("can my 15 year old come", text, yes_no=True)
    assert "15" not in covered("what is there for a 15 year old", text, yes_no=False)
    assert "12" in covered("what is there for a 12 year old", text, yes_no=False)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Is the line open on Saturday?", "It is open Monday to Friday, 9.30am to 4.30pm."),
        ("Is the club open on Tuesdays?", "It runs on Mondays, Wednesdays and Fridays."),
        ("When is it open on Wednesday?", "It is open Mon–Fri, 9 to 5."),
        ("Is it open on Sunday?", "It is open every day."),
        ("May I burn leaves in July?", "Bonfires are banned between 1 April and 30 September."),
        ("May I burn leaves in May?", "Bonfires are banned from April to September."),
        ("May I burn leaves in December?", "Bonfires are allowed October to March."),
        ("Is it open in January?", "We close only in August."),
    ],
)
def test_a_day_or_a_month_is_covered_by_a_span(question: str, text: str) -> None:
    assert not another_date(question, text, "")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When does the Monday walk start?", "The Sunday walk starts at ten."),
        ("When is it open on Saturday?", "It is open Monday to Friday, 9 to 5."),
        ("What is on in March?", "From June to August there are walks."),
        ("Is the Monday walk free?", "The Sunday walk is free."),
    ],
)
def test_what_is_said_of_another_day_alone_does_not_answer(question: str, text: str) -> None:
    assert another_date(question, text, "")


def test_the_row_of_the_span_in_which_an_age_lies_is_the_one() -> None:
    rows = [
        "Session: Juniors; Ages: 7 to 10; Price: £1.",
        "Session: Inters; Ages: 11 to 13; Price: £2.",
        "Session: Seniors; Ages: 14 to 18; Price: £3.",
    ]
    assert rows_of_others("How much is it for a 12 year old?", rows) == {0, 2}
    days = ["Days: Mon–Fri; Price: £9.", "Days: Saturday; Price: £11."]
    assert rows_of_others("How much is it on a Tuesday?", days) == {1}
