"""A citation as scholars write it: as a sentence, by APA or Harvard, and as data for a library.

Citations come as records, which is also what a kept turn holds, so that a quote can be cited long
after its index is gone. What is not known is left out or
said to be unknown, as each style has it; nothing is made up, and titles keep their own capitals.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from askscwru.days import MONTHS, long_date
from askscwru.errors import UsageError
from askscwru.show import quoting
from askscwru.types import CitationRecord

UNTITLED = "untitled post"
_NAMELESS = "[Untitled blog post]"
"""What APA and its like put where a work has no title: what it is, in brackets."""
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
_MANY = re.compile(r"\band\b|,|&", re.IGNORECASE)
_HONORIFIC = re.compile(r"(?:Dr|Prof|Professor|Mr|Mrs|Ms|Miss|Mx|Sir|Dame|Rev)\.?", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:the|team|unit|group|centre|center|college|university|council|network|institute|society|"
    r"association|foundation|trust|press|editors?|staff|admin|guest|department|ministry|office|"
    r"service|committee|board|project|blog|magazine|journal|limited|ltd|inc)\b",
    re.IGNORECASE,
)
_LONGEST_NAME = 5
"""Words: what is longer is hardly a person."""
_APA_MOST, _APA_FIRST = 20, 19
"""APA 7, rule 9.8: up to twenty authors are all named, of more the first nineteen and the last."""
_HARVARD_MOST = 3
"""Cite Them Right: of four authors or more the first alone is named."""


def day_of(moment: str) -> date:
    """The day of an ISO date and time, in the time zone of whoever reads."""
    return datetime.fromisoformat(moment).astimezone().date()


def reference(citation: CitationRecord, style: str, retrieved: date) -> str:
    """The post that a citation is of, in one of the ``STYLES``.

    The styles for reading give the post alone; those for reference managers hold the quote and its
    offsets as a note.

    Args:
        citation: with its quote.
        style: ``plain``, ``apa``, ``harvard``, ``bibtex``, ``ris`` or ``csl-json``.
        retrieved: the day on which the quote was compared with its source.

    Raises:
        UsageError: there is no such style.
    """
    check_style(style)
    return _WRITERS[style](citation, retrieved)


def referenced(
    record: Mapping[str, Any], style: str = "plain", retrieved: date | None = None
) -> dict[str, Any]:
    """The JSON object of an answer or of a kept turn, each citation with its ``reference``.

    Args:
        record: as ``Answer.to_dict`` or ``Turn.to_dict`` gives it.
        style: one of the ``STYLES``.
        retrieved: when the quotes were compared with their sources; as the turn says, or today.

    Raises:
        UsageError: there is no such style.
    """
    check_style(style)
    asked = str(record.get("asked_at") or "")
    day = retrieved or (day_of(asked) if asked else datetime.now().astimezone().date())
    cited = [
        {**c, "reference": reference(CitationRecord.from_dict(c), style, day)}
        for c in record["citations"]
    ]
    return {**record, "citations": cited}


def check_style(style: str) -> None:
    """Raises ``UsageError`` where there is no such style."""
    if style not in _WRITERS:
        raise UsageError(
            f"“{style}” is no style of reference.",
            remedy=f"Choose one of {', '.join(STYLES)}.",
            param="style",
        )


def quoted(citation: CitationRecord, style: str, retrieved: date) -> str:
    """The quote with its reference, as one copies it into a text; raises as ``reference``."""
    written = reference(citation, style, retrieved)
    if style == "plain":
        return as_text(citation, retrieved)
    if style in _HOLDS_QUOTE:
        return written
    return f"{quoting.quoted(_line(citation.quote))}\n\n{written}"


def as_text(citation: CitationRecord, retrieved: date) -> str:
    """The quote and who wrote it, where it stands, and when it was retrieved, in one paragraph.

    Args:
        citation: with its quote.
        retrieved: the day on which the quote was compared with its source.
    """
    return f"{quoting.quoted(_line(citation.quote))} ({source_line(citation, retrieved)})"


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


# -- for reading -----------------------------------------------------------------------------------


def as_apa(citation: CitationRecord, retrieved: date) -> str:
    """The post as the *Publication Manual* of the APA has a blog post, seventh edition."""
    told = _Published.of(citation)
    when = f"({told.american() or 'n.d.'})."
    authors = _apa_authors(_people(citation))
    title = _stopped(_line(citation.title or "") or _NAMELESS)
    address = _line(citation.url or "")
    if address and not told.year:  # rule 9.16: what has no date may yet change
        address = f"Retrieved {_american(retrieved)}, from {address}"
    parts = [authors, when, title] if authors else [title, when]
    return " ".join(p for p in (*parts, _stopped(_line(citation.blog or "")), address) if p)


def as_harvard(citation: CitationRecord, retrieved: date) -> str:
    """The post as *Cite Them Right* has a blog post in its Harvard style."""
    told = _Published.of(citation)
    title = _line(citation.title or "")
    named = f"‘{title}’" if title else _NAMELESS
    when = f"({told.year or 'no date'})"
    authors = _harvard_authors(_people(citation))
    head = f"{authors} {when} {named}" if authors else f"{named} {when}"
    blog, day = _line(citation.blog or ""), told.british_day()
    line = ", ".join(part for part in (head, blog, day) if part)
    address = _line(citation.url or "")
    seen = f" Available at: {address} (Accessed: {long_date(retrieved)})." if address else ""
    return _stopped(line) + seen


# -- for reference managers ------------------------------------------------------------------------


def as_bibtex(citation: CitationRecord, retrieved: date) -> str:
    """The post as an entry of a BibTeX file, with the quote and its offsets in the note.

    Every character that TeX would obey is escaped, and there is no line break in a field.
    """
    told = _Published.of(citation)
    offsets = f"characters {citation.start}--{citation.end}"
    note = f"Quoted: ``{escape(citation.quote)}'' ({escape(citation.source)}, {offsets}). "
    fields = {
        "author": " and ".join(_name(name) for name in citation.authors),
        "title": f"{{{escape(citation.title or UNTITLED)}}}",
        "howpublished": escape(citation.blog or ""),
        "year": str(told.year or ""),
        "month": str(told.month or ""),
        "url": _address(citation.url or ""),
        "urldate": retrieved.isoformat(),
        "note": f"{note}Retrieved {long_date(retrieved)}.",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(citation)},", *lines, "}"])


def as_ris(citation: CitationRecord, retrieved: date) -> str:
    """The post as a record of a RIS file, each line a tag and its value."""
    told = _Published.of(citation)
    slashed = f"{told.year}/{told.month or '':0>2}/{told.day or '':0>2}" if told.month else ""
    lines = [
        ("TY", "BLOG"),
        *(("AU", person.inverted) for person in _people(citation)),
        ("TI", _line(citation.title or "") or _NAMELESS),
        ("T2", _line(citation.blog or "")),
        ("PY", str(told.year or "")),
        ("DA", slashed.removesuffix("/00")),
        ("UR", _line(citation.url or "")),
        ("Y2", retrieved.strftime("%Y/%m/%d")),
        ("N1", _note(citation)),
    ]
    return "\n".join([*(f"{tag}  - {value}" for tag, value in lines if value), "ER  - "])


def as_csl(citation: CitationRecord, retrieved: date) -> str:
    """The post as CSL-JSON, which citation processors and Zotero read: a list of one item."""
    return json.dumps([csl_item(citation, retrieved)], ensure_ascii=False, indent=2)


def csl_item(citation: CitationRecord, retrieved: date) -> dict[str, Any]:
    """The post as an item of CSL-JSON."""
    told = _Published.of(citation)
    issued = [part for part in (told.year, told.month, told.day) if part]
    fields: dict[str, Any] = {
        "id": _key(citation),
        "type": "post-weblog",
        "title": _line(citation.title or "") or _NAMELESS,
        "author": [person.csl() for person in _people(citation)],
        "container-title": _line(citation.blog or ""),
        "issued": {"date-parts": [issued]} if issued else None,
        "accessed": {"date-parts": [[retrieved.year, retrieved.month, retrieved.day]]},
        "URL": _line(citation.url or ""),
        "note": _note(citation),
    }
    return {name: value for name, value in fields.items() if value}


_WRITERS: dict[str, Callable[[CitationRecord, date], str]] = {
    "plain": source_line,
    "apa": as_apa,
    "harvard": as_harvard,
    "bibtex": as_bibtex,
    "ris": as_ris,
    "csl-json": as_csl,
}
STYLES = tuple(_WRITERS)
"""The styles that ``reference`` writes."""
STYLE_NAMES = {
    "plain": "Plain",
    "apa": "APA",
    "harvard": "Harvard",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
}
"""What people call them."""
_HOLDS_QUOTE = frozenset({"bibtex", "ris", "csl-json"})


# -- dates -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Published:
    """When a post was published, as far as that is known."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @classmethod
    def of(cls, citation: CitationRecord) -> _Published:
        match = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", citation.published or "")
        if match is None:
            return cls()
        year, month, day = (int(part) if part else None for part in match.groups())
        if month is None or not 1 <= month <= 12:
            return cls(year)
        return cls(year, month, day)

    def american(self) -> str:
        """``2015, March 2``, or as much of it as is known."""
        if self.month is None:
            return str(self.year or "")
        return f"{self.year}, {MONTHS[self.month - 1]}" + (f" {self.day}" if self.day else "")

    def british_day(self) -> str:
        """``2 March``, or the month alone."""
        if self.month is None:
            return ""
        return (f"{self.day} " if self.day else "") + MONTHS[self.month - 1]


def _american(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


# -- names -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Person:
    """An author: family and given names, or ``family`` alone for a group or a single name."""

    family: str
    given: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, name: str) -> _Person:
        """Takes a name apart that stands as people say it; what may be a group is left whole."""
        words = _line(name).split()
        if _MANY.search(name) or _GROUP.search(name) or len(words) > _LONGEST_NAME:
            return cls(" ".join(words))
        while len(words) > 1 and _HONORIFIC.fullmatch(words[0]):
            words = words[1:]
        suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
        first = len(words) - 1
        while first > 1 and words[first - 1].islower():  # “van”, “de la”
            first -= 1
        if first < 1:
            return cls(" ".join(words))
        return cls(" ".join(words[first:]), " ".join(words[:first]), suffix)

    @property
    def inverted(self) -> str:
        """``Woolham, John``."""
        return ", ".join(part for part in (self.family, self.given, self.suffix) if part)

    def initialled(self, between: str) -> str:
        """``Woolham, J. K.``, with ``between`` two initials."""
        initials = between.join(_initial(word) for word in self.given.split())
        return ", ".join(part for part in (self.family, initials, self.suffix) if part)

    def csl(self) -> dict[str, str]:
        """As CSL-JSON has it."""
        if not self.given:
            return {"literal": self.family}
        told = {"family": self.family, "given": self.given, "suffix": self.suffix}
        return {part: value for part, value in told.items() if value}


def _initial(word: str) -> str:
    """``J.`` of John and ``J.-P.`` of Jean-Paul."""
    return "-".join(f"{part[0].upper()}." for part in word.split("-") if part)


def _people(citation: CitationRecord) -> list[_Person]:
    return [_Person.of(name) for name in citation.authors if _line(name)]


def _apa_authors(people: Sequence[_Person]) -> str:
    names = [person.initialled(" ") for person in people]
    if len(names) > _APA_MOST:
        return _stopped(f"{', '.join(names[:_APA_FIRST])}, … {names[-1]}")
    if len(names) > 1:
        return _stopped(f"{', '.join(names[:-1])}, & {names[-1]}")
    return _stopped(names[0]) if names else ""


def _harvard_authors(people: Sequence[_Person]) -> str:
    names = [person.initialled("") for person in people]
    if len(names) > _HARVARD_MOST:
        return f"{names[0]} et al."
    if len(names) > 1:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return names[0] if names else ""


# -- characters ------------------------------------------------------------------------------------


def escape(text: str) -> str:
    """``text`` in one line, with every character that TeX would obey escaped."""
    return "".join(_BIBTEX.get(character, character) for character in _line(text))


def _note(citation: CitationRecord) -> str:
    offsets = f"characters {citation.start:,}–{citation.end:,}"
    return f"Quoted: “{_line(citation.quote)}” ({_line(citation.source)}, {offsets})"


def _stopped(text: str) -> str:
    """``text`` with a full stop, unless it is empty or ends a sentence by itself."""
    return text if not text or text[-1] in ".?!…" else f"{text}."


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
    surname = _key_letters(authors[0].split()[-1] if authors and authors[0].split() else "")
    words = [_key_letters(word) for word in title.split()]
    word = next((word for word in words if len(word) > 3), "post")
    return f"{surname or 'anonymous'}-{word}-{_key_letters(citation.post_id)[:6]}"


def _key_letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]", "", folded.lower())
