"""Two questions in one: taken apart, answered one after the other, put together again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from askscwru.conversation.follow_up import Change, Exchange, Reading, resolve
from askscwru.index.lexical import analyse
from askscwru.types import Answer, AnswerPart, Citation, Kind

MOST = 4
"""Questions that are answered of one turn; what is more stays with the last."""
_OF_PERSONS = ("who", "whom", "whose")
_SENTENCES = re.compile(r"(?<=\?)[\s\"”’)]+(?=\S)")
_JOINTS = re.compile(r"(?:\s*[,;]\s*|\s+)and\s+(?:also\s+)?(?=\S)", re.IGNORECASE)


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a turn in their order; the turn itself where it asks one thing.

    Args:
        text: the turn with single spaces.
    """
    found = [part for part in _SENTENCES.split(text) if any(c.isalnum() for c in part)]
    if len(found) > 1 and not all(_asks(part) for part in found):
        found = [text]  # "Remember the bees? I mean those."
    parts = [half for part in found for half in _halves(part)]
    if not 1 < len(parts) <= MOST:
        return (text,)
    return tuple(parts)


def resolve_with(
    asked: Sequence[str], question: str, before: Sequence[Exchange]
) -> tuple[Reading, ...]:
    """What a question may stand for that was asked in one turn with others.

    Who asked had not seen what the others are answered with, so "it" is first of all what they
    name; but "who runs it and where does she live?" speaks of the answer.

    Args:
        asked: the questions of the turn that were answered already.
        question: the next one.
        before: the exchanges before it; those of the turn are the last.
    """
    from askscwru.conversation.follow_up.phrases import parse

    if asked and not any(parse(one).wh in _OF_PERSONS for one in asked):
        unseen = [_unseen(one) for one in before[-len(asked) :]]
        readings = resolve(question, (*before[: -len(asked)], *unseen))
        named = " ".join(one.searched_for for one in unseen)
        if readings[0].change is Change.PRONOUN and set(readings[0].added) <= set(analyse(named)):
            return readings
    return resolve(question, before)


def _unseen(exchange: Exchange) -> Exchange:
    """An exchange of whose answer no more is known than whose posts it is from."""
    bare = (replace(one, title=None, quote="", highlight="") for one in exchange.shown)
    return replace(exchange, shown=tuple(bare))


def _asks(text: str) -> bool:
    """Whether a text is a question by its form."""
    # The tagger need not be loaded for a turn that has one question mark and no "and".
    from askscwru.conversation.follow_up.phrases import parse

    parsed = parse(text)
    asks = parsed.asks[0] < parsed.asks[1]
    return asks or (parsed.auxiliary is not None and parsed.subject[0] < parsed.subject[1])


def _halves(text: str) -> list[str]:
    """A question, or two that are joined by "and": "who runs it and when did it open?"."""
    for joint in _JOINTS.finditer(text):
        first, second = text[: joint.start()].strip(), text[joint.end() :].strip()
        if _is_whole(first) and (_is_question(second) or _goes_on(first, second)):
            return [f"{first.rstrip('?.!,; ')}?", *_halves(_capital(second))]
    return [text]


def _is_whole(text: str) -> bool:
    """Whether a text is a question that lacks nothing: with a verb, and what it is asked of."""
    from askscwru.conversation.follow_up.phrases import parse
    from askscwru.conversation.follow_up.words import Role

    parsed = parse(text)
    asks = parsed.asks[0] < parsed.asks[1]
    last = parsed.words[parsed.end - 1] if parsed.end else None
    if last is None or last.role in (Role.CONJUNCTION, Role.DETERMINER, Role.WH):
        return False
    if parsed.auxiliary is not None:
        return parsed.subject[0] < parsed.subject[1] or (asks and parsed.verb is not None)
    return asks and parsed.verb is not None


def _is_question(text: str) -> bool:
    """Whether a text is a question by the order of its words, and no clause inside another one."""
    from askscwru.conversation.follow_up.phrases import parse
    from askscwru.conversation.follow_up.words import Role

    parsed = parse(text)
    first, end = parsed.asks
    if first == end:
        begins = parsed.auxiliary == first
        return begins and parsed.subject[0] < parsed.subject[1]
    if end >= parsed.end:
        return parsed.wh in ("when", "where", "why", "how") and end - first <= 2
    if parsed.auxiliary is None:
        return False  # "… and who runs it": a clause as well as a question
    subject = parsed.subject[0] < parsed.subject[1]
    return subject or parsed.words[first].role is Role.WH


def _goes_on(first: str, second: str) -> bool:
    """Whether "and who stores it" asks on, and is no clause of what was asked first."""
    from askscwru.conversation.follow_up.phrases import parse
    from askscwru.conversation.follow_up.words import Role

    parsed, after = parse(first), parse(second)
    inside = any(w.role is Role.WH for w in parsed.words[parsed.asks[1] :])
    return not inside and parsed.wh != "" and after.wh == "who" and after.verb is not None


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def together(question: str, answers: Sequence[Answer]) -> Answer:
    """One answer of several, in the order of their questions, each with its own confidence.

    Args:
        question: the turn as it was typed.
        answers: to its questions, in their order; at least one.
    """
    citations: list[Citation] = []
    parts: list[AnswerPart] = []
    for answer in answers:
        first = len(citations)
        own = tuple(replace(c, index=first + at) for at, c in enumerate(answer.citations, start=1))
        citations += own
        text = _renumbered(answer.text, first) if own else answer.text
        parts.append(
            AnswerPart(
                question=answer.question,
                searched_for=answer.searched_for,
                answered=answer.answered,
                confidence=answer.confidence,
                text=text,
                citations=tuple(citation.index for citation in own),
            )
        )
    sure = [answer.confidence for answer in answers if answer.answered]
    # Every front shows the advice: the half that is not answered must not go without a word.
    unsaid = [
        f"“{part.searched_for}” is not answered: the posts do not say."
        for part in parts
        if sure and not part.answered
    ]
    hits = {hit.passage.id: hit for answer in answers for hit in answer.hits}
    return replace(
        answers[0],
        question=question,
        searched_for=" ".join(answer.searched_for for answer in answers),
        answered=bool(sure),
        kind=Kind.ANSWER if sure else Kind.ABSTENTION,
        short=None,
        total=None,
        posts=(),
        nearest=(),
        advice=(*unsaid, *dict.fromkeys(one for answer in answers for one in answer.advice)),
        confidence=min(sure) if sure else max(answer.confidence for answer in answers),
        text="\n\n".join(f"{part.searched_for}\n{part.text}" for part in parts),
        citations=tuple(citations),
        hits=tuple(replace(hit, rank=at) for at, hit in enumerate(hits.values(), start=1)),
        titles={key: title for answer in answers for key, title in answer.titles.items()},
        corrections=tuple(dict.fromkeys(one for answer in answers for one in answer.corrections)),
        alternatives=(),
        withheld=(),
        parts=tuple(parts),
    )


def _renumbered(text: str, by: int) -> str:
    """The text with the numbers of its citations moved on."""
    return re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + by}]", text) if by else text
