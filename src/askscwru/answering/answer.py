"""Scored quotes to an answer with citations, or to an abstention."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from askscwru.answering.accounting import FRAME, terms
from askscwru.answering.extent import whole_list
from askscwru.answering.limits import NO_LIMITS, silence
from askscwru.answering.marks import fair_mark, mark_in_row
from askscwru.errors import IndexStale, NotFoundError, QuoteError, SourceError
from askscwru.types import Answer, Citation, Hit, Limits, Post, Quote, Source, Span

_T = TypeVar("_T")
MOST_QUOTES = 3
_NEAR_BEST = 0.9
_WORTH_ADDING = 0.6
_NEAREST_SHOWN = 2
_SCRAP_WORDS, _SHORT_WORDS = 4, 14
"""A second quote of fewer words says nothing; one of few may be said of something else."""
_COUNT = re.compile(r"\s*\([\d,. ]*\d\s+words?\)\s*$", re.IGNORECASE)
_ASKS_LENGTH = re.compile(
    r"\b(?:words?|long|longe[rs]\w*|length|short\w*|whole|full\w*|complete\w*|size)\b",
    re.IGNORECASE,
)

ReadSource = Callable[[str], str]
"""The name of a source to its text as it stands now; raises ``SourceError``."""


def choose_quotes(quotes: Sequence[Quote], abstain_below: float, question: str = "") -> list[Quote]:
    """The fewest quotes that answer, best first; none where nothing is sure enough.

    A second and third are added only where each is nearly as sure as the best by itself, says it
    in other words and stands in another place, since a quote that is merely near would have to be
    read for nothing. Nor is the row of a table added that is of something else.
    """
    if not quotes or quotes[0].score < abstain_below:
        return []
    quotes = _with_its_words_first(question, quotes)
    best = quotes[0]
    chosen = [best]
    for quote in quotes[1:]:
        least = max(abstain_below, _WORTH_ADDING, _NEAR_BEST * best.score)
        if len(chosen) == MOST_QUOTES or quote.score < least:
            break
        if is_other_row(question, best, quote) or _is_scrap(question, chosen, quote):
            continue
        if any(same_place(quote, other) or quote.text == other.text for other in chosen):
            wider = [_wider(quote, other) for other in chosen]
            chosen = [one for at, one in enumerate(wider) if not _is_among(one, wider[:at])]
        else:
            chosen = _with_point(chosen, quote)
    return chosen


def _with_its_words_first(question: str, quotes: Sequence[Quote]) -> Sequence[Quote]:
    """The quotes, and first one that is surer than the first and has a word of the question.

    The first one has none, nor does what it stands under.
    """
    asked = frozenset(terms(question)) - FRAME
    best = quotes[0]
    if not asked or asked.intersection(terms(f"{best.passage.context} {best.text}")):
        return quotes
    for quote in quotes[1:]:
        if quote.score >= best.score and asked.intersection(terms(quote.text)):
            return [quote, *(one for one in quotes if one is not quote)]
    return quotes


_ROW = re.compile(r"[\W_]*((?:[^;:.!?\n]{1,40}: (?=[^;:.!?\n]{1,80};))?[^;:.!?\n]{1,80})[;:] \S")
"""What is told of something that is named first: the row of a table, "Half plot: £36 a year"."""


_BRACKETED = re.compile(r"\([^()]*\)")


def label_of(text: str) -> str:
    """What the row of a table is of, without what stands in brackets; empty of any other text."""
    row = _ROW.match(text)
    return "" if row is None else _BRACKETED.sub(" ", row[1].rpartition(": ")[2])


def is_other_row(question: str, best: Quote, quote: Quote) -> bool:
    """Whether a quote is of something else, and the best one of what the question names."""
    one, other = _ROW.match(best.text), _ROW.match(quote.text)
    if one is None or other is None:
        return False
    asked = set(terms(question))
    return asked & set(terms(other[1])) < asked & set(terms(one[1]))


def _is_scrap(question: str, chosen: Sequence[Quote], quote: Quote) -> bool:
    """Whether a few words of another section would be read as if they were said of the same.

    "Vegan and unfined." stands below the name of another beer.
    """
    words, asked = len(quote.text.split()), set(terms(question))
    if asked and words < _SCRAP_WORDS and asked.isdisjoint(terms(quote.text)):
        return True
    if words > _SHORT_WORDS:
        return False
    own = asked & {*terms(quote.text), *terms(quote.passage.context)}
    return any(
        quote.passage.context != other.passage.context
        and own < asked & {*terms(other.text), *terms(other.passage.context)}
        for other in chosen
    )


def _with_point(chosen: Sequence[Quote], quote: Quote) -> list[Quote]:
    """The quotes with one more; the whole list, where it is another point of one.

    Who is shown two of three points takes them for all there are.
    """
    for at, other in enumerate(chosen):
        passage = other.passage
        if passage.id == quote.passage.id:
            span = whole_list(passage, Span(other.start, other.end), Span(quote.start, quote.end))
            if span is not None:
                text = passage.slice(span.start, span.end)
                whole = replace(other, start=span.start, end=span.end, text=text, highlight=None)
                return [*chosen[:at], whole, *chosen[at + 1 :]]
    return [*chosen, quote]


def _is_among(quote: Quote, others: Sequence[Quote]) -> bool:
    return any(same_place(quote, other) for other in others)


def _wider(quote: Quote, other: Quote) -> Quote:
    """The other one, as far as the first reaches where that holds it whole.

    "Only 61 had any" is quoted with the sentence before it, which may be the best by itself.
    """
    if not same_place(quote, other) or quote.start > other.start or quote.end < other.end:
        return other
    return replace(other, passage=quote.passage, start=quote.start, end=quote.end, text=quote.text)


def same_place(one: Quote, other: Quote) -> bool:
    """Whether two quotes have characters in common."""
    return one.passage.source == other.passage.source and Span(one.start, one.end).overlaps(
        Span(other.start, other.end)
    )


def cite(
    question: str,
    quotes: Sequence[Quote],
    post_of: Callable[[str], Post],
    groups: Sequence[str | None] = (),
) -> tuple[Citation, ...]:
    """Numbered citations; a highlight that would mislead whoever reads it alone is dropped.

    Args:
        question: what was searched for.
        quotes: in the order of their numbers.
        post_of: the id of a post to the post.
        groups: what each is quoted for; empty where there are no groups.
    """
    return tuple(
        Citation(
            index=index,
            quote=_without_count(question, _with_fair_mark(question, quote)),
            post=post_of(quote.passage.post_id),
            group=groups[index - 1] if groups else None,
        )
        for index, quote in enumerate(quotes, start=1)
    )


def short_of(citations: Sequence[Citation]) -> str | None:
    """The words that are marked in the first quote; None where none are."""
    quote = citations[0].quote if citations else None
    if quote is None or quote.highlight is None:
        return None
    mark = quote.highlight
    return quote.text[mark.start - quote.start : mark.end - quote.start]


def _with_fair_mark(question: str, quote: Quote) -> Quote:
    mark = quote.highlight
    if mark is None or quote.share is None:
        return quote
    cell = mark_in_row(question, quote.text)
    if cell is not None:
        own = Span(quote.start + cell.start, quote.start + cell.end)
        return replace(quote, highlight=own, share=None)
    if not quote.start <= mark.start < mark.end <= quote.end:
        return replace(quote, highlight=None)
    inside = Span(mark.start - quote.start, mark.end - quote.start)
    fair = fair_mark(question, quote.text, inside, quote.share)
    if fair is None:
        return replace(quote, highlight=None)
    return replace(quote, highlight=Span(quote.start + fair.start, quote.start + fair.end))


def _without_count(question: str, quote: Quote) -> Quote:
    """The quote without the length of its post behind it, unless that was asked for or marked."""
    count = _COUNT.search(quote.text)
    if count is None or not count.start() or _ASKS_LENGTH.search(question):
        return quote
    end = quote.start + count.start()
    if quote.highlight is not None and quote.highlight.end > end:
        return quote
    return replace(quote, end=end, text=quote.text[: count.start()])


def answer_text(citations: Sequence[Citation]) -> str:
    """The quotes as one text, each followed by its number."""
    return " ".join(f"{citation.quote.text} [{citation.index}]" for citation in citations)


def by_date(answer: Answer, post_of: Callable[[str], Post]) -> Answer:
    """The same answer with its quotes and passages in the order of their posts, newest first.

    Undated posts come last; what is of one day keeps its order. The quotes are numbered anew.
    """
    cited = _newest_first(answer.citations, lambda citation: citation.post.published)
    citations = tuple(replace(citation, index=at) for at, citation in enumerate(cited, start=1))
    hits = _newest_first(answer.hits, lambda hit: post_of(hit.passage.post_id).published)
    text = answer_text(citations) if citations else answer.text
    return replace(answer, citations=citations, hits=tuple(hits), text=text)


def _newest_first(items: Sequence[_T], day: Callable[[_T], str | None]) -> list[_T]:
    return sorted(items, key=lambda item: day(item) or "", reverse=True)


def abstention_text(
    hits: Sequence[Hit], title_of: Callable[[str], str | None], limits: Limits = NO_LIMITS
) -> str:
    """One plain sentence that says so, and names the nearest posts.

    Args:
        hits: the nearest passages, best first.
        title_of: the title of a post by its id.
        limits: which posts were asked; that others say nothing is not what it says.
    """
    say = silence(limits)
    posts = list(dict.fromkeys(hit.passage.post_id for hit in hits))[:_NEAREST_SHOWN]
    titles = [f"“{title}”" if title else "an untitled post" for title in map(title_of, posts)]
    if not titles or limits.filters.post is not None:  # no other post was asked
        return f"{say}."
    verb = "is" if len(titles) == 1 else "are"
    noun = "post" if len(titles) == 1 else "posts"
    return f"{say}; the nearest {noun} {verb} {' and '.join(titles)}."


def verify(
    citations: Sequence[Citation], read: ReadSource, source_of: Callable[[str], Source]
) -> None:
    """Compares every quote with its source as it stands now.

    Raises:
        IndexStale: a source has changed, or cannot be read any more, since it was indexed.
        QuoteError: the source has not changed, and yet a quote is not what it says.
    """
    texts: dict[str, str] = {}
    for citation in citations:
        quote = citation.quote
        name = quote.passage.source
        if name not in texts:
            texts[name] = current_text(name, read, source_of(name))
        mark = quote.highlight
        sound = texts[name][quote.start : quote.end] == quote.text and bool(quote.text)
        if not sound or (mark and not quote.start <= mark.start < mark.end <= quote.end):
            raise QuoteError(
                f"A quote from {name} is not what stands at {quote.start}:{quote.end}.",
                remedy="Run `askscwru index` to build the index anew.",
            )


def current_text(name: str, read: ReadSource, source: Source) -> str:
    """The text of a source, which must be what was indexed.

    Raises:
        IndexStale: it has changed, or cannot be read any more, since it was indexed.
    """
    remedy = "Run `askscwru index` to bring the index up to date."
    try:
        text = read(name)
    except (SourceError, NotFoundError) as error:
        raise IndexStale(
            f"{name} cannot be read any more: {error.message}", remedy=remedy
        ) from error
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if digest != (source.text_sha256 or source.sha256):
        raise IndexStale(f"{name} has changed since it was indexed.", remedy=remedy)
    return text
