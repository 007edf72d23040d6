"""Hostile and broken files: bounded, named, and never in the way of the others."""

# ruff: noqa: E501
from __future__ import annotations

import io
import json
import os
import random
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_ingest_documents import MORE, docx_bytes, mhtml_bytes, pdf_bytes, warc_bytes
from test_ingest_exports import TABLE, blogger, ghost, medium
from test_ingest_wxr import Item, export

from askscwru.ingest import Corpus, read_corpus
from askscwru.ingest.decode import decode
from askscwru.ingest.found import Document, Skipped, SourceFile
from askscwru.ingest.manifest import SeedsManifest
from askscwru.ingest.readers import Readers
from askscwru.settings import Settings
from sites import THEMES, pages_of, stories

WORDS = "The minibus leaves the square at nine and comes back at four with eleven people in it."
PAGE = f"<html><body class='single'><article><h1>A title of a post</h1><p>{WORDS}</p></article></body></html>"


def corpus(folder: Path) -> Corpus:
    return read_corpus(Settings(seeds=folder, embeddings=folder / "none"), lambda *_: None)


def skips(folder: Path, name: str, data: bytes) -> dict[str, str]:
    """Why a file, or what is in it, is left out beside one good page."""
    (folder / "good.html").write_text(PAGE.replace("title", "name").replace("minibus", "tram"))
    (folder / name).write_bytes(data)
    read = corpus(folder)
    assert "good.html" in [post.source for post in read.posts]
    return {skip.name: skip.reason for skip in read.skipped}


# -- XML -------------------------------------------------------------------------------------------

LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))


@pytest.mark.parametrize("kind", ["export", "feed"])
def test_entities_are_not_expanded_and_no_file_is_read(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET WORDS")
    declared = (
        f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{LAUGHS}<!ENTITY file SYSTEM 'file://{secret}'>"
        "<!ENTITY % net SYSTEM 'http://127.0.0.1:9/x.dtd'> %net;]>"
    )
    told = f"{WORDS} &l11; &file;"
    if kind == "export":
        text = export(Item()).replace("<![CDATA[The minibus]]>", "The minibus &l11;&file;")
    else:
        text = f"<rss version='2.0'><channel><title>N</title><item><title>T</title><description>{told}</description></item></channel></rss>"
    head, _, rest = text.rpartition("?>")
    (tmp_path / "a.xml").write_text(f"{head}?>{declared}{rest}" if head else declared + rest)
    secret.rename(tmp_path.parent / f"{tmp_path.name}-secret")
    read = corpus(tmp_path)
    assert len(read.posts) == 1
    assert "SECRET" not in read.texts["a.xml"]
    assert "haha" not in read.texts["a.xml"]
    assert len(read.texts["a.xml"]) < 500


def test_entities_declared_far_down_are_not_expanded_either(tmp_path: Path) -> None:
    declared = f"<!DOCTYPE rss [{' ' * 30_000}<!ENTITY l0 'ha'>{LAUGHS}]>"
    text = export(Item()).replace("<![CDATA[The minibus]]>", "The minibus &l11;")
    (tmp_path / "a.xml").write_text(text.replace("?>", f"?>{declared}", 1))
    read = corpus(tmp_path)
    assert all("haha" not in text for text in read.texts.values())


# -- archives --------------------------------------------------------------------------------------


def zip_of(files: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_pages_in_an_archive_are_sources_of_their_own(tmp_path: Path) -> None:
    data = zip_of({"2014/05/a/index.html": PAGE, "style.css": "p{}", "b.md": f"# Bus\n\n{MORE}"})
    (tmp_path / "site.zip").write_bytes(data)
    read = corpus(tmp_path)
    assert {post.source for post in read.posts} == {
        "site.zip/2014/05/a/index.html",
        "site.zip/b.md",
    }
    for post in read.posts:
        assert read.texts[post.source][post.start : post.end].strip()
    assert [(s.name, s.reason[:9]) for s in read.skipped] == [("site.zip", "1 picture")]


@pytest.mark.parametrize(
    "name", ["../out.html", "/etc/out.html", "a/../../out.html", "C:\\out.html", "..\\out.html"]
)
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    told = skips(tmp_path, "a.zip", zip_of({name: PAGE, "in.html": PAGE}))
    assert any("leads out of the archive" in reason for reason in told.values())


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    told = skips(tmp_path, "a.zip", zip_of({"bomb.html": b" " * 40_000_000, "in.html": PAGE}))
    assert told == {"a.zip/bomb.html": "it unpacks to more than 200 times its size"}


def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    told = skips(tmp_path, "a.zip", zip_of({"b.zip": zip_of({"c.html": PAGE})}))
    assert told["a.zip/b.zip"] == "an archive in an archive is not opened"


def test_an_archive_that_lies_about_sizes_is_no_danger(tmp_path: Path) -> None:
    data = bytearray(zip_of({"x.html": PAGE * 200}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # the size in the list of what is in it
    told = skips(tmp_path, "a.zip", bytes(data))
    assert list(told) == ["a.zip/x.html"]


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + b"\0" * 40, b"no archive"])
def test_a_broken_archive_is_named(tmp_path: Path, data: bytes) -> None:
    assert "a.zip" in skips(tmp_path, "a.zip", data)


def test_a_word_document_that_is_a_bomb_is_named(tmp_path: Path) -> None:
    data = zip_of({"word/document.xml": b" " * 30_000_000})
    assert skips(tmp_path, "a.docx", data) == {"a.docx": "it unpacks to 30,000,000 bytes"}


def test_links_in_a_folder_do_not_lead_out_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (tmp_path / "outside.html").write_text(PAGE)
    (folder / "link.html").symlink_to(tmp_path / "outside.html")
    assert skips(folder, "x.html", PAGE.encode()) == {
        "link.html": "a symbolic link that leaves the folder"
    }


# -- encodings -------------------------------------------------------------------------------------

NOTE = "Café – “the bus” costs £3 and 4 €."


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (NOTE.encode(), None),
        (b"\xef\xbb\xbf" + NOTE.encode(), None),
        (NOTE.encode("utf-16"), None),
        (b"\xfe\xff" + NOTE.encode("utf-16-be"), None),
        (f"<meta charset='iso-8859-1'>{NOTE}".encode(), None),
        (NOTE.encode("cp1252"), None),
        (f"<meta charset='utf-8'>{NOTE}".encode("cp1252"), None),
        (f"<?xml version='1.0' encoding='windows-1252'?>{NOTE}".encode("cp1252"), None),
        (f"<meta charset='nonsense'>{NOTE}".encode("cp1252"), None),
        (f"<p>{NOTE}</p>".encode("utf-16-le"), None),
        (NOTE.encode("cp1252"), "latin1"),
    ],
)
def test_a_wrongly_declared_encoding_does_no_harm(data: bytes, declared: str | None) -> None:
    assert NOTE in decode(data, declared)


def test_other_encodings_are_believed() -> None:
    assert "Привет" in decode("<meta charset=windows-1251>Привет".encode("cp1251"))
    assert "日本" in decode("日本語".encode("shift_jis"), "shift_jis")


# -- depth, size -----------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul><li", "table><tr><td"])
def test_a_page_nested_without_end_is_read(tmp_path: Path, tag: str) -> None:
    told = skips(tmp_path, "deep.html", (f"<{tag}>" * 20_000 + WORDS).encode())
    assert set(told) <= {"deep.html"}


def test_a_page_of_more_markup_than_anybody_writes_is_named(tmp_path: Path) -> None:
    told = skips(tmp_path, "a.html", b"<html>" + b"<p>x</p>" * 700_000)
    assert told == {"a.html": "a page of more than 4,000,000 characters"}


# -- anything at all -------------------------------------------------------------------------------

SITE = [
    THEMES[name](page).encode()
    for name in ("twenty_sixteen", "block_theme", "blogger", "hand_made")
    for page in list(pages_of(stories(3)))[::5]
]
SAMPLES: dict[str, list[bytes]] = {
    "a.xml": [
        export(Item(), Item(title="Second", content=f"<p>{WORDS}</p>[caption]x[/caption]", number=2)).encode(),
        f"<rss version='2.0'><channel><title>N</title><item><title>T</title><description>&lt;p&gt;{WORDS}</description></item></channel></rss>".encode(),
        f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>T</title><content>{WORDS}</content></entry></feed>".encode(),
    ],
    "b.xml": [blogger().encode()],
    "b.html": [medium("The ferry").encode(), medium("Later", draft=True).encode()],
    "b.json": [json.dumps({"db": [{"data": {"posts": [ghost(), ghost(id="2", lexical='{"root":{"children":[{"text":"A word."}]}}', html=None)]}}]}).encode()],
    "a.json": [f'{{"version":"https://jsonfeed.org/version/1","items":[{{"id":"1","title":"T","content_html":"<p>{WORDS}"}}]}}'.encode()],
    "a.html": SITE,
    "a.md": [f"---\ntitle: The bus\ntags: [a, b]\n---\n\n{WORDS}\n".encode(), f"+++\ntitle = 'x'\n+++\n{WORDS}".encode()],
    "a.zip": [zip_of({"a.html": PAGE, "b/c.md": f"# Bus\n\n{WORDS} Yes."}), zip_of({"posts.csv": TABLE, "posts/1.ferry.html": f"<p>{WORDS}</p>"})],
    "a.mhtml": [mhtml_bytes(PAGE)],
    "a.warc": [warc_bytes({"https://x.example/a": PAGE})],
    "a.docx": [docx_bytes()],
    "a.pdf": [pdf_bytes([WORDS, WORDS])],
}  # fmt: skip


@pytest.mark.parametrize("opening", ["<!--", "<!--a--"])
def test_a_run_of_comments_is_read_in_time(tmp_path: Path, opening: str) -> None:
    items = "".join(
        f"<item><title>T{n}</title><description>{text}</description></item>"
        for n, text in enumerate(
            (f"<![CDATA[<p>{WORDS}</p>{opening * 30_000}]]>", f"&lt;p&gt;{WORDS} Yes.&lt;/p&gt;")
        )
    )
    feed = f"<rss version='2.0'><channel><title>N</title>{items}</channel></rss>"
    began = time.process_time()
    (document,) = read(tmp_path, "a.xml", feed.encode())
    assert time.process_time() - began < 5  # quadratic: more than a minute
    assert isinstance(document, Document)
    assert len(document.posts) == 2


def read(folder: Path, name: str, data: bytes) -> list[Document | Skipped]:
    path = folder / name
    path.write_bytes(data)
    return Readers(SeedsManifest()).read(SourceFile(name, path, "0"), data)


def check(results: list[Document | Skipped]) -> None:
    """Every block is a slice of the text with something in it, and none overlaps another."""
    assert results
    for result in results:
        if isinstance(result, Skipped):
            assert result.reason
            continue
        result.text.encode("utf-8")
        for post in result.posts:
            last = -1
            for block in post.blocks:
                assert last <= block.start < block.end <= len(result.text)
                piece = result.text[block.start : block.end]
                assert piece == piece.strip()
                last = block.end


def mutated(data: bytes, seed: int) -> bytes:
    """Bytes changed, cut out, doubled or cut off, as a failing disk or a fuzzer does it."""
    rng = random.Random(seed)
    made = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        at, size = rng.randrange(len(made)), rng.randint(1, 40)
        kind = rng.randrange(5)
        if kind == 0:
            made[at] = rng.randrange(256)
        elif kind == 1 and len(made) > size + 8:
            del made[at : at + size]
        elif kind == 2:
            made[at:at] = made[at : at + size]
        elif kind == 3:
            made[at:at] = rng.choice(
                [b"<", b">", b"]]>", b"<![CDATA[", b"&", b"\0", b"\xff", b"</", b"[", b"--"]
            )
        elif len(made) > 40:
            del made[at + 1 :]
        made = made or bytearray(b"x")
    return bytes(made)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_read(tmp_path: Path, name: str) -> None:
    for data in SAMPLES[name]:
        results = read(tmp_path, name, data)
        check(results)
        assert any(isinstance(result, Document) for result in results)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_mutated_file_is_read_or_named(tmp_path: Path, name: str) -> None:
    # What takes more than 5 s here is shown by faulthandler as a hang.
    for seed in range(40 if name in ("a.pdf", "a.docx", "a.html") else 60):
        data = SAMPLES[name][seed % len(SAMPLES[name])]
        check(read(tmp_path, name, mutated(data, seed)))


def test_a_word_document_of_broken_parts_is_read_or_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(docx_bytes())) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    for seed in range(20):
        data = mutated(parts["word/document.xml"], seed)
        check(read(tmp_path, "c.docx", zip_of({**parts, "word/document.xml": data})))


PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<article class='hentry'>", "</article>", "<h1 class='entry-title'>", "</h1>",
        "<h2><a href='/a'>", "</a></h2>", "<div class='entry-content'>", "</div>", "<ul><li>", "<table>",
        "<tr>", "<td>", "<pre>", "<br><br>", "<time datetime='2014-05-03'>", "<a rel='author'>Ann Leigh</a>",
        "<nav>", "<aside class='widget'>", "<div id='comments'>", "<!--", "-->", "<![CDATA[", "]]>", "[gallery]",
        "[caption]", "[/caption]", "[[x]]", "[a b='", "&amp;", "&nbsp;", "&#xD800;", "&#0;", "\n\n", WORDS,
        "Continue reading", "<item>", "<title>", "</title>", "<wp:post_type>post</wp:post_type>", "\u202e",
        "<sup>", "</sup>", "<del>", "<th colspan=3 rowspan=9>", "<thead>", "<a href='#fn1'>1</a>", "<section class=\"h-feed\">",
        "<figure><figcaption>", "<script>", "<li class='post'>", "<main>", "<body class='single'>",
    ]
)  # fmt: skip
MARKUP = st.lists(PIECES | st.text(max_size=12), max_size=30).map("".join)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(MARKUP, st.sampled_from(["a.html", "a.xml", "a.json", "a.md"]))
def test_any_structure_is_read(tmp_path: Path, text: str, name: str) -> None:
    data = text.encode("utf-8", "replace")
    if name == "a.xml":
        whole = export(Item(content=text.replace("]]>", "")))
        check(read(tmp_path, name, whole.encode("utf-8", "replace")))
        data = (
            f"<rss><channel><item><description>{text}</description></item></channel></rss>".encode(
                "utf-8", "replace"
            )
        )
    check(read(tmp_path, name, data or b" "))


HOSTILE = {
    "brackets": "[a ",
    "quotes": "[a b='",
    "tags": "<a ",
    "captions": "[caption]",
    "ends": "[/a]",
    "entities": "&a",
    "cdata": "<![CDATA[",
    "dots": "... ",
    "comments": "<!--",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_content_takes_for_ever(tmp_path: Path, kind: str) -> None:
    text = (HOSTILE[kind] * 60_000)[:120_000]
    check(read(tmp_path, "a.xml", export(Item(content=text.replace("]]>", ""))).encode()))
    check(read(tmp_path, "a.html", f"<article class='hentry'><h1>T</h1><p>{text}</p>".encode()))


def test_time_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askscwru.ingest.limits.Budget.check", _expired)
    [result] = read(tmp_path, "a.xml", export(Item()).encode())
    assert isinstance(result, Document)
    assert "more than 60 s" in result.skipped[0]


def _expired(self: object) -> None:
    from askscwru.ingest.limits import TooMuchError

    raise TooMuchError("reading it took more than 60 s")


def test_members_are_bounded_in_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askscwru.ingest.formats.containers.MOST_MEMBERS", 3)
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({f"{n}.html": PAGE for n in range(5)}))
    [result] = Readers(SeedsManifest()).read(SourceFile("a.zip", path, "0"), b"")
    assert isinstance(result, Skipped)
    assert "5 files; at most 3" in result.reason


def test_a_named_pipe_beside_pages_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    assert skips(tmp_path, "x.html", PAGE.encode())["pipe.html"] == "not a regular file"
