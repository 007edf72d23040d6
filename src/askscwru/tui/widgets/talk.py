"""The conversation: its turns, and a cursor that moves over what can be opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from askscwru.tui.keys import PANES, TALK
from askscwru.tui.model import Asked, ShownTurn
from askscwru.tui.widgets.turn import Item, TurnView
from askscwru.tui.widgets.welcome import Welcome

MOST_SHOWN = 40
"""Turns of a resumed conversation that are shown; the store keeps all of them."""


class Talk(VerticalScroll):
    """Turns, the newest at the foot."""

    BINDINGS: ClassVar[list[BindingType]] = [*PANES.bindings(), *TALK.bindings()]

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, can_focus=False)
        self._about = ""
        self._questions: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """What a newcomer needs to know."""
        yield Welcome(self._about, self._questions)

    async def welcome(self) -> None:
        """Says it again, where nothing else is shown."""
        if not self.query(Welcome):
            await self.mount(Welcome(self._about, self._questions))

    async def introduce(self, about: str, questions: Sequence[str] = ()) -> None:
        """Says more to a newcomer, where nothing was asked yet; later, in the next conversation."""
        self._about, self._questions = about, questions
        shown = self.query(Welcome)
        if shown and not any(one.has_focus_within for one in shown):
            with self.app.batch_update():
                await shown.remove()
                await self.welcome()

    @property
    def turns(self) -> list[TurnView]:
        """All that are shown, in order."""
        return list(self.query(TurnView).results(TurnView))

    @property
    def answered(self) -> list[TurnView]:
        """Those that have an answer."""
        return [turn for turn in self.turns if turn.exchange is not None]

    def current(self) -> TurnView | None:
        """The turn that the cursor is in, or the last one that has an answer."""
        for turn in self.turns:
            if turn.has_focus_within and turn.exchange is not None:
                return turn
        answered = self.answered
        return answered[-1] if answered else None

    def view_of(self, asked: Asked) -> TurnView | None:
        """The turn of a question that is on its way."""
        return next((turn for turn in self.turns if turn.asked is asked), None)

    async def add(self, asked: Asked) -> TurnView:
        """Shows a question that is on its way."""
        await self.query(Welcome).remove()
        turn = TurnView(asked)
        await self.mount(turn)
        self.scroll_end(animate=False)
        return turn

    async def show(self, exchanges: Iterable[ShownTurn]) -> None:
        """Shows a whole conversation in the place of what was there."""
        kept = list(exchanges)
        hidden = len(kept) - MOST_SHOWN
        with self.app.batch_update():
            await self.remove_children()
            if hidden > 0:
                said = f"{hidden:,} earlier turns are kept, but not shown; saving has them all."
                await self.mount(Static(said, classes="remark", markup=False))
            await self.mount_all(TurnView(exchange=one) for one in kept[-MOST_SHOWN:])
        self.scroll_end(animate=False)

    def to_foot(self, turn: TurnView) -> None:
        """Scrolls so that a new answer is seen from its question on."""
        self.call_after_refresh(self.scroll_to_widget, turn, animate=False, top=True)

    def items(self) -> list[Item]:
        """All that can be opened."""
        welcomes = self.query(Welcome).results(Welcome)
        parts: list[Welcome | TurnView] = [*welcomes, *self.turns]
        return [item for part in parts for item in part.items()]

    def first(self) -> Item | None:
        """The first item of the current turn, else of all; None where there is none."""
        turn = self.current()
        items = (turn.items() if turn is not None else []) or self.items()
        return items[0] if items else None

    def action_move(self, by: int) -> None:
        """Moves the cursor; at the ends it scrolls instead."""
        items = self.items()
        at = next((n for n, item in enumerate(items) if item.has_focus), None)
        if at is not None and 0 <= at + by < len(items):
            self.screen.set_focus(items[at + by])
        elif by < 0:
            self.scroll_up(animate=False)
        else:
            self.scroll_down(animate=False)

    def action_open(self) -> None:
        """Opens the item under the cursor."""
        for item in self.items():
            if item.has_focus:
                item.post_message(Item.Opened(item))
