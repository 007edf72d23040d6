"""The posts by what is known of them: who wrote them, when, where, under which labels, how long.

Every list and count comes from here, from the records in SQL: exact and complete, whatever their
number. What is asked over and over (names, titles) is read once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from askscwru.index.lexical import analyse
from askscwru.index.records import Condition, PostOrder, Records
from askscwru.letters import fold, fold_words
from askscwru.names import bare_name
from askscwru.types import Post

_SAME_TITLE = 86.0
_MISSPELT = 88.0
_SHORTEST_TITLE, _SHORTEST_PART, _SHORTEST_NAME = 5, 12, 4
_ROMAN = re.compile(r"\b(?:part|volume|vol|chapter|book|no|number|session)\.?\s+([ivx]+)\b")
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
} | {
    word: str(number)
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), start=1
    )
}
_ROMANS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")


@dataclass(frozen=True, slots=True)
class Titled:
    """A post with its title, as it is compared."""

    id: str
    title: str
    forms: tuple[str, ...]
    """The whole title and each side of its colon or dash, in plain words."""
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """What a name in a question means among the titles."""

    id: str | None = None
    """The post of that title; None where there is none, or more than one."""
    several: tuple[str, ...] = ()
    """The posts that it may mean, where their titles differ in a number that it leaves out."""
    unlike: tuple[str, ...] = ()
    """Titles that differ from it in a number alone: other posts, never taken for it."""


class Catalogue:
    """Looks posts up by the fields of their records; safe to use from many threads."""

    def __init__(self, records: Records) -> None:
        self._records = records

    # -- names -----------------------------------------------------------------------------------

    @cached_property
    def authors(self) -> dict[str, str]:
        """Every author's name by its folded form."""
        return {folded: name for name, folded, _ in self._records.names("author")}

    @cached_property
    def _by_part(self) -> dict[str, tuple[str, ...]]:
        """Authors by their last name, and by their first."""
        found: dict[str, list[str]] = {}
        for folded, name in self.authors.items():
            words = folded.split()
            for part in dict.fromkeys(words[-1:] + words[:1]):
                if len(part) >= _SHORTEST_NAME - 1:
                    found.setdefault(part, []).append(name)
        return {part: tuple(names) for part, names in found.items()}

    def author(self, words: str) -> tuple[str, ...]:
        """The authors that a name may mean: whole, a last or a first name, or a letter off."""
        wanted = fold(bare_name(_owner(words)))
        if not wanted:
            return ()
        if wanted in self.authors:
            return (self.authors[wanted],)
        if wanted in self._by_part:
            return self._by_part[wanted]
        if len(wanted) < 2 * _SHORTEST_NAME or not self.authors or " " not in wanted:
            return ()
        near = process.extractOne(
            wanted, list(self.authors), scorer=fuzz.ratio, score_cutoff=_MISSPELT
        )
        return () if near is None else (self.authors[near[0]],)

    @cached_property
    def blogs(self) -> dict[str, str]:
        """Every blog's name by its folded form."""
        return {folded: name for name, folded, _ in self._records.names("blog")}

    def blog(self, words: str) -> str | None:
        """The blog that some words name, with or without ``the`` and ``blog``."""
        wanted = _bare_blog(words)
        if not wanted:
            return None
        return next((name for f, name in self.blogs.items() if _bare_blog(f) == wanted), None)

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {folded: name for name, folded, _ in self._records.names("label")}

    def label(self, words: str) -> str | None:
        """The category or tag of that name; hyphens and spaces are the same."""
        wanted = _spaced(fold(words))
        return next((n for f, n in self._labels.items() if _spaced(f) == wanted), None)

    def counted(self, kind: str, ids: Sequence[str] | None = None) -> list[tuple[str, int]]:
        """Names of one kind (``author``, ``blog``, ``label``) with their posts, most first.

        Args:
            kind: what is counted.
            ids: only these posts; None for all.
        """
        return [(name, count) for name, _, count in self._records.names(kind, ids)]

    # -- posts -----------------------------------------------------------------------------------

    def select(self, *conditions: Condition, order: PostOrder = PostOrder.PAGES) -> list[str]:
        """The ids of the posts that meet every condition, in an order."""
        return self._records.select(conditions, order)

    def posts(self, ids: Sequence[str]) -> list[Post]:
        """The posts of these ids, in their order."""
        return self._records.posts_of(ids)

    def dates(self, ids: Sequence[str] | None = None) -> tuple[str | None, str | None, int]:
        """First and last known date of publication, and how many posts have one."""
        return self._records.dates(ids)

    # -- titles ----------------------------------------------------------------------------------

    @cached_property
    def titles(self) -> tuple[Titled, ...]:
        """Every post that has a title."""
        return tuple(_titled(post_id, title) for post_id, title in self._records.titles())

    def titled(self, *names: str, among: Sequence[str] | None = None) -> Named:
        """The post that one of these names means.

        A title is the same when hardly a letter differs, and no number does.

        Args:
            names: the name as it may stand in a question, with and without the words around it.
            among: only these posts; None for all.
        """
        allowed = None if among is None else set(among)
        same: dict[str, float] = {}
        open_: dict[str, float] = {}
        unlike: dict[str, None] = {}
        for name in dict.fromkeys(names):
            plain = fold_words(name)
            if len(plain) < _SHORTEST_TITLE:
                continue
            numbers = _numbers(plain)
            for titled in self.titles:
                if allowed is not None and titled.id not in allowed:
                    continue
                alike, form = _alike(plain, titled)
                if alike < _SAME_TITLE:
                    continue
                if numbers in (titled.numbers, _numbers(form)):
                    same[titled.id] = max(alike, same.get(titled.id, 0.0))
                elif numbers < titled.numbers:
                    open_[titled.id] = max(alike, open_.get(titled.id, 0.0))
                else:
                    unlike[titled.title] = None
        if same:
            return Named(max(same, key=lambda post_id: same[post_id]))
        if len(open_) > 1:
            return Named(several=tuple(open_))
        return Named(next(iter(open_), None), unlike=tuple(unlike))

    def by_title_words(self, topic: str, among: Sequence[str] | None = None) -> str | None:
        """The only post whose title has most words of the topic; None where there are two."""
        words = set(analyse(topic))
        if len(words) < 2:
            return None
        allowed = None if among is None else set(among)
        shares = sorted(
            (
                (len(words & set(analyse(titled.title))) / len(words), titled.id)
                for titled in self.titles
                if allowed is None or titled.id in allowed
            ),
            reverse=True,
        )
        if not shares or shares[0][0] < 0.6:
            return None
        return None if len(shares) > 1 and shares[1][0] == shares[0][0] else shares[0][1]


def _owner(words: str) -> str:
    return re.sub(r"(?:[’']s|(?<=s)[’'])$", "", words.strip())


def _bare_blog(words: str) -> str:
    plain = _spaced(re.sub(r"[^\w]+", " ", fold(words)))
    return re.sub(r"^(?:the|this) | (?:blog|site|website)$", "", plain).strip()


def _spaced(text: str) -> str:
    return " ".join(re.sub(r"[-_]+", " ", text).split())


def _titled(post_id: str, title: str) -> Titled:
    whole = fold_words(title)
    parts = (fold_words(part) for part in re.split(r"\s*[:–—?]\s+", title))
    long = (part for part in parts if len(part) >= _SHORTEST_PART)
    return Titled(post_id, title, tuple(dict.fromkeys((whole, *long))), _numbers(whole))


def _numbers(plain: str) -> frozenset[str]:
    found = {number.lstrip("0") or "0" for number in re.findall(r"\d+", plain)}
    found |= {_NUMBER_WORDS[word] for word in plain.split() if word in _NUMBER_WORDS}
    found |= {str(_ROMANS[n]) for n in _ROMAN.findall(plain) if n in _ROMANS}
    return frozenset(found)


def _alike(plain: str, titled: Titled) -> tuple[float, str]:
    """How nearly a name is the title or one side of its colon, from 0 to 100, and which of them."""
    scored = [(fuzz.ratio(plain, form), form) for form in titled.forms]
    whole = titled.forms[0]
    if len(plain) >= _SHORTEST_PART and len(plain.split()) >= 3 and len(plain) <= len(whole):
        scored.append((0.95 * fuzz.partial_ratio(plain, whole), whole))
    return max(scored)
