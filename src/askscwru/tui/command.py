"""What the bare command ``askscwru`` does where it stands in a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from askscwru.tui.app import AskscwruApp, create_app

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.settings import Settings
    from askscwru.store import Store
    from askscwru.types import Progress


def make_app(read_settings: Callable[[], Settings]) -> AskscwruApp:
    """The application over the real assistant; nothing is loaded before its first frame.

    Args:
        read_settings: called once, on a thread, since reading them loads pydantic.
    """
    settings = cache(read_settings)

    def load(store: Store, progress: Progress) -> Assistant:
        from askscwru.assistant import Assistant

        return Assistant.load(settings(), store=store, progress=progress)

    def open_store() -> Store:
        from askscwru.store import Store

        return Store(settings().conversations_file)

    return create_app(load, open_store)


def run(read_settings: Callable[[], Settings]) -> int:
    """Opens the application; ends the process with its exit code when it is left."""
    app = make_app(read_settings)
    app.run()
    sys.stdout.flush()
    sys.stderr.flush()
    # The desk's threads may be inside a model or a build. Python's own way out would take the
    # libraries down under them, and now and then hang; what they write is safe to cut off.
    os._exit(app.return_code or 0)
