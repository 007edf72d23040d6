"""Sentences: where they end, and that no character is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.sentences import split_sentences

MARKS = st.text(
    alphabet=st.sampled_from(list("aB1 .!?…\n\t()[]“”’\"',;:-—\u00a0\ufeffé。")), max_size=200
)


@given(st.text(max_size=300) | MARKS)
def test_every_character_but_white_space_is_in_one_sentence(text: str) -> None:
    spans = split_sentences(text)
    last = 0
    for span in spans:
        assert last <= span.start < span.end <= len(text)
        assert not text[last : span.start].strip()
        assert span.of(text) == span.of(text).strip()
        last = span.end
    assert not text[last:].strip()


@given(MARKS, st.integers(0, 50), st.integers(0, 250))
def test_a_stretch_of_a_text_is_split_in_place(text: str, start: int, end: int) -> None:
    start, end = min(start, len(text)), min(end, len(text))
    spans = split_sentences(text, start, end)
    assert all(start <= span.start < span.end <= end for span in spans)
    inside = "".join("".join(span.of(text).split()) for span in spans)
    assert inside == "".join(text[start:end].split())


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four…", ["One.", "Two!", "Three?", "Four…"]),
        ("Dr. Lee met Prof. Ray. They left.", ["Dr. Lee met Prof. Ray.", "They left."]),
        ("Clarke et al. 2011 say so. We do not.", ["Clarke et al. 2011 say so.", "We do not."]),
        ("As (Glasby et al. 2009; Carr 2010) say.", ["As (Glasby et al. 2009; Carr 2010) say."]),
        ("J. K. Rowling wrote it. A. Lee read.", ["J. K. Rowling wrote it.", "A. Lee read."]),
        ("We met Mrs B. She rang.", ["We met Mrs B.", "She rang."]),
        (
            "It is so in the U.K. The U.S. Army left.",
            ["It is so in the U.K.", "The U.S. Army left."],
        ),
        ("The answer is no. Next, see no. 4.", ["The answer is no.", "Next, see no. 4."]),
        ("He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
        ("It cost £2.40 and 3.5 per cent. Ok.", ["It cost £2.40 and 3.5 per cent.", "Ok."]),
        ("So it is.[1] Here too.[2]", ["So it is.[1]", "Here too.[2]"]),
        ("Use it, e.g. Monday. Or not.", ["Use it, e.g. Monday.", "Or not."]),
        ("1. First comes this. 2. Then that.", ["1. First comes this.", "2. Then that."]),
        ("It was (see p. 4. And more) long. Yes.", ["It was (see p. 4. And more) long.", "Yes."]),
        ("of Communities.Then it goes on.", ["of Communities.Then it goes on."]),
        ("First line\nsecond line. Third", ["First line\nsecond line.", "Third"]),
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(text: str, sentences: list[str]) -> None:
    assert [span.of(text) for span in split_sentences(text)] == sentences


@pytest.mark.parametrize(
    "marked",
    [
        "Under Sec. 4 of the Code, a landlord must knock.| He rarely does.",
        "It is set out in Art. 12, Para. 3 and Sch. 2.| Cl. 9 was struck out.",
        "Ring Tel. 0113 496 0018, Ext. 12, and ask.| Somebody answers.",
        "The Rt. Hon. Ada Holm came with Det. Supt. Marsh and Lt. Col. Hale.| They sat.",
        "Hon. Sec. Ann Lee and Gen. Sec. Ruth Hale replied.| They were brief.",
        "It was made by Smith & Co. Ltd. in Leeds.| Brown Bros. Ltd. sold it.",
        "We bought it from Marsh & Co.| Nobody minded.",
        "They live in Co. Durham and Newry, Co. Down.| They write.",
        "He quotes p. 12, pp. 14–16 and vol. II.| See App. B for more.| See Appendix C.| Read it.",
        "S. Marsh and C. D. E. Cole wrote it.| P. Lee read it.",
        "It opens at 9 a.m. Monday to Friday.| It shuts at 5 p.m.| Nobody stays.",
        "St. Mary's stands in York.| She lives in Mill St.| Her son lives in York Rd.| Both walk.",
        "She came on Mon. 3 Feb. and left on Tues.| Nobody knew.",
        "Jones v. Leeds City Council is the case.| It weighs 5 kg.| Milk weighs more.",
        "The answer was no.| A dog barked.| It was art.| I said so.",
        "The N.H.S. is free.| She has an M.A.| She is glad.",
        "He waited…| Then he left, … and that was it.",
        "Holm et al. (2009) deny it.| Marsh et al. agree.",
        "She scored ten.| 21 others scored less.| He read the Act.| 21 pages of it were dull.",
    ],
)
def test_an_abbreviation_ends_no_sentence_that_goes_on(marked: str) -> None:
    sentences = [sentence.strip() for sentence in marked.split("|")]
    text = " ".join(sentences)
    assert [span.of(text) for span in split_sentences(text)] == sentences


@pytest.mark.parametrize("leader", [".", ". ", "…", ".*", '."', ".)", "!?", ".[1]"])
def test_a_dotted_leader_costs_no_more_than_its_length(leader: str) -> None:
    # Tried in every division of the run, this would not end in a lifetime.
    row = f"Why we stay {leader * 20_000}12 pages. Next comes more."
    spans = [span.of(row) for span in split_sentences(row)]
    assert spans[-1] == "Next comes more."
