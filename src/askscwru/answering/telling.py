"""What the collection says to an answer's text, and what an abstention has to offer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields, replace
from itertools import groupby

from askscwru.answering.collection.outcome import Outcome, many
from askscwru.answering.collection.subjects import in_order
from askscwru.answering.collection.vocabulary import POST, WRITE, WRITER
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse, words_of
from askscwru.types import Citation, Filters, Kind, Near, Post, Quote

MOST_ROWS = 200
"""How many posts of a list the text of an answer names; ``posts`` has all of them."""
_NEAREST = 3
_LONGEST_PHRASE = 4
_MOST_UNKNOWN = 3
_PASSAGES_LOOKED_AT = 20
_WORDS_LOOKED_AT = 60
"""Of a question; what it is about stands among so many."""
_CHOICE = re.compile(r"\bor\b", re.IGNORECASE)
_ASKING = re.compile(
    rf"{POST}|{WRITE}|{WRITER}|many|much|first|last|new|old|long|number|happen(?:s|ed)?|tell|"
    r"know|say|says|said|think|mean|means",
    re.IGNORECASE,
)
"""Words by which a question asks: it is not about them."""
_DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nobody|nothing|cannot|without|hardly|rarely|unable|fails?|"
    r"failed|lacks?|lacked)\b|n[’']t\b",
    re.IGNORECASE,
)


def told(outcome: Outcome, citations: Sequence[Citation]) -> str:
    """The whole text of an answer: the program's own words, and each quote with its number."""
    if outcome.kind is Kind.VIEWS:
        return "\n\n".join([outcome.lead, *_groups(citations)])
    if not outcome.lead:
        return " ".join(f"{citation.quote.text} [{citation.index}]" for citation in citations)
    if outcome.rows:
        return "\n".join([outcome.lead, *_rows(outcome.posts, citations)])
    if len(outcome.posts) > len(citations):
        return outcome.lead  # the citations are the first of many: their numbers say nothing here
    marks = " ".join(f"[{citation.index}]" for citation in citations)
    return f"{outcome.lead} {marks}".rstrip()


def _groups(citations: Sequence[Citation]) -> list[str]:
    parts = []
    for group, some in groupby(citations, key=lambda citation: citation.group):
        quotes = " ".join(f"{citation.quote.text} [{citation.index}]" for citation in some)
        parts.append(f"{group}:\n{quotes}" if group else quotes)
    return parts


def _rows(posts: Sequence[Post], citations: Sequence[Citation]) -> list[str]:
    cited = {citation.post.id: citation.index for citation in citations}
    lines = []
    for number, post in enumerate(posts[:MOST_ROWS], start=1):
        mark = f" [{cited[post.id]}]" if post.id in cited else ""
        lines.append(f"{number}. {row_line(post)}{mark}")
    if len(posts) > MOST_ROWS:
        lines.append(f"… and {many(len(posts) - MOST_ROWS, 'more post')}.")
    return lines


def row_line(post: Post) -> str:
    """A post in one line: title, authors, blog, date."""
    by = ", ".join(post.authors)
    parts = [post.title or "(untitled post)", by, post.blog, post.published]
    return ", ".join(" ".join(part.split()) for part in parts if part)


# -- yes or no -------------------------------------------------------------------------------------


def with_the_other_side(
    question: str, chosen: list[Quote], quotes: Sequence[Quote], abstain_below: float
) -> list[Quote]:
    """The quotes for a yes or no, with one of another post that says the contrary, if any does.

    A sentence says the contrary where one of the two denies and the other does not, and both have
    the words of the question.
    """
    if not chosen or _CHOICE.search(question):
        return chosen
    best = chosen[0]
    wanted = set(analyse(question))
    for quote in quotes:
        if (
            quote.score >= abstain_below
            and quote.passage.post_id != best.passage.post_id
            and bool(_DENIES.search(quote.text)) != bool(_DENIES.search(best.text))
            and 2 * len(wanted & set(analyse(quote.text))) >= len(wanted)
            and all(quote.text != other.text for other in chosen)
        ):
            return [*chosen, quote]
    return chosen


# -- what an abstention offers ---------------------------------------------------------------------


def nearest(quotes: Sequence[Quote], post_of: Callable[[str], Post]) -> tuple[Near, ...]:
    """The posts that came nearest, each once, with its nearest sentence."""
    best: dict[str, Quote] = {}
    for quote in quotes:
        best.setdefault(quote.passage.post_id, quote)
    some = sorted(best.items(), key=lambda found: -found[1].score)[:_NEAREST]
    return tuple(Near(post=post_of(post_id), quote=quote) for post_id, quote in some)


def advice(
    question: str,
    filters: Filters,
    allowed_by: Callable[[Filters], Collection[str] | None],
    index: Index,
) -> tuple[str, ...]:
    """What may be tried where the posts do not say.

    Args:
        question: what was searched for.
        filters: what the posts were limited to.
        allowed_by: filters to the ids of the posts that pass them; None for all.
        index: what was searched.
    """
    return (*_without_limits(question, filters, allowed_by, index), *_words(question, index))


def _without_limits(
    question: str,
    filters: Filters,
    allowed_by: Callable[[Filters], Collection[str] | None],
    index: Index,
) -> list[str]:
    """For each limit, how many posts have the question's words without it."""
    if not filters:
        return []
    terms = [term for term in analyse(question) if index.lexical.document_frequency(term)]
    held = {post_id for _, post_id, _ in index.records.kinds_of(index.lexical.holding(terms))}
    lines = []
    for field in fields(Filters):
        value = getattr(filters, field.name)
        if value is None or not terms:
            continue
        allowed = allowed_by(replace(filters, **{field.name: None}))
        count = len(held) if allowed is None else len(held & set(allowed))
        if count:
            have = "has" if count == 1 else "have"
            name = f"{field.name} {value}"
            lines.append(
                f"Without the limit “{name}”, {many(count, 'post')} {have} all of its words in one"
                " passage."
            )
    return lines


def _words(question: str, index: Index) -> list[str]:
    """The words that no post has, and what the posts may be asked about."""
    words = [
        word
        for word in dict.fromkeys(words_of(question))
        if analyse(word) and not _ASKING.fullmatch(word)
    ]
    unknown = [
        word
        for word in words
        if not index.vocabulary.knows(word)
        and not any(index.lexical.document_frequency(term) for term in analyse(word))
    ]
    lines = [f"No post has the word “{word}”." for word in unknown[:_MOST_UNKNOWN]]
    phrase = _phrase(question, index)
    if phrase:
        lines.append(f"Try “What do the posts say about {phrase}?”")
    return lines


def _phrase(question: str, index: Index) -> str:
    """The longest stretch of the question's words that a passage has so; the rarest of equals."""
    tokens = re.findall(r"[\w’'-]+", question)[:_WORDS_LOOKED_AT]
    analysed = {token: [] if _ASKING.fullmatch(token) else analyse(token) for token in tokens}
    passages = _Passages(index)
    best: tuple[int, float, str] = (0, 0.0, "")
    for size in range(1, _LONGEST_PHRASE + 1):
        stretches = (tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1))
        for some in dict.fromkeys(stretches):
            terms = [analysed[token] for token in some]
            if not all(terms):
                continue
            flat = [term for one in terms for term in one]
            if not _stands_so(flat, some, passages):
                continue
            rarity = sum(index.lexical.inverse_document_frequency(term) for term in flat)
            best = max(best, (size, rarity, " ".join(some)))
    return best[2]


class _Passages:
    """The terms of passages, each analysed once."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._terms: dict[int, list[str]] = {}

    def terms(self, rows: Sequence[int]) -> Iterator[list[str]]:
        """Those of each row, in the order given."""
        new = [row for row in rows if row not in self._terms]
        for row, passage in zip(new, self.index.passages(new), strict=True):
            self._terms[row] = analyse(passage.text)
        return (self._terms[row] for row in rows)


def _stands_so(terms: Sequence[str], words: Sequence[str], passages: _Passages) -> bool:
    """Whether some passage has the terms one after the other; of one word, whether it names."""
    rows = passages.index.lexical.holding(terms)
    if len(terms) == 1:
        return bool(rows) and (words[0][0].isupper() or len(rows) > 1)
    return any(in_order(terms, own) for own in passages.terms(rows[:_PASSAGES_LOOKED_AT]))
