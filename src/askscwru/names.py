"""People's names: what looks like one, how two are compared, and how a list of them is split."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from askscwru.rules import rule_file

_UP = r"A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŴŶŸŹŻŽ"
TITLE = (
    r"(?:Dr|Prof|Professor|Mr|Mrs|Ms|Mx|Miss|Sir|Dame|Lord|Lady|Baroness|Rev|Revd|Cllr|Hon|Judge|"
    r"Associate|Emeritus|Assistant|Doctor)\b\.?"
)
"""What stands before a person's name."""
_WORD = rf"(?:St\.|(?:[dlDL][’'])?[{_UP}][\w’'-]*\w|[{_UP}]\.?(?:-?[{_UP}]\.)*)"
_PARTICLE = (
    r"(?:de|da|do|dos|du|van|von|der|den|ter|la|le|bin|ibn|al|ap|di|del|della|el|y|e|i|zu|af|av|st|"
    r"ní|ni|ó|mac|na)"
)
NAME = rf"(?:{TITLE}\s+)*{_WORD}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_WORD}){{1,3}}"
NAMES = rf"{NAME}(?:(?:\s*,\s*|\s*,?\s+(?:and|&|with|et|y|und)\s+|\s*/\s*){NAME}){{0,6}}"

_JOINERS = re.compile(r"\s*,\s*(?:and|&)?\s*|\s+(?:and|&|with|et|y|und)\s+|\s*/\s*")
_TITLE_PREFIX = re.compile(rf"^(?:{TITLE}\s+)+")


def bare_name(name: str) -> str:
    """A name without ``Dr``, ``Professor`` and the like in front."""
    return _TITLE_PREFIX.sub("", name.strip()).strip(" ,.")


def is_name(line: str, common: Collection[str] = (), *, sure: bool = False) -> bool:
    """Whether the whole line is a person's name.

    Args:
        line: without white space around it.
        common: words that the page writes in lower case: none of them is part of a name.
        sure: whether a name is due here (behind ``by``), so that ``Will Young`` is believed.
    """
    if len(line) > 60 or not re.fullmatch(NAME, line):
        return False
    words = [word.lower() for word in bare_name(line).split() if not word.islower()]
    if len(words) < 2:
        return False
    if any(word in _words("never a name") for word in words):
        return False
    doubtful = [word in _words("no name") or word in common for word in words]
    return not (all(doubtful) if sure else any(doubtful))


@lru_cache(maxsize=4)
def _words(group: str) -> frozenset[str]:
    """Words that begin headings, bodies and sentences: read when a name is first doubted."""
    return frozenset(rule_file("names").words(group))


def split_names(names: str, common: Collection[str] = (), *, sure: bool = False) -> tuple[str, ...]:
    """``Ann Lee, Bo Å and Dr Cy Dee`` to its names, bare, without what cannot be a name."""
    bare = (bare_name(part) for part in _JOINERS.split(names))
    return tuple(dict.fromkeys(name for name in bare if is_name(name, common, sure=sure)))
