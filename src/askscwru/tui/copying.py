"""What is put on the clipboard."""

from __future__ import annotations

from askscwru.show.references import as_bibtex, as_text, day_of, source_line
from askscwru.tui.model import Step
from askscwru.types import Turn


def answer_to_copy(turn: Turn) -> str:
    """The answer, and each of its citations in a line."""
    day = day_of(turn.asked_at)
    sources = [f"[{c.index}] {source_line(c, day)}" for c in turn.citations]
    limits = [f"Asked of {turn.limits.text}."] if turn.limits else []
    return "\n".join([turn.text, *limits, *([""] if sources else []), *sources])


def quote_to_copy(step: Step) -> str | None:
    """The quote with its citation; None where nothing was quoted."""
    return as_text(step.citation, day_of(step.asked_at)) if step.citation else None


def bibtex_to_copy(step: Step) -> str | None:
    """The citation as BibTeX; None where nothing was quoted."""
    return as_bibtex(step.citation, day_of(step.asked_at)) if step.citation else None
