"""How much of what a question names the text that would answer it accounts for.

A sentence on the Sunday walk is no answer to a question about the Monday walk, however well it is
worded. So a question's terms are looked up in the passage, in what the passage is about, and, for
what it names exactly (numbers, dates, days, names), in the rest of the post.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from askscwru.days import MONTHS, WEEKDAYS
from askscwru.index.lexical import analyse

_CALENDAR = frozenset(analyse(" ".join([*WEEKDAYS, *MONTHS]))) - frozenset(analyse("May"))
"""Not May, which is a verb as well; beside a number the number tells."""
_NUMBER_WORDS = {
    stem: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
    for stem in analyse(word)
}
FRAME = frozenset(analyse("many much long old often far name kind sort type people person thing"))
"""What a question asks with rather than of: "how many people" is answered by "forty carers"."""
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)$")
_NAME = re.compile(r"(?<![.?!:“\"‘(\[] )(?<!^)(?<![^\s(“\"‘'/–—-])[A-Z][\w’'&.-]*")
_POINTS = re.compile(r"\b(?:[A-Z]\.){2,}")
_PLURAL = re.compile(r"[A-Z]{2,}(?=s\b)|\w+")
_ACRONYM = 3
_SMALL = frozenset("a an and at by for in of on the to with".split())
ADDED = re.compile(r"\s*\[[^\[\]]*\]")
"""A topic that a conversation added to a question."""
_LEAST_IDF, _MOST_IDF = 1.0, 6.0
MOST_FOREIGN = 2
"""From so many on, what is named and missing counts no more."""


def terms(text: str) -> list[str]:
    """The content terms of a text; ordinals and number words up to twenty as figures."""
    return [_ORDINAL.sub("", _NUMBER_WORDS.get(term, term)) for term in analyse(text)]


def dated(question: str) -> frozenset[str]:
    """The terms by which a question names a number, a day or a month."""
    found = terms(question)
    return frozenset(t for t in found if t in _CALENDAR or any(c.isdigit() for c in t))


def named(question: str) -> frozenset[str]:
    """The terms that a question writes with a capital letter, other than its first word."""
    if question == question.upper():
        return frozenset()
    found = {term for name in _NAME.findall(question) for term in terms(name)}
    return frozenset(found) - dated(question)


def as_written(text: str) -> list[str]:
    """The words of a text with their capitals; "U.K." is "UK", and "GPs" are "GP"."""
    return _PLURAL.findall(_POINTS.sub(lambda m: m.group().replace(".", ""), text))


def acronyms(question: str, texts: Iterable[str]) -> frozenset[str]:
    """The words of three letters and more that a question writes in capitals, as some text does.

    "The PEOPLE Study" is none of people; where no text writes it so, it may as well be stressed.
    """
    if question == question.upper():
        return frozenset()
    found = (word for word in as_written(question) if len(word) >= _ACRONYM and word.isupper())
    capital = frozenset(word for word in found if terms(word))
    return capital & {w for text in texts for w in as_written(text)} if capital else capital


def acronyms_of(text: str, written: Collection[str]) -> frozenset[str]:
    """Those acronyms that a text has, or has words for: "health research authority" for HRA."""
    words = as_written(text)
    letters = "".join(w if w.isupper() else w[0].upper() for w in words if w not in _SMALL)
    return frozenset(name for name in written if name in words or name in letters)


def falsely_named(written: Collection[str], text: str) -> frozenset[str]:
    """Those acronyms that a text has as common words alone: people, not the PEOPLE Study."""
    absent = frozenset(written).difference(as_written(text))
    there = frozenset(terms(text)) if absent else frozenset()
    return frozenset(name for name in absent if there.issuperset(terms(name)))


@dataclass(frozen=True, slots=True)
class QuestionTerms:
    """What a question asks to be accounted for."""

    weights: dict[str, float]
    """Each term with its inverse document frequency, kept within bounds: in a collection of few
    posts the frequencies tell little."""
    dated: frozenset[str]
    named: frozenset[str]

    @classmethod
    def of(cls, question: str, rarity: Callable[[str], float]) -> QuestionTerms:
        """Of a question; ``rarity`` is a term's inverse document frequency."""
        weights = {
            term: min(_MOST_IDF, max(_LEAST_IDF, rarity(term)))
            for term in set(terms(question)) - FRAME
        }
        return cls(weights, dated(question), named(question))

    def missing(self, present: Iterable[str]) -> float:
        """The share, by weight, of the question's terms that are not among those present."""
        whole = sum(self.weights.values())
        if not whole:
            return 0.0
        there = set(present)
        return sum(w for term, w in self.weights.items() if term not in there) / whole
