"""What a newcomer is told: what this is, what the posts are, and questions to begin with."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.tui.widgets.turn import Item
from askscwru.tui.wording import WELCOME
from askscwru.types import Query


class Welcome(Vertical):
    """Shown while nothing was asked in a conversation."""

    def __init__(self, about: str, questions: Sequence[str]) -> None:
        """What is known so far.

        Args:
            about: what the posts are; empty before they are known.
            questions: to begin with; each can be asked from here.
        """
        super().__init__(classes="welcome")
        self._about = about
        self._questions = questions

    def compose(self) -> ComposeResult:
        """Each part that there is."""
        yield Static(WELCOME, markup=False)
        if self._about:
            yield Static(render.text(safe(self._about)), classes="about", markup=False)
        if self._questions:
            said = "To begin with (Tab, then Enter asks):"
            yield Static(render.text((said, "bold")), classes="about", markup=False)
            for question in self._questions:
                yield Item("?", render.text(safe(question)), asks=Query(question))

    def items(self) -> list[Item]:
        """The questions."""
        return list(self.query(Item).results(Item))
