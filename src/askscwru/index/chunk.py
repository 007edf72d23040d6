"""A post to its passages: whole sentences, exact offsets, small enough for the encoder.

A passage never crosses furniture, a subheading or a pull quote: its text is one slice of the source
with nothing in it but the post. What the passage is about (title, authors, blog, subheading) goes
into ``Passage.context``, which is embedded before the text but is no part of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from askscwru.sentences import split_sentences
from askscwru.types import Block, BlockKind, Passage, Post, Sentence, Span

CONTEXT_TOKENS = 64
"""The most word pieces of a passage's context; a longer one is cut between words."""

_BETWEEN = re.compile(r"(?:\s|[-*+•▪◦‣·>–]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]|[*_]{1,3})*")
_TEXT = frozenset({BlockKind.BODY, BlockKind.LIST, BlockKind.REFERENCE, BlockKind.CODE})
_WHOLE = frozenset({BlockKind.REFERENCE, BlockKind.CODE})
"""These are quoted as one piece."""
_LONGEST_MARKER = 24
_CLAUSE = re.compile(r"[;:,–—]\s+")

CountTokens = Callable[[str], int]
Told = Callable[[Span], None]
"""Told of each sentence that is cut, because it is longer than a passage."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence with its cost."""

    sentence: Sentence
    tokens: int
    before: int = 0
    """Word pieces of what stands between it and the sentence before it: bullets, rules."""


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
    most: int | None = None,
    told: Told = lambda _: None,
) -> list[Passage]:
    """The passages of one post: its title, its bylines, its body, its references, its code.

    Args:
        post: offsets are into ``texts[post.source]`` (title and bylines may stand elsewhere).
        texts: the text of each source, by name.
        count_tokens: how many word pieces a text has, without the special ones.
        max_tokens: the most word pieces of a passage's sentences.
        overlap: how many sentences a passage repeats from the one before it, where they fit.
        most: the most word pieces of a passage's text, with what stands between its sentences. With
            ``CONTEXT_TOKENS`` and the special ones it must fit the encoder.
        told: told of each sentence that is cut.
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
    for run in _runs(text, post.blocks, _Cutter(text, count_tokens, max_tokens, told)):
        about = _under(context, run.heading, count_tokens)
        packed = _pack(run.units, max_tokens, most or max_tokens, overlap)
        passages += [
            _passage(post, post.source, text, [unit.sentence for unit in units], about)
            for units in packed
        ]
    return passages


def _context(post: Post, count_tokens: CountTokens) -> str:
    parts = [post.title, ", ".join(post.authors) or None, post.blog]
    return _shorten(" – ".join(part for part in parts if part), count_tokens)


def _under(context: str, heading: str | None, count_tokens: CountTokens) -> str:
    """The context of what stands below a heading, which is the last to be cut."""
    if heading is None:
        return context
    words = context.split()
    shown = _shorten(heading, count_tokens)
    while words and count_tokens(f"{' '.join(words)} – {shown}") > CONTEXT_TOKENS:
        words = words[: len(words) * 3 // 4]
    return f"{' '.join(words)} – {shown}" if words and shown else shown or " ".join(words)


def _shorten(context: str, count_tokens: CountTokens) -> str:
    words = context.split()
    while words and count_tokens(" ".join(words)) > CONTEXT_TOKENS:
        words = words[: max(1, len(words) * 3 // 4)] if len(words) > 1 else []
    return " ".join(words)


def _start(text: str, first: Sentence) -> int:
    """Where a passage begins: at the bullet or the number, where a point of a list begins it."""
    if first.kind is not BlockKind.LIST:
        return first.start
    before = text[max(0, first.start - _LONGEST_MARKER) : first.start].rsplit("\n", 1)[-1]
    own = before.lstrip()
    return first.start - len(own) if _BETWEEN.fullmatch(own) else first.start


def _passage(
    post: Post, source: str, text: str, sentences: list[Sentence], context: str
) -> Passage:
    start, end = _start(text, sentences[0]), sentences[-1].end
    key = f"{post.id}\n{source}\n{start}\n{end}\n{text[start:end]}"
    return Passage(
        id=_digest(key),
        post_id=post.id,
        source=source,
        start=start,
        end=end,
        text=text[start:end],
        context=context,
        sentences=tuple(sentences),
        kind=_apart(sentences[0].kind),
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def fitting(passage: Passage, cost: Callable[[Passage], int], most: int) -> Iterator[Passage]:
    """The passage, or pieces of it, each of which costs no more than it may.

    First the context goes, word by word, then the sentences are shared out.
    """
    words = passage.context.split()
    while words and cost(passage) > most:
        words = words[: len(words) * 3 // 4]
        passage = replace(passage, context=" ".join(words))
    sentences = passage.sentences
    if len(sentences) < 2 or cost(passage) <= most:
        yield passage
        return
    for half in (sentences[: len(sentences) // 2], sentences[len(sentences) // 2 :]):
        start, end = half[0].start, half[-1].end
        text = passage.text[start - passage.start : end - passage.start]
        key = f"{passage.post_id}\n{passage.source}\n{start}\n{end}\n{text}"
        part = replace(
            passage, id=_digest(key), start=start, end=end, text=text, sentences=tuple(half)
        )
        yield from fitting(part, cost, most)


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Takes the blocks of one source apart into units."""

    text: str
    count_tokens: CountTokens
    max_tokens: int
    told: Told

    def units(self, block: Block, last: Block | None) -> Iterator[_Unit]:
        """The units of a block; ``last`` is the one before it in the same run."""
        gap = "" if last is None else self.text[last.end : block.start].strip()
        before = self.count_tokens(gap) if gap else 0
        whole = [Span(block.start, block.end)]
        spans = (
            whole if block.kind in _WHOLE else split_sentences(self.text, block.start, block.end)
        )
        for span in spans:
            pieces = list(_within(self.text, span, self.count_tokens, self.max_tokens))
            if len(pieces) > 1 and block.kind not in _WHOLE:
                self.told(span)
            for piece, tokens in pieces:
                yield _Unit(Sentence(piece.start, piece.end, block.kind), tokens, before)
                before = 0


def _runs(text: str, blocks: tuple[Block, ...], cutter: _Cutter) -> Iterator[_Run]:
    """Text, references and code as runs of sentences; what stands between ends a run."""
    run = _Run(None)
    headings: list[str] = []
    last: Block | None = None
    fresh = True
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            shown = " ".join(text[block.start : block.end].split())
            # A heading right below another one stands for a part of it.
            headings = [*headings, shown] if fresh and headings else [shown]
            fresh = True
            continue
        if block.kind not in _TEXT:
            continue
        heading = " – ".join(headings) or None
        if last is not None and not _continues(text, last, block):
            yield run
            run, last = _Run(heading), None
        elif last is None:
            run.heading = heading
        run.units.extend(cutter.units(block, last))
        last, fresh = block, False
    yield run


def _continues(text: str, last: Block, block: Block) -> bool:
    same = _apart(last.kind) is _apart(block.kind)
    return same and _BETWEEN.fullmatch(text, last.end, block.start) is not None


def _apart(kind: BlockKind) -> BlockKind:
    """The kind of passage that a block goes into."""
    return BlockKind.BODY if kind is BlockKind.LIST else kind


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


def _pack(units: list[_Unit], max_tokens: int, most: int, overlap: int) -> Iterator[list[_Unit]]:
    """Fill passages in order; each repeats the last ``overlap`` sentences of the one before."""

    def full(some: list[_Unit], unit: _Unit) -> bool:
        tokens = sum(u.tokens for u in some) + unit.tokens
        between = sum(u.before for u in some[1:]) + unit.before
        return tokens > max_tokens or tokens + between > most

    current: list[_Unit] = []
    fresh = 0
    for unit in units:
        if current and full(current, unit):
            if fresh:
                yield current
            keep = current[-overlap:] if overlap else []
            while keep and full(keep, unit):
                keep = keep[1:]
            current, fresh = list(keep), 0
        current.append(unit)
        fresh += 1
    if fresh:
        yield current
