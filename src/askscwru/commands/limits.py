"""Limits as people type them: ``author: Alex Fox; after: 2014``."""

from __future__ import annotations

from collections.abc import Sequence

from askscwru.errors import FilterError
from askscwru.types import Filters, Post

NAMES = ("author", "blog", "category", "tag", "source", "after", "before")
FORM = "author: NAME; after: 2014"


def example_of(posts: Sequence[Post]) -> str:
    """Limits that some post of the corpus keeps; the form alone where no post says anything."""
    for post in posts:
        if post.authors and post.published:
            return f"author: {post.authors[0]}; after: {post.published[:4]}"
    for post in posts:
        if post.authors:
            return f"author: {post.authors[0]}"
        if post.blog or post.published:
            return f"blog: {post.blog}" if post.blog else f"after: {str(post.published)[:4]}"
    return FORM


def read_filters(typed: str, example: str = FORM) -> Filters:
    """What was typed as filters.

    Args:
        typed: names with their values, between semicolons.
        example: what to show where it is not understood.

    Raises:
        FilterError: it names something else, a thing twice, or nothing.
    """
    given: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in typed.split(";"))):
        name, colon, value = part.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or not value or name not in NAMES or name in given:
            known = ", ".join(NAMES)
            raise FilterError(
                f"“{part}” is not understood.",
                remedy=f"Write it as: {example} (with {known}).",
            )
        given[name] = value
    if not given:
        raise FilterError("Nothing was named.", remedy=f"Write it as: {example}")
    return Filters(**given)
