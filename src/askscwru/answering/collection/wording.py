"""Conditions in plain English: as an answer says them, and as a question that asks them again."""

from __future__ import annotations

from dataclasses import replace

from askscwru.answering.collection.asked import CollectionQuestion, Conditions, Extreme, Want
from askscwru.answering.collection.outcome import listed, many
from askscwru.answering.collection.selection import Selected

_EXTREMES = {
    Extreme.NEWEST: "newest",
    Extreme.OLDEST: "oldest",
    Extreme.LONGEST: "longest",
    Extreme.SHORTEST: "shortest",
}


def predicates(where: Conditions, *, one: bool) -> str:
    """What is said of the posts: ``are by Ann Lee, from 2014 and about bees``; may be empty."""
    are = _are(where)
    first = [f"{'is' if one else 'are'} {listed(are)}"] if are else []
    return listed([*first, *_have(where, one=one)])


def _are(where: Conditions) -> list[str]:
    """What the posts are, said behind "are"."""
    are = []
    if where.authors:
        are.append(f"by {listed(where.authors, 'or' if where.either else 'and')}")
    if where.blog:
        are.append(f"on {_the_blog(where.blog)}")
    if where.label:
        are.append(f"filed under “{where.label}”")
    if where.topic:
        are.append(f"about {where.topic}")
    if where.period:
        period = where.period.said
        are.append(period if period.startswith(("from ", "publ")) else f"published {period}")
    if where.whole is not None:
        are.append("known in full" if where.whole else "known in part only")
    return are


def _have(where: Conditions, *, one: bool) -> list[str]:
    """What the posts do or have, each with its verb."""
    others = []
    if where.words:
        others.append(f"{'mentions' if one else 'mention'} “{where.words}”")
    has = "has" if one else "have"
    if where.undated is not None:
        others.append(f"{has} {'no date' if where.undated else 'a date'}")
    if where.untitled:
        others.append(f"{has} no title")
    if where.stated:
        others.append(f"{'states' if one else 'state'} a word count")
    return others


def count_line(total: int, where: Conditions) -> str:
    """How many posts there are of a kind, in a sentence."""
    said = predicates(where, one=total <= 1)
    if total == 0:
        return f"No post here {said}." if said else "There are no posts here."
    if not said:
        return f"There {'is' if total == 1 else 'are'} {many(total, 'post')} here."
    return f"{many(total, 'post')} here {said}."


def unmeasured_line(extreme: Extreme | None, found: Selected) -> str:
    """That none of the posts has a date (or a length) by which to tell what was asked."""
    by_date = extreme in (None, Extreme.NEWEST, Extreme.OLDEST)
    what = "a date" if by_date else "a known length"
    said = predicates(replace(found.where, period=None), one=found.unmeasured == 1)
    lacks = f"No post here has {what}"
    if said and found.unmeasured == 1:
        lacks = f"The only post that {said} has no {what.partition(' ')[2]}"
    elif said:
        lacks = f"None of the {found.unmeasured:,} posts that {said} has {what}"
    if found.where.period is not None:
        period = predicates(Conditions(period=found.where.period), one=False)
        return f"{lacks}, so which posts {period} cannot be told."
    return f"{lacks}, so which is the {extreme} cannot be told." if extreme else f"{lacks}."


def question_of(asked: CollectionQuestion) -> str:
    """A question that asks the same by itself."""
    where = asked.where
    if asked.want is Want.VIEWS:
        who = listed(where.authors, "or" if where.either else "and") or "the posts"
        verb = "does" if len(where.authors) == 1 else "do"
        limits = _limits(Conditions(period=where.period, blog=where.blog, label=where.label))
        return f"What {verb} {who} say about {asked.subjects[0]}{limits}?"
    limits = _limits(where)
    if asked.want is Want.COUNT:
        return f"How many posts are there{limits}?"
    if asked.want is Want.AUTHORS:
        return f"Who wrote posts{limits}?"
    if asked.extreme is not None:
        first = _EXTREMES[asked.extreme]
        if asked.number in (None, 1):
            return f"Which is the {first} post{limits}?"
        return f"Which are the {asked.number} {first} posts{limits}?"
    return f"Which posts are there{limits}?" if not limits else f"Which posts are{limits}?"


def _limits(where: Conditions) -> str:
    """The conditions as they stand behind "posts", in an order in which they are read back."""
    parts = []
    if where.authors:
        parts.append(f"by {listed(where.authors, 'or' if where.either else 'and')}")
    if where.blog:
        parts.append(f"on {_the_blog(where.blog)}")
    if where.label:
        parts.append(f"filed under “{where.label}”")
    if where.undated is not None:
        parts.append("without a date" if where.undated else "that have a date")
    if where.untitled:
        parts.append("without a title")
    if where.topic:
        parts.append(f"about {where.topic}")
    if where.words:
        parts.append(f"that mention “{where.words}”")
    if where.period:
        parts.append(where.period.said)
    return "".join(f" {part}" for part in parts)


def _the_blog(name: str) -> str:
    plain = name if name.lower().startswith("the ") else f"the {name}"
    return plain if plain.lower().endswith(("blog", "site", "website")) else f"{plain} blog"
