"""What Word documents and PDF files have in common: each is one post, and says little of itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from askscwru.errors import SourceError
from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.found import Document

INSTALL = "pip install 'askscwru[documents]'"
_UNTITLED = re.compile(
    r"(?:untitled|microsoft word|document\d*|presentation|slide \d|[\w-]+\.(?:docx?|pdf|indd|tex))",
    re.IGNORECASE,
)
_NOBODY = frozenset("python-docx user admin author anonymous".split())


def stated_title(stated: object) -> str | None:
    """The title among the file's properties, unless a program made it up."""
    text = one_line(stated) if isinstance(stated, str) else ""
    return None if not text or _UNTITLED.match(text) else text


def stated_names(stated: object) -> tuple[str, ...]:
    """The authors among the file's properties, unless a program is named there."""
    text = one_line(stated) if isinstance(stated, str) else ""
    if not text or text.lower() in _NOBODY or "@" in text:
        return ()
    return tuple(filter(None, (one_line(name) for name in re.split(r"[;&]|,\s|\band\b", text))))


def one_post(
    name: str,
    sha256: str,
    form: str,
    facts: Facts,
    parts: list[Part],
    starts: Sequence[int] = (),
) -> Document:
    """The document of a file that is one post.

    Args:
        name: the source's name.
        sha256: of the file.
        form: see ``Source.format``.
        facts: what is known of it.
        parts: its text.
        starts: for each of its pages the number of the part that opens it.

    Raises:
        SourceError: there is no text.
    """
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
