"""The store of conversations that the settings name."""

from __future__ import annotations

from askscwru.conversation.keeping import ConversationStore
from askscwru.conversation.store import BUSY_SECONDS, Store
from askscwru.settings import Settings


def open_store(settings: Settings, *, busy_seconds: float = BUSY_SECONDS) -> ConversationStore:
    """The store in the file, or in the database, that the settings name; nothing is made yet.

    Args:
        settings: say where conversations are kept.
        busy_seconds: how long a write waits for other processes.

    Raises:
        UsageError: it is a database, and the extra ``postgres`` is not installed.
    """
    if settings.database is None:
        return Store(settings.conversations_file, busy_seconds=busy_seconds)
    # Loaded where it is used: most keep conversations in a file.
    from askscwru.conversation.database import DatabaseStore

    return DatabaseStore(settings.database, busy_seconds=busy_seconds)


def existing_store(settings: Settings) -> ConversationStore:
    """The same, or an empty one where there is no file yet: looking for one makes none."""
    if settings.database is None and not settings.conversations_file.exists():
        return Store.in_memory()
    return open_store(settings)
