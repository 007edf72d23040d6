"""Substack's export: the posts' texts as fragments of HTML, what is said of them in ``posts.csv``.

https://support.substack.com/hc/en-us/articles/360037466012 The lists of readers beside them, and
who opened which post, are not read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.dates import stated_day
from askscwru.ingest.decode import decode
from askscwru.ingest.found import Document, Tally
from askscwru.ingest.html.markup import classes_of, parse_fragment, parts_of, tag_of

TABLE = "posts.csv"
FOLDER = "posts"
_MOST_TABLE = 20_000_000
_NEEDED = frozenset({"post_id", "is_published", "title"})
_OPEN = frozenset({"", "everyone", "only_free"})
_WIDGET = re.compile(
    r"subscription-widget.*|captioned-button-wrap|button-wrapper|button|subscribe-widget.*|"
    r"embedded-(?:post|publication).*|digest-post-embed|poll-embed|install-substack-app-embed|"
    r"community-(?:chat|post)|directmessage|image-link-expand|paywall.*|native-(?:audio|video).*|"
    r"cta-caption|preamble|referral-.*|donate-.*|sponsorship-.*"
)

Rows = Mapping[str, Mapping[str, str]]
"""What ``posts.csv`` says of each post, by its ``post_id``."""


def rows_of(data: bytes) -> Rows | None:
    """The rows of ``posts.csv``; None where the file is none of Substack's."""
    if len(data) > _MOST_TABLE:
        return None
    try:
        reader = csv.DictReader(io.StringIO(decode(data)), strict=False)
        if not set(reader.fieldnames or ()) >= _NEEDED:
            return None
        return {
            (row.get("post_id") or "").strip(): {k: v for k, v in row.items() if isinstance(v, str)}
            for row in reader
        }
    except csv.Error:
        return None


def table_beside(path: Path) -> Path | None:
    """The ``posts.csv`` of the unpacked export that a file may be a post of."""
    if path.parent.name != FOLDER or not path.name.lower().endswith(".html"):
        return None
    table = path.parent.parent / TABLE
    return table if table.is_file() and not table.is_symlink() else None


def rows_beside(path: Path) -> Rows | None:
    """What the table beside an unpacked post says; None where there is none."""
    table = table_beside(path)
    if table is None:
        return None
    told = table.stat()
    return _read_rows(table, told.st_mtime_ns, told.st_size)


# Every post of an export has the same table beside it.
@lru_cache(maxsize=4)
def _read_rows(table: Path, _changed: int, size: int) -> Rows | None:
    return rows_of(table.read_bytes()) if size <= _MOST_TABLE else None


def digest_beside(path: Path) -> str:
    """Tells whether the row of a post has changed; empty where there is none."""
    row = (rows_beside(path) or {}).get(path.stem)
    return "" if row is None else hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()


def read_substack(
    name: str, sha256: str, data: bytes, rows: Rows, *, unpublished: bool = False
) -> Document:
    """One post of an export.

    Args:
        name: the source's name; its last part without the ending is the post's id.
        sha256: of the file.
        data: the file.
        rows: of ``posts.csv``.
        unpublished: whether drafts, and posts for payers alone, are read as well.
    """
    key = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    row = rows.get(key) or {}
    title = one_line(row.get("title", ""))
    tally, composer = Tally(), Composer()
    reason = None if unpublished else _not_public(row)
    if reason is None:
        parts = _parts(decode(data), one_line(row.get("subtitle", "")))
        if parts:
            composer.add(_facts(key, title, row), parts)
        else:
            reason = "without any text"
    if reason is not None:
        tally.add(reason, title or key)
    return Document(
        name=name,
        sha256=sha256,
        format="substack",
        text=composer.text,
        posts=tuple(composer.posts),
        skipped=tally.reasons(),
    )


def _not_public(row: Mapping[str, str]) -> str | None:
    if not row:
        return f"not in {TABLE}"
    if row.get("is_published", "").strip().lower() != "true":
        return "draft|drafts"
    return None if row.get("audience", "") in _OPEN else "for payers alone"


def _facts(key: str, title: str, row: Mapping[str, str]) -> Facts:
    return Facts(
        title=title or None,
        published=stated_day(row.get("post_date")) or stated_day(row.get("email_sent_at")),
        key=key,
    )


def _parts(markup: str, subtitle: str) -> list[Part]:
    tree = parse_fragment(markup)
    parts = [] if tree is None else parts_of(tree, _is_widget)
    if parts and subtitle and subtitle != parts[0].text:
        parts = [Part(subtitle), *parts]
    return parts


def _is_widget(element: object) -> bool:
    if tag_of(element) == "form":
        return True
    return any(_WIDGET.fullmatch(name) for name in classes_of(element))
