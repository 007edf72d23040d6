"""The keys that matter now, as many as there is room for; the help has all of them."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from askscwru.tui.keys import PALETTE, QUIT

_SPACES = 3  # around and between a key and what it does
_ALWAYS = {key.action: key.label for key in (QUIT, PALETTE)}


class Foot(Footer):
    """A footer that shows whole keys only, and always how to leave and where to find the rest."""

    def compose(self) -> ComposeResult:
        """The first keys that fit beside those two."""
        room = self.app.size.width
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        for key in keys:
            if key.action in _ALWAYS:
                key.description = _ALWAYS[key.action]
                room -= _width(key)
        for key in keys:
            if key.action not in _ALWAYS:
                room -= _width(key)
                if room < 0:
                    break
                yield key
        yield from (key for key in keys if key.action in _ALWAYS)

    async def on_resize(self, event: events.Resize) -> None:
        """Another width has room for others."""
        await self.recompose()


def _width(key: FooterKey) -> int:
    return len(key.key_display) + len(key.description) + _SPACES
