"""Which posts pass the filters of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rapidfuzz import fuzz, process

from askscwru.errors import FilterError
from askscwru.letters import fold
from askscwru.names import bare_name
from askscwru.types import Filters, Post

NO_FILTERS = Filters()
_FIRST = {len("2018"): "-01-01", len("2018-02"): "-01"}


def posts_within(known: Sequence[Post], filters: Filters) -> Sequence[Post]:
    """The posts that pass the filters, in their order.

    Args:
        known: all posts.
        filters: what is None limits nothing.

    Raises:
        FilterError: a filter names an author, a source, a post, a blog, a category or a tag that
            there is not, or no ISO date; or the period ends before it begins.
    """
    if not filters:
        return known
    posts = list(known)
    if filters.author is not None:
        posts = _by_author(posts, filters.author)
    if filters.source is not None:
        posts = _by_source(posts, filters.source)
    for what in ("blog", "category", "tag"):
        if (wanted := getattr(filters, what)) is not None:
            posts = _by_label(posts, what, wanted)
    posts = _by_date(posts, filters)
    if filters.post is not None:
        posts = _by_id(posts, known, filters.post)
    return posts


def _by_author(posts: Iterable[Post], author: str) -> list[Post]:
    posts = list(posts)
    wanted = fold(bare_name(author))
    if not wanted:
        raise FilterError("The author filter is blank.", param="filters.author")
    found = [post for post in posts if any(fold(name) == wanted for name in post.authors)]
    if not found:
        found = [
            post
            for post in posts
            if any(fold(name).split()[-1:] == [wanted] for name in post.authors)
        ]
    if not found:
        names = sorted({name for post in posts for name in post.authors})
        near = process.extractOne(author, names, scorer=fuzz.WRatio, score_cutoff=60)
        hint = f"Did you mean “{near[0]}”?" if near else "`askscwru posts` lists the authors."
        raise FilterError(f"No post is by “{author}”.", remedy=hint, param="filters.author")
    return found


def _by_source(posts: Iterable[Post], source: str) -> list[Post]:
    found = [
        post
        for post in posts
        if source == post.source or any(place.source == source for place in post.also_in)
    ]
    if not found:
        raise FilterError(
            f"No post is from the source “{source}”.",
            remedy="`askscwru posts` lists the sources.",
            param="filters.source",
        )
    return found


def _labels(post: Post, what: str) -> tuple[str, ...]:
    if what == "blog":
        return () if post.blog is None else (post.blog,)
    return post.categories if what == "category" else post.tags


def _by_label(posts: Sequence[Post], what: str, wanted: str) -> list[Post]:
    """The posts of a blog, in a category or with a tag, whatever the case and the accents."""
    if not fold(wanted):
        raise FilterError(f"The {what} filter is blank.", param=f"filters.{what}")
    found = [post for post in posts if fold(wanted) in map(fold, _labels(post, what))]
    if not found:
        names = sorted({name for post in posts for name in _labels(post, what)})
        near = process.extractOne(wanted, names, scorer=fuzz.WRatio, score_cutoff=60)
        hint = f"Did you mean “{near[0]}”?" if near else "`askscwru posts --json` lists them."
        raise FilterError(
            f"No post has the {what} “{wanted}”.", remedy=hint, param=f"filters.{what}"
        )
    return found


def _by_id(posts: Iterable[Post], known: Iterable[Post], post_id: str) -> list[Post]:
    if all(post.id != post_id for post in known):
        raise FilterError(
            f"There is no post “{post_id}”.",
            remedy="`askscwru posts --json` lists the ids.",
            param="filters.post",
        )
    return [post for post in posts if post.id == post_id]


def _by_date(posts: Iterable[Post], filters: Filters) -> list[Post]:
    after = _iso(filters.after, "filters.after")
    before = _iso(filters.before, "filters.before")
    if after is not None and before is not None and before <= after:
        raise FilterError(
            f"The period ends on {before}, before it begins on {after}.",
            remedy="Exchange the two dates.",
            param="filters.before",
        )
    return [
        post
        for post in posts
        if (after is None or (post.published is not None and post.published >= after))
        and (before is None or (post.published is not None and post.published < before))
    ]


def _iso(value: str | None, param: str) -> str | None:
    """The day, the first one of a month or a year that is named without a day."""
    if value is None:
        return None
    whole = f"{value.strip()}{_FIRST.get(len(value.strip()), '')}"
    try:
        return date.fromisoformat(whole).isoformat()
    except ValueError as error:
        raise FilterError(
            f"“{value}” is not a date.",
            remedy="Write it as 2018, 2018-02 or 2018-02-28.",
            param=param,
        ) from error
