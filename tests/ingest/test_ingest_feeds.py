"""Feeds of all kinds, whole and cut short, sound and broken."""

# ruff: noqa: E501
from __future__ import annotations

import json

import pytest

from askscwru.errors import SourceError
from askscwru.ingest.formats.feeds import read_feed, read_json_feed
from askscwru.ingest.found import Document

WORDS = "The minibus leaves the square at nine and comes back at four with eleven people in it."


def feed(items: str, channel: str = "<title>Notes</title>") -> Document:
    text = f"<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>{channel}{items}</channel></rss>"
    return read_feed("feed.xml", "0", text.encode())


def shown(document: Document) -> list[str]:
    [post] = document.posts
    return [
        document.text[b.start : b.end] for b in post.blocks if b.kind in ("body", "heading", "list")
    ]


def test_a_full_item_is_a_post() -> None:
    document = feed(
        f"<item><title>A &amp;amp; B</title><link>https://x.example/a</link><author>ann@example.net (Ann "
        "Leigh)</author><category>News</category><pubDate>Sat, 03 May 2014 23:30:00 -0500</pubDate>"
        f"<description>short</description><content:encoded><![CDATA[<p>{WORDS}</p><p>The fare is two pounds.</p>"
        "<div class='feedflare'>Digg</div><p>The post A appeared first on Notes.</p>]]></content:encoded>"
        "</item>"
    )
    [post] = document.posts
    assert post.title is not None
    assert post.title.of(document.text) == "A & B"
    assert (post.url, post.published, post.complete) == ("https://x.example/a", "2014-05-03", True)
    assert post.categories == ("News",)
    assert document.blog == "Notes"
    assert "example.net" not in document.text
    assert shown(document) == [WORDS, "The fare is two pounds."]


@pytest.mark.parametrize("end", ["[&#8230;]", "...", "<a href='x'>Continue reading</a>", ""])
def test_a_summary_is_an_opening(end: str) -> None:
    document = feed(
        f"<item><title>T</title><description><![CDATA[<p>{WORDS} {end}</p>]]></description></item>"
    )
    assert document.posts[0].complete is False
    assert "Continue" not in document.text


def test_atom_with_markup_inside_and_two_authors() -> None:
    document = read_feed(
        "a.atom",
        "0",
        f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title>
        <entry><title type="html">The &lt;b&gt;bus&lt;/b&gt;</title><id>tag:x,1</id>
        <link rel="alternate" href="https://x.example/bus"/><author><name>Ann Leigh</name></author>
        <author><name>Bo Marsh</name></author><published>2014-05-03T01:00:00+02:00</published>
        <updated>2020-01-01T00:00:00Z</updated><content type="xhtml"><div
        xmlns="http://www.w3.org/1999/xhtml"><p>{WORDS}</p></div></content></entry></feed>""".encode(),
    )
    [post] = document.posts
    assert post.authors == ("Ann Leigh", "Bo Marsh")
    assert post.published == "2014-05-03"
    assert document.text.startswith(
        "The bus\n\nBy Ann Leigh and Bo Marsh, 3 May 2014\n\nThe minibus"
    )


def test_rdf_is_read() -> None:
    document = read_feed(
        "a.rdf",
        "0",
        f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Notes</title></channel><item
        rdf:about="https://x.example/a"><title>Bus</title><link>https://x.example/a</link>
        <description>{WORDS}</description><dc:creator>Ann Leigh</dc:creator><dc:date>2003-05-03T10:00:00Z
        </dc:date></item></rdf:RDF>""".encode(),
    )
    assert document.posts[0].authors == ("Ann Leigh",)
    assert document.posts[0].published == "2003-05-03"


def test_a_json_feed_is_read() -> None:
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Notes",
        "authors": [{"name": "Ann Leigh"}],
        "items": [
            {"id": 1, "url": "https://x.example/a", "title": "Bus", "content_html": f"<p>{WORDS}</p>",
             "date_published": "2014-05-03T10:00:00Z", "tags": ["money"]},
            {"id": 2, "content_text": "One paragraph.\n\nAnother \ud83d one.", "authors": []},
            {"id": 3, "title": "Nothing"}, "not an item",
        ],
    }  # fmt: skip
    document = read_json_feed("feed.json", "0", json.dumps(told).encode())
    first, second = document.posts
    assert (first.authors, first.published, first.tags) == (
        ("Ann Leigh",),
        "2014-05-03",
        ("money",),
    )
    assert second.title is None
    assert document.skipped == ("1 without any text (“Nothing”)",)
    document.text.encode("utf-8")


def test_a_broken_feed_is_read_as_far_as_it_goes() -> None:
    item = f"<item><title>Bus & tram &nbsp;here</title><description>{WORDS}</description></item>"
    document = feed(
        f"{item}<item><title>Cut off</title><description>{WORDS} and", "<title>N</title>"
    )
    assert len(document.posts) == 1
    assert document.text.startswith("Bus & tram here")
    assert document.skipped == ("1 without any text (“Cut off”)",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<svg xmlns='x'/>", "neither an export"),
        (f"<rss><channel><title>Comments on: Bus</title><item><description>{WORDS}</description></item>"
         "</channel></rss>", "comments"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_named(text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read_feed("x.xml", "0", text.encode())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"items": 3}', '{"version": "other", "items": []}']
)
def test_what_is_no_json_feed_is_named(text: str) -> None:
    with pytest.raises(SourceError, match="JSON"):
        read_json_feed("x.json", "0", text.encode())
