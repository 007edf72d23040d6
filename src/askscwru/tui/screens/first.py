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

NARROW, TWO, THREE = "-narrow", "-two", "-three"
BREAKPOINTS = [(0, NARROW), (100, TWO), (150, THREE)]
"""From how many columns on the screen has one, two or three panes beside each other."""
WELCOME = Content.assemble(
    ("Ask the posts, and get their own words back.\n\n", "bold"),
    "Type a question below and press Enter. Each answer is quoted word for word; press Tab and "
    "then the number of a citation to read the post around it.\n\n",
    ("F1 shows every key, F3 lists the posts, F2 your earlier conversations.", "$muted"),
)
PLACEHOLDER = "Ask the posts a question, then press Enter"
EMPTY = "The post behind an answer is shown here, at the passage that was quoted."


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
