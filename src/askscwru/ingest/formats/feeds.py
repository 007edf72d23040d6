"""Feeds (RSS, Atom, RDF, JSON Feed) to posts; what is malformed as far as it can be read."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any

from askscwru.errors import SourceError
from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.dates import find_date
from askscwru.ingest.decode import decode, for_xml
from askscwru.ingest.found import Document, Tally
from askscwru.ingest.html.markup import parse_fragment, parts_of, text_of
from askscwru.ingest.html.page_furniture import small_furniture, without_lines
from askscwru.ingest.limits import MOST_FEED_BYTES, MOST_ITEMS, Budget, TooMuchError

_OF_COMMENTS = re.compile(r"comments (?:on|for|by)\b", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CUT = re.compile(r"(?:\[?(?:\.{3}|…)\]?)\s*$")
_FULL_WORDS = 150
_MARKUP = re.compile(r"<[a-zA-Z/!]|&\w+;|&#\d+;")
_NO_NAME = re.compile(r"(?:noreply|no-reply|admin|unknown|author|none)\b", re.IGNORECASE)
_MAIL_NAME = re.compile(r"\S+@\S+\s*\((?P<name>[^)]+)\)")
_BY = re.compile(r"^(?:by|author:)\s+", re.IGNORECASE)
_MAIL = re.compile(r"<?\S+@\S+>?")


def read_feed(name: str, sha256: str, data: bytes) -> Document:
    """The posts of an RSS, Atom or RDF feed.

    Raises:
        SourceError: it is no feed, or one of comments.
    """
    import feedparser

    _require_small(data)
    text = _DECLARATION.sub("", for_xml(decode(data)))
    # A stream, never a string: feedparser would take a string for an address to fetch.
    feed = feedparser.parse(
        io.BytesIO(b"<?xml version='1.0' encoding='utf-8'?>" + text.encode("utf-8", "replace"))
    )
    title = _plain(feed.feed.get("title"))
    if not feed.entries and not feed.version:
        raise SourceError("neither an export of WordPress nor a feed")
    if _OF_COMMENTS.match(title):
        raise SourceError("a feed of comments")
    facts = [(_facts(entry, feed.feed), _contents(entry)) for entry in feed.entries]
    return _document(name, sha256, title, facts)


def _require_small(data: bytes) -> None:
    if len(data) > MOST_FEED_BYTES:
        raise TooMuchError(f"a feed of more than {MOST_FEED_BYTES:,} bytes")


def _document(
    name: str, sha256: str, blog: str, items: list[tuple[Facts, list[tuple[str, bool]]]]
) -> Document:
    composer, tally, budget = Composer(), Tally(), Budget()
    seen: set[tuple[str | None, str | None, str]] = set()
    try:
        for number, (facts, contents) in enumerate(items):
            budget.check()
            if number >= MOST_ITEMS:
                raise TooMuchError(f"it holds more than {MOST_ITEMS:,} items")
            parts, complete = _best(contents)
            shown = facts.title or facts.url or f"item {number + 1}"
            if not parts:
                tally.add("without any text", shown)
            elif (same := (facts.key, facts.title, parts[0].text)) in seen:
                tally.add("listed twice", shown)
            else:
                seen.add(same)
                composer.add(_with(facts, complete=complete), parts)
    except TooMuchError as error:
        tally.add(f"rest of the file: {error}")
    return Document(
        name=name,
        sha256=sha256,
        format="feed",
        text=composer.text,
        posts=tuple(composer.posts),
        blog=blog or None,
        skipped=tally.reasons(),
    )


def _with(facts: Facts, *, complete: bool) -> Facts:
    from dataclasses import replace

    return replace(facts, complete=complete)


def _best(contents: list[tuple[str, bool]]) -> tuple[list[Part], bool]:
    """The fullest of an item's texts, and whether it is the whole post."""
    best: list[Part] = []
    complete = False
    for markup, whole in contents:
        parts, opening = _parts(markup)
        if _words(parts) > _words(best):
            cut = opening or (bool(parts) and _CUT.search(parts[-1].text) is not None)
            best = parts
            complete = not cut and (whole or len(parts) >= 3 or _words(parts) >= _FULL_WORDS)
    return best, complete


def _parts(markup: str) -> tuple[list[Part], bool]:
    if not _MARKUP.search(markup):
        paragraphs = re.split(r"\n\s*\n", markup)
        parts = [Part(one_line(text)) for text in paragraphs if any(c.isalnum() for c in text)]
    else:
        tree = parse_fragment(markup)
        if tree is None:
            return [], False
        held = sum(len(text) for text in tree.itertext())
        parts = parts_of(tree, small_furniture(held), autop="<p" not in markup.lower())
    return without_lines(parts, feed=True)


def _words(parts: list[Part]) -> int:
    return sum(len(part.text.split()) for part in parts)


def _contents(entry: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Each text of an item, and whether it is stated to be the whole post."""
    found = [(str(c.get("value") or ""), True) for c in entry.get("content") or ()]
    summary = str(entry.get("summary") or "")
    return [*found, (summary, False)] if summary else found


def _facts(entry: Mapping[str, Any], channel: Mapping[str, Any]) -> Facts:
    link = str(entry.get("link") or entry.get("feedburner_origlink") or "")
    link = str(entry.get("feedburner_origlink") or link)
    terms = [_plain(term.get("term") or term.get("label")) for term in entry.get("tags") or ()]
    return Facts(
        title=_plain(entry.get("title")) or None,
        authors=_authors(entry) or _authors(channel),
        published=_day(entry),
        url=link if link.startswith(("http://", "https://")) else None,
        categories=tuple(dict.fromkeys(filter(None, terms))),
        key=str(entry.get("id") or link) or None,
    )


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    stated = [person.get("name") for person in entry.get("authors") or ()]
    names = [_name(name) for name in (*stated, entry.get("author")) if name]
    return tuple(dict.fromkeys(name for name in names if name and not _NO_NAME.fullmatch(name)))[
        : max(1, len([name for name in stated if name]))
    ]


def _name(stated: object) -> str:
    text = _plain(stated)
    if match := _MAIL_NAME.fullmatch(text):
        return match["name"].strip()
    return _BY.sub("", one_line(_MAIL.sub("", text))).strip("() ")


def _plain(stated: object) -> str:
    text = str(stated or "")
    if _MARKUP.search(text):
        tree = parse_fragment(text)
        return "" if tree is None else one_line(text_of(tree))
    return one_line(text)


def _day(entry: Mapping[str, Any]) -> str | None:
    for field in ("published", "updated", "created"):
        stated = str(entry.get(field) or "")
        if day := _stated_day(stated):
            return day
        parsed = entry.get(f"{field}_parsed")
        if parsed is not None:
            return date(parsed.tm_year, parsed.tm_mon, parsed.tm_mday).isoformat()
    return None


def _stated_day(stated: str) -> str | None:
    """The calendar day as it is written, in the writer's own time zone."""
    try:
        return date.fromisoformat(stated.strip()[:10]).isoformat()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(stated).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return find_date(stated)


# -- JSON Feed (https://www.jsonfeed.org/version/1.1/) ---------------------------------------------


def read_json_feed(name: str, sha256: str, data: bytes) -> Document:
    """The posts of a JSON Feed.

    Raises:
        SourceError: the file is no JSON Feed.
    """
    _require_small(data)
    try:
        told = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not JSON that can be read: {str(error)[:80]}") from error
    if not isinstance(told, dict) or not isinstance(told.get("items"), list):
        raise SourceError("JSON, but not a JSON Feed")
    if "jsonfeed.org" not in str(told.get("version", "jsonfeed.org")):
        raise SourceError("JSON, but not a JSON Feed")
    items = [
        (_json_facts(item, told), _json_contents(item))
        for item in told["items"]
        if isinstance(item, dict)
    ]
    return _document(name, sha256, _plain(_string(told, "title")), items)


def _json_facts(item: dict[str, Any], feed: dict[str, Any]) -> Facts:
    link = _string(item, "url") or _string(item, "external_url")
    stated = _string(item, "date_published") or _string(item, "date_modified")
    tags = item.get("tags")
    return Facts(
        title=_plain(_string(item, "title")) or None,
        authors=_json_authors(item) or _json_authors(feed),
        published=_stated_day(stated),
        url=link if link.startswith(("http://", "https://")) else None,
        tags=tuple(one_line(str(tag)) for tag in tags if tag) if isinstance(tags, list) else (),
        key=str(item.get("id") or link) or None,
    )


def _json_authors(holder: dict[str, Any]) -> tuple[str, ...]:
    stated = holder.get("authors")
    people = stated if isinstance(stated, list) else [holder.get("author")]
    names = [_name(person.get("name")) for person in people if isinstance(person, dict)]
    return tuple(dict.fromkeys(filter(None, names)))


def _json_contents(item: dict[str, Any]) -> list[tuple[str, bool]]:
    found = [(_string(item, "content_html"), True), (_string(item, "content_text"), True)]
    return [(text, whole) for text, whole in [*found, (_string(item, "summary"), False)] if text]


def _string(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""
