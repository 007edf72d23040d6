"""What every key does, made from the bindings themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.tui.keys import CLOSE, PAGE, PLACES, KeyPlace, all_keys, displayed

NARROW = 78
_WIDEST_NAME = max(len(key.id) for key in all_keys())
SCROLLING = KeyPlace("", tuple(key for key in PAGE.keys if key.id != "page.quote"))


def help_table(place: KeyPlace, changed: Mapping[str, str], width: int) -> Table:
    """The keys of one place: key, what it does, its name.

    Args:
        place: where they hold.
        changed: other keys that the preferences give, by ``Key.id``.
        width: of the screen; where three columns would cut keys and names in two, the name stands
            under what the key does.
    """
    table = Table.grid(padding=(0, 2), expand=True)
    narrow = width < NARROW
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=5, overflow="fold")
    if not narrow:
        table.add_column(width=_WIDEST_NAME)  # a share would take no notice of how wide a name is
    for key in place.keys:
        keys = Text(safe(displayed(changed.get(key.id, key.keys))), "bold")
        if narrow:
            table.add_row(keys, Text.assemble(key.meaning, "\n", (key.id, "italic")))
        else:
            table.add_row(keys, Text(key.meaning), Text(key.id))
    return table


class HelpScreen(ModalScreen[None]):
    """A page of keys that scrolls."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *KeyPlace("", (CLOSE,)).bindings(),
        *SCROLLING.bindings(),
    ]

    def __init__(self, changed: Mapping[str, str], preferences: str) -> None:
        super().__init__()
        self._changed = changed
        self._preferences = preferences
        self._drawn_for = 0

    def compose(self) -> ComposeResult:
        """The keys."""
        self._drawn_for = self.app.size.width
        with VerticalScroll(id="help") as page:
            page.border_title = "Keys (Esc goes back)"
            for place in PLACES:
                yield Static(render.text((place.name, "bold $accent")), classes="help-place")
                table = help_table(place, self._changed, self.app.size.width)
                yield Static(table, classes="help-keys")
            said = (
                'Other keys: write a name of the last column, like posts = "f6", under [keys] in '
            )
            yield Static(render.text((said + safe(self._preferences), "$muted")))

    async def on_resize(self, event: events.Resize) -> None:
        """Another width has room for other columns."""
        if (event.size.width < NARROW) != (self._drawn_for < NARROW):
            await self.recompose()

    def action_close(self) -> None:
        """Goes back."""
        self.dismiss()
