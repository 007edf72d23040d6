"""How far a quote reaches: nothing that it needs is cut off, nothing else is taken in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.answering.extent import as_row, extent, reaches_edge, whole_list, widened
from askscwru.answering.fitness import rows_of_others
from askscwru.ingest.compose import Composer, Facts, Part
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
        ("We asked 214 carers. Only 61 had any.", "61", "We asked 214 carers. Only 61 had any."),
        (
            "We asked 214 carers. Most of them slept.",
            "Most",
            "We asked 214 carers. Most of them slept.",
        ),
        (
            "Bees are loud. Most of those who keep them sing.",
            "Most",
            "Most of those who keep them sing.",
        ),
        ("We asked 214 carers. Most carers slept.", "Most", "Most carers slept."),
        ("Bees are loud. Two wasps were seen.", "wasps", "Two wasps were seen."),
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


def _blocks(*parts: str) -> Passage:
    """A passage of paragraphs, and of list points where a part begins with "- "."""
    composer = Composer()
    kinds = {True: BlockKind.LIST, False: BlockKind.BODY}
    post = composer.add(
        Facts(), [Part(part.removeprefix("- "), kinds[part.startswith("- ")]) for part in parts]
    )
    sentences = [
        Sentence(block.start + s.start, block.start + s.end, block.kind)
        for block in post.blocks
        for s in split_sentences(composer.text[block.start : block.end])
    ]
    return replace(
        _passage(composer.text), sentences=tuple(sentences), text=composer.text, end=composer.length
    )


def _quoted_of(passage: Passage, holds: str) -> str:
    span = extent("What is meant?", passage, _at(passage, holds))
    return passage.slice(span.start, span.end)


GRANTS = (
    "The fund is small. A grant may be used for:",
    "- a short break",
    "- training, such as a course",
    "- equipment that nobody else supplies:",
    "- bed rails",
    "It is paid in May.",
)


@pytest.mark.parametrize("holds", ["may be used", "a short break", "a course", "bed rails"])
def test_a_point_that_only_names_something_is_quoted_with_its_whole_list(holds: str) -> None:
    assert _quoted_of(_blocks(*GRANTS), holds) == (
        "A grant may be used for:\n\n- a short break\n- training, such as a course\n"
        "- equipment that nobody else supplies:\n- bed rails"
    )


def test_a_point_is_not_quoted_without_the_words_that_deny_it() -> None:
    denied = _blocks("Please note what never happens here:", "- Dogs run free.", "- Fires burn.")
    assert _quoted_of(denied, "Fires burn") == denied.text
    advised = _blocks("We recommend:", "- Breaks that are booked early.", "- Vouchers.")
    assert _quoted_of(advised, "booked early") == advised.text
    told = _blocks("Two things happen here:", "- Dogs run free.", "- Fires burn.")
    assert _quoted_of(told, "Fires burn") == "Fires burn."


def test_a_sentence_of_a_point_is_quoted_with_the_point() -> None:
    groups = _blocks(
        "Two groups walk each week.",
        "- The Monday group meets at ten.\nIt is for beginners.",
        "- The Wednesday group meets at nine. Dogs are not allowed.",
    )
    assert _quoted_of(groups, "Dogs") == "The Wednesday group meets at nine. Dogs are not allowed."
    assert _quoted_of(groups, "beginners") == (
        "The Monday group meets at ten.\nIt is for beginners."
    )


def test_points_of_one_year_after_the_other_are_quoted_to_the_latest() -> None:
    waits = _blocks(
        "The wait has fallen.",
        "- In January 2023 the average wait was 11 weeks.",
        "- In January 2024 it was 7 weeks.",
        "- In January 2025 it was 4 weeks.",
    )
    assert _quoted_of(waits, "11 weeks").endswith("In January 2025 it was 4 weeks.")
    assert _quoted_of(waits, "7 weeks").startswith("- In January 2024")
    of_2023 = extent("how long was the wait in 2023?", waits, 1)
    assert waits.slice(of_2023.start, of_2023.end).endswith("11 weeks.")


def test_a_long_point_or_list_is_not_quoted_whole() -> None:
    long = _blocks("It must:", *(f"- {'word ' * 40}{n}" for n in range(8)))
    assert _quoted_of(long, "word 3") == f"{'word ' * 40}3"
    point = _blocks("Rules:", f"- Ann {'sings ' * 80}well. Dogs are not allowed.")
    assert _quoted_of(point, "Dogs") == "Dogs are not allowed."


@pytest.mark.parametrize(
    ("text", "holds", "quoted"),
    [
        ("We pay £600. This does not apply to carers under 18. Ask Jo.", "£600", 2),
        ("Anyone may join. Except on Sundays, the hall is full.", "may join", 2),
        ("We answer within six weeks. In practice it took nine.", "six weeks", 2),
        ("Entry is free. Not for dogs, though.", "free", 2),
        ("The tool is free. However, it is only available to members.", "free", 2),
        ("Rooms are cheap. The only exception is the attic.", "cheap", 2),
        ("Some people say bees sleep. We found no evidence of that.", "bees sleep", 2),
        ("It is often said that bees sleep. That is a myth.", "bees sleep", 2),
        ("Critics of the fund claim it is slow. But half were paid in May.", "slow", 2),
        ("Some people say bees sleep. They mean in winter.", "bees sleep", 1),
        ("Bees sleep. We found no evidence of moths.", "Bees sleep", 1),
        ("We pay £600. It is paid in May.", "£600", 1),
        ("We pay £600. This is not much.", "£600", 1),
        ("We pay £600. However, the weather was fine.", "£600", 1),
        ("We pay £600.\n\nThis does not apply to carers.", "£600", 1),
        (f"We pay {'so ' * 110}much. This does not apply to carers.", "much", 1),
        ("Closing date: 30 May 2025. Now extended to 27 June 2025.", "Closing", 2),
        ("The sale is on 3 May. It has been put off to 10 May.", "3 May", 2),
        ("The sale is on 3 May. It was fun.", "3 May", 1),
        ("The warden, Ann Low, retires in March. Per Lund will take over.", "warden", 2),
        ("The warden, Ann Low, sings. Per Lund will take over.", "warden", 1),
        ("Free. Take a ticket from the warden. Walk on.", "Free", 2),
        ("In 2016, a fifth had bees. By 2021 it was a tenth. Ask Jo.", "fifth", 2),
        ("In 2016, 5 had bees. In 2018 it was 7. By 2021 it was 9.", "2016", 3),
        ("In 2021, 5 had bees. In 2018 it was 7.", "2021", 1),
        (
            "Full refund up to 14 days before. Half after that. Nothing in the last 2. Ask.",
            "Full",
            3,
        ),
        ("A store with four bays. All taken; ask for the list.", "bays", 2),
        ("A store with four bays. All are dry.", "bays", 1),
        ("A store with four bays. Full details are on the board.", "bays", 1),
        ("A store with four bays. Let us know.", "bays", 1),
        ("Sixty sang. People in the north are taller.", "Sixty", 1),
        ("Sixty sang. To hear this we must wait.", "Sixty", 1),
        ("You may bring your own beer. To sell it you need a notice.", "bring", 2),
        ("It is open from 9 to 4. From 1 May it will also open on Sundays.", "9 to 4", 2),
        ("It is now four in six months. Families with a baby may have six.", "four", 2),
        ("It is now a rule. Families with a baby may sit here.", "rule", 1),
        ("More people think of leaving. That is a suggestion and not a finding.", "leaving", 2),
    ],
)
def test_a_quote_goes_on_to_what_limits_it(text: str, holds: str, quoted: int) -> None:
    whole = _passage(text)
    span = extent("What do they pay?", whole, _at(whole, holds))
    inside = [s for s in whole.sentences if span.start <= s.start and s.end <= span.end]
    assert len(inside) == quoted
    assert span.start == 0


@pytest.mark.parametrize(
    ("text", "holds", "quoted"),
    [
        (
            "Must I pay it back? Only if you move. Ask Jo.",
            "Only if",
            "Must I pay it back? Only if you move.",
        ),
        ("Is it open?\n\nNot in May.", "Not in May", "Is it open?\n\nNot in May."),
        ("Is it open? The hall closes in May.", "closes", "The hall closes in May."),
        ("It is open. Not in May.", "Not in May", "Not in May."),
    ],
)
def test_a_short_reply_is_quoted_with_what_it_replies_to(
    text: str, holds: str, quoted: str
) -> None:
    assert _quoted(text, holds) == quoted


def test_a_list_that_begins_in_the_passage_before_is_quoted_from_its_lead() -> None:
    whole = _blocks(*GRANTS)
    cut = whole.sentences[3]
    late = replace(
        whole,
        start=cut.start,
        text=whole.text[cut.start :],
        sentences=whole.sentences[3:],
    )
    at = _at(late, "bed rails")
    assert reaches_edge(late, at, extent("What?", late, at))
    wide = widened(late, [whole])
    assert _quoted_of(wide, "bed rails").startswith("A grant may be used for:")


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
    kinds = st.sampled_from([BlockKind.BODY, BlockKind.LIST])
    whole = replace(
        whole, sentences=tuple(replace(s, kind=data.draw(kinds)) for s in whole.sentences)
    )
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


@pytest.mark.parametrize(
    ("text", "holds", "quoted"),
    [
        ("A second lane was planned for 2024. It has been put back to 2026.", "planned", 2),
        ("He wanted a sixth hub. The panel voted it down by five to three.", "sixth hub", 2),
        ("They asked for a loan. The bank was kind.", "a loan", 1),
        ("The lane opened in 2024. The second one was postponed.", "opened", 1),
        ("For us it was nine months. Now they say six.", "nine months", 2),
        ("It is nine months. Now they say six.", "nine months", 1),
        ("Tickets are £10. There is no student price for this event.", "£10", 2),
        ("Tickets are £10. There is no hurry.", "£10", 1),
        ("It is no income. It may, however, be counted as capital.", "no income", 2),
        ("It is no income. We are, however, happy.", "no income", 1),
        ("We asked those who never cycle. Fear came first (41%).", "Fear", 2),
        ("We asked those who never cycle. Fear came first.", "Fear", 1),
        ("The Italian course is on Mondays. Ten weeks.", "Ten weeks", 2),
        ("The Italian course is on Mondays. £120 for members.", "£120", 2),
        ("The Italian course is on Mondays. Ten people came.", "Ten people", 1),
    ],
)
def test_what_came_of_it_and_of_whom_it_is_said_is_quoted_too(
    text: str, holds: str, quoted: int
) -> None:
    assert len(split_sentences(_quoted(text, holds))) == quoted


LIMITS = _blocks(
    "The study is small.", "- One ward took part.", "- No one was asked.", "It is new."
)


def test_all_points_are_quoted_where_all_are_asked() -> None:
    whole = "- One ward took part.\n- No one was asked."
    span = extent("What are the limits?", LIMITS, _at(LIMITS, "One ward"))
    assert LIMITS.slice(span.start, span.end) == whole
    span = extent("How many wards took part?", LIMITS, _at(LIMITS, "One ward"))
    assert LIMITS.slice(span.start, span.end) == "One ward took part."


def test_two_points_of_one_list_are_quoted_as_the_list() -> None:
    one, two = (LIMITS.sentences[at] for at in (1, 2))
    span = whole_list(LIMITS, Span(one.start, one.end), Span(two.start, two.end))
    assert span == Span(one.start - 2, two.end)
    first = LIMITS.sentences[0]
    assert whole_list(LIMITS, Span(first.start, first.end), Span(two.start, two.end)) is None


def test_the_name_under_a_quotation_is_quoted_with_it() -> None:
    said = _blocks("It rains.", "I go on Fridays. Nobody pays me.", "— Ruth Bell, weaver", "Well.")
    assert _quoted_of(said, "Ruth Bell") == (
        "I go on Fridays. Nobody pays me.\n\n— Ruth Bell, weaver"
    )


def test_a_question_before_a_list_is_answered_by_all_of_it() -> None:
    said = _blocks("It rains.", "What would you advise?", "- Read the file.", "- Ask for help.")
    assert _quoted_of(said, "Read the file") == (
        "What would you advise?\n\n- Read the file.\n- Ask for help."
    )


GROUPS = _blocks(
    "We run three groups.",
    "Walk and talk: First Sunday of the month, 11am. Led by Ken. No booking.",
    "Stepping Stones: Six Wednesdays after school. It starts on 15 January.",
    "Grief café: Every second Thursday, 2pm. Open to anyone.",
    "Please wait six weeks. Then ring us.",
)


def test_what_a_labelled_paragraph_goes_on_to_say_is_quoted_with_its_label() -> None:
    assert _quoted_of(GROUPS, "No booking") == (
        "Walk and talk: First Sunday of the month, 11am. Led by Ken. No booking."
    )
    assert _quoted_of(GROUPS, "Then ring") == "Then ring us."
    alone = _blocks("We sing.", "Note: the hall is cold. Bring a coat.", "We dance.")
    assert _quoted_of(alone, "Bring") == "Bring a coat."


def test_what_is_said_of_another_label_does_not_answer() -> None:
    told = [as_row(GROUPS, at) for at in range(len(GROUPS.sentences))]
    others = rows_of_others("do i have to book for the grief café", told)
    texts = [GROUPS.slice(one.start, one.end) for one in GROUPS.sentences]
    assert {texts[at] for at in others} == {
        "Walk and talk: First Sunday of the month, 11am.",
        "Led by Ken.",
        "No booking.",
        "Stepping Stones: Six Wednesdays after school.",
        "It starts on 15 January.",
    }
    assert not rows_of_others("do i have to book", told)


def test_a_name_that_opens_a_paragraph_is_quoted_with_what_is_said_of_it() -> None:
    grants = _blocks("Fuel vouchers. £49 for people on a meter. Ask Jo.", "Bees. They sleep.")
    asked = extent("how much is a voucher?", grants, 0)
    assert grants.slice(asked.start, asked.end) == "Fuel vouchers. £49 for people on a meter."


def test_labels_of_one_thing_are_no_things() -> None:
    fair = _blocks(
        "The fair.", "Cost: £4. Dogs are free.", "Booking: ring Jo. No booking for dogs."
    )
    told = [as_row(fair, at) for at in range(len(fair.sentences))]
    assert not rows_of_others("what does booking for the fair cost", told)
