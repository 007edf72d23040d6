"""A turn as it is kept: the contract's JSON object, written and read here alone.

What an earlier version left out is read as not known, so that its conversations open unchanged; its
turns know nothing of their limits, and count as asked of all posts.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from askscwru.types import AnswerPart, CitationRecord, Correction, Kind, Limits, Turn

_CITATIONS = TypeAdapter(tuple[CitationRecord, ...])
_LIMITS = TypeAdapter(Limits)


def turn_to_json(turn: Turn) -> str:
    """The turn as text in ASCII; confidences are not rounded."""
    # Escapes keep half a surrogate pair, which SQLite cannot hold as text.
    parts = [part.to_dict() | {"confidence": part.confidence} for part in turn.parts]
    return json.dumps(turn.to_dict() | {"confidence": turn.confidence, "parts": parts})


def turn_from_json(record: str) -> Turn:
    """The turn that was kept.

    Raises:
        ValueError, KeyError, TypeError: it is not as it was written.
    """
    kept: dict[str, Any] = json.loads(record)
    citations = _CITATIONS.validate_python(kept["citations"])
    marked = citations[0].cut()[1] if citations else ""
    return Turn(
        number=kept["turn"],
        question=kept["question"],
        searched_for=kept["searched_for"],
        answered=kept["answered"],
        confidence=kept["confidence"],
        text=kept["answer"],
        citations=citations,
        limits=_LIMITS.validate_python(kept.get("limits", {})),
        # A turn of an earlier version had answers and abstentions alone.
        kind=Kind(kept.get("kind") or ("answer" if kept["answered"] else "abstention")),
        short=kept.get("short", marked or None),
        total=kept.get("total"),
        posts=tuple(kept.get("posts", ())),
        nearest=tuple(kept.get("nearest", ())),
        advice=tuple(kept.get("advice", ())),
        corrections=tuple(Correction(c["from"], c["to"]) for c in kept["corrections"]),
        alternatives=tuple(kept["alternatives"]),
        parts=tuple(_part(part) for part in kept.get("parts", ())),
        asked_at=kept["asked_at"],
    )


def _part(kept: dict[str, Any]) -> AnswerPart:
    return AnswerPart(
        question=kept["question"],
        searched_for=kept["searched_for"],
        answered=kept["answered"],
        confidence=kept["confidence"],
        text=kept["answer"],
        citations=tuple(kept["citations"]),
    )
