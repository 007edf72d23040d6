"""HTML to paragraphs, headings and list points, as a reader would see them.

Nothing is executed and nothing is fetched: scripts, styles, forms, frames and pictures are passed
over, and of a link only its words are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from lxml import etree, html

from askscwru.ingest.compose import (
    Part,
    joined_parts,
    marked_line,
    note_placeholder,
    one_line,
    with_placeholders,
    without_placeholders,
)
from askscwru.ingest.html.marks import is_note_mark, is_struck, names_of, note_of, raised
from askscwru.ingest.html.tables import is_data, rows_told
from askscwru.ingest.numbering import counted_by
from askscwru.rules import rule_file
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
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASS = frozenset(
    "screen-reader-text sr-only visually-hidden visuallyhidden assistive-text screen-reader"
    " govuk-visually-hidden u-visually-hidden element-invisible offscreen".split()
)
_RULES = rule_file("elements")
_FOLDED = _RULES.compiled("folded")
_NOTE_HERE = _RULES.compiled("note here")
_CAPTION_CLASS = frozenset("wp-caption-text gallery-caption wp-element-caption tr-caption".split())
_MARKUP = re.compile(r"<[a-zA-Z/!]|&\w+;|&#\d+;")
_MOST_MARKS, _MOST_ANCHORS = 2_000, 20
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_NAMING = frozenset({"figcaption", "footer", "cite"})
_INLINE = frozenset("span small aside em i label sup".split())
_BREAK = "\x1f"
_LONGEST_POINT = 600
"""Characters of a list point of several paragraphs; where whole posts stand in points, each
paragraph is a part."""
"""Stands for ``<br>`` until the paragraph is finished; no text that is read has this character."""
_BREAKS = re.compile(rf"(?:[ \t\r\n\xa0]*{_BREAK}){{2,}}[ \t\r\n\xa0]*")
_GAP = re.compile(r"\r?\n[ \t\xa0]*\r?\n")
_NEWLINE = re.compile(r"[ \t]*\r?\n[ \t]*")
_ENDED = re.compile(r"[.!?…:;。！？][\"'”’)\]»」]*$")
_WIDE = 60
"""Characters of a line that was broken because it was full, and not because it was at its end."""
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*$")
_CAPTION_WORDS = 5
_CREDITED = re.compile(
    r"\W*(?:photo(?:s|graph(?:s|er|y)?)?|image|picture|credit|courtesy|source|©|\(c\)|copyright|via|"
    r"screenshot|illustration|getty|shutterstock|flickr|wikimedia|unsplash|pixabay)\b",
    re.IGNORECASE,
)
"""How a caption begins that says whose the picture is."""
_NUMBERED = re.compile(r"(?:figure|fig\.|table|chart|map|box|graph|diagram) \d", re.IGNORECASE)
_TYPED = re.compile(r"(?:[-–•*·▪◦‣●○■]|\(?(?P<number>\d{1,2})[.)])\s+(?=\S)")
"""What begins a paragraph that is the point of a list, as writers type it."""
_COUNTED = re.compile(r"\(?\d{1,3}[.):]")
_UNCOUNTED = re.compile(r"list-style(?:-type)?\s*:[^;]*\bnone\b", re.IGNORECASE)
_WHOLE = re.compile(r"\s*[+-]?\d{1,6}(?!\d)")
_LONGEST_SIGN = 8
_LONGEST_CLASS, _MOST_CLASSES = 80, 4_000

Furniture = Callable[[Element], bool]
"""Whether an element, with all that is in it, is no part of a post."""


def parse_page(text: str) -> Element | None:
    """A whole page as a tree; None where there is nothing in it that reads as one."""
    return _parse(text, html.document_fromstring)


def parse_fragment(text: str) -> Element | None:
    """The markup of one post as a tree, whatever its top level is; None where it is empty."""
    # The closing tag of an element that was never opened would close the wrapper.
    return _parse(f"<div>{text}</div>", html.document_fromstring)


def line_of_markup(text: str) -> str:
    """A title or a name in one line, whether it is markup or text."""
    tree = parse_fragment(text) if _MARKUP.search(text) else None
    return one_line(text if tree is None else text_of(tree))


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
    """The element's name, in lower case as the parser writes it; empty for comments."""
    tag = element.tag
    return tag if isinstance(tag, str) else ""


def classes_of(element: Element) -> tuple[str, ...]:
    """The element's classes in lower case; a name that nobody writes by hand is none of them."""
    stated = element.get("class")
    return _classes(stated[:_MOST_CLASSES]) if stated else ()


# The same few lists of names stand on every page of a site.
@lru_cache(maxsize=20_000)
def _classes(stated: str) -> tuple[str, ...]:
    return tuple(name for name in stated.lower().split() if len(name) <= _LONGEST_CLASS)


def text_of(element: Element) -> str:
    """All words in an element, on one line, without scripts and what is hidden."""
    return " ".join(one_line(part.text) for part in parts_of(element, captions=True))


def is_hidden(element: Element) -> bool:
    """Whether a browser would not show the element, or only read it out.

    What is folded away until somebody asks for it is shown.
    """
    style = element.get("style")
    if (style and _HIDDEN_STYLE.search(style)) or element.get("hidden") is not None:
        return not _is_folded(element)
    return not _HIDDEN_CLASS.isdisjoint(classes_of(element))


def _is_folded(element: Element) -> bool:
    if (element.get("role") or "").lower() in ("region", "tabpanel"):
        return True
    if (element.get("hidden") or "").lower() == "until-found":
        return True
    return any(_FOLDED.match(name) for name in classes_of(element))


def _unfolds(button: Element) -> bool:
    """Whether a button is the heading of what it unfolds: the question of a list of them."""
    parent = button.getparent()
    if parent is not None and tag_of(parent) in (*_HEADINGS, "dt", "summary"):
        return True
    folds = button.get("aria-controls") is not None and button.get("aria-expanded") is not None
    return folds and any(_FOLDED.match(name) for name in classes_of(button))


def parts_of(
    root: Element,
    furniture: Furniture | None = None,
    *,
    autop: bool = False,
    line_ends: bool = False,
    captions: bool = False,
) -> list[Part]:
    """The parts of a post's markup, in order.

    Args:
        root: the element that holds the post.
        furniture: tells what is no part of the post.
        autop: whether an empty line parts paragraphs, as in what WordPress stores.
        line_ends: whether a line ends where the source's does, as in what WordPress's classic
            editor stores.
        captions: whether every caption is kept; otherwise only one that is a sentence.
    """
    writer = _Writer(root, furniture, autop, line_ends, captions)
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, element in walk:
        if event == "start":
            tag = tag_of(element)
            if element is not root and (
                _passed_over(element, tag, furniture) or writer.whole(element, tag)
            ):
                writer.skipped.add(element)
                walk.skip_subtree()
            else:
                writer.start(element, tag)
        elif element in writer.skipped:
            writer.skipped.discard(element)
        elif event == "end":
            writer.end(element, tag_of(element))
        if event != "start" and element is not root:
            writer.text(element.tail)
    writer.close()
    return _with_notes_apart(_with_typed_lists(writer.parts))


def _with_typed_lists(parts: list[Part]) -> list[Part]:
    """The parts, with paragraphs that begin with typed bullets or numbers as points of a list."""
    told: list[Part] = []
    at = 0
    while at < len(parts):
        ends = at
        while ends < len(parts) and _goes_on_typed(
            parts[ends - 1] if ends > at else None, parts[ends]
        ):
            ends += 1
        if ends - at > 1:
            told += map(_typed_point, parts[at:ends])
            at = ends
        else:
            told.append(parts[at])
            at += 1
    return told


def _goes_on_typed(before: Part | None, part: Part) -> bool:
    """Whether a paragraph begins a typed list, or goes on with the one that stands before it."""
    mark = _TYPED.match(part.text) if part.kind is BlockKind.BODY and not part.held else None
    if mark is None or before is None:
        return mark is not None
    last = _TYPED.match(before.text)
    if last is None:
        return False
    one, two = last["number"], mark["number"]
    if one and two:
        return int(two) == int(one) + 1
    return not one and not two and last[0].strip() == mark[0].strip()


def _typed_point(part: Part) -> Part:
    mark = _TYPED.match(part.text)
    if mark is None:
        return part
    marks = tuple(replace(note, at=max(0, note.at - mark.end())) for note in part.marks)
    number = mark[0].strip() if mark["number"] else ""
    text = part.text[mark.end() :]
    return replace(part, text=text, kind=BlockKind.LIST, marks=marks, number=number)


def _with_notes_apart(parts: list[Part]) -> list[Part]:
    """The parts, the notes among them as paragraphs: they go on with no list above them."""
    marked: set[str] = set()
    told: list[Part] = []
    for part in parts:
        is_note = part.kind is BlockKind.LIST and not marked.isdisjoint(part.anchors)
        told.append(replace(part, kind=BlockKind.BODY, held=True) if is_note else part)
        marked.update(mark.target for mark in part.marks)
    return told


def _passed_over(element: Element, tag: str, furniture: Furniture | None) -> bool:
    if tag == "button" and _unfolds(element):
        return False
    if not tag or tag in _DROPPED or is_hidden(element):
        return True
    return furniture is not None and furniture(element)


@dataclass(slots=True)
class _Writer:
    """Collects words until a block begins or ends, then makes a part of them."""

    root: Element
    furniture: Furniture | None
    autop: bool
    line_ends: bool
    captions: bool
    parts: list[Part] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    """The kinds of block that are open: ``li``, ``h``, ``pre``, ``caption``, ``dt``, ``dd``."""
    counts: list[_Count | None] = field(default_factory=list)
    """For each list that is open, how its points are counted; None where they are not."""
    numbers: list[str] = field(default_factory=list)
    """By what each point that is open is counted."""
    points: list[int] = field(default_factory=list)
    """For each list point that is open, the number of its part; -1 while it has none."""
    terms: list[str] = field(default_factory=list)
    """What the definitions that follow are of."""
    defined: bool = True
    """Whether a definition of these terms has begun."""
    told: bool = True
    """Whether the terms stand before a definition already."""
    named: bool = True
    """Whether the definition that is open has its terms before it."""
    skipped: set[Element] = field(default_factory=set)
    links: int = 0
    """How many links are open."""
    linked: int = 0
    """How many characters of the words stand in links."""
    letters: int = -1
    """Of the root; counted when they are asked for."""
    share: float = 0.0
    """The share of the finished words that stood in links."""
    level: int = 0
    """Of the heading that was opened last."""
    quoting: Element | None = None
    """What names whom a quotation is by, while it is open."""
    targets: list[str] = field(default_factory=list)
    """For each mark of a note, the name under which the note stands."""
    anchors: list[str] = field(default_factory=list)
    """The names of elements in which no part has begun yet."""
    below: list[Part] = field(default_factory=list)
    """Notes that were written in the paragraph or the list that is open."""
    lists: int = 0
    """How many lists are open."""

    def whole(self, element: Element, tag: str) -> bool:
        """Take in what is read as a whole, or left out as no word of the text: nothing is left."""
        if tag == "table" and is_data(element):
            self.flush()
            self._table(element)
            return True
        if tag == "sup":
            if is_note_mark(element, self._before()):
                self._mark(element)
            else:
                self.text(raised(text_of(element)))
            return True
        if tag == "a" and is_note_mark(element, self._before()):
            self._mark(element)
            return True
        if tag in _INLINE and any(_NOTE_HERE.match(name) for name in classes_of(element)):
            self._note_here(element)
            return True
        return is_struck(element, self._held)

    def _mark(self, element: Element) -> None:
        """Remember where the mark of a note stands, which is no word of the text."""
        for inner in element.iter(tag_of(element), "a"):
            self.anchors += names_of(inner)
        target = note_of(element)
        if target and len(self.targets) < _MOST_MARKS:
            self.words.append(note_placeholder(len(self.targets)))
            self.targets.append(target)

    def _note_here(self, element: Element) -> None:
        """Take in a note that is written in the middle of a sentence: it stands below that."""
        told, name = text_of(element), f"\ufdd0{len(self.targets)}"
        if told and len(self.targets) < _MOST_MARKS:
            self.words.append(note_placeholder(len(self.targets)))
            self.targets.append(name)
        if told:
            self.below.append(Part(told, anchors=(name,), held=True))

    def _held(self) -> int:
        """How many letters the whole post has."""
        if self.letters < 0:
            self.letters = sum(len(text.strip()) for text in self.root.itertext())
        return self.letters

    def _before(self) -> str:
        return "".join(self.words[-2:])

    def _table(self, table: Element) -> None:
        for caption in table.iter("caption"):
            if words := text_of(caption):
                self.parts.append(Part(words, BlockKind.HEADING))
        linked = sum(len("".join(link.itertext())) for link in table.iter("a"))
        share = min(1.0, linked / max(1, sum(map(len, table.itertext()))))
        for line in rows_told(table, self._cell):
            row = marked_line(line, self.targets)
            self.parts.append(replace(row, linked=share, held=True))

    def _cell(self, cell: Element) -> str:
        parts = parts_of(cell, self.furniture)
        told = " ".join(one_line(with_placeholders(part, self.targets)) for part in parts)
        # In a cell a sign is a word: "%", "✓".
        return told or one_line("".join(cell.itertext()))[:_LONGEST_SIGN]

    def start(self, element: Element, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        if kind := self._kind(element, tag):
            self.open.append(kind)
        if tag in _LISTS:
            self.lists += 1
            self.counts.append(_count_of(element) if tag == "ol" else None)
        if tag == "li":
            self.points.append(-1)
            count = self.counts[-1] if self.counts else None
            self.numbers.append(count.said(element) if count is not None else "")
        elif tag == "dt" and self.defined:
            self.finish()
            self.defined = self.told = False
        elif tag == "dd":
            self.defined, self.named = True, False
        if tag in _HEADINGS:
            self.level = int(tag[1])
        elif self.quoting is None and tag in _NAMING and _is_of_quotation(element):
            self.quoting = element
        if tag == "br":
            self.words.append(_BREAK)
        self.links += tag == "a"
        self.anchors += names_of(element)
        self.text(element.text)

    def end(self, element: Element, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        if self._kind(element, tag) and self.open:
            self.open.pop()
        if element is self.quoting:
            self.quoting = None
        if tag in _LISTS:
            self.lists -= 1
            self.counts.pop()
            self._put_below()
        if tag == "li" and self.points:
            self.points.pop()
            self.numbers.pop()
        elif tag == "dl":
            self.finish()
        self.links -= tag == "a"

    def text(self, text: str | None) -> None:
        if text:
            self.words.append(text)
            if self.links > 0:
                self.linked += len(text)

    def flush(self) -> None:
        """Make parts of the words that were collected."""
        text, self.words = "".join(self.words), []
        whole, linked, self.linked = len(text), self.linked, 0
        if not text.strip():
            return
        if "pre" in self.open or "code" in self.open or "h" in self.open:
            text = without_placeholders(text)
        self.share = min(1.0, linked / whole)
        if "pre" in self.open or "code" in self.open:
            self._pre(text)
            return
        for piece in _BREAKS.split(text):
            for paragraph in _GAP.split(piece) if self.autop else [piece]:
                self._lines(paragraph)
        self._put_below()

    def _put_below(self) -> None:
        """Notes stand below their paragraph, and below the list that this stands in."""
        if not self.lists:
            below, self.below = self.below, []
            self.parts += below

    def _lines(self, paragraph: str) -> None:
        """Add a paragraph: a line that the writer ended is a part by itself, or a line of one."""
        if self.line_ends:
            paragraph = _NEWLINE.sub(_BREAK, paragraph.strip())
        told: list[Part] = []
        for written in paragraph.split(_BREAK):
            line = marked_line(written, self.targets)
            if not line.text:
                continue
            if told and {"h", "caption"} & set(self.open):
                told[-1] = joined_parts(told[-1], " ", line)
            elif told and ("li" in self.open or _goes_on(told[-1].text, line.text)):
                told[-1] = joined_parts(told[-1], "\n", line)
            else:
                told.append(line)
        for part in told:
            self._add(part)

    def _pre(self, text: str) -> None:
        lines = [line.rstrip() for line in text.replace(_BREAK, "\n").splitlines()]
        if "code" in self.open:
            code = _printable("\n".join(lines).strip("\n"))
            self.parts.append(Part(code.strip(), BlockKind.CODE))
            return
        for block in re.split(r"\n{2,}", "\n".join(lines).strip("\n")):
            if block.strip():
                self.parts.append(Part(_printable(block.strip())))

    def _add(self, part: Part) -> None:
        text = part.text
        if not any(c.isalnum() for c in text):
            return
        kind = BlockKind.BODY
        if "caption" in self.open:
            if not self.captions and self.quoting is None and not _told(text):
                return
        elif "h" in self.open:
            kind = BlockKind.HEADING
        elif "dt" in self.open:
            self.terms = [*([] if self.told else self.terms), text]
            self.told = False
            return
        elif "li" in self.open:
            kind = BlockKind.LIST
        if "dd" in self.open and not self.named and self.terms:
            self.named = self.told = True
            if kind is BlockKind.BODY:
                part = joined_parts(Part(_defined(self.terms), held=True), " ", part)
            else:
                self.parts.append(Part(_defined(self.terms), held=True))
        anchors, self.anchors = tuple(self.anchors[-_MOST_ANCHORS:]), []
        held = part.held or self.quoting is not None
        part = replace(part, kind=kind, linked=self.share, anchors=anchors, held=held)
        if kind is BlockKind.LIST and self.points and self.points[-1] < 0:
            number = "" if _COUNTED.match(text) else self.numbers[-1]
            part = replace(part, number=number, depth=len(self.points) - 1)
        if kind is BlockKind.LIST and self._goes_on_in_point(part):
            return
        self.parts.append(replace(part, level=self.level if kind is BlockKind.HEADING else 0))

    def _goes_on_in_point(self, more: Part) -> bool:
        """Add a paragraph to the list point that it stands in, where it is not the first there."""
        if not self.points:
            return False
        at = self.points[-1]
        if at != len(self.parts) - 1 or at < 0:
            self.points[-1] = len(self.parts)
            return False
        part = self.parts[at]
        if part.kind is not BlockKind.LIST or len(part.text) + len(more.text) > _LONGEST_POINT:
            return False
        self.parts[at] = joined_parts(part, "\n", more)
        return True

    def close(self) -> None:
        """Nothing more comes: what was kept back is told."""
        self.flush()
        self.lists = 0
        self._put_below()
        self.finish()

    def finish(self) -> None:
        """Terms that nothing followed are words of the text all the same."""
        if not self.told:
            self.parts += [Part(term) for term in self.terms]
        self.terms, self.defined, self.told = [], True, True

    def _kind(self, element: Element, tag: str) -> str:
        """The mark under which a block is kept open, decided by the element alone."""
        if tag in _HEADINGS:
            return "h"
        if tag == "pre" and len(element) and tag_of(element[0]) == "code":
            return "code"
        if tag in ("li", "pre", "dt", "dd"):
            return tag
        if tag in ("figcaption", "caption") or not _CAPTION_CLASS.isdisjoint(classes_of(element)):
            return "caption"
        return ""


@dataclass(slots=True)
class _Count:
    """How the points of a list are counted."""

    following: int
    step: int
    kind: str

    def said(self, point: Element) -> str:
        """What the next point is counted by; its own number holds for those after it too."""
        number = _whole_number(point.get("value"), self.following)
        self.following = number + self.step
        return counted_by(number, point.get("type") or self.kind)


def _count_of(ordered: Element) -> _Count | None:
    if _UNCOUNTED.search(ordered.get("style") or ""):
        return None
    step = 1 if ordered.get("reversed") is None else -1
    first = 1 if step > 0 else sum(tag_of(point) == "li" for point in ordered)
    return _Count(_whole_number(ordered.get("start"), first), step, ordered.get("type") or "1")


def _whole_number(stated: str | None, otherwise: int) -> int:
    found = _WHOLE.match(stated or "")
    return int(found[0]) if found else otherwise


def _is_of_quotation(element: Element) -> bool:
    """Whether an element names whom a quotation is by."""
    for above in islice(element.iterancestors(), 2):
        if tag_of(above) == "blockquote":
            return True
        if tag_of(above) == "figure":
            return next(above.iter("blockquote"), None) is not None
    return False


def _defined(terms: Sequence[str]) -> str:
    """What stands before a definition: "Boots:", "Who decides?"."""
    told = ", ".join(terms)
    return told if told[-1] in ":?!." else f"{told}:"


def _goes_on(line: str, following: str) -> bool:
    """Whether a line goes on with the sentence of the line before it."""
    if _ENDED.search(line):
        return False
    wide = len(line) >= _WIDE and not following[:1].isdigit()
    return following[:1].islower() or line[-1:] in ",;–—-&" or wide


def _told(caption: str) -> bool:
    """Whether a caption says something by itself, and not only what or whose the picture is."""
    if _NUMBERED.match(caption):
        return True
    said = len(caption.split()) >= _CAPTION_WORDS and _SENTENCE.search(caption) is not None
    return said and _CREDITED.match(caption) is None


def _printable(text: str) -> str:
    return "\n".join(
        " ".join(filter(None, [one_line(line)])) if not line[:1].isspace() else _indented(line)
        for line in text.split("\n")
    )


def _indented(line: str) -> str:
    kept = line.expandtabs(4)
    return kept[: len(kept) - len(kept.lstrip())].replace("\xa0", " ") + one_line(kept)
