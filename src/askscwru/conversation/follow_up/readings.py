"""What a follow-up may stand for: readings, each a question by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from askscwru.index.lexical import analyse

MOST_READINGS = 3
LONGEST = 2000
"""Characters: a longer reading cannot be asked."""


ANYTHING = "What is said about "
"""How a question begins of which no more was understood than what it is about."""
_BRACKETS = re.compile(r"\s*\[[^\[\]]*\]")


class Change(StrEnum):
    """What was done to a question."""

    NONE = "none"
    PRONOUN = "pronoun"
    ELLIPSIS = "ellipsis"
    WHAT_ABOUT = "what about"
    REFERENCE = "reference"
    RETURN = "return"
    TOPIC = "topic"
    """The topic of the conversation was added to a question that leaves it out."""
    CORRECTION = "correction"
    """The question before, of what was meant: "no, I mean the minibus"."""
    OTHERS = "others"
    """The question before, for other quotes than it was answered with."""
    REMARK = "remark"
    """It asks nothing."""
    SHORTER = "shorter"
    """The answer shown, in as few words as mark it."""
    FULL = "in full"
    """The answer shown, with the whole passage that it stands in."""
    WHERE = "where"
    """The answer shown, and where it stands."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that a question may mean."""

    question: str
    """A complete question."""
    change: Change
    prior: float
    """How likely it is from the words alone, in (0, 1]; the likeliest has 1."""
    added: tuple[str, ...] = ()
    """The content terms that it has beyond the question as typed, stemmed."""
    leave_out: tuple[str, ...] = ()
    """Quotes that were shown before and are not wanted again."""
    turns_to: tuple[str, ...] = ()
    """The content terms of what is asked about now instead of something else: "and in Leeds?"."""
    seen: tuple[str, ...] = ()
    """The quotes that were shown before it."""
    most: float = 1.0
    """How sure an answer to it may be: no surer than what it takes for granted."""
    bare: tuple[str, ...] | None = None
    """The nouns, stemmed, of a question as typed that says so little that it may well go on from
    what was spoken of: "do I have to book?", "how big was the sample?". None for any other."""
    within: str = ""
    """The id of the one post that is searched, for the words without those in brackets; empty where
    all are."""

    @property
    def searched(self) -> str:
        """What is searched for and read: the question, without brackets that only name a post."""
        return without_brackets(self.question) if self.within else self.question

    @property
    def asks_anything(self) -> bool:
        """Whether no more was understood than what a question is about: "Why [the mill]?"."""
        if self.change is Change.WHAT_ABOUT and self.question.startswith(ANYTHING):
            return True
        alone = self.asked_alone(self.question)
        return bool(alone) and not content(alone)

    def passes_over(self, quote: str, around: str) -> bool:
        """Whether a quote hardly speaks of what is asked about now, instead of something else.

        It stands where that is not named at all, or it does not name it and was shown before: who
        turns from Ely to Leeds has read what it says, and that was not of Leeds.

        Args:
            quote: as it would be shown.
            around: the passage that it stands in, and what that is about.
        """
        if not self.turns_to:
            return False
        shown = any(quote in one or one in quote for one in self.seen)
        return not set(self.turns_to) & set(analyse(quote if shown else around))

    def asked_alone(self, searched: str) -> str:
        """What is asked for beside a topic that was guessed; empty where none was.

        Args:
            searched: the question as it is searched for, its spelling corrected.
        """
        guessed = self.change is not Change.NONE and not self.within
        alone = without_brackets(searched) if guessed else searched
        return alone if alone != searched else ""


def without_brackets(searched_for: str) -> str:
    """A question without the words that were added to it in brackets."""
    return _BRACKETS.sub("", searched_for)


def sentence(text: str) -> str:
    """``text`` as a question: one space between words, a capital first, a question mark last."""
    text = " ".join(text.split()).strip(" ,;:")
    text = re.sub(r"\s+([?.!,;:])", r"\1", text).rstrip("?.!,;: ")
    return f"{text[:1].upper()}{text[1:]}?" if text else ""


def with_added(question: str, words: str) -> str:
    """The question with words in brackets before its mark: where no grammar would hold them."""
    words = words.replace("[", "").replace("]", "").strip(" ?.,;:")
    return sentence(f"{question.rstrip('?.! ')} [{words}]") if words else sentence(question)


def ranked(question: str, readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """The best few readings, likeliest first, each question once, the best prior made 1."""
    asked = set(analyse(question))
    best: dict[str, Reading] = {}
    for reading in readings:
        if not reading.question or len(reading.question) > LONGEST:
            continue
        known = best.get(reading.question.lower())
        if known is None or known.prior < reading.prior:
            best[reading.question.lower()] = reading
    found = sorted(best.values(), key=lambda reading: -reading.prior)[:MOST_READINGS]
    top = found[0].prior if found else 1.0
    return tuple(
        replace(
            reading,
            prior=reading.prior / top,
            added=tuple(t for t in dict.fromkeys(analyse(reading.question)) if t not in asked),
        )
        for reading in found
    )


_GENERIC = (
    "people person thing things kind sort year time way lot part number man woman say said "
    "happen do use used give gave go went get got take took make made come came find found "
    "mean meant good bad new old first last example main reason different important "
    "problem else good better best point"
)


@cache
def _generic() -> frozenset[str]:
    return frozenset(analyse(_GENERIC))


def content(text: str) -> list[str]:
    """The terms of a text that say what it is about."""
    return [term for term in dict.fromkeys(analyse(text)) if term not in _generic()]
