"""``askscwru conversations``: what is kept is listed, shown, found, named and taken away.

The whole of the command but its printing of errors: ``cli`` gives the arguments, this does the work
on a ``Store``.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from askscwru.conversation.keeping import ConversationStore
from askscwru.errors import UsageError
from askscwru.show.references import referenced
from askscwru.show.screen import local_time, safe
from askscwru.types import Conversation, Turn

LAST = "last"
"""In the place of an id: the conversation with the newest turn."""
SHORT = 8
"""Characters of an id that are shown where it is only to be typed again."""

Outcome = tuple[RenderableType, Any]
"""What an action came to: for people, and as JSON."""


def perform(options: Namespace, store: ConversationStore) -> Outcome:
    """Does what was asked for.

    Raises:
        UsageError: there is no such conversation, or several; the title is not one.
        StorageError: the file cannot be read or written.
    """
    return _ACTIONS[options.action](options, store)


def chosen(store: ConversationStore, typed: str) -> str:
    """The id of the conversation that was meant: an id, the beginning of one, or ``last``.

    Raises:
        NotFoundError: there is none.
        UsageError: several begin so.
    """
    return store.last() if typed == LAST else store.find(typed)


def _list(options: Namespace, store: ConversationStore) -> Outcome:
    found = store.conversations(most=_most(options), deleted=options.deleted)
    none = "No conversation was deleted." if options.deleted else "No conversation is kept yet."
    return _table(found) if found else Text(none), _headings(found)


def _search(options: Namespace, store: ConversationStore) -> Outcome:
    words = " ".join(options.words).strip()
    if not words:
        raise UsageError("There is no word to look for.", param="words")
    found = store.conversations(containing=words, most=_most(options))
    none = Text(f"No conversation holds “{safe(words)}”.")
    return _table(found) if found else none, _headings(found)


def _record(conversation: Conversation) -> dict[str, Any]:
    kept = conversation.to_dict()
    return {**kept, "turns": [referenced(turn) for turn in kept["turns"]]}


def _most(options: Namespace) -> int:
    most: int = options.limit
    if most < 1:
        raise UsageError(f"--limit is {most}; it must be at least 1.", param="limit")
    return most


def _show(options: Namespace, store: ConversationStore) -> Outcome:
    conversation = store.conversation(chosen(store, options.id))
    head = Text(safe(conversation.title), style="bold")
    turns = [_turn_view(turn) for turn in conversation.turns]
    return Group(head, Text(f"{conversation.id}\n", style="dim"), *turns), _record(conversation)


def _rename(options: Namespace, store: ConversationStore) -> Outcome:
    known = chosen(store, options.id)
    store.rename(known, " ".join(options.title))
    return _done(store, known, "Renamed")


def _delete(options: Namespace, store: ConversationStore) -> Outcome:
    known = chosen(store, options.id)
    view, content = _done(store, known, "Deleted")
    store.delete(known)
    back = Text(f"Bring it back with: askscwru conversations restore {known[:SHORT]}", style="dim")
    return Group(view, back), content


def _restore(options: Namespace, store: ConversationStore) -> Outcome:
    known = store.find(options.id, deleted=True)
    store.undelete(known)
    return _done(store, known, "Brought back")


_ACTIONS: Mapping[str, Callable[[Namespace, ConversationStore], Outcome]] = {
    "list": _list,
    "show": _show,
    "search": _search,
    "rename": _rename,
    "delete": _delete,
    "restore": _restore,
}


def _done(store: ConversationStore, known: str, what: str) -> Outcome:
    heading = store.conversation(known)
    return Text(f"{what}: “{safe(heading.title)}”."), _headings([heading])[0]


def _headings(found: Sequence[Conversation]) -> list[dict[str, Any]]:
    return [{k: v for k, v in one.to_dict().items() if k != "turns"} for one in found]


def _table(found: Sequence[Conversation]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Id", "Last turn", "Turns", "Title"):
        table.add_column(
            name,
            justify="right" if name == "Turns" else "left",
            no_wrap=name != "Title",
            overflow="fold",
        )
    for one in found:
        table.add_row(
            Text(safe(one.id[:SHORT])),
            Text(local_time(one.updated_at)),
            Text(str(one.count)),
            Text(safe(one.title)),
        )
    return table


def _turn_view(turn: Turn) -> RenderableType:
    lines = [Text.assemble((f"{turn.number}. {safe(turn.question)}", "bold"))]
    if turn.searched_for != turn.question:
        lines.append(Text(f"searched for: {safe(turn.searched_for)}", style="dim"))
    if turn.limits:
        lines.append(Text(f"asked of {safe(turn.limits.text)}", style="dim"))
    lines.append(Text(safe(turn.text)))
    for citation in turn.citations:
        told = (citation.title or "(untitled post)", ", ".join(citation.authors), citation.source)
        named = ", ".join(part for part in told if part)
        lines.append(Text(f"[{citation.index}] {safe(named)}", style="dim"))
    return Group(lines[0], *(Padding(line, (0, 0, 0, 3)) for line in lines[1:]), Text(""))
