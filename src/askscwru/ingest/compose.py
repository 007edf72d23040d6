"""Parts of posts to the text of a source, with the offsets of every block.

For a source that is not plain text this is the text that offsets refer to. It is made from what the
file says and from nothing else: the title, a line on who wrote it and when, and the paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from askscwru.days import MONTHS
from askscwru.ingest.text.parts import PostParts
from askscwru.types import Block, BlockKind, Note, Span

_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u2060\ufeff\u00ad\ud800-\udfff]")
_PLACEHOLDER = re.compile("\ufdd0([0-9]{1,6})\ufdd1")
_BULLETED = frozenset({BlockKind.LIST})
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, list point or heading, before it has a place in the text."""

    text: str
    kind: BlockKind = BlockKind.BODY
    linked: float = field(default=0.0, compare=False)
    """The share of it that is links."""
    level: int = field(default=0, compare=False)
    """Of a heading, 1 to 6; 0 where it is not known."""
    held: bool = field(default=False, compare=False)
    """Whether what stands around it holds it, however short it is: the row of a table, the meaning
    of a term, the name under a quotation."""
    anchors: tuple[str, ...] = field(default=(), compare=False)
    """The names under which marks of notes lead to it."""
    marks: tuple[NoteMark, ...] = field(default=(), compare=False)
    """The marks that stand in it, in order."""
    number: str = field(default="", compare=False)
    """Of a list point, what it is counted by, with its sign: ``2.``, ``b)``; empty for a bullet."""
    depth: int = field(default=0, compare=False)
    """Of a list point, in how many other points it stands."""


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A mark of a note, which is no word of the text."""

    at: int
    """How many characters of the part stand before it."""
    target: str
    """The name under which the note stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a post beside its text."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    """ISO date."""
    url: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    complete: bool = True
    captured: str | None = None
    """ISO date at which the copy was saved."""
    key: str | None = None
    """What the file itself tells posts apart by (``guid``); copies of one file that differ in it
    are different posts."""


def one_line(text: str) -> str:
    """``text`` with single spaces and without invisible marks."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def note_placeholder(number: int) -> str:
    """What stands for the mark of a note until its line is finished; no text has such characters.

    Args:
        number: of the mark among the targets that ``marked_line`` is given.
    """
    return f"\ufdd0{number}\ufdd1"


def with_placeholders(part: Part, targets: list[str]) -> str:
    """The text of a part with a placeholder for each of its marks.

    Args:
        part: a piece of a line that is not finished, such as the cell of a table.
        targets: those of the line; the part's are added.
    """
    text = part.text
    for number, mark in reversed([*enumerate(part.marks, start=len(targets))]):
        text = f"{text[: mark.at]}{note_placeholder(number)}{text[mark.at :]}"
    targets += [mark.target for mark in part.marks]
    return text


def without_placeholders(text: str) -> str:
    """Text in which no mark is remembered."""
    return _PLACEHOLDER.sub("", text)


def marked_line(written: str, targets: Sequence[str]) -> Part:
    """A line as it is read, with the places of the marks that stood in it.

    Args:
        written: with placeholders.
        targets: the name under which the note of each mark stands.
    """
    if "\ufdd0" not in written:
        return Part(one_line(written))
    pieces = _PLACEHOLDER.split(written)
    text, marks = pieces[0], []
    for number, following in zip(map(int, pieces[1::2]), pieces[2::2], strict=True):
        if number < len(targets):
            marks.append(NoteMark(len(one_line(text)), targets[number]))
        text += following
    return Part(one_line(text), marks=tuple(marks))


def joined_parts(part: Part, between: str, more: Part) -> Part:
    """The first part, gone on with by the second."""
    begins = len(part.text) + len(between)
    return replace(
        part,
        text=f"{part.text}{between}{more.text}",
        anchors=(*part.anchors, *more.anchors),
        marks=(*part.marks, *(replace(mark, at=begins + mark.at) for mark in more.marks)),
    )


def said_day(iso: str) -> str:
    """``2014-05-03`` as ``3 May 2014``."""
    day = date.fromisoformat(iso)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@dataclass(slots=True)
class Composer:
    """The text of one source as it grows, post by post."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    posts: list[PostParts] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that was added."""
        return "".join(self.pieces)

    def add(
        self, facts: Facts, parts: Sequence[Part], page_starts: Sequence[int] = ()
    ) -> PostParts:
        """Append one post and return it with its offsets.

        Args:
            facts: its title, authors and date become the first two lines.
            parts: not empty, each with text in it.
            page_starts: for each page of a document, the number of the part that opens it.
        """
        if self.length:
            self._write("\n\n\n")
        title = None
        blocks: list[Block] = []
        if facts.title:
            title = self._line(facts.title)
            blocks.append(Block(title.start, title.end, BlockKind.TITLE))
        if byline := _byline(facts):
            span = self._line(byline)
            blocks.append(Block(span.start, span.end, BlockKind.BYLINE))
        body = self._body(parts)
        notes = _linked_notes(parts, body)
        post = PostParts(
            title=title,
            authors=facts.authors,
            word_count=None,
            published=facts.published,
            complete=facts.complete,
            blocks=(*blocks, *body),
            url=facts.url,
            categories=facts.categories,
            tags=facts.tags,
            captured=facts.captured,
            key=facts.key,
            pages=tuple(body[at].start if at < len(body) else self.length for at in page_starts),
            notes=notes,
        )
        self.posts.append(post)
        return post

    def _body(self, parts: Sequence[Part]) -> list[Block]:
        blocks: list[Block] = []
        last: BlockKind | None = None
        for part in parts:
            if last is not None:
                tight = part.kind in _BULLETED and last in _BULLETED
                self._write("\n" if tight else "\n\n")
            if part.kind in _BULLETED:
                self._write(f"{'  ' * min(part.depth, _DEEPEST)}{part.number or '-'} ")
            start = self.length
            self._write(part.text)
            blocks.append(Block(start, self.length, part.kind))
            last = part.kind
        return blocks

    def _line(self, text: str) -> Span:
        start = self.length
        self._write(text)
        span = Span(start, self.length)
        self._write("\n\n")
        return span

    def _write(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)


def _linked_notes(parts: Sequence[Part], blocks: Sequence[Block]) -> tuple[Note, ...]:
    """The notes to which marks lead; what a mark leads back to, such as the text, is none."""
    places: dict[str, int] = {}
    for number, part in enumerate(parts):
        for name in part.anchors:
            places.setdefault(name, number)
    notes: list[Note] = []
    for number, (part, block) in enumerate(zip(parts, blocks, strict=True)):
        for mark in part.marks:
            found = places.get(mark.target, -1)
            if found > number and parts[found].kind is not BlockKind.HEADING:
                note = blocks[found]
                notes.append(Note(block.start + mark.at, note.start, note.end))
    return tuple(notes)


def _byline(facts: Facts) -> str:
    day = "" if facts.published is None else said_day(facts.published)
    if not facts.authors:
        return f"Published {day}" if day else ""
    *first, last = facts.authors
    names = f"{', '.join(first)} and {last}" if first else last
    return f"By {names}, {day}" if day else f"By {names}"
