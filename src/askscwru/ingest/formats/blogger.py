"""Blogger's export to its published posts and pages.

An Atom file in which everything is an entry: posts, pages and comments, the template, each setting,
the addresses of the administrators. Only what says that it is a published post or page is read.
https://support.google.com/blogger/answer/41387
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from askscwru.errors import SourceError
from askscwru.ingest.compose import Facts, one_line
from askscwru.ingest.dates import stated_day
from askscwru.ingest.decode import decode, for_xml
from askscwru.ingest.formats.feeds import Item, document_of
from askscwru.ingest.found import Document, Tally
from askscwru.ingest.html.markup import line_of_markup
from askscwru.ingest.limits import MOST_ITEMS, Budget, TooMuchError

_EXPORT = re.compile(r"blogger/2008/kind#(?!comment\b)|<blogger:type>|>BLOG_|settings\.BLOG_")
_FEED = re.compile(r"<(?:\w+:)?feed\b")
_KIND = re.compile(r"blogger/2008/kind#(\w+)$")
_READ = frozenset({"post", "page"})
_NAMES = {
    "comment": "comment|comments",
    "settings": "setting|settings",
    "template": "template|templates",
}
_UNPUBLISHED = {"draft": "draft|drafts", "scheduled": "scheduled"}
_AT_ONCE = 65_536
_NO_ONE = frozenset({"", "anonymous", "unknown", "noreply", "blogger"})


def is_blogger(head: str) -> bool:
    """Whether an XML file is Blogger's export, and not the feed that its blogs have too."""
    return _FEED.search(head) is not None and _EXPORT.search(head) is not None


def read_blogger(name: str, sha256: str, data: bytes, *, unpublished: bool = False) -> Document:
    """The posts and pages of an export.

    Args:
        name: the source's name.
        sha256: of the file.
        data: the file.
        unpublished: whether drafts and scheduled posts are read as well.

    Raises:
        SourceError: there is no entry in it.
    """
    tally = Tally()
    items: list[Item] = []
    channel: dict[str, str] = {}
    budget = Budget()
    count = 0
    try:
        for entry in _entries(for_xml(decode(data)), channel, tally):
            budget.check()
            count += 1
            if count > MOST_ITEMS:
                raise TooMuchError(f"it holds more than {MOST_ITEMS:,} entries")
            if _is_wanted(entry, tally, unpublished=unpublished):
                items.append(_item(entry, channel))
    except TooMuchError as error:
        tally.add(f"rest of the file: {error}")
    if not count:
        raise SourceError("an export of Blogger without any entry: export it again (Back up)")
    return document_of(name, sha256, one_line(channel.get("title", "")), items, tally, "blogger")


def _entries(text: str, channel: dict[str, str], tally: Tally) -> Iterator[Any]:
    parser = etree.XMLPullParser(
        events=("end",),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        encoding="utf-8",
    )
    data = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).lstrip().encode("utf-8", "replace")
    try:
        for start in range(0, len(data), _AT_ONCE):
            parser.feed(data[start : start + _AT_ONCE])
            yield from _finished(parser, channel)
        parser.close()
    except (etree.LxmlError, ValueError) as error:
        tally.add("rest of the file, which is damaged", str(error).splitlines()[0][:80])
    yield from _finished(parser, channel)


def _finished(parser: Any, channel: dict[str, str]) -> Iterator[Any]:
    for _, element in parser.read_events():
        parent = element.getparent()
        if parent is None or _local(parent) != "feed":
            continue
        if _local(element) == "entry":
            yield element
            element.clear()
        elif _local(element) in ("title", "lang"):
            channel.setdefault(_local(element), "".join(element.itertext()))
        elif _local(element) == "link" and element.get("rel") == "alternate":
            channel.setdefault("link", element.get("href") or "")


# -- one entry -------------------------------------------------------------------------------------


def _is_wanted(entry: Any, tally: Tally, *, unpublished: bool) -> bool:
    kind, status = _kind(entry), _status(entry)
    title = line_of_markup(_said(entry, "title"))
    if kind not in _READ:
        # A title of a setting or a comment may hold an address, or a reader's words.
        tally.add(_NAMES.get(kind, "entry of another kind|entries of other kinds"))
        return False
    if status in _UNPUBLISHED and not unpublished:
        tally.add(_UNPUBLISHED[status], title)
        return False
    if status not in ("live", *_UNPUBLISHED):
        tally.add("in the trash" if "trash" in status else "not published", title)
        return False
    return True


def _kind(entry: Any) -> str:
    for child in entry:
        if _local(child) == "category" and (match := _KIND.search(child.get("term") or "")):
            return match[1].lower()
    return _said(entry, "type").lower()


def _status(entry: Any) -> str:
    for child in entry:
        if _local(child) == "control":
            drafts = ("".join(c.itertext()).strip().lower() for c in child if _local(c) == "draft")
            return "draft" if "yes" in drafts else "live"
    return _said(entry, "status").lower() or "live"


def _item(entry: Any, channel: dict[str, str]) -> Item:
    labels = [
        one_line(child.get("term") or "")
        for child in entry
        if _local(child) == "category" and "kind" not in (child.get("scheme") or "")
    ]
    facts = Facts(
        title=line_of_markup(_said(entry, "title")) or None,
        authors=_authors(entry),
        published=stated_day(_said(entry, "published")) or stated_day(_said(entry, "created")),
        url=_url(entry, channel),
        tags=tuple(dict.fromkeys(filter(None, labels))),
        key=_said(entry, "id") or None,
    )
    found = [child for child in entry if _local(child) == "content"]
    return facts, [(_markup(child), True) for child in found]


def _markup(content: Any) -> str:
    if (content.get("type") or "html").lower() == "xhtml":
        inner = "".join(etree.tostring(child, encoding="unicode") for child in content)
        return re.sub(r"\sxmlns(?::\w+)?=\"[^\"]*\"", "", inner)
    text = "".join(content.itertext())
    return html.escape(text) if content.get("type") == "text" else text


def _authors(entry: Any) -> tuple[str, ...]:
    """The name under which a post is signed; the address beside it is not read."""
    names = [
        one_line("".join(inner.itertext()))
        for child in entry
        if _local(child) == "author"
        for inner in child
        if _local(inner) == "name"
    ]
    return tuple(
        name for name in dict.fromkeys(names) if name.lower() not in _NO_ONE and "@" not in name
    )


def _url(entry: Any, channel: dict[str, str]) -> str | None:
    for child in entry:
        if _local(child) == "link" and child.get("rel") == "alternate":
            href = (child.get("href") or "").strip()
            if href.startswith(("http://", "https://")):
                return href
    path, base = _said(entry, "filename"), channel.get("link", "")
    if path.startswith("/") and base.startswith(("http://", "https://")):
        return urljoin(base, path)
    return None


def _said(entry: Any, name: str) -> str:
    found = next((child for child in entry if _local(child) == name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""
