"""What the bare command ``askscwru`` does where it stands in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from askscwru.tui.app import AskscwruApp, create_app

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.conversation.keeping import ConversationStore
    from askscwru.settings import Settings
    from askscwru.types import Progress


def make_app(read_settings: Callable[[], Settings]) -> AskscwruApp:
    """The application over the real assistant; nothing is loaded before its first frame.

    Args:
        read_settings: called once, on a thread, since reading them loads pydantic.
    """
    settings = cache(read_settings)

    def load(store: ConversationStore, progress: Progress) -> Assistant:
        from askscwru.assistant import Assistant

        return Assistant.load(settings(), store=store, progress=progress)

    def open_kept() -> ConversationStore:
        from askscwru.conversation.opening import open_store

        return open_store(settings())

    return create_app(load, open_kept)


def run(read_settings: Callable[[], Settings]) -> int:
    """Opens the application; returns its exit code, or raises what ended it."""
    app = make_app(read_settings)
    app.run()
    if app.fault is not None:
        raise app.fault
    return app.return_code or 0
