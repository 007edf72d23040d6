"""A question that names a topic and asks nothing of it is answered by how the post on it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from askscwru import Assistant
from askscwru.answering.accounting import terms
from askscwru.answering.topics import is_titled, topic_of
from askscwru.settings import Settings

NAMED = [
    "tell me about the day club",
    "Can you tell me more about the day club?",
    "what do the posts say about the day club",
    "What is said about the day club?",
    "do you have a day club",
    "is there a day club?",
    "any day club",
    "day club",
    "info on your day club please",
    "anything about the day club",
    "I'm looking for a day club",
]
ASKING = [
    "how much is the day club",
    "when is the day club open",
    "is the day club open on Tuesdays",
    "who runs the day club",
    "do you take my mum at the day club",
    "what is the day club",
    "can i get to the day club by bus if i need it",
]


@pytest.mark.parametrize("question", NAMED)
def test_a_question_may_name_a_topic_alone(question: str) -> None:
    assert topic_of(question) == frozenset(terms("day club"))


@pytest.mark.parametrize("question", ASKING)
def test_what_asks_something_of_a_topic_is_no_such_question(question: str) -> None:
    assert not is_titled(topic_of(question), "The day club: prices and how to join")


def test_a_title_names_all_of_the_topic() -> None:
    topic = topic_of("is there a guest room at Birch Lodge")
    assert not is_titled(topic, "Guest rooms reopen")
    assert is_titled(topic, "The guest room at Birch Lodge")
    assert not is_titled(frozenset(), "Anything")
    assert is_titled(topic_of("tell me about the unpaid miles study"), "The unpaid miles")
    assert not is_titled(topic_of("do you have a day group"), "Open day at the mill")


def _post(folder: Path, name: str, title: str, day: str, text: str) -> None:
    (folder / f"{name}.html").write_text(
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        f"<p class='byline'>By Ann Lee, {day}</p>{text}</article></body></html>"
    )


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Assistant:
    folder = tmp_path_factory.mktemp("club")
    _post(
        folder,
        "walk23",
        "Moonlight Walk raises £41,300",
        "26 June 2023",
        "<p>On Saturday 17 June, 512 people set off from Castle Park at ten at night.</p>"
        "<p>You raised more than ever before, and the nurses send you their thanks.</p>",
    )
    _post(
        folder,
        "walk25",
        "Sign up for the Moonlight Walk",
        "10 February 2025",
        "<p>Update 3 March: all places are taken.</p>"
        "<p>This year we set off from Marlow Quay on 7 June at half past nine in the evening, and"
        " you may choose one of these ways:</p><ul><li>four kilometres on the flat</li>"
        "<li>ten kilometres along the river</li></ul><p>Dogs may not come.</p>",
    )
    _post(
        folder,
        "visits",
        "A befriending scheme",
        "6 September 2023",
        "<p>Fourteen volunteers have been trained. Each visits for an hour a week, for a chat or a"
        " game of cards.</p><h2>Who may ask for a visitor</h2><p>People over sixty who live alone"
        " in Ludlow may ask for one.</p>",
    )
    own = settings.model_copy(update={"seeds": folder, "embeddings": folder.parent / "club.index"})
    return Assistant.load(own)


@pytest.mark.parametrize("question", ["moonlight walk", "tell me about the moonlight walk"])
def test_the_newest_post_of_that_title_tells_how_it_begins_with_the_whole_list(
    club: Assistant, question: str
) -> None:
    answer = club.ask(question)
    quote = answer.citations[0].quote.text
    assert quote.startswith("This year we set off from Marlow Quay")
    assert quote.endswith("ten kilometres along the river")
    assert answer.confidence <= 0.8
    assert any("all places are taken" in one.quote.text for one in answer.citations)


def test_whether_there_is_something_is_answered_by_the_post_on_it(club: Assistant) -> None:
    answer = club.ask("do you have a befriending scheme?")
    assert answer.citations[0].quote.text.startswith("Fourteen volunteers have been trained.")


def test_what_no_post_is_on_is_still_refused(club: Assistant) -> None:
    for question in ("tell me about the hearing aid clinic", "do you have a minibus", "parking"):
        assert not club.ask(question).answered
