"""Feeds (RSS, Atom, RDF, JSON Feed) to posts; what is malformed as far as it can be read."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from askscwru.errors import SourceError
from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.dates import stated_day
from askscwru.ingest.decode import decode, for_xml
from askscwru.ingest.found import Document, Tally
from askscwru.ingest.html.markup import line_of_markup, parse_fragment, parts_of
from askscwru.ingest.html.page_furniture import is_around
from askscwru.ingest.limits import MOST_FEED_BYTES, MOST_ITEMS, Budget, TooMuchError
from askscwru.ingest.text.furniture import LineRole, before_continue, line_rule, role_of

_NO_EXPORT = (
    "neither an export of WordPress, Squarespace or Blogger nor a feed: export the posts (in"
    " WordPress: Tools → Export → All content)"
)
_NO_FEED = (
    "JSON, but neither a JSON Feed nor an export of Ghost (Settings → Export): export the posts as"
    " WXR, a feed, HTML or Markdown"
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CUT = re.compile(r"(?:\[?(?:\.{3}|…)\]?)\s*$")
_FULL_WORDS = 150
_MARKUP = re.compile(r"<[a-zA-Z/!]|&\w+;|&#\d+;")
_MAIL_NAME = re.compile(r"\S+@\S+\s*\((?P<name>[^)]+)\)")
_BY = re.compile(r"^(?:by|author:)\s+", re.IGNORECASE)
_MAIL = re.compile(r"<?\S+@\S+>?")
_ESCAPED_SECTION = re.compile(r"&lt;!\[CDATA\[(.*?)\]\](?:&gt;|>)", re.DOTALL)
_ESCAPED = re.compile(
    r"\s*&(?:amp;)?lt;([a-z][a-z0-9]*)\b.*&(?:amp;)?gt;\s*", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[a-zA-Z/!]")
_TAIL_LINES = 4
_LINKED = 0.5
_MOST_TAIL = 30


def read_feed(name: str, sha256: str, data: bytes) -> Document:
    """The posts of an RSS, Atom or RDF feed.

    Raises:
        SourceError: it is no feed, or one of comments.
    """
    import feedparser

    _require_small(data)
    text = _ESCAPED_SECTION.sub(r"\1", _DECLARATION.sub("", for_xml(decode(data))))
    # A stream, never a string: feedparser would take a string for an address to fetch.
    feed = feedparser.parse(
        io.BytesIO(b"<?xml version='1.0' encoding='utf-8'?>" + text.encode("utf-8", "replace")),
        # What is read of its markup is parsed below; the cleaning takes quadratic time of "<!--".
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    title = _line(feed.feed.get("title"))
    if not feed.entries and not feed.version:
        raise SourceError(_NO_EXPORT)
    if line_rule("feed of comments").match(title):
        raise SourceError("a feed of comments")
    tally = Tally()
    items: list[Item] = []
    for entry in feed.entries:
        try:
            items.append((_facts(entry, feed.feed), _contents(entry)))
        except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError) as error:
            tally.add(f"that cannot be read ({type(error).__name__})", _line(entry.get("title")))
    return document_of(name, sha256, title, items, tally)


def _require_small(data: bytes) -> None:
    if len(data) > MOST_FEED_BYTES:
        raise TooMuchError(f"a feed of more than {MOST_FEED_BYTES:,} bytes")


Item = tuple[Facts, list[tuple[str, bool]]]
"""What is known of an item, and each of its texts with whether it is the whole post."""


def document_of(
    name: str, sha256: str, blog: str, items: Sequence[Item], tally: Tally, form: str = "feed"
) -> Document:
    """The posts of a file of items, each once.

    Args:
        name: the source's name.
        sha256: of the file.
        blog: its title.
        items: in the order of the file.
        tally: what of the file is no post, and why; added to.
        form: what kind of file it is.
    """
    composer, budget = Composer(), Budget()
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
        format=form,
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
    markup = _unescaped(markup)
    if not _MARKUP.search(markup):
        paragraphs = re.split(r"\n\s*\n", markup)
        parts = [Part(one_line(text)) for text in paragraphs if any(c.isalnum() for c in text)]
    else:
        tree = parse_fragment(markup)
        if tree is None:
            return [], False
        parts = parts_of(tree, is_around, autop="<p" not in markup.lower())
    return _without_tail(parts)


def _unescaped(markup: str) -> str:
    """The markup of an item that the feed escaped once too often."""
    for _ in range(2):
        if _TAG.search(markup) or not _ESCAPED.fullmatch(markup):
            break
        markup = html.unescape(markup)
    return markup


def _without_tail(parts: list[Part]) -> tuple[list[Part], bool]:
    """The parts without what the feed put below the text, and whether they are an opening.

    What stands between is the writer's, whatever it is called.
    """
    opening = False
    for _ in range(_TAIL_LINES):
        if not parts:
            break
        last = parts[-1]
        role = role_of(last.text) if len(last.text.split()) <= _MOST_TAIL else None
        linked = last.linked > _LINKED and role in (
            LineRole.SHARE,
            LineRole.FOLLOW,
            LineRole.COMMENTS,
        )
        if role is LineRole.CONTINUE:
            opening = True
        elif not (linked or line_rule("feed tail").fullmatch(last.text)):
            break
        parts = parts[:-1]
    if parts:
        kept, cut = before_continue(parts[-1].text)
        if cut:
            opening, told = True, parts[-1].text[:kept].rstrip()
            parts = [*parts[:-1], *([Part(told, parts[-1].kind)] if told else [])]
    return parts, opening


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
    terms = [_line(term.get("term") or term.get("label")) for term in entry.get("tags") or ()]
    return Facts(
        title=_line(entry.get("title")) or None,
        authors=_authors(entry) or _authors(channel),
        published=_day(entry, str(channel.get("language") or "") or None),
        url=link if link.startswith(("http://", "https://")) else None,
        categories=tuple(dict.fromkeys(filter(None, terms))),
        key=str(entry.get("id") or link) or None,
    )


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    stated = [person.get("name") for person in entry.get("authors") or ()]
    if _MAIL_NAME.fullmatch(_line(entry.get("author"))):
        stated = []  # its address is cut in two where the parser does not know its ending
    names = [_name(name) for name in (*stated, entry.get("author")) if name]
    return tuple(
        dict.fromkeys(name for name in names if name and not line_rule("nobody").fullmatch(name))
    )[: max(1, len([name for name in stated if name]))]


def _name(stated: object) -> str:
    text = _line(stated)
    if match := _MAIL_NAME.fullmatch(text):
        return match["name"].strip()
    return _BY.sub("", one_line(_MAIL.sub("", text))).strip("() ")


def _line(stated: object) -> str:
    return line_of_markup(str(stated or ""))


def _day(entry: Mapping[str, Any], language: str | None) -> str | None:
    """The day that an item states; what feedparser guesses of it is not believed."""
    # Asked for what is not there, feedparser gives the day of publication for that of an update.
    fields = (field for field in ("published", "updated", "created") if field in entry)
    stated = (str(entry.get(field) or "") for field in fields)
    return next(filter(None, (stated_day(told, language) for told in stated)), None)


# -- JSON Feed (https://www.jsonfeed.org/version/1.1/) ---------------------------------------------


def json_of(data: bytes) -> Any:
    """What a JSON file says; ``SourceError`` where it cannot be read."""
    try:
        return json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not JSON that can be read: {str(error)[:80]}") from error


def read_json_feed(name: str, sha256: str, data: bytes) -> Document:
    """The posts of a JSON Feed.

    Raises:
        SourceError: the file is no JSON Feed.
    """
    _require_small(data)
    told = json_of(data)
    if not isinstance(told, dict) or not isinstance(told.get("items"), list):
        raise SourceError(_NO_FEED)
    if "jsonfeed.org" not in str(told.get("version", "jsonfeed.org")):
        raise SourceError(_NO_FEED)
    items = [
        (_json_facts(item, told), _json_contents(item))
        for item in told["items"]
        if isinstance(item, dict)
    ]
    return document_of(name, sha256, _line(_string(told, "title")), items, Tally())


def _json_facts(item: dict[str, Any], feed: dict[str, Any]) -> Facts:
    link = _string(item, "url") or _string(item, "external_url")
    stated = _string(item, "date_published") or _string(item, "date_modified")
    tags = item.get("tags")
    return Facts(
        title=_line(_string(item, "title")) or None,
        authors=_json_authors(item) or _json_authors(feed),
        published=stated_day(stated, _string(feed, "language") or None),
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
