"""Of two posts that answer the same, the newer one first.

What an hour costs, when the club meets and who the chair is stands in the posts of several years;
who does not ask for a year means now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from askscwru.answering.accounting import FRAME, terms
from askscwru.answering.answer import MOST_QUOTES, is_other_row, label_of, same_place
from askscwru.answering.fitness import asks_how_it_was, is_yes_no
from askscwru.days import WEEKDAYS
from askscwru.types import Post, Quote

_ALIKE = 0.9
"""How sure the newer quote must be beside the older one."""
_SAME_FORM = 0.75
"""The same, of a quote that gives what the older one gives."""
_DECIDED = 0.6
"""The same, where the older one tells of a plan."""
_PRICE_ALIKE = 0.85
_ROW_ALIKE = 0.6
"""The same, of the price of what is named in the same words, or of the row of what is asked."""
_OF_A_FACT = re.compile(
    r"\W*(?:(?:and|so|but|then),? )?(?:who|where|when|"
    r"how (?:much|many|long|often|old|far|late)|(?:at |on |in )?(?:what|which) "
    r"(?:days?|time|date|months?|place|room|number|address|price))\b",
    re.IGNORECASE,
)
"""Asks for what changes from year to year, and not what a thing is or why."""


_PLANNED = re.compile(
    r"\b(?:ask(?:ing|ed)? (?:you |people |for )?what|consult\w*|propos(?:e|es|ed|al|als|ing)|"
    r"plan(?:s|ned|ning)?|hop(?:e|es|ed|ing)|consider(?:s|ed|ing)?|thinking (?:of|about)|"
    r"look(?:s|ing)? (?:at|into|for)|want(?:s|ed)? to|would like to|intend(?:s|ed)?|"
    r"may (?:have to|be)|might|due to|decide)\b",
    re.IGNORECASE,
)
"""What a sentence has that tells of a plan, of which a newer post may say what became."""


def newer_first(
    chosen: Sequence[Quote],
    quotes: Sequence[Quote],
    post_of: Callable[[str], Post],
    question: str,
) -> list[Quote]:
    """The quotes that were chosen, and first the one of a newer post that answers the same.

    Both have figures, or a fact is asked for; and what of the question the older quote and the
    title of its post speak of, the newer ones speak of too. A newer quote that was not chosen
    counts where it gives a day, a time or a price as the older one does, and is not much less sure.

    Args:
        chosen: what is to be quoted.
        quotes: all, in the order of how surely they answer.
        post_of: the id of a post to the post.
        question: what was searched for.
    """
    if not chosen or asks_how_it_was(question):
        return [*chosen]
    best = chosen[0]
    own = post_of(best.passage.post_id)
    asked = set(terms(question)) - FRAME
    named = asked & _spoken_of(best)
    forms = forms_of(best.text)
    if not named:
        return [*chosen]
    planned = is_yes_no(question) and _PLANNED.search(best.text) is not None
    if planned:
        quotes = sorted(quotes, key=lambda quote: -quote.score)
    for other in quotes:
        spoken = _spoken_of(other)
        alike = named <= spoken or (planned and 2 * len(named & spoken) >= len(named))
        alike = alike and not asked.isdisjoint(terms(other.text))
        newer = post_of(other.passage.post_id).is_newer_than(own)
        if not newer or not alike or is_other_row(question, best, other):
            continue
        same = bool(forms) and forms <= forms_of(other.text)
        figures = all(any(c.isdigit() for c in quote.text) for quote in (best, other))
        fact = same or figures or planned or _OF_A_FACT.match(question) is not None
        row = frozenset(terms(label_of(other.text)))
        least = _SAME_FORM if same else _DECIDED if planned else _ALIKE
        if figures and row and row <= asked:
            least = min(least, _ROW_ALIKE)  # the row of what is asked about
        if fact and other.score >= least * best.score:
            rest = [quote for quote in chosen if not same_place(quote, other)]
            return [other, *rest][:MOST_QUOTES]
    return [*chosen]


PRICE = re.compile(r"[£$€] ?\d|\b\d+ ?p\b", re.IGNORECASE)
_FORMS = (
    re.compile(
        rf"{PRICE.pattern}|\b(?:is|are|now) free\b|\bfree of charge\b|\bno (?:charge|fee)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b\d{1,2}(?:[.:]\d\d)?(?: ?[ap]\.?m\b| ?o[’']clock)|\b\d{1,2}[.:]\d\d\b|"
        r"\b(?:noon|midnight)\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})s?\b", re.IGNORECASE),
)
"""A price, which may be none, a time of day, a day of the week."""


def forms_of(text: str) -> frozenset[int]:
    """Which of a price, a time of day and a day of the week a text gives."""
    return frozenset(at for at, form in enumerate(_FORMS) if form.search(text))


def _spoken_of(quote: Quote) -> set[str]:
    return {*terms(quote.text), *terms(quote.passage.context)}


def with_newer_price(
    chosen: Sequence[Quote],
    quotes: Sequence[Quote],
    post_of: Callable[[str], Post],
    question: str,
) -> list[Quote]:
    """The quotes that were chosen, and first the price of a newer post, though it is less sure.

    A row of this year's table may be longer and so less sure than a line of two years ago. It
    must be the only price in its post that is of all that the question and the first quote name,
    or the only one of what the first quote names in the same words; of several such posts the
    newest counts.

    Args:
        chosen: what is to be quoted.
        quotes: all, in the order of how surely they answer.
        post_of: the id of a post to the post.
        question: what was searched for.
    """
    if not chosen or PRICE.search(chosen[0].text) is None or asks_how_it_was(question):
        return [*chosen]
    best = chosen[0]
    named = set(terms(question)) & set(terms(best.text))
    prices: dict[str, list[Quote]] = {}
    for quote in quotes:
        if PRICE.search(quote.text) and named and named <= set(terms(quote.text)):
            prices.setdefault(quote.passage.post_id, []).append(quote)
    own = post_of(best.passage.post_id)
    posts = [post for post in map(post_of, prices) if post.is_newer_than(own)]
    newest = sorted(posts, key=lambda post: post.published or "", reverse=True)
    for post_id in (post.id for post in newest):
        found, alike = prices[post_id], _PRICE_ALIKE
        if rows := _rows_like(best, found):
            found, alike = rows, _ROW_ALIKE
        if len(found) == 1 and found[0].score >= alike * best.score:
            first = found[0]
            others = [
                row for one in chosen[1:] for row in _rows_like(one, prices[post_id]) or [one]
            ]
            others = [one for one in (*others, best) if not same_place(one, first)]
            return [first, *others][:MOST_QUOTES]
    return [*chosen]


def _rows_like(quote: Quote, rows: Sequence[Quote]) -> list[Quote]:
    """The one row that is of the same as a row; none where that is no row, or there are several."""
    label = set(terms(label_of(quote.text)))
    found = [row for row in rows if label and label == set(terms(label_of(row.text)))]
    return found if len(found) == 1 else []
