"""What a post's own updates say of a quote: a price that was changed below, a day that was moved.

"The plant sale is on Saturday 18 May." is not whole without "Edited 9 May: the plant sale has been
put off to Saturday 25 May.", however far below it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from askscwru.answering.accounting import ADDED, FRAME, dated, terms
from askscwru.answering.extent import list_start
from askscwru.answering.newer import PRICE
from askscwru.answering.notes import quote_beside, stands_in
from askscwru.answering.topics import topic_of
from askscwru.days import MONTH, WEEKDAYS
from askscwru.types import BlockKind, Passage, Quote, Sentence, Span

_MOST_UPDATES = 2
"""How many updates an answer takes in."""
_UPDATE_WORDS = 80
"""Of a longer update the first sentences are quoted."""
_SHARE = 0.3
"""Of what the question names, the least that an update of it names."""
_COMMON = 2
"""So many things that a quote names stand in an update of it."""
_DAY = (
    rf"(?:[^.:;!?()\n]{{0,12}}\b(?:\d{{1,2}}(?:st|nd|rd|th)?\b|{MONTH}|(?:19|20)\d\d\b)"
    rf"[^.:;!?()\n]{{0,20}})"
)
_BEGINS = re.compile(
    rf"[\W_]*(?:(?:updated?s?|edit(?:ed)?|correct(?:ion|ed)|added|amend(?:ed|ment)|erratum|revised|"
    rf"clarification|later|stop press|new)\b(?:\s*\(?{_DAY}\)?\s*[:.)\]–—-]|\s*[:–—])|"
    rf"(?:p\.? ?(?:p\.? ?)*s\.?|postscript|n\.? ?b\.?)(?=[\W_]|$)(?:[,(\s]*{_DAY}[)\s]*)?"
    rf"[:.,)–—-]*|"
    rf"(?:update|correction)\b[,\s]*{_DAY}(?=\s[A-Z])|"
    rf"(?:note|change)\s*\({_DAY}\)\s*[:.–—-]|"
    r"(?:please )?note\s*[:.–—-]\W*(?=[^.!?\n]{0,90}\b(?:put (?:off|back)|postponed|moved|"
    r"cancell?ed|changed|extended|brought forward|closed|no longer|(?:is|are) now|instead)\b)|"
    rf"since (?:this|the|our|we)\b[^.!?,]{{0,20}}\b(?:interview|post|article|text|report|written|"
    rf"wrote|published|printed|recorded|talk)\b)",
    re.IGNORECASE,
)
"""How an update begins: "Edited 9 May:", "P.S. (12 September)", "Update, 3 June 2024:"."""
_LISTS = re.compile(
    r"[\W_]*(?:updates?|changes?|corrections?|amendments?)\b(?: \w+){0,4}:?[\W_]*\Z", re.IGNORECASE
)
"""What leads into a list of updates: "Changes since:"."""
_COMMON_SENTENCES, _COMMON_WEIGHT = 4, 0.4
_FIGURE = re.compile(r"(?<![\w.,])\d[\d.,]*\d\b|(?<![\w.,])\d\b")
_WHEN = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH}|{MONTH}\s+\d{{1,2}}\b|\b(?:1[5-9]|20)\d\d\b|"
    r"\b\d{1,2}(?:[.:]\d\d)?\s?[ap]\.?m\b",
    re.IGNORECASE,
)
_EVERY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})s\b", re.IGNORECASE)
_SPANS = frozenset(terms("day week month year time hour date term today"))
_UNDER = re.compile(
    r" – (?:[^–]{0,30}\b)?(?:updates?|changes?|corrections?|amendments?)\b[^–]{0,40}\Z",
    re.IGNORECASE,
)
"""A heading under which updates stand: "Changes to this page"."""
_DAY_FIRST = re.compile(
    rf"[\W_]*(?:{MONTH}\s+\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH}|\d{{1,2}}[./]\d{{1,2}})[^:.–—]{{0,12}}[:.–—]",
    re.IGNORECASE,
)
"""How an update begins under such a heading: "9 April:"."""
_TEXT = frozenset({BlockKind.BODY, BlockKind.LIST})


def with_updates(
    question: str,
    quotes: Sequence[Quote],
    passages_of: Callable[[str], Sequence[Passage]],
) -> list[Quote]:
    """The quotes, each followed by the updates of its post that speak of it.

    The words that answer are no longer marked in what an update is to.

    Args:
        question: what was searched for.
        quotes: those of an answer, in their order.
        passages_of: the id of a post to its passages.
    """
    told: list[Quote] = []
    left = _MOST_UPDATES
    updates_of = cache(lambda post_id: tuple(_updates(passages_of(post_id))))
    common_of = cache(lambda post_id: _common(passages_of(post_id)))
    for quote in quotes:
        updates = [
            quote_beside(passage, span, quote)
            for passage, span in updates_of(quote.passage.post_id)
            if passage.source == quote.passage.source
        ]
        of_it: list[Quote] = []
        others = [
            one for one in updates if not stands_in(quote, [one]) and not stands_in(one, [quote])
        ]
        if others:
            common = common_of(quote.passage.post_id)
            of_it = [update for update in others if _speaks_of(update, question, quote, common)]
        if len(others) < len(updates):
            of_it = [one for one in of_it if one.start > quote.start]  # what came after it
        found = [update for update in of_it if not stands_in(update, [*quotes, *told])][:left]
        left -= len(found)
        told += [replace(quote, highlight=None) if of_it else quote, *found]
    return told


def _speaks_of(update: Quote, question: str, quote: Quote, common: frozenset[str]) -> bool:
    """Whether an update is of what was asked, or of what the quote says.

    Args:
        update: the update.
        question: what was searched for.
        quote: what answers.
        common: what all of the post is about, so that it tells little.
    """
    if topic_of(question):  # all of the post is asked about
        return True
    told = _named(update.text)
    asked, said = _named(question), _named(quote.text)
    weight = {term: _COMMON_WEIGHT if term in common else 1.0 for term in asked}
    if asked and sum(weight[t] for t in asked & told) >= _SHARE * sum(weight.values()):
        return True
    if not _figures(update.text).isdisjoint(_figures(quote.text)):
        return True
    if set(terms(" ".join(_EVERY.findall(update.text)))) & set(dated(quote.text)):
        return True
    if said & told and PRICE.search(update.text) and PRICE.search(quote.text):
        return True
    days = {day for day in dated(update.text) & dated(quote.text) if not day.isdigit()}
    if days and (asked | said | _named(quote.passage.context)) & told:
        return True
    between = update.passage.slice(quote.end, update.start) if quote.end <= update.start else None
    follows = (
        between is not None
        and update.passage.start <= quote.end
        and between.strip().count("\n\n") == 0
        and len(between.split()) <= _UPDATE_WORDS
    )
    return len(said & told) >= (1 if follows else _COMMON)


def _common(passages: Sequence[Passage]) -> frozenset[str]:
    """The terms that many sentences of a post have."""
    told = {
        (passage.source, s.start): frozenset(terms(passage.slice(s.start, s.end)))
        for passage in passages
        for s in passage.sentences
    }
    counts = Counter(term for found in told.values() for term in found)
    return frozenset(term for term, count in counts.items() if count >= _COMMON_SENTENCES)


def _figures(text: str) -> frozenset[str]:
    """The figures of a text that are no days and no years."""
    return frozenset(_FIGURE.findall(_WHEN.sub(" ", text)))


def _named(text: str) -> frozenset[str]:
    """What a text names, without numbers and days, which an update changes."""
    return frozenset(terms(ADDED.sub("", text))) - FRAME - dated(text) - _SPANS


def _updates(passages: Sequence[Passage]) -> Iterator[tuple[Passage, Span]]:
    """The updates of a post, each once, in its order."""
    seen: set[tuple[str, int]] = set()
    for passage in passages:
        at = 0
        while at < len(passage.sentences):
            last = _last_of(passage, at)
            if last is None:
                at += 1
                continue
            key = (passage.source, passage.sentences[at].start)
            if key not in seen:
                seen.add(key)
                start = passage.sentences[at].start
                yield passage, Span(start, _end(passage, at, last))
            at = last + 1


def _last_of(passage: Passage, at: int) -> int | None:
    """The last sentence of the update that a sentence begins; None where it begins none."""
    sentence = passage.sentences[at]
    if sentence.kind not in _TEXT:
        return None
    text = passage.slice(sentence.start, sentence.end)
    listed = sentence.kind is BlockKind.LIST and _is_listed(passage, at)
    if not listed and _UNDER.search(passage.context) and _DAY_FIRST.match(text):
        listed = True
    begins = _BEGINS.match(text) is not None and not (
        _LISTS.match(text) and at + 1 < len(passage.sentences)
    )
    if not listed and not begins:
        return None
    last = at
    while last + 1 < len(passage.sentences) and _goes_on(passage, last):
        following = passage.sentences[last + 1]
        told = passage.slice(following.start, following.end)
        if _BEGINS.match(told) or (listed and _DAY_FIRST.match(told)):
            break
        last += 1
    return last


def _goes_on(passage: Passage, at: int) -> bool:
    """Whether the next sentence stands in the same paragraph."""
    between = passage.slice(passage.sentences[at].end, passage.sentences[at + 1].start)
    return "\n" not in between


def _is_listed(passage: Passage, at: int) -> bool:
    """Whether the list in which a sentence stands is one of updates, and it begins a point."""
    if at and _goes_on(passage, at - 1):
        return False
    first = list_start(passage, at)
    if not first:
        return _LISTS.search(passage.context.rsplit(" – ", 1)[-1]) is not None
    lead = passage.sentences[first - 1]
    return _LISTS.match(passage.slice(lead.start, lead.end)) is not None


def _end(passage: Passage, first: int, last: int) -> int:
    """Where an update is quoted to: whole sentences of it, few words."""
    begins: Sentence = passage.sentences[first]
    ends = [s.end for s in passage.sentences[first : last + 1]]
    short = [end for end in ends if len(passage.slice(begins.start, end).split()) <= _UPDATE_WORDS]
    return short[-1] if short else ends[0]
