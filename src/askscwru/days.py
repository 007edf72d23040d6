"""Days as people write them."""

from __future__ import annotations

from datetime import date

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
