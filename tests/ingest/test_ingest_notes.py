"""Notes are known with the place that they are to, whatever wrote them."""

# ruff: noqa: E501
from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from hypothesis import given
from hypothesis import strategies as st
from test_ingest_wxr import Item, export

from askscwru.assistant import no_progress
from askscwru.ingest import read_corpus
from askscwru.ingest.formats.word import read_docx
from askscwru.ingest.formats.wxr import read_wxr
from askscwru.ingest.found import Document
from askscwru.ingest.html.markup import parse_fragment, parts_of
from askscwru.ingest.text.notes import signed_notes
from askscwru.settings import Settings
from askscwru.types import Block, BlockKind, Note

BUS = "The bus runs from Monday to Saturday."
NOT = "Not on bank holidays."
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _told(text: str, notes: tuple[Note, ...]) -> list[tuple[str, str]]:
    """What stands before each mark, as far as its paragraph goes, and the note."""
    return [(text[: note.mark].rpartition("\n")[2], text[note.start : note.end]) for note in notes]


def _of(document: Document) -> list[tuple[str, str]]:
    return _told(document.text, document.posts[0].notes)


def _read(folder: Path, name: str, page: str) -> list[tuple[str, str]]:
    settings = Settings(seeds=folder / "seeds", embeddings=folder / "index")
    settings.seeds.mkdir()
    (settings.seeds / name).write_text(page, encoding="utf-8")
    corpus = read_corpus(settings, no_progress)
    (post,) = corpus.posts
    return _told(corpus.texts[post.source], post.notes)


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        ('<sup><a href="#fn1" id="r1">1</a></sup>', f'<ol><li id="fn1"><p>{NOT} <a href="#r1">↩</a></p></li></ol>'),
        ('<a class="footnote-anchor" id="fa-1" href="https://x.example/p/post#footnote-1">1</a>',
         f'<div class="footnote"><a id="footnote-1" href="#fa-1" class="footnote-number">1</a><div><p>{NOT}</p></div></div>'),
        ('<sup data-fn="e1" class="fn"><a href="#e1">1</a></sup>', f'<ol class="wp-block-footnotes"><li id="e1">{NOT}</li></ol>'),
    ],
    ids=["list", "substack", "wordpress"],
)  # fmt: skip
def test_a_mark_in_markup_leads_to_its_note(mark: str, note: str) -> None:
    tree = parse_fragment(f"<p>{BUS}{mark} It takes twelve.</p><p>Anyone may use it.</p>{note}")
    first, *_, last = parts_of(tree)
    assert (first.text, last.text) == (f"{BUS} It takes twelve.", NOT)
    (at,) = first.marks
    assert at.at == len(BUS)
    assert at.target in last.anchors


def test_the_way_back_from_a_note_leads_to_no_note(tmp_path: Path) -> None:
    page = (
        f'<html><body><article><h1>The bus</h1><p id="p">{BUS}<sup><a href="#n1" id="r">1</a></sup>'
        f"</p><p>Anyone over sixty may use it, and so may those who live with them.</p>"
        f'<p id="n1"><sup><a href="#r">1</a></sup> {NOT}</p></article></body></html>'
    )
    assert _read(tmp_path, "bus.html", page) == [(BUS, NOT)]


def test_notes_of_markdown_are_known_below_and_in_the_line(tmp_path: Path) -> None:
    page = (
        f"---\ntitle: The bus\n---\n\n{BUS}[^a] It costs £3.^[Carers travel free.] Ring us.[^b]\n\n"
        f"[^a]: {NOT}\n[^b]: We are in from nine.\n"
    )
    assert _read(tmp_path, "bus.md", page) == [
        (BUS, NOT),
        (f"{BUS} It costs £3.", "Carers travel free."),
        (f"{BUS} It costs £3. Ring us.", "We are in from nine."),
    ]


def test_notes_of_wordpress_stand_outside_its_text() -> None:
    meta = (
        "<wp:postmeta><wp:meta_key>footnotes</wp:meta_key><wp:meta_value><![CDATA["
        f'[{{"content":"{NOT}","id":"a-1"}}]]]></wp:meta_value></wp:postmeta>'
    )
    content = (
        f"<!-- wp:paragraph --><p>{BUS}<sup data-fn='a-1' class='fn'><a href='#a-1'>1</a></sup></p>"
    )
    document = read_wxr("x", "0", export(Item(content=content, extra=meta)).encode())
    assert _of(document) == [(BUS, NOT)]


def test_notes_of_word_are_known() -> None:
    written = docx.Document()
    line = written.add_paragraph(BUS)
    run = parse_xml(f'<w:r xmlns:w="{W}"><w:footnoteReference w:id="2"/></w:r>')
    line._p.append(run)
    line.add_run(" It takes twelve.")
    notes = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2"><w:p><w:r><w:t>{NOT}</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        notes.encode(),
        written.part.package,
    )
    written.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    file = io.BytesIO()
    written.save(file)
    assert _of(read_docx("bus.docx", "0", file.getvalue())) == [(BUS, NOT)]


def _signed(*paragraphs: str) -> list[tuple[str, str]]:
    text = "\n\n".join(paragraphs)
    blocks, at = [], 0
    for paragraph in paragraphs:
        blocks.append(Block(at, at + len(paragraph), BlockKind.BODY))
        at += len(paragraph) + 2
    return _told(text, signed_notes(text, blocks))


@pytest.mark.parametrize("sign", ["*", "**", "†", "‡", "§", "¹", "²³", "[1]", "ᵃ"])
def test_a_sign_behind_words_is_the_mark_of_what_begins_with_it(sign: str) -> None:
    assert _signed(f"{BUS}{sign} It takes twelve.", f"{sign} {NOT}") == [(BUS, f"{sign} {NOT}")]


def test_a_sign_has_all_its_places_since_the_last_note_with_it() -> None:
    told = _signed("Soup is £2*. Bread*", "* Until noon only.", "Tea* is £1.", "*Not on Sundays.")
    assert [note for _, note in told] == ["* Until noon only."] * 2 + ["*Not on Sundays."]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("What the f**k is this*not a mark.", "* Until noon only."),
        ("Soup * bread.", "* Until noon only."),
        ("Soup.**", "* Until noon only."),
        ("Soup.*", "* Alone"),
        ("* Until noon only.", "Soup.*"),
        ("The room has 12 m².", "Two m² are enough."),
    ],
    ids=["in a word", "apart", "another sign", "one word", "before", "no beginning"],
)
def test_a_sign_without_a_note_marks_nothing(paragraphs: tuple[str, ...]) -> None:
    assert _signed(*paragraphs) == []


PIECES = st.lists(
    st.sampled_from(
        ["Words here", "<p>", "</p>", "<li id='n1'>", "</li>", "<br>", "<a href='#n1'>1</a>",
         "<sup><a href='#n2'>2</a></sup>", "<p id='n2'>", "\ufdd01\ufdd1", "\ufdd0", "<dt>", "<dd>",
         "<h2>", "</h2>", "<pre>", "</pre>", "<ul>", "</ul>", " ", "*", "† so it is"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(PIECES)
def test_no_mark_is_left_in_a_text_and_each_stands_in_its_part(markup: str) -> None:
    tree = parse_fragment(markup)
    for part in [] if tree is None else parts_of(tree):
        assert "\ufdd0" not in part.text or "\ufdd0" in markup
        assert all(0 <= mark.at <= len(part.text) for mark in part.marks)
        assert list(part.marks) == sorted(part.marks, key=lambda mark: mark.at)


def test_a_note_to_a_cell_is_one_to_its_row(tmp_path: Path) -> None:
    rows = "<tr><th>Pass</th><th>Price</th></tr><tr><td>Monthly</td><td>£31</td></tr>"
    cell = '<tr><td>Child</td><td>£19<sup><a href="#n1">1</a></sup></td></tr>'
    page = (
        f"<html><body><article><h1>The bus</h1><p>{BUS} It takes twelve people, and one dog.</p>"
        f'<table>{rows}{cell}</table><p id="n1">{NOT}</p></article></body></html>'
    )
    assert _read(tmp_path, "bus.html", page) == [("Pass: Child; Price: £19", NOT)]


def test_a_note_to_a_cell_of_markdown_is_one_to_its_row(tmp_path: Path) -> None:
    page = (
        "---\ntitle: The bus\n---\n\n| Pass | Price |\n|---|---|\n| Monthly | £31 |\n"
        f"| Child | £19[^n] |\n\n[^n]: {NOT}\n"
    )
    assert _read(tmp_path, "bus.md", page) == [("Pass: Child; Price: £19", NOT)]
