"""Saved sites: every post of every theme once, with its facts and without what stands around it."""

# ruff: noqa: E501
from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from askscwru.ingest import Corpus, read_corpus
from askscwru.ingest.html.html_page import read_html
from askscwru.ingest.html.markup import parts_of
from askscwru.settings import Settings
from askscwru.types import BlockKind, Post
from sites import FURNITURE, THEMES, Page, Story, save_site, stories

TEXT = BlockKind.BODY, BlockKind.LIST, BlockKind.HEADING
WORDS = "The minibus leaves the square at nine and comes back at four with eleven people in it."


def corpus(folder: Path) -> Corpus:
    return read_corpus(Settings(seeds=folder, embeddings=folder / "none"), lambda *_: None)


def said(read: Corpus, post: Post) -> list[str]:
    text = read.texts[post.source]
    return [text[b.start : b.end] for b in post.blocks if b.kind in TEXT]


def expected(story: Story) -> tuple[str, tuple[str, ...], str]:
    return story.title, story.authors, story.day


@pytest.mark.parametrize("theme", THEMES)
def test_a_saved_site_gives_every_post_once(tmp_path: Path, theme: str) -> None:
    posts = stories(9)
    save_site(tmp_path, THEMES[theme], posts)
    read = corpus(tmp_path)
    found = [(post.title, post.authors, post.published) for post in read.posts]
    assert sorted(found, key=repr) == sorted(map(expected, posts), key=repr)
    by_title = {story.title: story for story in posts}
    for post in read.posts:
        story = by_title[post.title or ""]
        assert [p for p in said(read, post) if p != "What it costs"] == list(story.paragraphs)
        assert post.complete
        assert story.path in post.source
        if theme != "hand_made":  # it declares no address
            assert post.url == story.url
    passages = "\n".join(line for post in read.posts for line in said(read, post))
    assert [words for words in FURNITURE if words.lower() in passages.lower()] == []


def bare(page: Page, text: str) -> str:
    """The page as a mirror may leave it: no address, no body classes, links to files beside it."""

    def beside(match: re.Match[str]) -> str:
        mark, path = match[1], match[2]
        if path and not path.endswith("/"):
            return match[0]
        return f"href={mark}{posixpath.relpath(path + 'index.html', page.path or '.')}{mark}"

    text = re.sub(r'<link rel="canonical"[^>]*>', "", text)
    text = re.sub(r'<body class="[^"]*">', "<body>", text)
    return re.sub(r"href=([\"'])(?:https://blog\.example\.org)?/([^\"'>]*)\1", beside, text)


@pytest.mark.parametrize("short", [False, True], ids=["long", "short"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_mirror_without_addresses_gives_every_post_once(
    tmp_path: Path, theme: str, short: bool
) -> None:
    posts = stories(7)
    if short:
        posts = [
            replace(
                s, paragraphs=(f"The office is closed on day {s.number}.", "Ring the day after.")
            )
            for s in posts
        ]
    save_site(tmp_path, lambda page: bare(page, THEMES[theme](page)), posts)
    read = corpus(tmp_path)
    found = [(post.title, post.authors, post.published) for post in read.posts]
    assert sorted(found, key=repr) == sorted(map(expected, posts), key=repr)
    by_title = {story.title: story for story in posts}
    for post in read.posts:
        lines = [line for line in said(read, post) if line != "What it costs"]
        # What all posts of a site say word for word is taken for the site's.
        assert lines == list(by_title[post.title or ""].paragraphs)[: 1 if short else None]


@pytest.mark.parametrize("theme", ["twenty_ten", "ghost", "blogger"])
def test_archives_alone_give_openings(tmp_path: Path, theme: str) -> None:
    posts = stories(6)
    save_site(tmp_path, THEMES[theme], posts)
    for story in posts:
        (tmp_path / "blog.example.org" / story.path / "index.html").unlink()
    read = corpus(tmp_path)
    assert {post.title for post in read.posts} == {story.title for story in posts}
    assert len(read.posts) == 6
    assert {post.url for post in read.posts} == {story.url for story in posts}
    whole = theme != "ghost"  # its cards show excerpts, the others' front pages whole posts
    assert all(post.complete is whole for post in read.posts)


def page(body: str, head: str = "", classes: str = "") -> str:
    return f"<html><head><title>T</title>{head}</head><body class='{classes}'>{body}</body></html>"


def test_a_page_of_links_holds_no_post() -> None:
    links = "".join(
        f"<li><a href='/p{n}'>A title of some words, number {n}</a></li>" for n in range(40)
    )
    assert read_html("index.html", "0", page(f"<h1>All of it</h1><ul>{links}</ul>")).posts == ()


@pytest.mark.parametrize("classes", ["search search-results", "error404", "attachment single"])
def test_searches_errors_and_attachments_hold_no_post(classes: str) -> None:
    body = f"<article class='hentry'><h1 class='entry-title'>A title</h1><p>{WORDS}</p></article>"
    assert read_html("a.html", "0", page(body, "", classes)).posts == ()


def test_the_day_is_the_published_one_in_the_writers_own_time() -> None:
    body = (
        "<article class='post'><h1>A title of a post</h1><time class='updated' datetime='2020-01-01'>"
        "</time><time class='entry-date published' datetime='2014-05-03T23:30:00-05:00'></time>"
        f"<div class='entry-content'><p>{WORDS}</p></div></article>"
    )
    head = "<meta property='article:published_time' content='2014-05-04T04:30:00+00:00'>"
    [post] = read_html("a.html", "0", page(body, head, "single")).posts
    assert post.published == "2014-05-03"


def test_two_authors_in_one_byline_are_two() -> None:
    body = (
        "<article class='post'><h1>A title of a post</h1><p class='byline'>By Ann Leigh and Bo Marsh</p>"
        f"<div class='entry-content'><p>{WORDS}</p></div></article>"
    )
    [post] = read_html("a.html", "0", page(body, "", "single")).posts
    assert post.authors == ("Ann Leigh", "Bo Marsh")


@pytest.mark.parametrize(
    "line",
    [
        "<p class='postmetadata'>Posted on <a href='/2014/05/'>3 May 2014</a> by"
        " <a href='/author/ann/' title='View all posts'>Dr Ann Leigh</a></p>",
        "<p>Filed on 3 May 2014, <a href='/?author=4'>Dr Ann Leigh</a></p>",
    ],
)
def test_a_name_that_links_to_its_posts_is_the_author_as_displayed(line: str) -> None:
    body = (
        f"<div class='post'><h1>A title of a post</h1>{line}<div class='entry'><p>{WORDS}</p>"
        "<p>See <a href='/author/bo/'>Bo Marsh</a>.</p></div></div>"
    )
    [post] = read_html("a.html", "0", page(body, "", "single")).posts
    assert post.authors == ("Dr Ann Leigh",)


def test_a_line_with_the_time_to_read_names_the_author() -> None:
    body = (
        "<main><h1>A title of a post</h1><p class='meta'>2014-05-03 · Ann Leigh · 5 minute read</p>"
        f"<p>{WORDS} {WORDS}</p><p>{WORDS} {WORDS}</p></main>"
    )
    [post] = read_html("a.html", "0", page(body, "", "single")).posts
    assert post.authors == ("Ann Leigh",)


def test_who_saved_the_page_says_from_where_and_when() -> None:
    body = f"<article class='post'><h1>A title of a post</h1><p>{WORDS}</p></article>"
    mirrored = (
        "<!-- Mirrored from blog.example.org/2014/05/a/ by HTTrack Website Copier/3.x [XR&CO'2014],"
        " Thu, 01 Jan 2015 10:00:00 GMT -->"
    )
    text = (
        f"<!doctype html>\n<html>{mirrored}<head><title>T</title></head><body>{body}</body></html>"
    )
    document = read_html("a.html", "0", text)
    assert document.url == "https://blog.example.org/2014/05/a/"
    assert document.posts[0].captured == "2015-01-01"
    assert document.posts[0].published is None


def test_a_section_of_the_post_may_be_called_like_furniture() -> None:
    long = " ".join([WORDS] * 8)
    body = (
        f"<article class='post'><h1>A title of a post</h1><div class='entry-content'><p>{WORDS}</p>"
        f"<h2>Comments</h2><p>{long}</p></div></article>"
    )
    document = read_html("a.html", "0", page(body, "", "single"))
    assert long in document.text


def test_what_every_page_repeats_is_in_no_passage(tmp_path: Path) -> None:
    for number in range(6):
        body = (
            f"<div class='x7'><h1>Post number {number} of the six</h1><p>{WORDS} {number}</p><p>More of"
            f" the number {number}, which is not the one before it and has its own words.</p><p>Write to"
            " the office if you want the letter that we print for members.</p></div>"
        )
        (tmp_path / f"{number}.html").write_text(page(body), encoding="utf-8")
    read = corpus(tmp_path)
    assert len(read.posts) == 6
    assert not any(
        "Write to the office" in line for post in read.posts for line in said(read, post)
    )


def test_an_export_a_feed_and_a_saved_page_of_one_post_are_one(tmp_path: Path) -> None:
    from test_ingest_wxr import Item, export

    long = f"{WORDS}\n\nThe county pays £38 for a place, and the fare is two pounds and forty."
    (tmp_path / "export.xml").write_text(export(Item(content=long)), encoding="utf-8")
    url = "https://blog.example.org/2014/05/p1/"
    (tmp_path / "feed.xml").write_text(
        f"<rss version='2.0'><channel><title>Notes</title><item><title>The minibus</title><link>{url}"
        "?utm_source=rss</link><description>What the bus does in a week, told for the feed."
        "</description></item></channel></rss>",
        encoding="utf-8",
    )
    body = (
        f"<article class='hentry'><h1 class='entry-title'>The minibus</h1><p>{WORDS}</p></article>"
    )
    head = f"<link rel='canonical' href='{url}'>"
    (tmp_path / "page.html").write_text(page(body, head, "single"), encoding="utf-8")
    [post] = corpus(tmp_path).posts
    assert post.source == "export.xml"
    assert {place.source for place in post.also_in} == {"feed.xml", "page.html"}
    assert [place.complete for place in post.also_in if place.source == "feed.xml"] == [False]


def test_a_canonical_address_that_all_pages_share_is_not_believed(tmp_path: Path) -> None:
    for number in range(4):
        body = (
            f"<article class='post'><h1>Post number {number} of four</h1><div class='entry-content'><p>"
            f"{WORDS} {number}</p><p>There are {number * 37} other words in it.</p></div></article>"
        )
        head = "<link rel='canonical' href='https://blog.example.org/'>"
        (tmp_path / f"post-number-{number}-of-four.html").write_text(page(body, head, "single"))
    assert len(corpus(tmp_path).posts) == 4


PROSE = "".join(
    f"<p>The trust mended the {part} in the spring, and paid a joiner from the next village.</p>"
    for part in ("wheel", "sluice", "roof", "weir", "door", "stair", "floor")
)


def cards(count: int, words: str = "What it says in one short sentence.") -> str:
    return "".join(
        f"<article class='card'><h3><a href='/news/{n}'>Another story, number {n}</a></h3><p>{words}</p></article>"
        for n in range(count)
    )


def lines_of(html: str, name: str = "page.html") -> list[str]:
    document = read_html(name, "0", html)
    return [
        document.text[b.start : b.end] for p in document.posts for b in p.blocks if b.kind in TEXT
    ]


@pytest.mark.parametrize(
    "head",
    [
        "<meta property='og:type' content='article'>",
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"The mill"}</script>',
        "",
    ],
    ids=["og", "ld", "heading alone"],
)
def test_an_article_is_one_whatever_teasers_stand_around_it(head: str) -> None:
    html = page(f"<main><h1>The mill</h1>{PROSE}</main><section>{cards(6)}</section>", head)
    found = lines_of(html.replace("<title>T</title>", "<title>The mill - News</title>"))
    assert len(found) == 7
    assert all("mended" in line for line in found)


def test_a_list_is_one_though_its_head_calls_it_an_article() -> None:
    html = page(
        f"<main><h1>News</h1><p>All that is new.</p>{cards(6)}</main>",
        "<meta property='og:type' content='article'><meta property='og:url' content='https://x.example/news'>",
    )
    assert len(read_html("page.html", "0", html).posts) == 6


def test_text_in_several_boxes_is_one_text() -> None:
    boxes = "".join(
        f"<div class='article__body'><p>In {year} the weir was mended by the neighbours, who paid for it.</p></div>"
        "<div class='promo'>Advertisement</div>"
        for year in (1990, 1991, 1992)
    )
    assert len(lines_of(page(f"<article><h1>T</h1>{boxes}</article>", "", "single-post"))) == 3


def test_a_title_outside_its_article_is_the_title_and_subheadings_stay() -> None:
    html = page(
        f"<div class='banner-box'><h1>The weir is shut</h1></div><article><div class='entry-content'><h3>Why?</h3><p>{WORDS}</p></div></article>",
        "",
        "single",
    ).replace("<title>T</title>", "<title>The weir is shut – Notes</title>")
    document = read_html("a.html", "0", html)
    [post] = document.posts
    assert post.title is not None
    assert post.title.of(document.text) == "The weir is shut"
    assert lines_of(html) == ["Why?", WORDS]


def test_a_page_of_pictures_is_a_post_without_text_and_never_its_menu() -> None:
    menu = "".join(f"<li><a href='/{n}'>A page of the menu, {n}</a></li>" for n in range(9))
    html = page(
        f"<ul>{menu}</ul><article class='post'><h1>The fair</h1><div class='entry-content'><img src='a.jpg'></div></article>",
        "<meta property='og:type' content='article'>",
    )
    document = read_html("a.html", "0", html)
    assert document.posts == ()
    assert document.skipped == ("without any text (“The fair”)",)


def test_a_page_on_which_two_readings_differ_is_said_to_be_doubtful() -> None:
    from askscwru.ingest.compose import Part
    from askscwru.ingest.html.page_text import combined

    ours = [Part(f"The mill was mended in the year {n}, and nobody was hurt.") for n in range(9)]
    theirs = [
        Part(f"Quite another thing was said of the ferry {n} on this page.") for n in range(9)
    ]
    assert combined(ours, ours, declared=False).doubtful is None
    assert combined(ours, [*ours[:2], *theirs], declared=False).doubtful is not None
    kept = combined([*ours, Part("A link to more", linked=1.0)], ours, declared=True)
    assert kept.parts == ours


def test_todays_date_above_a_page_is_not_the_posts() -> None:
    html = page(
        f"<header><time datetime='2026-11-27'>Today</time></header><main><h1>T</h1>{PROSE}</main>"
        "<footer><span class='date'>27 November 2026</span></footer>"
    )
    [post] = read_html("a.html", "0", html).posts
    assert post.published is None


def test_a_definition_stands_with_its_terms_and_nothing_of_either_is_lost() -> None:
    html = (
        f"<article><h1>Words of the orchard</h1><p>{WORDS}</p><dl><dt>Windfall</dt><dt>Drop</dt>"
        "<dd>An apple that fell by itself.</dd><dd><p>Never sold.</p><p>Pressed instead.</p></dd>"
        "<dt>Empty</dt><dd></dd><dt>Tools</dt><dd><ul><li>ladder</li><li>bag</li></ul></dd>"
        f"<dt>Is it locked?</dt><dd>Yes.</dd><dt>Alone</dt></dl><p>{WORDS}</p></article>"
    )
    assert lines_of(html)[1:-1] == [
        "Windfall, Drop: An apple that fell by itself.",
        "Windfall, Drop: Never sold.",
        "Pressed instead.",
        "Empty",
        "Tools:",
        "ladder",
        "bag",
        "Is it locked? Yes.",
        "Alone",
    ]


def test_the_paragraphs_of_a_list_point_are_one_point() -> None:
    html = (
        f"<article><h1>Walks</h1><p>{WORDS}</p><ol><li><p>The Monday group meets at ten.</p>"
        "<p>It is for beginners.</p></li><li>The bag holds<ul><li>a map</li></ul><p>It is dry.</p>"
        f"</li><li><p>{WORDS * 6}</p><p>{WORDS * 6}</p></li></ol></article>"
    )
    assert lines_of(html)[1:] == [
        "The Monday group meets at ten.\nIt is for beginners.",
        "The bag holds",
        "a map",
        "It is dry.",
        WORDS * 6,
        WORDS * 6,
    ]


MARKUP = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in "dl dt dd li ul ol p div h2 span pre br".split()]),
    st.sampled_from([f"</{tag}>" for tag in "dl dt dd li ul ol p div h2 span pre".split()]),
    st.just(""),
)


@given(st.lists(MARKUP, min_size=3, max_size=30))
def test_however_lists_and_definitions_are_nested_no_word_is_lost(
    pieces: list[str],
) -> None:
    told = "".join(f"{piece} word{at}x is told. " for at, piece in enumerate(pieces))
    text = " ".join(part.text for part in parts_of(lxml_html.fromstring(f"<div>{told}</div>")))
    places = [text.find(f"word{at}x ") for at in range(len(pieces))]
    assert min(places) >= 0
