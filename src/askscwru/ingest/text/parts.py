"""The lines of one post to its title, bylines, body and references."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from askscwru.ingest.dates import find_date
from askscwru.ingest.text.bylines import WORD_COUNT, described, introduced, signed, stated_words
from askscwru.ingest.text.front_matter import FrontMatter
from askscwru.ingest.text.furniture import LineRole, before_continue, line_rule, plain
from askscwru.ingest.text.lines import SHINGLE, Line, repeating
from askscwru.letters import fold, fold_words
from askscwru.names import bare_name, is_name
from askscwru.sentences import split_sentences
from askscwru.types import Block, BlockKind, Note, Span

_LEAST_WORDS = 8
_HEADER_LINES = 3
_LONG_BIO = 40
_STOPS = frozenset(".!?…:;,”’\"'")
_SENTENCE_WORDS, _LABEL_WORDS = 6, 15
_LABEL = re.compile(r"[A-Z][\w’' -]{1,30}:\s+(?P<value>\S.*)", re.DOTALL)
_ASKS = re.compile(
    r"(?:what|why|how|when|where|who|which|whose|is|are|do|does|can)\b", re.IGNORECASE
)
_FINITE = re.compile(
    r"(?<=[a-z] )(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|"
    r"do|did|costs?|closes?|opens?|begins?|starts?|ends?)\b"
)
_NO_FRONT = FrontMatter()


@dataclass(frozen=True, slots=True)
class PostParts:
    """One occurrence of a post on a page."""

    title: Span | None
    authors: tuple[str, ...]
    word_count: int | None
    published: str | None
    complete: bool
    blocks: tuple[Block, ...]
    """Title, bylines, body and references in the order of the page."""
    url: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    captured: str | None = None
    """ISO date at which this copy was saved, where it says so."""
    key: str | None = None
    """What the file tells its own posts apart by, such as a feed's ``guid``."""
    address: str | None = None
    """Where the post stands, in a form that is the same for each of its copies: see ``site``."""
    pages: tuple[int, ...] = ()
    """Where each page of a document starts; empty for what has no pages."""
    notes: tuple[Note, ...] = ()
    """Those to which the markup leads; what the signs in the text say is found later."""


@dataclass(slots=True)
class _Draft:
    text: str
    common: frozenset[str]
    title: Span | None = None
    authors: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    support: frozenset[str] = frozenset()
    """The names of those who sign below the text."""
    word_count: int | None = None
    published: str | None = None
    opening: bool = False
    blocks: list[Block] = field(default_factory=list)

    def add(self, start: int, end: int, kind: BlockKind) -> None:
        if start < end:
            self.blocks.append(Block(start, end, kind))

    stated: bool = False
    """Whether front matter names the authors, so that no line of the text does."""

    def credit(self, names: tuple[str, ...]) -> None:
        if self.stated:
            return
        self.authors.extend(name for name in names if name not in self.authors)


def read_parts(
    text: str,
    lines: list[Line],
    titled: bool,
    common: frozenset[str],
    page_author: tuple[str, ...] = (),
    front: FrontMatter = _NO_FRONT,
) -> PostParts | None:
    """One post from the lines of its region of the page; None where they hold no running text.

    Args:
        text: the whole page.
        lines: the lines of the region, in order.
        titled: whether the first title-like line is the title.
        common: words that the page writes in lower case.
        page_author: whose archive the page is; taken where the post itself names nobody.
        front: what the file's front matter tells of the post.
    """
    draft = _Draft(text, common, published=front.published)
    draft.credit(front.authors)
    draft.stated = bool(front.authors)
    draft.support = _signing(lines, common)
    if front.title_at is not None and not titled:
        draft.title = front.title_at
        draft.add(front.title_at.start, front.title_at.end, BlockKind.TITLE)
    rest = _take_title(draft, lines) if titled else lines
    rest = _drop_furniture(draft, rest)
    body = _take_header(draft, rest)
    body = _take_footer(draft, body)
    _take_body(draft, body)
    if not any(
        block.kind in (BlockKind.BODY, BlockKind.LIST)
        and len(text[block.start : block.end].split()) >= _LEAST_WORDS
        for block in draft.blocks
    ):
        return None
    if not draft.authors:
        draft.credit(page_author if draft.title is not None else ())
    return _finish(draft)


def _finish(draft: _Draft) -> PostParts:
    shown = [name for name in draft.captions if name in draft.authors]
    authors = tuple(dict.fromkeys([*shown, *draft.authors]))
    blocks = tuple(sorted(draft.blocks, key=lambda block: block.start))
    short = falls_short(words_known(draft.text, blocks), draft.word_count)
    return PostParts(
        title=draft.title,
        authors=authors,
        word_count=draft.word_count,
        published=draft.published,
        complete=not (draft.opening or short),
        blocks=blocks,
    )


def words_known(text: str, blocks: Sequence[Block]) -> int:
    """How many words of a post its blocks hold, title and references left out."""
    return sum(
        len(text[block.start : block.end].split())
        for block in blocks
        if block.kind not in (BlockKind.TITLE, BlockKind.REFERENCE)
    )


def falls_short(known: int, stated: int | None) -> bool:
    """Whether far fewer words are known than the byline states for the whole post."""
    return stated is not None and stated > 1.5 * known + 50


def byline_sentences(text: str, span: Span) -> list[Span]:
    """The sentences of a byline, a stated length in brackets with the sentence before it."""
    return _with_word_count(text, split_sentences(text, span.start, span.end))


def _take_title(draft: _Draft, lines: list[Line]) -> list[Line]:
    for at, line in enumerate(lines):
        if line.title_like:
            draft.title = Span(line.start, line.end)
            draft.add(line.start, line.end, BlockKind.TITLE)
            return [*lines[:at], *lines[at + 1 :]]
    return lines


def _signing(lines: list[Line], common: frozenset[str]) -> frozenset[str]:
    """The names that stand below a heading on the author: they back a weaker phrase above."""
    names: set[str] = set()
    for at, line in enumerate(lines):
        if line.bio_head:
            for later in lines[at + 1 : at + 6]:
                names.update(described(later.plain, common))
    return frozenset(names)


def _drop_furniture(draft: _Draft, lines: list[Line]) -> list[Line]:
    """Without furniture, doubled captions and pull quotes; what they tell is kept in the draft."""
    kept: list[Line] = []
    title = None if draft.title is None else fold_words(draft.title.of(draft.text))
    for at, line in enumerate(lines):
        _note(draft, line)
        if line.paragraph.rule or (line.role is not None and not line.by):
            continue
        if line.words <= 12 and not line.prose and _is_doubled(lines, at):
            if line.name:
                draft.captions.append(line.plain)
            continue
        if line.folded != title:
            kept.append(line)
    quotes = _pull_quotes(kept)
    return [line for at, line in enumerate(kept) if at not in quotes]


def _note(draft: _Draft, line: Line) -> None:
    if line.ends_opening:
        draft.opening = True
    if line.role is LineRole.META or line.by:
        draft.published = draft.published or find_date(line.plain)
    if line.by and line.role is LineRole.META:
        draft.credit(line.by)


# -- above the text --------------------------------------------------------------------------------


def _take_header(draft: _Draft, lines: list[Line]) -> list[Line]:
    """Take bylines, captions and the introducing sentences; what is left is the body."""
    rest: list[Line] = []
    looked = 0
    support = _supports(draft, lines)
    for at, line in enumerate(lines):
        if looked >= _HEADER_LINES or line.reference:
            rest.extend(lines[at:])
            break
        if line.by:
            draft.credit(line.by)
            _state_words(draft, line.plain)
            draft.add(line.start, line.end, BlockKind.BYLINE)
        elif line.name:
            draft.captions.append(bare_name(line.plain))
            rest.append(line)
        elif line.prose or line.stated_words is not None:
            looked += 1
            if not _take_introduction(draft, line, support | frozenset(draft.captions)):
                rest.append(line)
                if not any(_opens_with_author(draft, later) for later in lines[at + 1 : at + 3]):
                    rest.extend(lines[at + 1 :])
                    break
        else:
            rest.append(line)
    if not draft.authors and draft.title is not None and draft.captions and _name_first(lines):
        draft.credit((draft.captions[0],))
    return rest


def _supports(draft: _Draft, lines: list[Line]) -> frozenset[str]:
    """The names that stand alone on a line near the title, or sign: they back a weaker phrase."""
    return draft.support | frozenset(bare_name(line.plain) for line in lines[:8] if line.name)


def _opens_with_author(draft: _Draft, line: Line) -> bool:
    counted = line.stated_words is not None
    return line.prose and counted and bool(introduced(line.plain, draft.common, counted=True))


def _name_first(lines: list[Line]) -> bool:
    """Whether a name alone stands between the title and the text, but for a subtitle."""
    for line in lines[:2]:
        if line.name:
            return True
        if line.prose or line.paragraph.bullet:
            return False
    return False


_PROFESSION = re.compile(r"^(?:\S+\s+){1,12}?(?:is|are)\s+(?!currently\b)")


def _take_introduction(draft: _Draft, line: Line, support: frozenset[str]) -> bool:
    """Split a paragraph under the title into the sentences on its authors and the rest.

    Returns False, and takes nothing, where no sentence of it is about the authors.
    """
    counted = line.stated_words is not None
    found = False
    sentences = byline_sentences(draft.text, Span(line.start, line.end))
    kinds: list[BlockKind] = []
    for span in sentences:
        sentence = plain(span.of(draft.text))
        first = counted and span is sentences[0]
        names = introduced(sentence, draft.common, counted=first)
        strong = first or bool(set(names) & support) or _presents(sentence, names, draft)
        if names and strong:
            draft.credit(names)
            found = True
            kinds.append(BlockKind.BYLINE)
        elif stated_words(sentence) is not None:
            found = True
            kinds.append(BlockKind.BYLINE)
        else:
            kinds.append(BlockKind.BODY)
    if not found:
        return False
    _state_words(draft, line.plain)
    for span, kind in _merge(sentences, kinds):
        end = span.end
        if kind is BlockKind.BODY:
            end = _cut(draft, span.start, span.end)
        draft.add(span.start, end, kind)
    return True


def _presents(sentence: str, names: tuple[str, ...], draft: _Draft) -> bool:
    """Whether the sentence introduces its writer, not somebody whom the post is about."""
    if not names:
        return False
    if draft.authors:
        return set(names) <= set(draft.authors)
    if line_rule("presents").match(sentence):
        return True
    if _PROFESSION.match(sentence) and described(sentence, draft.common):
        return True
    # "Ann Lee, Director of …, discusses": an apposition with the present tense of writing.
    return re.search(rf"{re.escape(names[-1])}\s*[,(–—]", sentence) is not None


def _with_word_count(text: str, sentences: list[Span]) -> list[Span]:
    """A stated length in brackets belongs to the sentence before it."""
    joined: list[Span] = []
    for span in sentences:
        if joined and WORD_COUNT.fullmatch(span.of(text)):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _merge(sentences: list[Span], kinds: list[BlockKind]) -> list[tuple[Span, BlockKind]]:
    merged: list[tuple[Span, BlockKind]] = []
    for span, kind in zip(sentences, kinds, strict=True):
        if merged and merged[-1][1] is kind is BlockKind.BODY:
            merged[-1] = (Span(merged[-1][0].start, span.end), kind)
        else:
            merged.append((span, kind))
    return merged


def _state_words(draft: _Draft, text: str) -> None:
    if draft.word_count is None:
        draft.word_count = stated_words(text)


# -- below the text --------------------------------------------------------------------------------


def _take_footer(draft: _Draft, lines: list[Line]) -> list[Line]:
    """Take the signature and what is said of the author after the text."""
    for at, line in enumerate(lines):
        if at > 0 and (line.bio_head or _opens_bio(lines, at)):
            return _take_bio(draft, lines, at)
    if draft.authors:
        return lines
    tail = [line for line in lines if not line.reference and not line.reference_head]
    if (signature := _signature(draft, tail)) is not None:
        draft.credit(signed(signature.plain, draft.common))
        draft.add(signature.start, signature.end, BlockKind.BYLINE)
        return [line for line in lines if line is not signature]
    if draft.title is not None and len(tail) > 2:
        for line in tail[-2:]:
            if line.prose and (names := described(line.plain, draft.common)):
                draft.credit(names)
    return lines


def _signature(draft: _Draft, tail: list[Line]) -> Line | None:
    """The last line with which somebody signs; the first line of all is none."""
    last = (line for line in reversed(tail[-3:]) if not line.prose and line is not tail[0])
    return next((line for line in last if signed(line.plain, draft.common)), None)


def _opens_bio(lines: list[Line], at: int) -> bool:
    """Whether the line names the author once more below the text, before a few words on them."""
    return (
        bool(lines[at].by)
        and any(line.prose for line in lines[:at])
        and all(line.words < _LONG_BIO for line in lines[at + 1 :])
    )


def _take_bio(draft: _Draft, lines: list[Line], at: int) -> list[Line]:
    kept = lines[:at]
    credited = bool(draft.authors)
    for line in lines[at if lines[at].by else at + 1 :]:
        if line.reference or line.reference_head:
            kept.append(line)
        elif line.by:
            draft.credit(() if credited else line.by)
            draft.add(line.start, line.end, BlockKind.BYLINE)
        elif line.name or line.prose or line.words >= 6:
            alone = (bare_name(line.plain),)
            names = alone if line.name else described(line.plain, draft.common)
            if not credited:
                draft.credit(names)
            draft.add(line.start, line.end, BlockKind.BYLINE)
    return kept


# -- the text --------------------------------------------------------------------------------------


def _take_body(draft: _Draft, lines: list[Line]) -> None:
    names = {fold(name) for name in (*draft.authors, *draft.captions)}
    begun = any(block.kind is BlockKind.BODY for block in draft.blocks)
    last = max((at for at, line in enumerate(lines) if _carries(line)), default=-1)
    for at, line in enumerate(lines):
        if line.reference:
            draft.add(line.start, line.end, BlockKind.REFERENCE)
        elif _is_told_already(line, names):
            continue
        elif line.by and begun:
            draft.add(line.start, line.end, BlockKind.BYLINE)
        elif line.paragraph.bullet:
            draft.add(line.start, _cut(draft, line.start, line.end), BlockKind.LIST)
        elif line.paragraph.level or not _reads_as_text(line):
            if at < last:
                draft.add(line.start, line.end, BlockKind.HEADING)
        else:
            begun = True
            draft.add(line.start, _cut(draft, line.start, line.end), BlockKind.BODY)


def _is_told_already(line: Line, names: set[str]) -> bool:
    """Whether a line only heads what is a part of its own, or repeats the name of an author."""
    named = line.name and fold(bare_name(line.plain)) in names
    return line.reference_head or line.bio_head or named


def _carries(line: Line) -> bool:
    return line.paragraph.bullet or _reads_as_text(line)


def _reads_as_text(line: Line) -> bool:
    if line.paragraph.level or line.reference or line.reference_head or line.bio_head or line.by:
        return False
    if is_name(line.plain):
        return False
    return line.prose or _states(line) or (line.plain[-1:] in _STOPS and not line.title_like)


def _states(line: Line) -> bool:
    """Whether a line without a full stop says something, as no heading does.

    ``Opening hours: 9.30 to 4``, ``The entrance fee is £2 for adults``.
    """
    text = line.plain
    if line.role is not None or text[-1:] == "?" or _ASKS.match(text):
        return False
    if (label := _LABEL.match(text)) and line.words <= _LABEL_WORDS:
        return any(c.isdigit() for c in label["value"])
    return line.words >= _SENTENCE_WORDS and _FINITE.search(text) is not None


def _cut(draft: _Draft, start: int, end: int) -> int:
    """Where the text of a block ends before the link to the rest of the post."""
    kept, linked = before_continue(draft.text[start:end])
    draft.opening = draft.opening or linked
    return start + kept


def _is_doubled(lines: list[Line], at: int) -> bool:
    """Whether the line before or behind says the same."""
    beside = [lines[i] for i in (at - 1, at + 1) if 0 <= i < len(lines)]
    return any(lines[at].folded == other.folded for other in beside)


def _pull_quotes(lines: list[Line]) -> set[int]:
    """Which lines repeat a part of a longer paragraph of the same post."""
    short = [
        at
        for at, line in enumerate(lines)
        if SHINGLE <= line.words <= 70 and not line.paragraph.level
    ]
    return repeating(lines, short, lines)
