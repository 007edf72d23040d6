"""What newer posts say has changed: an office taken over, a day swapped, a thing stopped.

The post that says how it was asks for the reader's trust with the question's own words; the one
that says it is over often names no more than what it was: "We have dropped Fridays."
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from askscwru.answering.accounting import FRAME, terms
from askscwru.answering.answer import MOST_QUOTES
from askscwru.answering.fitness import asks_how_it_was
from askscwru.answering.newer import forms_of
from askscwru.answering.notes import quote_beside, stands_in
from askscwru.days import MONTH, MONTHS, WEEKDAYS
from askscwru.index.lexical import analyse
from askscwru.types import BlockKind, Passage, Post, Quote, Span

_CHANGED = re.compile(
    r"\b(?:no longer|any ?more|instead(?: of)?|until further notice|in place of|"
    r"tak(?:es?|en|ing) (?:over|(?:his|her|their|its|the) place)|took (?:over|(?:his|her|their) "
    r"place)|replac(?:es?|ed|ing)|succeed(?:s|ed)|"
    r"st(?:oo|an)ds? (?:down|aside)|step(?:s|ped|ping)? (?:down|back|aside)|retir(?:es?|ed|ing)|"
    r"resign(?:s|ed)?|hung up|giv(?:en?|ing) up|ha(?:s|ve) left|"
    r"(?:stopped|dropped|scrapped|swapped|cancelled|abolished|discontinued|withdrawn)|"
    r"(?:ha(?:s|ve) (?:been )?|[’']ve |[’']s |(?:is|are|was|were) (?:now )?)"
    r"(?:moved|ended|closed|sold|changed|cut)|"
    r"(?:will not|won[’']t|cannot|can[’']t) (?:run|meet|open|happen|take place|be (?:held|there))|"
    r"(?:mov|switch|chang)(?:es?|ed|ing) (?:back )?(?:to|from)|"
    r"(?:go(?:es|ing|ne)?|went) (?:up|down)|(?:go(?:es|ing)?|went) to the|"
    r"(?:rais|increas|reduc|lower|extend|shorten|cut)(?:e?d|es)? (?:from|to|by)|is cut|"
    r"(?:is|are|will) now|now (?:meets?|runs?|costs?|opens?|closes?)|used to|"
    rf"from (?:next \w+|{MONTH})\b[^.!?]{{0,80}}?\b(?:will|is|are|meets?|runs?|opens?|"
    r"moves?|costs?)|"
    r"(?:re-?start|re-?open|resum|relaunch)(?:e?[sd]|ing)?|(?:is|are) (?:back|open again)|"
    r"new (?:number|address|day|time|home|place|venue|price|rate|fee|rent|hours|chair|manager))\b|"
    r"\bwhat was\b.{1,30}\b(?:is|will be)\b",
    re.IGNORECASE,
)
"""How a text says that something is otherwise than it was."""
_NAME = re.compile(r"\b[A-Z][a-z’'-]{2,}")
_SHORT_WORDS, _MOST_WORDS = 25, 45
_DAYS = frozenset(analyse(" ".join(WEEKDAYS)))
_CALENDAR = _DAYS | frozenset(analyse(" ".join(MONTHS)))
_UNKNOWN = "\0"
"""A term that no post has."""
_OF_UNKNOWN = 1.5
"""How much such a term of a question counts at the most."""
_SEARCHED = 20
"""Of so many passages the posts are looked through."""
_POSTS = 8
"""So many newer posts at the most, those with most of the words."""
_LOOKED_FOR = 200
"""So many characters of the quote are looked for with the question."""
_SHARE = 0.45
"""Of what the question names, what a change of it names at the least, by how much each tells."""
_SHARE_OVER = 0.6
"""The same, where a number is asked for and the change says that a thing is no more."""
_SURE = 0.8
"""The most that an answer is sure beside a newer post that says what has changed."""
_TEXT = frozenset({BlockKind.BODY, BlockKind.LIST})


def with_changes(
    question: str,
    chosen: Sequence[Quote],
    post_of: Callable[[str], Post],
    passages_of: Callable[[str], Sequence[Passage]],
    search: Callable[[str, int], Sequence[Passage]],
    weigh: Callable[[str], float],
    allowed: Collection[str] | None = None,
) -> list[Quote]:
    """The quotes that were chosen, and what a newer post says has changed of the first one.

    A sentence counts that says something has changed and has what the quote says (its day, its
    number, a name in it), or what the question names. It comes first where it gives the new day,
    time or price, or says what has become of the old one; and the answer is then less sure.

    Args:
        question: what was searched for.
        chosen: what is to be quoted.
        post_of: the id of a post to the post.
        passages_of: the id of a post to its passages.
        search: words and a number to so many passages that have some of them.
        weigh: a term to how much it tells, more than 0.
        allowed: the ids of the posts that may be quoted; None where all may.
    """
    if not chosen or asks_how_it_was(question):
        return [*chosen]
    best = chosen[0]
    own = post_of(best.passage.post_id)
    if own.published is None:
        return [*chosen]
    asked = {term: weigh(term) for term in terms(question) if term not in FRAME}
    unknown = weigh(_UNKNOWN)
    asked = {term: w if w < unknown else min(w, _OF_UNKNOWN) for term, w in asked.items()}
    answered = _Answered(question, asked, best, _told(best))
    words = f"{question} {best.text[:_LOOKED_FOR]}"
    ids = dict.fromkeys(passage.post_id for passage in search(words, _SEARCHED))
    posts = (post_of(post_id) for post_id in ids if allowed is None or post_id in allowed)
    newer = (post for post in posts if post.is_newer_than(own))
    found = [
        (answered.weight(quote, says), post.published or "", quote)
        for post in islice(newer, _POSTS)
        for quote, says in _changes(passages_of(post.id), best)
    ]
    weight, _, change = max(found, key=lambda one: one[:2], default=(_NOT, "", best))
    if weight == _NOT:
        return [*chosen]
    if weight < _OF_THE_ANSWER and stands_in(change, chosen):
        return [replace(one, score=min(one.score, _SURE)) for one in chosen]
    old = [replace(one, highlight=None) for one in chosen if not stands_in(one, [change])]
    both = [change, *old] if weight == _OF_THE_ANSWER else [*old[:1], change, *old[1:]]
    return [replace(one, score=min(one.score, _SURE)) for one in both[:MOST_QUOTES]]


def _told(best: Quote) -> str:
    """What a quote says in answer: what is marked in it, or all of a short one."""
    if best.highlight is not None:
        mark = best.highlight
        return best.text[max(mark.start - best.start, 0) : mark.end - best.start]
    return best.text if len(best.text.split()) <= _SHORT_WORDS else ""


def _names(text: str) -> frozenset[str]:
    found = {name: analyse(name) for name in _NAME.findall(text)}
    return frozenset(name for name, stems in found.items() if stems and not _CALENDAR & set(stems))


@dataclass(frozen=True, slots=True)
class _Answered:
    """What was asked and answered, as far as a change may be of it."""

    question: str
    asked: Mapping[str, float]
    """The content terms of the question, with how much each tells."""
    best: Quote
    told: str
    """What is marked in the quote."""

    def weight(self, change: Quote, says: str) -> int:
        """How surely a sentence says what has become of it, or of something beside it; 0: not.

        Args:
            change: the sentence, with what goes on behind it.
            says: the sentence alone.
        """
        said, asked = frozenset(terms(says)), frozenset(self.asked)
        days = asked & _DAYS
        if days and not days & said:
            return _NOT
        of_whom = _OF_NAMES.match(self.question) is not None
        values = _values(self.told) & _values(says)
        values = frozenset() if of_whom else values - (_values(self.question) - _DAYS)
        names = _names(self.told) & _names(says)
        names = frozenset(name for name in names if not asked.intersection(terms(name)))
        if _OF_NUMBERS.match(self.question):
            names = frozenset()
        also = {t for t in said & {*terms(self.best.text)} - _CALENDAR if not t.isdigit()}
        if (values and (asked & said or also)) or (names and (asked & said or also - names)):
            return _OF_THE_ANSWER
        shared = sum(self.asked[term] for term in asked & said)
        forms = forms_of(self.best.text) & forms_of(change.text)
        if not (asked & said) - _DAYS:
            return _NOT
        begins = frozenset(terms(_CLAUSE.split(says, maxsplit=1)[0]))
        of_no_more = bool(begins) and begins - _OF_A_PRICE <= {*asked, *terms(self.best.text)}
        if forms_of(says) & forms and of_no_more:  # "Fitting is now free."
            return _OF_THE_ANSWER
        if shared < _SHARE * sum(self.asked.values()):
            return _NOT
        if of_whom:
            anew = _names_anew(change.text, {*asked, *terms(self.best.text)})
            return _BESIDE if anew else _NOT
        if _OF_NUMBERS.match(self.question) and not (values or forms):
            enough = shared >= _SHARE_OVER * sum(self.asked.values())
            return _BESIDE if _OVER.search(says) and enough else _NOT
        undone = _AGAIN.search(says) is not None and _IS_NOT.search(self.best.text) is not None
        return _OF_THE_ANSWER if forms or undone else _BESIDE


_OVER = re.compile(
    r"\b(?:no longer|any ?more|stopped|dropped|scrapped|cancelled|abolished|discontinued|withdrawn|"
    r"closed|ended|will not|cannot|until further notice)\b|n[’']t\b",
    re.IGNORECASE,
)
"""How a text says that a thing is no more."""
_AGAIN = re.compile(
    r"\b(?:re-?start|re-?open|resum|relaunch)(?:e?[sd]|ing)?\b|\b(?:is|are) (?:back|open again)\b",
    re.IGNORECASE,
)
_IS_NOT = re.compile(
    r"\b(?:not|no|closed|shut|stopped|suspended|cancelled|paused|until further notice)\b|n[’']t\b",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?<![\w.,])\d[\d.,]*\d|(?<![\w.,])\d\b|\b(?:two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|"
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}(?:,? \d{{4}})?|{MONTH} \d{{1,2}}\b|"
    r"\b(?:1[5-9]|20)\d\d\b",
    re.IGNORECASE,
)


def _values(text: str) -> frozenset[str]:
    """The numbers of a text that are no dates, and the days of the week."""
    numbers = (found.lower() for found in _VALUE.findall(_DATE.sub(" ", text)))
    return frozenset(terms(" ".join(numbers))) | (_DAYS & frozenset(analyse(text)))


def _names_anew(text: str, known: Collection[str]) -> bool:
    """Whether a text names somebody or some place that is not known yet."""
    inside = _INITIAL.sub(" ", text)
    return any(not set(terms(name)) & set(known) for name in _names(inside))


_CLAUSE = re.compile(r"[,;:–—(]|\b(?:but|and|so|though|although)\b")
_OF_A_PRICE = frozenset(terms("free charge cost costs price fee now"))
_INITIAL = re.compile(r"(?:\A|[.!?:]\s)\W*\w+")
_NOT, _BESIDE, _OF_THE_ANSWER = 0, 1, 2
_OF_NAMES = re.compile(r"\W*(?:(?:and|so|but) )?(?:who|where)\b", re.IGNORECASE)
_OF_NUMBERS = re.compile(
    r"\W*(?:(?:and|so|but) )?(?:when|how (?:much|many|long|often|old)|"
    r"(?:what|which) (?:days?|time))\b",
    re.IGNORECASE,
)


def _changes(passages: Sequence[Passage], best: Quote) -> Iterator[tuple[Quote, str]]:
    """The sentences of a post that say that something has changed, each with what goes on there."""
    for passage in passages:
        for at, sentence in enumerate(passage.sentences):
            text = passage.slice(sentence.start, sentence.end)
            if sentence.kind not in _TEXT or not _CHANGED.search(text):
                continue
            end = sentence.end
            if at + 1 < len(passage.sentences):
                following = passage.sentences[at + 1]
                whole = passage.slice(sentence.start, following.end)
                if "\n" not in whole and len(whole.split()) <= _MOST_WORDS:
                    end = following.end
            yield quote_beside(passage, Span(sentence.start, end), best), text
