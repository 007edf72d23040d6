"""Saves a conversation as Markdown: asks where, writes it whole, and says where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from askscwru.errors import AskscwruError
from askscwru.show.screen import safe
from askscwru.tui.desk import Desk
from askscwru.tui.screens.prompt import PromptScreen
from askscwru.types import Conversation

Push = Callable[[PromptScreen, Callable[[str | None], Any]], Any]
Say = Callable[[str, bool], None]


class Saving:
    """The few steps of saving, each waiting for the one before."""

    def __init__(self, desk: Desk, push: Push, say: Say) -> None:
        """Prepares to save.

        Args:
            desk: reads the conversation and writes the file.
            push: shows a prompt.
            say: shows a line to the user, and whether it is bad news.
        """
        self._desk = desk
        self._push = push
        self._say = say

    def save(self, conversation_id: str) -> None:
        """Asks where to save a conversation, and saves it there."""

        def read(store: Any) -> tuple[Conversation, str]:
            from askscwru.show.transcript import file_name, free_name

            conversation = store.conversation(conversation_id)
            return conversation, free_name(Path(file_name(conversation))).name

        self._desk.keep(read, lambda found: self._ask(*found), self._failed)

    def _ask(self, conversation: Conversation, name: str, reason: str = "") -> None:
        def answered(path: str | None) -> None:
            if path is not None:
                self._write(conversation, path)

        self._push(PromptScreen("Save as Markdown in", name, reason), answered)

    def _write(self, conversation: Conversation, name: str) -> None:
        def write() -> Path:
            from askscwru.show.transcript import save

            return save(conversation, Path(name))

        def failed(error: AskscwruError) -> None:
            self._ask(conversation, name, safe(str(error)))  # nothing that was typed is lost

        self._desk.do(write, lambda path: self._say(f"Saved in {safe(str(path))}", False), failed)

    def _failed(self, error: AskscwruError) -> None:
        self._say(safe(str(error)), True)
