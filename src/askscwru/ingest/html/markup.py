"""HTML to paragraphs, headings and list points, as a reader would see them.

Nothing is executed and nothing is fetched: scripts, styles, forms, frames and pictures are passed
over, and of a link only its words are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml import etree, html

from askscwru.ingest.compose import Part, one_line
from askscwru.types import BlockKind

Element = Any
"""An lxml element; lxml comes without types."""

_DROPPED = frozenset(
    "script style noscript template iframe frame object embed applet svg math canvas map area"
    " input select textarea button label fieldset legend nav audio video picture img source track"
    " head title meta link base dialog progress meter datalist rp rt".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dir div dl dt figure figcaption footer"
    " form h1 h2 h3 h4 h5 h6 header hr html li main menu ol p pre section summary table tbody td"
    " tfoot th thead tr ul caption".split()
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HOLDERS = frozenset("p div ul ol pre table blockquote h1 h2 h3 h4 h5 h6 section article".split())
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASS = frozenset(
    "screen-reader-text sr-only visually-hidden visuallyhidden assistive-text screen-reader".split()
)
_CAPTION_CLASS = frozenset("wp-caption-text gallery-caption wp-element-caption tr-caption".split())
_BREAK = "\x1f"
"""Stands for ``<br>`` until the paragraph is finished; no text that is read has this character."""
_BREAKS = re.compile(rf"(?:[ \t\r\n\xa0]*{_BREAK}){{2,}}[ \t\r\n\xa0]*")
_GAP = re.compile(r"\r?\n[ \t\xa0]*\r?\n")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*$")
_CAPTION_WORDS = 8
_LONGEST_CLASS, _MOST_CLASSES = 80, 4_000
_CELL = " | "

Furniture = Callable[[Element], bool]
"""Whether an element, with all that is in it, is no part of a post."""


def parse_page(text: str) -> Element | None:
    """A whole page as a tree; None where there is nothing in it that reads as one."""
    return _parse(text, html.document_fromstring)


def parse_fragment(text: str) -> Element | None:
    """The markup of one post as a tree, whatever its top level is; None where it is empty."""
    # The closing tag of an element that was never opened would close the wrapper.
    return _parse(f"<div>{text}</div>", html.document_fromstring)


def _parse(text: str, make: Callable[..., Element]) -> Element | None:
    if not text.strip():
        return None
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=False, remove_pis=True
    )
    try:
        return make(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def tag_of(element: Element) -> str:
    """The element's name in lower case; empty for comments and the like."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def classes_of(element: Element) -> list[str]:
    """The element's classes in lower case; a name that nobody writes by hand is none of them."""
    names = (element.get("class") or "")[:_MOST_CLASSES].lower().split()
    return [name for name in names if len(name) <= _LONGEST_CLASS]


def text_of(element: Element) -> str:
    """All words in an element, on one line, without scripts and what is hidden."""
    return " ".join(part.text for part in parts_of(element, captions=True))


def is_hidden(element: Element) -> bool:
    """Whether a browser would not show the element, or only read it out."""
    if element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style") or ""):
        return True
    return any(name in _HIDDEN_CLASS for name in classes_of(element))


def parts_of(
    root: Element,
    furniture: Furniture | None = None,
    *,
    autop: bool = False,
    captions: bool = False,
) -> list[Part]:
    """The parts of a post's markup, in order.

    Args:
        root: the element that holds the post.
        furniture: tells what is no part of the post.
        autop: whether an empty line parts paragraphs, as in what WordPress stores.
        captions: whether every caption is kept; otherwise only one that is a sentence.
    """
    writer = _Writer(autop=autop, captions=captions)
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, element in walk:
        if event == "start":
            if element is not root and _passed_over(element, furniture):
                writer.skipped.add(element)
                walk.skip_subtree()
            else:
                writer.start(element)
        else:
            if event == "end" and element not in writer.skipped:
                writer.end(element)
            writer.skipped.discard(element)
            if element is not root:
                writer.text(element.tail)
    writer.flush()
    return writer.parts


def _passed_over(element: Element, furniture: Furniture | None) -> bool:
    tag = tag_of(element)
    if not tag or tag in _DROPPED or is_hidden(element):
        return True
    return furniture is not None and furniture(element)


@dataclass(slots=True)
class _Writer:
    """Collects words until a block begins or ends, then makes a part of them."""

    autop: bool
    captions: bool
    parts: list[Part] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    """The kinds of block that are open: ``li``, ``h``, ``pre``, ``caption``, ``row``."""
    skipped: set[Element] = field(default_factory=set)

    def start(self, element: Element) -> None:
        tag = tag_of(element)
        if "row" in self.open and tag != "tr":
            self._within_row(tag)
        elif tag in _BLOCKS:
            self.flush()
        if kind := self._kind(element, tag):
            self.open.append(kind)
        if tag == "br":
            self.words.append(_BREAK)
        self.text(element.text)

    def end(self, element: Element) -> None:
        tag = tag_of(element)
        if tag in _BLOCKS and not ("row" in self.open and tag != "tr"):
            self.flush()
        if self._kind(element, tag) and self.open:
            self.open.pop()

    def _within_row(self, tag: str) -> None:
        """One line a row: what parts blocks elsewhere parts cells or words here."""
        if tag in ("td", "th"):
            self.words.append(_CELL if "".join(self.words).strip() else "")
        elif tag in _BLOCKS:
            self.words.append(" ")

    def text(self, text: str | None) -> None:
        if text:
            self.words.append(text)

    def flush(self) -> None:
        """Make parts of the words that were collected."""
        text, self.words = "".join(self.words), []
        if not text.strip():
            return
        if "pre" in self.open:
            self._pre(text)
            return
        for piece in _BREAKS.split(text):
            for paragraph in _GAP.split(piece) if self.autop else [piece]:
                self._add(one_line(paragraph.replace(_BREAK, " ")))

    def _pre(self, text: str) -> None:
        lines = [line.rstrip() for line in text.replace(_BREAK, "\n").splitlines()]
        for block in re.split(r"\n{2,}", "\n".join(lines).strip("\n")):
            if block.strip():
                self.parts.append(Part(_printable(block.strip())))

    def _add(self, text: str) -> None:
        if not any(c.isalnum() for c in text):
            return
        kind = BlockKind.BODY
        if "caption" in self.open:
            if not self.captions and not _told(text):
                return
        elif _ADDRESS.fullmatch(text):
            return  # an address alone stands for the video or page that would be shown there
        elif "h" in self.open:
            kind = BlockKind.HEADING
        elif "li" in self.open:
            kind = BlockKind.LIST
        self.parts.append(Part(text.strip(" |") if "row" in self.open else text, kind))

    def _kind(self, element: Element, tag: str) -> str:
        """The mark under which a block is kept open, decided by the element alone."""
        if tag in _HEADINGS:
            return "h"
        if tag == "tr":
            return "row" if _is_row(element) else ""
        if tag in ("li", "pre"):
            return tag
        if tag in ("figcaption", "caption") or not _CAPTION_CLASS.isdisjoint(classes_of(element)):
            return "caption"
        return ""


def _is_row(row: Element) -> bool:
    """Whether a row of a table holds figures and words, and not the layout of a page."""
    for cell in row:
        if tag_of(cell) in ("td", "th"):
            holders = (inner for inner in cell.iter() if tag_of(inner) in _HOLDERS)
            if len(list(islice(holders, 2))) > 1:
                return False
    return True


def _told(caption: str) -> bool:
    """Whether a caption says something by itself, and not only what or whose the picture is."""
    return len(caption.split()) >= _CAPTION_WORDS and _SENTENCE.search(caption) is not None


def _printable(text: str) -> str:
    return "\n".join(
        " ".join(filter(None, [one_line(line)])) if not line[:1].isspace() else _indented(line)
        for line in text.split("\n")
    )


def _indented(line: str) -> str:
    kept = line.expandtabs(4)
    return kept[: len(kept) - len(kept.lstrip())].replace("\xa0", " ") + one_line(kept)
