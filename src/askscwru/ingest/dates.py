"""Dates as blogs write them, to ISO dates."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier enero januar",
            "february feb février febrero februar",
            "march mar mars marzo märz",
            "april apr avril abril",
            "may mai mayo",
            "june jun juin junio juni",
            "july jul juillet julio juli",
            "august aug août agosto",
            "september sept sep septembre septiembre",
            "october oct octobre octubre oktober",
            "november nov novembre noviembre",
            "december dec décembre diciembre dezember",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
MONTH_PATTERN = _MONTH + r"(?:\s+\d{4})?"
"""A month alone, or with its year, as archives list them."""

_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|\.)?"
_YEAR = r"(?:19|20)\d{2}"
_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+|"
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|"
    r"sábado|domingo),?\s+)"
)
DATE_PATTERN = (
    rf"(?:{_WEEKDAY})?(?:{_DAY}\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}|"
    rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}|{_YEAR}-\d{{2}}-\d{{2}}|\d{{1,2}}[/.]\d{{1,2}}[/.]{_YEAR})"
)
"""A regular expression (ignore case) for one date; it has no groups."""

TIME_PATTERN = r"\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?(?:\s*(?:GMT|UTC|BST|[A-Z]{3}))?"

_DAY_FIRST = re.compile(
    rf"(\d{{1,2}})\D{{0,5}}?\s+(?:of\s+|de\s+)?({_MONTH}),?\s+(?:de\s+)?({_YEAR})", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})\D{{0,4}}\s*({_YEAR})", re.IGNORECASE)
_ISO = re.compile(rf"({_YEAR})-(\d{{2}})-(\d{{2}})")
_SLASHED = re.compile(rf"(\d{{1,2}})[/.](\d{{1,2}})[/.]({_YEAR})")


def find_date(text: str) -> str | None:
    """The first date in ``text`` as ``YYYY-MM-DD``, or None.

    ``3/5/2014`` is taken only where one of the two numbers cannot be a month: it may mean March or
    May, and a guess would be worse than none.
    """
    if match := _ISO.search(text):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.search(text):
        return _iso(int(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_FIRST.search(text):
        return _iso(int(match[3]), _month(match[1]), int(match[2]))
    if match := _SLASHED.search(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if first > 12 or first == second:
            return _iso(year, second, first)
        if second > 12:
            return _iso(year, first, second)
    return None


def _month(name: str) -> int:
    return _MONTHS[name.lower().rstrip(".")]


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


_SAID = (
    "January February March April May June July August September October November December".split()
)


def long_date(day: date) -> str:
    """A day as people write it: ``22 November 2026``."""
    return f"{day.day} {_SAID[day.month - 1]} {day.year}"
