"""What a question on the collection asks for, as a record.

``recognise`` makes it from the words of a question; everything after it works on the record alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from askscwru.answering.collection.periods import Period


class Want(StrEnum):
    """What kind of thing is asked for."""

    LIST = "list"
    COUNT = "count"
    AUTHORS = "authors"
    AUTHOR_COUNT = "author count"
    BLOGS = "blogs"
    BLOG_COUNT = "blog count"
    LABELS = "labels"
    COLLECTION = "collection"
    """What all of the posts are about."""
    SPAN = "span"
    """From when to when the posts are."""
    AUTHOR = "author"
    """From here on: something of one post."""
    DATE = "date"
    LENGTH = "length"
    WHOLE = "whole"
    BLOG = "blog"
    TITLE = "title"
    ADDRESS = "address"
    FILED = "filed"
    """Its categories and tags."""
    SOURCE = "source"
    SUMMARY = "summary"
    VIEWS = "views"
    """What several posts say of one subject."""
    COMPARE = "compare"


OF_ONE_POST = frozenset(
    {
        Want.AUTHOR,
        Want.DATE,
        Want.LENGTH,
        Want.WHOLE,
        Want.BLOG,
        Want.TITLE,
        Want.ADDRESS,
        Want.FILED,
        Want.SOURCE,
        Want.SUMMARY,
    }
)


class Extreme(StrEnum):
    """Which of the posts come first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    SHORTEST = "shortest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Which posts are meant; what is None or empty leaves none out."""

    authors: tuple[str, ...] = ()
    """As they are named in the question; a post must be by each of them."""
    either: bool = False
    """Whether one of the authors is enough."""
    period: Period | None = None
    label: str | None = None
    """A category or tag."""
    blog: str | None = None
    topic: str | None = None
    """What they are about."""
    words: str | None = None
    """What they mention."""
    undated: bool | None = None
    untitled: bool = False
    whole: bool | None = None
    """Whether all of the post is known, or only an opening."""
    stated: bool = False
    """Only those whose page states a number of words."""

    def __bool__(self) -> bool:
        """Whether anything is limited."""
        return self != Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionQuestion:
    """A question on the collection, understood."""

    want: Want
    where: Conditions = Conditions()
    extreme: Extreme | None = None
    number: int | None = None
    """How many of the first ones, where the question says."""
    post: str | None = None
    """The words that name the one post that is meant; empty for "this post"."""
    surely_post: bool = False
    """Whether the words can name nothing but a post."""
    subjects: tuple[str, ...] = ()
    """What views are asked on; two or more for a comparison."""
    among: bool = False
    """Whether it is asked of the posts that were listed before."""
    refines: bool = False
    """Whether it only says of which posts the question before is to be asked."""
