"""A list with words to find things in it; posts and conversations share it."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from askscwru.tui import render
from askscwru.tui.keys import CLOSE, KeyPlace, types
from askscwru.tui.widgets.foot import Foot

Result = TypeVar("Result")


class FindInput(Input):
    """The words to find; Down goes to the list."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("down", "pagedown"):
            event.stop()
            event.prevent_default()
            self.screen.set_focus(self.screen.query_one(OptionList))


class FoundList(OptionList):
    """What was found; Up from the first goes back to the words."""

    def action_cursor_up(self) -> None:
        """Up, or out at the top."""
        if self.highlighted in (None, 0):
            self.screen.set_focus(self.screen.query_one(FindInput))
        else:
            super().action_cursor_up()


class Finder(Screen[Result]):
    """Words above a list."""

    BINDINGS: ClassVar[list[BindingType]] = KeyPlace("", (CLOSE,)).bindings()
    CSS_PATH = "finder.tcss"
    HEAD: ClassVar[str] = ""
    HINT: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        """A head, the words, the list, and the keys."""
        with Vertical(id="finder"):
            yield Static(render.text((self.HEAD, "bold")), id="finder-head", markup=False)
            yield FindInput(placeholder=self.HINT, select_on_focus=False)
            yield FoundList(markup=False)
            yield Static("", id="finder-foot", markup=False)
        yield Foot()

    def on_mount(self) -> None:
        """Fetches the list."""
        self.query_one(FindInput).cursor_blink = False
        self.set_focus(self.query_one(FindInput))
        self.refill()

    def refill(self) -> None:
        """Fills the list with what fits the words."""
        raise NotImplementedError

    def chosen(self) -> str | None:
        """The id of the line that the cursor is on, or of the first one."""
        found = self.query_one(FoundList)
        if not found.option_count:
            return None
        return found.get_option_at_index(found.highlighted or 0).id

    def fill(self, lines: list[tuple[str, Content]], said: str) -> None:
        """Shows lines by id, and how many they are."""
        found = self.query_one(FoundList)
        kept = self.chosen()
        found.clear_options()
        found.add_options([Option(shown, id=line_id) for line_id, shown in lines])
        at = next((n for n, (line_id, _) in enumerate(lines) if line_id == kept), 0)
        found.highlighted = at if lines else None
        self.say(said)

    def say(self, said: str, *, bad: bool = False) -> None:
        """A line under the list."""
        style = "bold $warn" if bad else "$muted"
        self.query_one("#finder-foot", Static).update(render.text((said, style)))

    @property
    def words(self) -> str:
        """What is to be found."""
        return self.query_one(FindInput).value

    def on_input_changed(self) -> None:
        """Finds while it is typed."""
        self.refill()

    def on_input_submitted(self) -> None:
        """Enter in the words does what Enter in the list does."""
        self.main_action()

    def on_option_list_option_selected(self) -> None:
        """Enter, or a click."""
        self.main_action()

    def main_action(self) -> None:
        """What Enter does."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """A letter that does nothing in the list belongs to the words to find."""
        if types(event, self.active_bindings):
            words = self.query_one(FindInput)
            event.stop()
            self.set_focus(words)
            words.cursor_position = len(words.value)
            words.insert_text_at_cursor(str(event.character))

    def action_find(self) -> None:
        """Goes to the words."""
        self.set_focus(self.query_one(FindInput))

    def action_close(self) -> None:
        """Goes back without a choice."""
        self.dismiss(None)
