"""A question and the turns before it -> the questions that it may stand for.

The rules are tried from the most telling sign to the least: a return to an earlier subject, a
question about the post that was shown, "what about …", a question that is cut short, a pronoun, and
last a question that has too little in it to stand by itself. A question with none of these signs is
left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from askscwru.conversation.follow_up.anaphora import WEATHER, anaphors
from askscwru.conversation.follow_up.another import what_about
from askscwru.conversation.follow_up.context import Context, defines
from askscwru.conversation.follow_up.left_out import any_point, listed, one_point
from askscwru.conversation.follow_up.phrases import Parsed, parse
from askscwru.conversation.follow_up.pronouns import pronouns
from askscwru.conversation.follow_up.readings import (
    Change,
    Reading,
    content,
    ranked,
    sentence,
    with_added,
)
from askscwru.conversation.follow_up.remarks import (
    chosen,
    corrected,
    is_remark,
    others,
    own_question,
    wished,
)
from askscwru.conversation.follow_up.restated import CONTRACTED, written_out
from askscwru.conversation.follow_up.returns import returns
from askscwru.conversation.follow_up.short import cut_short
from askscwru.conversation.follow_up.shown import about_the_post
from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.turns import Exchange
from askscwru.conversation.follow_up.words import (
    BE,
    LEAD,
    Role,
    is_adjective,
    without_pleasantry,
    words_of,
)
from askscwru.index.lexical import analyse

_NAMES_A_POST = re.compile(r"(?:^|\s)[“‘\"'«][^“”\"«»]{8,}[”’\"'»](?=[\s?.,!]|$)")

_SO = re.compile(
    r"\b(?P<verb>says?|said|thinks?|thought|believes?|argues?)\s+so(?=[\s?.!]*$)", re.IGNORECASE
)


_THERE = re.compile(r"^(?:is|are|was|were) there\b", re.IGNORECASE)
_WHO_IS = re.compile(r"^(?:who(?:[’']?s| is| was)) (?!the\b|a\b|an\b)", re.IGNORECASE)
_FEW = 2
"""Content terms: a question with no more of them that something is there leaves out where."""

Rule = Callable[[str, Context], Iterator[Reading]]


def readings_of(question: str, exchanges: Sequence[Exchange]) -> tuple[Reading, ...]:
    """What a question may mean after these turns: one to three readings, the likeliest first.

    Args:
        question: as the user wrote it, with single spaces.
        exchanges: the turns before it, the newest last; at least one.
    """
    question = without_pleasantry(question)
    alone = Reading(question, Change.NONE, 1.0)
    if is_remark(question):
        return (Reading(question, Change.REMARK, 1.0),)
    exchanges = [one for one in exchanges if not is_remark(one.question)]
    if not exchanges:
        return (alone,)
    if _NAMES_A_POST.search(question):
        return (alone,)
    context = Context.of(exchanges)
    for early in (chosen, wished, others, corrected):
        found = ranked(question, early(question, context))
        if found:
            return found
    question = own_question(question)
    alone = Reading(question, Change.NONE, 1.0)
    asked = CONTRACTED.sub(r"\1\2 is", LEAD.sub("", question).strip(" ?.!"))
    asked = f"{asked}{question[len(question.rstrip(' ?.!')) :]}" if asked else question
    asked = _SO.sub(r"\g<verb> that", _its_written_out(asked))
    if item := listed(asked, context):
        asked, question = item, listed(question, context) or item
        alone = Reading(sentence(item), Change.REFERENCE, 1.0)
        rules: tuple[Rule, ...] = (what_about, cut_short)
    else:
        rules = (returns, one_point, about_the_post, any_point, what_about, cut_short, pronouns)
    led = asked != question and LEAD.match(question) is not None
    written = written_out(question)
    for rule in rules:
        found = ranked(question, rule(written if rule is what_about else asked, context))
        if found:
            turns = rule is what_about or (rule is cut_short and not _asks(asked))
            return _turning(found, asked, context) if turns else _granting(found, asked, context)
    if item:
        return (alone,)
    found = ranked(question, _too_little(asked, question, context, led=led)) or (alone,)
    bare = _nouns_of_bare(question)
    return tuple(replace(one, bare=bare) if one.change is Change.NONE else one for one in found)


_HOW_MUCH = frozenset(analyse("many much long big large old far often soon quick fast high"))


def _asks_of_a_name(parsed: Parsed) -> bool:
    """Whether it is asked who somebody is whose name is written small: "who is pauline?"."""
    told = parsed.words[2 : parsed.end]
    if parsed.wh != "who" or not told or parsed.words[1].low not in BE:
        return False
    return not any(tagger().is_ordinary(word.low) for word in told)


_INTRODUCES = re.compile(
    r"\W*(?:what|who)(?: (?:is|are|was|were)|[’']?s) "
    r"(?!(?:the|this|that|these|those|his|her|its|their|your|my|our|it|he|she|they)\b)",
    re.IGNORECASE,
)


def _nouns_of_bare(question: str) -> tuple[str, ...] | None:
    """The nouns of a question that says too little to turn to something else; None of another.

    What is named, or defined ("what is a blue badge?"), was not spoken of before.
    """
    parsed = parse(question)
    if any(
        word.capital and at and word.role is Role.NOMINAL for at, word in enumerate(parsed.words)
    ):
        return None
    own = [term for term in content(question) if term not in _HOW_MUCH]
    if len(own) > _FEW or _INTRODUCES.match(question):
        return None
    nouns = (w.low for w in parsed.words if w.role is Role.NOMINAL and w.tag in ("NN", "NNS"))
    return tuple(term for term in content(" ".join(nouns)) if term in own)


def _its_written_out(asked: str) -> str:
    """The question with "it is icy" for "its icy": nothing is owned where no noun follows."""
    found = _ITS.search(asked)
    if found is None:
        return asked
    words = words_of(asked[found.end() :])
    noun = any(
        w.role is Role.NOMINAL and not is_adjective(w) and w.low not in WEATHER for w in words[:3]
    )
    first = words[0] if words else None
    told = first is not None and (
        is_adjective(first)
        or first.low in WEATHER
        or (first.tag in ("VBG", "VBN", "RB", "DT", "IN") and not noun)
    )
    if not told or noun:
        return asked
    return f"{asked[: found.start()]}it is{asked[found.end() :]}"


_ITS = re.compile(r"\bits(?= )", re.IGNORECASE)


def _granting(readings: tuple[Reading, ...], asked: str, context: Context) -> tuple[Reading, ...]:
    """The readings, knowing that "why is that?" takes for granted what was asked before it.

    That is no surer than its answer was, and not sure at all where the posts did not say it.
    """
    if content(asked) or parse(readings[0].question).wh != "why":
        return readings
    return tuple(replace(one, most=context.last.confidence) for one in readings)


def _asks(asked: str) -> bool:
    """Whether a question has a question word or a verb: "how much?", and not "in Leeds?"."""
    parsed = parse(asked)
    return bool(parsed.wh) or parsed.verb is not None


def _turning(readings: tuple[Reading, ...], asked: str, context: Context) -> tuple[Reading, ...]:
    """The readings, knowing what a question turns to: "and in Leeds?", "what about Leeds?"."""
    turns_to = tuple(content(asked))
    return tuple(replace(one, turns_to=turns_to, seen=context.shown) for one in readings)


# -- too little to stand by itself -----------------------------------------------------------------


def _too_little(asked: str, question: str, context: Context, *, led: bool) -> Iterator[Reading]:
    parsed = parse(asked)
    topic = context.topic
    if not topic or _stands_alone(parsed, led=led):
        return
    own = content(asked)
    if set(analyse(topic)) <= set(analyse(asked)):
        return
    definite = any(a.definite for a in anaphors(parsed))
    needy = led or len(own) <= 2 or (definite and not _is_complete(parsed))
    text = with_added(asked, topic)
    if needy:
        yield Reading(text, Change.TOPIC, 1.0)
        if not context.last.shown and (before := _answered_before(context)):
            yield Reading(with_added(asked, before), Change.TOPIC, 0.95)
        yield Reading(question, Change.NONE, 0.8)
    else:
        yield Reading(question, Change.NONE, 1.0)
        yield Reading(text, Change.TOPIC, 0.9 if definite else 0.7)


_ANYBODY = frozenset("i you we one anyone anybody someone somebody everyone people".split())


def _answered_before(context: Context) -> str:
    """What the last turn was about that was answered."""
    before = context.exchanges
    while before and not before[-1].shown:
        before = before[:-1]
    return Context.of(before).topic if before else ""


def _is_complete(parsed: Parsed) -> bool:
    """Whether a question says who does what: "can the public copy the scripts?"."""
    subject = content(parsed.slice(*parsed.subject))
    return bool(subject) and parsed.auxiliary is not None and parsed.verb is not None


def _stands_alone(parsed: Parsed, *, led: bool) -> bool:
    """Whether a question names what it is about: then nothing is added to it."""
    words = parsed.words
    if any(w.capital and at and w.role is Role.NOMINAL for at, w in enumerate(words)):
        return True
    if re.search(r"[“‘\"«].{4,}[”’\"»]", parsed.text):
        return True
    if defines(parsed):
        return True  # "and what are containers?"
    if _asks_of_a_name(parsed):
        return True
    own = content(parsed.text)
    if _WHO_IS.match(parsed.text) and len(own) <= 1:
        return False  # "who's speaking?", "who is in charge?"
    if _THERE.match(parsed.text) and len(own) <= _FEW:
        return False  # "are there prizes?"
    if parsed.slice(*parsed.subject).lower() in _ANYBODY and len(own) <= _FEW and not led:
        rest = parsed.words[parsed.subject[1] :]
        if not any(w.role is Role.NOMINAL and content(w.text) for w in rest):
            return False  # "do you need to book?"
    bare = [a for a in anaphors(parsed) if a.definite and a.last - a.first == 2]
    definite = bool(bare)
    if len(own) >= 4 or (len(own) >= 3 and not definite and "else" not in parsed.text):
        return True
    if not own or led or "else" in parsed.text.lower():
        return False  # "so what is the key link?" goes on from what was said
    asked = set(range(*parsed.asks))
    for anaphor in bare:
        asked |= set(range(anaphor.first, anaphor.last))
    return any(
        at not in asked and w.role is Role.NOMINAL and not is_adjective(w) and content(w.text)
        for at, w in enumerate(words)
    )
