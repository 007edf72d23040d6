"""Answers and evidence as styled text.

Text of posts and questions passes through ``safe`` into ``Content``, which reads no markup, so that
nothing in it is obeyed by Textual or by the terminal. What is marked is bold and underlined, and a
quote is underlined, so that neither needs colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from textual.content import Content

from askscwru.show.post_text import Paragraph, inside
from askscwru.show.quoting import marks_around
from askscwru.show.screen import by_whom, confidence_line, opening_remark, safe
from askscwru.tui.model import ShownTurn, Step
from askscwru.tui.sheet import Sheet
from askscwru.types import BlockKind, CitationRecord, Kind, Post, Span, Turn

if TYPE_CHECKING:
    from askscwru.show.first_sight import Overview
    from askscwru.show.search_posts import Snippet

MARKED = "bold underline $marked-ink on $marked"
QUOTED = "underline on $quoted"
MUTED = "$muted"
UNTITLED = "(untitled post)"
_NAMED = 3  # blogs and authors each that a newcomer is told
_WINDOW = 180  # characters of a sentence that a list shows
_SHORT = 80  # characters; longer ones only repeat what is marked above them
Part = str | tuple[str, str]


def text(*parts: Part) -> Content:
    """Styled text out of plain pieces, none of which is read as markup."""
    return Content.assemble(*parts)


def marked(words: str, spans: Sequence[tuple[Span | None, str]]) -> list[Part]:
    """``words`` cut where marks begin and end; where marks overlap, the last one wins.

    Args:
        words: plain text.
        spans: stretches of it, and how each looks.
    """
    cuts = {0, len(words)}
    for span, _ in spans:
        if span is not None:
            cuts |= {span.start, span.end}
    edges = sorted(cut for cut in cuts if 0 <= cut <= len(words))
    parts: list[Part] = []
    for start, end in pairwise(edges):
        style = ""
        for span, look in spans:
            if span is not None and span.start <= start and end <= span.end:
                style = look
        piece = safe(words[start:end])
        parts.append((piece, style) if style else piece)
    return parts


def question_line(question: str) -> Content:
    """What was asked, its own line breaks kept."""
    lines = "\n".join(safe(line) for line in question.strip().splitlines())
    return text((lines, "bold"))


def remarks(exchange: ShownTurn, key: str) -> list[Content]:
    """What it was limited to, and what was searched for and corrected, where it is not as asked.

    Args:
        exchange: the answer.
        key: edits what was searched for.
    """
    turn = exchange.turn
    said: list[Content] = []
    if turn.limits:
        said.append(text((f"Asked of {safe(turn.limits.text)}", MUTED)))
    if turn.corrections:
        fixed = ", ".join(f"{safe(c.wrong)} → {safe(c.right)}" for c in turn.corrections)
        said.append(text((f"Spelling corrected: {fixed}", MUTED)))
    if turn.searched_for.strip() != " ".join(turn.question.split()):
        said.append(
            text(
                ("Searched for: ", MUTED),
                safe(turn.searched_for),
                (f"  ({key} edits it)", MUTED),
            )
        )
    return said


def answer(turn: Turn) -> Content:
    """What is said: each quote with its number, in its group; or the program's own words."""
    if turn.kind is Kind.LIST:
        return text(safe(turn.text.split("\n")[0]))
    if not turn.answered:
        return text(safe(turn.text))
    lead = [safe(turn.text.split("\n")[0])] if turn.kind is Kind.VIEWS else []
    return text(*lead, *_quotes(turn.citations, lead=bool(lead)))


def _quotes(citations: Sequence[CitationRecord], *, lead: bool) -> Iterator[Part]:
    group: str | None = None
    for number, citation in enumerate(citations):
        if number or lead:
            yield "\n\n"
        if citation.group != group:
            group = citation.group
            yield (f"{safe(group or '')}\n", "bold")
        yield from _quote(citation)
        yield f" [{citation.index}]"


def row_lines(row: Mapping[str, Any]) -> Content:
    """A post of a list: its title, and by whom, where and when."""
    known = [", ".join(row["authors"]) or "no author named", row["blog"], row["published"]]
    by = ", ".join(part for part in known if part)
    return text((safe(row["title"] or UNTITLED), "bold"), f"\n{safe(by)}")


def near_lines(near: Mapping[str, Any]) -> Content:
    """A post that came near to a question which no post answers, and its nearest sentence."""
    title = (safe(near["title"] or UNTITLED), "bold")
    return text(title, (f"\n“{safe(near['quote'])}”", MUTED))


def _quote(citation: CitationRecord) -> list[Part]:
    before, inner, after = map(safe, citation.cut())
    opened, closed = marks_around(citation.quote)
    return [opened, before, (inner, MARKED), after, closed]


def in_short(turn: Turn) -> str:
    """What answers the question, in one line; empty where nothing so short does."""
    words = turn.short or ""
    return words if len(words) <= _SHORT else ""


def verdict(exchange: ShownTurn) -> Content:
    """The answer in short, and how sure it is."""
    turn = exchange.turn
    parts: list[Part] = []
    if not turn.answered:
        return text()
    if (short := in_short(turn)) and turn.kind is Kind.ANSWER:
        parts += [("In short: ", "bold"), safe(" ".join(short.split())), "\n"]
    return text(*parts, ("Confidence: ", MUTED), (confidence_line(turn.confidence), MUTED))


def citation_lines(step: Step) -> Content:
    """A citation under its answer: title, by whom, where."""
    citation = step.citation
    if citation is None:
        return text((safe(step.title or UNTITLED), "bold"))
    by = [", ".join(citation.authors) or "no author named", citation.blog or ""]
    at = step.at or Span(0, 0)
    parts: list[Part] = [
        (safe(step.title or UNTITLED), "bold"),
        f"\n{safe(', '.join(part for part in by if part))}",
        (f"\n{safe(step.source)}, characters {at.start:,}–{at.end:,}", MUTED),
    ]
    if not citation.complete:
        parts.append(("\nonly the opening of this post is known", MUTED))
    return text(*parts)


def heading(step: Step, post: Post | None) -> Content:
    """The head of the evidence: title, authors, blog, source and offsets, what is known of it."""
    parts: list[Part] = [(safe((post.title if post else step.title) or UNTITLED), "bold")]
    if post is not None:
        parts.append(f"\n{by_whom(post)}")
    where = safe(step.source)
    if step.at is not None:
        where += f", characters {step.at.start:,}–{step.at.end:,}"
    parts.append((f"\n{where}", MUTED))
    if post is not None:
        elsewhere = [safe(name) for name in post.sources if name != step.source]
        if elsewhere:
            parts.append((f"\nalso in {', '.join(elsewhere)}", MUTED))
        if not post.complete:
            parts.append((f"\n{opening_remark(post)}", "italic"))
        if post.url:
            parts.append((f"\n{safe(post.url)}", MUTED))
    return text(*parts)


def kept_quote(step: Step) -> Content:
    """What was quoted, where its post cannot be shown any more."""
    return text(*_quote(step.citation)) if step.citation else text("")


def paragraph(part: Paragraph, sheet: Sheet) -> Content:
    """A paragraph with the quote and what answers in it marked."""
    step = sheet.step
    at = inside(part, step.at)
    look = QUOTED if step.citation is not None else "on $quoted"
    pieces = marked(part.text, [(at, look), (inside(part, step.mark), MARKED)])
    shown = text(safe(f"{part.number} "), *pieces) if part.number else text(*pieces)
    if part.kind in (BlockKind.TITLE, BlockKind.HEADING):
        return shown.stylize("bold")
    if part.kind in (BlockKind.BYLINE, BlockKind.REFERENCE) and at is None:
        return shown.stylize(MUTED)
    return shown


def post_lines(post: Post, snippet: Snippet | None = None) -> Content:
    """A post in a list: its title, by whom, and the sentence in which words were found."""
    known = "" if post.complete else " (opening only)"
    parts: list[Part] = [
        (safe(post.title or UNTITLED), "bold"),
        f"\n{by_whom(post)}{known}",  # no colour of its own: the cursor's line has another
    ]
    if snippet is not None:
        parts += ["\n", *_found_words(snippet)]
    return text(*parts)


def _found_words(snippet: Snippet) -> list[Part]:
    """The sentence with its words marked; of a long one what stands around the first of them."""
    words = snippet.text.replace("\n", " ")
    start, end = 0, len(words)
    if end > _WINDOW and snippet.words:
        near = max(0, snippet.words[0].start - _WINDOW // 3)
        start = near and words.find(" ", near) + 1
        end = min(end, start + _WINDOW)
    spans = [
        (Span(span.start - start, span.end - start), "bold underline")
        for span in snippet.words
        if start <= span.start and span.end <= end
    ]
    shown = marked(words[start:end], spans)
    return ["… " if start else "", *shown, " …" if end < len(words) else ""]


def overview_line(posts: Overview) -> str:
    """What the posts are, in two or three sentences."""
    said = [f"{posts.posts:,} post{'' if posts.posts == 1 else 's'}{_years(posts)}."]
    for lead, names in (("From", posts.blogs), ("Written by", posts.authors)):
        if names:
            first = ", ".join(f"{name} ({count:,})" for name, count in names[:_NAMED])
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            said.append(f"{lead} {first}{more}.")
    return " ".join(said)


def _years(posts: Overview) -> str:
    if posts.years is None:
        return ", none of them dated"
    first, last = posts.years
    when = first if first == last else f"{first} to {last}"
    bare = posts.posts - posts.dated
    return f", published {when}" + (f" ({bare:,} without a date)" if bare else "")
