"""A turn goes on with the thing that was asked of, and not with what only answered of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_follow_up import best, said

from askscwru.conversation.follow_up import Exchange
from askscwru.conversation.follow_up.restated import restated


def then(
    question: str, searched: str, quote: str = "", highlight: str = "", title: str = "The mill"
) -> Exchange:
    """A turn that was searched for otherwise than it was asked."""
    return replace(said(question, quote, highlight, title=title), searched_for=searched)


CLUB = [
    said("where is the Loom Club", "Where: The Old Forge, Mercer Street", "The Old Forge"),
]
GROUP = [
    said(
        "when is the weavers group in thornbeck",
        "Thornbeck: second Tuesday, 10.30am, at the mill.",
        "second Tuesday, 10.30am",
    )
]
GRANT = [
    then(
        "who can apply",
        "Who can apply [the loom grant]?",
        "Weavers within six years of a PhD may apply.",
        "Weavers within six years of a PhD",
    )
]
TOKENS = [
    then(
        "how many times can i get it",
        "How many times can i get the tokens?",
        "£9 for a bale, at most three times a year.",
        "most three times a year",
    )
]
ROOM = [
    then("how much is it", "How much is the dye room?", "Dye room: £8 an hour", "£8"),
    then("and if i live in sall?", "If i live in Sall [the dye room]?", "Residents: a quarter off"),
]
CHOIR = [then("who do i ask", "Who do i ask [the choir]?", "Ask Dee Price.", "Dee Price")]
CART = [then("how many seats", "How many seats [the new cart]?", "Rosie has 12 seats.", "12")]
PRICE = [then("and how much?", "How much is the Loom Club?", "Cost: £2 a child", "£2")]
COSTS = [then("how much does it cost", "How much does the quiet hour cost?", "It is free.", "free")]
REPAIRS = [then("do they do repairs", "Does the unit do a repair evening?", "Bring your loom.")]
LEFT = [
    said("who is yrsa holm", "Our new miller is Yrsa Holm, who joined us in 2014."),
    then(
        "and moira?",
        "What is said about moira [News from the mill]?",
        "Moira Tennant retires on 30 May after sixteen years.",
        title="News from the mill",
    ),
]
PARTY = [
    then(
        "where's he going",
        "Where is he going [Goodbye Kofi, hello Aisha]?",
        "Kofi Mensah leaves us on 31 January, to train as a miller.",
        "to train as a miller",
        title="Goodbye Kofi, hello Aisha",
    )
]
DIARY = [
    said(
        "what happened with sheila",
        "After twenty-two years Sheila Marsh has handed over the diary.",
        "handed over the diary",
    )
]
JOB = [
    said("who is bernadette", "Bernadette is on leave until January."),
    then("who does her job", "Who is doing Bernadette’s job?", "Bernadette is on leave."),
]
WIFE = [said("who runs the quiet hour", "First Mondays, at Sall Library.", "Sall Library")]
SEATS = [said("how many seats does the new cart have", "It has twelve seats.", "twelve seats")]


OTHER = said("who is sheila jones", "Sheila Marsh kept the diary for years.", "Sheila Marsh")


def test_a_first_name_with_another_surname_stays_as_it_was_asked() -> None:
    assert restated(OTHER).searched_for == "who is sheila jones"


CAFE = [
    said(
        "i want to go to the loom evening",
        "I opened the loom evening with Nora Petts in March.",
        authors=("Gwen Thorn",),
    )
]


@pytest.mark.parametrize(
    "question",
    ["how do i get in, she's in a wheelchair", "can your helpers take her to the loo"],
)
def test_somebody_of_ones_own_is_nobody_of_the_posts(question: str) -> None:
    resolved = best(question, *CAFE).question
    assert "Gwen" not in resolved
    assert "Petts" not in resolved


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (CLUB, "who runs that", "Who runs the Loom Club?"),
        (CLUB, "who runs it", "Who runs the Loom Club?"),
        (CLUB, "and how much?", "How much is the Loom Club?"),
        (GROUP, "who runs that", "Who runs the weavers group in Thornbeck?"),
        (GRANT, "what can't it pay for", "What can't the loom grant pay for?"),
        (GRANT, "when does it close", "When does the loom grant close?"),
        (TOKENS, "is it still open", "Are the tokens still open?"),
        (ROOM, "what about the kitchen", "How much is the kitchen?"),
        (CHOIR, "and the swim?", "Who do i ask [the swim]?"),
        (CHOIR, "and the cost?", "What is the cost of the choir?"),
        (CART, "and the old one?", "How many seats [the old cart]?"),
        (PRICE, "what about my 16 year old?", "How much is the Loom Club for my 16 year old?"),
        (PRICE, "what about my son", "How much is the Loom Club for my son?"),
        (COSTS, "and where", "Where is the quiet hour?"),
        (COSTS, "and when?", "When is the quiet hour?"),
        (REPAIRS, "how much", "How much is the repair evening?"),
        (LEFT, "how long was she there", "How long was Moira Tennant there?"),
        (PARTY, "when is his party", "When is Kofi Mensah’s party?"),
        (DIARY, "who does it now?", "Who does it now [Sheila Marsh]?"),
        (JOB, "and marek?", "Who is doing marek’s job?"),
        (WIFE, "what if i leave my wife on her own", "what if i leave my wife on her own"),
        (SEATS, "what will it be called", "What will the new cart be called?"),
    ],
)
def test_a_turn_is_of_the_thing(before: list[Exchange], question: str, expected: str) -> None:
    assert best(question, *before).question == expected
