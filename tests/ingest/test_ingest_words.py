"""The writer's words as written: raised figures, struck words, tables, line ends, asides, dates."""

# ruff: noqa: E501
from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import parse_xml
from test_ingest_wxr import Item, export

from askscwru.index.lexical import analyse
from askscwru.ingest.dates import find_date, language_of, stated_day
from askscwru.ingest.formats.feeds import read_feed
from askscwru.ingest.formats.pdf import _paragraphs
from askscwru.ingest.formats.word import read_docx
from askscwru.ingest.formats.wxr import content_parts, read_wxr
from askscwru.ingest.found import Document
from askscwru.ingest.html.markup import parse_fragment, parts_of
from askscwru.letters import origins, spelled_out

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def lines(markup: str) -> list[str]:
    return [part.text for part in parts_of(parse_fragment(markup))]


def shown(document: Document) -> list[str]:
    return [
        document.text[b.start : b.end]
        for post in document.posts
        for b in post.blocks
        if b.kind not in ("title", "byline")
    ]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>It fed 12<sup><a href='#n1'>1</a></sup> hens.</p>", "It fed 12 hens."),
        ("<p>It fed 12<sup class='footnote'>1</sup> hens.</p>", "It fed 12 hens."),
        ("<p>It fed 12<a href='#fn1' class='footnote-ref'>1</a> hens.</p>", "It fed 12 hens."),
        ("<p>It fed 12<sup>1</sup> hens on 6 m<sup>2</sup>.</p>", "It fed 12¹ hens on 6 m²."),
        ("<p>On the 1<sup>st</sup> M<sup>rs</sup> Lee came.</p>", "On the 1st Mrs Lee came."),
        ("<p>See note <a href='#n2'>2</a>.</p>", "See note 2."),
        ("<p>It is 10<sup>6</sup> grains <a href='#fnref1'>↩</a></p>", "It is 10⁶ grains"),
        (
            "<p>The fee is <del>nine</del> <s>ten</s> eleven pounds.</p>",
            "The fee is eleven pounds.",
        ),
        (
            "<p>It is <span style='text-decoration: line-through'>shut</span> open.</p>",
            "It is open.",
        ),
        ("<p><s>Only this was ever written</s> here.</p>", "Only this was ever written here."),
    ],
)
def test_marks_and_struck_words_are_no_words(markup: str, text: str) -> None:
    assert lines(markup) == [text]


def test_a_figure_with_a_mark_is_found_as_the_figure() -> None:
    assert analyse("It fed 12¹ hens") == analyse("It fed 12 hens")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            "<thead><tr><th>Year</th><th colspan=2>Hens</th></tr></thead><tr><td>1990</td><td>4</td><td>5</td></tr>",
            ["Year: 1990; Hens: 4; Hens: 5."],
        ),
        (
            "<tr><td><b>Day</b></td><td><b>Open?</b></td></tr><tr><td rowspan=2>Friday</td><td>✓</td></tr><tr><td>no</td></tr>",
            ["Day: Friday; Open? ✓.", "Day: Friday; Open? no."],
        ),
        (
            "<tr><td>Site</td><td>2014</td></tr><tr><td>Sall</td><td>30</td></tr><tr><td>Reepham</td><td>41</td></tr>",
            ["Site: Sall; 2014: 30.", "Site: Reepham; 2014: 41."],
        ),
        ("<tr><td>Monday</td><td>nine</td></tr><tr><td>Friday</td><td>ten</td></tr>", ["Monday | nine", "Friday | ten"]),
        ("<tr><td><p>A page.</p><p>Laid out.</p></td></tr>", ["A page.", "Laid out."]),
    ],
    ids=["head", "bold", "figures", "no head", "layout"],
)  # fmt: skip
def test_rows_are_told_with_their_heads(table: str, told: list[str]) -> None:
    assert lines(f"<table>{table}</table>") == told


def test_asides_addresses_and_line_ends_of_a_wordpress_post_are_kept() -> None:
    content = (
        'It runs [thanks to Bo, see <a href="https://x.example/a">his page</a>].\n\n'
        "[video of the launch in the hall]\n\nhttps://x.example/form\n\n"
        'Open on Monday\nOpen on Friday, until the\nbell rings\n[gallery ids="1,2"]'
    )
    assert [part.text for part in content_parts(content)] == [
        "It runs [thanks to Bo, see his page].",
        "[video of the launch in the hall]",
        "https://x.example/form",
        "Open on Monday",
        "Open on Friday, until the\nbell rings",
    ]
    assert [p.text for p in content_parts("<!-- wp:paragraph --><p>One\nline.</p>")] == [
        "One line."
    ]


def test_what_shortcodes_wrap_is_told_apart() -> None:
    content = (
        '[toggle title="How long does it take?"]A week.[/toggle][tab]In June it lost two.[/tab]\n\n'
        "The sails were of elm[ref]Not of oak.[/ref] and each weighed a ton.\n\n[table id=4 /]"
    )
    assert [part.text for part in content_parts(content)] == [
        "How long does it take?",
        "A week.",
        "In June it lost two.",
        "The sails were of elm and each weighed a ton.",
        "Not of oak.",
    ]


def test_the_notes_of_a_wordpress_post_stand_below_it() -> None:
    meta = (
        "<wp:postmeta><wp:meta_key>_secret</wp:meta_key><wp:meta_value>12345</wp:meta_value></wp:postmeta>"
        "<wp:postmeta><wp:meta_key>footnotes</wp:meta_key><wp:meta_value><![CDATA["
        '[{"content":"Nine were of <em>oak</em>.","id":"a"}]]]></wp:meta_value></wp:postmeta>'
    )
    content = "<!-- wp:paragraph --><p>We built 12<sup data-fn='a' class='fn'><a href='#a'>1</a></sup> gates.</p>"
    document = read_wxr("x", "0", export(Item(content=content, extra=meta)).encode())
    assert shown(document) == ["We built 12 gates.", "Nine were of oak."]
    assert "12345" not in repr(document)


def test_squarespace_names_writers_by_their_addresses_and_posts_by_their_paths() -> None:
    item = Item(creator="bo@example.net").xml().replace("https://blog.example.org/2014", "/2014")
    text = export(Item(number=2)).replace("</channel>", f"{item}</channel>")
    document = read_wxr("x", "0", text.encode())
    assert [post.authors for post in document.posts] == [("Ann Leigh",), ()]
    assert document.posts[1].url == "https://blog.example.org/2014/05/p1/"
    assert "@" not in document.text


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2014-05-03T23:30:00-05:00", "2014-05-03"),
        ("Sat, 03 May 2014 23:30:00 -0500", "2014-05-03"),
        ("2014/5/3 10:00", "2014-05-03"),
        ("1399150800", "2014-05-03"),
        ("0000-00-00 00:00:00", None),
        ("Wed, 30 Nov -0001 00:00:00 +0000", None),
        ("2014-13-45", None),
        ("2014-05", None),
        ("05-03-2014", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("yesterday", None),
    ],
)
def test_a_day_is_stated_or_there_is_none(stated: str, day: str | None) -> None:
    assert stated_day(stated) == day


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en-GB", "2014-05-03"),
        ("de", "2014-05-03"),
        ("en-US", "2014-03-05"),
        ("en", None),
        (None, None),
    ],
)
def test_day_and_month_are_told_apart_by_the_language(
    language: str | None, day: str | None
) -> None:
    assert find_date("posted 03/05/2014", language) == day


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("Wendy Oak / 03.05.14", None, "2014-05-03"),
        ("posted 03.05.2014", "en", "2014-05-03"),
        ("posted 28/04/25", None, "2025-04-28"),
        ("posted 03/05/14", "en-GB", "2014-05-03"),
        ("posted 03/05/14", None, None),
        ("version 1.2.24", None, None),
        ("03.05.14.1", None, None),
        ("31.13.24", None, None),
    ],
)
def test_a_short_year_is_read_where_the_day_is_sure(
    text: str, language: str | None, day: str | None
) -> None:
    assert find_date(text, language) == day


@pytest.mark.parametrize(
    ("stated", "text", "told"),
    [
        (None, "A crossing costs £4.", "en-GB"),
        ("en", "A crossing costs £4.", "en-GB"),
        ("en", "A crossing costs £4 or $5.", "en"),
        ("en-US", "A crossing costs £4.", "en-US"),
        ("de", "Die Fahrt kostet £4.", "de"),
        (None, "A crossing costs 4 crowns.", None),
    ],
)
def test_prices_in_pounds_tell_where_an_english_page_is_from(
    stated: str | None, text: str, told: str | None
) -> None:
    assert language_of(stated, text) == told


def test_a_bad_date_costs_a_feed_nothing_and_is_not_guessed() -> None:
    days = ["0000-00-00", "20-14-2014", "Sat, 03 May 2014 10:00:00 GMT", "soon"]
    items = "".join(
        f"<item><title>T{n}</title><pubDate>{day}</pubDate><description>It rained on day {n} of the fair.</description></item>"
        for n, day in enumerate(days)
    )
    document = read_feed(
        "f", "0", f"<rss version='2.0'><channel><title>N</title>{items}</channel></rss>".encode()
    )
    assert [post.published for post in document.posts] == [None, None, "2014-05-03", None]


@pytest.mark.parametrize(
    ("escaped", "told"),
    [
        ("&lt;![CDATA[The mill &amp;amp; the weir.]]&gt;", "The mill & the weir."),
        ("&amp;lt;p&amp;gt;Five &amp;amp;amp; six.&amp;lt;/p&amp;gt;", "Five & six."),
        ("Write &amp;lt;b&amp;gt; for bold.", "Write <b> for bold."),
    ],
)
def test_what_a_feed_escaped_once_too_often_is_read(escaped: str, told: str) -> None:
    text = f"<rss version='2.0'><channel><title>N</title><item><title>T</title><description>{escaped}</description></item></channel></rss>"
    assert shown(read_feed("f", "0", text.encode())) == [told]


def test_what_the_writer_of_a_feed_calls_comments_is_text() -> None:
    body = "<h3>Comments</h3><p>We read nine of them aloud.</p><h3>Related</h3><p>The mill is older.</p><p>Read more</p>"
    text = f"<rss version='2.0'><channel><title>N</title><item><title>T</title><description><![CDATA[{body}]]></description></item></channel></rss>"
    assert shown(read_feed("f", "0", text.encode())) == [
        "Comments", "We read nine of them aloud.", "Related", "The mill is older.",
    ]  # fmt: skip


def word(*blocks: str) -> Document:
    document = docx.Document()
    for block in blocks:
        document.element.body.insert(
            -1, parse_xml(block.replace("<w:", "<w:", 1).replace(">", f' xmlns:w="{W}">', 1))
        )
    stream = io.BytesIO()
    document.save(stream)
    return read_docx("a.docx", "0", stream.getvalue())


def test_a_word_document_is_read_as_word_shows_it() -> None:
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    document = word(
        f"<w:p>{run.format('It costs ')}<w:del>{run.format('two ')}</w:del><w:ins>{run.format('six ')}</w:ins>{run.format('pounds.')}</w:p>",
        f"<w:p>{run.format('Nobody')}<w:r><w:rPr><w:strike/></w:rPr><w:t> ever</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> hid</w:t></w:r>{run.format(' came.')}</w:p>",
        f"<w:p>{run.format('It fed 12')}<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>1</w:t></w:r>{run.format(' hens.')}</w:p>",
        f"<w:sdt><w:sdtContent><w:p>{run.format('In a control.')}</w:p></w:sdtContent></w:sdt>",
        f"<w:p>{run.format('Beside a box.')}<w:r><w:pict><w:txbxContent><w:p>{run.format('In the box.')}</w:p></w:txbxContent></w:pict></w:r></w:p>",
        "<w:p><w:r><w:t>One line</w:t><w:br/><w:t>and the next.</w:t></w:r></w:p>",
    )
    assert shown(document) == [
        "It costs six pounds.",
        "Nobody came.",
        "It fed 12¹ hens.",
        "In a control.",
        "Beside a box.",
        "In the box.",
        "One line\nand the next.",
    ]
    [post] = document.posts
    assert post.published is None  # python-docx's own day is nobody's


def test_merged_and_empty_cells_keep_the_columns_of_the_others() -> None:
    document = docx.Document()
    table = document.add_table(rows=4, cols=3)
    for row, told in zip(
        table.rows, ["Site 2014 2015", "Sall 30 41", "Deal - 12", "Both 9 9"], strict=True
    ):
        for cell, text in zip(row.cells, told.split(), strict=True):
            cell.text = "" if text == "-" else text
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Sall"
    table.cell(3, 1).merge(table.cell(3, 2)).text = "9"
    stream = io.BytesIO()
    document.save(stream)
    assert shown(read_docx("a.docx", "0", stream.getvalue())) == [
        "Site: Sall; 2014: 30; 2015: 41.",
        "Site: Sall; 2015: 12.",
        "Site: Both; 2014: 9.",
    ]


@pytest.mark.parametrize(
    ("rows", "paragraphs"),
    [
        (["The gov-", "ernment met."], ["The government met."]),
        (["The long-", "term plan."], ["The long-term plan."]),
        (["A re-", "form of it."], ["A re-form of it."]),
        (["The 20-", "year lease."], ["The 20-year lease."]),
        (["An of\u00ad", "fice."], ["An office."]),
        (
            ["Ask the warden of the lodge,", "Dr.", "Quill, at noon."],
            ["Ask the warden of the lodge, Dr. Quill, at noon."],
        ),
        (
            ["It was shut for all of the winter.", "Then it", "opened."],
            ["It was shut for all of the winter. Then it opened."],
        ),
    ],
)
def test_lines_of_a_pdf_are_joined_as_printed(rows: list[str], paragraphs: list[str]) -> None:
    known = frozenset({"government", "reform", "re-form"})
    assert _paragraphs(rows, known) == paragraphs


def test_ligatures_are_spelled_out_for_models_and_kept_in_quotes() -> None:
    text = "an oﬃcer"
    origin = origins(text)
    assert spelled_out(text) == "an officer"
    assert origin is not None
    assert len(origin) == len(spelled_out(text)) + 1
    assert text[origin[3] : origin[9] + 1] == "oﬃcer"
    assert analyse("the oﬃce") == analyse("the office")
