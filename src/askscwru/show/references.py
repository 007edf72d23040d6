"""A citation as scholars write it: as a sentence, and as a BibTeX entry.

Citations come as records, which is also what a kept turn holds, so that a quote can be cited long
after its index is gone.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

from askscwru.days import long_date
from askscwru.show.quoting import quoted
from askscwru.types import CitationRecord

UNTITLED = "untitled post"
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_MANY = re.compile(r"\band\b|,", re.IGNORECASE)


def day_of(moment: str) -> date:
    """The day of an ISO date and time, in the time zone of whoever reads."""
    return datetime.fromisoformat(moment).astimezone().date()


def as_text(citation: CitationRecord, retrieved: date) -> str:
    """The quote and who wrote it, where it stands, and when it was retrieved, in one paragraph.

    Args:
        citation: with its quote.
        retrieved: the day on which the quote was compared with its source.
    """
    return f"{quoted(_line(citation.quote))} ({source_line(citation, retrieved)})"


def source_line(citation: CitationRecord, retrieved: date | None = None) -> str:
    """Authors, title, blog, date, address, source, characters and the day it was retrieved."""
    parts = [
        ", ".join(_line(name) for name in citation.authors) or "no author named",
        f"“{_line(citation.title)}”" if citation.title else UNTITLED,
        _line(citation.blog or ""),
        _line(citation.published or ""),
        _line(citation.url or ""),
        _line(citation.source),
        f"characters {citation.start:,}–{citation.end:,}",
        f"retrieved {long_date(retrieved)}" if retrieved else "",
    ]
    return ", ".join(part for part in parts if part)


def as_bibtex(citation: CitationRecord, retrieved: date) -> str:
    """The post as an entry of a BibTeX file, with the quote and its offsets in the note.

    Every character that TeX would obey is escaped, and there is no line break in a field.
    """
    published = citation.published or ""
    offsets = f"characters {citation.start}--{citation.end}"
    note = f"Quoted: ``{escape(citation.quote)}'' ({escape(citation.source)}, {offsets}). "
    fields = {
        "author": " and ".join(_name(name) for name in citation.authors),
        "title": f"{{{escape(citation.title or UNTITLED)}}}",
        "howpublished": escape(citation.blog or ""),
        "year": published[:4],
        "month": published[5:7].lstrip("0"),
        "url": _address(citation.url or ""),
        "urldate": retrieved.isoformat(),
        "note": f"{note}Retrieved {long_date(retrieved)}.",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(citation)},", *lines, "}"])


def escape(text: str) -> str:
    """``text`` in one line, with every character that TeX would obey escaped."""
    return "".join(_BIBTEX.get(character, character) for character in _line(text))


def _line(text: str) -> str:
    return " ".join("".join(c if _prints(c) else " " for c in text).split())


def _prints(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs")


def _name(name: str) -> str:
    """A name; braces keep BibTeX from taking a group for several people."""
    plain = escape(name)
    return f"{{{plain}}}" if _MANY.search(plain) else plain


def _address(url: str) -> str:
    """An address as BibTeX takes it: what would end the field is percent-encoded."""
    return "".join(f"%{ord(c):02X}" if c in "{}\\ " else c for c in _line(url))


def _key(citation: CitationRecord) -> str:
    """A key of plain letters and digits that stays the same for the same post."""
    authors, title = citation.authors, citation.title or ""
    surname = _plain(authors[0].split()[-1] if authors and authors[0].split() else "")
    words = [_plain(word) for word in title.split()]
    word = next((word for word in words if len(word) > 3), "post")
    return f"{surname or 'anonymous'}-{word}-{_plain(citation.post_id)[:6]}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]", "", folded.lower())
