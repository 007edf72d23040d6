"""The third column: earlier conversations."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.types import Conversation


class Recent(OptionList):
    """The newest conversations; Enter goes on with one."""

    class Chosen(Message):
        """A conversation is to go on."""

        def __init__(self, conversation_id: str) -> None:
            super().__init__()
            self.conversation_id = conversation_id

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, markup=False)
        self.border_title = "Conversations"

    def show(self, conversations: Sequence[Conversation]) -> None:
        """Lists them, the newest first."""
        self.clear_options()
        self.add_options(
            Option(render.text(" ".join(safe(one.title).split()) or "(nothing asked)"), id=one.id)
            for one in conversations
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Announces the choice."""
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen(event.option_id))
