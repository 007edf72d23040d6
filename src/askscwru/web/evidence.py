"""The evidence beside an answer: a quote or a near passage in its post, and what it says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from askscwru.errors import AskscwruError
from askscwru.show.post_text import Paragraph, inside, paragraphs
from askscwru.show.references import STYLE_NAMES, STYLES, day_of, quoted
from askscwru.show.screen import opening_remark
from askscwru.types import CitationRecord, Post, Span
from askscwru.web.marks import Piece, cut, words_at
from askscwru.web.turns import UNTITLED, Object, TalkUrl, by_line, passage_href

_AROUND = 4_000
"""Characters of the post that are shown before and after what is quoted."""


@dataclass(frozen=True, slots=True)
class MarkedPart:
    """A paragraph of a post."""

    kind: str
    pieces: Sequence[Piece]
    first: bool
    """Whether what is quoted begins in it."""
    number: str = ""
    """What a list point is counted by; empty for a bullet."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The next or the last thing to look at."""

    href: str
    said: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """What is quoted, in its post."""

    turn: int
    said: str
    """``Citation 1 of 2``, ``Near passage 3 of 5``."""
    title: str
    by: str
    where: str
    also_in: str
    remark: str
    original: str
    """Where the post was published; empty where that is not known."""
    whole: str
    """The page of the post, on the words."""
    within: str
    """The page that asks within this post."""
    back: Neighbour | None
    on: Neighbour | None
    paragraphs: Sequence[MarkedPart]
    before: bool
    """Whether there is more of the post before what is shown, and likewise after."""
    after: bool
    lost: str
    """Why the post is not shown, and only what was kept of it; empty otherwise."""
    references: Sequence[tuple[str, str, str]]
    """Style, its name, and the quote with its reference; none of what was not quoted."""


def evidence_view(
    assistant: Any, turn: Object, place: TalkUrl, what: str, number: int, found: Sequence[Object]
) -> EvidenceView:
    """One of the citations, or of the near passages, of a turn.

    Args:
        assistant: knows the posts.
        turn: the JSON object of an answer or a kept turn.
        place: the conversation.
        what: ``citation`` or ``near``.
        number: which of them, from 1.
        found: all of them.
    """
    cited = found[number - 1]
    at = Span(cited["start"], cited["end"])
    words = words_at(0, cited.get("highlight"))
    post, shown, lost = _post_text(assistant, cited, at)
    near, before, after = _window(shown, at)
    asked = str(turn.get("asked_at") or "")
    day = day_of(asked) if asked else datetime.now().astimezone().date()
    links = place.links
    name = "Citation" if what == "citation" else "Near passage"
    return EvidenceView(
        turn=int(turn["turn"]),
        said=f"{name} {number} of {len(found)}",
        title=(post.title if post else cited["title"]) or UNTITLED,
        by=by_line(post.to_dict() if post else cited),
        where=f"{cited['source']}, characters {at.start:,}–{at.end:,}",
        also_in=", ".join(n for n in post.sources if n != cited["source"]) if post else "",
        remark=opening_remark(post) if post and not post.complete else "",
        original=original_address(post.url) if post else "",
        whole=passage_href(links, cited),
        within=links.to("", post=cited["post_id"], at="question"),
        back=_step(place, turn, what, number - 1, found),
        on=_step(place, turn, what, number + 1, found),
        paragraphs=marked(near, at, words) if near else kept(cited),
        before=before,
        after=after,
        lost=lost,
        references=[
            (s, STYLE_NAMES[s], quoted(CitationRecord.from_dict(cited), s, day)) for s in STYLES
        ]
        if what == "citation"
        else [],
    )


def _references(cited: Object, day: date) -> list[tuple[str, str, str]]:
    record = CitationRecord.from_dict(cited)
    return [(style, STYLE_NAMES[style], quoted(record, style, day)) for style in STYLES]


def original_address(url: str | None) -> str:
    """Where a post was published, if that is an address that may be followed."""
    return url if url is not None and url.lower().startswith(("http://", "https://")) else ""


def marked(shown: Sequence[Paragraph], at: Span | None, words: Span | None) -> list[MarkedPart]:
    """Paragraphs with what is quoted marked in them, and what answers in that.

    Args:
        shown: in order.
        at: what is quoted, in their source.
        words: what answers, likewise.
    """
    made, begun = [], False
    for part in shown:
        quote = inside(part, at)
        first = quote is not None and not begun
        begun = begun or first
        pieces = cut(part.text, [(quote, "quote"), (inside(part, words), "words")])
        made.append(MarkedPart(str(part.kind), pieces, first, part.number))
    return made


def kept(cited: Object) -> list[MarkedPart]:
    """The quote as it was kept, where its post cannot be shown."""
    text = str(cited.get("quote") or cited.get("text") or "")
    words = words_at(cited["start"], cited.get("highlight"))
    return [MarkedPart("body", cut(text, [(Span(0, len(text)), "quote"), (words, "words")]), True)]


def _post_text(
    assistant: Any, cited: Object, at: Span
) -> tuple[Post | None, Sequence[Paragraph], str]:
    """The post of a citation and its paragraphs, or why there are none any more."""
    try:
        post = assistant.post(cited["post_id"])
    except AskscwruError:
        return None, [], "This post is no longer among the posts. What was quoted is kept:"
    try:
        text = assistant.source_text(cited["source"])
    except AskscwruError:
        return post, [], "This post has changed since it was indexed. What was quoted is kept:"
    said = cited.get("quote") or cited.get("text")
    if said is not None and at.of(text) != said:
        return post, [], "This post has changed since it was quoted. What was quoted is kept:"
    return post, paragraphs(post, cited["source"], text, at), ""


def _window(shown: Sequence[Paragraph], at: Span) -> tuple[Sequence[Paragraph], bool, bool]:
    """The paragraphs near what is quoted, and whether there are more before and after."""
    near = [p for p in shown if p.end > at.start - _AROUND and p.start < at.end + _AROUND]
    if not near:
        return shown, False, False
    return near, near[0] is not shown[0], near[-1] is not shown[-1]


def _step(
    place: TalkUrl, turn: Mapping[str, Any], what: str, number: int, found: Sequence[Object]
) -> Neighbour | None:
    if not 1 <= number <= len(found):
        return None
    name = "citation" if what == "citation" else "near passage"
    href = place.to(int(turn["turn"]), "evidence", **{what: number})
    return Neighbour(href, f"{name} {number} of {len(found)}")
