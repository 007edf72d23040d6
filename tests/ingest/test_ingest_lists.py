"""Lists as their readers see them: numbers, points in points, bullets that were typed; and days."""

# ruff: noqa: E501
from __future__ import annotations

import io

import docx
import pytest

from askscwru.ingest.compose import Composer, Facts
from askscwru.ingest.formats.markdown import markdown_parts, plain_markdown
from askscwru.ingest.formats.word import read_docx
from askscwru.ingest.html.html_page import read_html
from askscwru.ingest.html.markup import parse_fragment, parts_of
from askscwru.ingest.numbering import counted_by
from askscwru.ingest.text.bylines import by_line


def _written(markup: str) -> list[str]:
    """The lines of a fragment as they stand in the text of its source."""
    composer = Composer()
    composer.add(Facts(), parts_of(parse_fragment(markup)))
    return [line for line in composer.text.split("\n") if line]


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<ol><li>Ask.</li><li>Wait.</li></ol>", ["1. Ask.", "2. Wait."]),
        ("<ol start=5><li>Ask.</li><li>Wait.</li></ol>", ["5. Ask.", "6. Wait."]),
        ("<ol type=a><li>Ask.</li><li>Wait.</li></ol>", ["a. Ask.", "b. Wait."]),
        ("<ol type=I start=4><li>Ask.</li><li>Wait.</li></ol>", ["IV. Ask.", "V. Wait."]),
        ("<ol reversed><li>Ask.</li><li>Wait.</li></ol>", ["2. Ask.", "1. Wait."]),
        ("<ol><li>Ask.</li><li value=7>Wait.</li><li>Go.</li></ol>", ["1. Ask.", "7. Wait.", "8. Go."]),
        ("<ol style='list-style: none'><li>Ask.</li><li>Wait.</li></ol>", ["- Ask.", "- Wait."]),
        ("<ol><li>1. Ask.</li><li>2. Wait.</li></ol>", ["- 1. Ask.", "- 2. Wait."]),
        ("<ul><li>Ask.</li><li>Wait.</li></ul>", ["- Ask.", "- Wait."]),
        (
            "<ol><li>Ask:<ul><li>the head</li><li>the nurse</li></ul></li><li>Wait.</li></ol>",
            ["1. Ask:", "  - the head", "  - the nurse", "2. Wait."],
        ),
        ("<p>Bring:<br>- a torch<br>- a map</p>", ["Bring:", "- a torch", "- a map"]),
        ("<p>• a torch</p><p>• a map</p>", ["- a torch", "- a map"]),
        ("<p>1) Ask.</p><p>2) Wait.</p>", ["1) Ask.", "2) Wait."]),
        ("<p>- No, she said.</p><p>It rained.</p>", ["- No, she said.", "It rained."]),
        ("<p>3. Ask.</p><p>7. Wait.</p>", ["3. Ask.", "7. Wait."]),
    ],
)  # fmt: skip
def test_a_point_stands_behind_what_its_reader_sees(markup: str, lines: list[str]) -> None:
    assert _written(markup) == lines


def test_numbers_are_written_as_the_lists_of_pages_are() -> None:
    assert [counted_by(n, "a") for n in (1, 26, 27, 0)] == ["a.", "z.", "aa.", "0."]
    assert [counted_by(n, "i") for n in (4, 9, 1994)] == ["iv.", "ix.", "mcmxciv."]
    assert counted_by(12, "armenian") == "12."


def test_the_numbers_of_markdown_are_kept() -> None:
    assert [part.number for part in markdown_parts("3. Ask.\n4. Wait.\n")] == ["3.", "4."]
    assert plain_markdown("1) Ask.\n2) Wait.\n\n* Go.\n").split("\n\n") == [
        "1) Ask.",
        "2) Wait.",
        "- Go.",
    ]


def test_the_numbers_that_word_counts_are_kept() -> None:
    document = docx.Document()
    document.add_heading("What to do", 1)
    document.add_paragraph("Whoever wants a place does this, and nothing else is needed.")
    for text in ("Ask.", "Wait."):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("Bring a map.", style="List Bullet")
    stream = io.BytesIO()
    document.save(stream)
    lines = read_docx("a.docx", "0", stream.getvalue()).text.splitlines()
    assert lines[-3:] == ["1. Ask.", "2. Wait.", "- Bring a map."]


TABLE = (
    "<table><tr><td></td><td>Kelby</td><td>Ashton</td></tr>"
    "<tr><td>Forms go out</td><td>1 September 2024</td><td>9 September 2024</td></tr>"
    "<tr><td>Test</td><td>14 September 2024</td><td>–</td></tr></table>"
)


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        (TABLE, "Forms go out; Kelby: 1 September 2024; Ashton: 9 September 2024."),
        (TABLE, "Test; Kelby: 14 September 2024; Ashton: –."),
        ("<table><tr><td>Seed swap</td><td>24 May 2024</td></tr></table>", "Seed swap | 24 May 2024"),
        ("<ul><li>Seed swap | 24 May 2024</li><li>Tea</li></ul>", "- Seed swap | 24 May 2024"),
        ("<p>Seed swap | 24 May 2024</p><p>It is in the hall.</p><p>Bring some.</p><p>Or none.</p>", "Seed swap | 24 May 2024"),
        ("<h3>24 May 2024</h3><p>The swap went well.</p><h3>2 June 2024</h3><p>It rained.</p>", "24 May 2024"),
    ],
)  # fmt: skip
def test_a_day_in_the_text_is_no_line_about_the_post(markup: str, kept: str) -> None:
    page = (
        "<html><head><title>Dates | Club</title></head><body><article><h1>Dates</h1>"
        "<p>3 May 2024</p><p>Here is all that is on this year at the gardens, as far as we know.</p>"
        f"{markup}<p>More of it stands on the board at the gate, which is changed each week.</p>"
        "</article></body></html>"
    )
    document = read_html("a.html", "0", page)
    assert kept in document.text.splitlines()
    assert document.posts[0].published == "2024-05-03"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("June 12, 2024 / Jo Whitlow & guest writer Femi Ade", ("Jo Whitlow", "Femi Ade")),
        ("Published 30 January 2024. By Helen Ose and Lot Brand.", ("Helen Ose", "Lot Brand")),
        ("Reviewed by Anna Odu, 9 February 2024", ("Anna Odu",)),
        ("Last revised 4 May 2024 by Ines Coe", ("Ines Coe",)),
    ],
)
def test_a_byline_names_all_who_wrote(line: str, names: tuple[str, ...]) -> None:
    assert by_line(line) == names


def test_a_section_that_is_called_like_the_comments_stays() -> None:
    page = (
        "<html><head><title>Seminar | Unit</title></head><body><article><h1>Seminar</h1>"
        "<p>On 6 November about seventy of us met to talk about letters to children.</p>"
        "<h4>Discussion</h4><p>It takes about forty minutes longer for each report, said Eze.</p>"
        "<h4>Next seminar</h4><p>The next one is on 12 February and is on kinship care.</p>"
        "</article></body></html>"
    )
    text = read_html("a.html", "0", page).text
    assert "forty minutes longer" in text
    assert "kinship care" in text


def test_a_definition_right_below_the_text_stays() -> None:
    page = (
        "<html><head><title>New faces | Unit</title></head><body><article><h1>New faces</h1>"
        "<p>Three people join us this autumn, and we are glad to have all of them here.</p>"
        "<p>Marcin finished his thesis in July. He will work half his time on the night study "
        "and half on teaching, and his office is on the second floor.</p>"
        "<p>Robert retires after nineteen years. He founded the seminars in 2010, and his last "
        "lecture is on 29 November at five in the Old Library.</p>"
        "<dl><dt>Directors</dt><dd>Margaret Ellery, 1998-2008</dd><dd>Robert Skene, 2008-2015</dd>"
        "<dd>Anil Rao, 2015-2021</dd><dd>Katalin Varga, since 2021</dd></dl>"
        "</article></body></html>"
    )
    text = read_html("a.html", "0", page).text
    assert "Directors: Robert Skene, 2008-2015" in text
    assert "Directors: Katalin Varga, since 2021" in text
