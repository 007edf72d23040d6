"""Every key of the terminal UI, said once: bindings, help screen, documentation and remapping."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from textual import events
from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that keys do."""

    id: str
    """The name by which the preferences give it other keys."""
    keys: str
    """Comma-separated, as Textual names them; the first is shown."""
    action: str
    label: str
    """One or two words for the foot of the screen; empty where it is not shown there."""
    meaning: str
    """A plain sentence for the help screen."""
    first: bool = False
    """Whether it is obeyed before whatever the focus is on gets the key. Textual hands a key on
    before the one before it has moved the focus, so that what moves it must come first."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a group of keys holds."""

    name: str
    """For people."""
    keys: tuple[Key, ...]

    def bindings(self) -> list[BindingType]:
        """As Textual takes them."""
        return [
            Binding(
                key.keys,
                key.action,
                key.label,
                show=bool(key.label),
                id=key.id,
                priority=key.first,
            )
            for key in self.keys
        ]


ANYWHERE = KeyPlace(
    "Everywhere",
    (
        Key("help", "f1", "app.help", "Help", "Show this help."),
        Key(
            "conversations",
            "f2,ctrl+o",
            "conversations",
            "Conversations",
            "List earlier conversations.",
        ),
        Key("posts", "f3,ctrl+l", "posts", "Posts", "Find and read posts."),
        Key("evidence", "f4,ctrl+g", "evidence", "Evidence", "Show the evidence, or close it."),
        Key("back", "escape", "back", "", "Take a running question back, close, or go back."),
        Key("new", "ctrl+n", "new", "New", "Begin a new conversation."),
        Key("edit", "ctrl+r", "edit", "", "Edit what was searched for, to ask it again."),
        Key("limit", "f7", "limit", "", "Ask some posts only: by author, blog, tag or date."),
        Key("unlimit", "f8", "unlimit", "", "Ask all posts again: remove the limit."),
        Key("copy.answer", "f5", "copy_answer", "", "Copy the answer."),
        Key("copy.quote", "f9", "copy_quote", "", "Copy the quote with its citation."),
        Key("export", "ctrl+s", "export", "", "Save the conversation as Markdown."),
        Key("theme", "ctrl+t", "app.light_or_dark", "", "Change between dark and light."),
        Key("pane.next", "tab", "pane(1)", "", "Go to the next pane.", first=True),
        Key("pane.previous", "shift+tab", "pane(-1)", "", "Go to the pane before.", first=True),
        Key("step.next.anywhere", "alt+right", "step(1)", "", "Next citation or passage."),
        Key("step.previous.anywhere", "alt+left", "step(-1)", "", "Citation or passage before."),
    ),
)
CITATIONS = KeyPlace(
    "Everywhere: a citation by its number (without Alt outside the question)",
    tuple(
        Key(f"citation.{n}", f"{n},alt+{n}", f"cite({n})", "", f"Open number {n}.")
        for n in range(1, 10)
    ),
)
QUESTION = KeyPlace(
    "In the question",
    (
        Key("ask", "enter", "ask", "", "Ask."),
        Key("newline", "ctrl+j,alt+enter,shift+enter", "newline", "", "Begin a new line."),
    ),
)
PANES = KeyPlace(
    "In the conversation and the evidence, where a letter without Alt begins a question",
    (
        Key("back.pane", "escape", "screen.back", "Back", "Go back to the question."),
        Key("copy.quote.pane", "alt+q", "screen.copy_quote", "Quote", "Copy quote and citation."),
        Key("copy.bibtex", "alt+b", "screen.copy_bibtex", "BibTeX", "Copy the citation as BibTeX."),
        Key(
            "within.post", "alt+w", "screen.within_post", "This post", "Ask within this post only."
        ),
        Key(
            "within.author",
            "alt+a",
            "screen.within_author",
            "Author",
            "Ask within its author only.",
        ),
        Key("step.next", "right,alt+n", "screen.step(1)", "", "Next citation or passage."),
        Key("copy.answer.pane", "alt+c", "screen.copy_answer", "Answer", "Copy the answer."),
        Key("question", "alt+i", "screen.question", "", "Go to the question."),
        Key(
            "edit.pane", "alt+e", "screen.edit", "", "Edit what was searched for, to ask it again."
        ),
        Key("step.previous", "left,alt+p", "screen.step(-1)", "", "Citation or passage before."),
        Key("help.pane", "alt+h", "app.help", "", "Show this help."),
    ),
)
TALK = KeyPlace(
    "In the conversation",
    (
        Key("item.up", "up", "move(-1)", "", "Go up by one citation or suggestion."),
        Key("item.down", "down", "move(1)", "", "Go down by one citation or suggestion."),
        Key("item.open", "enter", "open", "", "Open it, or ask it."),
    ),
)
PAGE = KeyPlace(
    "In the evidence",
    (
        Key("page.up", "up", "scroll_up", "", "Scroll up."),
        Key("page.down", "down", "scroll_down", "", "Scroll down."),
        Key("page.screen.up", "pageup,ctrl+b", "page_up", "", "One screen up."),
        Key("page.screen.down", "pagedown,space", "page_down", "", "One screen down."),
        Key("page.top", "home", "scroll_home", "", "To the beginning of the post."),
        Key("page.end", "end", "scroll_end", "", "To the end of what is known of it."),
        Key("page.quote", "alt+m", "passage", "", "Back to the marked passage."),
    ),
)
POSTS = KeyPlace(
    "In the list of posts, while the cursor is in it",
    (
        Key("posts.read", "enter", "read", "Read", "Read the post."),
        Key("posts.within", "w", "within_post", "Ask this post", "Ask within this post only."),
        Key("posts.author", "a", "within_author", "Ask its author", "Ask within its author only."),
        Key("posts.find", "slash", "find", "Find", "Go to the words to find."),
    ),
)
KEPT = KeyPlace(
    "In the list of conversations, while the cursor is in it",
    (
        Key("kept.resume", "enter", "resume", "Go on", "Go on with the conversation."),
        Key("kept.rename", "r", "rename", "Rename", "Give it another name."),
        Key("kept.delete", "d,delete", "delete", "Delete", "Delete it."),
        Key("kept.undo", "u", "undo", "Undo", "Bring back the one deleted last."),
        Key("kept.export", "s", "export", "Save", "Save it as Markdown."),
        Key("kept.find", "slash", "find", "Find", "Go to the words to find."),
    ),
)
CLOSE = Key("close", "escape", "close", "Back", "Go back.")
QUIT = Key("quit", "ctrl+q", "quit", "Quit", "Leave. Conversations are kept.")
PALETTE = Key("palette", "ctrl+p", "command_palette", "Commands", "All commands, by name.")

PLACES = (
    QUESTION,
    ANYWHERE,
    CITATIONS,
    PANES,
    TALK,
    PAGE,
    POSTS,
    KEPT,
    KeyPlace("Always", (CLOSE, PALETTE, QUIT)),
)
"""In the order in which the help shows them."""


def all_keys(places: Iterable[KeyPlace] = PLACES) -> list[Key]:
    """Every key of every place."""
    return [key for place in places for key in place.keys]


def types(event: events.Key, bound: Container[str]) -> bool:
    """Whether a key types a character that nothing else is done with.

    Args:
        event: the key.
        bound: the keys that do something where the cursor is.
    """
    plain = event.is_printable and event.character not in (None, " ") and "+" not in event.key
    return plain and event.key not in bound


_SHOWN = {
    "slash": "/",
    "question_mark": "?",
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "delete": "Del",
}


def display(key: str) -> str:
    """One key as people write it: ``Ctrl+N``, ``F1``, ``→``."""
    *held, last = key.strip().split("+")
    short = len(last) == 1 and held
    name = _SHOWN.get(
        last, last.upper() if short or (last[:1] == "f" and last[1:].isdigit()) else last
    )
    if len(name) > 1 and name.isalpha() and name.islower():
        name = name.capitalize()
    return "+".join([*(part.capitalize() for part in held), name])


def displayed(keys: str) -> str:
    """A comma-separated list of keys as people write it."""
    return " or ".join(display(key) for key in keys.split(","))


def key_for(app: object, name: str) -> str:
    """The key that does something in an app, the first of them; its user may have changed it."""
    changed: dict[str, str] = getattr(app, "changed_keys", {})
    keys = next(key.keys for key in all_keys() if key.id == name)
    return changed.get(name, keys).split(",")[0]
