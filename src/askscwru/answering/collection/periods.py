"""Periods of time as people name them: ``2014``, ``since May 2014``, ``between 2014 and 2016``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from askscwru.days import MONTH, MONTHS

_MONTHS = [month.lower() for month in MONTHS]
_NUMBERS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
}
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:1[89]|20)\d\d"
_MOMENT = (
    rf"(?:{_YEAR}-\d\d-\d\d|{_YEAR}-\d\d(?!\d)|{_DAY}(?:\s+of)?\s+{MONTH},?\s+{_YEAR}|"
    rf"{MONTH}\s+{_DAY},?\s+{_YEAR}|{MONTH},?\s+(?:of\s+)?{_YEAR}|{_YEAR}s?)"
)
_LEAD = r"(?:(?:that|which)\s+)?(?:(?:was|were|is|are|has been|have been)\s+)?(?:(?:written|published|posted|dated|from|out|appeared|came out)\s+)*"
_THE = r"(?:the\s+)?(?:years?\s+|months?\s+|date\s+)?"
_COUNT = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|few|couple of)"
_FORMS: tuple[tuple[str, str], ...] = (
    ("between", rf"between\s+{_THE}(?P<a>{_MOMENT})\s+(?:and|to)\s+{_THE}(?P<b>{_MOMENT})"),
    (
        "between",
        rf"(?:from\s+)?{_THE}(?P<a>{_MOMENT})\s*(?:\bto\b|\buntil\b|\btill\b|\bthrough\b|[–—-])\s*"
        rf"{_THE}(?P<b>{_MOMENT})",
    ),
    (
        "since",
        rf"(?:since|from|as of|starting (?:in|from)|beginning (?:in|with))\s+{_THE}(?P<a>{_MOMENT})"
        rf"\s*(?:on|onwards?|and (?:later|after)|or (?:later|newer))",
    ),
    ("since", rf"since\s+{_THE}(?P<a>{_MOMENT})"),
    ("since", rf"(?:not before|no earlier than)\s+{_THE}(?P<a>{_MOMENT})"),
    ("after", rf"(?:after|later than|newer than|more recent than)\s+{_THE}(?P<a>{_MOMENT})"),
    ("before", rf"(?:before|prior to|earlier than|older than)\s+{_THE}(?P<a>{_MOMENT})"),
    (
        "until",
        rf"(?:until|till|up to|by the end of|no later than|not after)\s+(?:and including\s+)?{_THE}"
        rf"(?P<a>{_MOMENT})",
    ),
    (
        "in",
        rf"(?:(?:in|from|of|during|on|for|dated|within|throughout)\s+)?{_THE}(?P<a>{_MOMENT})"
        rf"(?:\s+(?:alone|only))?",
    ),
    (
        "last",
        rf"(?:in|from|of|during|within|over)?\s*the\s+(?:last|past)\s+(?:(?P<n>{_COUNT})\s+)?(?P<u>days?|weeks?|months?|years?)",
    ),
    ("this", r"(?:(?:in|from|of|during)\s+)?(?P<w>this|last)\s+(?P<u>week|month|year)"),
    ("today", r"(?:from\s+)?(?P<w>today|yesterday)"),
)
_NAMES_A_MOMENT = re.compile(
    rf"\b(?:{_YEAR}|week|month|year|today|yesterday|days?|weeks|months|years)s?\b", re.IGNORECASE
)
_WHOLE = _LEAD + "{}"
_AT_END = rf"(?:^|[\s,]){_LEAD}{{}}$"
_AT_START = r"{}\s*,?\s+"
_BARE_YEAR = re.compile(rf"\s*{_YEAR}s?\s*,?\s+", re.IGNORECASE)


@cache
def _forms(around: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each kind with its pattern, put into another one.

    Few questions name a moment, and these take as long to compile as a question to answer.
    """
    return tuple(
        (kind, re.compile(around.replace("{}", form), re.IGNORECASE)) for kind, form in _FORMS
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``after`` (included) to ``before`` (not included); None is open."""

    after: str | None = None
    before: str | None = None
    said: str = ""
    """For people: ``from 2014``, ``between 2014 and 2016``."""


def read_period(text: str, today: date) -> Period | None:
    """The period that the whole of ``text`` names; None where it names none."""
    if not _NAMES_A_MOMENT.search(text):
        return None
    for kind, form in _forms(_WHOLE):
        if match := form.fullmatch(text.strip()):
            return _period(kind, match, today)
    return None


def period_at_end(text: str, today: date) -> tuple[str, Period] | None:
    """What stands before a period that ends ``text``, and the period."""
    if not _NAMES_A_MOMENT.search(text):
        return None
    for kind, form in _forms(_AT_END):
        if (match := form.search(text)) and (period := _period(kind, match, today)):
            return text[: match.start()].rstrip(" ,"), period
    return None


def period_at_start(text: str, today: date) -> tuple[Period, str] | None:
    """A period that ``text`` begins with (``In 2014, …``), and what follows it."""
    if not _NAMES_A_MOMENT.search(text):
        return None
    for kind, form in _forms(_AT_START):
        match = form.match(text)
        if match and not _BARE_YEAR.fullmatch(match.group()):
            period = _period(kind, match, today)
            return None if period is None else (period, text[match.end() :])
    return None


def _period(kind: str, match: re.Match[str], today: date) -> Period | None:
    said = match.group().strip(" ,")
    if kind in ("last", "this", "today"):
        return _relative(kind, match, today, said)
    first = _moment(match["a"])
    if first is None:
        return None
    start, end = first
    if kind == "between":
        last = _moment(match["b"])
        if last is None or last[1] <= start:
            return None
        return Period(_iso(start), _iso(last[1]), _named(f"from {match['a']} to {match['b']}"))
    if kind == "since":
        return Period(after=_iso(start), said=_named(f"since {match['a']}"))
    if kind == "after":
        return Period(after=_iso(end), said=_named(f"after {match['a']}"))
    if kind == "before":
        return Period(before=_iso(start), said=_named(f"before {match['a']}"))
    if kind == "until":
        return Period(before=_iso(end), said=_named(f"until {match['a']}"))
    return Period(_iso(start), _iso(end), _named(f"from {match['a']}"))


def _relative(kind: str, match: re.Match[str], today: date, said: str) -> Period | None:
    tomorrow = _iso(today + timedelta(days=1))
    if kind == "today":
        day = today if match["w"].lower() == "today" else today - timedelta(days=1)
        return Period(_iso(day), _iso(day + timedelta(days=1)), said)
    unit = match["u"].lower().rstrip("s")
    if kind == "last":
        count = (match["n"] or "one").lower()
        many = int(count) if count.isdigit() else _NUMBERS.get(count, 3 if count == "few" else 2)
        return Period(_iso(_back(today, unit, many)), tomorrow, said)
    start = _floor(today, unit)
    if match["w"].lower() == "this":
        return Period(_iso(start), tomorrow, said)
    return Period(_iso(_floor(start - timedelta(days=1), unit)), _iso(start), said)


def _back(day: date, unit: str, many: int) -> date:
    if unit in ("day", "week"):
        return day - timedelta(days=many * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - many * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(max(1, year), month + 1, min(day.day, 28))


def _floor(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def _moment(text: str) -> tuple[date, date] | None:
    """First day of what is named, and the day after its last."""
    plain = text.lower().replace(",", " ").replace(" of ", " ")
    try:
        if iso := re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", plain):
            if iso[3]:
                return _days(date(int(iso[1]), int(iso[2]), int(iso[3])))
            return _month(int(iso[1]), int(iso[2]))
        if decade := re.fullmatch(r"(\d{3}0)s", plain):
            return date(int(decade[1]), 1, 1), date(int(decade[1]) + 10, 1, 1)
        words = plain.split()
        year = int(next(word for word in words if re.fullmatch(r"\d{4}", word)))
        named = next((word for word in words if word[0].isalpha()), "")
        if not named:
            return date(year, 1, 1), date(year + 1, 1, 1)
        month = 1 + next(at for at, name in enumerate(_MONTHS) if name.startswith(named[:3]))
        day = next((word for word in words if re.fullmatch(_DAY, word) and len(word) < 5), "")
        number = re.sub(r"\D", "", day)
        if number and int(number) != year:
            return _days(date(year, month, int(number)))
        return _month(year, month)
    except (ValueError, StopIteration):
        return None


def _days(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


def _month(year: int, month: int) -> tuple[date, date]:
    after = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return date(year, month, 1), after


def _iso(day: date) -> str:
    return day.isoformat()


def _named(text: str) -> str:
    """A period as it is said, its months with a capital."""
    return re.sub(rf"\b{MONTH}", lambda month: month[0].capitalize(), text, flags=re.IGNORECASE)
