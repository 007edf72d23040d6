"""Lines that stay: what is being loaded, and what questions are limited to."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Static

from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.types import Limits

_BAR = 20
STAGES = {
    "read": "Reading the pages",
    "model": "Preparing the encoder",
    "encode": "Embedding the passages",
    "write": "Writing the index",
    "publish": "Giving the index to its server",
    "reader": "Preparing the reader",
}


def progress_line(stage: str, done: int, total: int) -> str:
    """A stage of building the index, as a bar where it has several parts."""
    name = STAGES.get(stage, stage)
    if total <= 1:
        return f"{name} …"
    filled = round(_BAR * min(done, total) / total)
    bar = "█" * filled + "░" * (_BAR - filled)
    return f"{name}  {bar} {100 * min(done, total) // total:3d} %"


class StatusLine(Static):
    """One line above the question."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__("Opening the index …", id=id, markup=False)

    def say(self, said: str, *, bad: bool = False) -> None:
        """Shows a line; nothing hides it."""
        self.display = bool(said)
        self.update(render.text((safe(said), "bold $warn" if bad else "$muted")))


class LimitLine(Static):
    """What questions are limited to, always seen while they are."""

    class Removed(Message):
        """The limit was clicked away."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__("", id=id, markup=False)
        self.display = False

    def show(self, limits: Limits, key: str) -> None:
        """Shows the limits, where there are any, and the key that removes them."""
        self.display = bool(limits)
        if limits:
            said = f"Asking only {safe(limits.text)}"
            self.update(render.text((said, "bold $accent"), (f"  {key} removes this", "$muted")))

    def on_click(self) -> None:
        """Announces it."""
        self.post_message(self.Removed())
