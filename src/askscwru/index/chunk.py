"""A post to its passages: whole sentences, exact offsets, small enough for the encoder.

A passage never crosses furniture, a subheading or a pull quote: its text is one slice of the source
with nothing in it but the post. What the passage is about (title, authors, blog, subheading) goes
into ``Passage.context``, which is embedded before the text but is no part of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from askscwru.sentences import split_sentences
from askscwru.types import Block, BlockKind, Passage, Post, Sentence, Span

CONTEXT_TOKENS = 64
"""The most word pieces of a passage's context; a longer one is cut between words."""

_BETWEEN = re.compile(r"(?:\s|[-*+•▪◦‣·>–]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]|[*_]{1,3})*")
_CLAUSE = re.compile(r"[;:,–—]\s+")

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence with its cost."""

    sentence: Sentence
    tokens: int


@dataclass(slots=True)
class _Run:
    """Sentences that stand in a row with nothing between them."""

    heading: str | None
    units: list[_Unit] = field(default_factory=list)


def passages_of(
    post: Post,
    texts: Mapping[str, str],
    count_tokens: CountTokens,
    *,
    max_tokens: int,
    overlap: int,
) -> list[Passage]:
    """The passages of one post: its title, its bylines, its body, its references.

    Args:
        post: offsets are into ``texts[post.source]`` (title and bylines may stand elsewhere).
        texts: the text of each source, by name.
        count_tokens: how many word pieces a text has, without the special ones.
        max_tokens: the most word pieces of a passage's text. With ``CONTEXT_TOKENS`` and the
            special ones it must fit the encoder.
        overlap: how many sentences a passage repeats from the one before it, where they fit.
    """
    context = _context(post, count_tokens)
    alone = [] if post.title_at is None else [(post.title_at, BlockKind.TITLE)]
    alone += [(place, BlockKind.BYLINE) for place in post.bylines]
    passages: list[Passage] = []
    for place, kind in alone:
        page = texts[place.source]
        span = Span(place.start, place.end)
        for piece, _ in _within(page, span, count_tokens, max_tokens):
            sentence = Sentence(piece.start, piece.end, kind)
            passages.append(_passage(post, place.source, page, [sentence], context))
    text = texts[post.source]
    for run in _runs(text, post.blocks, count_tokens, max_tokens):
        about = (
            context if run.heading is None else _shorten(f"{context} – {run.heading}", count_tokens)
        )
        packed = _pack(run.units, max_tokens, overlap)
        passages += [
            _passage(post, post.source, text, [unit.sentence for unit in units], about)
            for units in packed
        ]
    return passages


def _context(post: Post, count_tokens: CountTokens) -> str:
    parts = [post.title, ", ".join(post.authors) or None, post.blog]
    return _shorten(" – ".join(part for part in parts if part), count_tokens)


def _shorten(context: str, count_tokens: CountTokens) -> str:
    words = context.split()
    while words and count_tokens(" ".join(words)) > CONTEXT_TOKENS:
        words = words[: max(1, len(words) * 3 // 4)] if len(words) > 1 else []
    return " ".join(words)


def _passage(
    post: Post, source: str, text: str, sentences: list[Sentence], context: str
) -> Passage:
    start, end = sentences[0].start, sentences[-1].end
    key = f"{post.id}\n{source}\n{start}\n{end}\n{text[start:end]}"
    kind = sentences[0].kind
    return Passage(
        id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12],
        post_id=post.id,
        source=source,
        start=start,
        end=end,
        text=text[start:end],
        context=context,
        sentences=tuple(sentences),
        kind=BlockKind.BODY if kind is BlockKind.LIST else kind,
    )


def _runs(
    text: str, blocks: tuple[Block, ...], count_tokens: CountTokens, max_tokens: int
) -> Iterator[_Run]:
    """Body and references as runs of sentences; a run ends where something else stands between."""
    run = _Run(None)
    heading: str | None = None
    last: Block | None = None
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            heading = " ".join(text[block.start : block.end].split())
            continue
        if block.kind not in (BlockKind.BODY, BlockKind.LIST, BlockKind.REFERENCE):
            continue
        if last is not None and not _continues(text, last, block):
            yield run
            run = _Run(heading)
        elif last is None:
            run.heading = heading
        run.units.extend(_units(text, block, count_tokens, max_tokens))
        last = block
    yield run


def _continues(text: str, last: Block, block: Block) -> bool:
    same = (last.kind is BlockKind.REFERENCE) == (block.kind is BlockKind.REFERENCE)
    return same and _BETWEEN.fullmatch(text, last.end, block.start) is not None


def _units(text: str, block: Block, count_tokens: CountTokens, max_tokens: int) -> Iterator[_Unit]:
    whole = [Span(block.start, block.end)]
    spans = (
        whole
        if block.kind is BlockKind.REFERENCE
        else split_sentences(text, block.start, block.end)
    )
    for span in spans:
        for piece, tokens in _within(text, span, count_tokens, max_tokens):
            yield _Unit(Sentence(piece.start, piece.end, block.kind), tokens)


def _within(
    text: str, span: Span, count_tokens: CountTokens, max_tokens: int
) -> Iterator[tuple[Span, int]]:
    """The sentence, or, where it is too long for the encoder, its clauses or words in turn."""
    start = span.start
    while start < span.end:
        end = _fitting(text, start, span.end, count_tokens, max_tokens)
        piece = text[start:end]
        trimmed = end - (len(piece) - len(piece.rstrip()))
        yield Span(start, trimmed), count_tokens(text[start:trimmed])
        start = end
        while start < span.end and text[start].isspace():
            start += 1


def _fitting(text: str, start: int, end: int, count_tokens: CountTokens, max_tokens: int) -> int:
    """The furthest good place to stop so that ``text[start:stop]`` has at most ``max_tokens``."""
    # A word piece has at least one character, so a much longer stretch cannot fit: do not count it.
    window = min(end, start + 40 * max_tokens)
    if window == end and count_tokens(text[start:end]) <= max_tokens:
        return end
    low, high = start + 1, window
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(text[start:middle]) <= max_tokens:
            low = middle
        else:
            high = middle - 1
    clauses = [match.end() for match in _CLAUSE.finditer(text, start, low)]
    if clauses and clauses[-1] - start >= (low - start) // 2:
        return clauses[-1]
    spaces = [match.end() for match in re.finditer(r"\s+", text[start:low])]
    return start + spaces[-1] if spaces and start + spaces[-1] > start else low


def _pack(units: list[_Unit], max_tokens: int, overlap: int) -> Iterator[list[_Unit]]:
    """Fill passages in order; each repeats the last ``overlap`` sentences of the one before."""
    current: list[_Unit] = []
    fresh = 0
    for unit in units:
        if current and sum(u.tokens for u in current) + unit.tokens > max_tokens:
            if fresh:
                yield current
            keep = current[-overlap:] if overlap else []
            while keep and sum(u.tokens for u in keep) + unit.tokens > max_tokens:
                keep = keep[1:]
            current, fresh = list(keep), 0
        current.append(unit)
        fresh += 1
    if fresh:
        yield current
