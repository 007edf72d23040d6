"""Lists, counts, the first and the last of the posts, authors, and the collection itself.

Everything here is exact and complete: it comes from the records. What is only an estimate (what a
post is about) and what is not known (a date that no page gives) is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from askscwru.answering.collection.asked import CollectionQuestion, Extreme, Want
from askscwru.answering.collection.facts import LIKELY, SURE, PostFacts
from askscwru.answering.collection.outcome import Outcome, listed, many, titled
from askscwru.answering.collection.selection import Selected, Selection
from askscwru.answering.collection.wording import count_line, predicates, unmeasured_line
from askscwru.days import long_date
from askscwru.index.lexical import analyse, words_of
from askscwru.index.records import NAMELESS, OF_NO_BLOG, Condition
from askscwru.types import Kind, Post, Quote

_BY_DATE = (Extreme.NEWEST, Extreme.OLDEST)
_MOST_NAMED = 30
"""How many authors, blogs or labels are named in the answer's own words."""
_TITLE_WORDS = 8
_AT_ONCE = 50


class Lists:
    """Answers what is asked of many posts."""

    def __init__(self, selection: Selection, facts: PostFacts) -> None:
        self._selection = selection
        self._catalogue = selection.catalogue
        self._facts = facts

    def answer(
        self,
        asked: CollectionQuestion,
        allowed: Collection[str] | None,
        shown: int,
        *,
        newest_first: bool,
    ) -> Outcome:
        """The answer to a question on many posts.

        Args:
            asked: what is asked.
            allowed: only these posts; None for all.
            shown: how many of them are cited.
            newest_first: the order of a list that has no other.
        """
        if asked.want in (Want.AUTHORS, Want.AUTHOR_COUNT):
            return self._authors(asked, allowed, shown)
        if asked.want in (Want.BLOGS, Want.BLOG_COUNT):
            return self._blogs(asked, allowed, shown)
        if asked.want is Want.LABELS:
            return self._labels(asked, allowed, shown)
        if asked.want is Want.COLLECTION:
            return self._collection(asked, allowed, shown)
        if asked.want is Want.SPAN:
            return self._span(asked, allowed, shown)
        found = self._selection.select(
            asked.where, allowed, asked.extreme, newest_first=newest_first
        )
        if not found.any_measured and found.unmeasured:
            return _undated(asked.extreme, found)
        if asked.extreme is not None:
            return self._extreme(asked, found, shown)
        return self._listed(asked, found, shown)

    # -- posts -----------------------------------------------------------------------------------

    def _listed(self, asked: CollectionQuestion, found: Selected, shown: int) -> Outcome:
        total = len(found.ids)
        posts = self._catalogue.posts(found.ids)
        return Outcome(
            kind=Kind.LIST,
            lead=count_line(total, found.where),
            quotes=self.cited(posts[:shown]),
            posts=posts,
            total=total,
            rows=asked.want is not Want.COUNT and total > 0,
            confidence=LIKELY if found.where.topic else SURE,
            short=f"{total:,}" if asked.want is Want.COUNT else None,
            advice=(*_estimated(found, total), *_left_out(found), *found.advice),
        )

    def _extreme(self, asked: CollectionQuestion, found: Selected, shown: int) -> Outcome:
        extreme, number = asked.extreme or Extreme.NEWEST, asked.number or 1
        if not found.ids:
            return Outcome(
                kind=Kind.LIST,
                lead=count_line(0, found.where),
                total=0,
                confidence=SURE,
                advice=found.advice,
            )
        first = self._catalogue.posts(found.ids[:number])
        chosen = first if number > 1 else self._level(found.ids, extreme)
        said = predicates(found.where, one=len(chosen) == 1)
        of = (
            f" of the {len(found.ids):,} posts that {predicates(found.where, one=False)}"
            if said
            else ""
        )
        facts = [f"{titled(post)}, {_measure_said(post, extreme)}" for post in chosen]
        lead = f"The {extreme} post{of} is {facts[0]}."
        if len(chosen) > 1:
            equal = " (they are level)" if number == 1 else ""
            lead = f"The {extreme} posts{of}{equal} are {listed(facts)}."
        return Outcome(
            kind=Kind.LIST,
            lead=lead,
            quotes=self._quoted(chosen[:shown], extreme),
            posts=tuple(chosen),
            total=len(chosen),
            confidence=SURE,
            advice=_left_out(found, extreme),
        )

    def _level(self, ids: Sequence[str], extreme: Extreme) -> list[Post]:
        """The first of the posts, and those behind it that are as new, old, long or short."""
        level: list[Post] = []
        for start in range(0, len(ids), _AT_ONCE):
            for post in self._catalogue.posts(ids[start : start + _AT_ONCE]):
                if level and _measured(post, extreme) != _measured(level[0], extreme):
                    return level
                level.append(post)
        return level

    def _quoted(self, posts: Sequence[Post], extreme: Extreme) -> tuple[Quote, ...]:
        if extreme in _BY_DATE:
            return self.cited(posts)
        return tuple(
            self._facts.word_count(post, SURE) or self._facts.heading(post, SURE) for post in posts
        )

    def cited(self, posts: Sequence[Post]) -> tuple[Quote, ...]:
        """A quote of each post: its title, or what it begins with."""
        return tuple(self._facts.heading(post, SURE) for post in posts)

    # -- names -----------------------------------------------------------------------------------

    def _authors(
        self, asked: CollectionQuestion, allowed: Collection[str] | None, shown: int
    ) -> Outcome:
        found = self._selection.select(asked.where, allowed)
        named = self._catalogue.counted("author", found.ids)
        if asked.extreme is not None and named:
            best = named[0][1] if asked.extreme is Extreme.LONGEST else named[-1][1]
            named = [(name, count) for name, count in named if count == best]
        said = predicates(found.where, one=False)
        if not named:
            of = _of_posts(said)
            lead = f"No author is named for the{of}." if found.ids else count_line(0, found.where)
            return Outcome(kind=Kind.LIST, lead=lead, total=0, confidence=SURE, advice=found.advice)
        nameless = len(self._catalogue.select(Condition.among(found.ids), NAMELESS))
        more = (f"{many(nameless, 'post')} of these {_names(nameless)} no author.",)
        theirs = self._catalogue.select(
            Condition.among(found.ids), Condition.named("author", [name for name, _ in named])
        )
        return Outcome(
            kind=Kind.LIST,
            lead=_author_line(named, said, asked.extreme),
            quotes=self._bylines([name for name, _ in named[:shown]], found.ids),
            posts=self._catalogue.posts(theirs),
            total=len(named),
            confidence=LIKELY if found.where.topic else SURE,
            short=f"{len(named):,}" if asked.want is Want.AUTHOR_COUNT else None,
            advice=(*_estimated(found, len(theirs)), *(more if nameless else ()), *found.advice),
        )

    def _bylines(self, names: Sequence[str], ids: Sequence[str]) -> tuple[Quote, ...]:
        """One quote for each author, of a post by them."""
        quotes = []
        for name in names:
            one = self._catalogue.select(Condition.among(ids), Condition.named("author", [name]))[0]
            post = self._catalogue.posts([one])[0]
            quotes.append(self._facts.byline(post, name) or self._facts.heading(post, SURE))
        return tuple(quotes)

    def _blogs(
        self, asked: CollectionQuestion, allowed: Collection[str] | None, shown: int
    ) -> Outcome:
        found = self._selection.select(asked.where, allowed)
        named = self._catalogue.counted("blog", found.ids)
        posts = self._catalogue.posts(found.ids)
        nameless = len(self._catalogue.select(Condition.among(found.ids), OF_NO_BLOG))
        names = listed([f"{name} ({many(count, 'post')})" for name, count in named[:_MOST_NAMED]])
        lead = f"The posts are from {many(len(named), 'blog')}: {names}."
        if not named:
            lead = "No post here names its blog."
        elif nameless:
            lead += f" {many(nameless, 'post')} {_names(nameless)} no blog."
        return Outcome(
            kind=Kind.LIST,
            lead=lead,
            quotes=self.cited(posts[:shown]),
            posts=posts,
            total=len(named),
            confidence=SURE,
            short=f"{len(named):,}" if asked.want is Want.BLOG_COUNT else None,
        )

    def _labels(
        self, asked: CollectionQuestion, allowed: Collection[str] | None, shown: int
    ) -> Outcome:
        found = self._selection.select(asked.where, allowed)
        named = self._catalogue.counted("label", found.ids)
        if not named:
            return self._collection(asked, allowed, shown)
        names = listed([f"{name} ({count:,})" for name, count in named[:_MOST_NAMED]])
        more = len(named) - _MOST_NAMED
        rest = f", and {more:,} more" if more > 0 else ""
        posts = self._catalogue.posts(found.ids)
        under = many(len(named), "category or tag", "categories and tags")
        return Outcome(
            kind=Kind.LIST,
            lead=f"The posts are filed under {under}: {names}{rest}.",
            quotes=self.cited(posts[:shown]),
            posts=posts,
            total=len(named),
            confidence=SURE,
        )

    # -- the collection --------------------------------------------------------------------------

    def _collection(
        self, asked: CollectionQuestion, allowed: Collection[str] | None, shown: int
    ) -> Outcome:
        found = self._selection.select(asked.where, allowed)
        posts = self._catalogue.posts(found.ids)
        authors = self._catalogue.counted("author", found.ids)
        blogs = self._catalogue.counted("blog", found.ids)
        parts = [count_line(len(posts), found.where)]
        if not asked.where.authors and authors:
            by = listed([name for name, _ in authors[:3]])
            parts.append(f"They are by {many(len(authors), 'author')}, most of them by {by}.")
        if blogs:
            parts.append(f"They stand on {listed([name for name, _ in blogs[:5]])}.")
        parts += [
            part for part in (self._period_line(found.ids), self._subject_line(found.ids)) if part
        ]
        return Outcome(
            kind=Kind.LIST,
            lead=" ".join(parts),
            quotes=self.cited(posts[:shown]),
            posts=posts,
            total=len(posts),
            confidence=SURE,
            advice=found.advice,
        )

    def _subject_line(self, ids: Sequence[str]) -> str:
        labels = self._catalogue.counted("label", ids)
        if labels:
            return f"They are mostly filed under {listed([n for n, _ in labels[:_TITLE_WORDS]])}."
        words = _title_words(self._catalogue.posts(ids))
        return f"The words that their titles share are {listed(words)}." if words else ""

    def _period_line(self, ids: Sequence[str]) -> str:
        first, last, dated = self._catalogue.dates(ids)
        if first is None or last is None:
            return "None of them has a date." if ids else ""
        without = len(ids) - dated
        said = f"The dated ones are from {_day(first)} to {_day(last)}"
        if not without:
            said = f"They are from {_day(first)} to {_day(last)}"
        return (
            f"{said}; {many(without, 'post')} {_has(without)} no date." if without else f"{said}."
        )

    def _span(
        self, asked: CollectionQuestion, allowed: Collection[str] | None, shown: int
    ) -> Outcome:
        first = self._selection.select(asked.where, allowed, Extreme.OLDEST)
        if not first.ids:
            return _undated(None, first)
        last = self._selection.select(asked.where, allowed, Extreme.NEWEST)
        ends = self._catalogue.posts((first.ids[0], last.ids[0]))
        lead = f"The posts are from {_day(ends[0].published)} to {_day(ends[1].published)}."
        return Outcome(
            kind=Kind.LIST,
            lead=lead,
            quotes=self.cited(ends[: max(1, shown)]),
            posts=self._catalogue.posts(first.ids),
            total=len(first.ids),
            confidence=SURE,
            advice=_left_out(first, Extreme.OLDEST),
        )


def _undated(extreme: Extreme | None, found: Selected) -> Outcome:
    """Says that nothing has a date (or a length) to go by."""
    return Outcome(
        kind=Kind.ABSTENTION,
        lead=unmeasured_line(extreme, found),
        answered=False,
        confidence=0.0,
        advice=found.advice,
    )


def _estimated(found: Selected, total: int) -> tuple[str, ...]:
    """That what a post is about is an estimate."""
    if not found.where.topic:
        return ()
    words = found.where.topic
    again = f"“Which posts mention “{words}”?” lists every post that has the words."
    if not total:
        return (f"What a post is about is estimated. {again}",)
    return (f"What a post is about is estimated, the surest first. {again}",)


def _left_out(found: Selected, extreme: Extreme | None = None) -> tuple[str, ...]:
    if not found.unmeasured:
        return ()
    what = "date" if extreme in (None, *_BY_DATE) else "known length"
    count = found.unmeasured
    return (f"{many(count, 'more post')} {_has(count)} no {what} and {_are(count)} left out.",)


def _measured(post: Post, extreme: Extreme) -> str | int | None:
    return post.published if extreme in _BY_DATE else _length(post)


def _measure_said(post: Post, extreme: Extreme) -> str:
    if extreme in _BY_DATE:
        return f"published on {_day(post.published)}"
    return f"with {many(_length(post) or 0, 'word')}"


def _length(post: Post) -> int | None:
    if post.word_count is not None:
        return post.word_count
    return post.known_words if post.complete else None


def _day(published: str | None) -> str:
    return "an unknown day" if published is None else long_date(date.fromisoformat(published))


def _title_words(posts: Sequence[Post]) -> list[str]:
    """The words that most titles share, as they are mostly written there."""
    forms: dict[str, Counter[str]] = {}
    held: Counter[str] = Counter()
    for post in posts:
        here = {(term[0], word) for word in words_of(post.title or "") if (term := analyse(word))}
        held.update({term for term, _ in here})
        for stem, word in here:
            forms.setdefault(stem, Counter())[word] += 1
    common = [term for term, count in held.most_common() if count > 1]
    return [forms[term].most_common(1)[0][0] for term in common[:_TITLE_WORDS]]


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _of_posts(said: str) -> str:
    return f" posts that {said}" if said else " here"


def _author_line(named: Sequence[tuple[str, int]], said: str, extreme: Extreme | None) -> str:
    """Who wrote how many of the posts, in a sentence.

    Args:
        named: the names with the number of their posts, the most first.
        said: the conditions, as ``predicates`` says them.
        extreme: whether those with the most or the fewest posts alone were asked for.
    """
    names = listed([f"{name} ({many(count, 'post')})" for name, count in named[:_MOST_NAMED]])
    if len(named) > _MOST_NAMED:
        names += f", and {len(named) - _MOST_NAMED:,} more with at most {named[_MOST_NAMED][1]}"
    if extreme is not None:
        most = "most" if extreme is Extreme.LONGEST else "fewest"
        verb = f"wrote the {most} posts{f' of those that {said}' if said else ''}"
    elif said:
        verb = f"wrote{_of_posts(said)}"
    else:
        verb = f"{'writes' if len(named) == 1 else 'write'}{_of_posts(said)}"
    return f"{many(len(named), 'author')} {verb}: {names}."


def _names(count: int) -> str:
    return "names" if count == 1 else "name"
