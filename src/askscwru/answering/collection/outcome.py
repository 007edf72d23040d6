"""What the collection has to say to a question, before it is an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from askscwru.types import Hit, Kind, Passage, Post, Quote, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An answer in the making."""

    kind: Kind
    lead: str = ""
    """The program's own words that come before the quotes; empty where the quotes say it all."""
    quotes: tuple[Quote, ...] = ()
    groups: tuple[str | None, ...] = ()
    """What each quote is quoted for; empty where there are no groups."""
    hits: tuple[Hit, ...] = ()
    """The passages that were found, best first."""
    posts: Sequence[Post] = ()
    """All posts of a list."""
    total: int | None = None
    rows: bool = False
    """Whether the posts are to be shown one by one below the program's own words."""
    answered: bool = True
    confidence: float = 1.0
    short: str | None = None
    advice: tuple[str, ...] = ()
    searched_for: str | None = None
    """The question in full, where it was put together from what was asked before."""


def quote_of(passage: Passage, score: float, mark: Span | None = None) -> Quote:
    """The whole of a title or a byline."""
    return Quote(
        passage=passage,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=score,
        highlight=mark,
    )


def first_sentence(passage: Passage, score: float) -> Quote:
    """The sentence that a passage begins with."""
    first = passage.sentences[0]
    return Quote(
        passage=passage,
        start=first.start,
        end=first.end,
        text=passage.text[first.start - passage.start : first.end - passage.start],
        score=score,
    )


def titled(post: Post) -> str:
    """A post as it is called in a sentence."""
    return f"“{post.title}”" if post.title else "an untitled post"


def listed(names: Sequence[str], joiner: str = "and") -> str:
    """Names in a row: ``A, B and C``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joiner} {names[-1]}"


def many(count: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun: ``1 post``, ``1,967 posts``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
