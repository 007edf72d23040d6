"""How far a quote reaches: nothing that it needs is cut off, nothing else is taken in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.answering.extent import extent, reaches_edge, widened
from askscwru.sentences import split_sentences
from askscwru.types import BlockKind, Passage, Sentence, Span


def _passage(whole: str, start: int = 0, end: int | None = None) -> Passage:
    """A stretch of a text as a passage."""
    end = len(whole) if end is None else end
    spans = [s for s in split_sentences(whole) if start <= s.start and s.end <= end]
    return Passage(
        id="0" * 12,
        post_id="p",
        source="a.txt",
        start=start,
        end=end,
        text=whole[start:end],
        context="",
        sentences=tuple(Sentence(s.start, s.end, BlockKind.BODY) for s in spans),
    )


def _at(passage: Passage, holds: str) -> int:
    found = [holds in passage.slice(s.start, s.end) for s in passage.sentences]
    return found.index(True)


def _quoted(text: str, holds: str, question: str = "What do they do?") -> str:
    """What is quoted where the sentence that holds some words answers."""
    passage = _passage(text)
    span = extent(question, passage, _at(passage, holds))
    return passage.slice(span.start, span.end)


@pytest.mark.parametrize(
    ("text", "holds", "quoted"),
    [
        (
            "Ann keeps bees. She sells honey. It rains.",
            "honey",
            "Ann keeps bees. She sells honey.",
        ),
        (
            "There are two ways. First, wait. Second, ask.",
            "ask",
            "There are two ways. First, wait. Second, ask.",
        ),
        ("Bees are loud. It is clear that they work.", "clear", "It is clear that they work."),
        ("Bees are loud.\n\nThey work.", "work", "They work."),
        ("Bees are loud. Honey is sweet.", "sweet", "Honey is sweet."),
        ("They work.", "work", "They work."),
        (f"{'Long ' * 95}one. They work.", "work", "They work."),
    ],
)
def test_a_quote_begins_where_what_it_speaks_of_is_named(
    text: str, holds: str, quoted: str
) -> None:
    assert _quoted(text, holds) == quoted


POINTS = (
    "The club has three rules. First is that nobody shouts. The second is that tools are cleaned. "
    "Mud is a nuisance. Finally, the gate is shut. It has a latch."
)
ALL_POINTS = POINTS.removesuffix(" It has a latch.")


@pytest.mark.parametrize("holds", ["three rules", "nobody shouts"])
def test_points_that_are_counted_off_are_quoted_to_the_last(holds: str) -> None:
    assert _quoted(POINTS, holds, "What are the rules of the club?").endswith("the gate is shut.")
    assert _quoted(POINTS, "three rules") == ALL_POINTS


def test_who_asks_for_one_point_gets_that_one() -> None:
    assert _quoted(POINTS, "nobody shouts", "What is the first rule?") == (
        "First is that nobody shouts."
    )


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("The club has rules. First aid is taught in May. Cake is sold.", "has rules"),
        ("The club is old. Another is new. Second helpings are free.", "is old"),
        (f"It has two rules. First, wait. {'Long ' * 180}. Second, ask.", "two rules"),
    ],
)
def test_a_sentence_before_no_points_is_quoted_alone(text: str, holds: str) -> None:
    quoted = _quoted(text, holds)
    assert quoted.count(".") == 1


def test_what_a_passage_lacks_is_taken_from_the_one_that_overlaps_it() -> None:
    text = "Ann keeps bees. She sells honey. It rains. Cake is sold."
    before, after = _passage(text, 0, 32), _passage(text, 16)
    at = _at(after, "honey")
    assert reaches_edge(after, at, extent("Who?", after, at))
    wide = widened(after, [before])
    assert wide.text == text
    span = extent("Who?", wide, _at(wide, "honey"))
    assert text[span.start : span.end] == "Ann keeps bees. She sells honey."


SENTENCES = st.lists(
    st.sampled_from(["First, a b.", "Second, c.", "They d.", "E f:", "G h.", "Finally, i."]),
    min_size=1,
    max_size=9,
)


@given(SENTENCES, st.data())
def test_a_quote_is_verbatim_whole_sentences_that_hold_the_one_that_answers(
    pieces: list[str], data: st.DataObject
) -> None:
    text = " ".join(pieces)
    whole = _passage(text)
    at = data.draw(st.integers(0, len(whole.sentences) - 1))
    span = extent("What?", whole, at)
    own = whole.sentences[at]
    assert span.start <= own.start < own.end <= span.end
    assert span.start in {s.start for s in whole.sentences}
    assert span.end in {s.end for s in whole.sentences}


@given(SENTENCES, st.data())
def test_a_widened_passage_is_verbatim(pieces: list[str], data: st.DataObject) -> None:
    text = " ".join(pieces)
    spans = split_sentences(text)
    cut = data.draw(st.integers(0, len(spans) - 1))
    one = _passage(text, 0, spans[cut].end)
    two = _passage(text, spans[cut].start)
    for wide in (widened(one, [two]), widened(two, [one])):
        assert wide.text == text[wide.start : wide.end]
        assert Span(wide.start, wide.end) == Span(0, len(text))
