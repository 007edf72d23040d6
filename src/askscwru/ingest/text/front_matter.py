"""The block of facts that many Markdown files open with (Jekyll, Hugo, Eleventy, Obsidian).

YAML between ``---`` or TOML between ``+++``, as blogs write it: one key a line, values on the line
or as a list below it. No YAML parser is used, because the title must be found where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from askscwru.ingest.dates import find_date
from askscwru.names import split_names
from askscwru.types import Span

_BLOCK = re.compile(
    r"\ufeff?(?P<mark>-{3}|\+{3})[ \t]*\r?\n(?P<body>(?:[^\r\n]*\r?\n){1,200}?)"
    r"(?P=mark)[ \t]*(?:\r?\n|$)"
)
_PAIR = re.compile(
    r"^(?P<key>[A-Za-z_][\w-]*)[ \t]*[:=][ \t]*(?P<value>[^\r\n]*?)[ \t]*\r?$", re.MULTILINE
)
_POINT = re.compile(r"[ \t]*-[ \t]+(?P<value>[^\r\n]+?)[ \t]*\r?\n")
_NAMED = re.compile(r"^(?:name|display_name)\s*:\s*(?P<name>.+)$")
_NESTED = re.compile(r"[ \t]+(?:name|display_name)[ \t]*:[ \t]*(?P<value>[^\r\n]+?)[ \t]*\r?\n")
_IN_NAME = re.compile(r"(?:^|/)(?P<day>(?:19|20)\d\d-\d\d-\d\d)-")
_QUOTES = "\"'"
_MOST_TERMS = 100


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the block tells of the post below it."""

    end: int = 0
    """Where the page itself starts."""
    title: Span | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    url: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    draft: bool = False
    """Whether it says that the post is not published."""

    @property
    def told(self) -> dict[str, Any]:
        """What of it a post takes over as it stands."""
        facts = {"url": self.url, "categories": self.categories, "tags": self.tags}
        return facts if self.published is None else {**facts, "published": self.published}


def front_matter_of(text: str, name: str = "") -> FrontMatter:
    """What stands between ``---`` lines at the very start; nothing where there is no such block.

    Args:
        text: the whole file.
        name: its path: Jekyll has the date in it.
    """
    named = _IN_NAME.search(name)
    day = None if named is None else find_date(named["day"])
    block = _BLOCK.match(text)
    if block is None:
        return FrontMatter(published=day)
    pairs = {pair["key"].lower(): pair for pair in _PAIR.finditer(text, *block.span("body"))}
    if not pairs:
        return FrontMatter(published=day)
    values = {key: _values(text, pair, block.end("body")) for key, pair in pairs.items()}
    title = pairs.get("title")
    return FrontMatter(
        end=block.end(),
        title=None if title is None else _unquoted(text, *title.span("value")),
        authors=_names(values.get("author") or values.get("authors") or values.get("by") or []),
        published=_day(values) or day,
        url=_url(values),
        categories=_terms(values, "categories", "category"),
        tags=_terms(values, "tags", "tag", "keywords", "topics"),
        draft=_said(values, "draft") == "true"
        or _said(values, "published") == "false"
        or _said(values, "status") in ("draft", "private", "pending"),
    )


def _values(text: str, pair: re.Match[str], end: int) -> list[str]:
    """The value of a key, or the points of the list below it, without quotation marks."""
    value = pair["value"]
    if value and value not in (">", "|", ">-", "|-"):
        inner = value.strip()
        if inner.startswith("[") and inner.endswith("]"):
            return [_bare(part) for part in _split(inner[1:-1]) if _bare(part)]
        return [_bare(value)] if _bare(value) else []
    found = []
    at = pair.end() + 1 if text[pair.end() : pair.end() + 1] == "\n" else pair.end() + 2
    while at < end and (point := _POINT.match(text, at, end) or _NESTED.match(text, at, end)):
        named = _NAMED.match(_bare(point["value"]))
        found.append(_bare(named["name"]) if named else _bare(point["value"]))
        at = point.end()
    return found


def _split(inner: str) -> list[str]:
    return re.findall(r"\"[^\"]*\"|'[^']*'|[^,]+", inner)


def _bare(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] in _QUOTES and value[0] == value[-1]:
        return value[1:-1].strip()
    return re.sub(r"\s+#\s.*$", "", value)


def _said(values: dict[str, list[str]], key: str) -> str:
    found = values.get(key) or [""]
    return found[0].lower()


def _day(values: dict[str, list[str]]) -> str | None:
    for key in ("date", "published", "pubdate", "publishdate", "created", "published_at"):
        for value in values.get(key, []):
            if day := find_date(value):
                return day
    return None


def _url(values: dict[str, list[str]]) -> str | None:
    for key in ("canonical_url", "canonical", "url", "permalink", "link"):
        for value in values.get(key, []):
            if re.match(r"https?://\S+$", value):
                return value
    return None


def _terms(values: dict[str, list[str]], *keys: str) -> tuple[str, ...]:
    for key in keys:
        if found := values.get(key):
            if len(found) == 1 and "," in found[0]:
                found = [part.strip() for part in found[0].split(",")]
            return tuple(dict.fromkeys(filter(None, found)))[:_MOST_TERMS]
    return ()


def _names(values: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for value in values:
        plain = value.strip(" '\"")
        # A key says that it is a name: one that does not look like one is believed all the same.
        names += split_names(plain, sure=True) or ([plain] if 0 < len(plain) <= 80 else [])
    return tuple(dict.fromkeys(names))


def _unquoted(text: str, start: int, end: int) -> Span | None:
    if end - start >= 2 and text[start] in _QUOTES and text[start] == text[end - 1]:
        start, end = start + 1, end - 1
    return Span(start, end) if text[start:end].strip() else None
