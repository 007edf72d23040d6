"""Answers, posts and reports as a terminal shows them.

Text from posts and questions is data: it never becomes markup, and control characters and marks
that reorder text are shown as what they are instead of being obeyed.
"""

from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from askscwru.show.quoting import marks_around
from askscwru.types import Answer, Citation, Kind, Place, Post

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
_WIDE = 20_000
"""Columns of what is printed plain: no line is longer."""


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
    said = _SAID.get(answer.kind, _quotes_view)(answer)
    return Group(*parts, *said, *(Text(safe(line), style="dim") for line in answer.advice))


def _quotes_view(answer: Answer) -> list[RenderableType]:
    """The quotes that answer; the words that answer, by themselves; where the quotes stand."""
    parts: list[RenderableType] = [_quote_view(citation) for citation in answer.citations]
    if answer.short:
        parts.append(Text.assemble("\n", ("In short: ", "bold"), safe(answer.short)))
    return [*parts, _confidence(answer), Text(""), *map(_citation_view, answer.citations)]


def _list_view(answer: Answer) -> list[RenderableType]:
    """What the records say, every post that is listed, and where the first of them stand."""
    lead, *rows = answer.text.split("\n")
    parts: list[RenderableType] = [Text(safe(lead))]
    if rows:
        cited = {citation.post.id: citation.index for citation in answer.citations}
        parts += [_row_view(n, post, cited) for n, post in enumerate(answer.posts, start=1)]
    parts.append(_confidence(answer))
    return [*parts, Text(""), *map(_citation_view, answer.citations)] if not rows else parts


def _row_view(number: int, post: Post, cited: Mapping[str, int]) -> RenderableType:
    mark = f" [{cited[post.id]}]" if post.id in cited else ""
    title = (safe(post.title or "(untitled post)"), "bold")
    head = Text.assemble(f"{number:>3}. ", title, mark)
    at = post.title_at or Place(post.source, post.start, post.end)
    where = f"{safe(at.source)}, characters {at.start:,}–{at.end:,}"
    return Group(head, Padding(Text(f"{by_whom(post)}\n{where}", style="dim"), (0, 0, 0, 5)))


def _views_view(answer: Answer) -> list[RenderableType]:
    """Quotes by what they are quoted for."""
    parts: list[RenderableType] = [Text(safe(answer.text.split("\n")[0]))]
    for group, some in groupby(answer.citations, key=lambda citation: citation.group):
        parts.append(Text(f"\n{safe(group or '')}", style="bold"))
        parts += [_quote_view(citation) for citation in some]
    return [*parts, _confidence(answer), Text(""), *map(_citation_view, answer.citations)]


def _reply_view(answer: Answer) -> list[RenderableType]:
    """The program's own words."""
    return [Text(safe(answer.text)), *([Text("Ask, for example:")] if answer.advice else [])]


def _abstention_view(answer: Answer) -> list[RenderableType]:
    """That the posts do not say, and what came nearest, marked as no answer."""
    parts: list[RenderableType] = [Text(safe(answer.text))]
    if answer.nearest:
        parts.append(Text("\nNearest, but no answer:", style="bold"))
    for near in answer.nearest:
        title = near.post.title or "(untitled post)"
        parts.append(Text(f"– {safe(title)}: “{safe(near.quote.text)}”"))
    return [*parts, *([Text("")] if answer.advice else [])]


_SAID: dict[Kind, Callable[[Answer], list[RenderableType]]] = {
    Kind.LIST: _list_view,
    Kind.VIEWS: _views_view,
    Kind.REPLY: _reply_view,
    Kind.ABSTENTION: _abstention_view,
}


def _quote_view(citation: Citation) -> Text:
    before, marked, after = map(safe, citation.quote.cut())
    opened, closed = marks_around(citation.quote.text)
    return Text.assemble(
        opened, before, (marked, "bold underline"), after, f"{closed} [{citation.index}]"
    )


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
        # A name of a file is one word, which nobody finds again in pieces.
        least = _longest(posts) if name == "Sources" else None
        table.add_column(
            name,
            justify="right" if name == "Words" else "left",
            overflow="fold",
            min_width=least,
        )
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
    lines += [
        f"copy {safe(name)}: it stands in {safe(full)}" for name, full in report.copies[:_SHOWN]
    ]
    if len(report.copies) > _SHOWN:
        lines.append(f"copies: {len(report.copies) - _SHOWN:,} more files")
    sources = f"{report.sources} {_plural(report.sources, 'source')}"
    return _lines(
        [
            *lines,
            f"Indexed {report.posts} posts in {report.passages} passages from {sources} "
            f"({len(report.new)} new, {len(report.updated)} changed, {len(report.gone)} gone) "
            f"in {report.seconds:.1f} s.",
            _changes_line(report.changes, report.skipped),
            *_cut_lines(report.cut),
        ]
    )


def _cut_lines(cut: Mapping[str, int]) -> list[str]:
    """One line on the sentences that were cut, where there are any."""
    count = sum(cut.values())
    if not count:
        return []
    shown = ", ".join(f"{safe(name)} ({many})" for name, many in list(cut.items())[:_SHOWN])
    more = f" and {len(cut) - _SHOWN:,} more sources" if len(cut) > _SHOWN else ""
    sentences = f"{count:,} {_plural(count, 'sentence')} longer than a passage"
    return [f"{sentences} cut between words: {shown}{more}."]


def forecast_view(forecast: Forecast) -> RenderableType:
    """What a build would do."""
    lines = _skipped_lines(forecast.skipped)
    lines += [f"doubtful {safe(d.name)}: {safe(d.reason)}" for d in forecast.doubtful[:_SHOWN]]
    if len(forecast.doubtful) > _SHOWN:
        lines.append(f"doubtful: {len(forecast.doubtful) - _SHOWN:,} more")
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
    count = sum(not skip.kept for skip in skipped)
    return (
        f"Posts: {changes.new} new, {changes.changed} changed, {changes.gone} gone; "
        f"{changes.copies} {_plural(changes.copies, 'copy', 'copies')} of them elsewhere; "
        f"{count} {_plural(count, 'thing')} left out."
    )


def _skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """One line for each thing left out; many of one reason share a line."""
    by_reason: dict[str, list[str]] = {}
    for skip in skipped:
        if skip.kept:
            continue
        by_reason.setdefault(skip.reason, []).append(safe(skip.name))
    lines = []
    for reason, names in by_reason.items():
        if len(names) > _TOGETHER:
            told = f"{len(names):,} files ({', '.join(names[:_TOGETHER])}, …)"
            lines.append(f"skipped {told}: {safe(reason)}")
        else:
            lines += [f"skipped {name}: {safe(reason)}" for name in names]
    return [*lines, *_kept_lines(skipped)]


def _kept_lines(skipped: Sequence[Skipped]) -> list[str]:
    """One line for each place that is out of reach and whose posts stay."""
    return [
        f"kept what was read of {safe(skip.name)} before ({skip.kept:,} "
        f"{_plural(skip.kept, 'file')}): {safe(skip.reason)}. "
        "`askscwru index --forget-missing` lets it go."
        for skip in skipped
        if skip.kept
    ]


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


def local_time(stamp: str) -> str:
    """A moment on the clock of whoever looks at it, to the minute."""
    try:
        return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return safe(stamp)


def put(view: RenderableType, *, wrap: bool = True) -> None:
    """Prints on standard output: as a terminal shows it, or plain for a pipe or a file.

    Plain means that no line is wrapped, padded or coloured, so that a line is what it says.

    Args:
        view: what to print.
        wrap: whether a terminal's lines are broken between words; a path is better left whole.
    """
    out = console()
    if out.is_terminal:
        out.print(view, soft_wrap=not wrap)
        return
    written = io.StringIO()
    wide = Console(file=written, width=_WIDE, markup=False, emoji=False, highlight=False)
    wide.print(view)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines()))


def put_posts(posts: Sequence[Post]) -> None:
    """Prints the posts: a table where no file's name is broken, else one below the other."""
    out = console()
    table = posts_view(posts)
    if not out.is_terminal or _longest(posts) <= out.width // 3:
        put(table)
        return
    for post in posts:
        about = f"{', '.join(post.authors) or '–'}; {_known_words(post)}"
        print(f"{safe(post.title or '(untitled)')}\n    {safe(about)}")
        for name in post.sources:
            print(f"    {safe(name)}")


def _longest(posts: Sequence[Post]) -> int:
    """The length of the longest name of a file, with the comma behind it."""
    return max((len(safe(name)) + 1 for post in posts for name in post.sources), default=0)


def _known_words(post: Post) -> str:
    count = post.word_count if post.word_count is not None else post.known_words
    return f"{count:,} words{'' if post.complete else ', only the opening is known'}"


def console(*, stderr: bool = False) -> Console:
    """A console that takes no markup, no emoji codes and no highlighting from what it prints."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
