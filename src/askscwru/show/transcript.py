"""A conversation as Markdown, every quote with its full citation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from askscwru.days import long_date
from askscwru.errors import StorageError, UsageError
from askscwru.files import write_new
from askscwru.show.quoting import marks_around
from askscwru.show.references import UNTITLED, day_of, source_line
from askscwru.show.screen import confidence_word, safe
from askscwru.types import CitationRecord, Conversation, Kind, Turn

SUFFIX = ".md"
_OBEYED = re.compile(
    r"""([\\`*<\[~]                    # wherever they stand
    |(?<![^\W_])_|_(?![^\W_])         # where emphasis may begin or end, not in snake_case
    |(?<!\S)\#|&(?=\#?\w+;)           # a heading and its end; an entity
    |^>|^[+\-=|](?=\s|[+\-=|]|$))""",  # what makes a line a quote, a list or a rule
    re.VERBOSE,
)
"""What Markdown obeys where it stands; a full stop in a sentence, say, is left as it is."""
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_LONGEST_NAME = 60


def as_markdown(conversation: Conversation) -> str:
    """The whole conversation; no text of a post or a question becomes markup of its own."""
    first, last = day_of(conversation.created_at), day_of(conversation.updated_at)
    parts = [
        f"# {escaped(conversation.title or 'Conversation')}",
        f"Asked on {_span(first, last)}.",
    ]
    for turn in conversation.turns:
        parts += _turn(turn)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """``text`` in one line, with everything that Markdown or a terminal would obey escaped."""
    obeyed = _OBEYED.sub(r"\\\1", " ".join(safe(text).split()))
    return _NUMBERED.sub(r"\1\\\2", obeyed)


def file_name(conversation: Conversation) -> str:
    """A name for the file, made of the conversation's title: letters, digits and hyphens."""
    words = re.sub(r"[^\w]+", "-", conversation.title.lower()).strip("-_")[:_LONGEST_NAME]
    return f"{words.strip('-_') or 'conversation'}{SUFFIX}"


def free_name(path: Path) -> Path:
    """The path itself, or the first ``name-2``, ``name-3``, … of which there is none yet."""
    number, free = 1, path
    while free.exists() or free.is_symlink():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def save(conversation: Conversation, path: Path) -> Path:
    """Writes the conversation to a new file, whole or not at all, and returns where it is.

    Raises:
        UsageError: something of that name is there already; it is left as it is.
        StorageError: it cannot be written.
    """
    try:
        path = path.expanduser().absolute()
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise _unwritable(path, error) from error
    try:
        write_new(path, as_markdown(conversation).encode("utf-8", "replace"))
    except FileExistsError as error:
        raise UsageError(
            f"{path} is there already.", remedy=f"{free_name(path).name} is free.", param="path"
        ) from error
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    return path


def _unwritable(path: Path, error: Exception) -> StorageError:
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        f"Cannot write {path}: {reason}.", remedy="Choose another place.", param="path"
    )


def _turn(turn: Turn) -> list[str]:
    parts = [f"## {turn.number}. {escaped(turn.question)}"]
    if turn.searched_for != turn.question:
        parts.append(f"Searched for: {escaped(turn.searched_for)}")
    if turn.limits:
        parts.append(f"Asked of {escaped(turn.limits.text)}.")
    if turn.kind is not Kind.ANSWER:
        parts.append(escaped(turn.text.split("\n")[0]))
    if turn.kind is Kind.LIST:
        parts += _rows(turn)
    group = None
    for citation in turn.citations:
        if citation.group != group:
            group = citation.group
            parts.append(f"### {escaped(group or '')}")
        parts += _citation(citation, day_of(turn.asked_at))
    if turn.nearest:
        near = (f"- {escaped(_row(one))}: “{escaped(one['quote'])}”" for one in turn.nearest)
        parts += ["Nearest, but no answer:", "\n".join(near)]
    if turn.answered:
        parts.append(f"Confidence: {turn.confidence:.2f}, {confidence_word(turn.confidence)}.")
    return parts


def _rows(turn: Turn) -> list[str]:
    """Every post of a list."""
    lines = (f"{number}. {escaped(_row(row))}" for number, row in enumerate(turn.posts, start=1))
    return ["\n".join(lines)] if turn.posts else []


def _row(row: Mapping[str, Any]) -> str:
    known = [row["title"] or UNTITLED, ", ".join(row["authors"]), row["blog"], row["published"]]
    place = f"{row['source']}, characters {row['start']:,}–{row['end']:,}"
    return ", ".join(part for part in (*known, place) if part)


def _citation(citation: CitationRecord, retrieved: date) -> list[str]:
    lines = [f"{citation.index}. {escaped(source_line(citation, retrieved))}"]
    if citation.also_in:
        lines.append(f"   Also in {escaped(', '.join(citation.also_in))}.")
    if not citation.complete:
        lines.append("   Only the opening of this post is known.")
    before, after = marks_around(citation.quote)
    shown = f"> {before}{_marked(citation)}{after} \\[{citation.index}]"
    return [shown, "\n".join(lines)]


def _marked(citation: CitationRecord) -> str:
    """The quote with what answers the question in bold."""
    before, inner, after = citation.cut()
    words = inner.strip()
    if not words:
        return escaped(citation.quote)
    before += inner[: len(inner) - len(inner.lstrip())]
    after = inner[len(inner.rstrip()) :] + after
    return f"{_edge(before)}**{escaped(words)}**{_edge(after)}"


def _edge(text: str) -> str:
    """``escaped`` that keeps one space where the text begins or ends with white space."""
    lead = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{lead}{escaped(text)}{tail}"


def _span(first: date, last: date) -> str:
    return long_date(first) if first == last else f"{long_date(first)} to {long_date(last)}"
