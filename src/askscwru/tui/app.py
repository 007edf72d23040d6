"""The application and the factory that makes it, for the command and for the tests alike."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen

from askscwru.tui.desk import Call, Desk, Load
from askscwru.tui.keys import ANYWHERE, PANES, QUIT, display, displayed
from askscwru.tui.preferences import Preferences, read_preferences, usual_file
from askscwru.tui.remembered import Remembered, file_beside, read_remembered, write_remembered
from askscwru.tui.screens.first import FirstScreen
from askscwru.tui.themes import DARK, LIGHT, THEMES

if TYPE_CHECKING:
    from askscwru.conversation.keeping import ConversationStore
    from askscwru.tui.screens.main import MainScreen


WAKE_SECONDS = 0.25
KEEP_SECONDS = 2.0
"""How often what is being typed is kept, for the day on which the terminal dies."""


class Made(Message, bubble=False):
    """A call that a thread of the desk wants made here."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class AskscwruApp(App[None]):
    """The terminal UI."""

    TITLE = "askscwru"
    CSS_PATH = "askscwru.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(QUIT.keys, QUIT.action, QUIT.label, priority=True, id=QUIT.id)
    ]
    ENABLE_COMMAND_PALETTE = True
    NOTIFICATION_TIMEOUT = 4

    def __init__(
        self,
        load: Load,
        open_store: Callable[[], ConversationStore],
        preferences: Preferences,
        file: Path,
    ) -> None:
        super().__init__()
        self.changed_keys = dict(preferences.keys)
        self._preferences = preferences
        self._file = file
        self._odd_size: Size | None = None
        self._main: MainScreen | None = None
        self.desk = Desk(load, open_store, self._deliver)
        for theme in THEMES:
            self.register_theme(theme)
        self.remembered = read_remembered(file_beside(file))
        """As it was read, or last written."""
        self.theme = preferences.theme or self._theme_of(self.remembered.theme)
        self.set_keymap(preferences.keys)

    @staticmethod
    def _theme_of(name: str | None) -> str:
        return next((theme.name for theme in THEMES if theme.name == name), DARK)

    def get_default_screen(self) -> Screen[None]:
        """The first frame."""
        return FirstScreen()

    def on_mount(self) -> None:
        """Brings the real screen as soon as the first frame is drawn."""
        self.screen.call_after_refresh(self.call_later, self._take_over)
        # The system may hand the signal of a resized terminal to a thread of the desk; the loop
        # then hears of it when it next wakes, and nothing else wakes it while nobody types.
        self.set_interval(WAKE_SECONDS, self._fit)
        self.set_interval(KEEP_SECONDS, self.keep)

    def keep(self) -> None:
        """Keeps theme, layout and what is being typed, where any of them has changed."""
        main = self._main
        if main is None or not main.query("#question"):
            return  # what was remembered is not shown yet, or the screen is being taken down
        chosen = self.theme if self.theme != self._preferences.theme else None
        now = Remembered(chosen, not main.has_class("-no-evidence"), main.unasked)
        if now != self.remembered:
            self.remembered = now
            write_remembered(file_beside(self._file), now)

    async def action_quit(self) -> None:
        """Leaves; what was typed is there again the next time."""
        self.keep()
        await super().action_quit()

    def _fit(self) -> None:
        """Draws for the terminal's real size where the news of a change was lost on the way."""
        if self.is_headless or sys.__stdin__ is None:
            return
        try:
            size = Size(*os.get_terminal_size(sys.__stdin__.fileno()))
        except (OSError, ValueError):
            return
        if size == self._odd_size and size not in (Size(0, 0), self.screen.size):
            self.post_message(Resize(size, size))
        self._odd_size = None if size == self.screen.size else size

    def _fatal_error(self) -> None:
        """Ends without showing a trace, which Textual would print: whoever runs it is told."""
        self._close_messages_no_wait()

    @property
    def fault(self) -> Exception | None:
        """What ended it, where that was a fault."""
        return self._exception

    async def _take_over(self) -> None:
        """Changes the first frame for the screen that one works in."""
        from askscwru.tui.screens.main import MainScreen

        first, main = self.screen, MainScreen(self.desk)
        await self.push_screen(main)  # over the first one, which Textual cannot take away
        if isinstance(first, FirstScreen):
            await main.take_over(first.typed, self.remembered)
        self._main = main
        for fault in self._preferences.faults:
            self.notify(fault, severity="warning", markup=False, timeout=10)

    def _deliver(self, call: Call) -> None:
        try:
            self.post_message(Made(call))
        except RuntimeError:  # the loop has ended; nobody is there to be told
            return

    async def on_made(self, message: Made) -> None:
        """Makes the call, where screens may be changed."""
        if not self.is_running:
            return
        result: object = message.call()
        if inspect.isawaitable(result):
            await result
        self.keep()  # a question that has its answer is no longer one that was not asked

    def action_help(self) -> None:
        """Shows every key."""
        from askscwru.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.changed_keys, str(self._file)))

    def action_light_or_dark(self) -> None:
        """Changes the theme; says how to keep it where the preferences name another."""
        self.theme = LIGHT if self.theme == DARK else DARK
        if self._preferences.theme not in (None, self.theme):
            name = "light" if self.theme == LIGHT else "dark"
            self.notify(f'To keep it: theme = "{name}" in {self._file}', markup=False)

    def get_key_display(self, binding: Binding) -> str:
        """A key as people write it."""
        return binding.key_display or display(binding.key)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that a key does, by name."""
        from askscwru.tui.screens.main import MainScreen

        if isinstance(screen, MainScreen):
            named: set[str] = set()
            for key in (*ANYWHERE.keys, *PANES.keys):
                action = key.action.removeprefix("screen.")
                if action in named or key.id.startswith(("pane.", "back", "question")):
                    continue
                named.add(action)
                keys = displayed(self.changed_keys.get(key.id, key.keys))

                def run(action: str = action) -> None:
                    self.call_later(screen.run_action, action)

                yield SystemCommand(key.meaning.rstrip("."), keys, run)
        yield SystemCommand("Leave", displayed(QUIT.keys), self.action_quit)


def create_app(
    load: Load, open_store: Callable[[], ConversationStore], *, preferences_file: Path | None = None
) -> AskscwruApp:
    """The terminal UI over an assistant that is not loaded yet.

    Args:
        load: opens the assistant around a store, telling how far it is; called on a thread.
        open_store: opens the store of conversations; called on a thread.
        preferences_file: theme and keys; the usual file when it is left out.
    """
    file = preferences_file or usual_file()
    return AskscwruApp(load, open_store, read_preferences(file), file)
