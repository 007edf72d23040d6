"""What a build reports: which sources and posts are new, changed and gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from askscwru.ingest import Skipped
from askscwru.types import Post


@dataclass(frozen=True, slots=True)
class PostChanges:
    """What a build makes of the posts, compared with the index before it."""

    new: int = 0
    changed: int = 0
    """Posts whose words are others now, under the same title or address."""
    gone: int = 0
    copies: int = 0
    """Places where a post stands beside its fullest copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build found and did."""

    changed: bool
    """False when the index was up to date, so that nothing was done."""
    generation: str
    sources: int
    posts: int
    passages: int
    sentences: int
    new: tuple[str, ...]
    """Sources that the index before did not know."""
    updated: tuple[str, ...]
    """Sources whose bytes have changed."""
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]
    """Sources that are no longer in the seeds folder."""
    skipped: tuple[Skipped, ...]
    """What was left out, and why."""
    cut: Mapping[str, int] = field(default_factory=dict)
    """How many sentences of each source are longer than a passage and were cut between words."""
    moved: tuple[tuple[str, str], ...] = ()
    """Sources that have another name now, the old one first; neither new nor gone."""
    copies: tuple[tuple[str, str], ...] = ()
    """Sources with nothing of their own, and where what they hold stands more fully."""
    changes: PostChanges = PostChanges()
    vectors_reused: int
    vectors_encoded: int
    seconds: float


def counted(counts: Mapping[str, int]) -> dict[str, Any]:
    """How many of each there are, as a report has them."""
    return {name: counts[name] for name in ("sources", "posts", "passages", "sentences")}


def source_changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Any]:
    """Which sources are new, updated, unchanged, gone and moved.

    Args:
        before: hash of each source of the index, by its name.
        now: likewise of what was read.
    """
    gone = {name: digest for name, digest in before.items() if name not in now}
    by_digest: dict[str, list[str]] = {}
    for name, digest in gone.items():
        by_digest.setdefault(digest, []).append(name)
    moved = []
    new = []
    for name, digest in now.items():
        if name in before:
            continue
        if olds := by_digest.get(digest):
            moved.append((olds.pop(0), name))
        else:
            new.append(name)
    left = {old for old, _ in moved}
    return {
        "new": tuple(new),
        "updated": tuple(name for name in now if name in before and before[name] != now[name]),
        "unchanged": tuple(name for name in now if before.get(name) == now[name]),
        "gone": tuple(name for name in gone if name not in left),
        "moved": tuple(moved),
    }


def post_changes(
    before: Sequence[Post], now: Sequence[Post], copies: int | None = None
) -> PostChanges:
    """How many posts are new, changed and gone.

    Args:
        before: the posts as they were; those that are as they were may be left out here and there.
        now: as they are.
        copies: in how many places posts stand beside their fullest copies; None to count them.
    """
    old = {post.id: post for post in before}
    current = {post.id for post in now}
    gone = [post for post in before if post.id not in current]
    places = {place for post in gone for place in _places(post)}
    new = changed = 0
    for post in now:
        if post.id in old:
            changed += old[post.id].text_hash not in ("", post.text_hash)
        elif places.isdisjoint(_places(post)):
            new += 1
        else:
            changed += 1
    replaced = sum(post.id not in old for post in now) - new
    copies = sum(len(post.also_in) for post in now) if copies is None else copies
    return PostChanges(new, changed, max(0, len(gone) - replaced), copies)


def copies_of(posts: Sequence[Post]) -> tuple[tuple[str, str], ...]:
    """Sources that hold only copies, each with the source of one of those posts."""
    own = {post.source for post in posts}
    found: dict[str, str] = {}
    for post in posts:
        for copy in post.also_in:
            if copy.source not in own:
                found.setdefault(copy.source, post.source)
    return tuple(found.items())


def _places(post: Post) -> set[tuple[str, str]]:
    """What a post is known by when its words have changed: its address, its title in its source."""
    known = {("", post.url)} if post.url else set()
    return known | ({(post.source, post.title)} if post.title else set())
