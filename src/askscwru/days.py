"""Days as people write them."""

from __future__ import annotations

from datetime import date

MONTHS = (
    "January February March April May June July August September October November December".split()
)


def long_date(day: date) -> str:
    """A day as people write it: ``22 November 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
