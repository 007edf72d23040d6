"""One exchange in the conversation, and the items in it that can be opened."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from askscwru.screen import safe
from askscwru.tui import render
from askscwru.tui.model import Asked, Exchange, Step


class Item(Static, can_focus=True):
    """Something that can be opened: a citation, a near passage, another reading."""

    ALLOW_SELECT = True

    class Pointed(Message):
        """The cursor or the mouse is on an item."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class Opened(Pointed):
        """An item was chosen."""

    def __init__(
        self, shown: Content, *, step: Step | None = None, question: str = "", classes: str = ""
    ) -> None:
        """An item that opens a step of evidence, or asks another question.

        Args:
            shown: how it looks.
            step: what it opens; None for a question.
            question: what it asks where there is no step.
            classes: for the style sheet.
        """
        super().__init__(shown, classes=classes, markup=False)
        self.step = step
        self.question = question

    def on_focus(self) -> None:
        """Announces that the cursor is here."""
        self.post_message(self.Pointed(self))

    def on_enter(self, event: events.Enter) -> None:
        """Announces that the mouse is here."""
        if event.node is self:
            self.post_message(self.Pointed(self))

    def on_click(self) -> None:
        """Opens it."""
        self.post_message(self.Opened(self))


class TurnView(Vertical):
    """A question, and its answer once there is one."""

    def __init__(self, asked: Asked | None = None, exchange: Exchange | None = None) -> None:
        super().__init__()
        self.asked = asked
        self.exchange = exchange

    def compose(self) -> ComposeResult:
        """The question, and all that is known of the answer."""
        if self.exchange is not None:
            yield from self._answered(self.exchange)
        elif self.asked is not None:
            yield Static(render.question_line(self.asked.question), classes="question")
            yield Static("Searching …", classes="waiting", markup=False)

    def wait(self, said: str) -> None:
        """Says what an answer is waiting for."""
        for line in self.query(".waiting").results(Static):
            line.update(render.text(said))

    async def answer(self, exchange: Exchange) -> None:
        """Shows the answer."""
        self.exchange = exchange
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(self._answered(exchange))

    def items(self) -> list[Item]:
        """What can be opened, in order."""
        return list(self.query(Item).results(Item))

    def _answered(self, exchange: Exchange) -> Iterator[Widget]:
        turn = exchange.turn
        yield Static(render.question_line(turn.question), classes="question")
        for line in render.remarks(exchange):
            yield Static(line, classes="remark")
        if turn.answered:
            yield Static(render.quotes(turn.citations), classes="answer")
        else:
            yield Static(render.text(safe(turn.text)), classes="answer")
        yield Static(render.verdict(exchange), classes="verdict")
        for note in exchange.notes:
            yield Static(render.text(("Note: ", "bold $warn"), safe(note)), classes="note")
        yield from self._others(exchange)
        for step in exchange.citations:
            yield Item(render.citation_lines(step), step=step, classes="citation")
        if not turn.answered:
            yield from self._nearest(exchange)

    def _others(self, exchange: Exchange) -> Iterator[Widget]:
        for other in exchange.turn.alternatives:
            shown = render.text(("Or did you mean: ", "bold"), safe(other))
            yield Item(shown, question=other, classes="other")

    def _nearest(self, exchange: Exchange) -> Iterator[Widget]:
        if not exchange.near:
            shown = render.text("Find the nearest posts again")
            yield Item(shown, question=exchange.turn.question, classes="other")
            return
        yield Static("The nearest passages stand in:", classes="remark", markup=False)
        for number, step in enumerate(exchange.near, start=1):
            yield Item(render.near_line(step, number), step=step, classes="near")
