"""Word documents, PDF files, saved pages in one file, web archives; Markdown with front matter."""

# ruff: noqa: E501
from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest

from askscwru.ingest import Corpus, read_corpus
from askscwru.settings import Settings
from askscwru.types import Citation, Passage, Quote

WORDS = "The minibus leaves the square at nine and comes back at four with eleven people in it."
MORE = "The county pays thirty-eight pounds for a place and the fare is two pounds and forty."


def docx_bytes() -> bytes:
    document = docx.Document()
    document.core_properties.title = "The bus report"
    document.core_properties.author = "Ann Leigh; Bo Marsh"
    document.core_properties.created = datetime(2014, 5, 3, tzinfo=UTC)
    document.add_heading("Findings", level=1 + 1)
    document.add_paragraph(WORDS)
    document.add_paragraph("A point of it", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Fare", "£2.40"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def pdf_bytes(pages: list[str], title: str = "The bus report") -> bytes:
    """A PDF of one paragraph a page, each under the same running head."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for number, text in enumerate(pages, start=1):
        lines = [f"The bus report {number}", *_wrapped(text)]
        shown = " T* ".join(f"({line}) Tj" for line in lines)
        stream = f"BT /F1 11 Tf 14 TL 50 750 Td {shown} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {len(objects)} 0 R"
            " /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< /Title ({title}) /Author (Ann Leigh) /CreationDate (D:20140503120000Z) >>")
    out = b"%PDF-1.4\n"
    places = []
    for number, told in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{told}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    tail = f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    return (
        out
        + (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{tail}\nstartxref\n{len(out)}\n%%EOF"
        ).encode()
    )


def _wrapped(text: str) -> list[str]:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 60:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def mhtml_bytes(page: str) -> bytes:
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://x.example/2014/bus/\r\n"
        "Subject: The bus\r\nDate: Sat, 3 Jan 2015 10:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{page}\r\n--b\r\nContent-Type: image/png\r\n\r\nxx\r\n--b--\r\n"
    ).encode()


def warc_bytes(pages: dict[str, str]) -> bytes:
    told = b""
    for url, page in pages.items():
        body = page.encode()
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2015-01-03T10:00:00Z"
            f"\r\nWARC-Record-ID: <urn:uuid:{len(told)}>\r\nContent-Type: application/http; msgtype=response"
            f"\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        told += head.encode() + http + b"\r\n\r\n"
    return told


def corpus(folder: Path, **files: bytes) -> Corpus:
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return read_corpus(Settings(seeds=folder, embeddings=folder / "none"), lambda *_: None)


PAGE = f"<html><body class='single'><article><h1>The bus of the town</h1><p>{WORDS}</p></article></body></html>"


def test_a_word_document_is_a_post(tmp_path: Path) -> None:
    read = corpus(tmp_path, a__docx=docx_bytes())
    [post] = read.posts
    assert (post.title, post.authors) == ("The bus report", ("Ann Leigh", "Bo Marsh"))
    assert post.published == "2014-05-03"
    text = read.texts["a.docx"]
    assert [(b.kind.value, text[b.start : b.end]) for b in post.blocks][2:] == [
        ("heading", "Findings"),
        ("body", WORDS),
        ("list", "A point of it"),
        ("body", "Fare | £2.40"),
    ]


def test_a_pdf_is_a_post_with_pages_and_without_running_heads(tmp_path: Path) -> None:
    read = corpus(tmp_path, a__pdf=pdf_bytes([WORDS, MORE, f"{WORDS} {MORE}"]))
    [post] = read.posts
    assert (post.title, post.authors) == ("The bus report", ("Ann Leigh",))
    text = read.texts["a.pdf"]
    assert [text[b.start : b.end] for b in post.blocks[2:]] == [WORDS, MORE, f"{WORDS} {MORE}"]
    pages = []
    for block in post.blocks[2:]:
        passage = Passage(
            id="p", post_id=post.id, source="a.pdf", start=block.start, end=block.end,
            text="", context="", sentences=(),
        )  # fmt: skip
        quote = Quote(passage=passage, start=block.start, end=block.end, text="", score=1.0)
        pages.append(Citation(index=1, quote=quote, post=post).to_dict()["page"])
    assert pages == [1, 2, 3]


@pytest.mark.parametrize(
    ("library", "name", "told"),
    [("docx", "a.docx", "askscwru[documents]"), ("pypdf", "a.pdf", "askscwru[documents]"),
     ("warcio.archiveiterator", "a.warc", "askscwru[web]")],
)  # fmt: skip
def test_a_library_that_is_missing_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, name: str, told: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    made = {
        "a.docx": docx_bytes,
        "a.pdf": lambda: pdf_bytes([WORDS]),
        "a.warc": lambda: warc_bytes({}),
    }
    (tmp_path / "good.html").write_text(PAGE)
    (tmp_path / name).write_bytes(made[name]())
    [skip] = corpus(tmp_path).skipped
    assert skip.name == name
    assert f"pip install '{told}'" in skip.reason


def test_a_page_saved_in_one_file_says_where_and_when(tmp_path: Path) -> None:
    [post] = corpus(tmp_path, a__mhtml=mhtml_bytes(PAGE)).posts
    assert (post.title, post.url) == ("The bus of the town", "https://x.example/2014/bus/")
    assert (post.captured, post.published) == ("2015-01-03", None)


def test_pages_of_a_web_archive_are_sources_named_by_their_address(tmp_path: Path) -> None:
    other = PAGE.replace(WORDS, MORE).replace("The bus of the town", "What a place costs there")
    read = corpus(
        tmp_path,
        a__warc=warc_bytes(
            {"https://x.example/2014/bus/": PAGE, "https://x.example/2014/fare/?p=2": other}
        ),
    )
    assert {(post.source, post.url) for post in read.posts} == {
        ("a.warc/x.example/2014/bus", "https://x.example/2014/bus/"),
        ("a.warc/x.example/2014/fare?p=2", "https://x.example/2014/fare/?p=2"),
    }
    assert all(post.captured == "2015-01-03" for post in read.posts)


@pytest.mark.parametrize(
    "front",
    [
        '---\ntitle: "The bus"\nauthor: Ann Leigh\ndate: 2014-05-03 10:00\ncategories: [News, Buses]\ntags:\n  - money\n  - "the fare"\n---\n',
        '+++\ntitle = "The bus"\nauthors = ["Ann Leigh"]\ndate = 2014-05-03T10:00:00Z\ncategories = ["News", "Buses"]\ntags = ["money", "the fare"]\ndraft = false\n+++\n',
        "---\ntitle: The bus\nauthor:\n  name: Ann Leigh\ndate: 2014-05-03\ncategories: News, Buses\ntags: [money, 'the fare']\n---\r\n",
    ],
)
def test_front_matter_tells_of_the_post(tmp_path: Path, front: str) -> None:
    read = corpus(tmp_path, a__md=f"{front}\n{WORDS}\n\n{MORE}\n".encode())
    [post] = read.posts
    assert (post.title, post.authors, post.published) == ("The bus", ("Ann Leigh",), "2014-05-03")
    assert (post.categories, post.tags) == (("News", "Buses"), ("money", "the fare"))
    assert post.title_at is not None
    assert read.texts["a.md"][post.title_at.start : post.title_at.end] == "The bus"


@pytest.mark.parametrize("line", ["draft: true", "published: false", "status: draft"])
def test_a_draft_is_no_post(tmp_path: Path, line: str) -> None:
    draft = f"---\ntitle: The bus\n{line}\n---\n{MORE}\n".encode()
    read = corpus(tmp_path, a__md=draft, b__md=f"# A bus\n\n{WORDS}\n".encode())
    assert [post.source for post in read.posts] == ["b.md"]
    assert [(s.name, s.reason) for s in read.skipped] == [("a.md", "1 draft")]


def test_jekyll_keeps_the_date_in_the_name(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts" / "2014-05-03-the-bus.md").write_text(
        f"---\ntitle: The bus\n---\n{WORDS}\n"
    )
    [post] = corpus(tmp_path).posts
    assert post.published == "2014-05-03"
