"""What every store of conversations does, whatever it keeps them in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from askscwru.errors import NotFoundError, UsageError
from askscwru.types import Conversation, Turn

LONGEST_TITLE = 200
Clock = Callable[[], datetime]


class ConversationStore(Protocol):
    """Conversations by id; safe to use from many threads, and from many processes at once.

    Turns are numbered from 1 without a gap or a repeat, in the order in which they are written, and
    a process that is killed half-way leaves the conversation as it was. Whatever cannot be read or
    written is a ``StorageError``; a conversation that there is not, or not any more, a
    ``NotFoundError``.
    """

    @property
    def path(self) -> Path | None:
        """The file; None for one in memory or in a database."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other machines write to it: then what is remembered here may be behind."""
        ...

    @property
    def file(self) -> int | None:
        """Which file or database it has open: 1 for the first, 2 for the one in its place, ….

        None before the first was opened.
        """
        ...

    def create(self) -> str:
        """Begins an empty conversation and returns its id."""
        ...

    def append(self, conversation_id: str, turn: Turn) -> Turn:
        """Adds a turn as the last one, and returns it with its number and time."""
        ...

    def extend(self, conversation_id: str, turns: Sequence[Turn]) -> tuple[Turn, ...]:
        """Adds turns as the last ones, all or none of them, and begins the conversation at need."""
        ...

    def own(self, conversation_id: str, owner: str) -> None:
        """Says in whose list a conversation is; the first who is named stays it."""
        ...

    def rename(self, conversation_id: str, title: str) -> None:
        """Gives a conversation a title of its own; ``UsageError`` where it is none."""
        ...

    def delete(self, conversation_id: str) -> None:
        """Takes a conversation away; ``undelete`` brings it back until ``prune`` is run."""
        ...

    def undelete(self, conversation_id: str) -> None:
        """Brings a deleted conversation back."""
        ...

    def prune(self, *, deleted_before: datetime, unused_since: datetime | None = None) -> int:
        """Removes for good what was deleted before then, or has had no turn; returns how many."""
        ...

    def recent(self, conversation_id: str, most: int) -> tuple[Turn, ...]:
        """The last ``most`` turns, in order; the cost does not grow with the conversation."""
        ...

    def conversation(self, conversation_id: str) -> Conversation:
        """A whole conversation."""
        ...

    def conversations(
        self,
        *,
        containing: str = "",
        most: int = 100,
        skip: int = 0,
        deleted: bool = False,
        owner: str | None = None,
    ) -> tuple[Conversation, ...]:
        """Conversations without their turns, the one whose last turn was written last first.

        Those without a turn come at the end.

        Args:
            containing: only those of which one turn (or the title) holds all these words, whatever
                their case.
            most: at most so many.
            skip: leaves out so many of the first.
            deleted: those that were deleted and not pruned, instead of the others.
            owner: only those of this one; None for everybody's.

        Raises:
            StorageError: they cannot be read.
        """
        ...

    def find(self, typed: str, *, deleted: bool = False) -> str:
        """The id that is this text or, where none is, the only one that begins with it.

        Args:
            typed: an id or its beginning.
            deleted: whether it is looked for among those that were deleted.

        Raises:
            NotFoundError: there is none.
            UsageError: several begin so.
            StorageError: they cannot be read.
        """
        ...

    def faults(self) -> tuple[int, int, list[tuple[str, int]]]:
        """How many conversations and turns, and which turns (id, number) cannot be read."""
        ...

    def last(self) -> str:
        """The id of the conversation whose turn was written last."""
        ...

    def alone(self, conversation_id: str) -> AbstractContextManager[None]:
        """Keeps the turns of other machines in this conversation waiting while it is entered."""
        ...

    def now(self) -> str:
        """The moment as turns are stamped with it: ISO date and time, in UTC."""
        ...

    def close(self) -> None:
        """Lets go of files and connections; a later call opens them again."""
        ...


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def stamped(moment: datetime) -> str:
    """ISO date and time in UTC, always of one length, so that the text sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def sound(text: str) -> str:
    """``text`` without half surrogate pairs, which no database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def escaped(word: str) -> str:
    """A word for SQL's ``LIKE … ESCAPE '!'``."""
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def words_of(turn: Turn) -> str:
    """All that a turn can be found by."""
    titles = [citation.title or "" for citation in turn.citations]
    return sound(" ".join([turn.question, turn.searched_for, turn.text, *titles]).casefold())


def plain_title(title: str) -> str:
    """A title with single spaces.

    Raises:
        UsageError: it is blank or longer than ``LONGEST_TITLE``.
    """
    plain = sound(" ".join(title.split()))
    if not plain or len(plain) > LONGEST_TITLE:
        raise UsageError(
            "The title is blank." if not plain else f"The title has {len(plain)} characters.",
            remedy=f"Give it 1 to {LONGEST_TITLE} characters.",
            param="title",
        )
    return plain


def heading_of(row: Sequence[Any]) -> Conversation:
    """A conversation without its turns, of its id, title, two times and number of turns."""
    conversation_id, title, created_at, updated_at, count = row
    return Conversation(
        id=conversation_id, title=title, created_at=created_at, updated_at=updated_at, count=count
    )


def the_one_of(found: Sequence[str], typed: str, *, deleted: bool) -> str:
    """The id that was meant, of those that begin with what was typed.

    Raises:
        NotFoundError: there is none.
        UsageError: several begin so, and none is it.
    """
    if typed in found:
        return typed
    if not found or not typed:
        raise _not_deleted(typed) if deleted else _unlisted(typed)
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} conversations have an id that begins with {typed!r}.",
            remedy="Type more of it.",
            param="conversation_id",
        )
    return found[0]


def newest_of(listed: Sequence[Conversation]) -> str:
    """The id of the first that is listed; raises ``NotFoundError`` where none is."""
    if not listed:
        raise NotFoundError(
            "There is no conversation yet.", remedy="Ask something.", param="conversation_id"
        )
    return listed[0].id


def unknown(conversation_id: str) -> NotFoundError:
    """What is raised of a conversation that there is not."""
    return NotFoundError(
        f"There is no conversation {conversation_id!r}.",
        remedy="Leave the id out to begin a new one.",
        param="conversation_id",
    )


def _unlisted(typed: str) -> NotFoundError:
    return NotFoundError(
        f"There is no conversation {typed!r}.",
        remedy="`askscwru conversations` lists those that are there.",
        param="conversation_id",
    )


def _not_deleted(typed: str) -> NotFoundError:
    return NotFoundError(
        f"A conversation {typed!r} is not deleted, or there is none.",
        remedy="`askscwru conversations` lists those that are there.",
        param="conversation_id",
    )
