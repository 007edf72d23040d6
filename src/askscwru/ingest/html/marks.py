"""What stands in a line of HTML and is no word of it: raised figures, marks of notes, struck words.

``40<sup>2</sup>`` is not 402. A mark that leads to a note is left out; any other raised figure is
written as the raised figure that Unicode has (``m²``), so that it is what the page shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any
from urllib.parse import unquote

Element = Any

_RAISED = str.maketrans(
    "0123456789+-−=()niabcdefghjklmoprstuvwxyz*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ*"
)
_GLUED = re.compile(r"[^\W\d_]{2,}\.?|[™®©℠*†‡§¶º°′″]+|\[.{1,8}\]")
"""Raised words are no figures: ``1st``, ``Mrs``, a trade mark; nor is what stands in brackets."""
_MARK = re.compile(r"[\[(]?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5}|[*†‡§¶#•]{1,3})[\])]?[,;]?")
_BARE_MARK = re.compile(r"\d{1,3}|[*†‡§¶]{1,3}")
_BACK = re.compile(r"[\s↩↑⇑⤴⏎^¶#§⚓🔗\ufe0e\ufe0f]+")
"""What leads back from a note, or from a heading to itself."""
_OF_NOTE = re.compile(
    r"(?:^|[-_])(?:fn|ftn|footnote|endnote|note|noteref|reference|cite|easy-?footnote|sdfootnote|"
    r"modern-footnotes|bigfoot)s?(?:[-_.\d]|ref|anc|link|$)",
    re.IGNORECASE,
)
_STRUCK = frozenset({"del", "s", "strike"})
_LINE_THROUGH = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_MOST_STRUCK = 0.5
_LONGEST_MARK, _MOST_PIECES = 12, 8
_LONGEST_HREF = 400


def raised(text: str) -> str:
    """What a raised stretch is written as after the word before it."""
    bare = text.strip()
    if not bare or _GLUED.fullmatch(bare):
        return text
    told = bare.lower().translate(_RAISED) if len(bare) == 1 else bare.translate(_RAISED)
    return told if told != bare or not bare[0].isalnum() else f" {bare}"


def is_note_mark(element: Element, before: str) -> bool:
    """Whether an element is the mark of a note, or the way back from one.

    Args:
        element: ``a`` or ``sup``.
        before: the words of the line that stand before it.
    """
    if len(element.text or "") > _LONGEST_MARK:
        return False
    text = "".join(islice(element.itertext(), _MOST_PIECES)).strip()
    if len(text) > _LONGEST_MARK:
        return False
    links = [element] if element.tag == "a" else list(element.iter("a"))
    if element.tag == "a" and _is_back(element, text):
        return True
    if not _MARK.fullmatch(text):
        return False
    noted = any(map(_leads_to_note, links)) or _is_named(element)
    if element.tag == "sup":
        return noted or any((a.get("href") or "").startswith("#") for a in links)
    apart = bool(before.strip()) and before[-1].isspace()
    return noted and not apart and _BARE_MARK.fullmatch(text) is not None


def note_of(mark: Element) -> str:
    """The name under which the note of a mark stands on the page; empty where it leads to none."""
    links = [mark] if mark.tag == "a" else list(mark.iter("a"))
    for link in links:
        _, _, name = (link.get("href") or "")[:_LONGEST_HREF].partition("#")
        if name:
            return unquote(name)
    return ""


def names_of(element: Element) -> list[str]:
    """The names under which a link may lead to an element."""
    named = [element.get("id"), element.get("name") if element.tag == "a" else None]
    return [name[:_LONGEST_HREF] for name in named if name]


def is_struck(element: Element, whole: Callable[[], int]) -> bool:
    """Whether the writer struck the words of an element out.

    A tag that was never closed strikes the rest of a post: what holds most of it is kept.

    Args:
        element: any.
        whole: tells how many letters the post has.
    """
    style = element.get("style")
    if element.tag not in _STRUCK and not (style and _LINE_THROUGH.search(style)):
        return False
    held = sum(len(text.strip()) for text in element.itertext())
    return held <= _MOST_STRUCK * whole()


def _is_back(link: Element, text: str) -> bool:
    href = link.get("href") or ""
    return "#" in href and bool(text) and _BACK.fullmatch(text) is not None


def _leads_to_note(link: Element) -> bool:
    target = (link.get("href") or "").rpartition("#")[2] if "#" in (link.get("href") or "") else ""
    role, rel = link.get("role") or "", (link.get("rel") or "").lower()
    kind = next((value for key, value in link.items() if key.endswith("type")), "")
    return (
        (bool(target) and _OF_NOTE.search(target) is not None)
        or "noteref" in role
        or "noteref" in kind
        or "footnote" in rel
        or _is_named(link)
    )


def _is_named(element: Element) -> bool:
    names = [*(element.get("class") or "")[:400].split(), (element.get("id") or "")[:80]]
    return any(_OF_NOTE.search(name) for name in names if name)
