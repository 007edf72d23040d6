"""A saved page to the posts that stand on it.

A page is read as lines, each with the role that it plays by its own looks (``lines``). What belongs
to no post (comments, sidebars) is set aside; a post starts at a title, which ``starts`` finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from askscwru.ingest.text.front_matter import FrontMatter, front_matter_of
from askscwru.ingest.text.furniture import LineRole, line_rule
from askscwru.ingest.text.lines import Line, lines_of, lower_words
from askscwru.ingest.text.parts import PostParts, read_parts
from askscwru.ingest.text.starts import find_starts, has_header, is_footer_meta
from askscwru.letters import fold_words
from askscwru.names import split_names
from askscwru.types import Block, BlockKind

_PAGE_AUTHOR = re.compile(
    r"(?:(?:all )?(?:posts|articles|blogs|entries) (?:written )?by|author(?: "
    r"archives?)?\s*:?)\s+(?P<names>.+)$",
    re.IGNORECASE,
)
_LONG_TEXT = 40
_SHORTEST_BODY = 4


@dataclass(frozen=True, slots=True)
class Page:
    """The posts of one page, in order."""

    posts: tuple[PostParts, ...]
    skipped: tuple[str, ...] = ()
    """Why what stands on it is no post."""


def read_page(text: str, *, single: bool = False, name: str = "") -> Page:
    """The posts that stand in ``text``, with offsets into it.

    Args:
        text: the whole page as it was saved.
        single: whether the page is known to hold one post, so that nothing in it starts another.
            A page with front matter, or with a form to comment, is taken to hold one as well.
        name: the source's name, which may hold the date (``_posts/2014-05-03-the-bus.md``).
    """
    front = front_matter_of(text, name)
    if front.draft:
        return Page((), ("1 draft",))
    lines = lines_of(text, front.end)
    known = single
    single = (
        single
        or front.end > 0
        or any(line_rule("comment form").match(line.plain) for line in lines)
    )
    live = _without_sections(lines, single=single)
    common = lower_words(text)
    page_author = _page_author(lines, common)
    starts = find_starts(lines, live, single=single)
    if front.title_at is not None:
        told = fold_words(front.title_at.of(text))
        starts = [at for at in starts if lines[at].folded == told]
    posts = [
        read_parts(text, [lines[at] for at in region], titled, common, page_author, front)
        for region, titled in _regions(lines, live, starts, single=single)
    ]
    found = _with_front(tuple(post for post in posts if post is not None), front, lines)
    if known and not found:
        found = _whole(lines)
    return Page(found)


def _with_front(
    posts: tuple[PostParts, ...], front: FrontMatter, lines: list[Line]
) -> tuple[PostParts, ...]:
    """The posts with what the front matter, or the file's name, tells of them."""
    if front.end > 0:
        return tuple(replace(post, **front.told) for post in posts[:1] or _whole(lines, front))
    if front.published is None:
        return posts
    return tuple(
        post if post.published else replace(post, published=front.published) for post in posts
    )


def has_comment_form(text: str) -> bool:
    """Whether a page has a form to comment, or counts the comments on its post."""
    return any(line_rule("comment form").match(line.plain) for line in lines_of(text))


def _whole(lines: list[Line], front: FrontMatter | None = None) -> tuple[PostParts, ...]:
    """The post of a page that is known to hold one, though nothing on it reads as running text.

    A page without a full stop, or of one short line, would otherwise be lost.
    """
    blocks = tuple(
        Block(line.start, line.end, BlockKind.BODY)
        for line in lines
        if line.role is None and line.words >= _SHORTEST_BODY
    )
    if not blocks:
        return ()
    return (
        PostParts(
            title=None if front is None else front.title_at,
            authors=() if front is None else front.authors,
            word_count=None,
            published=None if front is None else front.published,
            complete=True,
            blocks=blocks,
        ),
    )


# -- what belongs to no post -----------------------------------------------------------------------


def _without_sections(lines: list[Line], *, single: bool) -> list[bool]:
    """For each line, whether it lies outside comments, sidebars and other parts without posts."""
    live: list[bool] = []
    closed: LineRole | None = None
    begun = bio = False
    for at, line in enumerate(lines):
        if line.role is LineRole.SECTION or (line.role is LineRole.COMMENTS and begun):
            closed = _closes(lines, at) or closed
        elif (
            closed and not (single and closed is LineRole.COMMENTS) and _reopens(lines, at, closed)
        ):
            closed = None
        # What an archive tells of its author above the first post is no post.
        bio = (bio or (line.bio_head and not begun)) and not line.title_like
        begun = begun or (line.prose and not bio)
        live.append(closed is None and not bio)
    return live


def _closes(lines: list[Line], at: int) -> LineRole | None:
    """The role of the part that opens here; None where it is only a link at a post."""
    role = lines[at].role
    if role is LineRole.COMMENTS and line_rule("counted comments").match(lines[at].plain):
        following = lines[at + 1 : at + 3]
        if any(line.comment_head for line in following):
            return role
        after = following[0] if following else None
        # Above the text it counts the comments, and below an opening it links to them.
        if after is None or after.by or after.prose or after.title_like or after.role is not None:
            return None
    return role


def _reopens(lines: list[Line], at: int, closed: LineRole) -> bool:
    """Whether a post starts or goes on at this line although comments or a sidebar came before."""
    line = lines[at]
    if line.paragraph.level:
        return True
    if line.title_like:
        if has_header(lines, at):
            return True
        after = lines[at + 1 : at + 2]
        return closed is LineRole.SECTION and bool(after) and _long(after[0])
    return closed is LineRole.SECTION and _long(line)


def _long(line: Line) -> bool:
    return line.prose and line.words >= _LONG_TEXT


# -- one region a post -----------------------------------------------------------------------------


def _regions(
    lines: list[Line], live: list[bool], starts: list[int], *, single: bool
) -> list[tuple[list[int], bool]]:
    """The line numbers of each post, and whether its title is the first that looks like one."""
    first = starts[0] if starts else len(lines)
    before = [at for at in range(first) if live[at]]
    texts = sum(lines[at].prose for at in before)
    if single and texts >= 2:
        # The title stands too far down to be one: nothing of the text is given up for it.
        return [([at for at in range(len(lines)) if live[at]], False)]
    regions: list[tuple[list[int], bool]] = []
    if texts >= (2 if starts else 1):
        regions.append((before, False))
    bounds = [*starts, len(lines)]
    for start, end in pairwise(bounds):
        lead = _leading_meta(lines, start)
        trailing = _leading_meta(lines, end) if end < len(lines) else []
        region = [at for at in range(start, end) if live[at] and at not in trailing]
        regions.append(([*lead, *region], True))
    return regions


def _leading_meta(lines: list[Line], start: int) -> list[int]:
    """The date line that stands right above a title, where none stands below it."""
    if start <= 0:
        return []
    above = lines[start - 1]
    if above.role is not LineRole.META or is_footer_meta(above) or has_header(lines, start):
        return []
    return [start - 1]


def _page_author(lines: list[Line], common: frozenset[str]) -> tuple[str, ...]:
    for line in lines[:12]:
        match = _PAGE_AUTHOR.match(line.plain)
        told = match["names"].strip(" ‘’'\"“”:") if match else ""
        if names := split_names(told, common, sure=True):
            return names
    return ()
