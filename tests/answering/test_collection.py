"""Questions on the posts as a collection, over invented posts on a village's boats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from askscwru.answering import telling
from askscwru.answering.collection.catalogue import Catalogue
from askscwru.answering.collection.conditions import Peeler
from askscwru.answering.collection.periods import read_period
from askscwru.answering.collection.recognise import Recogniser
from askscwru.answering.collection.talk import small_talk
from askscwru.answering.fitness import is_yes_no
from askscwru.assistant import Assistant
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse
from askscwru.settings import Settings
from askscwru.types import Answer, Filters, Kind

POSTS = {
    "tide-table.md": """---
title: The tide table of Holm
author: Ragna Lund
date: 2011-03-04
tags: [tides, ferry]
---
The tide table of Holm is printed in March. It has been wrong twice since the war, and both times
the ferry ran aground on the bar. Nils Aker, the pilot, checks it against the old gauge.
""",
    "ferry-1.md": """---
title: "Log of the ferry, winter 1"
author: Ragna Lund
date: 2012-01-20
tags: [ferry]
---
The ferry carried 411 people and nine horses in the first winter. The engine was never cold.
""",
    "ferry-2.md": """---
title: "Log of the ferry, winter 2"
author: Osk Brandt
date: 2013-01-22
tags: [ferry]
---
The ferry carried 377 people in the second winter. The horses went by the ice road.
""",
    "ice-road.md": """---
title: Is the ice road safe?
authors: [Osk Brandt, Ragna Lund]
date: 2013-02-11
tags: [ice]
---
The ice road is not safe after the first of March. The county marks it with spruce branches.
A lorry went through the ice in 1987, and nobody was hurt.
""",
    "ice-road-again.md": """---
title: The ice road, once more
author: Tuva Moe
date: 2014-02-02
tags: [ice]
---
The ice road is safe after the first of March in a cold year. The county has said so twice.
""",
    "lamp.md": """---
title: The lamp on the mole
author: Tuva Moe
tags: [harbour]
---
The lamp on the mole burns paraffin. Nobody knows who lights it on Sundays.
Its light is seen from Nesvik, eleven miles away.
""",
    "harbour-fees.md": """---
title: What the harbour costs
author: Osk Brandt
date: 2014-06-30
tags: [harbour, money]
---
A berth in the harbour costs 90 crowns a month. The harbour took 12,000 crowns in 2013.
The ferry pays nothing for its berth, which Nesvik finds unfair.
""",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, fake_model: Path) -> Settings:
    folder = tmp_path_factory.mktemp("holm")
    (folder / "seeds").mkdir()
    for name, text in POSTS.items():
        (folder / "seeds" / name).write_text(text, "utf-8")
    return Settings(
        seeds=folder / "seeds", embeddings=folder / "index", model=str(fake_model), threads=1
    )


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Iterator[Assistant]:
    loaded = Assistant.load(settings)
    yield loaded
    loaded.close()


def files(answer: Answer) -> set[str]:
    return {post.source for post in answer.posts}


OF_LUND = {"tide-table.md", "ferry-1.md", "ice-road.md"}
FERRY = {"tide-table.md", "ferry-1.md", "ferry-2.md"}
ICE = {"ice-road.md", "ice-road-again.md"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which posts did Ragna Lund write?", OF_LUND),
        ("What has Lund published?", OF_LUND),
        ("show me everything by ragna lund please", OF_LUND),
        ("Which posts did Osk Brandt and Ragna Lund write together?", {"ice-road.md"}),
        (
            "Which posts are by Tuva Moe or Osk Brandt?",
            set(POSTS) - {"tide-table.md", "ferry-1.md"},
        ),
        ("Which posts did Jane Quill write?", set()),
        ("Which posts are tagged ferry?", FERRY),
        ("posts in the category harbour", {"lamp.md", "harbour-fees.md"}),
        ("Which posts are from 2013?", {"ferry-2.md", "ice-road.md"}),
        ("Which articles were published in February 2013?", {"ice-road.md"}),
        ("List the posts since 2014.", {"ice-road-again.md", "harbour-fees.md"}),
        ("posts before 2012", {"tide-table.md"}),
        ("Which posts by Ragna Lund are from 2012?", {"ferry-1.md"}),
        ("Which posts mention Nesvik?", {"lamp.md", "harbour-fees.md"}),
        ("In which posts are horses mentioned?", {"ferry-1.md", "ferry-2.md"}),
        ("Which posts that mention the ice road are by Tuva Moe?", {"ice-road-again.md"}),
        ("Which posts have no date?", {"lamp.md"}),
        ("list all posts", set(POSTS)),
    ],
)
def test_a_list_is_complete_and_exact(
    assistant: Assistant, question: str, expected: set[str]
) -> None:
    answer = assistant.ask(question, top_k=1)
    assert answer.kind is Kind.LIST
    assert files(answer) == expected
    assert answer.total == len(expected)
    assert len(answer.citations) == min(1, len(expected))
    for post in answer.posts:
        assert post.title in answer.text


@pytest.mark.parametrize(
    ("question", "total"),
    [
        ("How many posts are there?", 7),
        ("How many posts did Osk Brandt write?", 3),
        ("How many articles mention the ferry?", 4),
        ("How many posts are from 2014?", 2),
        ("number of posts by Jane Quill", 0),
        ("How many authors are there?", 3),
        ("How many of the posts are tagged ice?", 2),
    ],
)
def test_a_count_is_the_list_that_it_counts(
    assistant: Assistant, question: str, total: int
) -> None:
    answer = assistant.ask(question)
    assert (answer.kind, answer.total, answer.short) == (Kind.LIST, total, str(total))
    assert len(answer.posts) == total or "authors" in question


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the newest post?", "What the harbour costs”, published on 30 June 2014"),
        ("Which post is the oldest?", "The tide table of Holm”, published on 4 March 2011"),
        ("What did Ragna Lund write last?", "Is the ice road safe?"),
        ("What is Tuva Moe's latest post?", "The ice road, once more"),
        ("Who wrote The lamp on the mole?", "Tuva Moe"),
        ("Who are the authors of “Is the ice road safe?”", "Osk Brandt and Ragna Lund"),
        ("When was The tide table of Holm published?", "4 March 2011"),
        ("Who wrote the newest post?", "Osk Brandt"),
        ("When was the oldest post published?", "4 March 2011"),
        ("Who wrote the post about the ice road from 2014?", "Tuva Moe"),
        ("How is “What the harbour costs” tagged?", "harbour and money"),
        ("What is the post about the ice road from 2014 called?", "The ice road, once more"),
        ("What is “What the harbour costs” called?", "It is called “What the harbour costs”."),
        ("Who writes here?", "Osk Brandt (3 posts), Ragna Lund (3 posts) and Tuva Moe (2 posts)"),
        ("Who has written about the lamp?", "Tuva Moe"),
        ("What are these posts about?", "There are 7 posts here."),
        ("What topics do the posts cover?", "ferry (3)"),
        ("When were the posts written?", "from 4 March 2011 to 30 June 2014"),
    ],
)
def test_what_the_records_know_is_said(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question)
    assert answer.answered
    assert said in answer.text
    assert answer.citations


def test_a_title_with_another_number_is_another_post(assistant: Assistant) -> None:
    assert assistant.ask("Who wrote Log of the ferry, winter 2?").short == "Osk Brandt"
    other = assistant.ask("Who wrote Log of the ferry, winter 3?")
    assert other.kind is Kind.ABSTENTION
    assert "No post here is called “Log of the ferry, winter 3”" in other.text
    both = assistant.ask("Who wrote Log of the ferry, winter?")
    assert "Ragna Lund" in both.text
    assert "Osk Brandt" in both.text


def test_a_date_that_is_not_known_is_said_to_be_that(assistant: Assistant) -> None:
    one = assistant.ask("When was The lamp on the mole published?")
    assert one.kind is Kind.ABSTENTION
    assert "is not known" in one.text
    newest = assistant.ask("What is the newest post?")
    assert "1 more post has no date and is left out." in newest.advice
    limited = assistant.ask("What is the newest post?", filters=Filters(tag="harbour"))
    assert files(limited) == {"harbour-fees.md"}


def test_where_nothing_has_a_date_no_date_is_guessed(assistant: Assistant) -> None:
    lamp = next(post for post in assistant.posts() if post.source == "lamp.md")
    only = Filters(post=lamp.id)
    for question in ("What is the newest post?", "Which posts are from 1987?"):
        answer = assistant.ask(question, filters=only)
        assert answer.kind is Kind.ABSTENTION
        assert answer.text.startswith("No post here has a date")


def test_limits_hold_for_questions_on_posts(assistant: Assistant) -> None:
    ferry = Filters(tag="ferry")
    assert files(assistant.ask("Which posts did Osk Brandt write?", filters=ferry)) == {
        "ferry-2.md"
    }
    one = next(post for post in assistant.posts() if post.source == "ferry-1.md")
    answer = assistant.ask("Who wrote this?", filters=Filters(post=one.id))
    assert answer.short == "Ragna Lund"


def test_a_list_can_be_gone_on_from(assistant: Assistant) -> None:
    first = assistant.ask("Which posts did Osk Brandt write?", top_k=1)

    def then(question: str, answer: Answer = first) -> Answer:
        return assistant.ask(question, conversation_id=answer.conversation_id)

    others = then("and the others?")
    assert len(others.posts) == 2
    assert files(others) | {first.citations[0].post.source} == files(first)
    again = assistant.ask("Which posts did Osk Brandt write?")
    only = then("only from 2013", again)
    assert files(only) == {"ferry-2.md", "ice-road.md"}
    assert only.searched_for == "Which posts are by Osk Brandt from 2013?"
    assert then("how many of them are tagged ice?", only).total == 1
    fresh = assistant.ask("Which posts did Osk Brandt write?")
    assert files(then("Which is the oldest?", fresh)) == {"ferry-2.md"}


def test_the_turn_that_is_kept_has_the_whole_list(assistant: Assistant) -> None:
    answer = assistant.ask("list all posts", top_k=2)
    turn = assistant.store.recent(answer.conversation_id, 1)[0]
    assert (turn.kind, turn.total, len(turn.posts)) == (Kind.LIST, 7, 7)
    assert turn.posts[0].keys() >= {"post_id", "title", "authors", "blog", "published", "source"}


def test_a_plain_question_can_be_asked_again_of_fewer_posts(assistant: Assistant) -> None:
    first = assistant.ask("How many people did the ferry carry?")
    again = assistant.ask("only from 2013", conversation_id=first.conversation_id)
    assert again.searched_for == first.searched_for
    assert again.advice[0] == "Asked again of posts that are from 2013."
    assert all(c.post.published and c.post.published[:4] == "2013" for c in again.citations)


def test_another_year_of_a_question_that_names_one_is_no_limit_on_posts(
    assistant: Assistant,
) -> None:
    first = assistant.ask("How many people did the ferry carry in 2012?")
    other = assistant.ask("and in 2013?", conversation_id=first.conversation_id)
    assert other.searched_for == "How many people did the ferry carry in 2013?"
    posts = assistant.ask("only posts from 2013", conversation_id=first.conversation_id)
    assert posts.advice[0] == "Asked again of posts that are from 2013."


@pytest.mark.parametrize(
    "line",
    ["Hello!", "thanks a lot", "ok", "yes", "help", "What can I ask?", "quit", "who are you?"],
)
def test_small_talk_is_answered_in_the_program_s_own_words(assistant: Assistant, line: str) -> None:
    before = assistant.ask("Which posts did Tuva Moe write?")
    answer = assistant.ask(line, conversation_id=before.conversation_id)
    assert (answer.kind, answer.answered, answer.citations, answer.hits) == (
        Kind.REPLY,
        False,
        (),
        (),
    )
    assert len(answer.advice) == 3
    for question in answer.advice:
        assert assistant.ask(question).answered
    after = assistant.ask("only from 2014", conversation_id=before.conversation_id)
    assert files(after) == {"ice-road-again.md"}


@pytest.mark.parametrize(
    "line",
    [
        "thanks, and who wrote it?",
        "No, I mean the lamp.",
        "how does it work?",
        "good care",
        "what about horses?",
        "is it true?",
        "help for carers",
    ],
)
def test_what_asks_something_is_no_small_talk(line: str) -> None:
    assert small_talk(line, first=False) is None


@pytest.fixture(scope="module")
def recogniser(settings: Settings, assistant: Assistant) -> Iterator[Recogniser]:
    index = Index.open(settings.embeddings, settings)
    yield Recogniser(Peeler(Catalogue(index.records), index.vocabulary.knows))
    index.close()


@pytest.mark.parametrize(
    "question",
    [
        "How many people did the ferry carry?",
        "How many posts did the county cut?",
        "How many fence posts stand on the mole?",
        "Which articles of the harbour law were changed?",
        "How many crowns does a berth cost?",
        "What is the newest lamp?",
        "Who checks the tide table?",
        "When does the ice road close?",
        "What happened in 1987?",
        "How many authors signed the letter?",
        "What do the pilots say?",
        "Which post did he apply for?",
        "how long is the waiting list",
        "what day does the ferry go",
        "do you cover the islands",
        "do you look at my savings",
        "can you deal with the council",
        "Who wrote about that?",
        "Which posts are about them?",
    ],
)
def test_a_plain_question_is_not_taken_for_one_on_the_collection(
    assistant: Assistant, question: str
) -> None:
    assert assistant.ask(question).kind in (Kind.ANSWER, Kind.ABSTENTION)


def test_what_is_asked_comes_with_all_of_its_conditions(recogniser: Recogniser) -> None:
    asked = next(
        recogniser("Which posts by Lund about the ferry mention horses from 2012 to 2013?")
    ).where
    assert (asked.authors, asked.topic, asked.words) == (("Lund",), "the ferry", "horses")
    assert asked.period is not None
    assert (asked.period.after, asked.period.before) == ("2012-01-01", "2014-01-01")


@pytest.mark.parametrize(
    ("words", "after", "before"),
    [
        ("2014", "2014-01-01", "2015-01-01"),
        ("in May 2014", "2014-05-01", "2014-06-01"),
        ("on 3 May 2014", "2014-05-03", "2014-05-04"),
        ("since 2014", "2014-01-01", None),
        ("after 2014", "2015-01-01", None),
        ("until December 2014", None, "2015-01-01"),
        ("between 2010 and 2012", "2010-01-01", "2013-01-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("the last two months", "2026-03-15", "2026-05-16"),
    ],
)
def test_a_period_is_read_as_it_is_said(words: str, after: str | None, before: str | None) -> None:
    period = read_period(words, date(2026, 5, 15))
    assert period is not None
    assert (period.after, period.before) == (after, before)
    assert read_period("the ferry", date(2026, 5, 15)) is None


def test_a_summary_is_called_what_it_is(assistant: Assistant) -> None:
    answer = assistant.ask("Summarise What the harbour costs")
    assert answer.kind is Kind.VIEWS
    assert answer.text.startswith("askscwru quotes and does not summarise.")
    assert {citation.group for citation in answer.citations} == {"What the harbour costs"}
    starts = [citation.quote.start for citation in answer.citations]
    assert starts == sorted(starts)


def test_an_abstention_names_each_near_post_once_and_helps_on(assistant: Assistant) -> None:
    answer = assistant.ask("Who painted the zeppelin red?")
    assert answer.kind is Kind.ABSTENTION
    named = [near.post.id for near in answer.nearest]
    assert 1 <= len(named) == len(set(named)) <= 3
    assert "No post has the word “zeppelin”." in answer.advice
    for near in answer.nearest:
        text = assistant.source_text(near.quote.passage.source)
        assert text[near.quote.start : near.quote.end] == near.quote.text
    limited = assistant.ask("Who painted the lamp?", filters=Filters(tag="ferry"))
    assert "Without the limit “tag ferry”, 1 post has" in " ".join(limited.advice)


@pytest.mark.parametrize("words", ["a ", "in the , ", "is the ", "what about ", "1,"])
def test_what_is_thousands_of_characters_long_is_not_tried_as_a_list(
    recogniser: Recogniser, words: str
) -> None:
    # The forms would divide it in every way that there is.
    assert not list(recogniser(f"Which posts mention {words * 500} carers?"))


def test_an_abstention_looks_at_no_passage_twice(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def counted(text: str) -> list[str]:
        looked_at.append(text)
        return analyse(text)

    monkeypatch.setattr(telling, "analyse", counted)
    question = "Which zebra did Dr. Smith see in the care home of the minister? " * 20
    answer = assistant.ask(question)
    assert not answer.answered
    passages = [text for text in looked_at if " " in text]
    assert len(passages) == len(set(passages))


def test_yes_or_no_is_asked_by_the_verb() -> None:
    assert is_yes_no("Is the ice road safe?")
    assert is_yes_no("Doesn’t the ferry pay?")
    assert is_yes_no("In 1999, did the ferry pay?")
    assert not is_yes_no("Which road is safe?")
    assert not is_yes_no("In 1999, which road did the ferry replace?")
