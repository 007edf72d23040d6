"""The posts: find one by any words, misspelt or not in its head; read it, or ask it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.binding import BindingType
from textual.content import Content

from askscwru.errors import AskscwruError
from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.tui.desk import Desk
from askscwru.tui.keys import POSTS
from askscwru.tui.screens.finder import Finder
from askscwru.types import Post

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.show.search_posts import FoundPost


@dataclass(frozen=True, slots=True)
class PostChoice:
    """What is to be done with which post."""

    post: Post
    what: Literal["read", "post", "author"]


class PostsScreen(Finder[PostChoice | None]):
    """All posts."""

    BINDINGS: ClassVar[list[BindingType]] = POSTS.bindings()
    HEAD = "Posts"
    HINT = "Find by any words of title, author, blog or text"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._posts: Sequence[Post] | None = None

    def refill(self) -> None:
        """Fetches the posts once; finds by their heads at once, and then in their texts."""
        if self._posts is None:
            self.say("The posts can be listed as soon as the index is open …")
            self._desk.read(lambda assistant: assistant.posts(), self._known, self._failed)
            return
        from askscwru.show.find import find_posts  # rapidfuzz is not for the first frame

        found, words = find_posts(self._posts, self.words), self.words
        if not words.strip():
            self._show([(post.id, render.post_lines(post)) for post in found])
            return
        if found:
            self._show([(post.id, render.post_lines(post)) for post in found])
        else:
            self.fill([], "Searching the texts …")
        self._desk.read(
            lambda assistant: _search(assistant, words),
            lambda all_found: self._searched(words, all_found),
            self._failed,
        )

    def _searched(self, words: str, found: Sequence[FoundPost]) -> None:
        if self.is_mounted and words == self.words:  # else others are searched for by now
            self._show([(one.post.id, render.post_lines(one.post, one.snippet)) for one in found])

    def _show(self, lines: list[tuple[str, Content]]) -> None:
        said = f"{len(lines):,} of {len(self._posts or ()):,} posts"
        self.fill(
            lines, said if lines else "No post is like that. Fewer or other words may find it."
        )

    def _known(self, posts: Sequence[Post]) -> None:
        if self.is_mounted:
            self._posts = posts
            self.refill()

    def _failed(self, error: AskscwruError) -> None:
        if self.is_mounted:
            self.say(safe(str(error)), bad=True)

    def _post(self) -> Post | None:
        chosen = self.chosen()
        return next((post for post in self._posts or () if post.id == chosen), None)

    def _choose(self, what: Literal["read", "post", "author"]) -> None:
        post = self._post()
        if post is not None:
            self.dismiss(PostChoice(post, what))

    def main_action(self) -> None:
        """Reads the post."""
        self._choose("read")

    def action_read(self) -> None:
        """Reads the post."""
        self._choose("read")

    def action_within_post(self) -> None:
        """Limits questions to it."""
        self._choose("post")

    def action_within_author(self) -> None:
        """Limits questions to its author."""
        post = self._post()
        if post is not None and not post.authors:
            self.say("This post names no author.", bad=True)
        else:
            self._choose("author")


def _search(assistant: Assistant, words: str) -> list[FoundPost]:
    from askscwru.show.search_posts import MOST, search_posts  # neither is this

    return search_posts(assistant.posts(), words, assistant.with_words(words, MOST))
