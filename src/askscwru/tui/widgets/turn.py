"""One exchange in the conversation, and the items in it that can be opened."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.tui.keys import displayed, key_for
from askscwru.tui.model import Asked, ShownTurn, Step
from askscwru.types import Kind, Query

PAGE = 20
"""How many posts of a list are shown at a time."""
_QUESTION = re.compile(r"[“](?P<question>(?:[^“”]|[“][^“”]*[”])*[?])[”]")


class Row(Horizontal):
    """Text that hangs from a short sign before it."""

    def __init__(self, sign: str, body: Content, *, classes: str = "") -> None:
        lead = Static(render.text((sign, "bold $accent")), classes="sign", markup=False)
        super().__init__(lead, Static(body, classes="body", markup=False), classes=classes)


class Item(Row, can_focus=True):
    """Something that can be opened: a citation, a near passage, another reading."""

    class Pointed(Message):
        """The cursor or the mouse is on an item."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class Opened(Pointed):
        """An item was chosen."""

    def __init__(
        self, sign: str, body: Content, *, step: Step | None = None, asks: Query | None = None
    ) -> None:
        """An item that opens a step of evidence, or asks another question.

        Args:
            sign: its number, as ``[1]``.
            body: what it is.
            step: what it opens; None for a question.
            asks: what it asks where there is no step.
        """
        super().__init__(sign, body, classes="" if step else "other")
        self.step = step
        self.asks = asks

    def on_focus(self) -> None:
        """Announces that the cursor is here."""
        self.post_message(self.Pointed(self))

    def on_enter(self) -> None:
        """Announces that the mouse is here."""
        self.post_message(self.Pointed(self))

    def on_click(self) -> None:
        """Opens it."""
        self.post_message(self.Opened(self))


class More(Item):
    """Shows more of a list."""

    def __init__(self, left: int, shown: int) -> None:
        super().__init__("…", render.text(f"{left:,} more"))
        self.shown = shown


class TurnView(Vertical):
    """A question, and its answer once there is one."""

    def __init__(self, asked: Asked | None = None, exchange: ShownTurn | None = None) -> None:
        super().__init__()
        self.asked = asked
        self.exchange = exchange
        self._composed = asyncio.Event()

    def on_mount(self) -> None:
        """Its parts are there to be changed."""
        self._composed.set()

    def compose(self) -> ComposeResult:
        """The question, and all that is known of the answer."""
        if self.exchange is not None:
            yield from self._answered(self.exchange)
        elif self.asked is not None:
            yield Row("❯", render.question_line(self.asked.query.question), classes="question")
            yield Static("Searching …", classes="waiting", markup=False)

    def wait(self, said: str) -> None:
        """Says what an answer is waiting for."""
        for line in self.query(".waiting").results(Static):
            line.update(render.text(said))

    async def answer(self, exchange: ShownTurn) -> None:
        """Shows the answer in the place of what was there."""
        await self._composed.wait()  # or both ways of showing it would be shown
        self.exchange = exchange
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(self._answered(exchange))

    def items(self) -> list[Item]:
        """What can be opened, in order."""
        return list(self.query(Item).results(Item))

    def _answered(self, exchange: ShownTurn) -> Iterator[Widget]:
        turn = exchange.turn
        yield Row("❯", render.question_line(turn.question), classes="question")
        for line in render.remarks(exchange, displayed(key_for(self.app, "edit"))):
            yield Static(line, classes="remark")
        yield Static(render.answer(turn), classes="answer")
        if turn.answered:
            yield Static(render.verdict(exchange), classes="verdict")
        for note in exchange.notes:
            yield Static(render.text(("Note: ", "bold $warn"), safe(note)), classes="note")
        yield from self._others(exchange)
        for step in exchange.citations:
            number = step.citation.index if step.citation else 0
            yield Item(f"[{number}]", render.citation_lines(step), step=step)
        if turn.kind is Kind.LIST:
            yield from self._rows(exchange, 0)
        elif turn.kind is Kind.ABSTENTION:
            yield from self._nearest(exchange)
        yield from self._advice(exchange)

    def _rows(self, exchange: ShownTurn, shown: int) -> Iterator[Widget]:
        """The posts of a list that are not cited, a page at a time."""
        page = exchange.rows[shown : shown + PAGE]
        of = {row["post_id"]: row for row in exchange.turn.posts}
        for step in page:
            yield Item(step.name.split()[1], render.row_lines(of[step.post_id]), step=step)
        left = len(exchange.rows) - shown - len(page)
        if left > 0:
            yield More(left, shown + len(page))

    async def more(self, item: More) -> None:
        """Shows the next page of a list in the place of the item that asked for it."""
        if self.exchange is None:
            return
        new = list(self._rows(self.exchange, item.shown))
        with self.app.batch_update():
            await self.mount_all(new, after=item)
            await item.remove()
        if new:
            new[0].focus()

    def _advice(self, exchange: ShownTurn) -> Iterator[Widget]:
        """What else to ask: a question in quotation marks can be asked from here."""
        for line in exchange.turn.advice:
            asked = _QUESTION.search(line) or (line if line.endswith("?") else None)
            if asked is None:
                yield Static(render.text((safe(line), render.MUTED)), classes="remark")
                continue
            question = asked if isinstance(asked, str) else asked["question"]
            again = replace(exchange.turn.query, question=question)
            yield Item("?", render.text(safe(line)), asks=again)

    def _others(self, exchange: ShownTurn) -> Iterator[Widget]:
        for other in exchange.turn.alternatives:
            shown = render.text(("Or did you mean: ", "bold"), safe(other))
            yield Item("?", shown, asks=replace(exchange.turn.query, question=other))

    def _nearest(self, exchange: ShownTurn) -> Iterator[Widget]:
        if exchange.rows:
            yield Static("Nearest, but no answer:", classes="remark", markup=False)
            for number, step in enumerate(exchange.rows, start=1):
                near = exchange.turn.nearest[number - 1]
                yield Item(str(number), render.near_lines(near), step=step)
            return
        if not exchange.near:
            shown = render.text("Ask it again, to see the nearest posts")
            yield Item("?", shown, asks=exchange.turn.query)
            return
        yield Static("The nearest passages stand in:", classes="remark", markup=False)
        for number, step in enumerate(exchange.near, start=1):
            title = render.text(safe(step.title or render.UNTITLED))
            yield Item(str(number), title, step=step)
