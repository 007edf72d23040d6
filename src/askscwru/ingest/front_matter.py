"""The block of ``key: value`` lines that many Markdown files open with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from askscwru.ingest.bylines import split_names
from askscwru.ingest.dates import find_date
from askscwru.types import Span

_BLOCK = re.compile(
    r"\ufeff?-{3}[ \t]*\r?\n(?P<body>(?:[^\r\n]*\r?\n){1,60}?)-{3}[ \t]*(?:\r?\n|$)"
)
_PAIR = re.compile(r"^(?P<key>[A-Za-z_]+)[ \t]*:[ \t]*(?P<value>[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_QUOTES = "\"'"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the block tells of the post below it."""

    end: int = 0
    """Where the page itself starts."""
    title: Span | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None


def front_matter_of(text: str) -> FrontMatter:
    """What stands between ``---`` lines at the very start; nothing where there is no such block."""
    block = _BLOCK.match(text)
    if block is None:
        return FrontMatter()
    pairs = {pair["key"].lower(): pair for pair in _PAIR.finditer(text, *block.span("body"))}
    if not pairs:
        return FrontMatter()
    title = pairs.get("title")
    author = pairs.get("author") or pairs.get("authors")
    day = pairs.get("date") or pairs.get("published")
    return FrontMatter(
        end=block.end(),
        title=None if title is None else _unquoted(text, *title.span("value")),
        authors=() if author is None else _names(author["value"]),
        published=None if day is None else find_date(day["value"]),
    )


def _names(value: str) -> tuple[str, ...]:
    return split_names(re.sub(r"[\[\]\"]", "", value).strip(" '"), sure=True)


def _unquoted(text: str, start: int, end: int) -> Span | None:
    if end - start >= 2 and text[start] in _QUOTES and text[start] == text[end - 1]:
        start, end = start + 1, end - 1
    return Span(start, end) if text[start:end].strip() else None
