"""The turns before a question, as far as they matter to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """A post that an answer cited, with what was quoted of it."""

    title: str | None
    authors: tuple[str, ...]
    quote: str
    highlight: str
    """The words marked in the quote; empty where none are."""
    post_id: str = ""
    """Empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question, and what it was answered with."""

    question: str
    searched_for: str
    shown: tuple[Shown, ...] = ()
    """In the order of the citations; empty after an abstention."""
    confidence: float = 1.0
    """Of the answer: what an unsure one marks is less likely what is meant."""
    alternatives: tuple[str, ...] = ()
    """The other readings that were offered with the answer."""
    nearest: tuple[Shown, ...] = ()
    """The posts that an abstention named, the nearest first: in view, though nothing is quoted."""
