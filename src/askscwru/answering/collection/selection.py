"""Conditions to the posts that meet them, in order, with what kept others out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from askscwru.answering.collection.asked import Conditions, Extreme
from askscwru.answering.collection.catalogue import Catalogue
from askscwru.answering.collection.subjects import Subjects
from askscwru.index.records import (
    COMPLETE,
    DATED,
    INCOMPLETE,
    MEASURED,
    STATED,
    UNDATED,
    UNTITLED,
    Condition,
    PostOrder,
)
from askscwru.letters import fold

_ORDERS = {
    Extreme.NEWEST: PostOrder.NEWEST,
    Extreme.OLDEST: PostOrder.OLDEST,
    Extreme.LONGEST: PostOrder.LONGEST,
    Extreme.SHORTEST: PostOrder.SHORTEST,
}
_BY_DATE = (Extreme.NEWEST, Extreme.OLDEST)
_NEAR_NAME = 70.0


@dataclass(frozen=True, slots=True)
class Selected:
    """The posts that meet some conditions."""

    ids: tuple[str, ...]
    where: Conditions
    """The conditions with names as the records have them."""
    unmeasured: int = 0
    """How many others met the rest, but have no date (or no known length) to go by."""
    any_measured: bool = True
    """Whether any of them has one."""
    advice: tuple[str, ...] = ()


class Selection:
    """Selects posts by conditions, within the posts that may be quoted at all."""

    def __init__(self, catalogue: Catalogue, subjects: Subjects) -> None:
        self.catalogue = catalogue
        self._subjects = subjects

    def select(
        self,
        where: Conditions,
        allowed: Collection[str] | None = None,
        extreme: Extreme | None = None,
        *,
        newest_first: bool = False,
    ) -> Selected:
        """The posts that meet the conditions.

        Args:
            where: as they were asked.
            allowed: only these posts; None for all.
            extreme: in which order; those without a date (or length) are left out then.
            newest_first: the order where nothing else gives one.
        """
        where, conditions, advice = self._known(where)
        if conditions is None:
            return Selected((), where, advice=advice)
        if allowed is not None:
            conditions.append(Condition.among(allowed))
        order = self._order(where, extreme, newest_first=newest_first)
        ranked: list[str] | None = None
        if where.words:
            conditions.append(Condition.among(self._subjects.mentioning(where.words)))
        if where.topic:
            ranked = [post_id for post_id, _ in self._subjects.about(where.topic)]
            conditions.append(Condition.among(ranked))
        measure = self._measure(where, extreme)
        if measure is None:
            ids = self.catalogue.select(*conditions, order=order)
        else:
            period = where.period
            limits = [] if period is None else [Condition.published(period.after, period.before)]
            ids = self.catalogue.select(*conditions, measure, *limits, order=order)
        if ranked is not None and extreme is None and not newest_first:
            place = {post_id: at for at, post_id in enumerate(ranked)}
            ids.sort(key=lambda post_id: place[post_id])
        unmeasured, known = 0, len(ids)
        if measure is not None:
            everything = len(self.catalogue.select(*conditions))
            known = len(self.catalogue.select(*conditions, measure))
            unmeasured = everything - known
        return Selected(tuple(ids), where, unmeasured, measure is None or known > 0, advice)

    def _order(
        self, where: Conditions, extreme: Extreme | None, *, newest_first: bool
    ) -> PostOrder:
        if extreme is not None:
            return _ORDERS[extreme]
        return PostOrder.NEWEST if newest_first or where.period else PostOrder.PAGES

    def _measure(self, where: Conditions, extreme: Extreme | None) -> Condition | None:
        """What a post must have to be compared at all."""
        if extreme in _BY_DATE or where.period is not None:
            return DATED
        return MEASURED if extreme is not None else None

    def _known(
        self, where: Conditions
    ) -> tuple[Conditions, list[Condition] | None, tuple[str, ...]]:
        """Conditions on names that the records have; None where a name is in none of them."""
        conditions: list[Condition] = []
        if where.authors:
            found = [self.catalogue.author(name) for name in where.authors]
            missing = [n for n, names in zip(where.authors, found, strict=True) if not names]
            if missing and not (where.either and any(found)):
                return where, None, self._authors_near(missing)
            where, conditions = _by_authors(where, [names for names in found if names])
        if where.label is not None:
            label = self.catalogue.label(where.label)
            if label is None:
                return where, None, self._labels_near(where.label)
            conditions.append(Condition.named("label", [label]))
        if where.blog is not None:
            conditions.append(Condition.named("blog", [where.blog]))
        for wanted, condition in (
            (where.undated is True, UNDATED),
            (where.undated is False, DATED),
            (where.untitled, UNTITLED),
            (where.whole is True, COMPLETE),
            (where.whole is False, INCOMPLETE),
            (where.stated, STATED),
        ):
            if wanted:
                conditions.append(condition)
        return where, conditions, ()

    def _authors_near(self, names: Collection[str]) -> tuple[str, ...]:
        near = [_nearest(name, self.catalogue.authors) for name in names]
        meant = [name for name in near if name]
        return (f"Did you mean “{meant[0]}”?",) if meant else ()

    def _labels_near(self, label: str) -> tuple[str, ...]:
        known = {fold(name): name for name, _ in self.catalogue.counted("label")}
        if not known:
            return ("No post here is filed under a category or a tag.",)
        near = _nearest(label, known)
        return (f"Did you mean “{near}”?",) if near else ()


def _by_authors(
    where: Conditions, found: list[tuple[str, ...]]
) -> tuple[Conditions, list[Condition]]:
    """The conditions with whole names: each of the authors, or one of them."""
    names = tuple(dict.fromkeys(name for some in found for name in some))
    if where.either or len(found) == 1:
        either = len(names) > 1
        return (
            replace(where, authors=names, either=either),
            [Condition.named("author", names)],
        )
    return replace(where, authors=names), [Condition.named("author", some) for some in found]


def _nearest(name: str, known: dict[str, str]) -> str | None:
    near = process.extractOne(fold(name), list(known), scorer=fuzz.WRatio, score_cutoff=_NEAR_NAME)
    return None if near is None else known[near[0]]
