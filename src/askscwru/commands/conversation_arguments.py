"""The arguments of ``askscwru conversations``, apart from what does the work.

Every command makes the whole parser first, and need not load for it what only this one prints with.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping


def add_actions(command: ArgumentParser, make: Callable[[str, str], ArgumentParser]) -> None:
    """Adds the arguments of the command and of its actions.

    Args:
        command: the parser of ``conversations`` itself, which lists.
        make: makes the parser of an action from its name and what it does.
    """
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--limit", metavar="N", type=int, default=50, help="at most N (50)")
    command.add_argument("--deleted", action="store_true", help="those that were deleted")
    command.set_defaults(action="list")
    for name, (summary, *arguments) in _ARGUMENTS.items():
        action = make(name, summary)
        for argument in arguments:
            action.add_argument(argument, metavar=argument.upper(), nargs=_NARGS.get(argument))
        action.add_argument("--json", action="store_true", help="print JSON")
        action.set_defaults(action=name)


_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "show": ("print a conversation with its answers", "id"),
    "search": ("list the conversations that hold all these words", "words"),
    "rename": ("give a conversation a title", "id", "title"),
    "delete": ("take a conversation away; `restore` brings it back", "id"),
    "restore": ("bring a deleted conversation back", "id"),
}
_NARGS = {"words": "+", "title": "+"}
