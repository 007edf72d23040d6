"""A page's text to its paragraphs, with offsets.

A saved page has one paragraph a line, with or without blank lines between them; Markdown and old
text files are often wrapped by hand, and then a paragraph is a run of lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_LINE = re.compile(r"[^\r\n\u2028\u2029\v\f\x85]+")
_SPACE = "\ufeff\u200b\u200e\u200f"
_MARKER = re.compile(
    r"(?:#{1,6}\s|>|[-*+•▪◦‣·]\s|\d{1,3}[.)]\s|\||```|={3,}|-{3,}|\*{3,}|_{3,}|~{3,})"
)
_BULLET = re.compile(r"(?:[-*+•▪◦‣·–]\s+|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+)(?=\S)")
_HEADING = re.compile(r"(#{1,6})\s+(?=\S)")
_RULE = re.compile(r"\s*([-*_=~])(?:\s*\1){2,}\s*$")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1$", re.DOTALL)
_WRITTEN = re.compile(r"(?i:by|posted|published|written|author)\b:? (?=[A-Z\d]|by |on )")
"""How the line below a title begins that says who wrote the post, or when."""
_WRAP_LOW, _WRAP_HIGH = 34, 110


@dataclass(frozen=True, slots=True)
class PageParagraph:
    """A run of text of a page, without the markers in front of it."""

    start: int
    end: int
    text: str
    """The verbatim slice, markers left out."""
    level: int = 0
    """The Markdown heading level, 1 to 6; 0 where it is no Markdown heading."""
    bullet: bool = False
    """Whether it stood behind a bullet or a number."""
    quoted: bool = False
    """Whether it stood behind ``>``."""
    rule: bool = False
    """Whether it is a line of dashes or stars between parts of the page."""


def paragraphs_of(text: str, start: int = 0) -> list[PageParagraph]:
    """The paragraphs from ``start`` on, in order, white space and invisible marks left out."""
    lines = [span for span in _lines(text, start) if span[0] < span[1]]
    joined = _join_wrapped(text, lines) if _is_wrapped(text, lines) else lines
    paragraphs: list[PageParagraph] = []
    for first, last in joined:
        paragraphs.append(_paragraph(text, first, last))
    return [paragraph for paragraph in paragraphs if paragraph.text or paragraph.rule]


def _lines(text: str, start: int) -> list[tuple[int, int]]:
    return [_trim(text, match.start(), match.end()) for match in _LINE.finditer(text, start)]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _SPACE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _SPACE):
        end -= 1
    return start, end


def _adjacent(text: str, end: int, start: int) -> bool:
    between = text[end:start]
    return between.count("\n") <= 1 and between.count("\r") <= 1


def _wraps(text: str, line: tuple[int, int]) -> bool:
    size = line[1] - line[0]
    return _WRAP_LOW <= size <= _WRAP_HIGH and text[line[1] - 1] not in '.!?:;…”"'


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether the page was wrapped by hand: many lines break off and go on in lower case."""
    adjacent = wrapped = 0
    for line, after in pairwise(lines):
        if _adjacent(text, line[1], after[0]):
            adjacent += 1
            wrapped += _wraps(text, line) and text[after[0]].islower()
    longest = max((end - start for start, end in lines), default=0)
    return wrapped >= 3 and wrapped >= adjacent * 0.25 and longest <= 2 * _WRAP_HIGH


def _join_wrapped(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    width = max(end - start for start, end in lines if end - start <= _WRAP_HIGH)
    joined: list[tuple[int, int]] = []
    last_size = 0
    for start, end in lines:
        continues = (
            joined
            and _adjacent(text, joined[-1][1], start)
            and last_size >= width * 0.55
            and not _MARKER.match(text, start, end)
            and not (len(joined) == 1 and _WRITTEN.match(text, start, end))
            and not _RULE.match(text, *joined[-1])
            and not _HEADING.match(text, *joined[-1])
        )
        if continues:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
        last_size = end - start
    return joined


def _paragraph(text: str, start: int, end: int) -> PageParagraph:
    if _RULE.fullmatch(text, start, end):
        return PageParagraph(start, end, "", rule=True)
    level, bullet, quoted = 0, False, False
    while start < end and text[start] == ">":
        quoted = True
        start, end = _trim(text, start + 1, end)
    if match := _HEADING.match(text, start, end):
        level = len(match.group(1))
        start, end = _trim(text, match.end(), end)
        while end > start and text[end - 1] == "#":
            start, end = _trim(text, start, end - 1)
    elif match := _BULLET.match(text, start, end):
        bullet = True
        start = match.end()
    while match := _EMPHASIS.fullmatch(text, start, end):
        if match.group(1) in match.group(2):
            break
        start, end = match.span(2)
    return PageParagraph(start, end, text[start:end], level, bullet, quoted)
