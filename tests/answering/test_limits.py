"""Questions under limits: which posts are asked, and how that is said."""

from __future__ import annotations

import pytest

from askscwru.answering.answer import abstention_text
from askscwru.answering.limits import limits_of, silence
from askscwru.assistant import Assistant
from askscwru.types import Answer, CitationRecord, Filters, Limits, Query, Span, Turn, cut_at_mark

FINLAND = "Personal budgets in Finland"


def title_of(post_id: str) -> str | None:
    return {"a": "Bees in towns"}.get(post_id)


@pytest.mark.parametrize(
    ("query", "said", "silent"),
    [
        (Query("q"), "all posts", "The posts do not say"),
        (Query("q", sort="date"), "all posts, newest first", "The posts do not say"),
        (
            Query("q", filters=Filters(author="Ada Holm"), sort="date"),
            "posts by Ada Holm, newest first",
            "The posts by Ada Holm do not say",
        ),
        (
            Query("q", filters=Filters(tag="bees", after="2014-01-01", before="2015-01-01")),
            "posts with the tag “bees”, published on 2014-01-01 or later, published before"
            " 2015-01-01",
            "The posts with the tag “bees”, published on 2014-01-01 or later, published before"
            " 2015-01-01, do not say",
        ),
        (
            Query("q", filters=Filters(post="a")),
            "the post “Bees in towns”",
            "The post “Bees in towns” does not say",
        ),
        (
            Query("q", filters=Filters(post="b", blog="The Hive")),
            "an untitled post, if on the blog “The Hive”",
            "An untitled post, if on the blog “The Hive”, does not say",
        ),
    ],
)
def test_limits_are_said_in_a_line(query: Query, said: str, silent: str) -> None:
    limits = limits_of(query, title_of)
    assert limits.text == said
    assert silence(limits) == silent
    assert abstention_text((), title_of, limits) == f"{silent}."
    assert bool(limits) == (said != "all posts")


def test_what_was_limited_is_in_the_answer_and_in_the_turn_that_is_kept(
    assistant: Assistant,
) -> None:
    query = Query("What colour is the moon?", filters=Filters(author="Woolham"), sort="date")
    answer = assistant.ask(query)
    assert not answer.answered
    assert answer.text.startswith("The posts by Woolham do not say")
    shown = answer.to_dict()["limits"]
    assert shown["text"] == "posts by Woolham, newest first"
    assert (shown["filters"]["author"], shown["sort"]) == ("Woolham", "date")
    (kept,) = assistant.store.conversation(answer.conversation_id).turns
    assert kept == Turn.of(answer)
    assert kept.query == query


def test_one_post_that_does_not_say_is_not_its_own_nearest(
    assistant: Assistant, finland: str
) -> None:
    answer = assistant.ask(Query("What colour is the moon?", filters=Filters(post=finland)))
    assert answer.text == f"The post “{FINLAND}” does not say."


def test_a_query_and_its_parts_are_answered_alike(assistant: Assistant) -> None:
    filters = Filters(author="Woolham")
    whole = assistant.ask(Query("What is said of Finland?", 3, filters))
    parts = assistant.ask("What is said of Finland?", top_k=3, filters=filters)
    for answer in (whole, parts):
        assert len(answer.hits) == 3
    assert whole.citations == parts.citations


# -- questions about the posts ---------------------------------------------------------------------


def ids(answer: Answer) -> list[str]:
    return [citation.post.id for citation in answer.citations]


@pytest.fixture(scope="module")
def finland(assistant: Assistant) -> str:
    return next(post.id for post in assistant.posts() if post.title == FINLAND)


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote this?",
        f"Who wrote {FINLAND}?",
        "Who is the author of it?",
    ],
)
def test_a_post_that_the_limits_name_need_not_be_named(
    assistant: Assistant, finland: str, question: str
) -> None:
    answer = assistant.ask(Query(question, filters=Filters(post=finland)))
    assert answer.answered
    assert ids(answer) == [finland]
    assert "John Woolham" in answer.text


@pytest.mark.parametrize(
    "filters",
    [Filters(author="John Woolham"), Filters(blog="social care workforce research unit blog")],
)
def test_a_limit_leaves_questions_about_the_posts_what_they_are(
    assistant: Assistant, filters: Filters
) -> None:
    question = "Which posts did John Woolham write?"
    within = {post.id for post in assistant.posts(filters)}
    free, limited = assistant.ask(question), assistant.ask(Query(question, filters=filters))
    assert free.answered
    assert ids(limited) == [post for post in ids(free) if post in within]


def test_posts_outside_the_limits_are_not_told_of(assistant: Assistant, finland: str) -> None:
    other = next(post for post in assistant.posts() if post.authors and post.id != finland)
    question = f"Which posts did {other.authors[0]} write?"
    answer = assistant.ask(Query(question, filters=Filters(post=finland)))
    assert other.id not in ids(answer)


# -- marks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "parts"),
    [
        (None, ("sleep at night", "", "")),
        (Span(109, 114), ("sleep at ", "night", "")),
        (Span(100, 105), ("", "sleep", " at night")),
        (Span(0, 105), ("", "sleep", " at night")),
        (Span(200, 210), ("sleep at night", "", "")),
    ],
)
def test_words_are_cut_where_the_mark_begins_and_ends(
    mark: Span | None, parts: tuple[str, str, str]
) -> None:
    assert cut_at_mark("sleep at night", 100, mark) == parts
    record = CitationRecord(
        index=1,
        quote="sleep at night",
        start=100,
        end=114,
        highlight=mark,
        post_id="a",
        title=None,
        authors=(),
        source="s.txt",
    )
    assert record.cut() == parts


def test_limits_that_limit_nothing_need_not_be_shown() -> None:
    assert not Limits()
    assert not Filters()
    assert Limits(sort="date")
