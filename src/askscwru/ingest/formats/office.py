"""Word documents and PDF files with text, one post each."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from typing import Any

from askscwru.errors import SourceError
from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.found import Document
from askscwru.ingest.limits import MOST_DOCUMENT, MOST_RATIO, SMALL_MEMBER, Budget
from askscwru.types import BlockKind

_INSTALL = "pip install 'askscwru[documents]'"
_MOST_PAGES = 5_000
_MOST_PARAGRAPHS = 100_000
_HEADING = re.compile(r"(?:heading|title|subtitle)\b", re.IGNORECASE)
_HYPHEN = re.compile(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])")
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")
_ENDED = re.compile(r"[.!?:…][\"'”’)\]]*$")
_NUMBER = re.compile(r"(?:page\s*)?[\divxlc]{1,5}(?:\s*(?:of|/)\s*\d+)?$", re.IGNORECASE)
_BULLET = re.compile(r"[•▪◦‣·●○■–]\s+|\(?\d{1,2}[.)]\s+")
_UNTITLED = re.compile(
    r"(?:untitled|microsoft word|document\d*|presentation|slide \d|[\w-]+\.(?:docx?|pdf|indd|tex))",
    re.IGNORECASE,
)
_REPEATED = 3


def read_docx(name: str, sha256: str, data: bytes) -> Document:
    """A Word document; ``SourceError`` where it cannot be read."""
    try:
        import docx
    except ImportError as error:
        raise SourceError(f"Word documents need python-docx: {_INSTALL}") from error
    try:
        _require_no_bomb(data)
        document = docx.Document(io.BytesIO(data))
        parts, title = _docx_parts(document)
        told = document.core_properties
    except SourceError:
        raise
    except Exception as error:  # the library raises what it likes on a broken file
        raise SourceError(f"not a Word document that can be read: {error}"[:200]) from error
    facts = Facts(
        title=title or _title(told.title),
        authors=_names(told.author),
        published=told.created.date().isoformat() if told.created else None,
    )
    return _document(name, sha256, "docx", facts, parts, ())


def _require_no_bomb(data: bytes) -> None:
    """Raises ``SourceError`` for a document that unpacks to far more than it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(info.file_size for info in archive.infolist())
    if size > MOST_DOCUMENT or (size > SMALL_MEMBER and size > MOST_RATIO * len(data)):
        raise SourceError(f"it unpacks to {size:,} bytes")


def _docx_parts(document: Any) -> tuple[list[Part], str | None]:
    parts: list[Part] = []
    title = None
    budget = Budget()
    for number, item in enumerate(document.iter_inner_content()):
        budget.check()
        if number > _MOST_PARAGRAPHS:
            break
        if hasattr(item, "rows"):
            for row in item.rows:
                cells = [one_line(cell.text) for cell in row.cells]
                line = " | ".join(dict.fromkeys(cell for cell in cells if cell))
                if line:
                    parts.append(Part(line))
            continue
        text = one_line(item.text)
        if not any(c.isalnum() for c in text):
            continue
        style = (item.style.name if item.style is not None else "") or ""
        if title is None and not parts and style.lower() in ("title", "heading 1"):
            title = text
        elif _HEADING.match(style):
            parts.append(Part(text, BlockKind.HEADING))
        elif style.lower().startswith("list"):
            parts.append(Part(text, BlockKind.LIST))
        else:
            parts.append(Part(text))
    return parts, title


def read_pdf(name: str, sha256: str, data: bytes) -> Document:
    """A PDF file with text, and where its pages start; ``SourceError`` where it cannot be read."""
    try:
        import pypdf
    except ImportError as error:
        raise SourceError(f"PDF files need pypdf: {_INSTALL}") from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells users of every odd byte
    budget = Budget()
    pages: list[str] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceError("it is encrypted")
        told = reader.metadata
        for number, page in enumerate(reader.pages):
            budget.check()
            if number >= _MOST_PAGES:
                break
            pages.append(page.extract_text() or "")
        title = _title(told.title if told else None)
        authors = _names(told.author if told else None)
        created = told.creation_date if told else None
    except SourceError:
        raise
    except Exception as error:  # the library raises what it likes on a broken file
        raise SourceError(f"not a PDF that can be read: {error}"[:200]) from error
    parts, starts = _pdf_parts(pages)
    if not parts:
        raise SourceError("there is no text in it: it may be scanned; recognise its text first")
    facts = Facts(
        title=title or _first_line(parts),
        authors=authors,
        published=created.date().isoformat() if created else None,
    )
    return _document(name, sha256, "pdf", facts, parts, starts)


def _pdf_parts(pages: list[str]) -> tuple[list[Part], list[int]]:
    """Paragraphs of all pages without running heads, and the number of each page's first one."""
    lines = [page.replace("\x00", "").splitlines() for page in pages]
    heads = _running_heads(lines)
    headed = sum(_is_head(line, heads) for page in lines for line in page)
    if headed * 2 > sum(map(len, lines)):
        heads = set()  # pages that say the same are no running heads
    parts: list[Part] = []
    starts: list[int] = []
    for page in lines:
        starts.append(len(parts))
        kept = [line for line in page if not _is_head(line, heads)]
        for paragraph in _paragraphs(kept):
            bullet = _BULLET.match(paragraph)
            text = paragraph[bullet.end() :] if bullet else paragraph
            if any(c.isalnum() for c in text):
                parts.append(Part(text, BlockKind.LIST if bullet else BlockKind.BODY))
    return parts, starts


def _running_heads(pages: list[list[str]]) -> set[str]:
    """First and last lines that several pages share, page numbers aside."""
    counts: dict[str, int] = {}
    for page in pages:
        full = [line for line in page if line.strip()]
        for line in {_bare(line) for line in (*full[:2], *full[-2:])}:
            counts[line] = counts.get(line, 0) + 1
    least = min(_REPEATED, max(2, len(pages)))
    return {line for line, count in counts.items() if count >= least and line}


def _bare(line: str) -> str:
    return one_line(re.sub(r"\d+", "", line))


def _is_head(line: str, heads: set[str]) -> bool:
    return _bare(line) in heads or _NUMBER.fullmatch(line.strip()) is not None


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines joined to paragraphs: a short line that ends a sentence ends a paragraph."""
    text = _HYPHEN.sub("", "\n".join(line.rstrip() for line in lines))
    found: list[str] = []
    for block in _PARAGRAPH.split(text):
        rows = [row.strip() for row in block.split("\n") if row.strip()]
        width = max((len(row) for row in rows), default=0)
        current: list[str] = []
        for row in rows:
            if current and _BULLET.match(row):
                found.append(one_line(" ".join(current)))
                current = []
            current.append(row)
            if len(row) < 0.75 * width and _ENDED.search(row):
                found.append(one_line(" ".join(current)))
                current = []
        if current:
            found.append(one_line(" ".join(current)))
    return found


def _first_line(parts: list[Part]) -> str | None:
    """The opening of a document without a stated title, where it is short enough to be one."""
    first = parts[0].text
    return first if len(first) <= 150 and not first.endswith(".") else None


def _title(stated: object) -> str | None:
    text = one_line(stated) if isinstance(stated, str) else ""
    return None if not text or _UNTITLED.match(text) else text


def _names(stated: object) -> tuple[str, ...]:
    text = one_line(stated) if isinstance(stated, str) else ""
    if not text or text.lower() in ("python-docx", "user", "admin", "author", "anonymous"):
        return ()
    return tuple(filter(None, (one_line(name) for name in re.split(r"[;&]|,\s|\band\b", text))))


def _document(
    name: str, sha256: str, form: str, facts: Facts, parts: list[Part], starts: Any
) -> Document:
    if not parts:
        raise SourceError("there is no text in it")
    if facts.title and parts[0].text == facts.title and len(parts) > 1:
        parts = parts[1:]
        starts = [max(0, start - 1) for start in starts]
    composer = Composer()
    composer.add(facts, parts, starts)
    return Document(
        name=name, sha256=sha256, format=form, text=composer.text, posts=tuple(composer.posts)
    )
