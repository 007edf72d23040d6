"""Limits as form fields, as parameters of an address, and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from askscwru.answering.limits import limits_of
from askscwru.types import Filters, Post, Query

FIELDS = tuple(field.name for field in fields(Filters))
"""The limits there are, by the name that forms and addresses give them."""
MOST_LISTED = 40
"""Up to so many names are a list to choose from; of more, a field that suggests them."""
_MOST_SUGGESTED = 200


def read(given: Mapping[str, str]) -> dict[str, str]:
    """The limits among the fields of a form or an address; what is blank limits nothing."""
    return {name: given[name].strip() for name in FIELDS if given.get(name, "").strip()}


@dataclass(frozen=True, slots=True)
class Held:
    """A limit that holds."""

    name: str
    said: str
    """``posts by Alex Fox``, ``posts published before 2015-01-01``."""
    without: Mapping[str, str]
    """The limits that are left when it is taken away."""


def held(limits: Mapping[str, str], title: str | None = None) -> list[Held]:
    """Every limit in words, with what is left without it.

    Args:
        limits: by name, as ``read`` gives them.
        title: of the post that they name, where it has one.
    """
    return [
        Held(name, _said(name, value, title), {n: v for n, v in limits.items() if n != name})
        for name, value in limits.items()
    ]


def _said(name: str, value: str, title: str | None) -> str:
    query = Query("", filters=Filters(**{name: value}))
    return limits_of(query, lambda _: title).text


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen for one limit."""

    name: str
    label: str
    values: Sequence[str]
    """By how many posts they have."""
    listed: bool
    """Whether they are few enough to be listed all."""


def choices(posts: Iterable[Post]) -> list[Choices]:
    """The names that posts can be limited to; a limit with fewer than two is none."""
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("author", "blog", "category", "tag")
    }
    for post in posts:
        counts["author"].update(post.authors)
        counts["blog"].update([post.blog] if post.blog else [])
        counts["category"].update(post.categories)
        counts["tag"].update(post.tags)
    made = []
    for name, counted in counts.items():
        ranked = [value for value, _ in counted.most_common(_MOST_SUGGESTED)]
        listed = len(counted) <= MOST_LISTED
        if len(counted) > 1:
            shown = sorted(ranked, key=str.casefold) if listed else ranked
            made.append(Choices(name, name.capitalize(), shown, listed))
    return made
