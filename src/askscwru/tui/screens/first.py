"""The first frame: drawn from next to nothing, while the real screen is still being imported.

A text area, the evidence and all that they import take as long as the rest of the start; so this
screen only draws what they will look like, and keeps what is typed meanwhile for them.
"""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from askscwru.tui.wording import PLACEHOLDER, WELCOME

NARROW, TWO, THREE = "-narrow", "-two", "-three"
BREAKPOINTS = [(0, NARROW), (100, TWO), (150, THREE)]
"""From how many columns on the screen has one, two or three panes beside each other."""


class FirstScreen(Screen[None]):
    """What the real screen shows at first, without its workings."""

    def __init__(self) -> None:
        super().__init__()
        self.typed = ""
        """What was typed before there was anything to type into; Enter is a line break."""

    def compose(self) -> ComposeResult:
        """Head, welcome and question; each widget more is a millisecond more."""
        yield Static(Content.styled("askscwru", "bold $accent"), classes="head")
        yield Static(WELCOME, classes="welcome")
        yield Static(PLACEHOLDER, classes="first-question", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Keeps what is typed."""
        if event.key == "enter":
            self.typed += "\n"
        elif event.is_printable:
            self.typed += event.character or ""
