"""What the screens show: limits, questions on their way, exchanges, and steps of evidence."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from askscwru.answering.limits import limits_of
from askscwru.types import (
    Answer,
    CitationRecord,
    Filters,
    Hit,
    Limits,
    Post,
    Query,
    Span,
    Turn,
)


def limits_to(filters: Filters, title: str | None = None) -> Limits:
    """The limits that filters make.

    Args:
        filters: which posts may be quoted.
        title: of the one post, where they name one.
    """
    return limits_of(Query("", filters=filters), lambda _: title)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question on its way to an answer."""

    query: Query
    taken_back: threading.Event = field(default_factory=threading.Event)

    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self.taken_back.is_set()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the evidence can show: a citation, a near passage, or a post by itself."""

    name: str
    """``citation 1 of 2``, ``near passage 3 of 5``, ``post``."""
    post_id: str
    source: str
    title: str | None
    at: Span | None = None
    """The quote or passage, in the source; None for the post by itself."""
    mark: Span | None = None
    """What answers the question, in the source."""
    citation: CitationRecord | None = None
    """None where nothing was quoted."""
    asked_at: str = ""
    """When the quote was compared with its source: ISO date and time."""

    @classmethod
    def of_citation(cls, citation: CitationRecord, of: int, asked_at: str) -> Step:
        """A citation of a turn that has ``of`` of them."""
        return cls(
            name=f"citation {citation.index} of {of}",
            post_id=citation.post_id,
            source=citation.source,
            title=citation.title,
            at=Span(citation.start, citation.end),
            mark=citation.highlight,
            citation=citation,
            asked_at=asked_at,
        )

    @classmethod
    def of_hit(cls, hit: Hit, number: int, of: int, title: str | None) -> Step:
        """A passage that was found for a question."""
        passage = hit.passage
        return cls(
            name=f"near passage {number} of {of}",
            post_id=passage.post_id,
            source=passage.source,
            title=title,
            at=Span(passage.start, passage.end),
        )

    @classmethod
    def of_row(cls, row: Mapping[str, Any], name: str) -> Step:
        """A post of a list, or one that came near, at the words that it is shown with."""
        return cls(
            name=name,
            post_id=row["post_id"],
            source=row["source"],
            title=row["title"],
            at=Span(row["start"], row["end"]),
        )

    @classmethod
    def of_post(cls, post: Post) -> Step:
        """A post by itself."""
        return cls(name="post", post_id=post.id, source=post.source, title=post.title)


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A question and its answer as a screen shows them."""

    turn: Turn
    citations: tuple[Step, ...]
    near: tuple[Step, ...] = ()
    """The passages found, but for those that a citation is from; none in a kept turn."""
    rows: tuple[Step, ...] = ()
    """The posts of a list, or the posts that came nearest."""
    notes: tuple[str, ...] = ()

    @classmethod
    def of_turn(cls, turn: Turn) -> ShownTurn:
        """A turn as it was kept."""
        return cls(turn=turn, citations=_steps(turn), rows=_rows(turn))

    @classmethod
    def of_answer(cls, answer: Answer) -> ShownTurn:
        """A new answer."""
        turn = Turn.of(answer)
        quoted = {citation.quote.passage.id for citation in answer.citations}
        hits = [hit for hit in answer.hits if hit.passage.id not in quoted]
        return cls(
            turn=turn,
            citations=_steps(turn),
            near=tuple(near_steps(hits, answer.titles)),
            rows=_rows(turn),
            notes=answer.notes,
        )

    @property
    def steps(self) -> tuple[Step, ...]:
        """Everything that can be stepped through, citations first."""
        return (*self.citations, *self.rows, *self.near)


def near_steps(hits: list[Hit], titles: Mapping[str, str | None]) -> Iterator[Step]:
    """Passages as steps."""
    for number, hit in enumerate(hits, start=1):
        yield Step.of_hit(hit, number, len(hits), titles.get(hit.passage.post_id))


def _steps(turn: Turn) -> tuple[Step, ...]:
    return tuple(Step.of_citation(c, len(turn.citations), turn.asked_at) for c in turn.citations)


def _rows(turn: Turn) -> tuple[Step, ...]:
    """The posts of a list that no citation shows; on an abstention those that came nearest."""
    if turn.nearest:
        count = len(turn.nearest)
        named = (f"near sentence {at} of {count}" for at in range(1, count + 1))
        return tuple(map(Step.of_row, turn.nearest, named))
    cited = {citation.post_id for citation in turn.citations}
    count = len(turn.posts)
    return tuple(
        Step.of_row(row, f"post {at} of {count}")
        for at, row in enumerate(turn.posts, start=1)
        if row["post_id"] not in cited
    )
