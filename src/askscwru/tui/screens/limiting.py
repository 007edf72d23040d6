"""Limits questions by what is typed: asks for it, tries it on the posts, and says what is amiss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from askscwru.commands.limits import read_filters
from askscwru.errors import AskscwruError, FilterError
from askscwru.show.screen import safe
from askscwru.tui.desk import Desk
from askscwru.tui.model import limits_to
from askscwru.tui.screens.prompt import PromptScreen
from askscwru.types import Limits, Query

ASKED = "Ask only posts with (author:, blog:, category:, tag:, after:, before:), like"


def read_limits(typed: str) -> Limits:
    """``author: Alex Fox; after: 2014`` as limits.

    Raises:
        FilterError: it names something else, a thing twice, or nothing.
    """
    return limits_to(read_filters(typed))


class Limiting:
    """The few steps of limiting, each waiting for the one before."""

    def __init__(
        self,
        desk: Desk,
        push: Callable[[PromptScreen, Callable[[str | None], Any]], Any],
        limit_to: Callable[[Limits], None],
        example: str,
    ) -> None:
        """Prepares to limit.

        Args:
            desk: tries a limit on the posts.
            push: shows a prompt.
            limit_to: takes limits that some post keeps.
            example: limits that some post keeps, to be shown.
        """
        self._example = example
        self._desk = desk
        self._push = push
        self._limit_to = limit_to

    def ask(self, value: str = "", reason: str = "") -> None:
        """Asks for a limit, again where it was not one."""

        def answered(typed: str | None) -> None:
            if typed is not None:
                self._try(typed)

        asked = f"{ASKED} {safe(self._example)}"
        self._push(PromptScreen(asked, value, reason), answered)

    def _try(self, typed: str) -> None:
        def tried(assistant: Any) -> Limits:
            limits = read_limits(typed)
            if not assistant.search(Query("posts", top_k=1, filters=limits.filters)):
                raise FilterError("No post is like that.", remedy="Take something away.")
            return limits

        def failed(error: AskscwruError) -> None:
            self.ask(typed, safe(str(error)))  # nothing that was typed is lost

        self._desk.read(tried, self._limit_to, failed)
