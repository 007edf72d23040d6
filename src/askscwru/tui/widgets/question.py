"""Where questions are typed: Enter asks, Ctrl+J begins a new line, Up brings back earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from askscwru.tui.keys import QUESTION
from askscwru.tui.wording import PLACEHOLDER


def typed(text: str) -> str:
    """Pasted text without what a terminal would obey; line breaks stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


class QuestionBox(TextArea):
    """A text area that sends on Enter; it never waits for anything."""

    BINDINGS: ClassVar[list[BindingType]] = QUESTION.bindings()

    class Sent(Message):
        """A question was asked."""

        def __init__(self, question: str) -> None:
            super().__init__()
            self.question = question

    class Emptied(Message):
        """Backspace was pressed where there was nothing left to remove."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, placeholder=PLACEHOLDER, highlight_cursor_line=False, compact=True)
        self.cursor_blink = False  # a blinking cursor distracts, and repaints over SSH
        self._earlier: list[str] = []
        self._unasked: list[str] = []
        """What was typed, made way for something else, and can be brought back with Up."""
        self._at = 0
        self._draft = ""
        self.edited = False
        """Whether anything was typed since a question was put here."""

    def remember(self, questions: Sequence[str]) -> None:
        """Takes the questions that Up brings back, the newest last."""
        self._unasked = [one for one in self._unasked if one not in questions]
        self._earlier = [*questions, *self._unasked]
        self._at = len(self._earlier)
        self._draft = ""

    def put(self, question: str) -> None:
        """Shows a question to be edited, the cursor behind it."""
        self.text = typed(question)
        self.edited = False
        self.move_cursor(self.document.end)

    def put_instead(self, question: str) -> bool:
        """Shows another question; what was typed and not asked can be brought back with Up.

        Returns:
            Whether there was anything.
        """
        lost = self._set_aside(self.text)
        self._at = len(self._earlier)
        self._draft = ""
        self.put(question)
        return lost

    def _set_aside(self, words: str) -> bool:
        """Keeps what makes way for something else; whether there was anything to keep."""
        if not words.strip() or words in self._earlier:
            return False
        self._unasked.append(words)
        self._earlier.append(words)
        return True

    @property
    def unasked(self) -> str:
        """What was typed last and not asked; empty where there is nothing."""
        brought_back = self._at < len(self._earlier) and self.text in self._earlier
        typed_now = self._draft if brought_back else self.text
        if typed_now.strip():
            return typed_now
        return self._unasked[-1] if self._unasked else ""

    def type(self, character: str) -> None:
        """Takes a character that was typed elsewhere, behind what is there."""
        self.move_cursor(self.document.end)
        self.insert(character)
        self.edited = True

    async def _on_key(self, event: events.Key) -> None:
        # Textual calls the handler of the base class after this one, unless it is prevented.
        if event.key == "enter":  # a binding says what it does; a text area would break the line
            event.prevent_default()
        elif event.key == "backspace" and not self.text:
            self.post_message(self.Emptied())
        self.edited = self.edited or event.is_printable or event.key == "backspace"

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        result = self._replace_via_keyboard(typed(event.text), *self.selection)
        if result:
            self.move_cursor(result.end_location)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaves F6 and F7, with which a text area selects, to the user's own keys."""
        return action not in ("select_line", "select_all") and super().check_action(
            action, parameters
        )

    def action_ask(self) -> None:
        """Announces the question and clears the box; says nothing of an empty one."""
        question = self.text
        if question.strip():
            if self._at < len(self._earlier):
                self._set_aside(self._draft)
            self.text = ""
            self.post_message(self.Sent(question))

    def action_newline(self) -> None:
        """Breaks the line."""
        self._replace_via_keyboard("\n", *self.selection)

    def action_cursor_up(self, select: bool = False) -> None:
        """Up; from the first line to the question before."""
        if select or self.cursor_location[0] > 0 or not self._recall(-1):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Down; from the last line to the question after."""
        last = self.document.line_count - 1
        if select or self.cursor_location[0] < last or not self._recall(1):
            super().action_cursor_down(select)

    def _recall(self, step: int) -> bool:
        to = self._at + step
        if not 0 <= to <= len(self._earlier):
            return False
        if self._at == len(self._earlier):
            self._draft = self.text
        else:
            self._earlier[self._at] = self.text  # as it was changed, until another is asked
        self._at = to
        self.put(self._draft if to == len(self._earlier) else self._earlier[to])
        return True
