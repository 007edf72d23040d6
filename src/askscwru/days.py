"""Days as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

MONTHS = (
    "January February March April May June July August September October November December".split()
)
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
"""A month in full or short, for a pattern that ignores case; "juniors" are none."""


def long_date(day: date) -> str:
    """A day as people write it: ``22 November 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


_SMALL_NUMBERS = "one two three four five six seven eight nine ten".split()
_ABSOLUTE_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_RELATIVE_YEAR = re.compile(
    r"\b(?P<which>this|last|next|(?:the )?(?:previous|following|same)) year\b|"
    r"\b(?:the|a) year (?P<side>before|earlier|after|later)\b|"
    rf"\b(?P<count>a|{'|'.join(_SMALL_NUMBERS)}|\d{{1,2}}) years? (?P<way>ago)\b|"
    r"\blast (?:spring|summer|autumn|winter)\b",
    re.IGNORECASE,
)
_STEPS = {
    "this": 0,
    "same": 0,
    "last": -1,
    "previous": -1,
    "next": 1,
    "following": 1,
    "before": -1,
    "earlier": -1,
    "after": 1,
    "later": 1,
}


_SHORTENED = re.compile(
    r"\b(?:(?P<day>Mon|Tue|Wed|Thu|Fri|Sat)(?:s|rs?|nes|ur)?\b\.?|(?P<sun>Sun)\b\.?(?=\s*(?:[,;:&/–—-]|\d|$)))"
)


def shortened_days(text: str) -> list[str]:
    """The days of the week whose names a text shortens: ``Tues`` is Tuesday."""
    found = (match["day"] or match["sun"] for match in _SHORTENED.finditer(text))
    return [next(day for day in WEEKDAYS if day.startswith(short)) for short in found]


_REMEMBERED = 2048
"""The sentences whose days are kept: each is asked of more than once for one question."""
_HAS_DAYS = re.compile(
    r"[mM]on|[tT]ue|[wW]ed|[tT]hu|[fF]ri|[sS]at|[sS]un|[dD]ay|[dD]aily|[wW]eek|MON|TUE|WED|THU|FRI|"
    r"SAT|SUN|DAY|DAILY|WEEK"
)
_HAS_MONTHS = re.compile(
    r"[jJ]an|[fF]eb|[mM]ar|[aA]pr|[mM]ay|[jJ]u[nl]|[aA]ug|[sS]ep|[oO]ct|[nN]ov|[dD]ec|[yY]ear|"
    r"[mM]onth|JAN|FEB|MAR|APR|MAY|JU[NL]|AUG|SEP|OCT|NOV|DEC|YEAR|MONTH"
)
_NO_LETTER = r"(?![^\W\d_])"
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nes(?:day)?)?|thu(?:rs?(?:day)?)?|fri(?:day)?|"
    rf"sat(?:ur(?:day)?)?|sun(?:day)?)s?{_NO_LETTER}\.?"
)
_TO = r"\s*(?:[–—-]|\bto\b|\buntil\b|\btill?\b|\bthrough\b|\bthru\b)\s*"
_DAYS_BETWEEN = re.compile(
    rf"\b(?P<first>{_WEEKDAY}){_TO}(?P<last>{_WEEKDAY})|"
    r"\b(?P<all>(?:every|each) (?:single )?day|daily|(?:seven|7) days(?: a week)?|all week)\b|"
    r"\b(?P<working>(?:every |each )?weekdays?|working days?)\b|"
    r"\b(?P<end>(?:every |each )?weekends?)\b",
    re.IGNORECASE,
)
_DAY = r"(?:\d{1,2}(?:st|nd|rd|th)? )?"
_MONTHS_BETWEEN = re.compile(
    rf"\b(?P<first>{MONTH}){_TO}(?:the )?(?:(?:end|start|middle) of )?{_DAY}(?P<last>{MONTH})|"
    rf"\bbetween {_DAY}(?P<one>{MONTH})(?: \d{{1,2}}\b)? and {_DAY}(?P<other>{MONTH})|"
    r"\b(?P<all>all (?:the )?year(?: round)?|all[- ]year[- ]round|year[- ]round|"
    r"throughout the year|(?:every|each) month)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=_REMEMBERED)
def days_between(text: str) -> frozenset[str]:
    """The days of the week that a text covers by a span of them: "Monday to Friday", "weekends".

    Both ends are among them; a span may pass over the end of the week.
    """
    found: set[str] = set()
    if not _HAS_DAYS.search(text):
        return frozenset()
    for match in _DAYS_BETWEEN.finditer(text):
        if match["first"]:
            found |= set(_round(WEEKDAYS, match["first"], match["last"]))
        else:
            found |= set(
                WEEKDAYS if match["all"] else WEEKDAYS[:5] if match["working"] else WEEKDAYS[5:]
            )
    return frozenset(found)


_DAYS_LISTED = re.compile(
    rf"\b{_WEEKDAY}(?:,\s*{_WEEKDAY})*,?\s*(?:\band\b|&)\s*{_WEEKDAY}", re.IGNORECASE
)


@lru_cache(maxsize=_REMEMBERED)
def tells_days(text: str) -> bool:
    """Whether a text tells on which days of the week something is, by a span or a list of them."""
    if not _HAS_DAYS.search(text):
        return False
    return bool(days_between(text)) or _DAYS_LISTED.search(text) is not None


@lru_cache(maxsize=_REMEMBERED)
def months_between(text: str) -> frozenset[str]:
    """The months that a text covers by a span of them: "April to September", "all year round".

    Both ends are among them; a span may pass over the end of the year. "From May 2019 to June 2021"
    covers years, and is none.
    """
    found: set[str] = set()
    if not _HAS_MONTHS.search(text):
        return frozenset()
    for match in _MONTHS_BETWEEN.finditer(text):
        if match["all"]:
            found |= set(MONTHS)
        else:
            first, last = match["first"] or match["one"], match["last"] or match["other"]
            found |= set(_round(MONTHS, first, last))
    return frozenset(found)


def _round(names: Sequence[str], first: str, last: str) -> list[str]:
    """Those from one to another, on from the first of all after the last."""
    begin, end = (
        next(at for at, name in enumerate(names) if name.lower()[:3] == short.lower()[:3])
        for short in (first, last)
    )
    return [names[(begin + step) % len(names)] for step in range((end - begin) % len(names) + 1)]


_SPAN = re.compile(
    r"\b(?P<first>(?:1[5-9]|20)\d\d)\s?(?:[–—-]|to|until|till)\s?(?P<last>(?:1[5-9]|20)?\d\d)\b"
)
_LONGEST_SPAN = 60


def years_between(text: str) -> frozenset[int]:
    """The years that a text spans without naming them: of "2018–2021" they are 2019 and 2020."""
    found: set[int] = set()
    for match in _SPAN.finditer(text):
        first, last = int(match["first"]), int(match["last"])
        if last < 100:  # "1999-02"
            last += first // 100 * 100 + (100 if last <= first % 100 else 0)
        if first < last <= first + _LONGEST_SPAN:
            found.update(range(first + 1, last))
    return frozenset(found)


def years_meant(text: str, written: int) -> frozenset[int]:
    """The years that a text means without naming them: "last year", "three years ago".

    "The year before" is before the year that is named last before it, or else before the one in
    which the text was written; so are "the previous year" and "the following year". "Last summer"
    may be in either of two years, and counts as both.

    Args:
        text: the text.
        written: the year in which it was published.
    """
    found: set[int] = set()
    for match in _RELATIVE_YEAR.finditer(text):
        named = _ABSOLUTE_YEAR.findall(text[: match.start()])
        if match["count"]:
            low = match["count"].lower()
            steps = _SMALL_NUMBERS.index(low) + 1 if low in _SMALL_NUMBERS else 1
            found.add(written - (int(low) if low.isdigit() else steps))
        elif match["side"] or (match["which"] or "").lower().endswith(("previous", "following")):
            word = (match["side"] or match["which"].split()[-1]).lower()
            found.add((int(named[-1]) if named else written) + _STEPS[word])
        elif match["which"]:
            found.add(written + _STEPS[match["which"].lower().split()[-1]])
        else:
            found |= {written, written - 1}
    return frozenset(found)
