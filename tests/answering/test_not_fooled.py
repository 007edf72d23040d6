"""The shipped weights: what is one word off is refused, what the posts say is found.

Models err, so each kind must hold for a share of many wordings, not for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askscwru.assistant import Assistant
from askscwru.types import Answer
from own_posts import assistant_over

POSTS = {
    "2014-03-02-ferry.md": (
        "The river ferry",
        "The ferry across the Wend is run by the Ferry Trust. On Tuesdays it leaves from "
        "the east bank at 8.15, and on Saturdays it leaves from the west bank at 9.40. "
        "Captain Odile Brandt has steered it since 2003. Her deputy, Piers Halloran, joined "
        "in 2011.\n\n"
        "The fare is two pounds for a grown-up and 80 pence for a child. Dogs must not be "
        "left on the upper deck. The trust pays for the diesel, and the parish pays for the "
        "insurance. In 2013 the ferry carried 6,200 people; in 2012 it had carried 5,100.\n\n"
        "The ferry does not run when the water stands above the second mark, because the "
        "landing stage is then under water. It was hoped that a new stage would be built in "
        "2016.",
    ),
    "2015-06-20-tower.md": (
        "Bells at Lorne",
        "The tower at Lorne has six bells. The tenor weighs eleven hundredweight and was "
        "cast in 1742 by Abel Rudhall. The treble, the smallest, was added in 1911 and was "
        "paid for by the widow of the miller.\n\n"
        "Practice is on Thursday evenings at half past seven. Learners need not bring "
        "anything. Agnes Thorpe teaches the learners; Ralph Dunning looks after the ropes. "
        "Last year 14 learners came, of whom nine stayed.\n\n"
        "Visitors may not climb to the bell chamber without a guide. The clock was mended "
        "in April by a firm from Exeter, which charged 1,350 pounds.",
    ),
    "2016-09-11-allotments.md": (
        "Forty plots at Gannet Lane",
        "Gannet Lane has 40 plots, of which 33 are let. The rent is 28 pounds a year, and "
        "the water charge is 9 pounds. The waiting list stood at 17 names in June. "
        "Newcomers get half a plot for their first year, since most of those who gave up "
        "had found a whole one too much.\n\n"
        "Bonfires are allowed from October to March, never in summer. Miriam Oake keeps the "
        "key of the tool shed; the seed library is kept by Denis Fry. Hens may be kept, but "
        "no cockerels.\n\n"
        "The shop opens on Sunday mornings from ten to twelve. Compost is free for members, "
        "but others pay three pounds a bag.",
    ),
}

SAID = [
    ("When does the ferry leave on Saturdays?", "9.40"),
    ("At what time does the Tuesday ferry leave?", "8.15"),
    ("Who has steered the ferry since 2003?", "Odile Brandt"),
    ("When did Piers Halloran join?", "joined in 2011"),
    ("What is the fare for a child?", "80 pence"),
    ("Who pays for the insurance of the ferry?", "the parish pays for the insurance"),
    ("How many people did the ferry carry in 2012?", "5,100"),
    ("How many people travelled on the ferry in 2013?", "6,200"),
    ("Why does the ferry not run at high water?", "landing stage is then under water"),
    ("How much does the tenor weigh?", "eleven hundredweight"),
    ("Who cast the tenor bell?", "Abel Rudhall"),
    ("Who paid for the treble?", "widow of the miller"),
    ("When is practice at Lorne?", "Thursday evenings"),
    ("Who teaches the learners?", "Agnes Thorpe"),
    ("Who looks after the ropes?", "Ralph Dunning"),
    ("What did the firm from Exeter charge?", "1,350"),
    ("How many plots are let at Gannet Lane?", "33 are let"),
    ("What is the rent of a plot?", "28 pounds"),
    ("When are bonfires allowed?", "October to March"),
    ("Who keeps the key of the tool shed?", "Miriam Oake"),
    ("Why do newcomers get only half a plot?", "too much"),
    ("When is the allotment shop open?", "Sunday mornings"),
    ("What do people who are not members pay for compost?", "three pounds a bag"),
    ("Can members have compost for nothing?", "free for members"),
]
NOT_SAID = [
    "When does the ferry leave on Sundays?",
    "At what time does the Monday ferry leave?",
    "Who steered the ferry in 1987?",
    "How many people did the ferry carry in 2009?",
    "What is the fare for a bicycle?",
    "Who pays for the crew's uniforms?",
    "What is the telephone number of the Ferry Trust?",
    "When does the ferry across the Tamar leave?",
    "Who cast the bells at Exeter?",
    "How much does the treble weigh?",
    "Who teaches the choir?",
    "When is practice at Gannet Lane?",
    "How many learners came in 1996?",
    "What happened at Lorne on 3 May 2015?",
    "How many plots are there at Heron Lane?",
    "What is the rent of a garage?",
    "Who keeps the key of the chapel?",
    "How many hens are there?",
    "When is the library in Lorne open?",
    "How old is Miriam Oake?",
]
MISLEADING = [
    ("What may be left on the upper deck?", "Dogs"),
    ("Who may climb to the bell chamber?", "Visitors"),
    ("When will the new stage be built?", "2016"),
    ("Who pays for the diesel?", "the parish"),
    ("Which birds may not be kept?", "Hens"),
    ("Do learners have to bring anything?", "anything"),
    ("Is compost free for everybody?", "members"),
]


AT_LEAST_FOUND, AT_LEAST_REFUSED = 0.85, 0.55
"""Measured when the weights were made: 24 of 24 and 12 of 20."""
MOST_SURE_AND_WRONG = 1


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The posts above, with the real models."""
    posts = {name: f"title: {title}\n\n{text}" for name, (title, text) in POSTS.items()}
    loaded = assistant_over(tmp_path_factory.mktemp("village"), posts)
    yield loaded
    loaded.close()


def test_what_the_posts_say_is_found(village: Assistant) -> None:
    right = [
        question
        for question, words in SAID
        if (citations := village.ask(question).citations) and words in citations[0].quote.text
    ]
    missed = sorted({question for question, _ in SAID} - set(right))
    assert len(right) >= AT_LEAST_FOUND * len(SAID), missed


@pytest.fixture(scope="module")
def not_said(village: Assistant) -> dict[str, Answer]:
    """What comes of each question that the posts do not answer."""
    return {question: village.ask(question) for question in NOT_SAID}


def test_what_is_one_word_off_is_refused(not_said: dict[str, Answer]) -> None:
    answered = [question for question, answer in not_said.items() if answer.answered]
    assert len(NOT_SAID) - len(answered) >= AT_LEAST_REFUSED * len(NOT_SAID), answered


def test_a_follow_up_is_not_answered_by_a_post_that_nobody_spoke_of(village: Assistant) -> None:
    first = village.ask("Who has steered the ferry since 2003?")
    assert "Odile Brandt" in first.text
    for question in ("how many bells does it have?", "who teaches the learners there?"):
        answer = village.ask(question, conversation_id=first.conversation_id)
        assert not answer.answered, answer.text
    fare = village.ask("what is the fare for a child?", conversation_id=first.conversation_id)
    assert "80 pence" in fare.text


def test_what_a_conversation_was_about_does_not_answer_what_it_does_not_say(
    village: Assistant,
) -> None:
    first = village.ask("How many people did the ferry carry in 2012?")
    for question in ("how many dogs took part?", "how many came?"):
        answer = village.ask(question, conversation_id=first.conversation_id)
        assert not answer.answered or answer.confidence < 0.8, answer.text


def test_no_wrong_answer_is_a_very_sure_one(not_said: dict[str, Answer]) -> None:
    sure = [q for q, a in not_said.items() if a.answered and a.confidence >= 0.8]
    assert len(sure) <= MOST_SURE_AND_WRONG, sure


def test_marked_words_never_say_the_opposite(village: Assistant) -> None:
    for question, wrong in MISLEADING:
        for citation in village.ask(question).citations:
            mark, quote = citation.quote.highlight, citation.quote
            if mark is not None:
                words = quote.text[mark.start - quote.start : mark.end - quote.start]
                assert wrong not in words, (question, words)
