"""The turns of conversations, whatever becomes of the store that keeps them.

An answer never fails because a turn cannot be read or kept: the loss is said in a note, and the
conversation goes on in memory for as long as the program runs.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from dataclasses import replace

from askscwru.conversation.follow_up import Exchange, Shown
from askscwru.conversation.store import Store
from askscwru.errors import StorageError
from askscwru.types import Turn

RECENT = 6
"""How many earlier turns a follow-up is resolved against."""


class History:
    """A store, and beside it in memory the conversations that it could not keep."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._spare = Store.in_memory()
        self._strayed: dict[str, int] = {}  # with the number of turns that were not carried over
        self._lock = threading.Lock()

    def recent(self, conversation_id: str | None) -> tuple[tuple[Turn, ...], list[str]]:
        """The last turns of a conversation, and what went amiss.

        Raises:
            NotFoundError: there is no such conversation.
        """
        if conversation_id is None:
            return (), []
        if conversation_id in self._strayed:
            return self._spare.recent(conversation_id, RECENT), []
        try:
            return self.store.recent(conversation_id, RECENT), []
        except StorageError as error:
            return (), [f"{error.message} The question was taken by itself. {error.remedy}".strip()]

    def keep(
        self, conversation_id: str | None, turn: Turn, earlier: Sequence[Turn]
    ) -> tuple[str, Turn, list[str]]:
        """Adds a turn; returns the conversation's id, the turn as kept, and what went amiss.

        Args:
            conversation_id: None begins a new one.
            turn: the new one; its number does not matter.
            earlier: what ``recent`` gave, which is carried over where the store fails.
        """
        with self._lock:
            if conversation_id in self._strayed:
                return conversation_id, self._go_on(conversation_id, turn), []
            known = conversation_id or uuid.uuid4().hex
            try:
                return known, self.store.append(known, turn), []
            except StorageError as error:
                for old in earlier:
                    self._spare.append(known, old)
                self._strayed[known] = earlier[0].number - 1 if earlier else 0
                note = f"This turn could not be kept. {error}"
                return known, self._go_on(known, turn), [note]

    def _go_on(self, conversation_id: str, turn: Turn) -> Turn:
        kept = self._spare.append(conversation_id, turn)
        return replace(kept, number=kept.number + self._strayed[conversation_id])

    def close(self) -> None:
        """Lets go of the store's file."""
        self.store.close()
        self._spare.close()


def exchanges_of(turns: Sequence[Turn]) -> tuple[Exchange, ...]:
    """What a follow-up may refer to in these turns."""
    return tuple(
        Exchange(
            question=turn.question,
            searched_for=turn.searched_for,
            confidence=turn.confidence,
            shown=tuple(
                Shown(
                    title=citation.title,
                    authors=citation.authors,
                    quote=citation.quote,
                    highlight=citation.cut()[1],
                )
                for citation in turn.citations
            ),
        )
        for turn in turns
    )
