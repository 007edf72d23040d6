# ruff: noqa: E501
"""One post from its copies, and two posts from two that are alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from askscwru.ingest import Corpus, read_corpus
from askscwru.settings import Settings

FIRST = (
    "The minibus leaves the square at nine and comes back at four, with eleven people in it who"
    " would otherwise have seen nobody all week."
)
SECOND = "We counted 437 passengers in forty journeys, and 61 of them told us about a fall."
THIRD = "The county pays £38 for a place in the day centre, and the fare is two pounds and forty."
TITLE = "The minibus as a social service"


def _corpus(folder: Path, **pages: str) -> Corpus:
    for name, text in pages.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return read_corpus(Settings(seeds=folder), lambda *_: None)


def _post(*paragraphs: str, title: str = TITLE, author: str = "Ann Leigh") -> str:
    return "\n\n".join([title, f"by {author}", *paragraphs]) + "\n"


def test_an_opening_joins_the_whole_post(tmp_path: Path) -> None:
    corpus = _corpus(
        tmp_path,
        a=_post(FIRST + " Continue reading"),
        b=_post(FIRST, SECOND, THIRD),
    )
    [post] = corpus.posts
    assert (post.source, post.complete) == ("b.txt", True)
    assert [(place.source, place.complete) for place in post.also_in] == [("a.txt", False)]


def test_a_copy_without_title_and_with_other_white_space_joins(tmp_path: Path) -> None:
    loose = f"{FIRST}\n\n{SECOND}\n\n{THIRD}\n".replace(" ", "\u00a0 ")
    corpus = _corpus(tmp_path, a=loose, b=_post(FIRST, SECOND, THIRD))
    [post] = corpus.posts
    assert post.title == TITLE
    assert post.source == "b.txt"
    assert post.authors == ("Ann Leigh",)


def test_the_fullest_copy_takes_title_author_and_date_from_the_others(tmp_path: Path) -> None:
    opening = "\n\n".join([TITLE, "by Ann Leigh | 3 May 2014", "(812 words)", FIRST, "Read more"])
    corpus = _corpus(tmp_path, a=opening, b=f"{FIRST}\n\n{SECOND}\n\n{THIRD}\n")
    [post] = corpus.posts
    assert post.source == "b.txt"
    assert post.title == TITLE
    assert post.title_at is not None
    assert post.title_at.source == "a.txt"
    assert corpus.texts["a.txt"][post.title_at.start : post.title_at.end] == TITLE
    assert post.authors == ("Ann Leigh",)
    assert post.published == "2014-05-03"
    assert {place.source for place in post.bylines} == {"a.txt"}


def test_one_opening_of_two_series_posts_stays_two(tmp_path: Path) -> None:
    corpus = _corpus(
        tmp_path,
        a=_post(FIRST, SECOND, title="Notes from the bus, part one"),
        b=_post(FIRST, THIRD, title="Notes from the bus, part two"),
    )
    assert len(corpus.posts) == 2


def test_two_posts_of_one_title_stay_two(tmp_path: Path) -> None:
    corpus = _corpus(
        tmp_path, a=_post(FIRST, SECOND, title="This week"), b=_post(THIRD, title="This week")
    )
    assert len(corpus.posts) == 2
    assert len({post.id for post in corpus.posts}) == 2


def test_two_years_reports_on_one_pattern_stay_two(tmp_path: Path) -> None:
    report = (
        "Each January we ask the same twelve questions of social workers in hospital teams. This"
        " year {a} people replied, {b} of them from the county, and {c} said that they were tired."
    )
    corpus = _corpus(
        tmp_path,
        a=_post(report.format(a=1164, b=211, c=97), title="What the survey told us"),
        b=_post(report.format(a=938, b=198, c=81), title="What the survey told us"),
    )
    assert len(corpus.posts) == 2


def test_an_opening_without_title_that_fits_two_posts_joins_neither(tmp_path: Path) -> None:
    corpus = _corpus(
        tmp_path,
        a=_post(FIRST, SECOND, title="Notes from the bus, part one"),
        b=_post(FIRST, THIRD, title="Notes from the bus, part two"),
        c=f"{FIRST} Continue reading\n",
    )
    assert len(corpus.posts) == 3
    assert all(not post.also_in for post in corpus.posts)


def test_a_retitled_copy_of_the_whole_joins(tmp_path: Path) -> None:
    corpus = _corpus(
        tmp_path,
        a=_post(FIRST, SECOND, THIRD),
        b=_post(FIRST, SECOND, THIRD, title="Guest post: why the minibus matters"),
    )
    assert len(corpus.posts) == 1


def test_posts_keep_the_order_of_the_pages(tmp_path: Path) -> None:
    corpus = _corpus(
        tmp_path,
        a=_post(FIRST + " Continue reading") + "\n" + _post(THIRD, title="The price of a place"),
        b=_post(SECOND, title="What we counted on the way") + "\n" + _post(FIRST, SECOND, THIRD),
    )
    titles = [post.title for post in corpus.posts]
    assert titles == [TITLE, "The price of a place", "What we counted on the way"]
    assert corpus.posts[0].source == "b.txt"


@pytest.mark.parametrize("count", [600])
def test_many_posts_of_like_openings_stay_apart(tmp_path: Path, count: int) -> None:
    page = "\n".join(
        _post(
            f"{FIRST} Week {number} had {number * 7} passengers and {number * 3} falls.",
            title=f"Notes from the bus, week {number}",
        )
        for number in range(count)
    )
    corpus = _corpus(tmp_path, a=page, b=page)
    assert len(corpus.posts) == count
    assert all(len(post.also_in) == 1 for post in corpus.posts)


SAME = (
    "The walk is for everybody who likes the creek, and it sets out from the white gate whatever"
    " the weather does. Bring boots, and something to eat on the bridge, where we rest for an hour."
)


def _dated(folder: Path, **posts: str) -> Corpus:
    for name, text in posts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return read_corpus(Settings(seeds=folder), lambda *_: None)


def _walk(title: str, day: str = "", text: str = SAME) -> str:
    dated = f"date: {day}\n" if day else ""
    return f"---\ntitle: {title}\nauthor: Ann Leigh\n{dated}---\n\n{text}\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_walk("The walk", "2016-03-07"), _walk("The walk", "2016-04-04")),
        (_walk("The walk, day 1"), _walk("The walk, day 2")),
        (_walk("A long walk by the creek, part one"), _walk("A long walk by the creek, part two")),
        (_walk("The creek walk on Monday"), _walk("The creek walk on Tuesday")),
        (_walk("The walk in Deal"), _walk("The walk in Ryde")),
        (_walk("The walk", text=f"{SAME} We meet on Monday 7."), _walk("The walk", text=f"{SAME} We meet on Friday 9.")),
        (_walk("The walk", text=f"{SAME} Ask for Una Brook."), _walk("The walk", text=f"{SAME} Ask for Bo Lind.")),
    ],
)  # fmt: skip
def test_posts_of_a_series_are_posts(tmp_path: Path, first: str, second: str) -> None:
    corpus = _dated(tmp_path, a=first, b=second)
    assert [post.source for post in corpus.posts] == ["a.md", "b.md"]


def test_a_copy_is_one_however_it_is_marked_up_or_dated_by_another_clock(tmp_path: Path) -> None:
    other = _walk("'The *walk* &amp; more'", "2016-03-08", SAME.replace("boots", "**boots**"))
    corpus = _dated(tmp_path, a=_walk("The walk & more", "2016-03-07"), b=other)
    [post] = corpus.posts
    assert (post.title, post.published, post.source) == ("The walk & more", "2016-03-07", "a.md")
    assert [place.source for place in post.also_in] == ["b.md"]
