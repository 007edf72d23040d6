"""The pages of a Medium export: its posts, and its lists of what Medium keeps of a person.

https://help.medium.com/hc/en-us/articles/115004745787 Drafts are posts without a day; sessions,
addresses, bookmarks and the like are of the account, and no posts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from askscwru.ingest.compose import Facts, Part, one_line
from askscwru.ingest.dates import stated_day
from askscwru.ingest.html.markup import classes_of, parts_of, tag_of, text_of

Element = Any

ACCOUNT = "a page of the account, not a post: of a Medium export only the posts are read"
_EXPORTED = re.compile(r"\bexported from\s+medium\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MediumPost:
    """A post of the export."""

    facts: Facts
    parts: list[Part]
    draft: bool


def is_account_page(tree: Element) -> bool:
    """Whether a page lists what Medium keeps of a person, and holds no post."""
    if _first(tree, "h-entry") is not None:
        return False
    return _is_export(tree) or (
        _first(tree, "h-feed") is not None and _first(tree, "p-name") is not None
    )


def medium_post(tree: Element) -> MediumPost | None:
    """The post of an exported page; None where the page is none of an export."""
    entry = _first(tree, "h-entry")
    if entry is None or not _is_export(tree):
        return None
    title, name = _line_of(entry, "p-name"), _line_of(entry, "p-author")
    day = _first(entry, "dt-published")
    canonical = _first(entry, "p-canonical")
    url = "" if canonical is None else (canonical.get("href") or "").strip()
    facts = Facts(
        title=title or None,
        authors=(name,) if name and "@" not in name else (),
        published=None if day is None else stated_day(day.get("datetime") or text_of(day)),
        url=url if url.startswith(("http://", "https://")) else None,
    )
    return MediumPost(facts, _parts(entry, title), draft=day is None)


def _parts(entry: Element, title: str) -> list[Part]:
    """The text of a post, its subtitle first, without the title that it opens with."""
    body = _first(entry, "e-content")
    parts = [] if body is None else parts_of(body)
    if parts and one_line(parts[0].text).lower() == title.lower():
        parts = parts[1:]
    summary = _line_of(entry, "p-summary")
    # Medium repeats the opening of a post without a subtitle, cut short.
    opening = " ".join(part.text for part in parts[:2]).lower()
    if parts and summary and not opening.startswith(summary.rstrip("….").lower()):
        return [Part(summary), *parts]
    return parts


def _line_of(entry: Element, name: str) -> str:
    """The words of the first element of a class, in one line; empty where there is none."""
    element = _first(entry, name)
    return "" if element is None else one_line(text_of(element))


def _is_export(tree: Element) -> bool:
    return any(_EXPORTED.search(" ".join(foot.itertext())) for foot in tree.iter("footer"))


def _first(tree: Element, name: str) -> Element | None:
    return next((e for e in tree.iter() if tag_of(e) and name in classes_of(e)), None)
