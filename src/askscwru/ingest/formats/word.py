"""Word documents to what Word shows of them.

python-docx opens the file; its ``text`` knows nothing of content controls, text boxes, tracked
insertions and notes, so that the elements are read here. Words that were deleted, struck out or
hidden are left out.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

from askscwru.errors import SourceError
from askscwru.ingest.compose import (
    Facts,
    Part,
    joined_parts,
    marked_line,
    note_placeholder,
    one_line,
)
from askscwru.ingest.formats.one_post import INSTALL, one_post, stated_names, stated_title
from askscwru.ingest.formats.word_numbering import WordNumbering, numbering_of
from askscwru.ingest.found import Document
from askscwru.ingest.html.marks import raised
from askscwru.ingest.html.tables import first_row_heads
from askscwru.ingest.limits import MOST_DOCUMENT, MOST_RATIO, SMALL_MEMBER, Budget
from askscwru.ingest.table_rows import table_rows
from askscwru.types import BlockKind

Element = Any

_MOST_BLOCKS = 100_000
_MOST_SPAN = 60
_TEMPLATE = datetime(2013, 12, 23, 23, 15)
"""When the empty document was made from which python-docx makes all of its own."""
_NEVER = frozenset(
    "del moveFrom delText instrText delInstrText pPr rPr sdtPr rt fldChar commentReference"
    " annotationRef tblPr tblGrid trPr tcPr sectPr".split()
)
_BOXES = frozenset({"txbxContent"})
_SIGNS = {"tab": " ", "noBreakHyphen": "-", "cr": "\n", "ptab": " "}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_GONE = frozenset({"strike", "dstrike", "vanish", "del"})
_OFF = frozenset({"0", "false", "off", "none"})


def read_docx(name: str, sha256: str, data: bytes) -> Document:
    """A Word document; ``SourceError`` where it cannot be read."""
    try:
        import docx
    except ImportError as error:
        raise SourceError(f"Word documents need python-docx: {INSTALL}") from error
    try:
        _require_no_bomb(data)
        document = docx.Document(io.BytesIO(data))
        reader = _Word(_styles(document), numbering_of(document))
        parts = reader.read(document.element.body)
        parts += reader.notes(document)
        told = document.core_properties
        created = told.created
        title, authors = stated_title(told.title), stated_names(told.author)
    except SourceError:
        raise
    except Exception as error:  # the library raises what it likes on a broken file
        raise SourceError(f"not a Word document that can be read: {error}"[:200]) from error
    known = created is not None and created.replace(tzinfo=None, microsecond=0) != _TEMPLATE
    facts = Facts(
        title=reader.title or title,
        authors=authors,
        published=created.date().isoformat() if known else None,
    )
    return one_post(name, sha256, "docx", facts, parts)


def _require_no_bomb(data: bytes) -> None:
    """Raises ``SourceError`` for a document that unpacks to far more than it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(info.file_size for info in archive.infolist())
    if size > MOST_DOCUMENT or (size > SMALL_MEMBER and size > MOST_RATIO * len(data)):
        raise SourceError(f"it unpacks to {size:,} bytes")


def _styles(document: Any) -> dict[str, str]:
    """The name of each style, which is English whatever the language of Word, by its id."""
    return {
        style.style_id: (style.name or "").lower()
        for style in document.styles
        if style.style_id is not None
    }


@dataclass(slots=True)
class _WordLine:
    """The words of one paragraph as they are gathered, and what stands in it beside words."""

    pieces: list[str] = field(default_factory=list)
    high: list[str] = field(default_factory=list)
    """Raised words that are not yet written: they may go on in the next run."""
    targets: list[str] = field(default_factory=list)
    """The notes that its marks lead to."""
    boxes: list[Element] = field(default_factory=list)

    def add(self, text: str, *, is_raised: bool) -> None:
        if is_raised:
            self.high.append(text)
        elif text:
            self.flush()
            self.pieces.append(text)

    def flush(self) -> None:
        if self.high:
            self.pieces.append(raised("".join(self.high)))
            self.high = []

    def mark(self, target: str) -> None:
        self.flush()
        self.pieces.append(note_placeholder(len(self.targets)))
        self.targets.append(target)

    @property
    def part(self) -> Part:
        self.flush()
        lines = (marked_line(line, self.targets) for line in "".join(self.pieces).split("\n"))
        told = [line for line in lines if line.text]
        return reduce(lambda one, more: joined_parts(one, "\n", more), told or [Part("")])


class _Word:
    """Reads the parts of a document, and remembers its title and the notes it refers to."""

    def __init__(self, styles: dict[str, str], numbering: WordNumbering) -> None:
        self.title: str | None = None
        self._numbering = numbering
        self._styles = styles
        self._noted: list[tuple[str, str]] = []
        """The file in which each note stands, and its number, in the order of the text."""
        self._budget = Budget()
        self._count = 0

    def read(self, body: Element) -> list[Part]:
        """The parts of the body, in order; a text box after the paragraph that holds it."""
        parts: list[Part] = []
        for block in _blocks(body):
            self._budget.check()
            self._count += 1
            if self._count > _MOST_BLOCKS:
                break
            if _local(block) == "tbl":
                parts += [Part(line) for line in self._table(block)]
            else:
                self._paragraph(block, parts)
        return parts

    def notes(self, document: Any) -> list[Part]:
        """The notes that the text refers to, in that order."""
        from docx.oxml import parse_xml

        found: dict[tuple[str, str], Element] = {}
        for relation in document.part.rels.values():
            kind = relation.reltype.rsplit("/", 1)[-1]
            if kind in _NOTES.values() and not relation.is_external:
                for note in parse_xml(relation.target_part.blob):
                    found[kind, _value(note, "id")] = note
        parts: list[Part] = []
        for key in dict.fromkeys(self._noted):
            if key in found:
                told = " ".join(part.text for part in self.read(found[key]))
                parts += [Part(told, anchors=(" ".join(key),))] if told else []
        return parts

    def _paragraph(self, paragraph: Element, parts: list[Part]) -> None:
        line = _WordLine()
        self._words(paragraph, line)
        part, style = line.part, self._style(paragraph)
        text = part.text
        if any(c.isalnum() for c in text) and not style.startswith("toc "):
            if self.title is None and not parts and style in ("title", "heading 1"):
                self.title = one_line(text)
            else:
                kind = self._kind(paragraph, style)
                listed = kind is BlockKind.LIST
                number = self._numbering.next_point(paragraph) if listed else ""
                parts.append(replace(part, kind=kind, number=number))
        for box in line.boxes:
            parts += self.read(box)

    def _kind(self, paragraph: Element, style: str) -> BlockKind:
        if style.startswith(("heading", "title", "subtitle")):
            return BlockKind.HEADING
        numbered = any(
            _value(number, "val") not in ("", "0")
            for number in _below(paragraph, ("pPr", "numPr", "numId"))
        )
        if style.startswith("list") or numbered:
            return BlockKind.LIST
        return BlockKind.BODY

    def _style(self, paragraph: Element) -> str:
        named = next(iter(_below(paragraph, ("pPr", "pStyle"))), None)
        key = "" if named is None else _value(named, "val")
        return self._styles.get(key, key.lower())

    def _words(self, element: Element, line: _WordLine, *, is_raised: bool = False) -> None:
        for child in element:
            name = _local(child)
            if name in _NEVER:
                continue
            if name == "r":
                if not _is_gone(child):
                    self._words(child, line, is_raised=_is_raised(child))
            elif name == "t":
                line.add(child.text or "", is_raised=is_raised)
            elif name in _SIGNS:
                line.add(_SIGNS[name], is_raised=False)
            elif name == "br":
                paged = _value(child, "type") in ("page", "column")
                line.add(" " if paged else "\n", is_raised=False)
            elif name in _NOTES:
                key = (_NOTES[name], _value(child, "id"))
                self._noted.append(key)
                line.mark(" ".join(key))
            elif name in _BOXES:
                line.boxes.append(child)
            elif name != "AlternateContent":
                self._words(child, line, is_raised=is_raised)
            elif (way := _way(child)) is not None:
                self._words(way, line, is_raised=is_raised)

    def _table(self, table: Element) -> list[str]:
        rows: list[list[str]] = []
        above: dict[int, str] = {}
        """The words of each cell that the next rows may go on with, by its column."""
        marked = 0
        for row in _children(table, "tr"):
            if list(_below(row, ("trPr", "del"))):
                continue
            if list(_below(row, ("trPr", "tblHeader"))) and marked == len(rows):
                marked += 1
            rows.append(self._row(row, above))
        rows = [row for row in rows if any(row)]
        heads: list[str] = []
        if len(rows) > 1 and (marked or first_row_heads(rows)):
            heads, rows = rows[0], rows[1:]
        return table_rows(rows, heads)

    def _row(self, row: Element, above: dict[int, str]) -> list[str]:
        before = next(iter(_below(row, ("trPr", "gridBefore"))), None)
        cells = [""] * (_number(before) if before is not None else 0)
        for cell in _children(row, "tc"):
            merge = next(iter(_below(cell, ("tcPr", "vMerge"))), None)
            column = len(cells)
            if merge is not None and _value(merge, "val") != "restart":
                text = above.get(column, "")
            else:
                text = self._cell(cell)
            if merge is not None:
                above[column] = text
            else:
                above.pop(column, None)
            span = next(iter(_below(cell, ("tcPr", "gridSpan"))), None)
            across = _number(span) if span is not None else 1
            cells += [text, *[""] * (max(1, across) - 1)]
        return cells

    def _cell(self, cell: Element) -> str:
        title, self.title = self.title, self.title or ""
        told = " ".join(one_line(part.text) for part in self.read(cell))
        self.title = title
        return told


# -- elements --------------------------------------------------------------------------------------


def _blocks(holder: Element) -> Iterator[Element]:
    """The paragraphs and tables of a body, a cell, a box or a note, in content controls too."""
    for child in holder:
        name = _local(child)
        if name in ("p", "tbl"):
            yield child
        elif name not in _NEVER:
            yield from _blocks(child)


def _children(holder: Element, wanted: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, in content controls too."""
    for child in holder:
        name = _local(child)
        if name == wanted:
            yield child
        elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _children(child, wanted)


def _below(element: Element, names: Iterable[str]) -> Iterator[Element]:
    found = [element]
    for name in names:
        found = [child for holder in found for child in holder if _local(child) == name]
    yield from found


def _is_gone(run: Element) -> bool:
    """Whether a run is struck out or hidden."""
    settings = (setting for properties in _below(run, ("rPr",)) for setting in properties)
    return any(
        _local(setting) in _GONE and _value(setting, "val").lower() not in _OFF
        for setting in settings
    )


def _way(element: Element) -> Element | None:
    """Of the same thing in several ways, for programs of several ages, the one to read."""
    chosen = next((c for c in element if _local(c) == "Choice" and _has_text(c)), None)
    return (
        chosen
        if chosen is not None
        else next((c for c in element if _local(c) == "Fallback"), None)
    )


def _is_raised(run: Element) -> bool:
    return any(_value(align, "val") == "superscript" for align in _below(run, ("rPr", "vertAlign")))


def _has_text(element: Element) -> bool:
    return any(_local(inner) == "t" and (inner.text or "").strip() for inner in element.iter())


def _number(element: Element) -> int:
    stated = _value(element, "val")
    return min(int(stated), _MOST_SPAN) if stated.isascii() and stated.isdigit() else 0


def _value(element: Element, name: str) -> str:
    """An attribute, whatever its namespace."""
    return next((str(v) for key, v in element.items() if key.rpartition("}")[2] == name), "")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
