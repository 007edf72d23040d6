"""Asks for one line: a name, or where to save."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from askscwru.tui import render
from askscwru.tui.keys import CLOSE, KeyPlace


class PromptScreen(ModalScreen[str | None]):
    """A question with a line to fill in; gives the line, or None where it was left."""

    CSS_PATH = "prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = KeyPlace("", (CLOSE,)).bindings()

    def __init__(self, asked: str, value: str, reason: str = "") -> None:
        """Asks.

        Args:
            asked: what for.
            value: stands in the line at first.
            reason: why it is asked again.
        """
        super().__init__()
        self._asked, self._value, self._reason = asked, value, reason

    def compose(self) -> ComposeResult:
        """The question, the line, and how to leave."""
        with Vertical(id="prompt"):
            yield Static(render.text((self._asked, "bold")), markup=False)
            if self._reason:
                yield Static(render.text((self._reason, "bold $warn")), markup=False)
            yield Input(self._value, select_on_focus=False)
            yield Static(render.text(("Enter to do it, Esc to leave it", "$muted")))

    def on_mount(self) -> None:
        """Still cursors are easier on the eye and over SSH."""
        self.query_one(Input).cursor_blink = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives the line, unless it is blank."""
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_close(self) -> None:
        """Leaves."""
        self.dismiss(None)
