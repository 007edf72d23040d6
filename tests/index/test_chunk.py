"""Passages: whole sentences, exact offsets, nothing cut."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from askscwru.index.chunk import CONTEXT_TOKENS, passages_of
from askscwru.types import Block, BlockKind, Passage, Place, Post


def words(text: str) -> int:
    """Counts words and marks: additive over white space, like word pieces."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def post_of(text: str, blocks: list[Block], title: str | None = None) -> Post:
    return Post(
        id="p",
        title=title,
        authors=(),
        blog=None,
        word_count=None,
        known_words=0,
        complete=True,
        published=None,
        url=None,
        source="s.txt",
        start=0,
        end=len(text),
        blocks=tuple(blocks),
    )


def body_blocks(text: str) -> list[Block]:
    return [
        Block(match.start(), match.end(), BlockKind.BODY)
        for match in re.finditer(r"[^\n]*\S[^\n]*", text)
    ]


def cut(
    text: str, blocks: list[Block] | None = None, most: int = 30, overlap: int = 1
) -> list[Passage]:
    blocks = body_blocks(text) if blocks is None else blocks
    return passages_of(
        post_of(text, blocks), {"s.txt": text}, words, max_tokens=most, overlap=overlap
    )


@given(
    st.text(alphabet=st.sampled_from("aB .!?\n\t“”’(é1,;—中。"), max_size=400), st.integers(4, 40)
)
def test_every_passage_and_sentence_is_the_slice_its_offsets_say(text: str, most: int) -> None:
    for passage in cut(text, most=most):
        assert passage.text == text[passage.start : passage.end]
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
        for sentence in passage.sentences:
            assert passage.start <= sentence.start < sentence.end <= passage.end
            assert (
                text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end]
            )


@given(st.text(max_size=300), st.integers(4, 40))
def test_no_visible_character_of_the_body_is_lost(text: str, most: int) -> None:
    blocks = body_blocks(text)
    covered = {
        at for p in cut(text, blocks, most) for s in p.sentences for at in range(s.start, s.end)
    }
    visible = {at for b in blocks for at in range(b.start, b.end) if not text[at].isspace()}
    assert visible <= covered


@given(st.text(alphabet=st.sampled_from("aB .!?\n,;—"), max_size=600), st.integers(4, 40))
def test_no_passage_is_longer_than_the_encoder_can_take(text: str, most: int) -> None:
    assert all(words(passage.text) <= most for passage in cut(text, most=most))


def test_a_sentence_longer_than_the_limit_is_cut_at_a_clause() -> None:
    text = (
        "one two three four five six seven, eight nine ten eleven twelve thirteen fourteen fifteen."
    )
    pieces = [text[s.start : s.end] for p in cut(text, most=10, overlap=0) for s in p.sentences]
    assert pieces[0] == "one two three four five six seven,"
    assert " ".join(pieces) == text


def test_two_neighbouring_sentences_stand_together_in_some_passage() -> None:
    text = " ".join(f"Sentence number {n} has seven words here." for n in range(20))
    passages = cut(text, most=24)
    sentences = sorted({(s.start, s.end) for p in passages for s in p.sentences})
    for one, two in pairwise(sentences):
        assert any(p.start <= one[0] and two[1] <= p.end for p in passages)


def test_a_passage_never_runs_over_what_stands_between_blocks() -> None:
    text = "The first paragraph ends here.\nShare this on Twitter\nThe second one begins here."
    first, _, third = body_blocks(text)
    assert [p.text for p in cut(text, [first, third])] == [
        "The first paragraph ends here.",
        "The second one begins here.",
    ]


def test_bullets_between_points_do_not_part_a_list() -> None:
    text = "We agree on two points:\n• the first point;\n• the second point."
    blocks = [
        Block(0, 23, BlockKind.BODY),
        Block(26, 42, BlockKind.LIST),
        Block(45, 62, BlockKind.LIST),
    ]
    assert [p.text for p in cut(text, blocks)] == [text]


def test_title_and_byline_are_passages_of_their_own() -> None:
    text = "A title\nby Ann Lee\nThe body is here."
    post = post_of(text, [Block(19, 36, BlockKind.BODY)], "A title")
    post = replace(post, title_at=Place("s.txt", 0, 7), bylines=(Place("s.txt", 8, 18),))
    found = passages_of(post, {"s.txt": text}, words, max_tokens=30, overlap=1)
    assert [(p.kind, p.text) for p in found] == [
        (BlockKind.TITLE, "A title"),
        (BlockKind.BYLINE, "by Ann Lee"),
        (BlockKind.BODY, "The body is here."),
    ]


def test_a_long_title_is_cut_in_the_context_alone() -> None:
    title = " ".join(f"word{n}" for n in range(300))
    post = post_of("The body.", [Block(0, 9, BlockKind.BODY)], title)
    (passage,) = passages_of(post, {"s.txt": "The body."}, words, max_tokens=30, overlap=1)
    assert 0 < words(passage.context) <= CONTEXT_TOKENS
    assert passage.text == "The body."


def test_a_byline_longer_than_the_encoder_can_take_is_cut_into_passages() -> None:
    text = "by " + " ".join(f"Ann Lee{n}," for n in range(40)) + "\nThe body is here."
    end = text.index("\n")
    post = replace(
        post_of(text, [Block(end + 1, len(text), BlockKind.BODY)]),
        bylines=(Place("s.txt", 0, end),),
    )
    found = passages_of(post, {"s.txt": text}, words, max_tokens=30, overlap=1)
    assert all(words(passage.text) <= 30 for passage in found)
    assert sum(passage.kind is BlockKind.BYLINE for passage in found) > 1


def test_references_are_kept_apart_from_the_body() -> None:
    text = "The body is here.\nLee, A. (2010) A book. Press. London."
    blocks = [Block(0, 17, BlockKind.BODY), Block(18, 55, BlockKind.REFERENCE)]
    found = cut(text, blocks)
    assert [p.kind for p in found] == [BlockKind.BODY, BlockKind.REFERENCE]
    assert len(found[1].sentences) == 1
