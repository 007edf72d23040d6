"""What a page's markup itself gives away as no part of a post: menus, comments, sharing, widgets.

The names are those of the common blog engines, their themes and plugins. ``furniture`` knows the
lines by their words; here it is the elements by their classes, ids and roles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from askscwru.ingest.compose import Part
from askscwru.ingest.html.markup import classes_of, tag_of
from askscwru.ingest.text.furniture import (
    DATED,
    LineRole,
    before_continue,
    is_comment_head,
    line_rule,
    role_of,
)
from askscwru.rules import rule_file
from askscwru.types import BlockKind

Element = Any

_RULES = rule_file("elements")
_ROLES = frozenset(_RULES.words("roles"))
_ALL = ("comments", "sharing", "related", "navigation", "meta", "person", "other")
_NAMES = _RULES.compiled(*_ALL)
_ALWAYS = _RULES.compiled("comments", "related", "always")
_NEVER_A_POST = _RULES.compiled("comments", "sharing", "related", "person", "never a post")
"""Names that no element with a post in it has, however short the post is."""
_BUILDERS = _RULES.compiled("builder's text")
_ASIDE = _RULES.compiled("aside of the text")
_LEAST_ASIDE = 20
"""Letters: a shorter ``aside`` says nothing."""
_KEPT_TAGS = frozenset({"html", "body", "main"})
_KEPT_ALWAYS = _KEPT_TAGS | {"article"}
_MOST_SHARE = 0.5
"""What holds more than this share of a post's words is the post, whatever it is called."""
_SHORT = 30
_TAIL_LINES = 3
_LINES = frozenset(
    {
        LineRole.SHARE,
        LineRole.FOLLOW,
        LineRole.META,
        LineRole.COMMENTS,
        LineRole.CONTINUE,
        LineRole.PAGE_HEADER,
    }
)
_HEAD_LINES = frozenset({LineRole.PAGE_HEADER})
"""Lines that stand above posts; further down, or as a point of a list, they are the writer's."""
_OF_TEXT = frozenset({BlockKind.HEADING, BlockKind.LIST})
_MAY_HEAD = frozenset({"discussion"})
"""Headings above readers' comments that a post may have too."""
_TOLD = 6
"""Words of a line that is text: what says a day or a name before it stands above the post."""
_MOST_HEAD = 60
_MOST_POINTED, _POINTED = 60, 0.5
"""Words of a line that leads elsewhere, and the least share of it that is links."""


def is_furniture(element: Element) -> bool:
    """Whether an element's name, role, class or id says that it is around a post, not in it."""
    tag = tag_of(element)
    if tag in _KEPT_TAGS:
        return False
    if tag in ("nav", "aside", "dialog") or (element.get("role") or "").lower() in _ROLES:
        return True
    if element.get("aria-hidden") == "true":
        return True
    if any(_is_builders_name(name) for name in classes_of(element)):
        return _named(element, _is_never_name)
    return _named(element, _is_furniture_name)


def always_furniture(element: Element) -> bool:
    """Whether an element is furniture wherever it stands: comments, related posts, sidebars."""
    return _named(element, _is_always_name) and tag_of(element) not in _KEPT_ALWAYS


def is_around(element: Element) -> bool:
    """Whether an element's name is one that nothing in a post has: sharing, comments, related."""
    return _named(element, _is_around_name) and tag_of(element) not in _KEPT_TAGS


def _named(element: Element, fits: Callable[[str], bool]) -> bool:
    """Whether a class or the id fits; nobody writes a name of more than eighty letters."""
    own = element.get("id")
    if own and fits(own[:80].lower()):
        return True
    return any(fits(name) for name in classes_of(element))


# The same few names stand on every page of a site, and the patterns are long.
@lru_cache(maxsize=10_000)
def _is_furniture_name(name: str) -> bool:
    return _NAMES.match(name) is not None


@lru_cache(maxsize=10_000)
def _is_builders_name(name: str) -> bool:
    return _BUILDERS.match(name) is not None


@lru_cache(maxsize=10_000)
def _is_always_name(name: str) -> bool:
    return _ALWAYS.match(name) is not None


@lru_cache(maxsize=10_000)
def _is_around_name(name: str) -> bool:
    return _NEVER_A_POST.match(name) is not None or _ALWAYS.match(name) is not None


@lru_cache(maxsize=10_000)
def _is_never_name(name: str) -> bool:
    return _NEVER_A_POST.match(name) is not None


def small_furniture(words: int) -> Any:
    """The test for furniture inside a post of so many characters: what holds most of it is kept."""

    def test(element: Element) -> bool:
        if not is_furniture(element) or _is_aside_of_text(element):
            return False
        named = _named(element, _is_never_name)
        if named and tag_of(element) != "article":
            return True
        held = sum(len(text) for text in element.itertext())
        return held <= _MOST_SHARE * words

    return test


def _is_aside_of_text(element: Element) -> bool:
    """Whether an ``aside`` in a post is a box that its writer set apart: a warning, some facts.

    It has a name that says so, or none at all, and sentences, few of them links.
    """
    if tag_of(element) != "aside" or _named(element, _is_furniture_name):
        return False
    if (element.get("role") or "note").lower() not in ("note", "doc-tip", "doc-notice"):
        return False
    names = [*classes_of(element), *filter(None, [element.get("id")])]
    if names and not any(_ASIDE.match(name) for name in names):
        return False
    whole = sum(len(text.strip()) for text in element.itertext())
    linked = sum(len(text.strip()) for link in element.iter("a") for text in link.itertext())
    return whole >= _LEAST_ASIDE and linked <= _POINTED * whole


def without_lines(parts: Sequence[Part]) -> tuple[list[Part], bool]:
    """The parts without lines that are furniture by their words, and whether it is an opening.

    A heading such as ``Related posts`` ends the post.
    """
    kept: list[Part] = []
    opening = told = False
    diary = sum(_is_day(part) for part in parts) > 1
    for at, part in enumerate(parts):
        if _ends(part, kept, parts[at + 1 :]):
            break
        last = at >= len(parts) - _TAIL_LINES
        text, cut = before_continue(part.text) if last else (0, False)
        if cut:
            opening = True
            if text:
                kept.append(Part(part.text[:text].rstrip(), part.kind))
            continue
        if _points(part) or _stands_between(part):
            continue
        role = role_of(part.text) if len(part.text.split()) <= _SHORT else None
        if role is LineRole.CONTINUE:
            # In the middle of a text it is the writer's own word, or a link to something else.
            opening = opening or last
        within = told and (not last or part.held or part.kind in _OF_TEXT)
        days = (within or (diary and _is_day(part))) and line_rule(DATED).match(part.text)
        if days or not _is_dropped(role, part, at):
            kept.append(part)
            told = told or len(part.text.split()) >= _TOLD
    while kept and kept[-1].kind is BlockKind.HEADING:
        kept.pop()
    return kept, opening


def _is_day(part: Part) -> bool:
    """Whether a heading is a day, as those of a diary are."""
    return part.kind is BlockKind.HEADING and line_rule(DATED).match(part.text) is not None


def _stands_between(part: Part) -> bool:
    """Whether a line heads a box between the paragraphs."""
    return len(part.text) <= _MOST_HEAD and line_rule("between").match(part.text) is not None


def _is_dropped(role: LineRole | None, part: Part, at: int) -> bool:
    """Whether a line of such a role is no part of the post where it stands."""
    written = role in _HEAD_LINES and (part.kind is BlockKind.LIST or at > 2)
    return role in _LINES and not written


def _points(part: Part) -> bool:
    """Whether a line only leads to other posts, or to the lists that the post is in."""
    return (
        part.linked > _POINTED
        and part.kind is not BlockKind.LIST
        and len(part.text.split()) <= _MOST_POINTED
        and line_rule("pointer").match(part.text) is not None
    )


def _ends(part: Part, kept: list[Part], rest: Sequence[Part]) -> bool:
    """Whether everything from here on stands below the post."""
    if not any(before.kind is not BlockKind.HEADING for before in kept):
        return False
    if len(part.text) > 100 or not line_rule("closing").match(part.text):
        return False
    # A section of the post may be called so: it is one where more text follows than stood before,
    # or where a plain name heads paragraphs of which none is a reader's.
    after = sum(len(other.text) for other in rest if len(other.text) > 150)
    if after > sum(len(other.text) for other in kept):
        return False
    plain = part.kind is BlockKind.HEADING and part.text.strip(" :.…").lower() in _MAY_HEAD
    told = sum(len(other.text.split()) >= _TOLD for other in rest[:_TAIL_LINES])
    return not (plain and told and not any(is_comment_head(other.text) for other in rest))
