"""What every key does, made from the bindings themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.tui.keys import CLOSE, PAGE, PLACES, KeyPlace, displayed

SCROLLING = KeyPlace("", tuple(key for key in PAGE.keys if key.id != "page.quote"))


def help_table(place: KeyPlace, changed: Mapping[str, str]) -> Table:
    """The keys of one place: key, what it does, its name.

    Args:
        place: where they hold.
        changed: other keys that the preferences give, by ``Key.id``.
    """
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=5, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    for key in place.keys:
        keys = displayed(changed.get(key.id, key.keys))
        table.add_row(Text(safe(keys), "bold"), Text(key.meaning), Text(key.id))
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

    def compose(self) -> ComposeResult:
        """The keys."""
        with VerticalScroll(id="help") as page:
            page.border_title = "Keys (Esc goes back)"
            for place in PLACES:
                yield Static(render.text((place.name, "bold $accent")), classes="help-place")
                yield Static(help_table(place, self._changed), classes="help-keys")
            said = (
                'Other keys: write a name of the last column, like posts = "f6", under [keys] in '
            )
            yield Static(render.text((said + safe(self._preferences), "$muted")))

    def action_close(self) -> None:
        """Goes back."""
        self.dismiss()
