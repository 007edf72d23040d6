"""Ghost's export (JSON) to its published posts and pages.

https://ghost.org/docs/migration/ghost/ Members, staff addresses and settings beside the site's
title are not read.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

from askscwru.errors import SourceError
from askscwru.ingest.compose import Facts, one_line
from askscwru.ingest.dates import stated_day
from askscwru.ingest.formats.feeds import Item, document_of
from askscwru.ingest.found import Document, Tally

_REASONS = {"draft": "draft|drafts", "scheduled": "scheduled", "sent": "sent by e-mail alone"}
_OPEN = frozenset({"", "public"})
_MOST_NODES = 200_000

Row = dict[str, Any]


def ghost_tables(told: object) -> Row | None:
    """The tables of an export; None where the JSON is none of Ghost's."""
    if isinstance(told, dict) and isinstance(told.get("db"), list) and told["db"]:
        told = told["db"][0]
    tables = told.get("data") if isinstance(told, dict) else None
    return tables if isinstance(tables, dict) and isinstance(tables.get("posts"), list) else None


def read_ghost(name: str, sha256: str, tables: Row, *, unpublished: bool = False) -> Document:
    """The posts and pages of an export.

    Args:
        name: the source's name.
        sha256: of the file.
        tables: see ``ghost_tables``.
        unpublished: whether drafts, and posts for members or payers alone, are read as well.

    Raises:
        SourceError: it holds no post at all.
    """
    posts = [post for post in tables["posts"] if isinstance(post, dict)]
    if not posts:
        raise SourceError("an export of Ghost without posts: export it again (Settings → Export)")
    people, tags = _linked(tables, "users", "author"), _linked(tables, "tags", "tag")
    tally = Tally()
    items: list[Item] = []
    for post in posts:
        title = one_line(_string(post, "title"))
        status, seen = _string(post, "status") or "published", _string(post, "visibility")
        if status != "published" and not unpublished:
            tally.add(_REASONS.get(status, "not published"), title)
        elif seen not in _OPEN and not unpublished:
            tally.add("for members alone" if seen == "members" else "for payers alone", title)
        else:
            items.append((_facts(post, people, tags), _contents(post)))
    return document_of(name, sha256, _site(tables), items, tally, "ghost")


def _stated_names(post: Row) -> list[str]:
    """The authors that a post has with it; empty where another table names them."""
    people = [one for one in post.get("authors") or () if isinstance(one, dict)]
    return [one_line(one["name"]) for one in people if isinstance(one.get("name"), str)]


def _facts(post: Row, people: dict[str, list[str]], tags: dict[str, list[str]]) -> Facts:
    key = str(post.get("id") or "")
    names = _stated_names(post) or people.get(key, [])
    url = next((u for u in (_string(post, "canonical_url"), _string(post, "url")) if u), "")
    return Facts(
        title=one_line(_string(post, "title")) or None,
        authors=tuple(dict.fromkeys(name for name in names if name and "@" not in name)),
        published=_day(post),
        url=url if url.startswith(("http://", "https://")) else None,
        tags=tuple(name for name in tags.get(key, []) if not name.startswith("#")),
        key=key or None,
    )


def _day(post: Row) -> str | None:
    stated = post.get("published_at")
    if isinstance(stated, (int, float)):
        stated = str(int(stated))
    return stated_day(stated) if isinstance(stated, str) else None


def _contents(post: Row) -> list[tuple[str, bool]]:
    """The post's text in the first of the forms that has one."""
    for text in (
        _string(post, "html"),
        _blocks(_string(post, "lexical"), _lexical),
        _blocks(_string(post, "mobiledoc"), _mobiledoc),
        html.escape(_string(post, "plaintext"), quote=False),
        html.escape(_string(post, "markdown"), quote=False),
    ):
        if text.strip():
            return [(text, True)]
    return []


def _blocks(stated: str, reader: Any) -> str:
    try:
        told = json.loads(stated) if stated else None
        return "" if told is None else "".join(f"<p>{text}</p>" for text in reader(told))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return ""


def _lexical(told: Any) -> Iterator[str]:
    """The paragraphs of Ghost's editor: each child of the root that has words."""
    for block in told["root"]["children"]:
        pending = [block]
        words: list[str] = []
        while pending and len(words) < _MOST_NODES:
            node = pending.pop(0)
            if isinstance(node.get("text"), str):
                words.append(html.escape(node["text"], quote=False))
            elif node.get("type") == "linebreak":
                words.append("<br>")
            elif isinstance(node.get("html"), str):
                words.append(node["html"])
            pending = [*node.get("children", ()), *pending]
        if any(words):
            yield "".join(words)


def _mobiledoc(told: Any) -> Iterator[str]:
    """The paragraphs, list points and cards of Ghost's editor before 5.0."""
    for section in told["sections"]:
        if section[0] == 1:
            yield _markers(section[2])
        elif section[0] == 3:
            yield from map(_markers, section[2])
        elif section[0] == 10:
            card = told["cards"][section[1]][1]
            text = card.get("html") or card.get("markdown") or ""
            if isinstance(text, str) and text:
                yield text


def _markers(markers: Any) -> str:
    return "".join(html.escape(str(marker[3]), quote=False) for marker in markers if marker[0] == 0)


def _linked(tables: Row, rows: str, key: str) -> dict[str, list[str]]:
    """Names by the post that they belong to, from a table and the table that links it to posts."""
    names = {
        str(row.get("id")): one_line(_string(row, "name"))
        for row in tables.get(rows) or ()
        if isinstance(row, dict)
    }
    found: dict[str, list[tuple[float, str]]] = {}
    for row in tables.get(f"posts_{key}s") or ():
        if isinstance(row, dict) and (name := names.get(str(row.get(f"{key}_id")))):
            order = row.get("sort_order")
            place = float(order) if isinstance(order, (int, float)) else 0.0
            found.setdefault(str(row.get("post_id")), []).append((place, name))
    told = {post: [name for _, name in sorted(pairs)] for post, pairs in found.items()}
    for post in tables["posts"]:
        if isinstance(post, dict) and (name := names.get(str(post.get(f"{key}_id")))):
            told.setdefault(str(post.get("id")), [name])
    return told


def _site(tables: Row) -> str:
    for row in tables.get("settings") or ():
        if isinstance(row, dict) and row.get("key") == "title":
            return one_line(_string(row, "value"))
    return ""


def _string(row: Row, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""
