"""The posts: find one by title, author or blog, misspelt or not; read it, or ask it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.binding import BindingType

from askscwru.errors import AskscwruError
from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.tui.desk import Desk
from askscwru.tui.keys import POSTS
from askscwru.tui.screens.finder import Finder
from askscwru.types import Post


@dataclass(frozen=True, slots=True)
class PostChoice:
    """What is to be done with which post."""

    post: Post
    what: Literal["read", "post", "author"]


class PostsScreen(Finder[PostChoice | None]):
    """All posts."""

    BINDINGS: ClassVar[list[BindingType]] = POSTS.bindings()
    HEAD = "Posts"
    HINT = "Find by title, author or blog"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._posts: Sequence[Post] | None = None

    def refill(self) -> None:
        """Fetches the posts once, then finds among them."""
        if self._posts is None:
            self.say("The posts can be listed as soon as the index is open …")
            self._desk.read(lambda assistant: assistant.posts(), self._known, self._failed)
            return
        from askscwru.show.find import find_posts  # rapidfuzz is not for the first frame

        found = find_posts(self._posts, self.words)
        said = f"{len(found):,} of {len(self._posts):,} posts"
        if not found:
            said = "No post is like that. Fewer or other words may find it."
        self.fill([(post.id, render.post_lines(post)) for post in found], said)

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
