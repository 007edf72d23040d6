"""PDF files with text to their paragraphs, and where their pages start."""

from __future__ import annotations

import io
import logging
import re
import unicodedata

from askscwru.errors import SourceError
from askscwru.ingest.compose import Facts, Part, one_line
from askscwru.ingest.formats.one_post import INSTALL, one_post, stated_names, stated_title
from askscwru.ingest.found import Document
from askscwru.ingest.limits import Budget
from askscwru.sentences import split_sentences
from askscwru.types import BlockKind

_MOST_PAGES = 5_000
_BROKEN = re.compile(r"([^\W_]+(?:[-‐][^\W_]+)*)[-‐]\n[ \t]*([^\W_]+(?:[-‐][^\W_]+)*)")
"""A word that goes on in the next line, with what stands before and after the hyphen."""
_SOFT = re.compile(r"\u00ad[ \t]*\n[ \t]*")
_WORD = re.compile(r"[^\W_]+(?:[-‐’'][^\W_]+)*")
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")
_ENDED = re.compile(r"[.!?:…][\"'”’)\]]*$")
_NUMBER = re.compile(r"(?:page\s*)?[\divxlc]{1,5}(?:\s*(?:of|/)\s*\d+)?$", re.IGNORECASE)
_BULLET = re.compile(r"[•▪◦‣·●○■–]\s+|\(?\d{1,2}[.)]\s+")
_REPEATED = 3
_SHORT = 0.75
"""A line that is shorter than this share of the longest may be the last of a paragraph."""
_EDGE = 2
"""Lines at the top and at the bottom of a page that may be its head or its number."""


def read_pdf(name: str, sha256: str, data: bytes) -> Document:
    """A PDF file with text, and where its pages start; ``SourceError`` where it cannot be read."""
    try:
        import pypdf
    except ImportError as error:
        raise SourceError(f"PDF files need pypdf: {INSTALL}") from error
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
        title = stated_title(told.title if told else None)
        authors = stated_names(told.author if told else None)
        created = told.creation_date if told else None
    except SourceError:
        raise
    except Exception as error:  # the library raises what it likes on a broken file
        raise SourceError(f"not a PDF that can be read: {error}"[:200]) from error
    parts, starts = _pdf_parts(pages, title)
    if not parts:
        raise SourceError("there is no text in it: it may be scanned; recognise its text first")
    facts = Facts(
        title=title or _first_line(parts),
        authors=authors,
        published=created.date().isoformat() if created else None,
    )
    return one_post(name, sha256, "pdf", facts, parts, starts)


def _pdf_parts(pages: list[str], title: str | None) -> tuple[list[Part], list[int]]:
    """Paragraphs of all pages without running heads, and the number of each page's first one."""
    lines = [page.replace("\x00", "").splitlines() for page in pages]
    heads = _running_heads(lines)
    headed = sum(_is_head(line, heads) for page in lines for line in page)
    if headed * 2 > sum(map(len, lines)):
        heads = set()  # pages that say the same are no running heads
    kept = [_without_edges(page, heads) for page in lines]
    words = _words(kept)
    if kept and title and (first := next((line for line in kept[0] if line.strip()), None)):
        kept[0] = kept[0] if one_line(first) != title else kept[0][kept[0].index(first) + 1 :]
    parts: list[Part] = []
    starts: list[int] = []
    for page in kept:
        starts.append(len(parts))
        made = (_part(paragraph) for paragraph in _paragraphs(page, words))
        parts += [part for part in made if any(c.isalnum() for c in part.text)]
    return parts, starts


def _part(paragraph: str) -> Part:
    bullet = _BULLET.match(paragraph)
    if bullet is None:
        return Part(paragraph, BlockKind.BODY)
    number = bullet[0].strip()
    counted = number if any(c.isdigit() for c in number) else ""
    return Part(paragraph[bullet.end() :], BlockKind.LIST, number=counted)


def _without_edges(page: list[str], heads: set[str]) -> list[str]:
    """A page's lines without running heads, and without its number at the top or the bottom."""
    full = [at for at, line in enumerate(page) if line.strip()]
    edges = {*full[:_EDGE], *full[-_EDGE:]}
    return [
        line
        for at, line in enumerate(page)
        if _bare(line) not in heads
        and not (at in edges and _NUMBER.fullmatch(line.strip()) is not None)
    ]


def _words(pages: list[list[str]]) -> frozenset[str]:
    """Every word of the document that stands whole in a line, in lower case."""
    return frozenset(
        _folded(match[0])
        for page in pages
        for line in page
        for match in _WORD.finditer(line.rstrip().removesuffix("-").removesuffix("‐"))
    )


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word.replace("\u00ad", "")).replace("‐", "-").lower()


def _running_heads(pages: list[list[str]]) -> set[str]:
    """First and last lines that several pages share, page numbers aside."""
    counts: dict[str, int] = {}
    for page in pages:
        full = [line for line in page if line.strip()]
        for line in {_bare(line) for line in (*full[:_EDGE], *full[-_EDGE:])}:
            counts[line] = counts.get(line, 0) + 1
    least = min(_REPEATED, max(2, len(pages)))
    return {line for line, count in counts.items() if count >= least and line}


def _bare(line: str) -> str:
    return one_line(re.sub(r"\d+", "", line))


def _is_head(line: str, heads: set[str]) -> bool:
    return _bare(line) in heads or _NUMBER.fullmatch(line.strip()) is not None


def _paragraphs(lines: list[str], words: frozenset[str]) -> list[str]:
    """Lines joined to paragraphs: a short line that ends a sentence ends a paragraph."""
    text = _SOFT.sub("", "\n".join(line.rstrip() for line in lines))
    text = _BROKEN.sub(lambda match: _whole(match, words), text)
    found: list[str] = []
    for block in _PARAGRAPH.split(text):
        rows = [row.strip() for row in block.split("\n") if row.strip()]
        width = max((len(row) for row in rows), default=0)
        current: list[str] = []
        for row, following in zip(rows, [*rows[1:], ""], strict=True):
            if current and _BULLET.match(row):
                found.append(one_line(" ".join(current)))
                current = []
            current.append(row)
            if len(row) < _SHORT * width and _ends(row, following):
                found.append(one_line(" ".join(current)))
                current = []
        if current:
            found.append(one_line(" ".join(current)))
    return found


def _whole(broken: re.Match[str], words: frozenset[str]) -> str:
    """A word that two lines share, with the hyphen that was printed, unless it was the printer's.

    It was where the document has the word without a hyphen elsewhere, and never with one.
    """
    before, after = broken[1], broken[2]
    kept, joined = f"{before}-{after}", f"{before}{after}"
    if after[0].isupper() or not (before[-1].isalpha() and after[0].isalpha()):
        return kept
    if _folded(joined) in words and _folded(kept) not in words:
        return joined
    return kept


def _ends(row: str, following: str) -> bool:
    """Whether a line ends a sentence: not at ``Dr.`` or within ``3.5``."""
    if not _ENDED.search(row):
        return False
    if row[-1] == ":" or not following:
        return True
    return any(span.end == len(row) for span in split_sentences(f"{row} {following}"))


def _first_line(parts: list[Part]) -> str | None:
    """The opening of a document without a stated title, where it is short enough to be one."""
    first = parts[0].text
    return first if len(first) <= 150 and not first.endswith(".") else None
