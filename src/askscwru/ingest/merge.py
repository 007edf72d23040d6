"""One post from its copies on several pages.

A copy may lack its title, be only an opening, or differ in white space. The copies are taken from
the fullest to the shortest, and each joins the post whose fullest copy holds its words, or starts
a post of its own; comparing with the fullest copy alone keeps two posts with a like opening from
being joined through a third. What is compared at all is found by title and by the word sequences
of the opening, so that the work grows with the number of posts and not with its square.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from askscwru.ingest.bylines import fold
from askscwru.ingest.parts import PostParts, byline_sentences, falls_short, words_known
from askscwru.types import BlockKind, Occurrence, Place, Post, Source, Span

_T = TypeVar("_T")
_TEXT = frozenset({BlockKind.BODY, BlockKind.LIST, BlockKind.HEADING})
_WORD = re.compile(r"\w+")
_SHINGLE = 5
_OPENING = 120
_ALWAYS_KEPT = 12
_COMPARED = 2000
_CANDIDATES = 12
_HOLDERS = 200
_SAME_TITLE, _NO_TITLE, _OTHER_TITLE = 0.8, 0.9, 0.97
"""The share of the shorter copy's words that must stand in the longer one, in their order."""
_LEAST_WORDS = 12
_ABOUT_AS_FULL = 0.97
_TIE = 0.01


@dataclass(frozen=True, slots=True)
class Copy:
    """One occurrence of a post, made comparable."""

    source: Source
    parts: PostParts
    order: int
    """Its place among all copies of the corpus, in the order of the pages."""
    title: str | None
    """White space normalised."""
    words: tuple[str, ...]
    """Of the running text, folded."""

    @property
    def span(self) -> Span:
        """From the first block to the last."""
        return Span(self.parts.blocks[0].start, self.parts.blocks[-1].end)

    @property
    def occurrence(self) -> Occurrence:
        """Where the copy stands."""
        span = self.span
        return Occurrence(
            source=self.source.name, start=span.start, end=span.end, complete=self.parts.complete
        )


def copy_of(source: Source, text: str, parts: PostParts, order: int) -> Copy:
    """One occurrence on a page as a copy that can be compared."""
    running = " ".join(text[b.start : b.end] for b in parts.blocks if b.kind in _TEXT)
    title = None if parts.title is None else " ".join(parts.title.of(text).split())
    return Copy(source, parts, order, title or None, tuple(_WORD.findall(fold(running))))


def merge(copies: Sequence[Copy], texts: Mapping[str, str]) -> tuple[Post, ...]:
    """The posts that the copies are of, in the order in which the pages show them.

    Args:
        copies: every occurrence of the corpus, in the order of the pages.
        texts: the text of each source, by its name.
    """
    groups = _Groups()
    for copy in sorted(copies, key=lambda copy: (-len(copy.words), copy.order)):
        groups.add(copy)
    grouped = [sorted(group, key=lambda copy: copy.order) for group in groups.members]
    grouped.sort(key=lambda group: group[0].order)
    ids: set[str] = set()
    return tuple(_post(group, texts, ids) for group in grouped)


# -- which copies are of one post ------------------------------------------------------------------


@dataclass(slots=True)
class _Groups:
    """The groups so far; the first member of each is its fullest copy."""

    members: list[list[Copy]] = field(default_factory=list)
    by_key: dict[str | int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, copy: Copy) -> None:
        """Put the copy into the group it belongs to, or into a new one."""
        keys = set(_keys(copy))
        at = self._find(copy, keys)
        if at is None:
            at = len(self.members)
            self.members.append([])
        self.members[at].append(copy)
        for key in keys:
            if at not in self.by_key[key][-1:]:
                self.by_key[key].append(at)

    def _find(self, copy: Copy, keys: set[str | int]) -> int | None:
        shared: Counter[int] = Counter()
        for key in keys:
            # A shared title says more than any number of words that open a whole series.
            weight = _OPENING if isinstance(key, str) else 1
            for at in self.by_key.get(key, ())[-_HOLDERS:]:
                shared[at] += weight
        scored = []
        for at, _ in shared.most_common(_CANDIDATES):
            if (score := _likeness(copy, self.members[at][0])) is not None:
                scored.append((score, at))
        scored.sort(reverse=True)
        # An opening without a title that fits two posts tells nothing of which it is.
        if len(scored) > 1 and copy.title is None and scored[0][0] - scored[1][0] < _TIE:
            return None
        return scored[0][1] if scored else None


def _keys(copy: Copy) -> Iterator[str | int]:
    """What two copies of one post have in common: the title, or a word sequence of the opening."""
    if copy.title is not None:
        yield _plain(copy.title)
    opening = copy.words[:_OPENING]
    for at in range(max(1, len(opening) - _SHINGLE + 1)):
        key = zlib.crc32(" ".join(opening[at : at + _SHINGLE]).encode())
        # A quarter of them, the same in every copy, is enough to find a longer text again.
        if at < _ALWAYS_KEPT or key % 4 == 0:
            yield key


def _likeness(short: Copy, full: Copy) -> float | None:
    """How well the words of ``short`` stand in ``full``; None where they are different posts."""
    if short.source == full.source and short.span.overlaps(full.span):
        return None
    share = _share(short.words[:_COMPARED], full.words)
    if short.title is None or full.title is None:
        least = _NO_TITLE
        if len(short.words) < _LEAST_WORDS:
            return None
    elif _same_title(short.title, full.title):
        least = _SAME_TITLE
    else:
        least = _OTHER_TITLE
        # A series may open every post with the same words: another title counts unless all is said.
        if len(short.words) < _ABOUT_AS_FULL * len(full.words) or not short.parts.complete:
            return None
    if share < least or _other_numbers(short, full):
        return None
    return share + (1.0 if least is _SAME_TITLE else 0.0)


def _same_title(one: str, other: str) -> bool:
    first, second = _plain(one), _plain(other)
    if re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    return fuzz.ratio(first, second) >= 92


def _share(short: Sequence[str], full: Sequence[str]) -> float:
    """The share of the words of ``short`` that stand in ``full`` in their order, side by side."""
    if not short:
        return 0.0
    at = _aligned(short, full)
    if at is None:
        return 0.0
    window = full[at : at + len(short) + len(short) // 6 + 20]
    return LCSseq.similarity(short, window) / len(short)


def _aligned(short: Sequence[str], full: Sequence[str]) -> int | None:
    """Where in ``full`` the words of ``short`` would start, by the first words that both hold."""
    size = min(_SHINGLE, len(short))
    places: dict[tuple[str, ...], int] = {}
    for at in range(len(full) - size + 1):
        places.setdefault(tuple(full[at : at + size]), at)
    for step in range(min(len(short) - size + 1, _OPENING)):
        found = places.get(tuple(short[step : step + size]))
        if found is not None:
            return max(0, found - step)
    return None


def _other_numbers(short: Copy, full: Copy) -> bool:
    """Whether the figures differ, as in two years' reports written on one pattern."""
    mine = [word for word in short.words if word.isdigit()]
    theirs = frozenset(full.words)
    return sum(number not in theirs for number in mine) > 0.1 * len(mine)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(fold(text)))


# -- the post --------------------------------------------------------------------------------------


def _post(group: list[Copy], texts: Mapping[str, str], ids: set[str]) -> Post:
    best = _canonical(group)
    copies = [best, *(copy for copy in group if copy is not best)]
    titled = next((copy for copy in copies if copy.title is not None), None)
    words = _first(copy.parts.word_count for copy in copies)
    known = words_known(texts[best.source.name], best.parts.blocks)
    return Post(
        id=_id(titled.title if titled else None, best, ids),
        title=titled.title if titled else None,
        authors=_authors(copies),
        blog=_first(copy.source.blog for copy in copies),
        word_count=words,
        known_words=known,
        complete=best.parts.complete and not falls_short(known, words),
        published=_first(copy.parts.published for copy in copies),
        url=None,
        source=best.source.name,
        start=best.span.start,
        end=best.span.end,
        blocks=best.parts.blocks,
        also_in=tuple(copy.occurrence for copy in copies[1:]),
        title_at=None if titled is None else _title_place(titled),
        bylines=tuple(place for copy in copies for place in _bylines(copy, texts)),
    )


def _canonical(group: list[Copy]) -> Copy:
    """The fullest copy; of those about as full a complete one with its title, first in order."""
    most = max(len(copy.words) for copy in group)
    full = [copy for copy in group if len(copy.words) >= _ABOUT_AS_FULL * most]
    return min(full, key=lambda c: (not c.parts.complete, c.title is None, c.order))


def _authors(copies: list[Copy]) -> tuple[str, ...]:
    """Those of the first copy with a byline; a page's owner only where no byline names anyone."""
    ranked = sorted(copies, key=lambda copy: not _has_byline(copy))
    return next((copy.parts.authors for copy in ranked if copy.parts.authors), ())


def _has_byline(copy: Copy) -> bool:
    return any(block.kind is BlockKind.BYLINE for block in copy.parts.blocks)


def _title_place(copy: Copy) -> Place | None:
    span = copy.parts.title
    return None if span is None else Place(copy.source.name, span.start, span.end)


def _bylines(copy: Copy, texts: Mapping[str, str]) -> Iterator[Place]:
    text = texts[copy.source.name]
    for block in copy.parts.blocks:
        if block.kind is BlockKind.BYLINE:
            for span in byline_sentences(text, Span(block.start, block.end)):
                yield Place(copy.source.name, span.start, span.end)


def _id(title: str | None, copy: Copy, taken: set[str]) -> str:
    """A new id; where title and opening are those of another post, more of the text tells."""
    for words in (copy.words[:30], copy.words, (*copy.words, str(len(taken)))):
        told = f"{_plain(title or '')}\n{' '.join(words)}"
        made = hashlib.sha256(told.encode()).hexdigest()[:12]
        if made not in taken:
            break
    taken.add(made)
    return made


def _first(values: Iterator[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)
