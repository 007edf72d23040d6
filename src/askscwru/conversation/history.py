"""The turns of conversations, whatever becomes of the store that keeps them.

An answer never fails because a turn cannot be read or kept: the loss is said in a note as long as
it lasts, the conversation goes on in memory, and every later turn first tries to write what was not
kept, in its order. Where the file of conversations was taken away, what is remembered of a
conversation begins it anew in the file that is there now.

Where several machines share the store, what is remembered here may be behind. A turn of a
conversation that cannot be read is then refused, unless this machine has turns of it that are still
to be written: no other one knows those.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from askscwru.conversation.follow_up import Exchange, Shown
from askscwru.conversation.keeping import ConversationStore
from askscwru.conversation.several import questions_in
from askscwru.errors import NotFoundError, StorageError
from askscwru.types import Conversation, Turn

RECENT = 6
"""How many earlier turns a follow-up is resolved against."""
REMEMBERED = 500
"""Of how many conversations the last turns are remembered."""
UNKEPT = 1_000
"""The most conversations that are held until they can be written; the oldest make room."""
_DELETED = "The conversation was deleted meanwhile, so this turn was not kept."
_ANEW = (
    "The file of conversations was deleted or replaced while the program ran: this conversation "
    "goes on in the one that is there now, with its last {many} turns."
)


@dataclass(slots=True)
class _Talk:
    """What is remembered of a conversation."""

    recent: tuple[Turn, ...] = ()
    """Its last turns, kept or not."""
    unkept: tuple[Turn, ...] = ()
    """Those that are still to be written, in order."""
    file: int | None = None
    """Which of the store's files has the conversation; None where none has it yet."""


_IN_VIEW = 4
"""For so many turns a post that was shown is still spoken of."""


class History:
    """A store, and in memory what it could not keep; safe to use from many threads."""

    def __init__(self, store: ConversationStore) -> None:
        self.store = store
        self._talks: OrderedDict[str, _Talk] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, conversation_id: str | None) -> Iterator[None]:
        """Keeps the turns of other machines in this conversation waiting while it is entered.

        Raises:
            StorageError: the store is away, and the conversation cannot go on from memory.
        """
        if conversation_id is None or not self.store.shared:
            yield
            return
        with ExitStack() as held:
            try:
                held.enter_context(self.store.alone(conversation_id))
            except StorageError:
                if not self._has_unkept(conversation_id):
                    raise
            yield

    def recent(self, conversation_id: str | None) -> tuple[tuple[Turn, ...], list[str]]:
        """The last turns of a conversation, and what went amiss.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: the store is shared and away, and nothing of it waits here to be written.
        """
        if conversation_id is None:
            return (), []
        while True:
            found = self._read(conversation_id)
            if found is not None:
                return found

    def keep(
        self, conversation_id: str | None, turn: Turn, earlier: Sequence[Turn]
    ) -> tuple[str, Turn, list[str]]:
        """Adds a turn; returns the conversation's id, the turn as kept, and what went amiss.

        Args:
            conversation_id: None begins a new one.
            turn: the new one; its number does not matter.
            earlier: what ``recent`` gave, after which it is numbered where the store fails.
        """
        known = conversation_id or uuid.uuid4().hex
        with self._lock:
            talk = self._talks.get(known) or _Talk()
            anew = self._elsewhere(talk)
            before = max(talk.unkept, talk.recent if anew else (), key=len)
            try:
                *_, kept = self.store.extend(known, (*before, turn))
            except NotFoundError:
                self._talks.pop(known, None)
                return known, _after(earlier, (turn,))[-1], [_DELETED]
            except StorageError as error:
                stamped = replace(turn, asked_at=turn.asked_at or self.store.now())
                kept = _after(earlier, (stamped,))[-1]
                notes = [_unkept_note(len(before), error)]
                unkept = (*before, kept)
            else:
                notes = [_ANEW.format(many=len(before))] if anew and before else []
                unkept = ()
            recent = (*earlier, kept)[-RECENT:]
            file = self.store.file if not unkept else None if anew else talk.file
            self._remember(known, _Talk(recent, unkept, file))
            if not unkept:
                self._write_others(known)
        return known, kept, notes

    def delete(self, conversation_id: str) -> None:
        """Takes a conversation away, also one that was never kept.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be written.
        """
        with self._lock:
            talk = self._talks.get(conversation_id)
            try:
                self.store.delete(conversation_id)
            except NotFoundError:
                if talk is None or not talk.unkept:
                    raise
            self._talks.pop(conversation_id, None)

    def conversation(self, conversation_id: str) -> Conversation:
        """A whole conversation, with the turns that are still to be written.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be read.
        """
        talk = self._talks.get(conversation_id)
        unkept = () if talk is None else talk.unkept
        try:
            kept = self.store.conversation(conversation_id)
        except NotFoundError:
            if talk is None or not unkept or not self._may_go_on(conversation_id, talk):
                raise
            first, last = unkept[0], unkept[-1]
            kept = Conversation(
                id=conversation_id,
                title=first.question,
                created_at=first.asked_at,
                updated_at=last.asked_at,
                count=0,
            )
        if not unkept:
            return kept
        turns = _after(kept.turns, unkept)
        return replace(kept, turns=turns, count=len(turns), updated_at=unkept[-1].asked_at)

    def catch_up(self) -> None:
        """Tries to write what is still to be written, without waiting for a turn to come."""
        if any(talk.unkept for talk in list(self._talks.values())):
            with self._lock:
                self._write_others("")

    def close(self) -> None:
        """Tries once more to write what is still to be written, and lets go of the store's file."""
        with self._lock:
            self._write_others("")
        self.store.close()

    # -- rungs -----------------------------------------------------------------------------------

    def _read(self, conversation_id: str) -> tuple[tuple[Turn, ...], list[str]] | None:
        """As ``recent``; None where turns were written while the store was read."""
        talk = self._talks.get(conversation_id)
        unkept = () if talk is None else talk.unkept
        try:
            kept = self.store.recent(conversation_id, RECENT)
        except NotFoundError:
            if talk is None or not self._may_go_on(conversation_id, talk):
                raise
            return talk.recent, []
        except StorageError as error:
            if self.store.shared and not self._has_unkept(conversation_id):
                raise
            if talk is not None:
                return talk.recent, []  # that this turn is not kept either will be said
            return (), [f"{error.message} The question was taken by itself. {error.remedy}".strip()]
        turns = _after(kept, unkept)[-RECENT:]
        with self._lock:
            now = self._talks.get(conversation_id)
            if unkept != (() if now is None else now.unkept):
                return None
            self._remember(conversation_id, _Talk(turns, unkept, self.store.file))
        return turns, []

    def _has_unkept(self, conversation_id: str) -> bool:
        talk = self._talks.get(conversation_id)
        return talk is not None and bool(talk.unkept)

    def _may_go_on(self, conversation_id: str, talk: _Talk) -> bool:
        """Whether a conversation that the store does not know goes on from what is remembered.

        It does where no file has had it yet, or another file than the one that is there now: in
        that one it was deleted.
        """
        if talk.file is None or self._elsewhere(talk):
            return True
        with self._lock:
            self._talks.pop(conversation_id, None)
        return False

    def _elsewhere(self, talk: _Talk) -> bool:
        """Whether the file that had the conversation is not the one that the store has now."""
        return None not in (talk.file, self.store.file) and talk.file != self.store.file

    def _remember(self, conversation_id: str, talk: _Talk) -> None:
        self._talks[conversation_id] = talk
        self._talks.move_to_end(conversation_id)
        written = [known for known, talk in self._talks.items() if not talk.unkept]
        for known in written[: max(0, len(written) - REMEMBERED)]:
            del self._talks[known]
        if len(self._talks) > UNKEPT + REMEMBERED:
            self._talks.popitem(last=False)

    def _write_others(self, but: str) -> None:
        """Writes what other conversations have to write yet, as far as it goes."""
        for known, talk in list(self._talks.items()):
            if not talk.unkept or known == but:
                continue
            try:
                self.store.extend(known, talk.unkept)
            except NotFoundError:
                del self._talks[known]
            except StorageError:
                return
            else:
                talk.unkept, talk.file = (), self.store.file


def _after(turns: Sequence[Turn], more: Sequence[Turn]) -> tuple[Turn, ...]:
    """Turns and those after them, which are numbered on from them."""
    last = turns[-1].number if turns else 0
    return (*turns, *(replace(turn, number=last + n) for n, turn in enumerate(more, 1)))


def _unkept_note(before: int, error: StorageError) -> str:
    if not before:
        return f"This turn could not be kept. {error}"
    return f"This turn and the {before} before it could not be kept. {error}"


def exchanges_of(turns: Sequence[Turn]) -> tuple[Exchange, ...]:
    """What a follow-up may refer to in these turns."""
    return tuple(one for turn in turns for one in _exchanges_of(turn))


def posts_in_view(exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """The ids of the posts that were shown last, each once."""
    showing = [one for one in exchanges if one.shown][-_IN_VIEW:]
    posts = (shown.post_id for one in reversed(showing) for shown in one.shown)
    return tuple(dict.fromkeys(post for post in posts if post))


def _exchanges_of(turn: Turn) -> list[Exchange]:
    """The questions of one turn, each with its quotes; of an old turn, all with the last one."""
    shown = tuple(
        Shown(
            title=citation.title,
            authors=citation.authors,
            quote=citation.quote,
            highlight=citation.cut()[1],
            post_id=citation.post_id,
        )
        for citation in turn.citations
    )
    if turn.parts:
        return [
            Exchange(
                question=part.question,
                searched_for=part.searched_for,
                confidence=part.confidence,
                shown=tuple(shown[at - 1] for at in part.citations if 0 < at <= len(shown)),
            )
            for part in turn.parts
        ]
    *before, last = questions_in(turn.searched_for)
    return [
        *(Exchange(question=one, searched_for=one) for one in before),
        Exchange(
            question=last if before else turn.question,
            searched_for=last,
            confidence=turn.confidence,
            alternatives=turn.alternatives,
            shown=shown,
            nearest=() if shown else tuple(map(_named, turn.nearest)),
        ),
    ]


def _named(near: Mapping[str, Any]) -> Shown:
    """A post that an abstention named, with nothing of it quoted."""
    return Shown(
        title=near.get("title"),
        authors=tuple(near.get("authors") or ()),
        quote="",
        highlight="",
        post_id=near.get("post_id") or "",
    )
