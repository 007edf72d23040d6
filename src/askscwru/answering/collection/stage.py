"""The stage before retrieval: questions on the posts as a collection.

A plain question passes through it in well under a millisecond, since only its words are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from askscwru.answering.collection.asked import (
    OF_ONE_POST,
    CollectionQuestion,
    Conditions,
    Extreme,
    Want,
)
from askscwru.answering.collection.catalogue import Catalogue
from askscwru.answering.collection.conditions import Peeler
from askscwru.answering.collection.facts import FindPost, PostFacts
from askscwru.answering.collection.lists import Lists
from askscwru.answering.collection.outcome import Outcome, many
from askscwru.answering.collection.periods import Period
from askscwru.answering.collection.recognise import Recogniser, bare
from askscwru.answering.collection.selection import Selection
from askscwru.answering.collection.subjects import Subjects
from askscwru.answering.collection.views import Search, Views
from askscwru.answering.collection.wording import predicates, question_of
from askscwru.answering.reader import Reader
from askscwru.days import MONTHS
from askscwru.index.encoder import Encoder
from askscwru.index.generation import Index
from askscwru.types import Kind

_REPEATED = frozenset({Want.LIST, Want.COUNT, Want.AUTHORS, Want.VIEWS})
"""What can be asked again of fewer posts."""


_DATED = re.compile(rf"\b(?:(?:1[5-9]|20)\d\d|{'|'.join(MONTHS)})\b")
_ANOTHER_TIME = re.compile(
    r"(?:(?:and|but|so|ok|or)\b[\s,]*)*(?:(?:what|how) about )?(?:(?:in|during|for) )?"
    r"(?:(?:1[5-9]|20)\d\d|(?:last|this|next) (?:year|month|week))[\s?.!]*\Z",
    re.IGNORECASE,
)
"""The last question, of another time: "and in 2022?", "what about last year?"."""
_OF_POSTS = re.compile(
    r"\b(?:posts?|articles?|entr(?:y|ies)|ones?|published|posted|written)\b", re.IGNORECASE
)
_AGE = re.compile(
    r"(?:and |but )?(?:only |just |show (?:me )?|any |are there (?:any )?|what about )*(?:the )?"
    r"(?:(?P<older>older|earlier)|newer|later|more recent)(?: posts?| ones?| articles?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Which posts may be quoted, how many are shown, and in which order."""

    allowed: Collection[str] | None = None
    """Ids; None for every post."""
    shown: int = 5
    newest_first: bool = False
    in_view: tuple[str, ...] = ()
    """The ids of the posts that the turns before have shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The answer before a question, as far as a question may go on from it."""

    searched_for: str
    kind: Kind
    posts: Sequence[Mapping[str, Any]] = ()
    """The rows of a list."""
    cited: int = 0
    """How many of them were cited."""
    dates: tuple[str, ...] = ()
    """When what was cited was published, as far as that is known: ISO dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A plain question that is to be asked again, of fewer posts."""

    question: str
    allowed: tuple[str, ...]
    said: str
    """How they are limited, in words."""


class Stage:
    """Answers questions on the posts as a collection; safe to use from many threads."""

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        reader: Reader,
        *,
        search: Search,
        find_post: FindPost,
        abstain_below: float,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.catalogue = Catalogue(index.records)
        self._recognise = Recogniser(Peeler(self.catalogue, index.vocabulary.knows, today))
        subjects = Subjects(index, encoder, self.catalogue)
        self._selection = Selection(self.catalogue, subjects)
        self._facts = PostFacts(index, self._selection, self._recognise, find_post)
        self._lists = Lists(self._selection, self._facts)
        self._views = Views(index, self.catalogue, reader, search, abstain_below)

    def answer(self, question: str, within: Within, *, first: bool = True) -> Outcome | None:
        """What the collection has to say; None for a plain question.

        Args:
            question: with single spaces.
            within: which posts count.
            first: whether the words are the user's own: only then are views looked for, since a
                follow-up is sometimes put as "What is said about …?".
        """
        for asked in self._recognise(question):
            if asked.want in (Want.VIEWS, Want.COMPARE) and not first:
                continue
            if (outcome := self._of(asked, within)) is not None:
                return outcome
        return None

    def go_on(self, question: str, before: Before, within: Within) -> Outcome | Again | None:
        """What a question adds to the answer before it: "only from 2014", "and the others?"."""
        added = self._recognise.refinement(question) or _by_age(question, before)
        if added is None:
            return None
        if added.refines and not added.where:
            return self._others(before)
        asked = next((one for one in self._recognise(before.searched_for)), None)
        if asked is None or asked.want in OF_ONE_POST:
            if _is_of_another_date(question, added, before):
                return None
            return self._again(added, before, within)
        if asked.want not in _REPEATED:
            return None
        merged = _merged(asked, added)
        outcome = self._of(merged, within)
        return None if outcome is None else replace(outcome, searched_for=question_of(merged))

    def examples(self) -> tuple[str, ...]:
        """Three questions that can be answered, made of what the posts are."""
        names = self.catalogue.counted("author")[:1]
        titles = self.catalogue.first_titles(1)
        asked = [f"Which posts did {name} write?" for name, _ in names]
        asked += [f"Summarise “{titled.title}”." for titled in titles]
        return (*asked, "What are these posts about?", "How many posts are there?")[:3]

    def selected(self, where: Conditions, within: Within) -> tuple[str, ...]:
        """The ids of the posts that meet some conditions."""
        return self._selection.select(where, within.allowed).ids

    # -- one kind of question --------------------------------------------------------------------

    def _of(self, asked: CollectionQuestion, within: Within) -> Outcome | None:
        if asked.want is Want.SUMMARY:
            return self._summary(asked, within)
        if asked.want in OF_ONE_POST:
            meant = self._facts.meant(asked, self._limited(asked.where, within))
            return None if meant is None else self._facts.answer(asked, meant)
        if asked.want is Want.VIEWS:
            allowed = self._limited(asked.where, within)
            return None if allowed is not None and not allowed else self._views.on(asked, allowed)
        if asked.want is Want.COMPARE:
            return self._views.compare(asked, within.allowed)
        return self._lists.answer(
            asked, within.allowed, within.shown, newest_first=within.newest_first
        )

    def _summary(self, asked: CollectionQuestion, within: Within) -> Outcome | None:
        meant = self._facts.meant(asked, within.allowed)
        if meant is None:
            return None
        if len(meant.ids) != 1:
            return self._facts.answer(asked, replace(meant, ids=())) if not meant.ids else None
        return self._views.central(self.catalogue.posts(meant.ids)[0], meant.sure)

    def _limited(self, where: Conditions, within: Within) -> Collection[str] | None:
        return self.selected(where, within) if where else within.allowed

    # -- going on --------------------------------------------------------------------------------

    def _others(self, before: Before) -> Outcome | None:
        rest = [row["post_id"] for row in before.posts[before.cited :]]
        if before.kind is not Kind.LIST or not rest:
            return None
        posts = self.catalogue.posts(rest)
        return Outcome(
            kind=Kind.LIST,
            lead=f"The other {many(len(posts), 'post')} of {len(before.posts):,}:",
            quotes=self._lists.cited(posts),
            posts=posts,
            total=len(posts),
            rows=True,
        )

    def _again(self, added: CollectionQuestion, before: Before, within: Within) -> Again | None:
        if before.kind not in (Kind.ANSWER, Kind.ABSTENTION) or not added.refines:
            return None
        if added.where.topic or added.where.words:
            return None
        ids = self.selected(added.where, within)
        said = predicates(added.where, one=False)
        return Again(question=before.searched_for, allowed=ids, said=f"posts that {said}")


def _is_of_another_date(question: str, added: CollectionQuestion, before: Before) -> bool:
    """Whether "and in 2022?" asks once more what was asked of 2021: no posts are meant."""
    only_dated = added.where == Conditions(period=added.where.period)
    named = _DATED.search(before.searched_for) or _ANOTHER_TIME.match(question)
    return only_dated and named is not None and not _OF_POSTS.search(question)


def _by_age(question: str, before: Before) -> CollectionQuestion | None:
    """What "only older posts" adds: those published before (or after) all that was cited."""
    match = _AGE.fullmatch(bare(question))
    if match is None or not before.dates:
        return None
    if match["older"]:
        period = Period(before=min(before.dates), said=f"published before {min(before.dates)}")
    else:
        first = (date.fromisoformat(max(before.dates)) + timedelta(days=1)).isoformat()
        period = Period(after=first, said=f"published since {first}")
    return CollectionQuestion(
        want=Want.LIST, where=Conditions(period=period), among=True, refines=True
    )


def _merged(asked: CollectionQuestion, added: CollectionQuestion) -> CollectionQuestion:
    """The question before with what is asked now: what is said anew replaces what was said."""
    old, new = asked.where, added.where
    where = replace(
        old,
        authors=new.authors or old.authors,
        either=new.either if new.authors else old.either,
        period=new.period or old.period,
        label=new.label or old.label,
        blog=new.blog or old.blog,
        topic=new.topic or old.topic,
        words=new.words or old.words,
        undated=old.undated if new.undated is None else new.undated,
        untitled=new.untitled or old.untitled,
    )
    want = Want.COUNT if added.want is Want.COUNT else asked.want
    if added.extreme is not None:
        want = Want.LIST
    if asked.want is Want.COUNT and added.want is Want.LIST:
        want = Want.COUNT if asked.extreme is None and added.extreme is None else Want.LIST
    extreme: Extreme | None = added.extreme or asked.extreme
    return replace(
        asked,
        want=want,
        where=where,
        extreme=extreme,
        number=added.number if added.extreme else asked.number,
    )
