"""The kept conversations: find, go on, rename, delete and bring back, save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from askscwru.errors import AskscwruError
from askscwru.show.screen import local_time, safe
from askscwru.tui import render
from askscwru.tui.desk import Desk
from askscwru.tui.keys import KEPT
from askscwru.tui.screens.finder import Finder
from askscwru.tui.screens.prompt import PromptScreen
from askscwru.tui.screens.saving import Saving
from askscwru.types import Conversation

MOST = 200


def conversation_lines(conversation: Conversation) -> Content:
    """A conversation in a list: its title, how long and how old it is."""
    turns = f"{conversation.count} question{'' if conversation.count == 1 else 's'}"
    when = local_time(conversation.updated_at)
    title = " ".join(safe(conversation.title).split()) or "(nothing asked)"
    return render.text((title, "bold"), f"\n{turns}, {when}")


class ConversationsScreen(Finder[str | None]):
    """Gives the id of the conversation to go on with."""

    BINDINGS: ClassVar[list[BindingType]] = KEPT.bindings()
    HEAD = "Conversations"
    HINT = "Find by any words of questions, answers and titles"

    def __init__(self, desk: Desk, saving: Saving, deleted: list[str]) -> None:
        """Lists.

        Args:
            desk: where they are kept.
            saving: writes one as Markdown.
            deleted: ids that can be brought back, the last one first to come; it is changed.
        """
        super().__init__()
        self._desk = desk
        self._saving = saving
        self._deleted = deleted
        self._kept: Sequence[Conversation] = ()

    def refill(self) -> None:
        """Fetches what fits the words."""
        words = self.words
        self._desk.keep(
            lambda store: store.conversations(containing=words, most=MOST),
            lambda kept: self._show(words, kept),
            self._failed,
        )

    def _show(self, words: str, kept: Sequence[Conversation]) -> None:
        if not self.is_mounted or words != self.words:
            return
        self._kept = kept
        said = f"{len(kept):,} conversation{'' if len(kept) == 1 else 's'}"
        if not kept:
            said = "None holds those words." if words else "None yet: ask something first."
        if self._deleted:
            said += "; U brings back the one deleted last"
        self.fill([(one.id, conversation_lines(one)) for one in kept], said)

    def _failed(self, error: AskscwruError) -> None:
        if self.is_mounted:
            self.say(safe(str(error)), bad=True)

    def main_action(self) -> None:
        """Goes on with it."""
        chosen = self.chosen()
        if chosen is not None:
            self.dismiss(chosen)

    def action_resume(self) -> None:
        """Goes on with it."""
        self.main_action()

    def action_rename(self) -> None:
        """Asks for another name."""
        chosen = self.chosen()
        title = next((one.title for one in self._kept if one.id == chosen), "")
        if chosen is None:
            return

        def rename(name: str | None) -> None:
            if name is not None:
                self._desk.keep(
                    lambda store: store.rename(chosen, name),
                    lambda _: self.refill(),
                    self._failed,
                )

        self.app.push_screen(PromptScreen("Another name for it", safe(title)), rename)

    def action_delete(self) -> None:
        """Deletes it; Undo brings it back."""
        chosen = self.chosen()
        if chosen is None:
            return

        def deleted(_: None) -> None:
            self._deleted.append(chosen)
            self.refill()

        self._desk.keep(lambda store: store.delete(chosen), deleted, self._failed)

    def action_undo(self) -> None:
        """Brings back the one that was deleted last."""
        if not self._deleted:
            self.say("Nothing was deleted here.")
            return
        last = self._deleted[-1]

        def back(_: None) -> None:
            if last in self._deleted:
                self._deleted.remove(last)
            self.refill()

        self._desk.keep(lambda store: store.undelete(last), back, self._failed)

    def action_export(self) -> None:
        """Saves it as Markdown."""
        chosen = self.chosen()
        if chosen is not None:
            self._saving.save(chosen)
