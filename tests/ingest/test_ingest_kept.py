"""What a reader of a page sees as part of a post is read, and what stands around it is not."""

# ruff: noqa: E501
from __future__ import annotations

from pathlib import Path

import pytest

from askscwru.assistant import no_progress
from askscwru.ingest import read_corpus
from askscwru.ingest.formats.feeds import read_feed
from askscwru.ingest.found import Document
from askscwru.ingest.html.html_page import read_html
from askscwru.settings import Settings

BEFORE = (
    "<p>The old quarry filled with water in 1962, when the pumps were sold, and nobody has "
    "swum in it since then.</p><p>It took my father a day to build five yards of the wall, and it "
    "takes me three, in all weathers.</p>"
)
AFTER = (
    "<p>Last of all come the cope stones, which should be as heavy as one man can lift without "
    "swearing at them.</p>"
)
NAMED = '<article class="post"><h1>The quarry</h1><div class="entry-content">{}</div></article>'
BARE = "<div><h1>The quarry</h1>{}</div>"


def read(body: str, title: str = "The quarry") -> Document:
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return read_html("quarry.html", "0", page)


def blocks(document: Document) -> list[str]:
    (post,) = document.posts
    return [
        document.text[b.start : b.end]
        for b in post.blocks
        if b.kind.value not in ("title", "byline")
    ]


def between(snippet: str, frame: str = NAMED) -> list[str]:
    """What is read between the paragraphs before and after."""
    told = blocks(read(frame.format(f"{BEFORE}{snippet}{AFTER}")))
    return told[2:-1]


@pytest.mark.parametrize("frame", [NAMED, BARE, f"<table><tr><td>{BARE}</td></tr></table>"])
def test_a_list_is_kept_wherever_the_page_puts_its_text(frame: str) -> None:
    snippet = "<p>Take these to the wall:</p><ul><li>a hammer</li><li>two lines</li></ul>"
    assert between(snippet, frame) == ["Take these to the wall:", "a hammer", "two lines"]


def test_a_list_at_the_end_is_kept_where_a_sentence_leads_into_it() -> None:
    told = blocks(read(BARE.format(f"{BEFORE}{AFTER}<p>Take these:</p><ul><li>a hammer</li></ul>")))
    assert told[-2:] == ["Take these:", "a hammer"]


@pytest.mark.parametrize(
    ("snippet", "told"),
    [
        (
            "<table><caption>Prices</caption><tr><th></th><th>May</th><th>June</th></tr>"
            "<tr><th>Rye</th><td>£3</td><td>£4</td></tr></table>",
            ["Prices", "Rye; May: £3; June: £4."],
        ),
        ("<dl><dt>Full plot</dt><dd>£64 a year</dd></dl>", ["Full plot: £64 a year"]),
        (
            "<blockquote><p>The water is as cold as a bishop.</p><footer>— Anselm Quick</footer></blockquote>",
            ["The water is as cold as a bishop.", "— Anselm Quick"],
        ),
        (
            "<figure><blockquote><p>The water is as cold as a bishop.</p></blockquote>"
            "<figcaption>— Anselm Quick, <cite>Days</cite></figcaption></figure>",
            ["The water is as cold as a bishop.", "— Anselm Quick, Days"],
        ),
    ],
    ids=["row", "definition", "foot of a quotation", "caption of a quotation"],
)
@pytest.mark.parametrize("frame", [NAMED, BARE], ids=["named", "bare"])
def test_what_is_short_is_kept_with_what_holds_it(
    snippet: str, told: list[str], frame: str
) -> None:
    assert between(snippet, frame) == told


@pytest.mark.parametrize(
    ("snippet", "told"),
    [
        (
            '<div class="elementor-element elementor-widget elementor-widget-text-editor">'
            '<div class="elementor-widget-container"><p>The hut sells tea.</p></div></div>',
            ["The hut sells tea."],
        ),
        (
            '<div class="so-panel widget widget_sow-editor"><p>The hut sells tea.</p></div>',
            ["The hut sells tea."],
        ),
        ('<div class="widget widget_recent_entries"><p>The hut sells tea.</p></div>', []),
        ('<div class="elementor-widget elementor-widget-nav-menu"><p>The hut.</p></div>', []),
        (
            '<aside class="starlight-aside starlight-aside--caution"><p>Never dive from the east crag.</p></aside>',
            ["Never dive from the east crag."],
        ),
        ("<aside><p>Never dive from the east crag.</p></aside>", ["Never dive from the east crag."]),
        ('<aside class="widget-area"><p>Never dive from the east crag.</p></aside>', []),
        ('<aside class="related-links"><p>Never dive from the east crag.</p></aside>', []),
        (
            '<h3 class="wp-block-accordion-heading"><button aria-expanded="false"><span>May dogs swim?</span></button></h3>'
            '<div role="region" class="wp-block-accordion-panel" hidden><p>No, nor may geese.</p></div>',
            ["May dogs swim?", "No, nor may geese."],
        ),
        ('<div class="menu-panel" hidden><p>No, nor may geese.</p></div>', []),
        ("<figure><img><figcaption>The hut burned down in 1988.</figcaption></figure>", ["The hut burned down in 1988."]),
        ("<figure><img><figcaption>Photo by Ann Leigh of the Herald.</figcaption></figure>", []),
        ("<figure><img><figcaption>Figure 2: Depth by month</figcaption></figure>", ["Figure 2: Depth by month"]),
        ('<h2>The gate <a class="headerlink" href="#gate">¶</a></h2><p>It is shut.</p>', ["The gate", "It is shut."]),
    ],
)  # fmt: skip
def test_a_box_is_known_by_what_it_is_for(snippet: str, told: list[str]) -> None:
    assert between(snippet) == told


def test_a_note_written_in_a_sentence_stands_below_its_paragraph() -> None:
    snippet = (
        '<p>The sails were of elm<label class="margin-toggle"></label><span class="sidenote">Not of '
        "oak, as Roe has it.</span> and each weighed a ton.</p><p>They turned.</p>"
    )
    document = read(NAMED.format(f"{BEFORE}{snippet}{AFTER}"))
    assert blocks(document)[2:-1] == [
        "The sails were of elm and each weighed a ton.",
        "Not of oak, as Roe has it.",
        "They turned.",
    ]
    (note,) = document.posts[0].notes
    assert document.text[note.start : note.end] == "Not of oak, as Roe has it."
    assert document.text[: note.mark].endswith("The sails were of elm")


def test_notes_below_a_list_are_none_of_its_points() -> None:
    snippet = (
        '<p>These rot it:<sup><a href="#x">1</a></sup></p><ul><li>salt</li><li>sun</li></ul>'
        '<ol class="footnotes"><li id="x">Fresh water washes it out.</li></ol>'
    )
    (post,) = (document := read(NAMED.format(f"{BEFORE}{snippet}{AFTER}"))).posts
    kinds = {document.text[b.start : b.end]: b.kind.value for b in post.blocks}
    assert kinds["salt"] == "list"
    assert kinds["Fresh water washes it out."] == "body"


@pytest.mark.parametrize(
    ("head", "title", "authors", "published"),
    [
        (
            '<p class="MsoTitle">The quarry</p><p>By Catrin Holloway</p><p>12 January 2015</p>',
            "The quarry",
            ("Catrin Holloway",),
            "2015-01-12",
        ),
        (
            '<h1 id="banner-header"><a href="/">Hill Letters</a></h1><h2 class="date-header">May 06, '
            '2010</h2><h3 class="entry-header">The quarry</h3>',
            "The quarry",
            (),
            "2010-05-06",
        ),
    ],
    ids=["a word processor's", "an old engine's"],
)
def test_the_title_is_what_the_page_calls_itself(
    head: str, title: str, authors: tuple[str, ...], published: str
) -> None:
    page = f"<div class='content'>{head}{BEFORE}<h1>Three causes</h1>{AFTER}{BEFORE}</div>"
    document = read(page, "Hill Letters: The quarry" if "banner" in head else "The quarry")
    (post,) = document.posts
    assert post.title is not None
    assert document.text[post.title.start : post.title.end] == title
    assert (post.authors, post.published) == (authors, published)


def test_who_powers_a_site_wrote_nothing() -> None:
    foot = "<p>Hill Letters is proudly powered by <a>WordPress</a><br><a>Entries (RSS)</a></p>"
    (post,) = read(f"{NAMED.format(BEFORE + AFTER)}<div>{foot}</div>").posts
    assert post.authors == ()


@pytest.mark.parametrize(
    "line",
    [
        "Updated 9 June 2022. Originally published 5 May 2020.",
        "Last updated on June 9, 2022; posted 5 May 2020",
    ],
)
def test_when_a_post_was_changed_is_not_when_it_was_published(line: str) -> None:
    page = NAMED.replace("<div", f'<p class="entry-meta">{line}</p><div')
    assert read(page.format(BEFORE + AFTER)).posts[0].published == "2020-05-05"


def test_the_head_of_a_page_says_when_and_who_in_attributes_too() -> None:
    meta = (
        '<meta itemprop="datePublished" content="2022-09-30T09:00:00+0100">'
        '<meta itemprop="author" content="Wendy Oak">'
    )
    page = f"<html><head><title>The quarry</title>{meta}</head><body>{NAMED.format(BEFORE + AFTER)}</body></html>"
    (post,) = read_html("quarry.html", "0", page).posts
    assert (post.authors, post.published) == (("Wendy Oak",), "2022-09-30")


def test_an_address_of_any_ending_is_no_name() -> None:
    item = "<item><title>T</title><author>lena@a.example (Lena Fisk)</author><description>It rained on the fair all day.</description></item>"
    feed = f"<rss version='2.0'><channel><title>N</title>{item}</channel></rss>"
    assert read_feed("f", "0", feed.encode()).posts[0].authors == ("Lena Fisk",)


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Words by Wendy Oak<br>Photographs by Tom Ash<br>6 May 2014", ("Wendy Oak",)),
        ("<span>3 February 2023</span>&nbsp;·&nbsp;4 min&nbsp;·&nbsp;Wendy Oak", ("Wendy Oak",)),
        ("<span>2016-05-03</span> / <span>Cleo Dunn</span> / <a>Paint</a>", ("Cleo Dunn",)),
        ("<span class='author'>Words and pictures: Wendy Oak</span>", ("Wendy Oak",)),
        ("Wendy Oak, quarry warden – 6 May 2014", ("Wendy Oak",)),
        ("Posted: 6 May 2014 | Wendy Oak (quarry warden)", ("Wendy Oak",)),
        ("Wendy Oak / 06.05.14", ("Wendy Oak",)),
        ("Wendy Oak, Quarry Lead – 6 May 2014", ("Wendy Oak",)),
    ],
    ids=["lines", "reading time", "category", "credit", "role", "bracket", "dots", "title"],
)
def test_a_name_ends_where_its_line_does(line: str, authors: tuple[str, ...]) -> None:
    page = NAMED.replace("<div", f'<p class="credits">{line}</p><div')
    assert read(page.format(BEFORE + AFTER)).posts[0].authors == authors


def test_a_day_that_nobody_can_tell_is_not_taken_from_further_down() -> None:
    line = "<p class='meta'>Posted on 05/06/2014</p><p>From 1 July 2014 the gate is shut.</p>"
    page = NAMED.replace("<div", f"{line}<div")
    assert read(page.format(BEFORE + AFTER)).posts[0].published is None
    priced = page.format(f"{BEFORE}<p>A key costs £4.</p>{AFTER}")
    assert read(priced).posts[0].published == "2014-06-05"


@pytest.mark.parametrize("box", ["div class='post'", "article"])
def test_posts_that_stand_whole_on_one_page_are_several(tmp_path: Path, box: str) -> None:
    end = box.split()[0]
    posts = "".join(
        f"<{box}><h2>The {what}</h2><p class='date'>12 {month} 2009</p><p>The {what} was painted by "
        f"{who} in one afternoon, with a brush that had been made for tar and for nothing else.</p>"
        f"<p>{who} never painted it again, and it never needed it.</p></{end}>"
        for what, month, who in (("red door", "March", "Ann"), ("blue gate", "May", "Ben"))
    )
    page = f"<html><head><title>Quay Diary</title></head><body><h1><a href='/'>Quay Diary</a></h1>{posts}</body></html>"
    settings = Settings(seeds=tmp_path / "seeds", embeddings=tmp_path / "index")
    settings.seeds.mkdir()
    (settings.seeds / "diary.html").write_text(page, encoding="utf-8")
    found = read_corpus(settings, no_progress).posts
    assert [(post.title, post.published) for post in found] == [
        ("The red door", "2009-03-12"),
        ("The blue gate", "2009-05-12"),
    ]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Read the whole file before you visit.", True),
        ("Read the full report before the meeting starts.", True),
        ("Read the rest of this entry on the website.", False),
        ("Read the full article here, on our other site.", False),
        ("Read more about the quarry and its ducks…", False),
    ],
)
def test_advice_to_read_something_is_no_link_to_the_rest(line: str, kept: bool) -> None:
    assert between(f"<p>{line}</p>") == ([line] if kept else [])
    assert between(f"<ul><li>{line}</li></ul>") == ([line] if kept else [])


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("On 4 April 2008, Beyoncé married Jay Z.", True),
        ("Published in 2012, the report was ignored.", True),
        ("Published in Buses, 3 May 2014.", False),
        ("3 May 2014, Ann Lee", False),
        ("Tags: buses, night.", False),
    ],
)
def test_a_short_sentence_with_a_date_is_no_label(line: str, kept: bool) -> None:
    assert between(f"<p>{line}</p>") == ([line] if kept else [])


def test_a_note_in_a_point_does_not_cut_its_list() -> None:
    snippet = (
        "<p>You need:</p><ul><li>elm<span class='sidenote'>Not oak.</span></li><li>a saw</li></ul>"
    )
    assert between(snippet) == ["You need:", "elm", "a saw", "Not oak."]
