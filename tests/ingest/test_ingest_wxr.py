"""WordPress's export: every published post once, and nothing of anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from askscwru.ingest import Corpus, read_corpus
from askscwru.ingest.formats.shortcodes import without_shortcodes
from askscwru.ingest.formats.wxr import content_parts, read_wxr
from askscwru.settings import Settings
from askscwru.types import BlockKind

TEXT = "The minibus leaves at nine and comes back at four with eleven people in it."


@dataclass(frozen=True)
class Item:
    """One item of an export."""

    title: str = "The minibus"
    content: str = TEXT
    kind: str = "post"
    status: str = "publish"
    creator: str = "aleigh"
    day: str = "2014-05-03 23:30:00"
    number: int = 1
    extra: str = ""

    def xml(self, wp: str = "wp") -> str:
        return f"""<item><title><![CDATA[{self.title}]]></title>
<link>https://blog.example.org/2014/05/p{self.number}/</link>
<pubDate>Sun, 04 May 2014 03:30:00 +0000</pubDate>
<dc:creator><![CDATA[{self.creator}]]></dc:creator>
<guid isPermaLink="false">https://blog.example.org/?p={self.number}</guid>
<content:encoded><![CDATA[{self.content}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded>
<{wp}:post_id>{self.number}</{wp}:post_id><{wp}:post_date>{self.day}</{wp}:post_date>
<{wp}:status>{self.status}</{wp}:status><{wp}:post_type>{self.kind}</{wp}:post_type>
<{wp}:post_password></{wp}:post_password>{self.extra}
<category domain="category" nicename="buses"><![CDATA[Buses &amp; trains]]></category>
<category domain="post_tag" nicename="money"><![CDATA[money]]></category>
<{wp}:comment><{wp}:comment_author><![CDATA[Zoltan Quibble]]></{wp}:comment_author>
<{wp}:comment_author_email>zoltan@example.net</{wp}:comment_author_email>
<{wp}:comment_author_IP>203.0.113.9</{wp}:comment_author_IP>
<{wp}:comment_content><![CDATA[Never on time.]]></{wp}:comment_content></{wp}:comment></item>"""


def export(*items: Item, version: str = "1.2", wp: str = "wp") -> str:
    space = f"http://wordpress.org/export/{version}/"
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="{space}excerpt/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:{wp}="{space}"><channel>
<title>Notes &amp; queries</title><link>https://blog.example.org</link>
<{wp}:wxr_version>{version}</{wp}:wxr_version>
<{wp}:author><{wp}:author_login>aleigh</{wp}:author_login>
<{wp}:author_email>ann@example.net</{wp}:author_email>
<{wp}:author_display_name><![CDATA[Ann Leigh]]></{wp}:author_display_name></{wp}:author>
{"".join(item.xml(wp) for item in items)}</channel></rss>"""


def corpus(folder: Path, text: str, **settings: bool) -> Corpus:
    (folder / "export.xml").write_text(text, encoding="utf-8")
    told = Settings(seeds=folder, embeddings=folder / "none", **settings)  # type: ignore[arg-type]
    return read_corpus(told, lambda *_: None)


@pytest.mark.parametrize(("version", "prefix"), [("1.0", "wp"), ("1.1", "wp"), ("1.2", "w")])
def test_a_post_has_all_that_the_export_says_of_it(
    tmp_path: Path, version: str, prefix: str
) -> None:
    [post] = corpus(tmp_path, export(Item(), version=version, wp=prefix)).posts
    assert (post.title, post.authors, post.blog) == (
        "The minibus",
        ("Ann Leigh",),
        "Notes & queries",
    )
    assert post.published == "2014-05-03"  # the writer's day, not Greenwich's
    assert post.url == "https://blog.example.org/2014/05/p1/"
    assert (post.categories, post.tags) == (("Buses & trains",), ("money",))
    assert post.complete
    assert post.source == "export.xml"


def test_offsets_are_into_the_text_that_is_kept(tmp_path: Path) -> None:
    read = corpus(tmp_path, export(Item(), Item(title="Second", content=f"{TEXT}!", number=2)))
    text = read.texts["export.xml"]
    second = read.posts[1]
    assert [text[b.start : b.end] for b in second.blocks] == [
        "Second",
        "By Ann Leigh, 3 May 2014",
        f"{TEXT}!",
    ]
    assert text[second.start : second.end].startswith("Second")


def test_nothing_of_commenters_and_no_address_is_read(tmp_path: Path) -> None:
    (tmp_path / "export.xml").write_text(export(Item()), encoding="utf-8")
    document = read_wxr("x", "0", (tmp_path / "export.xml").read_bytes())
    told = repr(document)
    for secret in ("Quibble", "zoltan", "203.0.113.9", "Never on time", "ann@example.net"):
        assert secret not in told


def test_what_is_not_published_is_left_out_and_counted(tmp_path: Path) -> None:
    locked = "<wp:post_password>enter</wp:post_password>"
    items = [
        Item(),
        Item(status="draft", title="A draft", number=2),
        Item(status="private", title="Mine", number=3),
        Item(status="future", title="Later", number=4),
        Item(kind="attachment", status="inherit", number=5),
        Item(kind="nav_menu_item", number=6),
        Item(kind="page", title="About", content=f"About us. {TEXT}", number=7),
        Item(title="Empty", content="<!-- wp:image --><figure><img/></figure>", number=8),
    ]
    text = export(*items) + ""
    text = text.replace("</channel>", Item(number=9, title="Locked").xml() + "</channel>")
    head, _, tail = text.rpartition("<wp:post_password></wp:post_password>")
    read = corpus(tmp_path, head + locked + tail)
    assert [post.title for post in read.posts] == ["The minibus", "About"]
    [skip] = read.skipped
    assert skip.name == "export.xml"
    for told in (
        "1 draft (“A draft”)",
        "1 private (“Mine”)",
        "1 scheduled",
        "1 attachment",
        "1 menu item",
        "1 without any text (“Empty”)",
        "1 behind a password (“Locked”)",
    ):
        assert told in skip.reason
    asked = corpus(tmp_path, head + locked + tail, unpublished=True)
    assert {post.title for post in asked.posts} == {
        "The minibus", "About", "A draft", "Mine", "Later",
    }  # fmt: skip


def test_a_post_without_a_title_and_coauthors_and_odd_dates(tmp_path: Path) -> None:
    two = '<category domain="author" nicename="bo"><![CDATA[Bo Marsh]]></category>'
    two += '<category domain="author" nicename="ann"><![CDATA[Ann Leigh]]></category>'
    read = corpus(
        tmp_path,
        export(
            Item(title="", number=1),
            Item(
                title="Two <em>at</em> once &amp; more", extra=two, content="Other words.", number=2
            ),
            Item(title="Undated", day="0000-00-00 00:00:00", content="Third words.", number=3),
        ),
    )
    first, second, third = read.posts
    assert first.title is None
    assert (second.title, second.authors) == ("Two at once & more", ("Bo Marsh", "Ann Leigh"))
    assert third.published == "2014-05-04"


def test_a_damaged_export_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = export(Item(), Item(title="Second & last", content="Other words here.", number=2))
    cut = whole[: whole.index("<wp:comment>", whole.index("Second"))]
    broken = cut.replace("<![CDATA[The minibus]]>", "The\x0b minibus &nbsp;&eacute; & so")
    read = corpus(tmp_path, broken)
    assert [post.title for post in read.posts] == ["The minibus é & so"]
    assert "cut off (“Second & last”)" in read.skipped[0].reason


def kinds(content: str) -> list[tuple[str, str]]:
    return [(part.kind.value, part.text) for part in content_parts(content)]


def test_markup_becomes_paragraphs_headings_points_and_rows() -> None:
    assert kinds(
        "First\nline.\n\nSecond <b>bold</b>&nbsp;line &amp; so.<h2>Head</h2>\n<ul><li>One</li>"
        "<li>Two</li></ul><blockquote><p>Said.</p></blockquote><table><tr><th>Year</th><th>Sum"
        "</th></tr><tr><td>2014</td><td>£3</td></tr></table><script>x()</script><style>p{}</style>"
        "<!-- wp:search --><div class='wp-block-search'>Search here</div><!-- /wp:search -->"
        "<!--more--><p>Last.</p><pre>a  b\n  c</pre>https://youtu.be/abc"
    ) == [
        ("body", "First line."),
        ("body", "Second bold line & so."),
        ("heading", "Head"),
        ("list", "One"),
        ("list", "Two"),
        ("body", "Said."),
        ("body", "Year: 2014; Sum: £3."),
        ("body", "Last."),
        ("body", "a b\n  c"),
        ("body", "https://youtu.be/abc"),
    ]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ('a [gallery ids="1,2" link="none"] b', "a  b"),
        ("a [[gallery]] b", "a [gallery] b"),
        ("he said [sic] and [1] and […] and [Editor's note: no]", None),
        ('[vc_row][vc_column width="1/2"]kept[/vc_column][/vc_row]', "kept"),
        ("[embed]https://youtu.be/x[/embed]after", "after"),
        ("[quote]said[/quote] so", "said so"),
        ("the [survey] says", None),
        ('[survey id="4"]the [survey] says', "the [survey] says"),
        ("[a b", None),
    ],
)
def test_shortcodes_go_and_a_writers_brackets_stay(content: str, shown: str | None) -> None:
    assert without_shortcodes(content) == (content if shown is None else shown)


def test_a_caption_is_kept_where_it_is_a_sentence() -> None:
    told = "The bus in the square, on the day that it came."
    for caption, kept in ((told, True), ("The bus", False)):
        content = (
            f'[caption id="a" width="3"]<a href="b"><img src="c"></a> {caption}[/caption]{TEXT}'
        )
        assert ((BlockKind.BODY.value, caption) in kinds(content)) is kept
        assert ("body", TEXT) in kinds(content)
    assert kinds(f"[code]x = [1]\ny[/code]{TEXT}") == [("body", "x = [1]\ny"), ("body", TEXT)]


def test_posts_that_the_export_tells_apart_stay_apart_unless_they_are_the_same(
    tmp_path: Path,
) -> None:
    long = " ".join(f"{TEXT} Week after week, number {n // 9}." for n in range(9))
    read = corpus(
        tmp_path,
        export(
            Item(content=long, number=1),
            Item(content=long, title="The bus again", number=2),
            Item(content=long, number=3),
        ),
    )
    assert sorted(post.title or "" for post in read.posts) == ["The bus again", "The minibus"]
    first, again = read.posts
    assert len(first.also_in) == 1
    assert first.see_also == (again.id,)
    assert again.see_also == (first.id,)


def test_the_block_editors_export_is_read_as_a_stream(tmp_path: Path) -> None:
    many = export(*(Item(title=f"Post {n}", content=f"{TEXT} {n}", number=n) for n in range(300)))
    assert len(corpus(tmp_path, many).posts) == 300
