"""The parts of the page by themselves: marks, limits, turns, first questions, search."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.assistant import Assistant
from askscwru.show.first_sight import SURE, _of_sentence, first_questions, overview
from askscwru.show.search_posts import search_posts, word_spans
from askscwru.types import Span
from askscwru.web.limits import choices, held, read
from askscwru.web.marks import cut
from askscwru.web.render import Links, render
from askscwru.web.turns import TalkUrl, shorten, turn_view

Json = dict[str, Any]


@given(
    text=st.text(max_size=40),
    spans=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=4),
)
def test_marking_loses_no_character(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [(Span(min(pair), max(pair)), str(n)) for n, pair in enumerate(spans)]
    assert "".join(piece.text for piece in cut(text, [*marks, (None, "x")])) == text


def test_the_mark_inside_another_one_wins() -> None:
    pieces = cut("used by 14,000 people", [(Span(0, 21), "quote"), (Span(8, 14), "words")])
    assert [(p.text, p.look) for p in pieces] == [
        ("used by ", "quote"),
        ("14,000", "words"),
        (" people", "quote"),
    ]


def test_limits_are_read_said_and_lifted_one_by_one() -> None:
    limits = read({"author": " Ann ", "tag": "", "after": "2015-01-01", "question": "x"})
    assert limits == {"author": "Ann", "after": "2015-01-01"}
    first, second = held(limits)
    assert (first.said, first.without) == ("posts by Ann", {"after": "2015-01-01"})
    assert second.said == "posts published on 2015-01-01 or later"
    assert held({"post": "p"}, "A {title}")[0].said == "the post “A {title}”"


def test_names_to_choose_from_come_from_the_posts(assistant: Assistant) -> None:
    made = {choice.name: choice for choice in choices(assistant.posts())}
    assert set(made) == {"author", "blog"}
    assert made["author"].listed
    assert "Sue Yeandle" in made["author"].values


@pytest.mark.parametrize("prefix", ["", "/ask"])
def test_every_address_is_below_the_prefix_and_encoded(prefix: str) -> None:
    links = Links(prefix)
    assert links.to("posts", "a/b?c", at="quote", start=0, end=None, source="") == (
        f"{prefix}/posts/a%2Fb%3Fc?start=0#quote"
    )
    page = render("problem.html", links, here=None, signed_in=True, status_code=404, message="<")
    addresses = [part.partition('"')[0] for part in page.split('href="')[1:]]
    local = [a for a in addresses if a.startswith("/")]
    assert len(local) > 5
    assert all(a.startswith(f"{prefix}/") for a in local)


def turn(**more: Any) -> Json:
    told = {
        "turn": 2,
        "question": "Who gardens?",
        "searched_for": "Who gardens?",
        "corrections": [],
        "alternatives": [],
        "answered": True,
        "confidence": 0.8,
        "answer": "Ann gardens. [1]",
        "citations": [
            {
                "index": 1,
                "quote": "Ann gardens.",
                "start": 10,
                "end": 22,
                "highlight": {"start": 10, "end": 13},
                "post_id": "p",
                "title": None,
                "authors": [],
                "blog": None,
                "source": "a.txt",
                "published": None,
                "url": None,
                "complete": True,
            }
        ],
        "asked_at": "2026-11-22T12:00:00+00:00",
    }
    return {**told, **more}


def shown(record: Json) -> str:
    place = TalkUrl(Links(), "c", {})
    view = turn_view(record, place)
    return render(
        "fragment.html",
        Links(),
        turn=view,
        place=place,
        problem="",
        evidence=None,
        held=[],
        lifted=None,
    )


def test_a_turn_of_any_age_is_shown() -> None:
    view = turn_view(turn(), TalkUrl(Links(), "c", {"author": "A"}), ("citation", 1))
    assert (view.kind, view.short, view.percent, view.sure) == ("answer", "Ann", 80, "sure")
    (cited,) = view.citations
    assert cited.title == "Untitled post"
    assert cited.by == "no author named"
    assert cited.href == "/?conversation=c&turn=2&citation=1&author=A#evidence"
    assert cited.chosen


def test_a_list_shows_every_post_and_how_many() -> None:
    posts = [
        {
            "post_id": f"p{n}",
            "title": f"Title {n}",
            "authors": ["Ann"],
            "blog": "B",
            "published": "2015-01-01",
            "complete": True,
        }
        for n in range(7)
    ]
    html = shown(
        turn(
            kind="list",
            total=7,
            posts=posts,
            answer="There are 7.\n1. Title 0, Ann [1]\n2. Title 1, Ann",
            short=None,
            advice=["Ask on."],
        )
    )
    assert html.count('<a href="/posts/p') == 7
    assert "There are 7.</p>" in html
    assert "Ask on." in html
    assert "<blockquote" not in html
    assert "Ann · B · 2015-01-01" in html
    assert "In short" not in html


def test_views_stand_in_their_groups() -> None:
    citation = turn()["citations"][0]
    both = [{**citation, "group": "Ann"}, {**citation, "index": 2, "group": "Bo"}]
    html = shown(turn(kind="views", citations=both, answer="Two say so:\n\nAnn:\nAnn gardens. [1]"))
    assert "Two say so:</p>" in html
    assert html.index(">Ann</h3>") < html.index("[1]") < html.index(">Bo</h3>") < html.index("[2]")


def test_a_list_told_in_a_sentence_is_that_sentence() -> None:
    html = shown(turn(kind="list", total=1, posts=[{}], answer="Ann gardens. is the newest. [1]"))
    assert "Ann gardens. is the newest. [1]</p>" in html
    assert "<blockquote" not in html
    assert 'class="sources"' in html


def test_no_part_of_an_answer_to_several_questions_is_lost() -> None:
    first = turn()["citations"][0]
    both = [first, {**first, "index": 2, "quote": "Bo swims."}]
    told = (
        "Who gardens?\nAnn gardens. [1]\n\nWho swims?\nBo swims. [2]\n\n"
        "Who flies?\nThe posts do not say."
    )
    html = shown(turn(citations=both, answer=told, short=None))
    places = [html.index(words) for words in (">Who gardens?<", "[1]", ">Who swims?<", "[2]")]
    assert sorted(places) == places
    assert html.index("Who flies?\nThe posts do not say.") > places[-1]


def test_a_quote_that_opens_a_mark_is_shown_balanced() -> None:
    (cited,) = turn()["citations"]
    html = shown(turn(citations=[{**cited, "quote": "“Ann gardens.", "highlight": None}]))
    assert "<p>“Ann gardens.”" in html


def test_a_reply_has_no_confidence_and_a_nearest_sentence_is_no_answer() -> None:
    html = shown(turn(kind="reply", citations=[], answer="Hello."))
    assert "Confidence" not in html
    near = {**turn()["citations"][0], "title": "Plots", "confidence": 0.2}
    html = shown(turn(kind="abstention", answered=False, citations=[], nearest=[near, near]))
    assert html.count("Plots") == 1
    assert "Nearest, but no answer" in html
    assert "<blockquote" not in html


def test_a_long_excerpt_is_cut_between_words() -> None:
    assert shorten("short") == "short"
    assert shorten("word " * 100).endswith("word …")
    assert len(shorten("x" * 1000)) < 230


# -- first questions -------------------------------------------------------------------------------


def common(word: str) -> bool:
    return word in ("The", "Damp", "Older", "Plots")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "The Plot Scheme, now used by 412 gardeners in Kent.",
            ["How many gardeners use Plot Scheme?"],
        ),
        (
            "Damp soil is a common cause of rot in young roots.",
            ["What is a common cause of rot in young roots?"],
        ),
        ("Older people can find it hard.", []),
        (
            "Older people are at risk of falls in wet gardens.",
            ["Who is at risk of falls in wet gardens?"],
        ),
        ("Edward is fond of digging in wet gardens.", []),
        (
            "About 300 growers rent a plot from the council.",
            ["How many growers rent a plot from the council?"],
        ),
        (
            "Plots are often left empty in winter because of the price.",
            ["Why are plots often left empty in winter?"],
        ),
        ("This is a common cause of rot in young roots.", []),
    ],
)
def test_a_question_is_made_of_a_sentence_that_stands_by_itself(
    said: str, asked: list[str]
) -> None:
    assert [q for q in _of_sentence(said, common) if q.startswith(tuple(asked) or "")] == asked


def test_first_questions_are_each_of_another_post_and_surely_answered(
    assistant: Assistant,
) -> None:
    questions = first_questions(assistant, most=2)
    assert len(questions) == 2
    answers = [assistant.ask_after((), question) for question in questions]
    assert all(answer.confidence >= SURE for answer in answers)
    assert len({answer.citations[0].post.id for answer in answers}) == 2
    assert first_questions(assistant, lambda: False) == []


def test_the_posts_are_summed_up(assistant: Assistant) -> None:
    told = overview(assistant.posts())
    assert (told.posts, told.openings, told.dated, told.years) == (19, 12, 0, None)
    assert told.blogs[0] == ("Social Care Workforce Research Unit blog", 13)
    assert overview(()).authors == []


# -- search ----------------------------------------------------------------------------------------


def test_all_the_words_must_stand_in_the_post_or_its_name(assistant: Assistant) -> None:
    posts = assistant.posts()

    def search(words: str) -> list[str | None]:
        return [f.post.title for f in search_posts(posts, words, assistant.with_words(words, 99))]

    assert search("helicopter Canyon") == ["Shared Lives: a new health and care system"]
    assert search("helicopter xylophone") == []
    assert search("Yeandel") == ["Care and caring: challenge, crisis or opportunity?"]
    assert search("the of") == []


def test_words_are_marked_whatever_their_ending() -> None:
    text = "Budgets, and a budget’s size."
    assert [span.of(text) for span in word_spans(text, "budget")] == ["Budgets", "budget’s"]
