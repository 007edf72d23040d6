"""Questions that are cut short: "why?", "when was that?", "who else?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from askscwru.conversation.follow_up.anaphora import COLLECTIVE, resolve_all
from askscwru.conversation.follow_up.another import about_another, bare_addition
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.left_out import (
    asked_for,
    having,
    marked,
    object_put,
    of_the_answered,
    verbless,
    which_one,
    with_object,
)
from askscwru.conversation.follow_up.phrases import (
    Parsed,
    Phrase,
    PhraseKind,
    anything,
    head_of,
    make_phrase,
    parse,
    there_is,
    without_any,
)
from askscwru.conversation.follow_up.readings import (
    ANYTHING,
    Change,
    Reading,
    sentence,
    with_added,
)
from askscwru.conversation.follow_up.shown import more
from askscwru.conversation.follow_up.slots import best_slots, is_agent, put_into
from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.words import (
    BE,
    DO,
    HAVE,
    MODAL,
    NUMBERS,
    PERSON_NOUNS,
    WHOEVER,
    Role,
    is_adjective,
    is_base,
    is_past,
    words_of,
)
from askscwru.index.lexical import analyse

_TAIL = re.compile(
    r"\s+(?:(?:was|is|were|are)\s+(?:that|this|it|they|those|so)|(?:did|does|do|will)\s+"
    r"(?:that|this|it|they|those)\s+(?:happen|take place|be)|exactly|then|so|not|in particular|"
    r"precisely|specifically|is that so)$",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"^(?P<wh>who|what|where|any(?:one|body|thing|where)) else(?: (?:there|too|as well))?$",
    re.IGNORECASE,
)
_ASKS = {"anyone": "who", "anybody": "who", "anything": "what", "anywhere": "where"}
_WHY = re.compile(
    r"^(?:how come|how so|what for|for what reason|(?:what (?:is|was) )?the reason)$", re.IGNORECASE
)
_WHY_NOT = re.compile(r"^why not(?: (?P<whom>(?:\w|[’'-])+(?: \w+){0,3}))?$", re.IGNORECASE)
_WHO_BY = re.compile(r"^(?P<wh>who|which \w+) (?P<by>by|for|from|to|with|at|in)$", re.IGNORECASE)
_DO_THEY = re.compile(
    r"^(?P<asks>why|how|when|where) (?:do|does|did|have|has|had|can|could|will|would|shall|should|"
    r"must|may|might) (?:they|he|she|it|we|you)(?: (?:do|have done) (?:so|it|that))?$",
    re.IGNORECASE,
)
"""A question whose verb is that of the last one: "why do they?"."""
_DO_IT = re.compile(
    r"^(?P<asks>(?:how|where|when|why) (?:do|can|could|would|should|must|will) "
    r"(?:i|we|you|people)) "
    r"do (?:it|that|this|so)$",
    re.IGNORECASE,
)
"""As in "how do I do it?": what the last question asked of was done."""
_HOW_MANY_IN = re.compile(
    r"^how (?:many|much|long|often) (?P<rest>(?:in|on|at|for|from|since|before|after|during|by|"
    r"under|over|between|within|outside) (?!it\b|this\b|that\b)\S.*)$",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"^how (?:many|much) \w+ (?:is|are|was|were) (?:it|they)$", re.IGNORECASE)
"""How big a thing is: "how many pages is it?"."""
_NO_MEASURE = frozenset(("", "what", "who", "when", "where"))
"""Question words after which "how much for carers?" is a question of its own."""
_NO_NOUN = re.compile(r"^how many\b", re.IGNORECASE)


_SO_MANY = re.compile(r"^(?:so|that) (?:many|few|much|little)$", re.IGNORECASE)
_OF_THEM = re.compile(r"^(how many|which) of (?:them|these|those)$", re.IGNORECASE)
_WHICH_ONES = re.compile(r"^which(?: ones?)?$", re.IGNORECASE)


def cut_short(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of a question that leaves out what the last one said."""
    bare = _OF_THEM.sub(r"\1", _WHY.sub("why", asked.rstrip("?.! ").strip()))
    if match := _ELSE.match(bare):
        asks = match["wh"].lower()
        yield from _others(_ASKS.get(asks, asks), context)
        return
    if match := _WHY_NOT.match(bare):
        yield from _denied(match["whom"] or "", context)
        return
    if match := _WHO_BY.match(bare):
        bare = f"{match['by']} {'whom' if match['wh'].lower() == 'who' else match['wh']}"
    found = [*verbless(bare, context), *which_one(bare, context)]
    if found:
        yield from found
        return
    if (match := _DO_IT.match(bare)) and (done := _done(match, context.last_parsed)):
        yield Reading(done, Change.PRONOUN, 1.0)
        return
    if match := _DO_THEY.match(bare):
        bare = match["asks"]
    yield from _shortened(_TAIL.sub("", bare), bare, context)


def _shortened(short: str, bare: str, context: Context) -> Iterator[Reading]:
    """Readings of a question that names next to nothing.

    Args:
        short: without a pronoun at its end.
        bare: with it.
        context: the turns before.
    """
    if _asks_of_it(short, bare):
        return
    if _OF_IT.match(bare) and not there_is(context.last_parsed):
        yield from _where_it_is(short, context, several=bare.lower().endswith("they"))
        return
    parsed = parse(short)
    if parsed.asks[0] < parsed.asks[1] and parsed.asks[1] >= parsed.end:
        yield from _bare_question(short, context)
    elif _is_of_a_thing(parsed):
        yield from _why_another(short, bare, context)
    elif _is_addition(parsed):
        yield from bare_addition(short, context)
    elif (match := _HOW_MANY_IN.match(short)) and short == bare:
        yield from _how_much_in(short, match["rest"], context)
    elif match := _NO_NOUN.match(short):
        yield from _how_many(match.group(), short[match.end() :], parsed, context)


def _asks_of_it(short: str, bare: str) -> bool:
    """Whether it is of the thing, and not the last question once more: "how big are they?"."""
    asks_it = re.match(r"^(?:who|what|how (?:\w+))$", short, re.IGNORECASE)
    pronoun = re.search(r"(?:it|they|that|this|those)$", bare, re.IGNORECASE)
    return pronoun is not None and (asks_it or _MEASURED.match(bare)) is not None


_OF_IT = re.compile(r"^(?:when|where|(?:what|which) \w+) (?:is it|are they)$", re.IGNORECASE)
"""Asks of a thing that was spoken of; "when was that?" asks of all that was."""


def _where_it_is(short: str, context: Context, *, several: bool) -> Iterator[Reading]:
    """As in "where is it?": of the thing, and the last question asked otherwise.

    Who was asked where something happens means by "where is it?" that.
    """
    last = context.last_parsed
    whole = _asked_anew(short, last, context)
    named = (m.phrase for m in context.mentions if m.age == 0)
    things = [phrase for phrase in named if phrase.kind is not PhraseKind.PERSON]
    things.sort(key=lambda phrase: phrase.plural is not several)
    same = last.wh == short.lower() or not things
    if things:
        text = _of_a_thing(short, things[0].text, was=False)
        yield Reading(text, Change.PRONOUN, 0.9 if same else 1.0)
    if whole:
        yield Reading(whole, Change.ELLIPSIS, 1.0 if same else 0.8)
    if context.topic:
        yield Reading(with_added(short, context.topic), Change.ELLIPSIS, 0.7)


def _how_much_in(short: str, rest: str, context: Context) -> Iterator[Reading]:
    """As in "how many in York?": of what the last question measured, or else of its topic."""
    if context.last_parsed.wh in _NO_MEASURE:
        yield Reading(with_added(short, context.topic), Change.ELLIPSIS, 1.0)
    yield from bare_addition(rest, context)


def _is_of_a_thing(parsed: Parsed) -> bool:
    """Whether it is "why", "how", "when" or "where" and nothing but a noun phrase."""
    words = parsed.words
    return (
        parsed.asks[1] == 1
        and len(words) > 1
        and words[0].low in ("why", "how", "when", "where")
        and not any(w.role in (Role.AUXILIARY, Role.PRONOUN, Role.VERB) for w in words[1:])
    )


def _is_addition(parsed: Parsed) -> bool:
    """Whether it only adds to the last question: "in Wales", "closer to home"."""
    words = parsed.words
    if not words or not _no_verb(parsed):
        return False
    noun = len(words) > 1 and words[1].role is Role.NOMINAL
    adjective = is_adjective(words[0]) and len(words) <= 4 and not noun
    adverb = words[0].role is Role.ADVERB and len(words) <= 4
    return adjective or adverb or words[0].role is Role.PREPOSITION


def _why_another(short: str, bare: str, context: Context) -> Iterator[Reading]:
    """As in "why nurses?": the last question's reason, of something else; "why so many?"."""
    asks, _, x = short.partition(" ")
    if _SO_MANY.match(x) and (counted := _counted(context)):
        last = context.last_parsed
        whole = sentence(f"{short} {counted} {last.slice(last.asks[1], last.end)}")
    else:
        whole = _asked_of(asks, x, context)
    if whole:
        yield Reading(whole, Change.ELLIPSIS, 1.0)
    yield Reading(with_added(short, context.topic), Change.ELLIPSIS, 0.85 if whole else 1.0)
    yield Reading(sentence(bare), Change.NONE, 0.8)


def _how_many(asks: str, rest: str, parsed: Parsed, context: Context) -> Iterator[Reading]:
    """A count of what the last question counted: "how many have closed?", "how many opened?"."""
    first, end = parsed.asks
    counted = _counted(context)
    if not counted or end - first != 2 or parsed.end <= end:
        return
    follows = parsed.words[end]
    if follows.role is not Role.AUXILIARY and not is_past(follows):
        return
    own = parse(f"{asks}{rest}").subject  # "how many does it hold?" counts nothing of before
    counted_before = _NO_NOUN.match(context.last_parsed.text) is not None
    if not counted_before and parsed.slice(*own).lower() in ("it", "this"):
        return
    rest = resolve_all(rest, context)
    others = [text for text in _several(context) if text.lower() not in rest.lower()]
    counted = counted if counted.lower() not in rest.lower() else next(iter(others), "")
    text = f"{asks} {_OWNED.sub('', counted)}{rest}"
    yield Reading(sentence(text), Change.ELLIPSIS, 1.0)
    topic = context.topic
    if topic and not set(analyse(topic)) <= set(analyse(text)):
        yield Reading(with_added(text, topic), Change.ELLIPSIS, 0.85)


_OWNED = re.compile(r"^(?:the|its|their|his|her|our|my|your|these|those) ", re.IGNORECASE)


def _several(context: Context) -> list[str]:
    """The things in the plural that the last turn spoke of, those that do nothing first."""
    plural = [m for m in context.mentions if m.phrase.plural and m.age == 0]
    plural.sort(key=lambda m: (m.phrase.kind is not PhraseKind.THING, m.subject))
    return [m.phrase.text for m in plural]


def _others(wh: str, context: Context) -> Iterator[Reading]:
    """Others than were shown: "who else?"; "what else?" is more of what a post says."""
    if found := _more_of_the_same(wh, context):
        yield found
    elif wh.lower() == "what" and context.post is not None:
        yield from more("", context.post, context)
    elif context.topic:
        yield Reading(with_added(f"{wh} else", context.topic), Change.ELLIPSIS, 1.0)


def _more_of_the_same(wh: str, context: Context) -> Reading | None:
    """The last question asked for others than were shown: "who else?"."""
    last = context.last_parsed
    if last.wh != wh.lower() or last.asks[1] - last.asks[0] != 1:
        return None
    text = sentence(f"{wh} else {last.slice(last.asks[1], last.end)}")
    return Reading(text, Change.ELLIPSIS, 1.0, leave_out=context.shown)


def _no_verb(parsed: Parsed) -> bool:
    return not any(
        w.role in (Role.AUXILIARY, Role.WH, Role.PRONOUN, Role.VERB) for w in parsed.words
    )


def _counted(context: Context) -> str:
    """What the last question counted, or the first thing in the plural that it spoke of."""
    last = context.last_parsed
    first, end = last.asks
    if last.wh == "how" and end - first > 2:
        return last.slice(first + 2, end)
    return next(iter(_several(context)), "")


def _bare_question(short: str, context: Context) -> Iterator[Reading]:
    """The last question, asked otherwise: "when?", "and where was that?", "which team?"."""
    last = context.last_parsed
    asks = short
    topic = context.topic
    whole = _asked_anew(asks, last, context)
    if whole:
        yield Reading(whole, Change.ELLIPSIS, 1.0)
    low = asks.lower()
    marked = [m.phrase for m in context.mentions if m.age == 0]
    if anything(there_is(last)):
        marked = [phrase for phrase in marked if phrase.text.lower() not in last.text.lower()]
    of_a_thing = (low == "who" or _SAYS_WHERE.search(low)) and not _WHICH_ONES.match(low)
    if marked and of_a_thing and low != "what else" and _may_be(asks, marked[0]):
        verb = "are" if marked[0].plural else "is"
        if _is_past(last):
            verb = "were" if marked[0].plural else "was"
        best = marked[0].text
        named = marked[0].kind is PhraseKind.NAME and low.startswith(("which ", "what "))
        yield Reading(sentence(f"{asks} {verb} {best}"), Change.ELLIPSIS, 0.65 if named else 0.8)
    # What was not answered has no reasons; when and where may still be asked of its topic.
    if topic and (context.last.shown or not whole or of_a_thing):
        yield Reading(with_added(asks, topic), Change.ELLIPSIS, 0.7)


def _may_be(asks: str, phrase: Phrase) -> bool:
    """Whether a phrase can be one of what is asked for: no person is a team, nor has a date."""
    noun = head_of(words_of(asks)) if len(asks.split()) > 1 else ""
    if asks.lower() == "how much":
        return phrase.kind is not PhraseKind.PERSON
    if asks.lower().endswith("when"):
        return phrase.kind is not PhraseKind.PERSON and not is_agent(phrase.head)
    if not noun or not asks.lower().startswith(("which ", "what ")):
        return True
    somebody = noun in PERSON_NOUNS or (is_agent(noun) and noun not in COLLECTIVE)
    return phrase.kind is not PhraseKind.PERSON or somebody


def _is_past(last: Parsed) -> bool:
    """Whether the last question asked of what was."""
    if last.auxiliary is not None:
        return last.words[last.auxiliary].low in ("was", "were", "did", "had")
    return last.verb is not None and is_past(last.words[last.verb])


def _asked_of(asks: str, x: str, context: Context) -> str:
    """The last question, asked otherwise and of something else: "why nurses?"."""
    new, last = make_phrase(x, context.people), context.last_parsed
    for alike, slot in best_slots(new, last, context.people)[:1]:
        if alike >= 1:
            return _asked_anew(asks, parse(sentence(put_into(last, slot, x, new))), context)
    return ""


def _denied(whom: str, context: Context) -> Iterator[Reading]:
    """The last question's contrary: "why not?", "why not families?"."""
    last = context.last_parsed
    if whom and words_of(f"why not {whom}")[2].role is Role.VERB:
        return  # "why not ask them?" is a question of its own
    if whom:
        for reading in about_another(whom, context):
            parsed = parse(reading.question)
            if reading.prior >= 0.9 and (text := _negated(parsed)):
                yield Reading(text, Change.ELLIPSIS, 1.0)
                break
        else:
            if text := _negated(parse(f"{object_put(last, whom)}?")):
                yield Reading(text, Change.ELLIPSIS, 1.0)
    elif not last.text.startswith(ANYTHING) and (text := _negated(last, _answered_with(context))):
        yield Reading(text, Change.ELLIPSIS, 1.0)
    if context.topic:
        yield Reading(with_added(f"Why not {whom}", context.topic), Change.ELLIPSIS, 0.8)


def _negated(asked: Parsed, subject: str = "") -> str:
    """Why not, of a question that has an auxiliary; empty of another one."""
    at, (first, end) = asked.auxiliary, asked.subject
    if at is None or not (first < end or subject):
        return ""
    if first < end:
        subject = asked.slice(first, end)
    else:
        first = end = at + 1
    return sentence(f"why {asked.words[at].low} {subject} not {asked.slice(end, asked.end)}")


def _of_several(asks: str, last: Parsed) -> str:
    """How many, or which, of several: "why do nurses leave?", "how many?", "which ones?".

    Those are what the last question asked for, where that did what it asks of, or its subject.
    """
    which = _WHICH_ONES.match(asks) or asks.lower() == "who"
    if not which and not re.search(r"\bhow many$", asks, re.IGNORECASE):
        return ""
    phrase, (first, end) = ("which" if which else asks), last.subject
    if first >= end and last.wh in ("which", "what", "how"):
        said, several = last.slice(last.asks[1], last.end), asked_for(last)
    elif last.auxiliary is not None and asks.lower() != "who":
        helps = last.words[last.auxiliary].low
        said = f"{'' if helps == 'do' else helps} {last.slice(end, last.end)}"
        several = _OWNED.sub("", last.slice(first, end))
    else:
        return ""
    if not several or not make_phrase(several).plural:
        return ""
    if asks.lower() == "who" and not is_agent(head_of(words_of(several))):
        return ""
    return sentence(f"{phrase} {several} {said}") if said.strip() else ""


def _asked_anew(asks: str, last: Parsed, context: Context) -> str:
    """The last question with another question phrase; empty where it does not allow that."""
    if _WHICH_ONES.match(asks) and (counted := _of_which(last, context)):
        return sentence(f"which {counted} {last.slice(last.asks[1], last.end)}")
    if text := _of_several(asks, last):
        return text
    if asks.lower() == "who" and _is_passive(last):
        return _asked_anew("by whom", last, context)
    if _WHICH_ONES.match(asks) or asks.lower() in ("who", "how many") or _says_nothing(last, asks):
        return ""
    if _COSTS.search(last.text) and _SAYS_WHEN.match(asks):
        return ""  # "how much does the class cost?", "and where?"
    of_it = _of_what_may_be_had(asks.lower(), last, context)
    return _asked_again(asks, last, context) if of_it is None else of_it


def _asked_again(asks: str, last: Parsed, context: Context) -> str:
    """The last question with another question phrase before its verb; empty where none fits."""
    nouns = asked_for(last)
    has = last.auxiliary is not None and last.words[last.auxiliary].low in HAVE
    if nouns and has and last.verb is None and last.auxiliary is not None:
        return sentence(f"{asks} do {nouns} have {last.slice(last.auxiliary + 1, last.end)}")
    if not _ASKS_WHAT.match(asks) and (whole := with_object(last, context)):
        return sentence(f"{asks} {_low(whole)}")
    if last.auxiliary is not None and last.subject[0] < last.subject[1]:
        rest = last.slice(last.auxiliary, last.end)
        if last.words[last.end - 1].role is Role.PREPOSITION:
            told = _answered_with(context)  # "warn of" what was answered
            rest = f"{rest} {told}" if told else last.slice(last.auxiliary, last.end - 1)
        return sentence(f"{asks} {rest[:1].lower()}{rest[1:]}")
    if last.auxiliary is not None and (last.verb is not None or not _is_do(last)):
        subject = f"the {nouns}" if nouns else ""
        if not subject and last.wh not in _ASKS_HOW_IT_IS_DONE:
            subject = _answered_with(context)  # but where something is, is not what it is
        if subject:
            auxiliary = last.words[last.auxiliary].text
            return sentence(
                f"{asks} {auxiliary} {subject} {last.slice(last.auxiliary + 1, last.end)}"
            )
    if last.verb is not None and last.end > last.verb + 1:
        return _of_who_did(asks, last, context)
    return ""


_COSTS = re.compile(r"\bhow much\b.*\b(?:costs?|charged?)\b", re.IGNORECASE)
_SAYS_WHEN = re.compile(r"(?:where|when|what (?:day|time|date)s?)\Z", re.IGNORECASE)
_ASKS_ABOUT_BEING = frozenset(("why", "how", "since when"))
"""What is asked of there being something, and not of the thing."""
_ASKS_HOW_IT_IS_DONE = frozenset(("why", "how", "where", "when"))
"""What is asked of something's being done, and not of who or what does it."""
_OFFERS = frozenset("have got get offer run provide do sell hold hire".split())
_GETS = frozenset(
    "attend book borrow buy come get go have hire join park play rent stay swim use visit".split()
)


def _done(match: re.Match[str], last: Parsed) -> str:
    """The question with what the last one asked of for "do it"; empty where that was not done."""
    verb = last.verb
    if verb is None or not is_base(last.words[verb]) or verb + 1 >= last.end:
        return ""
    return sentence(f"{match['asks']} {last.slice(verb, last.end)}")


def _of_what_may_be_had(asks: str, last: Parsed, context: Context) -> str | None:
    """A question of what the last one only asked whether there is, or whether one may have.

    "Is there a choir?", "how much?" is "How much is the choir?", not once more of its being there.
    None of other questions.
    """
    if there_is(last) and asks not in _ASKS_ABOUT_BEING:
        return _of_what_there_is(asks, last, context)
    if asks == "how much" and (priced := _priced(last)) is not None:
        return priced
    if asks in _ASKS_HOW_IT_IS_DONE or last.wh or last.auxiliary is None:
        return None
    verb = last.verb if last.verb is not None else having(last)
    if verb is None or verb + 1 >= last.end:
        return None
    may = last.words[last.auxiliary].low in MODAL
    thing = without_any(last, verb + 1, last.end)
    if may or last.words[verb].low not in _OFFERS or anything(thing):
        return None
    return _of_a_thing(asks, thing, was=False)


_AMOUNTS = frozenset(
    """borrowed charge charged claim contribute cost costs earn earned fund funded get give given
    gives granted lend lent lose owe paid pay pays raise raised receive received save saved spend
    spent""".split()
)
"""What is done to an amount of money, or to one of anything."""
_ANY_MONEY = re.compile(r"\s+(?:anything|something|(?:any )?money)(?: at all)?$", re.IGNORECASE)


def _priced(last: Parsed) -> str | None:
    """What "how much?" asks after a question that does not speak of an amount; None after others.

    Empty where no more is known than the thing: "when does the choir meet?", "how much?".
    """
    verb = last.verb if last.verb is not None else having(last)
    if last.wh == "how" and last.asks[1] - last.asks[0] > 1:
        return None
    if verb is None:
        return "" if last.end > last.subject[1] > last.subject[0] else None
    low = last.words[verb].low
    said = last.slice(verb if last.auxiliary is None else last.auxiliary, last.end)
    if last.auxiliary is not None and not last.wh and _ANY_MONEY.search(said):
        return sentence(f"how much {_low(_ANY_MONEY.sub('', said))}")
    may = last.auxiliary is not None and last.words[last.auxiliary].low in MODAL
    if may and low in _GETS and verb + 1 < last.end:
        return sentence(f"how much does it cost to {last.slice(verb, last.end)}")
    goes = verb + 1 < last.end and last.words[verb + 1].low == "to"
    if low == "get" and goes:
        return ""
    offers = low in _OFFERS and verb + 1 < last.end
    return None if low in _AMOUNTS or offers or is_past(last.words[verb]) else ""


def _of_what_there_is(asks: str, last: Parsed, context: Context) -> str:
    """A question of that of which the last one asked whether there is any.

    Of "anything" it is asked of what the answer names; empty where that names nothing.
    """
    thing = there_is(last)
    if anything(thing):
        named = (m.phrase for m in context.mentions if m.age == 0 and m.phrase.text not in thing)
        thing = next((one.text for one in named if one.kind is not PhraseKind.PERSON), "")
    return _of_a_thing(asks, _ARTICLE.sub(lambda the: the[0].lower(), thing), was=_is_past(last))


_ARTICLE = re.compile(r"^(?:The|An?)(?= )")


def _of_a_thing(asks: str, thing: str, *, was: bool) -> str:
    if not thing:
        return ""
    verbs = ("was", "were") if was else ("is", "are")
    return sentence(f"{asks} {verbs[make_phrase(thing).plural]} {thing}")


def _says_nothing(last: Parsed, asks: str) -> bool:
    """Whether a question only asks what a thing is, and so gives no more to ask: "why?"."""
    if last.text.startswith(ANYTHING):
        return True
    alone = last.verb is None and last.subject[0] < last.subject[1] == last.end
    be = last.auxiliary is not None and last.words[last.auxiliary].low in BE
    return last.wh in ("what", "who") and be and alone and not _SAYS_WHERE.search(asks)


def _is_passive(last: Parsed) -> bool:
    """Whether a question asks of what was done to its subject."""
    be = last.auxiliary is not None and last.words[last.auxiliary].low in BE
    return be and last.verb is not None and last.words[last.verb].tag in ("VBN", "VBD")


def _of_who_did(asks: str, last: Parsed, context: Context) -> str:
    """The last question asked otherwise, where its question phrase did what it asks of."""
    nouns = asked_for(last)
    verb = last.verb or 0
    what = _counted(context) if last.wh == "how" else f"the {nouns}" if nouns else ""
    if what and is_base(last.words[verb]):
        return sentence(f"{asks} do {what} {last.slice(verb, last.end)}")
    if asks.lower().endswith(("when", "where")):
        at = verb + 1
        at += int(last.words[at].low in ("at", "in", "on"))
        if last.words[at].role is not Role.PREPOSITION:
            return sentence(_passive(asks, last, at))
    if not _ASKS_WHAT.match(asks) and (whole := of_the_answered(asks, last, context)):
        return whole
    if not _ASKS_WHAT.match(asks) and (done := _done_to(asks, last)):
        return sentence(done)
    return with_added(asks, last.slice(verb, last.end))


_SAYS_WHERE = re.compile(
    r"\b(?:when|where|what|which|how (?:much|long|old|big|far))\b", re.IGNORECASE
)
"""What may be asked of a thing of which nothing else was said."""
_ASKS_WHAT = re.compile(r"^(?:what|which|who|whom|whose|how (?:many|much))\b", re.IGNORECASE)
"""What asks for an object itself, and leaves no place for the one before."""


def _low(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _of_which(last: Parsed, context: Context) -> str:
    """What "which ones?" asks of: what was counted, or the several that were answered with."""
    if last.wh == "how":
        return _counted(context)
    told = marked(context)
    if last.wh != "what" or last.asks[1] - last.asks[0] != 1 or not told:
        return ""
    return _UNCOUNTED.sub("", told) if make_phrase(told, context.people).plural else ""


_UNCOUNTED = re.compile(
    rf"^(?:the |some |several |many |a few |{'|'.join(f'{n} ' for n in sorted(NUMBERS))}|\d+ )+",
    re.IGNORECASE,
)


def _passive(asks: str, last: Parsed, at: int) -> str:
    """When or where what a question says was done, was done: "who opened the mill?", "when?".

    Args:
        asks: "when" or "where".
        last: the question, with a verb and no auxiliary.
        at: where the verb's object begins.
    """
    verb = last.verb or 0
    whole = _done_to(asks, last) if at == verb + 1 else ""
    if whole:
        return whole
    thing = last.slice(at, last.end)
    return _of_a_thing(asks, thing, was=is_past(last.words[verb]))


def _done_to(asks: str, last: Parsed) -> str:
    """A question's verb in the passive: "who paid for the mill?", "why was the mill paid for?".

    Empty where the form of its participle is not known.
    """
    verb = last.verb or 0
    done = last.words[verb]
    known = tagger().lexicon.get(done.low, "").split("|")
    if not (done.low.endswith("ed") or "VBN" in known):
        return ""
    at = verb + 1
    at += int(at < last.end and last.words[at].role is Role.PREPOSITION)
    end = at
    while end < last.end and last.words[end].role in (Role.DETERMINER, Role.NOMINAL):
        end += 1
    if end < last.end and last.words[end].low == "of":
        end = last.end
    if end == at:
        return ""
    was = "were" if make_phrase(last.slice(at, end)).plural else "was"
    to, rest = last.slice(verb + 1, at), last.slice(end, last.end)
    return f"{asks} {was} {last.slice(at, end)} {done.text} {to} {rest}"


def _is_do(last: Parsed) -> bool:
    """Whether "do" is not an auxiliary but all the verb there is: "who did the study?"."""
    return last.auxiliary is not None and last.words[last.auxiliary].low in DO


def _answered_with(context: Context) -> str:
    shown = context.last.shown
    told = shown[0].highlight if shown else ""
    words = told.split()
    if not 0 < len(words) <= 6:
        return ""
    return _low(told) if words[0].lower() in WHOEVER else told
