"""A question with what limits its answer, whichever door it came by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from askscwru.types import Filters


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question with what limits its answer."""

    question: str
    top_k: int | None = None
    filters: Filters | None = None
    sort: str = "relevance"

    @classmethod
    def of(cls, question: str, top_k: int | None, filters: Any, sort: str = "relevance") -> Wanted:
        """From a request's fields; filters that limit nothing are none."""
        given = None if filters is None else Filters(**filters.model_dump())
        return cls(question, top_k, None if given == Filters() else given, sort)
