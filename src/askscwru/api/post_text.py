"""A post with its text, and the stretch of it that a citation names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from askscwru.assistant import Assistant
from askscwru.errors import NotFoundError
from askscwru.types import Block, Citation, Place, Post

ANCHOR = "quote"
"""The id of the mark on the page of a post."""


@dataclass(frozen=True, slots=True)
class PostText:
    """A post, read from the source that has most of it."""

    post: Post
    blocks: tuple[tuple[Block, str], ...]
    """Each block with its text, in order."""
    marked: Place | None
    """What is to be marked."""
    around: tuple[int, str] | None
    """Where the mark is in another source than the blocks: the post (or its title or byline) as it
    stands there, with the offset of its first character."""
    words: str
    """The marked words; empty without a mark."""

    def to_dict(self) -> dict[str, Any]:
        """The post as the JSON object of ``GET /posts/{post_id}``."""
        mark = self.marked
        return {
            **self.post.to_dict(),
            "blocks": [
                {"kind": str(block.kind), "start": block.start, "end": block.end, "text": text}
                for block, text in self.blocks
            ],
            "marked": None
            if mark is None
            else {"source": mark.source, "start": mark.start, "end": mark.end, "text": self.words},
        }

    @property
    def plain(self) -> str:
        """The text alone, an empty line between two blocks."""
        return "\n\n".join(text for _, text in self.blocks)


def read_post(
    assistant: Assistant,
    post_id: str,
    start: int | None = None,
    end: int | None = None,
    source: str | None = None,
) -> PostText:
    """A post with its text.

    Args:
        assistant: knows the posts.
        post_id: of the post.
        start: of the stretch to mark, in code points; None for no mark.
        end: of it, exclusive.
        source: the source that these are offsets of; None for the post's own.

    Raises:
        NotFoundError: there is no such post, or no such stretch of it.
        IndexStale: a source has changed since it was indexed.
    """
    post = assistant.post(post_id)
    text = assistant.source_text(post.source)
    blocks = tuple((block, text[block.start : block.end]) for block in post.blocks)
    if start is None and end is None:
        return PostText(post, blocks, None, None, "")
    if start is None or end is None:
        raise NotFoundError("A stretch needs both its start and its end.", param="start")
    marked = Place(source or post.source, start, end)
    outer = _enclosing(post, marked)
    if marked.source == post.source and any(b.start < end and b.end > start for b in post.blocks):
        return PostText(post, blocks, marked, None, text[start:end])
    there = assistant.source_text(marked.source)
    around = outer.start, there[outer.start : outer.end]
    return PostText(post, blocks, marked, around, there[start:end])


def citation_path(citation: Citation) -> str:
    """The address, without the host, of the page that shows a citation on its words."""
    cited, post = citation.quote, citation.post
    query: dict[str, Any] = {"start": cited.start, "end": cited.end}
    if cited.passage.source != post.source:
        query["source"] = cited.passage.source
    return f"/posts/{quote(post.id, safe='')}?{urlencode(query)}#{ANCHOR}"


def _enclosing(post: Post, wanted: Place) -> Place:
    """The stretch of the post that holds the wanted one; ``NotFoundError`` where none does."""
    title = (post.title_at,) if post.title_at is not None else ()
    places: tuple[Place, ...] = (
        Place(post.source, post.start, post.end),
        *(Place(other.source, other.start, other.end) for other in post.also_in),
        *title,
        *post.bylines,
    )
    for place in places:
        inside = place.start <= wanted.start < wanted.end <= place.end
        if place.source == wanted.source and inside:
            return place
    raise NotFoundError(
        f"{wanted.start}–{wanted.end} is not a stretch of this post in {wanted.source!r}.",
        remedy="Take start, end and source from a citation.",
        param="start",
    )
