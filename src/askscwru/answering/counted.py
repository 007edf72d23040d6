"""The list that a question names, or one point of it by its number: "the second recommendation".

No sentence says of itself that it is the second recommendation: its place in a list does, and what
leads into the list says of what it is a list. So both are looked up and not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from askscwru.answering.accounting import FRAME, terms
from askscwru.answering.extent import depth, list_end, list_start, marker, points
from askscwru.answering.order import CARDINALS, NO_POINT, NUMBERS, POINTS
from askscwru.types import BlockKind, Passage

_NOUNS = (
    r"(?:recommendations?|steps?|points?|rules?|tips?|stages?|reasons?|lessons?|principles?|items?|"
    r"actions?|findings?|priorit(?:y|ies)|aims?|goals?|objectives?|options?|questions?|themes?|"
    r"conditions?|ideas?|suggestions?|criteri(?:on|a)|requirements?|tasks?)"
)
_GREAT = r"(?:(?:main|key|big|important|new|great|major|most important) )?"
_ASKED = (
    r"\A\W*(?:(?:and|so|but) )?(?:(?:what|which)(?:['’]s| is| are| was| were| does| did| about)?|"
    r"whats|(?:please )?(?:tell me|show me|read|list|explain|describe|give me)(?: about)?|"
    r"about)?\s*"
)
"""How a question begins that asks for the point itself, and for nothing that is said of it."""
_BY_ORDINAL = re.compile(
    rf"{_ASKED}(?:the|your|their|its|his|her) "
    rf"(?P<number>{'|'.join(POINTS)}|\d\d?(?:st|nd|rd|th)|last|final)(?!-) {_GREAT}"
    rf"(?!{NO_POINT})(?P<noun>[a-z][a-z’'-]+)(?! (?:and|or) )",
    re.IGNORECASE,
)
_BY_FIGURE = re.compile(
    rf"{_ASKED}(?:the )?(?P<noun>{_NOUNS}) "
    rf"(?:no\.? ?|number |#)?(?P<number>\d\d?|{'|'.join(CARDINALS)})\b"
    r"(?!\s*(?:of|to|and|or|in|–|-|%)\b)",
    re.IGNORECASE,
)
_ALL = re.compile(
    rf"\W*(?:what (?:are|were)|list|name|give me|tell me|show me) (?:all )?(?:of )?"
    rf"(?:the|your|their|his|her|its|these|those) {_GREAT}"
    rf"(?P<noun>(?!(?:first|last|next|posts?|blogs?|authors?)\b)[a-z][a-z’'-]+s|criteria)\b"
    rf"(?! (?:and|or) )",
    re.IGNORECASE,
)
_PLAIN = frozenset(terms("step point item rule stage"))
"""Every list that is counted has these, whatever leads into it."""
_SAYS = frozenset(terms("say state mean read tell about concern involve next"))
_DIGITS = re.compile(r"\d{1,3}")
ALL = 0
"""The number that stands for a whole list."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A list, or a point of it, as a question names it."""

    number: int
    """From 1; -1 for the last, ``ALL`` for the whole list."""
    noun: str
    """The term for what is counted."""
    rest: frozenset[str]
    """What else the question names."""


@dataclass(frozen=True, slots=True)
class _List:
    """A list of a passage."""

    points: list[int]
    """The first sentence of each point."""
    numbers: list[int]
    """The number before each point; 0 for a bullet."""
    lead: str
    """The sentence above it."""
    text: str


def counted(question: str) -> Counted | None:
    """The list or the point that a question names; None where it names none."""
    found = _BY_ORDINAL.search(question) or _BY_FIGURE.search(question)
    if found is not None:
        said = found["number"].lower()
        number = -1 if said in ("last", "final") else _number(said)
    elif (found := _ALL.match(question)) is not None:
        number = ALL
    else:
        return None
    noun = terms(found["noun"])
    if len(noun) != 1:
        return None
    around = f"{question[: found.start()]} {question[found.end() :]}"
    return Counted(number, noun[0], frozenset(terms(around)) - FRAME - _SAYS - {noun[0]})


def point_of(asked: Counted, passage: Passage, *, near: str = "") -> tuple[int, int] | None:
    """The first sentence of what is asked for; None where the passage does not have it.

    Of a whole list it is the sentence that leads into it, where that ends with a colon. With it
    stands how plainly the list is named: 2 by what leads into it, 1 by what its post is about.

    Args:
        asked: the point or the list.
        passage: whose lists are looked through.
        near: more of what the passage is about, such as the title of its post.
    """
    about = {*terms(passage.context), *terms(near)}
    for one in _lists(passage):
        lead = set(terms(one.lead))
        is_counted = any(one.numbers)
        loosely = is_counted and (asked.noun in _PLAIN or asked.noun in about)
        named = 2 if asked.noun in lead else int(loosely)
        if named and asked.rest <= {*about, *lead, *terms(one.text)}:
            whole = one.points[0] - one.lead.endswith(":")
            at = whole if asked.number == ALL else _pick(asked.number, one)
            if at is not None:
                return at, named
    return None


def _lists(passage: Passage) -> Iterator[_List]:
    for at, sentence in enumerate(passage.sentences):
        if sentence.kind is BlockKind.LIST and list_start(passage, at) == at:
            every = points(passage, at)
            least = min(depth(passage, one) for one in every)
            listed = [one for one in every if depth(passage, one) == least]
            if len(listed) > 1:
                before = passage.sentences[at - 1] if at else None
                yield _List(
                    listed,
                    [_number_before(passage, one) for one in listed],
                    passage.slice(before.start, before.end) if before else "",
                    passage.slice(sentence.start, passage.sentences[list_end(passage, at)].end),
                )


def _pick(wanted: int, one: _List) -> int | None:
    """The point of that number; by its place where the list has bullets."""
    if any(one.numbers):
        wanted = max(one.numbers) if wanted < 0 else wanted
        return one.points[one.numbers.index(wanted)] if wanted in one.numbers else None
    at = wanted if wanted < 0 else wanted - 1
    return one.points[at] if at < len(one.points) else None


def _number_before(passage: Passage, at: int) -> int:
    """The number that stands before a point; 0 where that is a bullet."""
    written = marker(passage, at).strip("(.) ").lower()
    if _DIGITS.fullmatch(written):
        return int(written)
    return ord(written) - ord("a") + 1 if len(written) == 1 and written.isalpha() else 0


def _number(said: str) -> int:
    digits = _DIGITS.match(said)
    return int(digits[0]) if digits else NUMBERS.get(said, 0)
