"""Who wrote a post: names and the phrases that say so.

A name alone proves little on a page full of names. An author is taken only from a phrase that says
who wrote (``by Ann Lee``), who somebody is (``Ann Lee is Senior Lecturer at …``) or what they do in
the post (``Ann Lee, Director of …, discusses …``), or from a name that stands alone under a title.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from askscwru.ingest.dates import DATE_PATTERN
from askscwru.names import NAME, NAMES, split_names
from askscwru.rules import rule_file

WORD_COUNT = re.compile(
    r"\(\s*(\d{1,3}(?:[,. ]\d{3})*|\d+)\s*words?\s*\)|\b(\d{1,3}(?:,\d{3})*)\s+words\s*$",
    re.IGNORECASE,
)

_REST_OK = re.compile(r"\s*(?:$|[,.|•·–—(/-]|\bon\b|\bat\b|\bin\b|\d|\bof\b)")
PARTS = {"date": DATE_PATTERN, "name": NAME, "names": NAMES}
"""What stands for the names in braces of the rules."""
_HEARD = 400
_GUEST = re.compile(
    r"\b(?:(?:our )?guest (?:writer|author|blogger|contributor|columnist|editor)s?|"
    r"(?:our )?(?:writer|author|blogger|contributor|columnist|editor))\s+(?=[A-Z])"
)
"""What an author is called before the name."""


@lru_cache(maxsize=32)
def _shape(group: str) -> re.Pattern[str]:
    """One of the shapes in ``ingest/rules/bylines.toml``, to be tried at a place of a text."""
    return rule_file("bylines").compiled(group, end="", parts=PARTS)


@lru_cache(maxsize=1)
def _act() -> re.Pattern[str]:
    return re.compile(rf"\b{rule_file('bylines').alternatives('act')}\b")


def by_line(line: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The authors that a line names which does nothing else (``Posted on … by …``)."""
    if len(line) > 320:
        return ()
    line = _GUEST.sub("", line)
    if match := _shape("by").match(line):
        if _REST_OK.match(match["rest"]):
            return split_names(match["names"], common, sure=True)
        return ()
    for shape in ("name date", "date name"):
        if match := _shape(shape).match(line):
            return split_names(match["names"], common)
    return ()


def named_in_meta(line: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The authors that a line of dates and categories names behind ``by``."""
    match = _shape("posted by").search(line[:_HEARD])
    return split_names(match["names"], common, sure=True) if match else ()


def introduced(
    sentence: str, common: Collection[str] = (), *, counted: bool = False
) -> tuple[str, ...]:
    """The authors that a sentence under the title introduces.

    Args:
        sentence: one sentence.
        common: words that the page writes in lower case.
        counted: whether the post's length is stated with it, so that the names it opens with are
            those of the authors whatever it says of them.
    """
    heard = _shape("aside").sub("", sentence[:_HEARD])
    if names := _described(heard, common):
        return names
    if counted and (match := _shape("opening names").match(heard)):
        return split_names(match["names"], common)
    if match := _shape("of").search(heard):
        both = " and ".join(filter(None, (match["first"], match["second"])))
        return split_names(both, common)
    if _act().search(heard) is None:
        return ()
    for match in _shape("apposition").finditer(heard):
        names = split_names(match["names"], common)
        if names and _shape("station").search(match["what"]):
            return names
    for match in _shape("acts").finditer(heard):
        if names := split_names(match["names"], common):
            return names
    return ()


def described(sentence: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The persons that a sentence says the profession of (``X is a lecturer at …``)."""
    return _described(_shape("aside").sub("", sentence[:_HEARD]), common)


def _described(heard: str, common: Collection[str]) -> tuple[str, ...]:
    match = _shape("is").match(heard)
    if match is None:
        return ()
    names = split_names(match["names"], common)
    for other in _shape("and is").finditer(heard, match.end()):
        names += split_names(other["names"], common)
    return tuple(dict.fromkeys(names))


def signed(line: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The authors who sign at the end of a post (``Ann Lee, University of …``, or a name alone)."""
    if len(line) > 260:
        return ()
    if match := _shape("signature").match(line):
        return split_names(match["names"], common)
    bare = re.sub(r"^(?:[-–—~*]+|by)\s*", "", line, flags=re.IGNORECASE).strip(" .")
    return split_names(bare, common) if re.fullmatch(NAMES, bare) else ()


def stated_words(text: str) -> int | None:
    """The number of words that a byline states for the whole post, or None."""
    match = WORD_COUNT.search(text)
    if match is None:
        return None
    return int(re.sub(r"\D", "", match[1] or match[2]))
