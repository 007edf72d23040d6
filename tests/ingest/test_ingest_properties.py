"""What holds of every page, and what hostile text may cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askscwru.ingest.dates import find_date
from askscwru.ingest.text import bylines, furniture, lines
from askscwru.ingest.text.front_matter import front_matter_of
from askscwru.ingest.text.pages import read_page
from askscwru.ingest.text.parts import PostParts
from askscwru.sentences import split_sentences
from askscwru.types import BlockKind

SEEDS = Path(__file__).parents[2] / "seeds"
PIECES = st.sampled_from(
    [
        "Continue reading",
        "by Ann Leigh",
        "Ann Leigh",
        "3 May 2014",
        "A title that is one",
        "# A heading",
        "## References",
        "- a point of five words or more",
        "A paragraph of running text, which has two sentences. Here is the other one of them.",
        "Is this a question that could be a title, or a paragraph?",
        "Leigh, A. (2014) A book of references. London: Press.",
        "Posted in News | Leave a comment",
        "Leave a Reply",
        "Related posts",
        "Ann LeighDr Ann Leigh is a lecturer at the University. (1,204 words)",
        "Archives",
        "---",
        "> quoted",
        "title: x",
        "\ufeff",
        "",
    ]
)
PAGES = st.lists(PIECES | st.text(max_size=60), max_size=25).flatmap(
    lambda rows: st.sampled_from(["\n", "\n\n", "\r\n", "\n \n"]).map(lambda end: end.join(rows))
)


def _check(text: str, post: PostParts) -> None:
    last = 0
    for block in post.blocks:
        piece = text[block.start : block.end]
        assert 0 <= block.start < block.end <= len(text)
        assert block.start >= last, "blocks overlap"
        assert piece == piece.strip()
        assert "\ufeff" not in (piece[0], piece[-1])
        last = block.end
    assert any(block.kind in (BlockKind.BODY, BlockKind.LIST) for block in post.blocks)
    if post.title is not None:
        assert post.title.of(text).strip()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PAGES, st.booleans())
def test_every_page_is_read_and_every_block_is_a_slice(text: str, single: bool) -> None:
    posts = read_page(text, single=single).posts
    assert len(posts) <= 1 or not single
    for post in posts:
        _check(text, post)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    for post in read_page(text).posts:
        _check(text, post)


def test_the_seeds_cut_anywhere_are_read() -> None:
    text = (SEEDS / "001_1e6f8ad753384b6b.txt").read_text(encoding="utf-8")
    for end in range(0, len(text), 701):
        for post in read_page(text[:end]).posts:
            _check(text[:end], post)


HOSTILE = {
    "letters": "a b ",
    "capitals": "A ",
    "names": "Ann Lee, ",
    "commas": ",",
    "spaces": " ",
    "dots": ". ",
    "initials": "A. ",
    "bars": "a | ",
    "underscores": "_",
    "dashes": "- ",
    "stars": "*",
    "brackets": "[a](",
    "parentheses": "(",
    "arrows": " » ",
    "months": "January ",
    "numbers": "1,000 ",
    "handles": "@aa ",
    "shares": "share ",
    "glued": "aA",
    "by": "by Ann ",
}
READERS: dict[str, Callable[[str], object]] = {
    "role_of": furniture.role_of,
    "is_comment_head": furniture.is_comment_head,
    "before_continue": furniture.before_continue,
    "plain": furniture.plain,
    "by_line": bylines.by_line,
    "named_in_meta": bylines.named_in_meta,
    "introduced": lambda text: bylines.introduced(text, counted=True),
    "described": bylines.described,
    "signed": bylines.signed,
    "stated_words": bylines.stated_words,
    "find_date": find_date,
    "front_matter_of": front_matter_of,
    "glued_caption": lambda text: lines.glued_caption(text, Counter()),
    "split_sentences": split_sentences,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_line_takes_for_ever(kind: str, reader: str) -> None:
    line = (HOSTILE[kind] * 20_000)[:20_000]
    began = time.process_time()
    for size in (250, 690, 20_000):
        for end in ("", "!"):
            # A pattern that backtracks takes minutes: pytest then shows where it hangs.
            READERS[reader](line[:size] + end)
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "text",
    [
        (SEEDS / "003_2a3649b0bea1ad83.txt").read_text(encoding="utf-8") * 65,
        "Some short line here\n" * 12_000,
        "A title here and now\n3 May 2014\nA body of more than nine words in all, here.\n" * 3_500,
        "word " * 200_000,
        "Leigh, A. (2014) A title of a book. London: Press.\n" * 19_000,
    ],
    ids=["posts", "short lines", "titles", "one line", "references"],
)
def test_a_large_page_is_read_to_its_end(text: str) -> None:
    spans = [(b.start, b.end) for post in read_page(text).posts for b in post.blocks]
    assert all(0 <= start < end <= len(text) for start, end in spans)
