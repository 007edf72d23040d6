"""Made-up saved pages of many kinds (``tests/ingest/pages``), read as a careful reader would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from askscwru.ingest.formats.markdown_post import read_markdown
from askscwru.ingest.text.pages import Page, read_page
from askscwru.ingest.text.paragraphs import paragraphs_of
from askscwru.ingest.text.parts import PostParts
from askscwru.types import BlockKind

PAGES = Path(__file__).parent / "pages"
TEXT = (BlockKind.BODY, BlockKind.LIST)

# Page and what of it is not read as expected, with the reason.
KNOWN_FAILURES = {
    (
        "16-press-tag-page",
        "never: Asking Why: Explanation and Excuse in Youth Justice, by",
    ): "a sentence that tells when a book comes out, and what it costs, is left in the body",
}


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split())


def _expected() -> list[Path]:
    return sorted(PAGES.rglob("*.expected.json"))


def _name(path: Path) -> str:
    return path.name.removesuffix(".expected.json")


def _text(path: Path) -> str:
    page = path.with_name(_name(path) + ".txt")
    page = page if page.exists() else page.with_suffix(".md")
    return page.read_bytes().decode("utf-8")


def _title(text: str, post: PostParts) -> str | None:
    return None if post.title is None else _plain(post.title.of(text))


def _body(text: str, post: PostParts) -> str:
    return _plain(" ".join(text[b.start : b.end] for b in post.blocks if b.kind in TEXT))


def _read(path: Path) -> tuple[str, Page, dict[str, Any]]:
    text, page = _text(path), None
    if not path.with_name(_name(path) + ".txt").exists():
        read = read_markdown(f"{_name(path)}.md", "0", text)
        text, page = read.text, Page(read.posts, read.skipped)
    return text, page or read_page(text), json.loads(path.read_text(encoding="utf-8"))


def _never() -> Iterator[Any]:
    for path in _expected():
        for told in json.loads(path.read_text(encoding="utf-8"))["never"]:
            key = next(
                (
                    k
                    for k in KNOWN_FAILURES
                    if k[0] == _name(path) and f"never: {told}".startswith(k[1])
                ),
                None,
            )
            marks = [pytest.mark.xfail(reason=KNOWN_FAILURES[key])] if key else []
            yield pytest.param(path, told, id=f"{_name(path)}: {told[:40]}", marks=marks)


@pytest.mark.parametrize("path", _expected(), ids=_name)
def test_a_page_has_its_posts_with_titles_in_order(path: Path) -> None:
    text, page, expected = _read(path)
    wanted = [p["title"] and _plain(p["title"]) for p in expected["posts"]]
    assert [_title(text, post) for post in page.posts] == wanted


@pytest.mark.parametrize("path", _expected(), ids=_name)
def test_posts_have_their_authors_length_date_and_completeness(path: Path) -> None:
    _, page, expected = _read(path)
    for post, wanted in zip(page.posts, expected["posts"], strict=True):
        told = {
            "authors": [_plain(name) for name in post.authors],
            "words": post.word_count,
            "complete": post.complete,
            "published": post.published,
        }
        for key, value in told.items():
            if wanted[key] != "any":
                known = [_plain(n) for n in wanted[key]] if key == "authors" else wanted[key]
                assert value == known, f"{key} of {wanted['title']}"


@pytest.mark.parametrize("path", _expected(), ids=_name)
def test_no_text_of_a_post_is_lost(path: Path) -> None:
    text, page, expected = _read(path)
    for post, wanted in zip(page.posts, expected["posts"], strict=True):
        body, at = _body(text, post), 0
        for sentence in wanted["must_contain"]:
            at = body.find(_plain(sentence), at)
            assert at >= 0, f"{sentence!r} is not in, or not in order in, {wanted['title']}"


@pytest.mark.parametrize(("path", "told"), list(_never()))
def test_what_is_furniture_stands_in_no_body(path: Path, told: str) -> None:
    text, page, _ = _read(path)
    for post in page.posts:
        assert _title(text, post) != _plain(told)
        for block in post.blocks:
            if block.kind in TEXT:
                assert _plain(told) not in _plain(text[block.start : block.end])


@pytest.mark.parametrize("path", _expected(), ids=_name)
def test_lines_that_may_not_stand_alone_and_subheadings(path: Path) -> None:
    text, page, expected = _read(path)
    alone = {_plain(line) for line in expected.get("never_alone", [])}
    inside = {_plain(line) for line in expected.get("subheadings_not_titles", [])}
    for post in page.posts:
        assert _title(text, post) not in inside
        for block in post.blocks:
            if block.kind in TEXT:
                assert _plain(text[block.start : block.end]) not in alone


def test_a_page_known_to_hold_one_post_is_never_lost_for_want_of_a_full_stop() -> None:
    text = "an electronic computer for solving systems of linear equations"
    (post,) = read_page(text, single=True).posts
    assert [text[block.start : block.end] for block in post.blocks] == [text]
    assert read_page("Share this:\nFollow us on Twitter", single=True).posts == ()


def test_a_line_of_saved_text_that_says_something_is_text_without_a_full_stop() -> None:
    running = "The mill has stood by the creek since the flood, and on most days it still grinds."
    lines = [
        "Admission: 3 pounds a head",
        "The gate of the mill is locked from six",
        "Telephone: 01632 960 777",
        "Getting there",
    ]
    text = "\n\n".join(["The tide mill", "by Una Brook", running, *lines, running])
    [post] = read_page(text).posts
    kinds = {text[b.start : b.end]: b.kind for b in post.blocks}
    assert [kinds.get(line) for line in lines[:2]] == [BlockKind.BODY] * 2
    assert kinds["Getting there"] is BlockKind.HEADING


def test_a_letter_in_a_narrow_column_is_read_by_its_paragraphs() -> None:
    text = (
        "The heron that stole a boot\nby Bridie Moon, 3 June 2015\n\n"
        "A heron took my left boot from the bank on\nTuesday. It dropped it at the weir.\n\n"
        "I wrote to three people about it:\n\n"
        "* Mr. Amos at the mill, who laughed until he\n  had to sit down.\n* My sister.\n\n"
        "In 2012 the same bird, or its father, stole a\nsandwich. There were 14 people on\n"
        "the bank at the time and none of them\nmoved.\n"
    )
    told = [" ".join(paragraph.text.split()) for paragraph in paragraphs_of(text)]
    assert told == [
        "The heron that stole a boot",
        "by Bridie Moon, 3 June 2015",
        "A heron took my left boot from the bank on Tuesday. It dropped it at the weir.",
        "I wrote to three people about it:",
        "Mr. Amos at the mill, who laughed until he had to sit down.",
        "My sister.",
        "In 2012 the same bird, or its father, stole a sandwich. There were 14 people on the bank "
        "at the time and none of them moved.",
    ]
