"""What is indexed, in a few words: for clients that must know what they could ask about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from askscwru.show.screen import safe
from askscwru.types import Post

UNKNOWN = "a collection of blog posts"
"""Before the index is loaded."""
_NAMED = 5
_LONGEST = 80


def described(posts: Sequence[Post]) -> str:
    """Number, blogs, years and subjects of the posts, as the end of a sentence.

    Titles and names are data of whoever wrote them: in quotation marks, shortened and without
    control characters.
    """
    if not posts:
        return UNKNOWN
    said = f"{len(posts):,} blog {'post' if len(posts) == 1 else 'posts'}"
    blogs = Counter(post.blog for post in posts if post.blog)
    if blogs:
        said += f" of {_listed(blogs)}"
    days = sorted(post.published[:4] for post in posts if post.published)
    if days:
        span = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
        said += f", published {span}"
    subjects = Counter(name for post in posts for name in (*post.categories, *post.tags))
    if subjects:
        return f"{said}, filed under {_listed(subjects)}"
    titles = Counter(post.title for post in posts if post.title)
    return f"{said}, such as {_listed(titles, 3)}" if titles else said


def _listed(names: Counter[str], most: int = _NAMED) -> str:
    """The most frequent names, and how many more there are."""
    shown = [f"“{_short(name)}”" for name, _ in names.most_common(most)]
    more = len(names) - len(shown)
    if more:
        shown.append(f"{more:,} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _short(name: str) -> str:
    plain = " ".join(safe(name).split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
