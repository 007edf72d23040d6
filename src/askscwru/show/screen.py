"""Answers, posts and reports as a terminal shows them.

Text from posts and questions is data: it never becomes markup, and control characters and marks
that reorder text are shown as what they are instead of being obeyed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from askscwru.types import Answer, Citation, Post

if TYPE_CHECKING:
    from askscwru.index.build import BuildReport, PostChanges
    from askscwru.index.sources import Forecast, Listed
    from askscwru.ingest import Skipped

_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WORDS = (
    (0.9, "very sure"),
    (0.75, "sure"),
    (0.5, "fairly sure"),
    (0.25, "unsure"),
    (0.0, "very unsure"),
)
_BAR = 10
_SHOWN = 20
_TOGETHER = 3


def safe(text: str) -> str:
    r"""``text`` without anything that a terminal would obey.

    Line breaks and tabs become spaces; other control characters, marks that reorder text, and half
    surrogate pairs become a visible ``\uXXXX``.
    """
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\r\t\v\f\x85\u2028\u2029":
        return " "
    if unicodedata.category(character) in ("Cc", "Cs") or character in _REORDERING:
        return f"\\u{ord(character):04x}"
    return character


def confidence_word(confidence: float) -> str:
    """A confidence in words."""
    return next(word for least, word in _WORDS if confidence >= least)


def confidence_line(confidence: float) -> str:
    """A confidence as a bar, a number and a word."""
    filled = round(confidence * _BAR)
    bar = "█" * filled + "░" * (_BAR - filled)
    return f"{bar} {confidence:.2f}, {confidence_word(confidence)}"


def answer_view(answer: Answer) -> RenderableType:
    """An answer with its citations, or an abstention with the nearest posts."""
    parts: list[RenderableType] = []
    if answer.corrections:
        fixed = ", ".join(f"{safe(c.wrong)} → {safe(c.right)}" for c in answer.corrections)
        parts.append(Text(f"Spelling: {fixed}", style="dim"))
    if answer.searched_for != answer.question and not answer.corrections:
        parts.append(Text(f"Searched for: {safe(answer.searched_for)}", style="dim"))
    if answer.limits:
        parts.append(Text(f"Asked of {safe(answer.limits.text)}", style="dim"))
    if answer.alternatives:
        others = " or ".join(f"“{safe(other)}”" for other in answer.alternatives)
        parts.append(Text(f"Or did you mean {others}?", style="dim"))
    if not answer.answered:
        parts.append(Text(safe(answer.text)))
        return Group(*parts, _confidence(answer))
    parts += [_quote_view(citation) for citation in answer.citations]
    short = _short_answer(answer.citations[0])
    if short:
        parts.append(Text.assemble("\n", ("In short: ", "bold"), safe(short)))
    parts += [_confidence(answer), Text("")]
    parts += [_citation_view(citation) for citation in answer.citations]
    return Group(*parts)


def _short_answer(citation: Citation) -> str:
    return citation.quote.cut()[1]


def _quote_view(citation: Citation) -> Text:
    before, marked, after = map(safe, citation.quote.cut())
    return Text.assemble("“", before, (marked, "bold underline"), after, f"” [{citation.index}]")


def _confidence(answer: Answer) -> Text:
    return Text(f"Confidence: {confidence_line(answer.confidence)}", style="dim")


def _citation_view(citation: Citation) -> RenderableType:
    quote, post = citation.quote, citation.post
    head = Text.assemble(f"[{citation.index}] ", (safe(post.title or "(untitled post)"), "bold"))
    lines = [Text(f"{by_whom(post)}")]
    source = quote.passage.source
    page = "" if citation.page is None else f", page {citation.page}"
    lines.append(Text(f"{safe(source)}{page}, characters {quote.start:,}–{quote.end:,}"))
    elsewhere = [name for name in post.sources if name != source]
    if elsewhere:
        lines.append(Text(f"also in {safe(', '.join(elsewhere))}"))
    if not post.complete:
        lines.append(Text(opening_remark(post), style="italic"))
    return Group(head, *(Padding(line, (0, 0, 0, 4)) for line in lines))


def by_whom(post: Post) -> str:
    """Authors, blog and date in one line."""
    authors = ", ".join(post.authors) or "no author named"
    day = post.published
    if day is None and post.captured is not None:
        day = f"undated, saved on {post.captured}"
    return safe(", ".join(part for part in (authors, post.blog, day) if part))


def opening_remark(post: Post) -> str:
    """Says how much of a post is known, where it is not the whole."""
    if post.word_count is None:
        return f"only the opening of this post is known ({post.known_words:,} words)"
    return (
        f"only the opening of this post is known "
        f"({post.known_words:,} of {post.word_count:,} words)"
    )


def posts_view(posts: Sequence[Post]) -> Table:
    """The posts as a table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Title", "Authors", "Words", "Whole?", "Sources"):
        table.add_column(name, justify="right" if name == "Words" else "left", overflow="fold")
    for post in posts:
        table.add_row(
            Text(safe(post.title or "(untitled)")),
            Text(safe(", ".join(post.authors) or "–")),
            Text("–" if post.word_count is None else f"{post.word_count:,}"),
            Text("whole" if post.complete else "opening"),
            Text(safe(", ".join(post.sources))),
        )
    return table


def report_view(report: BuildReport) -> RenderableType:
    """What a build did: what was left out and why, then the sums."""
    lines = _skipped_lines(report.skipped)
    if not report.changed:
        return _lines([*lines, f"Up to date: {report.posts} posts in {report.passages} passages."])
    lines += [f"moved {safe(old)} → {safe(new)}" for old, new in report.moved[:_SHOWN]]
    sources = f"{report.sources} {_plural(report.sources, 'source')}"
    return _lines(
        [
            *lines,
            f"Indexed {report.posts} posts in {report.passages} passages from {sources} "
            f"({len(report.new)} new, {len(report.updated)} changed, {len(report.gone)} gone) "
            f"in {report.seconds:.1f} s.",
            _changes_line(report.changes, report.skipped),
        ]
    )


def forecast_view(forecast: Forecast) -> RenderableType:
    """What a build would do."""
    lines = _skipped_lines(forecast.skipped)
    kinds = (("new", forecast.new), ("changed", forecast.updated), ("gone", forecast.gone))
    for word, names in kinds:
        lines += [f"{word} {safe(name)}" for name in names[:_SHOWN]]
        if len(names) > _SHOWN:
            lines.append(f"{word}: {len(names) - _SHOWN:,} more")
    lines += [f"moved {safe(old)} → {safe(new)}" for old, new in forecast.moved[:_SHOWN]]
    lines += [
        f"The index would have {forecast.posts} posts. Nothing was written.",
        _changes_line(forecast.changes, forecast.skipped),
    ]
    return _lines(lines)


def _changes_line(changes: PostChanges, skipped: Sequence[Skipped]) -> str:
    return (
        f"Posts: {changes.new} new, {changes.changed} changed, {changes.gone} gone; "
        f"{changes.copies} {_plural(changes.copies, 'copy', 'copies')} of them elsewhere; "
        f"{len(skipped)} {_plural(len(skipped), 'thing')} left out."
    )


def _skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """One line for each thing left out; many of one reason share a line."""
    by_reason: dict[str, list[str]] = {}
    for skip in skipped:
        by_reason.setdefault(skip.reason, []).append(safe(skip.name))
    lines = []
    for reason, names in by_reason.items():
        if len(names) > _TOGETHER:
            told = f"{len(names):,} files ({', '.join(names[:_TOGETHER])}, …)"
            lines.append(f"skipped {told}: {safe(reason)}")
        else:
            lines += [f"skipped {name}: {safe(reason)}" for name in names]
    return lines


def _plural(count: int, word: str, many: str = "") -> str:
    return word if count == 1 else many or f"{word}s"


def _lines(lines: Sequence[str]) -> RenderableType:
    return Group(*(Text(line) for line in lines))


def sources_view(listed: Sequence[Listed]) -> Table:
    """The list of sources as a table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Name", "Files", "Posts", "Path"):
        right = name in ("Files", "Posts")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for place in listed:
        path = safe(str(place.path)) + ("" if place.there else "  (not there)")
        table.add_row(Text(safe(place.name)), f"{place.sources:,}", f"{place.posts:,}", Text(path))
    return table


def console(*, stderr: bool = False) -> Console:
    """A console that takes no markup, no emoji codes and no highlighting from what it prints."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
