"""One post from its copies on several pages, in several files, in several formats.

A copy may lack its title, be only an opening, or differ in white space. The copies are taken from
the fullest to the shortest, and each joins the post whose fullest copy holds its words, or starts
a post of its own; comparing with the fullest copy alone keeps two posts with a like opening from
being joined through a third. What is compared at all is found by its address, its title, the word
sequences of the opening and a sketch of all word sequences (``sketch``), so that the work grows
with the number of posts and not with its square.

Posts that share much of their text and yet differ in substance stay two, each with the other in its
``see_also``.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, count
from sys import intern
from typing import Any, TypeVar

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from askscwru.ingest.sketch import sketch_of
from askscwru.ingest.text.notes import signed_notes
from askscwru.ingest.text.parts import PostParts, byline_sentences, falls_short, words_known
from askscwru.letters import fold, fold_words
from askscwru.types import BlockKind, Note, Occurrence, Place, Post, Progress, Source, Span

_T = TypeVar("_T")
_Key = TypeVar("_Key", str, int, str | int)
_Group = TypeVar("_Group", int, tuple[Any, ...])
_TEXT = frozenset({BlockKind.BODY, BlockKind.LIST, BlockKind.HEADING, BlockKind.CODE})
_WORD = re.compile(r"\w+")
_TELLING = re.compile(r"\d\w*|(?<=[\w,;] )[A-ZÀ-Þ][\w’'-]*")
"""Figures, and what is written with a capital within a sentence: names, days, months, places."""
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve first second third fourth fifth"
    " sixth seventh eighth ninth tenth last next final".split()
)
_SHINGLE = 5
_OPENING = 120
_ALWAYS_KEPT = 12
_COMPARED = 2000
_CANDIDATES = 12
_HOLDERS = 200
_SAID_BY_ALL = 60
"""A word sequence that opens more posts than this tells nothing."""
_SAME_TITLE, _NO_TITLE, _OTHER_TITLE = 0.8, 0.9, 0.97
"""The share of the shorter copy's words that must stand in the longer one, in their order."""
_LEAST_WORDS = 12
_ABOUT_AS_FULL = 0.97
_NEARLY_AS_FULL = 0.85
_TIE = 0.01
_ZONES = 1
"""Days by which two clocks may differ on when one post was published."""
_MISSPELT = 75
"""Words of two titles that are at least so like one another are one word, misspelt or marked up."""
_REWRITTEN = 0.6
"""A complete copy of at least this share of the other's length is no opening: where more than one
word in twelve is another, it has been rewritten."""
_AS_WRITTEN = 0.92
_AKIN = 0.5
"""Posts that share this much of the shorter one's words are shown with each other."""
_AKIN_WORDS = 60
_TOLD_EVERY = 500
_NO_NUMBER = (1 << 63) - 1
"""At least as great as what stands for any sequence of words: its lower 63 bits."""
_EXCERPT = 80
"""An excerpt written by hand has fewer words than this, and need not stand in its post."""


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
    telling: tuple[str, ...] = ()
    """Those of the words that tell posts of a series apart: figures, numbers, names."""

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
    # A word is kept once for all copies: by far the most of what a copy would take.
    words = tuple(map(intern, _WORD.findall(fold(running))))
    told = fold(" ".join(_TELLING.findall(running)))
    telling = (_NUMBERS | set(_WORD.findall(told))) & set(words)
    return Copy(source, parts, order, title or None, words, tuple(map(intern, sorted(telling))))


def _silent(stage: str, done: int, total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The copies in groups, one for each post."""

    members: Sequence[Sequence[Copy]]
    """Of each group the fullest copy first, in the order in which they were taken."""
    apart: Mapping[int, Sequence[int]]
    """Of a group that shares much with others and is not the same post: those, which are older."""
    posts: Mapping[int, Post]
    """Of each group, in the order in which the pages show them."""


def merge(
    copies: Sequence[Copy], texts: Mapping[str, str], progress: Progress = _silent
) -> tuple[Post, ...]:
    """The posts that the copies are of, in the order in which the pages show them.

    Args:
        copies: every occurrence of the corpus, in the order of the pages.
        texts: the text of each source, by its name.
        progress: told of each copy, as stage ``merge``.
    """
    return tuple(merged(copies, texts, progress).posts.values())


def merged(
    copies: Sequence[Copy], texts: Mapping[str, str], progress: Progress = _silent
) -> Merged:
    """The groups that ``merge`` makes of the copies, with the post of each."""
    groups = _Groups()
    fullest_first = sorted(copies, key=lambda copy: (-len(copy.words), copy.order))
    for done, (copy, keys) in enumerate(_with_shared_keys(fullest_first)):
        if done % _TOLD_EVERY == 0 and len(copies) > _TOLD_EVERY:
            progress("merge", done, len(copies))
        groups.add(copy, keys)
    order = {at: min(copy.order for copy in group) for at, group in enumerate(groups.members)}
    ids: set[str] = set()
    posts: dict[int, Post] = {}
    for at in sorted(order, key=lambda at: order[at]):
        posts[at] = post_of(sorted(groups.members[at], key=lambda copy: copy.order), texts, ids)
    for at, others in groups.akin.items():
        akin = sorted(others, key=lambda other: order[other])
        posts[at] = replace(posts[at], see_also=tuple(posts[other].id for other in akin))
    return Merged(groups.members, groups.apart, posts)


# -- which copies are of one post ------------------------------------------------------------------


@dataclass(slots=True)
class _Groups:
    """The groups so far; the first member of each is its fullest copy."""

    members: list[list[Copy]] = field(default_factory=list)
    by_key: dict[str | int, list[int]] = field(default_factory=lambda: defaultdict(list))
    akin: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The groups that share much with a group and are not the same post."""
    apart: dict[int, list[int]] = field(default_factory=dict)
    """The same, said once: for the younger group of each two."""

    def add(self, copy: Copy, keys: Sequence[str | int]) -> None:
        """Put the copy into the group it belongs to, or into a new one."""
        shared = counted(keys, lambda key: self.by_key.get(key, ()))
        at, akin = chosen(copy, shared, lambda at: self.members[at])
        if at is None:
            at = len(self.members)
            self.members.append([])
            self.apart[at] = akin
            for other in akin:
                self.akin[at].add(other)
                self.akin[other].add(at)
        self.members[at].append(copy)
        for key in keys:
            if at not in self.by_key[key][-1:]:
                self.by_key[key].append(at)


def counted(keys: Iterable[_Key], holders: Callable[[_Key], Sequence[_Group]]) -> Counter[_Group]:
    """How much a copy has in common with each group that it may belong to.

    Args:
        keys: of the copy.
        holders: the groups that have a key, in the order in which it came to them.
    """
    shared: Counter[_Group] = Counter()
    for key in keys:
        found = holders(key)
        # A shared title or address says more than any number of words that open a series.
        if isinstance(key, str):
            for at in found[-_HOLDERS:]:
                shared[at] += _OPENING
        elif len(found) <= _SAID_BY_ALL:
            shared.update(found)
    return shared


def chosen(
    copy: Copy, shared: Counter[_Group], members: Callable[[_Group], Sequence[Copy]]
) -> tuple[_Group | None, list[_Group]]:
    """The group of a copy, if it has one, and the groups that are akin to it.

    Args:
        copy: shorter than those that have their groups, or later.
        shared: as ``counted`` gives it; younger groups are greater than older ones.
        members: the copies of a group, the fullest first.
    """
    akin: list[_Group] = []
    scored = []
    for at, _ in shared.most_common(_CANDIDATES):
        likeness = _likeness(copy, members(at))
        if likeness.score is not None:
            scored.append((likeness.score, at))
        elif likeness.akin:
            akin.append(at)
    scored.sort(reverse=True)
    # An opening without a title that fits two posts tells nothing of which it is.
    if len(scored) > 1 and copy.title is None and scored[0][0] - scored[1][0] < _TIE:
        return None, akin
    return (scored[0][1] if scored else None), akin


def keys_of(copy: Copy) -> list[str | int]:
    """All keys by which others can find a copy: text for its names, numbers for its words."""
    numbers = dict.fromkeys(key & _NO_NUMBER for key in _sequences(copy))
    return [*dict.fromkeys(_names(copy)), *numbers]


def _with_shared_keys(copies: Sequence[Copy]) -> Iterator[tuple[Copy, list[str | int]]]:
    """Each copy with those of its keys by which it can be found: the numbers that others have, too.

    Most sequences of words stand in one post alone. They are told by sorting the numbers of all, so
    that none of them is ever looked up, or kept beyond the sorting.
    """
    numbers = [
        np.fromiter(dict.fromkeys(key & _NO_NUMBER for key in _sequences(copy)), dtype=np.int64)
        for copy in copies
    ]
    every = np.sort(np.concatenate(numbers)) if numbers else np.empty(0, dtype=np.int64)
    shared = np.append(np.unique(every[1:][every[1:] == every[:-1]]), _NO_NUMBER)
    for copy, own in zip(copies, numbers, strict=True):
        known = own[shared[np.searchsorted(shared, own)] == own]
        yield copy, [*dict.fromkeys(_names(copy)), *known.tolist()]


def _names(copy: Copy) -> Iterator[str]:
    """By what two copies of one post are told to be that: address and title."""
    if copy.parts.address is not None:
        yield f"at {copy.parts.address}"
    if copy.title is not None:
        yield fold_words(copy.title)


def _sequences(copy: Copy) -> Iterator[int]:
    """The sequences of words that two copies of one post have in common, as numbers."""
    opening = copy.words[:_OPENING]
    for at in range(max(1, len(opening) - _SHINGLE + 1)):
        key = zlib.crc32(" ".join(opening[at : at + _SHINGLE]).encode())
        # A quarter of them, the same in every copy, is enough to find a longer text again.
        if at < _ALWAYS_KEPT or key % 4 == 0:
            yield key
    if len(copy.words) > _OPENING:
        yield from sketch_of(copy.words)


@dataclass(frozen=True, slots=True)
class _Likeness:
    """What holding a copy against the fullest copy of a post gave."""

    score: float | None = None
    """None where they are different posts."""
    akin: bool = False
    """Whether they share much all the same."""


_DIFFERENT = _Likeness()


def _likeness(short: Copy, members: Sequence[Copy]) -> _Likeness:
    """How well the words of ``short`` stand in the fullest copy of a post.

    Args:
        short: the copy that is to find its post.
        members: the copies of a post, the fullest first; the others tell its addresses and titles.
    """
    full = members[0]
    addresses = {copy.parts.address for copy in members if copy.parts.address is not None}
    titles = [copy.title for copy in members if copy.title]
    if short.source == full.source and short.span.overlaps(full.span):
        return _DIFFERENT
    share = _share(short.words[:_COMPARED], full.words)
    if _declared_apart(short, full, addresses):
        return _same_thing_twice(short, full, share)
    if short.parts.address is not None and short.parts.address in addresses:
        return _at_one_address(short, full, share)
    apart = _Likeness(akin=_akin(short, full, share))
    if _of_a_series(short, full, titles):
        return apart
    return _titled_likeness(short, full, titles, share, apart)


def _titled_likeness(
    short: Copy, full: Copy, titles: Sequence[str], share: float, apart: _Likeness
) -> _Likeness:
    """What the titles leave to the words: the same, another, or none.

    Args:
        short: the copy that is to find its post.
        full: the fullest copy of the post.
        titles: of all its copies.
        share: how much of ``short`` stands in ``full``.
        apart: what is said where they are two.
    """
    if short.title is None or full.title is None:
        return _untitled_likeness(short, full, share, apart)
    if any(_same_title(short.title, title) for title in titles):
        if _excerpted(short, full):
            return _Likeness(1.0)
        if _rewritten(short, full, share) or not _says_as_much(short, full, share, _SAME_TITLE):
            return apart
        return _Likeness(share + 1.0)
    # A series may open every post with the same words: another title counts unless all is said.
    most = _NEARLY_AS_FULL if len(short.words) >= _AKIN_WORDS else _ABOUT_AS_FULL
    if len(short.words) < most * len(full.words) or not short.parts.complete:
        return apart
    return _Likeness(share) if _says_as_much(short, full, share, _OTHER_TITLE) else apart


def _untitled_likeness(short: Copy, full: Copy, share: float, apart: _Likeness) -> _Likeness:
    """How well the words stand in the other where one of the two has no title."""
    if len(short.words) < _LEAST_WORDS:
        return _DIFFERENT
    return _Likeness(share) if _says_as_much(short, full, share, _NO_TITLE) else apart


def _says_as_much(short: Copy, full: Copy, share: float, least: float) -> bool:
    """Whether enough of the words are shared, and the figures are the same."""
    return share >= least and not _other_numbers(short, full)


def _of_a_series(short: Copy, full: Copy, titles: Sequence[str]) -> bool:
    """Whether two posts were written on one pattern: another day, another figure, another place.

    A copy may lack something, or have something more; where each of the two has a date, a figure or
    a name in the place of the other's, they are two.
    """
    days = [date.fromisoformat(d) for d in (short.parts.published, full.parts.published) if d]
    if len(days) == 2 and abs((days[0] - days[1]).days) > _ZONES:
        return True
    if short.title and titles and not any(_same_title(short.title, title) for title in titles):
        mine = set(fold_words(short.title).split())
        if any(_patterned(mine, set(fold_words(title).split())) for title in titles):
            return True
    if not short.parts.complete or len(short.words) < _NEARLY_AS_FULL * len(full.words):
        return False
    return bool(
        set(short.telling).difference(full.words) and set(full.telling).difference(short.words)
    )


def _patterned(mine: set[str], its: set[str]) -> bool:
    """Whether two titles share most of their words and each has a word in the place of another."""
    common = len(mine & its)
    return common >= max(2, min(len(mine), len(its)) / 2) and bool(mine - its and its - mine)


def _declared_apart(short: Copy, full: Copy, addresses: set[str]) -> bool:
    """Whether the file or the site itself says that the two are different posts."""
    mine, its = short.parts, full.parts
    if short.source == full.source and None not in (mine.key, its.key):
        return mine.key != its.key
    if mine.address is None or not addresses or mine.address in addresses:
        return False
    if short.title and full.title and _same_title(short.title, full.title):
        return False  # one title at two addresses is a copy if the words say so, too
    host = mine.address.split("/")[0]
    return (
        not mine.address.startswith("file:")
        and any(address.split("/")[0] == host for address in addresses)
        and mine.complete
        and len(short.words) >= _LEAST_WORDS
    )


def _same_thing_twice(short: Copy, full: Copy, share: float) -> _Likeness:
    """Two posts by the site's own word: one only where title and text are the same."""
    same = (
        fold_words(short.title or "") == fold_words(full.title or "")
        and len(short.words) >= _ABOUT_AS_FULL * len(full.words)
        and share >= _ABOUT_AS_FULL
        and not _other_numbers(short, full)
        and not _of_a_series(short, full, ())
    )
    return _Likeness(share) if same else _Likeness(akin=_akin(short, full, share))


def _at_one_address(short: Copy, full: Copy, share: float) -> _Likeness:
    """One post, unless neither title nor text agree: then the address is not to be trusted."""
    agree = (
        short.title is None
        or full.title is None
        or _same_title(short.title, full.title)
        or share >= _AKIN / 2
        or len(short.words) <= _EXCERPT
    )
    return _Likeness(share + 2.0) if agree else _DIFFERENT


def _excerpted(short: Copy, full: Copy) -> bool:
    """Whether the shorter one is an excerpt that was written for a listing."""
    days = (short.parts.published, full.parts.published)
    return (
        not short.parts.complete
        and len(short.words) <= _EXCERPT
        and None not in days
        and days[0] == days[1]
        and len(fold_words(short.title or "").split()) >= 2
    )


def _rewritten(short: Copy, full: Copy, share: float) -> bool:
    """Whether a copy of about the same length says too much in other words to be the same post.

    A line or two put before and behind a copy does not make it another post.
    """
    least = max(_AKIN_WORDS, _REWRITTEN * len(full.words))
    if not short.parts.complete or len(short.words) < least:
        return False
    if share >= _AS_WRITTEN:
        return False
    inner = _inner(short.words, full.words)
    return _share(inner[:_COMPARED], full.words) < _AS_WRITTEN


def _akin(short: Copy, full: Copy, share: float) -> bool:
    """Whether two different posts share so much that the one should be shown with the other."""
    return len(short.words) >= _AKIN_WORDS and share >= _AKIN


def _same_title(one: str, other: str) -> bool:
    first, second = fold_words(one), fold_words(other)
    if re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    if first == second:
        return True
    mine, its = set(first.split()), set(second.split())
    only = [" ".join(sorted(words)) for words in (mine - its, its - mine)]
    alike = not all(only) or fuzz.ratio(only[0], only[1]) >= _MISSPELT
    return alike and fuzz.ratio(first, second) >= 92


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


def _inner(short: Sequence[str], full: Sequence[str]) -> Sequence[str]:
    """``short`` from the first words that ``full`` has too to the last."""
    first = _aligned_at(short, full)
    last = _aligned_at(short[::-1], full[::-1])
    return short[first : len(short) - last]


def _aligned_at(short: Sequence[str], full: Sequence[str]) -> int:
    """How many words of ``short`` stand before the first run of words that is in ``full``, too."""
    size = min(_SHINGLE, len(short))
    runs = {tuple(full[at : at + size]) for at in range(len(full) - size + 1)}
    steps = range(min(len(short) - size + 1, _OPENING))
    return next((at for at in steps if tuple(short[at : at + size]) in runs), 0)


def _other_numbers(short: Copy, full: Copy) -> bool:
    """Whether the figures differ, as in two years' reports written on one pattern.

    What stands before the first words that both have, and behind the last, was put around a copy.
    """
    mine = [word for word in _inner(short.words, full.words) if word.isdigit()]
    theirs = frozenset(full.words)
    return sum(number not in theirs for number in mine) > 0.1 * len(mine)


# -- the post --------------------------------------------------------------------------------------


def post_of(group: list[Copy], texts: Mapping[str, str], ids: set[str]) -> Post:
    """The post of a group of copies.

    Args:
        group: in the order of the pages.
        texts: the text of each of their sources, by its name.
        ids: those that are taken; that of the post is added.
    """
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
        url=_first(copy.parts.url for copy in copies),
        source=best.source.name,
        start=best.span.start,
        end=best.span.end,
        blocks=best.parts.blocks,
        also_in=tuple(copy.occurrence for copy in copies[1:]),
        title_at=None if titled is None else _title_place(titled),
        bylines=_bylines_of(copies, texts),
        categories=_all(copy.parts.categories for copy in copies),
        tags=_all(copy.parts.tags for copy in copies),
        captured=best.parts.captured,
        pages=best.parts.pages,
        notes=_notes(texts[best.source.name], best.parts),
        text_hash=hashlib.sha256(" ".join(best.words).encode()).hexdigest()[:12],
    )


def _all(values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for some in values for value in some))


def _notes(text: str, parts: PostParts) -> tuple[Note, ...]:
    """The notes that markup and signs lead to, in the order of their marks."""
    found = (*parts.notes, *signed_notes(text, parts.blocks))
    return tuple(sorted(set(found), key=lambda note: (note.mark, note.start)))


def _bylines_of(copies: Sequence[Copy], texts: Mapping[str, str]) -> tuple[Place, ...]:
    """Every byline once: an export, a feed and a page say the same of one post."""
    seen: set[str] = set()
    kept = []
    for copy in copies:
        for place in _bylines(copy, texts):
            told = texts[place.source][place.start : place.end]
            if copy.source.text_sha256 is None or told not in seen:
                kept.append(place)
            seen.add(told)
    return tuple(kept)


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


def base_of(group: Sequence[Copy]) -> str:
    """The id that the post of a group has unless another had it before; in the pages' order."""
    best = _canonical(list(group))
    titled = next((c for c in (best, *group) if c.title is not None), None)
    return _id(titled.title if titled else None, best, set())


def _id(title: str | None, copy: Copy, taken: set[str]) -> str:
    """A new id; where title and opening are those of another post, more of the text tells."""
    more = ((*copy.words, str(number)) for number in count(2))
    for words in chain((copy.words[:30], copy.words), more):
        told = f"{fold_words(title or '')}\n{' '.join(words)}"
        made = hashlib.sha256(told.encode()).hexdigest()[:12]
        if made not in taken:
            break
    taken.add(made)
    return made


def _first(values: Iterator[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)
