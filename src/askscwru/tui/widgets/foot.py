"""The keys that matter now, as many as there is room for; the help has all of them."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_SPACES = 3  # around and between a key and what it does


class Foot(Footer):
    """A footer that shows whole keys only."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        """The first keys that fit."""
        room = self.app.size.width
        for key in super().compose():
            if isinstance(key, FooterKey):
                room -= len(key.key_display) + len(key.description) + _SPACES
                if room < 0:
                    return
            yield key

    async def on_resize(self, event: events.Resize) -> None:
        """Another width has room for others."""
        await self.recompose()
