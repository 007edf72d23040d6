"""The posts by what is known of them: who wrote them, when, where, under which labels, how long.

Every list and count comes from here, from the records in SQL: exact and complete, whatever their
number. The names are read once; titles are looked up by what a question has of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from rapidfuzz import fuzz, process

from askscwru.index.lexical import analyse
from askscwru.index.records import Condition, PostList, PostOrder, Records
from askscwru.index.titles import Titled, Titles, forms_of, most_lost
from askscwru.letters import fold, fold_words
from askscwru.names import bare_name

_SAME_TITLE = 86.0
_OF_PART = 0.95
"""A title of which a name is a stretch is like it by so much less."""
_MISSPELT = 88.0
_ROUNDING = 1e-6
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

    def counted(self, kind: str, ids: Collection[str] | None = None) -> list[tuple[str, int]]:
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

    def posts(self, ids: Sequence[str]) -> PostList:
        """The posts of these ids, in their order; read when they are looked at."""
        return PostList(self._records, ids)

    def dates(self, ids: Collection[str] | None = None) -> tuple[str | None, str | None, int]:
        """First and last known date of publication, and how many posts have one."""
        return self._records.dates(ids)

    # -- titles ----------------------------------------------------------------------------------

    def first_titles(self, most: int) -> list[Titled]:
        """The first titles, in the order of the pages."""
        return self._records.titles.first(most)

    def titled(self, *names: str, among: Collection[str] | None = None) -> Named:
        """The post that one of these names means.

        A title is the same when hardly a letter differs, and no number does.

        Args:
            names: the name as it may stand in a question, with and without the words around it.
            among: only these posts; None for all.
        """
        plains = [fold_words(name) for name in dict.fromkeys(names)]
        plains = [plain for plain in plains if len(plain) >= _SHORTEST_TITLE]
        if (exact := self._exactly(plains, among)) is not None:
            return Named(exact)
        same: dict[str, float] = {}
        open_: dict[str, float] = {}
        unlike: dict[str, None] = {}
        for plain in plains:
            numbers = _numbers(plain)
            for titled in self._titles.of(self._like(plain)):
                if among is not None and titled.id not in among:
                    continue
                forms = forms_of(titled.title)
                alike, form = _alike(plain, forms)
                if alike < _SAME_TITLE:
                    continue
                its = _numbers(forms[0])
                if numbers in (its, _numbers(form)):
                    same[titled.id] = max(alike, same.get(titled.id, 0.0))
                elif numbers < its:
                    open_[titled.id] = max(alike, open_.get(titled.id, 0.0))
                else:
                    unlike[titled.title] = None
        if same:
            return Named(max(same, key=lambda post_id: same[post_id]))
        if len(open_) > 1:
            return Named(several=tuple(open_))
        return Named(next(iter(open_), None), unlike=tuple(unlike))

    def by_title_words(self, topic: str, among: Collection[str] | None = None) -> str | None:
        """The only post whose title has most words of the topic; None where there are two."""
        words = set(analyse(topic))
        if len(words) < 2:
            return None
        held = (
            (many / len(words), post_id)
            for post_id, _, many in self._titles.holding(sorted(words))
            if among is None or post_id in among
        )
        shares = list(islice(held, 2))
        if not shares or shares[0][0] < 0.6:
            return None
        return None if len(shares) > 1 and shares[1][0] == shares[0][0] else shares[0][1]

    def with_title_words(self, terms: Collection[str]) -> list[str]:
        """The ids of the posts whose titles have all of these terms."""
        held = self._titles.holding(sorted(terms)) if terms else []
        return [post_id for post_id, _, many in held if many == len(terms)]

    @property
    def _titles(self) -> Titles:
        return self._records.titles

    def _exactly(self, plains: Sequence[str], among: Collection[str] | None) -> str | None:
        """The only post with a title, or one side of it, that is one of these names to a letter."""
        found = {
            titled.id for plain in plains for titled in self._titles.of(self._titles.exactly(plain))
        }
        if among is not None:
            found = {post_id for post_id in found if post_id in among}
        return found.pop() if len(found) == 1 else None

    def _like(self, plain: str) -> set[int]:
        """Every post whose title may be like a name; those that surely are not are left out."""
        share = _SAME_TITLE / 100
        least = math.floor(len(plain) * share / (2 - share))
        most = math.ceil(len(plain) * (2 - share) / share)
        sized = self._titles.sized(least, most)
        near = _nearest(plain, [form for form, _ in sized], fuzz.ratio, _SAME_TITLE)
        found = {sized[at][1] for at in near}
        if _may_be_part(plain):
            least_part = _SAME_TITLE / _OF_PART
            lost = most_lost(len(plain), least_part / 100)
            some = self._titles.of(self._titles.sharing(plain, lost))
            whole = [fold_words(titled.title) for titled in some]
            found |= {
                some[at].number for at in _nearest(plain, whole, fuzz.partial_ratio, least_part)
            }
        return found


def _nearest(
    plain: str, others: Sequence[str], scorer: Callable[..., float], least: float
) -> list[int]:
    """The places of those that a scorer finds at least so like."""
    found = process.extract(
        plain, others, scorer=scorer, score_cutoff=least - _ROUNDING, limit=None
    )
    return [at for _, _, at in found]


def _owner(words: str) -> str:
    return re.sub(r"(?:[’']s|(?<=s)[’'])$", "", words.strip())


def _bare_blog(words: str) -> str:
    plain = _spaced(re.sub(r"[^\w]+", " ", fold(words)))
    return re.sub(r"^(?:the|this) | (?:blog|site|website)$", "", plain).strip()


def _spaced(text: str) -> str:
    return " ".join(re.sub(r"[-_]+", " ", text).split())


def _numbers(plain: str) -> frozenset[str]:
    found = {number.lstrip("0") or "0" for number in re.findall(r"\d+", plain)}
    found |= {_NUMBER_WORDS[word] for word in plain.split() if word in _NUMBER_WORDS}
    found |= {str(_ROMANS[n]) for n in _ROMAN.findall(plain) if n in _ROMANS}
    return frozenset(found)


def _may_be_part(plain: str) -> bool:
    """Whether a name is long enough to be told as a stretch of a title."""
    return len(plain) >= _SHORTEST_PART and len(plain.split()) >= 3


def _alike(plain: str, forms: Sequence[str]) -> tuple[float, str]:
    """How nearly a name is the title or one side of its colon, from 0 to 100, and which of them."""
    scored = [(fuzz.ratio(plain, form), form) for form in forms]
    if _may_be_part(plain) and len(plain) <= len(forms[0]):
        scored.append((_OF_PART * fuzz.partial_ratio(plain, forms[0]), forms[0]))
    return max(scored)
