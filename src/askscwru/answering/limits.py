"""What an answer was limited to, in words."""

from __future__ import annotations

from collections.abc import Callable

from askscwru.types import DATE, Filters, Limits, Query

NO_LIMITS = Limits()
_NEWEST_FIRST = ", newest first"


def limits_of(query: Query, title_of: Callable[[str], str | None]) -> Limits:
    """The limits of a query.

    Args:
        query: with its filters and its sort.
        title_of: the title of a post by its id; None for an untitled one.
    """
    text = _words(query.filters, title_of) + (_NEWEST_FIRST if query.sort == DATE else "")
    return Limits(filters=query.filters, sort=query.sort, text=text)


def silence(limits: Limits) -> str:
    """That the posts which were asked do not say, without a full stop.

    It says which: that those by one author say nothing means little for the rest.
    """
    if not limits.filters:
        return "The posts do not say"
    asked = limits.text.removesuffix(_NEWEST_FIRST)
    comma = "," if "," in asked else ""
    if limits.filters.post is None:
        return f"The {asked}{comma} do not say"
    return f"{asked[0].upper()}{asked[1:]}{comma} does not say"


def _words(filters: Filters, title_of: Callable[[str], str | None]) -> str:
    parts = [
        filters.author is not None and f"by {filters.author}",
        filters.blog is not None and f"on the blog “{filters.blog}”",
        filters.category is not None and f"in the category “{filters.category}”",
        filters.tag is not None and f"with the tag “{filters.tag}”",
        filters.source is not None and f"from the source “{filters.source}”",
        filters.after is not None and f"published on {filters.after} or later",
        filters.before is not None and f"published before {filters.before}",
    ]
    said = ", ".join(part for part in parts if part)
    if filters.post is None:
        return f"posts {said}" if said else "all posts"
    title = title_of(filters.post)
    named = f"the post “{title}”" if title else "an untitled post"
    return f"{named}, if {said}" if said else named
