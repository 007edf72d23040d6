"""By what Word counts the points of a document's lists: it stands in no paragraph."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from askscwru.ingest.numbering import counted_by

Element = Any

_KINDS = {
    "decimal": "1",
    "lowerLetter": "a",
    "upperLetter": "A",
    "lowerRoman": "i",
    "upperRoman": "I",
}
_NAMES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
_LEVEL = re.compile(r"%([1-9])")
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str
    """As ``counted_by`` names it."""
    written: str
    """What Word writes, with ``%1`` for the number of the first level."""
    start: int


@dataclass(slots=True)
class WordNumbering:
    """The lists of one document, and how far each is counted."""

    lists: dict[str, dict[int, _Level]] = field(default_factory=dict)
    """By the id of a list and level, how its points are counted; not those with bullets."""
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By the id of a paragraph's style the list and level that it is of."""
    _counts: dict[str, dict[int, int]] = field(
        default_factory=lambda: defaultdict(dict), init=False
    )

    def next_point(self, paragraph: Element) -> str:
        """What a paragraph is counted by; empty where it has a bullet, or is no point of a list."""
        known, level = self._place(paragraph)
        levels = self.lists.get(known, {})
        if level not in levels:
            return ""
        counts = self._counts[known]
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        said = _LEVEL.sub(lambda match: self._said(known, int(match[1]) - 1), levels[level].written)
        if not said or len(said) > _LONGEST:
            return counted_by(counts[level], levels[level].kind)
        return said if said[-1] in ".):" else f"{said}."

    def _said(self, known: str, level: int) -> str:
        levels, counts = self.lists[known], self._counts[known]
        if level not in levels:
            return ""
        number = counts.get(level, levels[level].start)
        return counted_by(number, levels[level].kind).rstrip(".")

    def _place(self, paragraph: Element) -> tuple[str, int]:
        """The list and the level that a paragraph is of, by itself or by its style."""
        style = _first(_found(paragraph, "./w:pPr/w:pStyle/@w:val"))
        by_style, depth = self.styles.get(style, ("", 0))
        known = _first(_found(paragraph, "./w:pPr/w:numPr/w:numId/@w:val")) or by_style
        stated = _first(_found(paragraph, "./w:pPr/w:numPr/w:ilvl/@w:val"))
        return known, _figure(stated, depth)


def numbering_of(document: Any) -> WordNumbering:
    """The lists of a document that python-docx has opened; none where it says nothing of lists."""
    return WordNumbering(_lists(document), _styled(document))


def _lists(document: Any) -> dict[str, dict[int, _Level]]:
    try:
        told = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    made = {
        _first(_found(one, "./@w:abstractNumId")): {
            _figure(_first(_found(level, "./@w:ilvl")), 0): _Level(
                _KINDS[form],
                _first(_found(level, "./w:lvlText/@w:val")).strip(),
                _figure(_first(_found(level, "./w:start/@w:val")), 1),
            )
            for level in _found(one, "./w:lvl")
            if (form := _first(_found(level, "./w:numFmt/@w:val"))) in _KINDS
        }
        for one in _found(told, "./w:abstractNum")
    }
    return {
        _first(_found(number, "./@w:numId")): made.get(
            _first(_found(number, "./w:abstractNumId/@w:val")), {}
        )
        for number in _found(told, "./w:num")
    }


def _styled(document: Any) -> dict[str, tuple[str, int]]:
    return {
        _first(_found(style, "./@w:styleId")): (
            known,
            _figure(_first(_found(style, "./w:pPr/w:numPr/w:ilvl/@w:val")), 0),
        )
        for style in _found(document.styles.element, "./w:style")
        if (known := _first(_found(style, "./w:pPr/w:numPr/w:numId/@w:val")))
    }


def _found(element: Element, path: str) -> list[Any]:
    return list(_way(path)(element))


@lru_cache(maxsize=32)
def _way(path: str) -> Any:
    return etree.XPath(path, namespaces=_NAMES)


def _first(found: list[str]) -> str:
    return str(found[0]) if found else ""


def _figure(stated: str, otherwise: int) -> int:
    return int(stated) if stated.isdigit() and len(stated) < 7 else otherwise
