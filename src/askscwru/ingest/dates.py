"""Dates as blogs write them, to ISO dates."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier enero januar gennaio janeiro januari",
            "february feb février febrero februar febbraio fevereiro februari",
            "march mar mars marzo märz março maart",
            "april apr avril abril aprile",
            "may mai mayo maggio maio mei",
            "june jun juin junio juni giugno junho",
            "july jul juillet julio juli luglio julho",
            "august aug août agosto augustus",
            "september sept sep septembre septiembre settembre setembro",
            "october oct octobre octubre oktober ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec décembre diciembre dezember dicembre dezembro",
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
    rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}|{_YEAR}-\d{{2}}-\d{{2}}|\d{{1,2}}[/.]\d{{1,2}}[/.]{_YEAR}|"
    r"(?<![\d./])\d\d(?:/\d\d/|\.\d\d\.)\d\d(?![\d/]|\.\d))"
)
"""A regular expression (ignore case) for one date; it has no groups."""

TIME_PATTERN = r"\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?(?:\s*(?:GMT|UTC|BST|[A-Z]{3}))?"

_DAY_FIRST = re.compile(
    rf"(\d{{1,2}})\D{{0,5}}?\s+(?:of\s+|de\s+)?({_MONTH}),?\s+(?:de\s+)?({_YEAR})", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})\D{{0,4}}\s*({_YEAR})", re.IGNORECASE)
_ISO = re.compile(rf"({_YEAR})-(\d{{2}})-(\d{{2}})")
_SLASHED = re.compile(rf"(?<!\d)(\d{{1,2}})([/.-])(\d{{1,2}})[/.-]({_YEAR})(?!\d)")
_SHORT_YEAR = re.compile(r"(?<![\d./])(\d\d)([/.])(\d\d)\2(\d\d)(?![\d/]|\.\d)")
_CENTURY, _BEFORE = 2000, 70
"""A year of two digits below so many is one of this century."""
_YEAR_FIRST = re.compile(rf"(?<!\d)({_YEAR})[/.-](\d{{1,2}})[/.-](\d{{1,2}})(?!\d)")
_COMPACT = re.compile(rf"({_YEAR})(\d{{2}})(\d{{2}})(?:T|$)")
_MAIL = re.compile(r"(?:[A-Za-z]{2,9}\.?,?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\.?,?\s+\d{2,4}(?:\s|$)")
_SECONDS = re.compile(r"\d{10}(?:\d{3})?")
_DAY_OF_NOBODY = frozenset({"1970-01-01", "1969-12-31", "1899-12-30", "1904-01-01"})
"""Where the clocks of programs begin: what they write for "never"."""
_FIRST_YEAR = 1900
_MONTH_LEADS = frozenset({"en-us", "en-ph"})
_DAY_LEADS = frozenset("en-gb en-au en-nz en-ie en-in en-za".split())


def find_date(text: str, language: str | None = None) -> str | None:
    """The first date in ``text`` as ``YYYY-MM-DD``, or None.

    Args:
        text: any words.
        language: of the page (``en-GB``). Without one, or with plain ``en``, ``3/5/2014`` is taken
            only where one of the two numbers cannot be a month: it may mean March or May, and a
            guess would be worse than none. With dots (``3.5.2014``) the day comes first.
    """
    if match := _ISO.search(text):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.search(text):
        return _iso(int(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_FIRST.search(text):
        return _iso(int(match[3]), _month(match[1]), int(match[2]))
    if match := _YEAR_FIRST.search(text):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    if match := _SLASHED.search(text):
        return _slashed(int(match[1]), int(match[3]), int(match[4]), language, match[2])
    if (match := _SHORT_YEAR.search(text)) and int(match[4]) < _BEFORE:
        year = _CENTURY + int(match[4])
        return _slashed(int(match[1]), int(match[3]), year, language, match[2])
    return None


def is_undecided(text: str, language: str | None = None) -> bool:
    """Whether a text has a date of which nobody can tell whether its day or its month is first."""
    return _SLASHED.search(text) is not None and find_date(text, language) is None


def stated_day(stated: str | None, language: str | None = None) -> str | None:
    """The calendar day that a field for a date states, in the writer's own time zone.

    Args:
        stated: as machines write it (ISO 8601, RFC 822, seconds) or as people do.
        language: see ``find_date``.

    Returns:
        An ISO date. None where there is none, where it is no day (``2016-13-45``), and where it is
        what programs write for "never" (``0000-00-00``, the first day of 1970).
    """
    told = (stated or "").strip()
    day = _machine_day(told) or (None if _is_machine(told) else find_date(told, language))
    return None if day in _DAY_OF_NOBODY else day


def _is_machine(told: str) -> bool:
    return re.match(r"-?\d{4}-\d\d|\d{8}", told) is not None


def _machine_day(told: str) -> str | None:
    if match := _ISO.match(told) or _COMPACT.match(told):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    if _SECONDS.fullmatch(told):
        moment = datetime.fromtimestamp(int(told[:10]), tz=UTC)
        return moment.date().isoformat() if moment.year >= _FIRST_YEAR else None
    if not _MAIL.match(told):
        return None
    try:
        day = parsedate_to_datetime(told).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return day.isoformat() if day.year >= _FIRST_YEAR else None


def language_of(stated: str | None, text: str) -> str | None:
    """The language that a page states; British where it is English and its prices are in pounds.

    Args:
        stated: by the page, if it does.
        text: of the page.
    """
    british = (stated or "en").lower() == "en" and "£" in text and "$" not in text
    return "en-GB" if british else stated


def _slashed(first: int, second: int, year: int, language: str | None, between: str) -> str | None:
    if first > 12 or first == second:
        return _iso(year, second, first)
    if second > 12:
        return _iso(year, first, second)
    told = (language or "").lower().replace("_", "-").strip()
    if between == ".":
        return _iso(year, second, first)
    if told in _MONTH_LEADS:
        return _iso(year, first, second)
    if told in _DAY_LEADS or (told and not told.startswith("en")):
        return _iso(year, second, first)
    return None


_LANGUAGES = "en de fr es it pt nl da sv nb fi pl cs sk hu ro bg el ru uk tr hr sl ja zh ko".split()
_WORDED = re.compile(
    rf"(?=.*{_YEAR})(?=.*[^\W\d_])(?=.*(?<!\d)\d{{1,2}}(?!\d)).{{8,60}}", re.DOTALL
)


@lru_cache(maxsize=1_000)
def day_of(stated: str) -> str | None:
    """The day that a value which is meant as a date states, in whatever language it is written.

    Day, month and year must all be there; ``3/5/2014`` is no more certain here than anywhere.
    """
    stated = stated.strip()
    day = stated_day(stated)
    if day or _is_machine(stated) or _SLASHED.search(stated) or not _WORDED.fullmatch(stated):
        return day
    # What it knows of so many languages takes time to load: only where nothing else helps.
    import dateparser

    whole = {"REQUIRE_PARTS": ["day", "month", "year"]}
    read = dateparser.parse(stated, languages=_LANGUAGES, settings=whole)
    return None if read is None else read.date().isoformat()


def _month(name: str) -> int:
    return _MONTHS[name.lower().rstrip(".")]


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
