"""Posts as pages: one to read, and a list to browse or search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from askscwru.show.post_text import Paragraph
from askscwru.show.references import STYLE_NAMES, STYLES, quoted
from askscwru.show.screen import opening_remark
from askscwru.show.search_posts import FoundPost, word_spans
from askscwru.types import BlockKind, CitationRecord, Place, Post, Span
from askscwru.web.evidence import MarkedPart, marked, original_address
from askscwru.web.marks import Piece, cut
from askscwru.web.render import Links
from askscwru.web.turns import UNTITLED, ListedPost, by_line, listed

Text = Sequence[Paragraph]


@dataclass(frozen=True, slots=True)
class Result:
    """A post in the list."""

    title: Sequence[Piece]
    by: str
    href: str
    snippet: Sequence[Piece]
    """The sentence that has the words; empty where none was searched for."""


def result(found: FoundPost, words: str, links: Links) -> Result:
    """A post that was found, its words marked."""
    post, snippet = found.post, found.snippet
    title = post.title or UNTITLED
    remark = "" if post.complete else " · only the opening is known"
    where: dict[str, Any] = {}
    pieces: Sequence[Piece] = ()
    if snippet is not None:
        source = None if snippet.source == post.source else snippet.source
        where = {"start": snippet.start, "end": snippet.end, "source": source, "at": "quote"}
        pieces = cut(snippet.text, [(span, "hit") for span in snippet.words])
    return Result(
        title=cut(title, [(span, "hit") for span in word_spans(title, words)] if words else []),
        by=by_line(post.to_dict()) + remark,
        href=links.to("posts", post.id, **where),
        snippet=pieces,
    )


def post_shown(
    post: Post, blocks: Text, mark: Place | None, around: tuple[int, str] | None, links: Links
) -> dict[str, Any]:
    """What ``post.html`` shows.

    Args:
        post: the post.
        blocks: its paragraphs, as its own source has them.
        mark: what is quoted of it; None for the post by itself.
        around: where that stands in another source, or in none of the paragraphs: the offset and
            the text of what stands around it there.
        links: make the addresses.
    """
    at = None if mark is None else Span(mark.start, mark.end)
    inside = at if around is None else None
    elsewhere = _elsewhere(at, around)
    return {
        "post_id": post.id,
        "title": post.title or UNTITLED,
        "by": by_line(post.to_dict()),
        "labels": " · ".join((*post.categories, *post.tags)),
        "original": original_address(post.url),
        "remark": "" if post.complete else opening_remark(post),
        "shown": strong(marked([b for b in blocks if not _repeats(b, inside)], inside, None)),
        "elsewhere": elsewhere,
        "elsewhere_source": "" if mark is None else mark.source,
        "quoted": "" if mark is None else f"{mark.source}, characters {mark.start:,}–{mark.end:,}",
        "sources": ", ".join(post.sources),
    }


def strong(shown: Sequence[MarkedPart]) -> list[MarkedPart]:
    """The same with what is quoted in the stronger of the two marks, as nothing else is."""
    return [
        MarkedPart(
            part.kind,
            [Piece(p.text, "words" if p.look == "quote" else p.look) for p in part.pieces],
            part.first,
            part.number,
        )
        for part in shown
    ]


def references(post: Post, mark: Place | None, words: str) -> list[tuple[str, str, str]]:
    """Style, its name, and the marked words with their reference; none without marked words."""
    if mark is None:
        return []
    cited = CitationRecord(
        index=1,
        quote=words,
        start=mark.start,
        end=mark.end,
        post_id=post.id,
        title=post.title,
        authors=post.authors,
        blog=post.blog,
        source=mark.source,
        url=post.url,
        published=post.published,
    )
    today = datetime.now().astimezone().date()
    return [(style, STYLE_NAMES[style], quoted(cited, style, today)) for style in STYLES]


def others(posts: Sequence[Post], links: Links) -> list[ListedPost]:
    """Posts in a list."""
    return [listed(post.to_dict(), links) for post in posts]


def _elsewhere(at: Span | None, around: tuple[int, str] | None) -> list[Piece]:
    if at is None or around is None:
        return []
    start, text = around
    return cut(text, [(Span(at.start - start, at.end - start), "words")])


def _repeats(block: Paragraph, mark: Span | None) -> bool:
    """Whether a paragraph is the title, which is the heading already, and nothing of it marked."""
    held = mark is not None and mark.start < block.end and mark.end > block.start
    return block.kind is BlockKind.TITLE and not held
