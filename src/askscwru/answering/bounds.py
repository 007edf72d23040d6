"""Whether a text covers what a question names without naming it: somebody of 58 by "under 65".

Ages and other small numbers by their bounds, days by "Monday to Friday", months by "April to
September".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from askscwru.days import (
    MONTHS,
    WEEKDAYS,
    days_between,
    months_between,
    shortened_days,
    tells_days,
    years_between,
)

_MOST = 10**9
_UNIT = (
    r"(?:[ap]\.?m|p|per ?cent|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|miles?|km|pounds?|"
    rf"pence|times?|words?|pages?|{'|'.join(MONTHS)})\b"
)
_NO_UNIT = rf"(?![\d.:,%/]\d|%|\s?{_UNIT})"
_N = r"(?<![\d.:,£$€])(\d{1,3})"
_OF_AGE = r"(?:(?:the )?age(?: of)? )?"
_BETWEEN = re.compile(
    rf"(?P<words>\b(?:age[ds]?:? (?:from |between )?|between |from ))?{_N}\s?"
    rf"(?P<to>[–—-]|to|and|until)\s?(\d{{1,3}})(?P<years>[- ]?years?\b|s\b)?{_NO_UNIT}",
    re.IGNORECASE,
)
_BELOW = re.compile(
    rf"\b(?:under|below|younger than|less than|fewer than)[- ]{_OF_AGE}{_N}s?\b{_NO_UNIT}",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(?:up to|at most|no(?:t)? (?:more|older) than|maximum(?: age)?(?: of| is|:)?|"
    rf"(?:room|space|places|seats) for) {_OF_AGE}{_N}\b{_NO_UNIT}|"
    rf"{_N} (?:years )?(?:or|and) (?:under|younger|below|fewer|less)\b",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"\b(?:over|above|older than|more than)[- ]{_OF_AGE}{_N}s?\b{_NO_UNIT}", re.IGNORECASE
)
_AT_LEAST = re.compile(
    r"\b(?:at least|no younger than|minimum(?: age)?(?: of| is|:)?|from the age of) "
    rf"{_N}\b{_NO_UNIT}|"
    rf"{_N}(?: ?\+(?!\d)| (?:years )?(?:(?:old|of age) )?(?:or|and) "
    r"(?:over|older|above|more|up|upwards)\b)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_WEEKEND = frozenset(WEEKDAYS[5:])
_OF_WEEKEND = re.compile(r"\b(?:Saturday|Sunday)s?\b")
_ASKED = re.compile(
    rf"{_N}(?:st|nd|rd|th)?(?:s|[- ]?y(?:ea)?rs?(?:[- ]?olds?)?)?\b{_NO_UNIT}"
    r"(?!\s(?!was\b|is\b|as\b|has\b|this\b|birthdays\b)[a-z]+s\b)",
    re.IGNORECASE,
)
"""A number of a question that may be an age or a count of people: "9 points" is neither."""


@dataclass(frozen=True, slots=True)
class Bound:
    """From where to where numbers are covered, both ends among them."""

    low: int
    high: int
    told: bool = True
    """Whether it is told in words that it bounds: "9 to 5" may be anything."""

    def covers(self, number: int) -> bool:
        """Whether a number lies within."""
        return self.low <= number <= self.high


def bounds(text: str) -> tuple[Bound, ...]:
    """The bounds of ages and counts that a text sets: of "11 to 16", "under 65", "18 or over"."""
    found: list[Bound] = []
    if not _DIGIT.search(text):
        return ()
    for match in _BETWEEN.finditer(text):
        low, high = int(match[2]), int(match[4])
        words = (match["words"] or "").lower()
        if low < high and (match["to"].lower() != "and" or words.startswith(("between", "age"))):
            found.append(Bound(low, high, told=bool(words or match["years"])))
    found += [Bound(0, _first(match) - 1) for match in _BELOW.finditer(text)]
    found += [Bound(0, _first(match)) for match in _AT_MOST.finditer(text)]
    found += [Bound(_first(match) + 1, _MOST) for match in _ABOVE.finditer(text)]
    found += [Bound(_first(match), _MOST) for match in _AT_LEAST.finditer(text)]
    return tuple(found)


@lru_cache(maxsize=64)
def numbers_asked(question: str) -> frozenset[int]:
    """The numbers of a question that a bound may cover: ages and counts, no sums and no times."""
    return frozenset(_first(match) for match in _ASKED.finditer(question))


def covered(question: str, text: str, *, yes_no: bool) -> frozenset[str]:
    """What a question names and a text covers without naming it: numbers, days, months, years.

    Args:
        question: names a number, or not.
        text: may set bounds.
        yes_no: whether a yes or a no is asked for: then any bound answers for a number, and any
            span for a day or a month, since what lies outside is told "no".
    """
    days, months = days_between(text), months_between(text)
    found = {*map(str, years_between(text)), *shortened_days(text), *days, *months}
    if found & _WEEKEND or _OF_WEEKEND.search(text):
        found.add("weekend")
    if yes_no:
        found.update(WEEKDAYS if tells_days(text) else (), MONTHS if months else ())
    asked = numbers_asked(question)
    if asked:
        set_by = bounds(text)
        found |= {str(n) for n in asked if any(b.covers(n) or (yes_no and b.told) for b in set_by)}
    return frozenset(found)


def _first(match: re.Match[str]) -> int:
    return int(next(group for group in match.groups() if group is not None))
